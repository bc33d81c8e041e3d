//! Variables that a script sets before it starts the program: `server=/app/bin/server; exec $server start`.

use super::State;
use super::words::literal;
use crate::shell::{Command, Script, Word, is_assignment};
use crate::syntax::expand;
use std::collections::{BTreeMap, BTreeSet};

/// What a script sets its variables to, as far as it has come.
pub struct Variables<'a> {
    state: &'a State,
    /// Names that are set once alone, and under no condition.
    certain: BTreeSet<String>,
    values: BTreeMap<String, String>,
}

impl<'a> Variables<'a> {
    /// The variables of a script that runs where the state holds.
    pub fn of(script: &Script, state: &'a State) -> Self {
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        for command in &script.commands {
            for (name, _) in set(command) {
                *times.entry(name).or_default() += 1;
            }
            let sure = !command.context.conditional
                && !command.context.looped
                && !command.context.subshell
                && !command.context.substitution
                && !command.context.function;
            // What is set by another command than an assignment (`read`, `getopts`) or in a branch has no one value.
            let unsure = match command.words.first().and_then(|word| word.value.as_deref()) {
                Some("read" | "getopts" | "mapfile" | "unset" | "printf") => command.words[1..]
                    .iter()
                    .map(|word| word.raw.clone())
                    .collect::<Vec<_>>(),
                _ if sure => Vec::new(),
                _ => set(command).into_iter().map(|(name, _)| name).collect(),
            };
            for name in unsure {
                *times.entry(name).or_default() += 2;
            }
        }
        let once = times.into_iter().filter(|(_, times)| *times == 1);
        Self {
            state,
            certain: once.map(|(name, _)| name).collect(),
            values: BTreeMap::new(),
        }
    }

    /// Remembers what a command sets.
    pub fn note(&mut self, command: &Command) {
        for (name, raw) in set(command) {
            if !self.certain.contains(&name) {
                continue;
            }
            let value = plain(&raw).then(|| self.value(&raw)).flatten();
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                self.values.insert(name, value);
            }
        }
    }

    /// The command with the values of the script's own variables in its words.
    pub fn applied(&self, command: &Command) -> Option<Command> {
        let ours = |word: &Word| {
            word.value.is_none()
                && !word.variables.is_empty()
                && (word.variables.iter()).all(|name| self.values.contains_key(name))
        };
        if !command.words.iter().any(ours) {
            return None;
        }
        let mut words = Vec::new();
        for word in &command.words {
            match ours(word).then(|| self.value(&word.raw)).flatten() {
                // Without quotes the value is split into words.
                Some(value) if !word.quoted => words.extend(
                    value
                        .split_whitespace()
                        .map(|part| literal(part, word.span)),
                ),
                Some(value) => words.push(literal(&value, word.span)),
                None => words.push(word.clone()),
            }
        }
        Some(Command {
            words,
            ..command.clone()
        })
    }

    fn value(&self, raw: &str) -> Option<String> {
        let look_up = |name: &str| {
            let own = self.values.get(name).cloned();
            own.or_else(|| self.state.value(name))
        };
        expand(raw, '\\', &look_up)
            .ok()
            .filter(|value| !value.contains('$'))
    }
}

/// Whether a value has nothing but text and named variables in it: no argument (`$1`) and no output of a command.
fn plain(raw: &str) -> bool {
    let named = |rest: &str| {
        let name = rest.strip_prefix('{').unwrap_or(rest);
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    };
    !raw.contains('`') && raw.split('$').skip(1).all(named)
}

/// What a command that is nothing but assignments sets: names, and values as they are written.
fn set(command: &Command) -> Vec<(String, String)> {
    let program = command.words.first().map(|word| word.value.as_deref());
    match program {
        None => command
            .assignments
            .iter()
            .map(|set| (set.name.clone(), set.value.raw.clone()))
            .collect(),
        Some(Some("export" | "readonly" | "declare" | "local" | "typeset")) => command.words[1..]
            .iter()
            .filter(|word| is_assignment(&word.raw))
            .filter_map(|word| word.raw.split_once('='))
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect(),
        Some(_) => Vec::new(),
    }
}
