//! What the build writes beside the started program and the sources name: plug-ins, further programs.

use super::Plan;
use super::assets::Unclear;
use super::built::Built;
use super::carry::Carried;
use super::written::Written;
use crate::engine::Evidence;
use crate::facts::reader::Glob;
use crate::facts::sources::WrittenPath;
use crate::facts::{Source, Tri};
use crate::model::path::{below, name, parent, resolve, within};
use crate::model::{Effect, Place};
use crate::rule::Role;
use crate::syntax::Keyword;
use std::collections::BTreeMap;

/// A text that names a path, with its place in the sources.
type Named<'a> = (&'a str, &'a Option<Source>);

/// Outputs of the build that a string in the sources names, from where the program starts.
pub fn named(plan: &Plan<'_>, written: &[Written<'_>], built: &Built) -> Vec<(String, Evidence)> {
    let Some(Tri::Present(scan)) = &plan.scan else {
        return Vec::new();
    };
    let workdir = plan.firing.model.end.workdir.as_deref().unwrap_or("/");
    let outputs: Vec<&str> = written
        .iter()
        .filter(|written| written.command.role == Some(Role::Build))
        .filter_map(|written| match &written.place {
            Place::Path(path) => Some(path.as_str()),
            _ => None,
        })
        .collect();
    let mut found = Vec::new();
    for (text, source) in &scan.literals {
        if !text.contains('/') && !outputs.iter().any(|output| name(output) == text) {
            continue;
        }
        let path = resolve(workdir, text);
        // A program or a library beside the started one, in a folder that the build fills.
        let beside = built.alone
            && (!name(&path).contains('.') || name(&path).ends_with(".so"))
            && built
                .paths
                .iter()
                .any(|built| parent(built) == parent(&path))
            && outputs.iter().any(|output| within(&path, output));
        let output = outputs.contains(&path.as_str());
        if let Some(folder) = filled(plan, &outputs, built, text) {
            let evidence = Evidence {
                text: format!("the sources name `{text}`, where the build puts files"),
                source: Some(source.clone()),
            };
            found.push((folder, evidence));
            continue;
        }
        if !(output || beside) || !matches!(origin(plan, &path), Ok(false)) {
            continue;
        }
        let evidence = Evidence {
            text: format!("the sources name `{text}`, which the build writes"),
            source: Some(source.clone()),
        };
        found.push((path, evidence));
    }
    found
}

/// Files that instructions write or copy within the application's directory beside the build itself: settings by
/// `cp .env.example .env`, data by `echo '[]' > data/db.json`. Sources and secrets of the build are no such files.
pub fn set_up(
    plan: &Plan<'_>,
    written: &[Written<'_>],
    carried: &Carried,
    directory: &str,
) -> Vec<(String, Evidence)> {
    let credentials = plan.firing.rules.table("tool-credentials");
    let secret =
        |path: &str| credentials.is_none_or(|credentials| credentials.get(&[name(path)]).is_some());
    let model = plan.firing.model;
    let sources = plan.verb.sources.as_ref();
    let code: Vec<Glob> = sources
        .into_iter()
        .flat_map(|sources| match sources.compiled.is_empty() {
            true => &sources.files,
            false => &sources.compiled,
        })
        .filter_map(|glob| Glob::parse(glob).ok())
        .collect();
    let wanted = |path: &str, at: usize| {
        let rest = below(path, directory).unwrap_or("");
        let gone = |(step, gone): &(usize, String)| *step >= at && within(path, gone);
        // What a command installs to, or fills, is the packages' or the build's own.
        let inside = |other: &Written<'_>| {
            let role = other.command.role;
            let place =
                matches!(&other.place, Place::Path(other) if within(path, other) && path != other);
            place && role == Some(Role::Dependencies)
        };
        !rest.is_empty()
            && !secret(path)
            && !code.iter().any(|glob| glob.is_match(rest))
            && !carried.removed.iter().any(gone)
            && !written.iter().any(inside)
    };
    let mut found: Vec<(String, Evidence)> = Vec::new();
    let mut add = |path: &str, at: usize| {
        let line = plan.line(model.steps[at].index);
        if wanted(path, at) && !found.iter().any(|(known, _)| known == path) {
            let text = format!("line {line} makes `{path}`, which the program may read");
            found.push((path.to_string(), Evidence { text, source: None }));
        }
    };
    for written in written {
        let line = written.command.known.as_ref().map(|known| known.line);
        let copies = line.is_some_and(|line| line.installs.is_some());
        if let (true, Place::Path(path)) = (copies, &written.place) {
            add(path, written.step);
        }
    }
    for (at, step) in model.steps[..=plan.survey.last].iter().enumerate() {
        let Effect::Run(run) = &step.effect else {
            continue;
        };
        for command in &run.commands {
            let line = command.known.as_ref().map(|known| known.line);
            let touches = line.is_some_and(|line| !line.touches.is_empty());
            let conditional = run.command(command).context.conditional;
            // What a command that only tells something writes to a file: `git rev-parse HEAD > VERSION`.
            let writes = matches!(command.role, Some(Role::Setup | Role::Check));
            if !writes || touches || conditional {
                continue;
            }
            for place in &command.writes {
                if let Place::Path(path) = place {
                    add(path, at);
                }
            }
        }
    }
    found
}

/// The directory of the application that a text names, or that holds what it asks for (`plugins/*.so`), where the build
/// puts something else than the started program into it.
fn filled(plan: &Plan<'_>, outputs: &[&str], built: &Built, text: &str) -> Option<String> {
    let workdir = plan.firing.model.end.workdir.as_deref().unwrap_or("/");
    let directory = match text.find(['*', '?', '[', '{', '%']) {
        Some(at) => &text[..text[..at].rfind('/')?],
        None => text,
    };
    let folder = resolve(workdir, directory);
    if folder == workdir || !within(&folder, workdir) {
        return None;
    }
    let other = |output: &&&str| {
        let mut programs = built.paths.iter();
        within(output, &folder)
            && !programs.any(|program| within(output, program) || within(program, output))
    };
    outputs
        .iter()
        .any(|output| other(&output))
        .then_some(folder)
}

/// What generators and build tools of other languages leave for the program, by what the sources ask for and the build
/// context lacks; an error where it may lie anywhere in the application's directory.
pub fn generated(
    plan: &Plan<'_>,
    written: &[Written<'_>],
    built: &Built,
) -> Result<Vec<(String, Evidence)>, Unclear> {
    let generators = generators(plan, written);
    let (Some(Tri::Present(scan)), Some((_, line, program))) = (&plan.scan, generators.first())
    else {
        return Ok(Vec::new());
    };
    let started = started(plan);
    let of_scan = |known: &'_ [(String, Source)]| -> Vec<(String, Option<Source>)> {
        let known = known.iter().cloned();
        known.map(|(text, source)| (text, Some(source))).collect()
    };
    let (literals, missing) = (of_scan(&scan.literals), of_scan(&scan.missing));
    let workdir = plan.firing.model.end.workdir.as_deref().unwrap_or("/");
    let lacks = |path: &str| {
        let exact = |written: &Written<'_>| matches!(&written.place, Place::Path(place) if within(path, place));
        let program = built.paths.iter().any(|built| within(path, built))
            || plan.start.files().any(|(file, _)| file == path);
        path != workdir
            && !program
            && !written.iter().any(exact)
            && matches!(origin(plan, path), Ok(false))
    };
    // By the folder of a generator, what lies directly in it, with the first source that names it.
    let mut tops: BTreeMap<(&str, usize), BTreeMap<String, Named<'_>>> = BTreeMap::new();
    for (text, source) in literals.iter().chain(&missing).chain(&started) {
        let fixed = text.split(['*', '?', '{', '%', '$']).next().unwrap_or("");
        let path = resolve(workdir, fixed);
        let own = generators
            .iter()
            .filter(|(folder, ..)| within(folder, workdir) && folder != workdir)
            .find(|(folder, ..)| path != *folder && within(&path, folder));
        if let Some((folder, line, _)) = own {
            let rest = below(&path, folder).unwrap_or("");
            let top = resolve(folder, rest.split('/').next().unwrap_or(rest));
            if lacks(&path) && lacks(&top) {
                let tops = tops.entry((folder, *line)).or_default();
                tops.entry(top).or_insert((text, source));
            }
        }
    }
    let relative = literals.iter().filter(|(text, _)| text.starts_with("./"));
    let asked = missing.iter().chain(&started).chain(relative);
    for (text, source) in asked {
        let path = resolve(workdir, text);
        let found = tops.keys().any(|(folder, _)| within(&path, folder));
        let written = scan.writes.iter().any(|write| {
            matches!(&write.path, WrittenPath::Known { text: known, .. } if resolve(workdir, known) == path)
        });
        if !found && !written && within(&path, workdir) && !text.ends_with("...") && lacks(&path) {
            let why = format!(
                "`{text}` is asked for, which the build context lacks, and `{program}` on line {line} may make it"
            );
            return Err((why, source.clone()));
        }
    }
    let found = tops.into_iter().map(|((folder, line), tops)| {
        let path = match tops.len() {
            1 => tops.keys().next().cloned(),
            _ => None,
        };
        let first = tops.into_values().next();
        let text = first.map_or("", |(text, _)| text);
        let evidence = Evidence {
            text: format!("`{text}` is asked for, which line {line} makes"),
            source: first.and_then(|(_, source)| source.clone()),
        };
        (path.unwrap_or_else(|| folder.to_string()), evidence)
    });
    Ok(found.collect())
}

/// Paths that CMD, ENTRYPOINT and the scripts that they lead to name beside the program.
fn started(plan: &Plan<'_>) -> Vec<(String, Option<Source>)> {
    let model = plan.firing.model;
    let starts = [Keyword::Cmd, Keyword::Entrypoint];
    let instructions = starts.iter().filter_map(|keyword| model.last(*keyword));
    let texts = instructions.map(|step| step.instruction.text.text.as_str());
    let scripts = plan.start.texts.iter().map(|(.., text)| text.as_str());
    let separates = |c: char| c.is_whitespace() || "=,\"'[](){}|&<>;`".contains(c);
    let words = texts.chain(scripts).flat_map(|text| text.split(separates));
    let paths = words.filter(|word| {
        let plain = !word.starts_with(['-', '$', '/', '~']) && !word.contains(':');
        plain && word.contains('/')
    });
    paths.map(|word| (word.to_string(), None)).collect()
}

/// The directories in which build steps run generators, with the line and the command, each directory once.
fn generators(plan: &Plan<'_>, written: &[Written<'_>]) -> Vec<(String, usize, String)> {
    let mut found: Vec<(String, usize, String)> = Vec::new();
    for written in written {
        let step = &plan.firing.model.steps[written.step];
        let (Effect::Run(run), Place::Below(folder)) = (&step.effect, &written.place) else {
            continue;
        };
        let words = &run.command(written.command).words;
        let is = |generator: &&String| {
            let mut own = words.iter().map(|word| word.value.as_deref().unwrap_or(""));
            generator
                .split(' ')
                .all(|word| own.next().is_some_and(|own| name(own) == word))
        };
        let known = found.iter().any(|(known, ..)| known == folder);
        if let Some(generator) = plan.verb.generators.iter().find(is)
            && written.command.role == Some(Role::Build)
            && !known
        {
            found.push((folder.clone(), plan.line(step.index), generator.clone()));
        }
    }
    found
}

/// Whether the build context brings a path.
fn origin(plan: &Plan<'_>, path: &str) -> Result<bool, String> {
    let origin = plan.firing.model.origin(path, plan.firing.context)?;
    Ok(
        origin
            .is_some_and(|(_, source)| !matches!(plan.firing.context.entry(&source), Tri::Absent)),
    )
}
