//! Who owns a path in the build stage.

use super::Plan;
use super::written::Written;
use crate::model::path::within;
use crate::model::{CommandModel, Effect, Place, RunModel};

/// The owner that a path has in the build stage, where it is not root and can be read from the Dockerfile: from a
/// `chown`, from the user who wrote it, or from the COPY that brought it.
pub fn owner(plan: &Plan<'_>, written: &[Written<'_>], path: &str) -> Option<String> {
    let model = plan.firing.model;
    let mut owner = None;
    for (at, step) in model.steps.iter().enumerate().take(plan.survey.last + 1) {
        match &step.effect {
            Effect::Copy(copy) if copy.brings(path, plan.firing.context) != Ok(None) => {
                owner.clone_from(&copy.chown);
            }
            Effect::Run(run) => {
                for command in &run.commands {
                    let wrote = |written: &Written<'_>| {
                        written.step == at
                            && std::ptr::eq(written.command, command)
                            && matches!(&written.place, Place::Path(known) | Place::Below(known) if within(path, known))
                    };
                    if written.iter().any(wrote) {
                        owner = step.state.other_user().and(step.state.user.clone());
                    }
                    owner = chowned(run, command, path).or(owner);
                }
            }
            _ => {}
        }
    }
    owner
}

/// The owner that `chown [-R] OWNER PATH…` gives to `path`.
fn chowned(run: &RunModel<'_>, command: &CommandModel<'_>, path: &str) -> Option<String> {
    let words = &run.command(command).words;
    if words.first()?.value.as_deref() != Some("chown") {
        return None;
    }
    let recursive = words.iter().any(|word| {
        let text = word.value.as_deref().unwrap_or("");
        text == "--recursive"
            || (text.starts_with('-') && !text.starts_with("--") && text.contains('R'))
    });
    let covers = command.writes.iter().any(|place| match place {
        Place::Path(known) | Place::Below(known) => {
            known == path || (recursive && within(path, known))
        }
        _ => false,
    });
    let owner = words[1..]
        .iter()
        .find(|word| !word.raw.starts_with('-'))?
        .value
        .clone()?;
    (covers && !owner.is_empty()).then_some(owner)
}
