//! Programs and libraries in C that are compiled from downloaded sources: no file of the build context says which
//! libraries of the system they are linked with.

use super::Plan;
use super::carry::Carried;
use super::written::Written;
use crate::model::path::within;
use crate::model::{Effect, Place};
use crate::rule::Role;
use crate::rule::commands::base_name;

/// The last step that compiles downloaded sources into something that goes along, with the command.
pub fn compiled(
    plan: &Plan<'_>,
    written: &[Written<'_>],
    carried: &Carried,
) -> Option<(usize, String)> {
    let linkers = plan.firing.rules.table("linkers")?;
    written.iter().rev().find_map(|written| {
        let step = plan.firing.model.steps.get(written.step)?;
        let Effect::Run(run) = &step.effect else {
            return None;
        };
        let command = run.command(written.command);
        let program = command.words.first()?.value.as_deref().map(base_name)?;
        let (Place::Path(place) | Place::Below(place)) = &written.place else {
            return None;
        };
        let goes = carried
            .paths
            .iter()
            .any(|copied| within(&copied.path, place) || within(place, &copied.path));
        let compiles =
            linkers.get(&[program]).is_some() && written.command.role == Some(Role::Build);
        let directory = written.command.workdir.as_deref()?;
        let foreign = compiles && goes && downloaded(plan, written.step, directory);
        let words: Vec<&str> = command
            .words
            .iter()
            .take(4)
            .map(|word| &*word.raw)
            .collect();
        foreign.then(|| (step.index, words.join(" ")))
    })
}

/// Whether what lies in a directory comes from elsewhere: no COPY of the build context brings anything there, and
/// something is downloaded.
fn downloaded(plan: &Plan<'_>, last: usize, directory: &str) -> bool {
    let steps = plan.firing.model.steps.iter().take(last + 1);
    let mut fetches = false;
    for step in steps {
        match &step.effect {
            Effect::Copy(copy) if copy.remote => fetches = true,
            Effect::Copy(copy) if copy.from.is_none() => {
                let brought = |dest: &str| within(directory, dest) || within(dest, directory);
                // What lands in `/` is the application's own only where it is there.
                if copy.dest.as_deref().is_none_or(brought) {
                    return false;
                }
            }
            Effect::Run(run) => {
                fetches |= run.commands.iter().any(|one| one.role == Some(Role::Fetch));
            }
            _ => {}
        }
    }
    fetches
}
