//! `branch`: a step goes past what it does not depend on, if need be into a stage of its own.
//!
//! ```text
//! FROM node:22 AS build
//! COPY package.json ./
//! RUN npm install
//! COPY . .
//! RUN npm run build
//! RUN npm prune --omit=dev
//! FROM node:22-slim
//! COPY --from=build /app/node_modules ./node_modules
//! COPY --from=build /app/dist ./dist
//!
//! FROM node:22 AS deps
//! COPY package.json ./
//! RUN npm install
//!
//! FROM deps AS prod-deps
//! RUN npm prune --omit=dev
//!
//! FROM deps AS build
//! COPY . .
//! RUN npm run build
//! FROM node:22-slim
//! COPY --from=prod-deps /app/node_modules ./node_modules
//! COPY --from=build /app/dist ./dist
//! ```

use super::{Firing, Proposal, Stop};
use crate::edit::{insert_lines, instruction_lines, keyword_like, remove_instruction};
use crate::engine::Evidence;
use crate::engine::spared::Spared;
use crate::facts::View;
use crate::facts::path::parent;
use crate::model::path::{resolve, within};
use crate::model::{CommandModel, Effect, Facts, Place, RunModel, Step, mentions};
use crate::rule::Role;
use crate::rule::document::BranchVerb;
use crate::syntax::{Data, Dockerfile, Flag, Instruction, Keyword, Span};
use std::cell::RefCell;

/// The command that is moved, and what it works on.
struct Moved<'a> {
    /// Position of its step.
    at: usize,
    step: &'a Step<'a>,
    run: &'a RunModel<'a>,
    command: &'a CommandModel<'a>,
    workdir: String,
    /// Whether the RUN does nothing else.
    whole: bool,
}

/// Moves the step; `false` where it cannot be shown that the result is the same, or where nothing is gained.
pub fn branch(
    firing: &Firing<'_>,
    verb: &BranchVerb,
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let model = firing.model;
    let Some(moved) = moved(firing, verb) else {
        return Ok(false);
    };
    let Some(folder) = folder(firing, verb, &moved.workdir) else {
        return Ok(false);
    };
    let views = [View::new(firing.context, &folder, None)];
    let facts = Facts::of_projects(firing.rules, firing.context, &views);
    if !verb.unless.iter().all(|reason| {
        let concerns = reason.programs.is_empty() || {
            let first = moved.run.command(moved.command).words.first();
            let program = first.and_then(|word| word.value.as_ref());
            program.is_some_and(|program| reason.programs.contains(program))
        };
        !concerns || facts.get(&reason.when).is_absent()
    }) {
        return Ok(false);
    }
    let Some(spared) = spared(firing, verb, &moved, &facts) else {
        return Ok(false);
    };
    let Some(cut) = cut(&spared, &moved) else {
        return Ok(false);
    };
    if !gains(firing, &moved, cut) || !same_state(firing, &moved, cut) {
        return Ok(false);
    }
    let builds = |step: &Step<'_>| matches!(step.effect, Effect::Run(_));
    let between = &model.steps[cut + 1..moved.at];
    let went = if moved.whole && !between.iter().any(builds) {
        pass(firing, &moved, cut, proposal)?
    } else {
        divide(firing, verb, &moved, cut, &spared.libraries, proposal)?
    };
    if went {
        let line = |at: usize| model.steps[at].instruction.lines.start;
        proposal.offset = moved.step.instruction.span.start;
        proposal.evidence.push(Evidence {
            text: format!(
                "nothing between line {} and line {} writes to `{}`",
                line(cut),
                line(moved.at),
                spared.libraries.join("`, `")
            ),
            source: None,
        });
        for evidence in spared.evidence.take() {
            if !proposal.evidence.contains(&evidence) {
                proposal.evidence.push(evidence);
            }
        }
    }
    Ok(went)
}

/// The command of the step, where it leaves what production needs and runs in a known folder.
fn moved<'a>(firing: &'a Firing<'a>, verb: &BranchVerb) -> Option<Moved<'a>> {
    let target = firing.target(&verb.step)?;
    let index = target.command?;
    let steps = &firing.model.steps;
    let at = steps
        .iter()
        .position(|step| step.index == target.instruction)?;
    let Effect::Run(run) = &steps[at].effect else {
        return None;
    };
    let command = run
        .commands
        .iter()
        .find(|command| command.index == index && command.inner.is_none())?;
    let known = command.known.as_ref()?;
    let context = &run.command(command).context;
    let plain = !context.conditional
        && !context.looped
        && !context.subshell
        && !context.function
        && !context.background
        && !context.substitution;
    let fits = command.role == Some(Role::Dependencies)
        && known.line.production_only
        && run.unknown.is_empty()
        && plain
        && steps[at].pragma.is_none();
    let workdir = command.workdir.clone().filter(|_| fits)?;
    let others = run.commands.iter().filter(|other| other.index != index);
    let whole = others.clone().all(|other| {
        other.role == Some(Role::None) && other.writes.is_empty() && other.inner.is_none()
    });
    // What other commands of the RUN set is not there in another one.
    let sets = |other: &CommandModel<'_>| {
        let first = run.command(other).words.first();
        let first = first.and_then(|word| word.value.as_deref());
        matches!(
            first,
            Some("export" | "set" | "." | "source" | "umask" | "ulimit" | "alias" | "unset")
        ) || !run.command(other).assignments.is_empty() && run.command(other).words.is_empty()
    };
    if !whole && (others.clone().any(sets) || !run.script.flat) {
        return None;
    }
    Some(Moved {
        at,
        step: &steps[at],
        run,
        command,
        workdir,
        whole,
    })
}

/// The folder of the build context whose manifest lands where the command runs.
fn folder(firing: &Firing<'_>, verb: &BranchVerb, workdir: &str) -> Option<String> {
    verb.project.iter().find_map(|manifest| {
        let path = resolve(workdir, manifest);
        let (_, source) = firing.model.origin(&path, firing.context).ok()??;
        Some(parent(&source).to_string())
    })
}

/// What the command reads and writes, for the question what leaves it alone.
fn spared<'a>(
    firing: &'a Firing<'a>,
    verb: &'a BranchVerb,
    moved: &Moved<'_>,
    facts: &'a Facts<'a>,
) -> Option<Spared<'a>> {
    let known = moved.command.known.as_ref()?;
    let mut libraries = Vec::new();
    for place in &moved.command.writes {
        match place {
            Place::Path(path) if path.matches('/').count() > 1 => libraries.push(path.clone()),
            _ => return None,
        }
    }
    let mut manifests = Vec::new();
    for template in &known.line.reads {
        let paths = known.fill(template)?;
        manifests.extend(paths.iter().map(|path| resolve(&moved.workdir, path)));
    }
    (!libraries.is_empty() && !manifests.is_empty()).then(|| Spared {
        model: firing.model,
        facts,
        context: firing.context,
        files: firing.files,
        scripts: verb.scripts.as_deref(),
        libraries,
        manifests,
        evidence: RefCell::default(),
    })
}

/// The position of the installation: the last step before the command that may write what it works on. Nothing where
/// that is none, or where a later step may write it again.
fn cut(spared: &Spared<'_>, moved: &Moved<'_>) -> Option<usize> {
    let steps = &spared.model.steps;
    let others = (moved.run.commands.iter())
        .filter(|other| other.index != moved.command.index)
        .all(|other| spared.command(moved.run, other, moved.step, 0));
    if !others {
        return None;
    }
    let installs = |step: &Step<'_>| matches!(&step.effect, Effect::Run(run) if run.unknown.is_empty() && run.any(&[Role::Dependencies]));
    let cut = steps[..moved.at].iter().rposition(installs)?;
    let mut passed = (cut + 1..moved.at).chain(moved.at + 1..steps.len());
    passed.all(|at| spared.step(at, cut)).then_some(cut)
}

/// Whether what stands before the command changes more often than what it works on.
fn gains(firing: &Firing<'_>, moved: &Moved<'_>, cut: usize) -> bool {
    let steps = &firing.model.steps;
    let brings = |step: &Step<'_>| matches!(&step.effect, Effect::Copy(copy) if copy.from.is_none() && !copy.remote);
    let all = |step: &Step<'_>| matches!(&step.effect, Effect::Copy(copy) if copy.whole_context());
    steps[cut + 1..moved.at].iter().any(brings) && !steps[..=cut].iter().any(all)
}

/// Whether the command runs in the same state right after the installation.
fn same_state(firing: &Firing<'_>, moved: &Moved<'_>, cut: usize) -> bool {
    let steps = &firing.model.steps;
    let (before, after) = (&steps[cut + 1].state, &moved.step.state);
    let later = steps[cut + 1..moved.at]
        .iter()
        .filter(|step| step.instruction.keyword == Keyword::Arg);
    let source = &firing.model.file.source;
    let uses = |step: &Step<'_>| {
        let Data::Pairs { pairs, .. } = &step.instruction.data else {
            return true;
        };
        pairs.iter().any(|pair| {
            mentions(moved.step.instruction.span.of(source), pair.key.text())
                || pair.key.text().to_lowercase().starts_with("npm_config")
        })
    };
    before.workdir == after.workdir
        && before.user == after.user
        && before.env == after.env
        && before.settings == after.settings
        && !later.clone().any(uses)
}

/// Moves the whole RUN directly behind the installation.
fn pass(
    firing: &Firing<'_>,
    moved: &Moved<'_>,
    cut: usize,
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let file = firing.model.file;
    let (Some(text), Some(place)) = (
        own_lines(file, moved),
        instruction_lines(file, firing.model.steps[cut].index, false),
    ) else {
        return Ok(false);
    };
    remove(firing, moved, proposal)?;
    insert_lines(&mut proposal.edits, file, place.end, &text)
        .map_err(|error| firing.overlap(error))?;
    Ok(true)
}

/// Makes three stages of one: what stands before both, the moved command, and the rest.
fn divide(
    firing: &Firing<'_>,
    verb: &BranchVerb,
    moved: &Moved<'_>,
    cut: usize,
    libraries: &[String],
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let (file, model) = (firing.model.file, firing.model);
    let from = &file.instructions[firing.from()];
    let Data::From {
        alias: Some(alias), ..
    } = &from.data
    else {
        return Ok(false);
    };
    if !from.flags.is_empty() || file.escape != '\\' {
        return Ok(false);
    }
    let apart = |keyword| matches!(keyword, Keyword::Shell | Keyword::Onbuild);
    if (model.steps.iter()).any(|step| apart(step.instruction.keyword)) {
        return Ok(false);
    }
    let Some(copies) = copies(firing, libraries) else {
        return Ok(false);
    };
    let (trunk, branch) = (unused(file, &verb.trunk), unused(file, &verb.branch));
    let overlap = |error| firing.overlap(error);
    let word = |name: &str| keyword_like(from, file, name);

    (proposal.edits)
        .replace(alias.span, trunk.clone())
        .map_err(overlap)?;
    proposal.rewritten.push(firing.from());

    let rest = model.steps[cut + 1..]
        .iter()
        .find(|step| step.index != moved.step.index || !moved.whole);
    let Some(start) = rest.and_then(|step| instruction_lines(file, step.index, true)) else {
        return Ok(false);
    };
    let mut lines = Vec::new();
    let above = file.source.get(..start.start).unwrap_or("");
    if !(above.ends_with("\n\n") || above.ends_with("\n\r\n")) {
        lines.push(String::new());
    }
    lines.push(format!("{} {trunk} {} {branch}", word("FROM"), word("AS")));
    match (moved.whole, own_lines(file, moved)) {
        (true, Some(text)) => lines.push(text.trim_end().to_string()),
        _ => {
            let command = moved.run.command(moved.command);
            let text = command.span.of(&file.source);
            let enter = match model.steps[cut + 1].state.workdir.as_deref() {
                Some(workdir) if workdir == moved.workdir => String::new(),
                _ => format!("cd {} && ", crate::shell::quote(&moved.workdir)),
            };
            lines.push(format!("{} {enter}{text}", word("RUN")));
        }
    }
    lines.push(String::new());
    lines.push(format!(
        "{} {trunk} {} {}",
        word("FROM"),
        word("AS"),
        alias.span.of(&file.source)
    ));
    // Builders differ in whether a stage sees the ARGs of the one that it starts from.
    for step in &model.steps[..=cut] {
        if step.instruction.keyword == Keyword::Arg {
            lines.push(step.instruction.span.of(&file.source).to_string());
        }
    }
    insert_lines(&mut proposal.edits, file, start.start, &lines.join("\n")).map_err(overlap)?;
    remove(firing, moved, proposal)?;
    for (index, flag) in copies {
        (proposal.edits)
            .replace(flag.span, format!("--from={branch}"))
            .map_err(overlap)?;
        proposal.rewritten.push(index);
    }
    Ok(true)
}

/// The lines of the RUN with the comments above it.
fn own_lines(file: &Dockerfile, moved: &Moved<'_>) -> Option<String> {
    let span = instruction_lines(file, moved.step.index, true)?;
    Some(span.of(&file.source).to_string())
}

/// Takes the command out of its place.
fn remove(firing: &Firing<'_>, moved: &Moved<'_>, proposal: &mut Proposal) -> Result<(), Stop> {
    let file = firing.model.file;
    let overlap = |error| firing.overlap(error);
    proposal.rewritten.push(moved.step.index);
    if !moved.whole {
        let item = moved.run.command(moved.command).item;
        let edits = crate::shell::remove_item(&moved.run.script, &file.source, item);
        if edits.is_empty() {
            return Err(firing.stop(
                moved.step.index,
                "mixed",
                "the command cannot be taken out of its RUN".into(),
                "write it as a RUN of its own",
            ));
        }
        for (span, text) in edits {
            proposal.edits.replace(span, text).map_err(overlap)?;
        }
        return Ok(());
    }
    // Of the empty lines around its place one stays.
    if let Some(lines) = instruction_lines(file, moved.step.index, true) {
        let after = file.source.get(lines.end..).unwrap_or("");
        let before = file.source.get(..lines.start).unwrap_or("");
        let blank = ["\n", "\r\n"]
            .iter()
            .find(|blank| after.starts_with(**blank));
        if let (Some(blank), true) = (
            blank,
            before.ends_with("\n\n") || before.ends_with("\n\r\n"),
        ) {
            let rest = Span::new(lines.end, lines.end + blank.len());
            proposal.edits.remove(rest).map_err(overlap)?;
        }
    }
    remove_instruction(&mut proposal.edits, file, moved.step.index, true).map_err(overlap)
}

/// The `--from` flags of other stages that copy the libraries out of this one. Nothing where one copies them together
/// with something else, where another use of the stage may, or where nobody copies them.
fn copies<'f>(firing: &Firing<'f>, libraries: &[String]) -> Option<Vec<(usize, &'f Flag)>> {
    let file: &'f Dockerfile = firing.model.file;
    let own = firing.model.stage;
    let mut found = Vec::new();
    for stage in 0..file.stages.len() {
        if stage != own && file.base_stage(stage) == Some(own) {
            return None;
        }
        for index in file.stages[stage].from + 1..file.stages[stage].end {
            let instruction = &file.instructions[index];
            if uses_by_mount(file, instruction, stage, own) {
                return None;
            }
            let Some(flag) = instruction.flag("from") else {
                continue;
            };
            let name = flag.value.as_deref()?;
            // Numbers of stages would be others.
            if name.contains('$') || name.parse::<usize>().is_ok() {
                return None;
            }
            if file.stage_by_name(name, stage) != Some(own) {
                continue;
            }
            if has_libraries(instruction, libraries)? {
                found.push((index, flag));
            }
        }
    }
    (!found.is_empty()).then_some(found)
}

/// Whether a COPY from the stage takes the libraries, and them alone. Nothing where it may take them with other files.
fn has_libraries(copy: &Instruction, libraries: &[String]) -> Option<bool> {
    let Data::Transfer { sources, .. } = &copy.data else {
        return None;
    };
    let mut takes = Vec::new();
    for source in sources {
        let text = source.value.as_deref().filter(|text| !text.contains('$'))?;
        let fixed = match text.find(['*', '?', '[']) {
            Some(at) => text[..at].rsplit_once('/').map_or("/", |(above, _)| above),
            None => text,
        };
        let path = resolve("/", fixed);
        let inside = libraries.iter().any(|known| within(&path, known));
        let around = libraries.iter().any(|known| within(known, &path));
        // `/app/package*.json` stands beside them.
        let pattern = fixed != text
            && libraries.iter().all(|known| {
                let name = crate::model::path::name(known);
                let last = text.rsplit('/').next().unwrap_or(text);
                let begin = last.split(['*', '?', '[']).next().unwrap_or("");
                let apart = !begin.is_empty() && !name.starts_with(begin);
                apart && crate::model::path::parent(known) == path
            });
        match (inside, around && !pattern) {
            (true, _) => takes.push(true),
            (false, true) => return None,
            (false, false) => takes.push(false),
        }
    }
    match (takes.contains(&true), takes.contains(&false)) {
        (true, true) => None,
        (takes, _) => Some(takes),
    }
}

/// Whether a mount of a RUN is of the stage, or nobody can say.
fn uses_by_mount(file: &Dockerfile, instruction: &Instruction, stage: usize, own: usize) -> bool {
    let mut mounts = instruction
        .flags_named("mount")
        .filter_map(|flag| flag.value.as_deref());
    mounts.any(|mount| {
        let mut parts = mount.split(',');
        let from = parts.find_map(|part| part.trim().strip_prefix("from="));
        from.is_some_and(|name| {
            name.contains('$')
                || name.parse::<usize>().is_ok()
                || file.stage_by_name(name, stage) == Some(own)
        })
    })
}

/// A name that no stage has and no instruction takes for an image.
fn unused(file: &Dockerfile, wanted: &str) -> String {
    let taken = |name: &str| {
        let same = |other: &str| other.eq_ignore_ascii_case(name);
        file.stages
            .iter()
            .any(|stage| stage.name.as_deref().is_some_and(same))
            || file.instructions.iter().any(|instruction| {
                let image = match &instruction.data {
                    Data::From { image, .. } => Some(image.text()),
                    _ => None,
                };
                image.is_some_and(same)
                    || instruction.flag_value("from").is_some_and(same)
                    || (instruction.flags_named("mount"))
                        .filter_map(|flag| flag.value.as_deref())
                        .any(|mount| {
                            mount
                                .split(',')
                                .any(|part| part.trim().strip_prefix("from=").is_some_and(same))
                        })
            })
    };
    if !taken(wanted) {
        return wanted.to_string();
    }
    let numbered = (2..).map(|number| format!("{wanted}-{number}"));
    numbered
        .into_iter()
        .find(|name| !taken(name))
        .unwrap_or_else(|| wanted.to_string())
}
