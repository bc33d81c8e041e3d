//! Which commands that remove something are repeated in the runtime.

use super::Plan;
use super::carry::Carried;
use crate::model::path::within;
use crate::model::{CommandModel, Effect, Place, RunModel};

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
    let words = run.command(command).words.iter().skip(1);
    let mut options = words.filter(|word| word.raw.starts_with('-'));
    let force = |raw: &str| raw == "--force" || (!raw.starts_with("--") && raw.contains('f'));
    if !options.any(|word| force(&word.raw)) || run.command(command).context.conditional {
        return false;
    }
    let touches = |path: &str, other: &str| within(path, other) || within(other, path);
    let before = |path: &str| {
        let steps = model.steps[..=at].iter();
        steps
            .flat_map(|step| match &step.effect {
                Effect::Copy(copy) => copy.dest.iter().cloned().collect(),
                Effect::Run(run) => {
                    let writes = run.commands.iter().flat_map(|command| &command.writes);
                    let paths = writes.filter_map(|place| match place {
                        Place::Path(path) | Place::Below(path) => Some(path.clone()),
                        _ => None,
                    });
                    paths.collect::<Vec<_>>()
                }
                _ => Vec::new(),
            })
            .any(|written| touches(&written, path))
    };
    let scratch = ["/tmp", "/root", "/var/tmp", "/var/cache", "/var/lib/apt"];
    super::written::cleaned(command, &model.steps[at])
        .iter()
        .filter(|(_, rest)| rest.as_deref().is_none_or(str::is_empty))
        .any(|(gone, _)| {
            let gone = gone.trim_end_matches('/');
            !gone.is_empty()
                && !scratch.iter().any(|scratch| within(gone, scratch))
                && (carried.paths.iter()).any(|copied| within(&copied.path, gone))
                && !before(gone)
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
