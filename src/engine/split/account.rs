//! Users that the stage creates, and where they live.

use super::Plan;
use crate::model::path::{resolve, within};
use crate::model::{CommandModel, Effect, RunModel, Step};
use crate::rule::document::Account;

/// The home directory of a user who runs a step, where the stage shows that it exists.
pub fn home(plan: &Plan<'_>, step: &Step<'_>, user: &str) -> Option<String> {
    let made = earlier(plan, step).find_map(|(run, command)| {
        let known = command.known.as_ref()?;
        let name = known.line.name.as_ref()?;
        let creates = known.line.creates == Some(Account::User)
            && known.fill(name).is_some_and(|names| names == [user]);
        if !creates {
            return None;
        }
        let home = known.line.home.as_ref()?;
        let words = run.command(command);
        let first = words.program().unwrap_or(0);
        let options = plan.firing.rules.commands.options(words, first);
        let named = |names: &[String]| {
            let mut given = options.iter();
            given.find(|option| names.iter().any(|name| *name == option.name))
        };
        let has = |names: &[String]| named(names).is_some();
        let exists = (home.with.is_empty() || has(&home.with)) && !has(&home.without);
        let path = match named(&home.path) {
            Some(option) => option.value.as_ref()?.value?.to_string(),
            None if has(&home.below) => return None,
            None => format!("/home/{user}"),
        };
        exists.then(|| resolve("/", &path))
    });
    let set = || step.state.value("HOME");
    made.map(|path| set().unwrap_or(path))
}

/// Whether a step before changes who may write to a path.
pub fn given_away(plan: &Plan<'_>, step: &Step<'_>, path: &str) -> bool {
    earlier(plan, step).any(|(run, command)| {
        let words = &run.command(command).words;
        let mut values = words.iter().filter_map(|word| word.value.as_deref());
        values
            .clone()
            .any(|word| matches!(word, "chown" | "chmod" | "chgrp" | "setfacl"))
            && values.any(|word| word.starts_with('/') && within(path, &resolve("/", word)))
    })
}

/// The commands of the steps before a step.
fn earlier<'p>(
    plan: &'p Plan<'_>,
    step: &Step<'_>,
) -> impl Iterator<Item = (&'p RunModel<'p>, &'p CommandModel<'p>)> {
    let index = step.index;
    let steps = plan.firing.model.steps.iter();
    steps
        .take_while(move |other| other.index < index)
        .filter_map(|other| match &other.effect {
            Effect::Run(run) => Some(run.as_ref()),
            _ => None,
        })
        .flat_map(|run| run.commands.iter().map(move |command| (run, command)))
}
