//! Scripts of the project that a RUN runs (`RUN ./build.sh`): what they do, where they only build.

use super::{CommandModel, Place, RunModel, own_program};
use crate::facts::{Context, Tri};
use crate::model::path::{name, parent, resolve, within};
use crate::model::stage::{Effect, Step};
use crate::model::state::State;
use crate::rule::{Role, RuleSet};
use crate::shell::Command;

/// Longer scripts are not read, in bytes.
const MAX_SCRIPT: usize = 64 << 10;

/// The RUN with the scripts of the build context read that it runs and that only build; nothing where there is none.
///
/// A script is one command, as it stands in the RUN: what is in it is told by its role and by what it writes alone.
pub fn with_scripts<'a>(
    run: &RunModel<'a>,
    steps: &[Step<'_>],
    context: &dyn Context,
    state: &State,
    rules: &'a RuleSet,
) -> Option<RunModel<'a>> {
    let mut read: Option<RunModel<'a>> = None;
    for (at, command) in run.commands.iter().enumerate() {
        if command.role.is_some() || command.inner.is_some() {
            continue;
        }
        let shell = run.command(command);
        let own = || {
            let workdir = command.workdir.as_deref()?;
            own_program::stays_inside(shell, workdir, steps, context, rules)?;
            Some(vec![Place::Below(workdir.to_string())])
        };
        let built = built(shell, command, steps, context, state, rules);
        let Some(writes) = built.or_else(own) else {
            continue;
        };
        let span = shell.span;
        let run = read.get_or_insert_with(|| run.clone());
        run.unknown.retain(|unknown| unknown.span != span);
        run.commands[at].role = Some(Role::Build);
        run.commands[at].writes = writes;
    }
    read
}

/// What a script of the build context writes, where all it does is to build.
fn built(
    shell: &Command,
    command: &CommandModel<'_>,
    steps: &[Step<'_>],
    context: &dyn Context,
    state: &State,
    rules: &RuleSet,
) -> Option<Vec<Place>> {
    let workdir = command.workdir.as_deref()?;
    let word = |at: usize| shell.words.get(at).and_then(|word| word.value.as_deref());
    let program = word(0)?;
    let file = match crate::shell::is_shell(name(program)) {
        true => (1..shell.words.len())
            .filter_map(word)
            .find(|word| !word.starts_with('-'))?,
        false if program.contains('/') => program,
        false => return None,
    };
    let path = resolve(workdir, file);
    let source = steps.iter().rev().find_map(|step| match &step.effect {
        Effect::Copy(copy) => copy.brings(&path, context).ok().flatten(),
        _ => None,
    })?;
    let Tri::Present(text) = context.read(&source) else {
        return None;
    };
    let first = text.lines().next().unwrap_or("");
    let interpreter = first
        .strip_prefix("#!")
        .and_then(|line| line.split_whitespace().last());
    if text.len() > MAX_SCRIPT
        || interpreter.is_some_and(|shell| !crate::shell::is_shell(name(shell)))
    {
        return None;
    }
    let text = with_own_directory(&text, parent(&path));
    let mut state = state.clone();
    state.workdir = Some(workdir.to_string());
    let script = RunModel::of_text(&text, &state, rules);
    if !script.unknown.is_empty() || !script.settings.is_empty() {
        return None;
    }
    let mut writes: Vec<Place> = Vec::new();
    let mut builds = false;
    for command in &script.commands {
        let inside = |place: &Place| matches!(place, Place::Path(path) | Place::Below(path) if within(path, workdir));
        let apart = match command.role? {
            Role::None | Role::Check | Role::Clean => continue,
            Role::Build => {
                builds = true;
                !command.writes.contains(&Place::Anywhere)
            }
            // Libraries that are compiled into the program, folders for what is built.
            Role::Dependencies => command.writes.is_empty(),
            Role::Setup => command.writes.iter().all(inside),
            _ => false,
        };
        if !apart {
            return None;
        }
        // Folders, and modes of what is there, are no output.
        let program = script.command(command).words.first();
        let program = program.and_then(|word| word.value.as_deref()).unwrap_or("");
        let makes = !matches!(program, "mkdir" | "chmod" | "chown" | "chgrp");
        let new = command.writes.iter().filter(|_| makes);
        for place in new {
            if !writes.contains(place) {
                writes.push(place.clone());
            }
        }
    }
    builds.then_some(writes)
}

/// The script with the expressions for its own directory written out: `cd "$(dirname "$0")"`.
fn with_own_directory(text: &str, directory: &str) -> String {
    let forms = [
        "$(cd \"$(dirname \"${BASH_SOURCE[0]}\")\" && pwd)",
        "$(cd \"$(dirname \"$0\")\" && pwd)",
        "$(cd $(dirname $0) && pwd)",
        "$(dirname \"${BASH_SOURCE[0]}\")",
        "$(dirname \"$BASH_SOURCE\")",
        "$(dirname -- \"$0\")",
        "$(dirname \"$0\")",
        "$(dirname $0)",
        "${0%/*}",
    ];
    let mut text = text.to_string();
    for form in forms {
        if text.contains(form) {
            text = text.replace(form, directory);
        }
    }
    text
}
