//! Commands and libraries that the program needs beside its files.

use super::Plan;
use super::carry::Carried;
use crate::engine::verbs::Stop;
use crate::facts::sources::{Said, Scan};
use crate::facts::{Source, Tri};
use crate::model::{CommandModel, Effect, Need, asked_for};
use crate::rule::Role;

/// What the runtime must have.
#[derive(Debug, Default)]
pub struct Needs {
    /// Commands found through PATH, with how they came up and the instruction that asks for them.
    pub commands: Vec<(String, String, usize)>,
    /// Packages of the language that may need libraries of the system.
    pub libraries: Vec<(String, Option<Source>)>,
    /// Packages of the language that are compiled on request.
    pub compiled: Vec<(String, Option<Source>)>,
    /// Options of compilers that may link a library of the compiler's own.
    pub options: Vec<(String, Option<Source>)>,
    /// Libraries of the system as a linker names them, and whether the project is built with them or may only load
    /// them when it runs.
    pub system: Vec<(String, Option<Source>, bool)>,
    /// Whether these are names of a manifest, for want of a lock file: what they need in turn is not among them.
    pub manifest: bool,
    /// What was assumed.
    pub assumptions: Vec<String>,
}

/// Collects what the start and the sources call for.
pub fn needs(plan: &Plan<'_>, _carried: &Carried) -> Result<Needs, Stop> {
    let mut needs = Needs::default();
    for program in &plan.start.programs {
        if let Need::Command(name) = &program.need {
            needs
                .commands
                .push((name.clone(), program.via.clone(), program.instruction));
        }
    }
    let table = plan.firing.rules.table("base-commands");
    if let Some(Tri::Present(scan)) = &plan.scan {
        for spawned in &scan.commands {
            if table.is_some_and(|table| table.get(&[&spawned.name]).is_some()) {
                let via = format!("{}:{}", spawned.source.file, spawned.source.line);
                needs
                    .commands
                    .push((spawned.name.clone(), via, plan.firing.from()));
            }
            let words = spawned.rest.split_whitespace();
            let asked = asked_for(plan.firing.rules, &spawned.name, words).into_iter();
            let asked = asked.filter(|name| table.is_some_and(|it| it.get(&[name]).is_some()));
            let via = format!("{}:{}", spawned.source.file, spawned.source.line);
            let asked = asked.map(|name| (name, via.clone(), plan.firing.from()));
            needs.commands.extend(asked);
        }
    }
    let scan = match &plan.scan {
        Some(Tri::Present(scan)) => Some(scan),
        _ => None,
    };
    if let Some(scan) = scan {
        needs.commands.extend(mentioned(plan, scan));
    }
    for (name, via) in &plan.start.asked {
        if table.is_some_and(|table| table.get(&[name]).is_some()) {
            let asked = (name.clone(), via.clone(), plan.firing.from());
            needs.commands.push(asked);
        }
    }
    for (name, source) in &plan.scripts {
        if table.is_some_and(|table| table.get(&[name]).is_some()) {
            let via = format!("{}:{}", source.file, source.line);
            needs.commands.push((name.clone(), via, plan.firing.from()));
        }
    }
    needs.commands.extend(linked_programs(plan));
    let Some(libraries) = &plan.verb.libraries else {
        return Ok(needs);
    };
    needs.libraries.extend(installed(plan));
    let mut unknown = None;
    for fact in &libraries.names {
        match plan.facts.names(fact) {
            Tri::Present(names) => needs.libraries.extend(names),
            Tri::Absent => {}
            Tri::Unknown(reason) => unknown = Some(reason),
        }
    }
    let table = plan.firing.rules.table("lock-files");
    let table = table.filter(|table| table.get(&[&libraries.ecosystem]).is_some());
    if let Some(table) = table {
        match super::locked::packages(plan, table, libraries, &needs.libraries) {
            Tri::Present(names) => needs.libraries.extend(names),
            Tri::Absent => {}
            Tri::Unknown(reason) => unknown = Some(reason),
        }
    }
    if let Some(compiled) = &libraries.compiled
        && let Tri::Present(names) = plan.facts.names(&compiled.names)
    {
        needs.compiled.extend(names);
    }
    if let Some(options) = &libraries.options {
        for fact in &options.names {
            if let Tri::Present(names) = plan.facts.names(fact) {
                needs.options.extend(names);
            }
        }
        needs.options.extend(given(plan));
    }
    for fact in &libraries.linked {
        if let Tri::Present(names) = plan.facts.names(fact) {
            let linked = names.into_iter().map(|(name, source)| (name, source, true));
            needs.system.extend(linked);
        }
    }
    if let Some(Tri::Present(scan)) = &plan.scan {
        needs.system.extend(loaded(scan));
    }
    if let Some(flag) = &libraries.flag {
        needs.libraries.extend(flags(plan, flag));
    }
    if needs.libraries.is_empty() {
        for fact in &libraries.otherwise {
            match plan.facts.names(fact) {
                Tri::Present(names) => {
                    needs.libraries.extend(names);
                    needs.manifest = true;
                }
                Tri::Absent => {}
                Tri::Unknown(reason) => unknown = Some(reason),
            }
        }
    }
    // Of the packages for development those that are started stay.
    let started = plan.start.development.iter();
    let started = started.map(|(_, package, source)| (package.clone(), source.clone()));
    needs.libraries.extend(started);
    if let Some(reason) = unknown {
        needs.assumptions.push(format!(
            "no dependency needs a library of the full base image at run time ({reason})"
        ));
    }
    Ok(needs)
}

/// Programs of the full image that get another name: `ln -s /usr/bin/python3 /usr/bin/python`.
fn linked_programs<'a>(
    plan: &'a Plan<'_>,
) -> impl Iterator<Item = (String, String, usize)> + use<'a> {
    let table = plan.firing.rules.table("base-commands");
    // A compiler under another name is the build's.
    let build = plan.firing.rules.table("build-packages");
    let steps = plan.firing.model.steps.iter();
    let runs = steps.filter_map(|step| match &step.effect {
        Effect::Run(run) => Some((step, run)),
        _ => None,
    });
    runs.flat_map(move |(step, run)| {
        let program = |command: &CommandModel<'_>| run.command(command).words[0].raw.as_str();
        let links = move |command: &&CommandModel<'_>| {
            command.role == Some(Role::Setup) && program(command) == "ln"
        };
        let links = run.commands.iter().filter(links);
        let words = links.flat_map(|command| run.command(command).words.iter().skip(1));
        words.filter_map(move |word| {
            let path = word.value.as_deref()?;
            let (directory, name) = path.rsplit_once('/')?;
            let system = matches!(directory, "/usr/bin" | "/bin" | "/usr/sbin" | "/sbin");
            let package = table?.get(&[name])?.get("package")?;
            let row = build.and_then(|build| build.get_pattern(package));
            // Without a word about its use when the program runs it is for builds alone.
            let builds = row.is_some_and(|row| row.get("unless_used").is_none());
            let known = system && !builds;
            let via = format!("line {}", plan.line(step.index));
            known.then(|| (name.to_string(), via, step.index))
        })
    })
}

/// Names of commands in the sources of a program that starts something whose name is not seen: a helper gets it as
/// an argument, or it stands in a list.
fn mentioned<'a>(
    plan: &'a Plan<'_>,
    scan: &'a Scan,
) -> impl Iterator<Item = (String, String, usize)> + 'a {
    let table = plan.firing.rules.table("base-commands");
    scan.mentioned
        .iter()
        .filter_map(move |(name, (said, source))| {
            let row = table?.get(&[name])?;
            let enough = match row.get("said") {
                Some("started") => Said::Place,
                Some(_) => Said::Line,
                None => Said::Word,
            };
            // Where it is started in the same file, the name is said clearly enough.
            let here = enough == Said::Line
                && *said == Said::Value
                && scan.opaque_files.contains(&source.file);
            let may =
                *said == Said::Place || here || (scan.opaque_start.is_some() && *said >= enough);
            let via = format!("{}:{}", source.file, source.line);
            may.then(|| (name.clone(), via, plan.firing.from()))
        })
}

/// Libraries that the sources load by name: `libpq.so.5`, `find_library("pq")`.
fn loaded(scan: &Scan) -> impl Iterator<Item = (String, Option<Source>, bool)> + '_ {
    let files = scan.literals.iter().filter_map(|(text, source)| {
        let (name, version) = text.strip_prefix("lib")?.split_once(".so")?;
        let plain = name
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'/');
        let file = version.is_empty() || version.starts_with('.');
        (plain && file).then(|| (name.to_string(), source))
    });
    let named = scan
        .loads
        .iter()
        .map(|(name, source)| (name.clone(), source));
    files
        .chain(named)
        .map(|(name, source)| (name, Some(source.clone()), false))
}

/// Packages of the language that the Dockerfile itself installs by name.
fn installed(plan: &Plan<'_>) -> Vec<(String, Option<Source>)> {
    let mut found = Vec::new();
    for step in &plan.firing.model.steps {
        let Effect::Run(run) = &step.effect else {
            continue;
        };
        for command in &run.commands {
            let wanted = match command.role {
                Some(Role::Dependencies) => true,
                Some(Role::Tool) => super::written::tool_stays(plan, command),
                _ => false,
            };
            let Some(known) = command.known.as_ref().filter(|_| wanted) else {
                continue;
            };
            let names = known.packages();
            let bare = names
                .iter()
                .flatten()
                .map(|name| super::written::without_version(name));
            found.extend(bare.map(|name| (name.to_string(), None)));
        }
    }
    found
}

/// Options in build commands, without the hyphen: of a word with several (`CFLAGS="-O2 -fopenmp"`) each.
fn given(plan: &Plan<'_>) -> Vec<(String, Option<Source>)> {
    let steps = plan.firing.model.steps[..=plan.survey.last].iter();
    let runs = steps.filter_map(|step| match &step.effect {
        Effect::Run(run) => Some(run),
        _ => None,
    });
    let words = runs.flat_map(|run| {
        let builds = run.commands.iter();
        let builds = builds.filter(|command| command.role == Some(Role::Build));
        builds.flat_map(|command| &run.command(command).words)
    });
    let options = words.flat_map(|word| {
        let parts = word.raw.split([' ', '"', '\'']);
        parts.filter_map(|part| match part.strip_prefix('-') {
            Some(option) => Some(option),
            None => part.split_once("=-").map(|(_, option)| option),
        })
    });
    options.map(|option| (option.to_string(), None)).collect()
}

/// The rest of the words of build commands that begin with `flag`.
fn flags(plan: &Plan<'_>, flag: &str) -> Vec<(String, Option<Source>)> {
    let mut names = Vec::new();
    for step in &plan.firing.model.steps[..=plan.survey.last] {
        let Effect::Run(run) = &step.effect else {
            continue;
        };
        let builds = run
            .commands
            .iter()
            .filter(|command| command.role == Some(Role::Build));
        let words = builds.flat_map(|command| &run.command(command).words);
        let named = words.filter_map(|word| word.raw.strip_prefix(flag));
        names.extend(
            named
                .filter(|name| !name.is_empty())
                .map(|name| (name.to_string(), None)),
        );
    }
    names
}
