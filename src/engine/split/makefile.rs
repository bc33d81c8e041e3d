//! What `make install` copies, by the Makefile of the project itself.

use super::Plan;
use super::shared::is_shared;
use crate::facts::makefile::Makefile;
use crate::model::path::{name, parent, resolve, within};
use crate::model::{CommandModel, Effect, Place, RunModel, Step};
use crate::rule::Role;
use std::collections::BTreeMap;

/// The names of Makefiles, in the order in which make looks for them.
const NAMES: [&str; 3] = ["GNUmakefile", "makefile", "Makefile"];

/// The files and directories that an installation puts outside of the working directory; `None` where the Makefile is
/// not at hand, or does not say.
pub fn installed(
    plan: &Plan<'_>,
    step: &Step<'_>,
    run: &RunModel<'_>,
    command: &CommandModel<'_>,
) -> Option<Vec<Place>> {
    let words = &run.command(command).words;
    let mut given = BTreeMap::new();
    let mut targets = Vec::new();
    let mut workdir = command.workdir.clone()?;
    let mut rest = words[1..].iter();
    while let Some(word) = rest.next() {
        let text = word.value.clone().or_else(|| {
            let known = step.state.expand(&word.raw, '\\')?;
            Some(known.replace(['"', '\''], ""))
        })?;
        match text.split_once('=') {
            Some((name, value)) if !name.starts_with('-') => {
                given.insert(name.to_string(), value.to_string());
            }
            _ if text == "-C" => workdir = resolve(&workdir, rest.next()?.value.as_deref()?),
            _ if text.starts_with("-j") || matches!(text.as_str(), "-s" | "-k" | "-B") => {}
            _ if text.starts_with('-') => return None,
            _ => targets.push(text),
        }
    }
    let makefile = makefile(plan, &workdir)?;
    let mut places: Vec<Place> = Vec::new();
    for target in targets
        .iter()
        .filter(|target| target.starts_with("install"))
    {
        let environment = |name: &str| step.state.value(name);
        let lines = makefile.script(target, &given, &environment)?;
        let mut state = step.state.clone();
        state.workdir = Some(workdir.clone());
        for place in of_recipe(plan, &lines, &state, &workdir)? {
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    (!places.is_empty()).then_some(places)
}

/// The project's Makefile, where the build context brings it.
fn makefile(plan: &Plan<'_>, workdir: &str) -> Option<Makefile> {
    let found = NAMES.iter().find_map(|name| {
        let path = resolve(workdir, name);
        let (_, source) = plan
            .firing
            .model
            .origin(&path, plan.firing.context)
            .ok()??;
        plan.firing.context.read(&source).present()
    })?;
    // A `configure` of the project writes another one, by the table `makefile-writers`.
    let configures = plan
        .firing
        .model
        .steps
        .iter()
        .any(|step| match &step.effect {
            Effect::Run(run) => run.commands.iter().any(|command| {
                let program = run.command(command).words.first();
                let program = program.and_then(|word| word.value.as_deref()).map(name);
                let writers = plan.firing.rules.table("makefile-writers");
                writers.is_none_or(|writers| {
                    program.is_some_and(|program| writers.get(&[program]).is_some())
                })
            }),
            _ => false,
        });
    if configures {
        return None;
    }
    Makefile::parse(&found)
}

/// What the lines of a recipe leave outside of the working directory.
fn of_recipe(
    plan: &Plan<'_>,
    lines: &[String],
    state: &crate::model::State,
    workdir: &str,
) -> Option<Vec<Place>> {
    let mut made: Vec<String> = Vec::new();
    let mut places = Vec::new();
    for line in lines {
        let run = RunModel::of_text(line, state, plan.firing.rules);
        if !run.unknown.is_empty() {
            return None;
        }
        for command in &run.commands {
            let program = run.command(command).words.first()?.value.as_deref()?;
            let program = name(program);
            let known = command.known.as_ref()?;
            match command.role? {
                Role::None | Role::Check => continue,
                _ if matches!(program, "cd" | "chown" | "chgrp" | "ln") => return None,
                // The runtime does this again for libraries.
                Role::Setup if program == "ldconfig" => continue,
                Role::Setup | Role::Build | Role::Clean => {}
                _ => return None,
            }
            for place in &command.writes {
                let Place::Path(path) = place else {
                    match place {
                        Place::Below(path) if within(path, workdir) => continue,
                        _ => return None,
                    }
                };
                if within(path, workdir) {
                    continue;
                }
                let directory =
                    command.directory || program == "install" && known.line.role == Role::Setup;
                if directory {
                    made.push(path.clone());
                    continue;
                }
                match known
                    .line
                    .installs
                    .as_ref()
                    .filter(|_| made.contains(path) || is_shared(path))
                {
                    None => places.push(path.clone()),
                    Some(sources) => {
                        for source in known.fill(sources)? {
                            let file = name(source.trim_end_matches('/'));
                            match file.is_empty()
                                || file.contains(['*', '?', '[', '$'])
                                || file.starts_with('.')
                            {
                                true => places.push(path.clone()),
                                false => places.push(resolve(path, file)),
                            }
                        }
                    }
                }
            }
        }
    }
    // A directory that nothing was put into, and that is not one of the system's, is wanted empty.
    for directory in made {
        let filled = places.iter().any(|path| within(path, &directory));
        if !filled && !is_shared(&directory) {
            places.push(directory);
        }
    }
    let shared =
        |path: &String| is_shared(path) || is_shared(parent(path)) && name(path).contains('*');
    if places.iter().any(shared) {
        return None;
    }
    Some(places.into_iter().map(Place::Path).collect())
}
