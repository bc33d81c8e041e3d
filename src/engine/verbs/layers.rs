//! `layers`: a packed program is taken apart in a stage of its own, and the last stage copies its layers, those that
//! change seldom first.
//!
//! ```text
//! FROM eclipse-temurin:21-jre
//! COPY --from=build /app/target/shop.jar ./shop.jar
//! CMD ["java", "-jar", "shop.jar"]
//!
//! FROM build AS layers
//! RUN java -Djarmode=tools -jar /app/target/shop.jar extract --layers --launcher --destination /tmp/layers
//!
//! FROM eclipse-temurin:21-jre
//! COPY --from=layers /tmp/layers/dependencies/ ./shop/
//! COPY --from=layers /tmp/layers/application/ ./shop/
//! CMD ["java", "-cp", "shop", "org.springframework.boot.loader.launch.JarLauncher"]
//! ```

use super::{Firing, Proposal, Stop};
use crate::edit::{insert_lines, instruction_lines, keyword_like};
use crate::engine::Evidence;
use crate::facts::Tri;
use crate::model::path::{name, resolve};
use crate::model::{CopyModel, Effect, Facts, StageModel, Step};
use crate::rule::document::LayersVerb;
use crate::syntax::{Data, Keyword, Span};

/// The start of a packed program.
struct Launch<'a> {
    step: &'a Step<'a>,
    /// From the option `-jar` to the end of the file's name, in the Dockerfile.
    span: Span,
    /// The file as it is written.
    file: String,
    /// Whether the words stand in a JSON array, each in quotes.
    quoted: bool,
}

/// Takes the program apart; nothing where the project packs none, or the last stage starts and copies none.
pub fn layers(
    firing: &Firing<'_>,
    facts: &Facts<'_>,
    verb: &LayersVerb,
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let model = firing.model;
    let file = model.file;
    let from = firing.from();
    let source = match facts.present(&verb.packer) {
        Tri::Present(source) => source,
        Tri::Absent => return Ok(false),
        Tri::Unknown(_) if !copies_anything(model) => return Ok(false),
        Tri::Unknown(reason) => {
            let message = format!("unknown: {} ({reason})", verb.packer);
            return Err(firing.stop(
                from,
                "unknown",
                message,
                "give the build context with --context DIR",
            ));
        }
    };
    if !copies_anything(model) || launches(model, &verb.launcher_mark) {
        return Ok(false);
    }
    for reason in &verb.refuse {
        if facts.get(&reason.when).is_present() {
            let allow = reason
                .allow
                .as_deref()
                .unwrap_or("nothing but layers by hand");
            return Err(firing.stop(from, "refused", reason.why.clone(), allow));
        }
    }
    let (command, launcher) = commands(firing, facts, verb)?;
    let launch = launch(firing, verb)?;
    let (copy_step, copy) = copied(firing, &launch)?;
    let stage = copy.from.as_deref().unwrap_or_default();
    let packed = resolve("/", &copy.sources[0]);
    let plain = |path: &str| {
        path.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"/._-+*".contains(&byte))
    };
    let ending = |path: &str| path.strip_suffix(&verb.ending).map(str::to_string);
    let (Some(_), Some(class_path)) = (ending(&packed), ending(&launch.file)) else {
        let message = format!(
            "`{}` is no file that ends with `{}`",
            launch.file, verb.ending
        );
        return Err(firing.stop(
            launch.step.index,
            "start",
            message,
            "start the packed program itself",
        ));
    };
    if !plain(&packed) || !plain(&class_path) || class_path.contains('*') {
        let message = format!(
            "the name of `{}` cannot be told from the Dockerfile",
            launch.file
        );
        return Err(firing.stop(
            launch.step.index,
            "start",
            message,
            "name the file in full, where it is copied and where it is started",
        ));
    }
    if !builds(firing, stage, verb) {
        let message = format!(
            "no RUN shows that the stage `{stage}` builds the program, and has {} to take it apart",
            verb.program
        );
        return Err(firing.stop(
            copy_step.index,
            "start",
            message,
            "copy the program from the stage that builds it",
        ));
    }
    if let Some(step) = named_elsewhere(
        model,
        &[copy_step.index, launch.step.index],
        name(&launch.file),
    ) {
        let message = format!(
            "line {} names the packed program, which would be gone",
            file.instructions[step].lines.start
        );
        return Err(firing.stop(
            step,
            "start",
            message,
            "name it in the COPY and in the start alone",
        ));
    }
    if firing.has_inner_comment(copy_step.index) {
        return Ok(false);
    }
    let layers = free_name(firing, &verb.stage);
    let text = format!(
        "{} {stage} {} {layers}\n{} {}\n",
        keyword_like(&file.instructions[from], file, "FROM"),
        keyword_like(&file.instructions[from], file, "AS"),
        keyword_like(&file.instructions[from], file, "RUN"),
        command
            .replace("<jar>", &packed)
            .replace("<folder>", &verb.folder),
    );
    let Some(lines) = instruction_lines(file, from, true) else {
        return Ok(false);
    };
    insert_lines(&mut proposal.edits, file, lines.start, &format!("{text}\n"))
        .map_err(|error| firing.overlap(error))?;
    let Some(copies) = copies(firing, verb, &layers, copy_step, copy) else {
        return Ok(false);
    };
    let overlap = |error| firing.overlap(error);
    proposal
        .edits
        .replace(copy_step.instruction.span, copies)
        .map_err(overlap)?;
    let started = match launch.quoted {
        true => format!(
            "\"{}\", \"{class_path}\", \"{launcher}\"",
            verb.folder_option
        ),
        false => format!("{} {class_path} {launcher}", verb.folder_option),
    };
    proposal
        .edits
        .replace(launch.span, started)
        .map_err(overlap)?;
    proposal
        .rewritten
        .extend([copy_step.index, launch.step.index]);
    proposal.evidence.push(Evidence {
        text: format!("{} packs the program in layers", verb.packer),
        source,
    });
    Ok(true)
}

/// A name for the new stage that no stage of the file has.
fn free_name(firing: &Firing<'_>, wanted: &str) -> String {
    let mut name = wanted.to_string();
    let taken = |name: &str| {
        let mut stages = firing.model.file.stages.iter();
        stages.any(|stage| stage.name.as_deref() == Some(name))
    };
    let mut number = 2;
    while taken(&name) {
        name = format!("{wanted}-{number}");
        number += 1;
    }
    name
}

/// Whether the stage copies a file from another one.
fn copies_anything(model: &StageModel<'_>) -> bool {
    model
        .steps
        .iter()
        .any(|step| matches!(&step.effect, Effect::Copy(copy) if copy.from.is_some()))
}

/// Whether the start names a launcher already: the program is taken apart.
fn launches(model: &StageModel<'_>, mark: &str) -> bool {
    let starts = [Keyword::Cmd, Keyword::Entrypoint];
    let mut texts = starts.iter().filter_map(|keyword| model.last(*keyword));
    texts.any(|step| step.instruction.text.text.contains(mark))
}

/// The command that takes the program apart, and the class that starts it then, by the version that packs it.
fn commands(
    firing: &Firing<'_>,
    facts: &Facts<'_>,
    verb: &LayersVerb,
) -> Result<(String, String), Stop> {
    let stop = |message: String| {
        firing.stop(
            firing.from(),
            "unknown",
            message,
            "write the version of the plug-in or of the parent in the build file itself",
        )
    };
    let versions = match facts.names(&verb.version) {
        Tri::Present(versions) => versions,
        Tri::Absent => {
            return Err(stop(
                "unknown: no build file says which version packs the program".into(),
            ));
        }
        Tri::Unknown(reason) => return Err(stop(format!("unknown: {} ({reason})", verb.version))),
    };
    let [(version, _)] = versions.as_slice() else {
        let named: Vec<&str> = versions
            .iter()
            .map(|(version, _)| version.as_str())
            .collect();
        return Err(stop(format!(
            "unknown: the build files name several versions ({})",
            named.join(", ")
        )));
    };
    let row = firing.rules.look_up(&verb.table, &[version]);
    let Some((row, command, launcher)) =
        row.and_then(|row| Some((row, row.get("command")?, row.get("launcher")?)))
    else {
        return Err(stop(format!(
            "unknown: what version {version} takes a packed program apart with"
        )));
    };
    if let Some(needs) = row
        .get("needs")
        .filter(|fact| !facts.get(fact).is_present())
    {
        return Err(stop(format!(
            "version {version} packs no layers unless it is told to ({needs})"
        )));
    }
    Ok((command.to_string(), launcher.to_string()))
}

/// The start that runs the packed program: `java -jar FILE`.
fn launch<'a>(firing: &'a Firing<'_>, verb: &LayersVerb) -> Result<Launch<'a>, Stop> {
    let model = firing.model;
    let source = &model.file.source;
    for keyword in [Keyword::Entrypoint, Keyword::Cmd] {
        let Some(step) = model.last(keyword) else {
            continue;
        };
        let span = step.instruction.span;
        let text = span.of(source);
        let (quoted, bare) = (format!("\"{}\"", verb.option), format!(" {} ", verb.option));
        let starts = text.contains(&verb.program);
        let (option, close) = match (
            starts,
            text.matches(&quoted).count(),
            text.matches(&bare).count(),
        ) {
            (true, 1, 0) => (quoted.as_str(), true),
            (true, 0, 1) => (bare.as_str(), false),
            _ => continue,
        };
        let mut apart = verb.or_folder_option.iter().chain([&verb.folder_option]);
        let classes = apart.any(|option| {
            text.contains(&format!("{option} ")) || text.contains(&format!("\"{option}\""))
        });
        let Some(at) = text.find(option).filter(|_| !classes) else {
            continue;
        };
        let rest = &text[at + option.len()..];
        let skipped = rest.len()
            - rest
                .trim_start_matches(|c: char| c.is_whitespace() || close && c == ',')
                .len();
        let word = &rest[skipped..];
        let (begins, end) = match close {
            true => (
                word.starts_with('"'),
                word.get(1..)
                    .and_then(|inner| inner.find('"'))
                    .map(|end| end + 2),
            ),
            false => (
                true,
                Some(
                    word.find(|c: char| c.is_whitespace() || "\"';&|".contains(c))
                        .unwrap_or(word.len()),
                ),
            ),
        };
        let Some(end) = end.filter(|_| begins) else {
            continue;
        };
        let from = span.start + at + usize::from(!close);
        return Ok(Launch {
            step,
            span: Span {
                start: from,
                end: span.start + at + option.len() + skipped + end,
            },
            file: word[..end].trim_matches('"').to_string(),
            quoted: close,
        });
    }
    let at = model
        .last(Keyword::Cmd)
        .map_or(firing.from(), |step| step.index);
    Err(firing.stop(
        at,
        "start",
        "neither CMD nor ENTRYPOINT starts the packed program with `java -jar FILE`".into(),
        "start it with `java -jar FILE`",
    ))
}

/// The COPY from another stage that brings the started file.
fn copied<'a>(
    firing: &'a Firing<'_>,
    launch: &Launch<'_>,
) -> Result<(&'a Step<'a>, &'a CopyModel), Stop> {
    let model = firing.model;
    let workdir = model.end.workdir.as_deref();
    let started = match (launch.file.starts_with('/'), workdir) {
        (true, _) => Some(resolve("/", &launch.file)),
        (false, Some(workdir)) => Some(resolve(workdir, &launch.file)),
        (false, None) => None,
    };
    let found = model.steps.iter().find_map(|step| {
        let Effect::Copy(copy) = &step.effect else {
            return None;
        };
        let [source] = copy.sources.as_slice() else {
            return None;
        };
        let dest = copy.dest.as_deref()?;
        let path = match copy.into {
            true => resolve(dest, name(source)),
            false => dest.to_string(),
        };
        (copy.from.is_some() && Some(path) == started).then_some((step, copy))
    });
    found.ok_or_else(|| {
        firing.stop(
            launch.step.index,
            "start",
            format!(
                "no COPY brings `{}`, by this name, from another stage",
                launch.file
            ),
            "copy the file itself from the stage that builds it",
        )
    })
}

/// Whether a stage of the file, or one that it is built on, builds such programs.
fn builds(firing: &Firing<'_>, stage: &str, verb: &LayersVerb) -> bool {
    let file = firing.model.file;
    let named = |name: &str| {
        let mut stages = file.stages.iter();
        stages.position(|stage| {
            stage
                .name
                .as_deref()
                .is_some_and(|known| known.eq_ignore_ascii_case(name))
        })
    };
    let mut at = named(stage);
    for _ in 0..file.stages.len() {
        let Some(index) = at.filter(|index| *index < firing.model.stage) else {
            return false;
        };
        let model = StageModel::of(file, index, firing.context, firing.rules);
        let runs = model.steps.iter().any(|step| match &step.effect {
            Effect::Run(run) => run.commands.iter().any(|command| {
                let program = run.command(command).words.first();
                let program = program.and_then(|word| word.value.as_deref()).map(name);
                program.is_some_and(|program| verb.built_by.iter().any(|known| known == program))
            }),
            _ => false,
        });
        if runs {
            return true;
        }
        at = named(&model.base.expanded);
    }
    false
}

/// An instruction, other than these, that names a file.
fn named_elsewhere(model: &StageModel<'_>, but: &[usize], file: &str) -> Option<usize> {
    let mut steps = model.steps.iter().filter(|step| !but.contains(&step.index));
    steps
        .find(|step| step.instruction.text.text.contains(file))
        .map(|step| step.index)
}

/// One COPY for each layer, with the flags and the owner of the one that they stand for.
fn copies(
    firing: &Firing<'_>,
    verb: &LayersVerb,
    stage: &str,
    step: &Step<'_>,
    copy: &CopyModel,
) -> Option<String> {
    let file = firing.model.file;
    let Data::Transfer { dest, .. } = &step.instruction.data else {
        return None;
    };
    let written = dest.raw.trim_matches('"');
    let folder = match copy.into {
        true => {
            let stem = name(&copy.sources[0]).strip_suffix(&verb.ending)?;
            format!("{}/{stem}/", written.trim_end_matches('/'))
        }
        false => format!("{}/", written.strip_suffix(&verb.ending)?),
    };
    if folder.contains(['*', '$', ' ']) {
        return None;
    }
    let flags = step.instruction.flags.iter();
    let flags = flags.filter(|flag| !flag.name.eq_ignore_ascii_case("from"));
    let flags: String = flags
        .map(|flag| format!(" {}", flag.span.of(&file.source)))
        .collect();
    let keyword = keyword_like(step.instruction, file, "COPY");
    let lines = verb.layers.iter().map(|layer| {
        format!(
            "{keyword} --from={stage}{flags} {}/{layer}/ {folder}",
            verb.folder
        )
    });
    Some(lines.collect::<Vec<_>>().join(file.newline))
}
