//! Which set-up commands are repeated in the runtime.

use super::Plan;
use super::carry::Carried;
use crate::engine::verbs::Stop;
use crate::model::path::within;
use crate::model::{CommandModel, Effect, Place};
use crate::rule::Known;
use std::collections::BTreeSet;

/// Whether a set-up command must be repeated in the runtime: not if what it acts on is copied with its owner and
/// mode from the build stage, or stays behind.
pub fn setup_is_needed(
    plan: &Plan<'_>,
    carried: &Carried,
    at: usize,
    command: &CommandModel<'_>,
) -> Result<bool, Stop> {
    let mut votes: BTreeSet<bool> = BTreeSet::new();
    let cache = Place::Path("/etc/ld.so.cache".into());
    if carried.libraries && command.writes == [cache] {
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
        if carried.whole.contains(path) {
            votes.insert(true);
        } else if carried
            .paths
            .iter()
            .any(|copied| within(path, &copied.path))
            || carried
                .made
                .iter()
                .any(|made| made != "/" && within(path, made))
            || stays_behind(plan, carried, path)
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

/// Whether a path comes from the build context by a COPY that the runtime does not repeat.
fn stays_behind(plan: &Plan<'_>, carried: &Carried, path: &str) -> bool {
    let model = plan.firing.model;
    model
        .steps
        .iter()
        .enumerate()
        .take(plan.survey.last)
        .any(|(at, step)| match &step.effect {
            Effect::Copy(copy) => {
                !carried.repeated.contains(&at)
                    && matches!(copy.brings(path, plan.firing.context), Ok(Some(_)))
            }
            _ => false,
        })
}
