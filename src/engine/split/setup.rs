//! Which set-up commands are repeated in the runtime.

use super::Plan;
use super::carry::Carried;
use crate::engine::verbs::Stop;
use crate::facts::Tri;
use crate::model::path::{name, parent, within};
use crate::model::{CommandModel, Effect, Place};
use crate::rule::{Known, Role};
use std::collections::BTreeSet;

/// Whether a set-up command must be repeated in the runtime: not if what it acts on is copied with its owner and
/// mode from the build stage, or stays behind.
pub fn setup_is_needed(
    plan: &Plan<'_>,
    carried: &Carried,
    at: usize,
    command: &CommandModel<'_>,
    shell: bool,
) -> Result<bool, Stop> {
    let mut votes: BTreeSet<bool> = BTreeSet::new();
    if carried.libraries && is_loader_cache(command) {
        // The loader is told after the libraries are there.
        return Ok(false);
    }
    if command.directory && command.writes.iter().all(|place| matches!(place, Place::Path(path) if carried.paths.iter().any(|copied| within(path, &copied.path)) && !carried.whole.contains(path))) {
        // A directory that is copied anyway; making it first does no harm where the rest of the RUN is repeated.
        return Ok(false);
    }
    for place in &command.writes {
        let (Place::Path(path) | Place::Below(path)) = place else {
            votes.insert(true);
            continue;
        };
        if carried.whole.contains(path) || shell && of_program(plan, carried, at, command, path) {
            votes.insert(true);
        } else if carried
            .paths
            .iter()
            .any(|copied| within(path, &copied.path))
            || carried
                .made
                .iter()
                .any(|made| made != "/" && within(path, made))
            || stays_behind(plan, carried, at, path, !makes(command))
            || (!makes(command) && taken_away(plan, at, command, path))
            || (makes(command) && overwritten(plan, at, path))
        {
            votes.insert(false);
        } else {
            votes.insert(true);
        }
    }
    match (votes.contains(&true), votes.contains(&false)) {
        (false, true) => Ok(false),
        // Directories do no harm where nothing needs them.
        (true, true) if command.directory => Ok(true),
        (true, true) => Err(plan.stop(
            plan.firing.model.steps[at].index,
            "mixed",
            "one command acts on files of the build and on files of the runtime",
            "write it as two RUN instructions",
        )),
        _ => Ok(true),
    }
}

/// Whether a RUN changes modes in the directory of the application for another user than root, so that it has to stand
/// after what is copied there: a COPY keeps the modes of what is in a directory, and not that of the directory itself.
pub fn changes_modes(plan: &Plan<'_>, carried: &Carried, at: usize) -> bool {
    let model = plan.firing.model;
    let step = &model.steps[at];
    let Effect::Run(run) = &step.effect else {
        return false;
    };
    let last = model.steps.get(plan.survey.last + 1);
    let user = last.map_or(&model.end.user, |next| &next.state.user);
    let holds = |path: &String| {
        let mut copied = carried.paths.iter();
        copied.any(|copied| copied.path != *path && within(&copied.path, path))
    };
    let changes = |command: &CommandModel<'_>| {
        let program = run.command(command).words.first();
        program.is_some_and(|word| word.raw == "chmod")
            && command.writes.iter().any(|place| match place {
                Place::Path(path) | Place::Below(path) => holds(path) && there(plan, at, path),
                _ => false,
            })
    };
    step.state.user == *user && model.end.other_user().is_some() && run.commands.iter().any(changes)
}

/// Whether a command makes, or changes, something in the application's directory that no build step fills: a directory
/// for what the program writes. The whole directory of the application is copied with it.
fn of_program(
    plan: &Plan<'_>,
    carried: &Carried,
    at: usize,
    command: &CommandModel<'_>,
    path: &str,
) -> bool {
    if !carried.artifacts
        || carried
            .paths
            .iter()
            .any(|copied| within(path, &copied.path))
    {
        return false;
    }
    let makes =
        |command: &CommandModel<'_>| command.known.as_ref().is_some_and(|known| known.line.makes);
    let own = |command: &CommandModel<'_>| {
        (command.directory || there(plan, at, parent(path)))
            && !filled(plan, path)
            && !brought(plan, path)
    };
    if makes(command) {
        return own(command);
    }
    let steps = plan.firing.model.steps[..=at].iter();
    let mut before = steps.filter_map(|step| match &step.effect {
        Effect::Run(run) => Some(run),
        _ => None,
    });
    let made = before.any(|run| {
        let exactly = |place: &Place| matches!(place, Place::Path(made) if made == path);
        let mut commands = run.commands.iter();
        commands.any(|other| makes(other) && other.writes.iter().any(exactly) && own(other))
    });
    made || (there(plan, at, path) && ends_in(plan, path))
}

/// Whether WORKDIR has made a directory before a step.
fn there(plan: &Plan<'_>, at: usize, path: &str) -> bool {
    plan.firing.model.steps[..=at].iter().any(|step| {
        let workdir = step.state.workdir.as_deref();
        let set = workdir.filter(|_| step.state.workdir_set);
        set.is_some_and(|workdir| within(workdir, path))
    })
}

/// Whether a path is the directory that the program starts in, and not the root.
fn ends_in(plan: &Plan<'_>, path: &str) -> bool {
    path != "/" && plan.firing.model.end.workdir.as_deref() == Some(path)
}

/// Whether a command of the build works in a directory, or writes something in it.
fn filled(plan: &Plan<'_>, path: &str) -> bool {
    let steps = plan.firing.model.steps[..=plan.survey.last].iter();
    let mut commands = steps.flat_map(|step| match &step.effect {
        Effect::Run(run) => run.commands.as_slice(),
        _ => &[],
    });
    commands.any(|command| {
        let inside = |place: &Place| match place {
            Place::Path(written) => written != path && within(written, path),
            Place::Below(written) => within(written, path),
            _ => false,
        };
        let makes = command.known.as_ref().is_some_and(|known| known.line.makes);
        let works = command
            .workdir
            .as_deref()
            .is_some_and(|workdir| within(workdir, path));
        works && !ends_in(plan, path)
            || !makes && !acts_on(command) && command.writes.iter().any(inside)
            || matches!(
                command.role,
                Some(Role::Build | Role::Fetch | Role::Dependencies)
            ) && command.writes.contains(&Place::Path(path.to_string()))
    })
}

/// Whether a command only changes what is there.
fn acts_on(command: &CommandModel<'_>) -> bool {
    let line = command.known.as_ref().map(|known| known.line);
    line.is_some_and(|line| !line.touches.is_empty() && !line.makes)
}

/// Whether a COPY of the build part brings files below a path, beside those that only keep a directory in a repository.
fn brought(plan: &Plan<'_>, path: &str) -> bool {
    let context = plan.firing.context;
    plan.firing.model.steps[..=plan.survey.last]
        .iter()
        .any(|step| match &step.effect {
            Effect::Copy(copy) => match copy.brings(path, context) {
                Ok(Some(source)) => match context.files_below(&source) {
                    Tri::Present(files) => files.iter().any(|file| !name(file).starts_with('.')),
                    _ => true,
                },
                _ => {
                    let dest = copy.dest.as_deref();
                    dest.is_some_and(|dest| within(dest, path)) && !copy.whole_context()
                }
            },
            _ => false,
        })
}

/// Whether a command makes a directory or writes a file, and does not change what is there.
fn makes(command: &CommandModel<'_>) -> bool {
    let touches = |known: &Known<'_>| !known.line.touches.is_empty();
    command.directory || !command.known.as_ref().is_some_and(touches)
}

/// Whether a later command of the build moves or removes a path: `chmod +x tool && mv tool /usr/local/bin`.
fn taken_away(plan: &Plan<'_>, at: usize, command: &CommandModel<'_>, path: &str) -> bool {
    let steps = plan.firing.model.steps.iter().enumerate();
    let later = steps
        .skip(at)
        .take_while(|(index, _)| *index <= plan.survey.last);
    later.into_iter().any(|(index, step)| match &step.effect {
        Effect::Run(run) => {
            let first = if index == at { command.index + 1 } else { 0 };
            let commands = run.commands.iter().filter(|other| other.index >= first);
            commands
                .flat_map(|other| super::written::cleaned(other, step))
                .any(|(gone, rest)| rest.is_none() && within(path, &gone))
        }
        _ => false,
    })
}

/// Whether a later COPY of the build part brings a path: an empty program that dependencies were built with.
fn overwritten(plan: &Plan<'_>, at: usize, path: &str) -> bool {
    let steps = &plan.firing.model.steps[at + 1..=plan.survey.last];
    steps.iter().any(|step| match &step.effect {
        Effect::Copy(copy) => matches!(copy.brings(path, plan.firing.context), Ok(Some(_))),
        _ => false,
    })
}

/// Whether a path comes from the build context by a COPY that the runtime does not repeat. Without the context, what a
/// command changes is taken to come by a COPY before it (`unknown`), unless a command makes it.
fn stays_behind(
    plan: &Plan<'_>,
    carried: &Carried,
    before: usize,
    path: &str,
    unknown: bool,
) -> bool {
    let model = plan.firing.model;
    let made = || {
        let steps = model.steps[..=before].iter();
        let mut commands = steps.flat_map(|step| match &step.effect {
            Effect::Run(run) => run.commands.as_slice(),
            _ => &[],
        });
        let this = |place: &Place| matches!(place, Place::Path(made) if made == path);
        commands.any(|command| makes(command) && command.writes.iter().any(this))
    };
    model
        .steps
        .iter()
        .enumerate()
        .take(plan.survey.last)
        .any(|(at, step)| match &step.effect {
            Effect::Copy(copy) if !carried.repeated.contains(&at) => {
                match copy.brings(path, plan.firing.context) {
                    Ok(found) => found.is_some(),
                    Err(_) => {
                        let below = copy
                            .dest
                            .as_deref()
                            .is_some_and(|dest| path != dest && dest != "/" && within(path, dest));
                        unknown && at < before && below && !made()
                    }
                }
            }
            _ => false,
        })
}

/// Whether a command tells the loader which libraries there are: `ldconfig`.
fn is_loader_cache(command: &CommandModel<'_>) -> bool {
    matches!(command.writes.as_slice(), [Place::Path(path)] if path == "/etc/ld.so.cache")
}

/// Whether the build tells the loader of libraries.
pub fn tells_loader(plan: &Plan<'_>) -> bool {
    let steps = &plan.firing.model.steps[..=plan.survey.last];
    steps.iter().any(|step| match &step.effect {
        Effect::Run(run) => run.commands.iter().any(is_loader_cache),
        _ => false,
    })
}
