//! Files of the build context that set-up commands of the build read, where the runtime repeats these commands:
//! `RUN crontab jobs.txt`.

use super::Plan;
use super::carry::{Carried, Copied};
use super::setup::setup_is_needed;
use crate::engine::Evidence;
use crate::engine::verbs::Stop;
use crate::facts::{Entry, Tri};
use crate::model::path::{resolve, within};
use crate::model::{Effect, Place};
use crate::rule::Role;

/// Copies what repeated set-up commands read to where they find it, before they run.
pub fn supply(plan: &Plan<'_>, carried: &mut Carried) -> Result<(), Stop> {
    let model = plan.firing.model;
    for (at, step) in model.steps.iter().enumerate().take(plan.survey.last + 1) {
        let Effect::Run(run) = &step.effect else {
            continue;
        };
        for command in &run.commands {
            let Some(workdir) = &command.workdir else {
                continue;
            };
            if command.role != Some(Role::Setup) || step.pragma.is_some() {
                continue;
            }
            let words = run.command(command).words.iter().skip(1);
            for word in words.filter_map(|word| word.value.as_deref()) {
                let path = resolve(workdir, word);
                // What it changes is there by another way, or not at all.
                let changes = command.writes.contains(&Place::Path(path.clone()));
                if word.starts_with('-') || changes {
                    continue;
                }
                let Ok(Some((from, source))) = model.origin(&path, plan.firing.context) else {
                    continue;
                };
                let file = matches!(
                    plan.firing.context.entry(&source),
                    Tri::Present(Entry::File(_))
                );
                let there = carried.repeated.contains(&from)
                    || carried
                        .paths
                        .iter()
                        .any(|known| known.after < at && within(&path, &known.path));
                if !file
                    || from > at
                    || there
                    || !setup_is_needed(plan, carried, at, command, true)?
                {
                    continue;
                }
                carried.evidence.push(Evidence {
                    text: format!("line {} reads `{word}`", plan.line(step.index)),
                    source: None,
                });
                carried.paths.push(Copied {
                    path,
                    content: false,
                    after: from,
                    chown: None,
                });
            }
        }
    }
    Ok(())
}
