//! The whole application directory for the runtime, where nobody can say which of its files the program needs.

use super::Plan;
use super::built::directories_on_path;
use super::carry::{Carried, Copied};
use super::written::Written;
use crate::engine::Evidence;
use crate::engine::verbs::Stop;
use crate::model::path::within;
use crate::model::{Effect, Place};
use crate::rule::Role;

/// The whole application directory, or just the directories that the build steps write.
pub fn whole(plan: &Plan<'_>, written: &[Written<'_>], carried: &mut Carried) -> Result<(), Stop> {
    let model = plan.firing.model;
    carried.artifacts = false;
    let downloads = || {
        let mut commands = written.iter().map(|written| written.command.role);
        commands.any(|role| role == Some(Role::Fetch))
    };
    carried.libraries = written.iter().any(Written::has_libraries)
        || super::setup::tells_loader(plan) && downloads();
    carried.paths.clear();
    carried.repeated.clear();
    carried.path = directories_on_path(plan, written);
    let mut directories: Vec<(String, usize)> = Vec::new();
    for place in written {
        if let Place::Below(directory) = &place.place {
            if directory == "/" {
                return Err(plan.stop(
                    model.steps[place.step].index,
                    "workdir",
                    format!("line {} builds in `/`, so that the program's files cannot be told from the system's", plan.line(model.steps[place.step].index)),
                    "put the application into a folder of its own: `WORKDIR /app` before it is copied, and `.` instead of `/` in each COPY",
                ));
            }
            match directories.iter_mut().find(|(known, _)| known == directory) {
                Some(known) => known.1 = place.step,
                None => directories.push((directory.clone(), place.step)),
            }
        }
    }
    // A directory inside another one is copied with it.
    let outer: Vec<(String, usize)> = directories
        .iter()
        .filter(|(path, _)| {
            !directories
                .iter()
                .any(|(other, _)| other != path && within(path, other))
        })
        .cloned()
        .collect();
    for (directory, _) in &outer {
        // Everything that lands below it by then is in it: the copy goes where the last build step stands.
        carried.paths.push(Copied {
            path: directory.clone(),
            content: true,
            after: plan.survey.last,
            chown: None,
        });
        carried.whole.push(directory.clone());
    }
    for place in written {
        let Place::Path(path) = &place.place else {
            continue;
        };
        if carried.paths.iter().any(|known| within(path, &known.path)) {
            continue;
        }
        carried
            .paths
            .retain(|known| !within(&known.path, path) || known.content);
        carried.paths.push(Copied {
            path: path.clone(),
            content: false,
            after: place.step,
            chown: None,
        });
    }
    for (at, step) in model.steps.iter().enumerate().take(plan.survey.last + 1) {
        if let Effect::Copy(copy) = &step.effect
            && !carried
                .whole
                .iter()
                .any(|directory| copy.lands_within(directory))
            && !covered_later(plan, at)
        {
            carried.repeated.push(at);
        }
    }
    if let Some(directory) = carried.whole.first() {
        let line = outer
            .first()
            .map_or(0, |(_, step)| plan.line(model.steps[*step].index));
        carried.evidence.push(Evidence {
            text: format!(
                "line {line} may write anywhere below `{directory}`: the whole directory is copied"
            ),
            source: None,
        });
    }
    Ok(())
}

/// Every COPY of the build part that no later one covers.
pub fn context_copies(plan: &Plan<'_>) -> Vec<usize> {
    let steps = &plan.firing.model.steps;
    (0..=plan.survey.last)
        .filter(|at| matches!(steps[*at].effect, Effect::Copy(_)) && !covered_later(plan, *at))
        .collect()
}

/// Whether a later `COPY . dest` brings again what this COPY brings: manifests that are copied first.
fn covered_later(plan: &Plan<'_>, at: usize) -> bool {
    let model = plan.firing.model;
    let Effect::Copy(copy) = &model.steps[at].effect else {
        return false;
    };
    if copy.from.is_some() || copy.remote || copy.chown.is_some() {
        return false;
    }
    model.steps[at + 1..].iter().any(|step| match &step.effect {
        Effect::Copy(later) if later.whole_context() && later.dest.is_some() => {
            let Some(dest) = &later.dest else {
                return false;
            };
            // Only files at the top of the context that keep their name and place.
            let plain = copy.sources.iter().all(|source| {
                !source.trim_start_matches("./").contains('/') && !source.ends_with('/')
            });
            plain
                && copy.dest.as_ref() == Some(dest)
                && (copy.into
                    || copy.sources.len() > 1
                    || copy.sources.iter().all(|source| source.contains('*')))
        }
        _ => false,
    })
}
