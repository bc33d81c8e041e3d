//! Which commands that remove something are repeated in the runtime.

use super::Plan;
use super::carry::Carried;
use crate::model::path::within;
use crate::model::{CommandModel, Effect, Place, RunModel, StageModel};

/// Whether a command takes away what a later one of these makes anew: `rm /bin/sh && ln -s /bin/bash /bin/sh`.
pub fn makes_room(
    run: &RunModel<'_>,
    command: &CommandModel<'_>,
    kept: &[&CommandModel<'_>],
) -> bool {
    let arguments = |command| run.command(command).words.iter().skip(1);
    let mut later = kept.iter().filter(|later| later.index > command.index);
    later.any(|later| {
        arguments(command)
            .filter(|gone| !gone.raw.starts_with('-'))
            .any(|gone| arguments(later).any(|made| made.raw == gone.raw))
    })
}

/// Whether a command removes what the base image has where files of the build are copied to: `rm -rf webapps/*` before
/// an application goes there. Without -f it would fail where the runtime's image has nothing there.
pub fn clears_base(
    plan: &Plan<'_>,
    carried: &Carried,
    at: usize,
    run: &RunModel<'_>,
    command: &CommandModel<'_>,
) -> bool {
    let model = plan.firing.model;
    if !is_forced(run, command) || run.command(command).context.conditional {
        return false;
    }
    super::written::cleaned(command, &model.steps[at])
        .iter()
        .filter(|(_, rest)| rest.as_deref().is_none_or(str::is_empty))
        .any(|(gone, _)| {
            let gone = gone.trim_end_matches('/');
            !gone.is_empty()
                && !is_scratch(gone)
                && (carried.paths.iter()).any(|copied| within(&copied.path, gone))
                && !is_written(model, at, command, gone)
        })
}

/// Whether a command removes what the runtime would have again: what packages of the system have brought, where the
/// runtime `installs` some (`rm /etc/nginx/sites-enabled/default`), and what a COPY has that the runtime repeats
/// (`rm .npmrc`). What the build has made itself, and what is copied from it, is gone already.
pub fn clears_runtime(
    plan: &Plan<'_>,
    carried: &Carried,
    at: usize,
    run: &RunModel<'_>,
    command: &CommandModel<'_>,
    installs: bool,
) -> bool {
    let model = plan.firing.model;
    let first = run.command(command).words.first();
    if first.is_none_or(|word| word.raw != "rm") || run.command(command).context.conditional {
        return false;
    }
    let gone = super::written::cleaned(command, &model.steps[at]);
    gone.iter().any(|(gone, rest)| {
        let gone = gone.trim_end_matches('/');
        let part = rest.as_ref().is_some_and(|rest| !rest.is_empty());
        let copied = (carried.paths.iter())
            .any(|copied| within(gone, &copied.path) || (!part && within(&copied.path, gone)));
        if gone.is_empty() || copied || is_scratch(gone) {
            return false;
        }
        let comes_again = carried
            .repeated
            .iter()
            .filter(|repeated| **repeated <= at)
            .any(|repeated| match &model.steps[*repeated].effect {
                Effect::Copy(copy) => {
                    let mut dest = copy.dest.iter();
                    dest.any(|dest| within(gone, dest) || within(dest, gone))
                }
                _ => false,
            });
        comes_again || installs && !is_written(model, at, command, gone)
    })
}

/// Whether `rm` takes no offence at what is not there.
pub fn is_forced(run: &RunModel<'_>, command: &CommandModel<'_>) -> bool {
    let words = run.command(command).words.iter().skip(1);
    let mut options = words.filter(|word| word.raw.starts_with('-'));
    let force = |raw: &str| raw == "--force" || (!raw.starts_with("--") && raw.contains('f'));
    options.any(|word| force(&word.raw))
}

/// Whether nothing that lies there is meant to last.
fn is_scratch(path: &str) -> bool {
    let scratch = [
        "/tmp",
        "/root",
        "/var/tmp",
        "/var/cache",
        "/var/lib/apt",
        "/etc/apt",
        "/usr/share/doc",
        "/usr/share/man",
    ];
    scratch.iter().any(|scratch| within(path, scratch))
}

/// Whether an instruction before a command of the step at `at` writes to a path, or above or below it.
pub fn is_written(
    model: &StageModel<'_>,
    at: usize,
    command: &CommandModel<'_>,
    path: &str,
) -> bool {
    let touches = |other: &str| within(path, other) || within(other, path);
    let mut steps = model.steps[..=at].iter().enumerate();
    steps.any(|(number, step)| match &step.effect {
        Effect::Copy(copy) => copy.dest.iter().any(|dest| touches(dest)),
        Effect::Run(run) => {
            let commands = run.commands.iter();
            let earlier = commands.filter(|known| number < at || known.index < command.index);
            let mut writes = earlier.flat_map(|command| &command.writes);
            writes.any(|place| match place {
                Place::Path(path) | Place::Below(path) => touches(path),
                _ => false,
            })
        }
        _ => false,
    })
}

/// Whether a cleaning command is about packages and caches, rather than about files of a build.
pub fn cleans_up(run: &RunModel<'_>, command: &CommandModel<'_>) -> bool {
    let words: Vec<&str> = run
        .command(command)
        .words
        .iter()
        .map(|word| word.raw.as_str())
        .collect();
    match words.first() {
        Some(&"rm") => {
            // What is not there without the build, `rm` without -f fails at.
            let force =
                |word: &&&str| **word == "--force" || word.starts_with('-') && word.contains('f');
            let forced = words[1..].iter().any(|word| force(&word));
            let paths = words[1..].iter().filter(|word| !word.starts_with('-'));
            let places: &[&str] = match forced {
                true => &["/var/", "/tmp", "/root/."],
                false => &["/var/lib/apt", "/var/cache"],
            };
            paths
                .clone()
                .any(|path| places.iter().any(|place| path.starts_with(place)))
        }
        _ => true,
    }
}
