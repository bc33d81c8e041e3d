//! What a RUN does, command by command.

mod known;
mod own_program;
mod places;
mod project_script;

pub use known::known;
pub use places::{for_package_manager, place};
pub use project_script::with_scripts;

use super::path::resolve;
use super::state::State;
use crate::rule::{Known, Role, RuleSet};
use crate::shell::{Command, Opaque, Script};
use crate::syntax::{Instruction, Span};
use known::{DEPTH, nested, piped_installer, saved_installer};
use places::places;
use std::borrow::Cow;

/// A RUN, read.
#[derive(Clone, Debug)]
pub struct RunModel<'a> {
    /// The script.
    pub script: Script,
    /// Scripts inside of commands: `bash -c "…"`, `su user -c "…"`.
    pub inner: Vec<Script>,
    /// Its commands with what is known of them, in order.
    pub commands: Vec<CommandModel<'a>>,
    /// What is not understood, first place first.
    pub unknown: Vec<UnknownCommand>,
    /// Settings that its commands store (`NAME=value`).
    pub settings: Vec<(String, String)>,
}

/// A place that is not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownCommand {
    /// Where.
    pub span: Span,
    /// What stands there, shortened.
    pub text: String,
    /// Why.
    pub reason: String,
}

/// A command of a RUN.
#[derive(Clone, Debug)]
pub struct CommandModel<'a> {
    /// Index in the script; for a command of an inner script, the index of the command that holds that script.
    pub index: usize,
    /// Which inner script it stands in, and its index there.
    pub inner: Option<(usize, usize)>,
    /// What the data says; `None` where nothing is known (opaque).
    pub known: Option<Known<'a>>,
    /// What it is for.
    pub role: Option<Role>,
    /// The directory that it runs in.
    pub workdir: Option<String>,
    /// What it creates or changes.
    pub writes: Vec<Place>,
    /// Whether it only makes directories.
    pub directory: bool,
}

/// A place in the image that a command writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file or directory.
    Path(String),
    /// Unknown files below a directory.
    Below(String),
    /// A place named in the data (`@site-packages`).
    Named(String),
    /// Anywhere, or a path with a variable.
    Anywhere,
}

impl<'a> RunModel<'a> {
    /// Reads a RUN in the given state.
    pub fn of(instruction: &Instruction, source: &str, state: &State, rules: &'a RuleSet) -> Self {
        let script = crate::shell::parse_run(instruction, source);
        Self::of_script(script, source, state, rules)
    }

    /// Reads a script that stands in no Dockerfile, such as one of a manifest, in the given state.
    pub fn of_text(text: &str, state: &State, rules: &'a RuleSet) -> Self {
        Self::of_script(crate::shell::parse_text(text, 0), text, state, rules)
    }

    fn of_script(mut script: Script, source: &str, state: &State, rules: &'a RuleSet) -> Self {
        let mut model = Self {
            commands: Vec::new(),
            inner: Vec::new(),
            unknown: Vec::new(),
            settings: Vec::new(),
            script: Script::default(),
        };
        if let Some(opaque) = &script.opaque {
            model.unknown.push(UnknownCommand {
                span: opaque.span,
                text: shorten(opaque.span.of(source)),
                reason: opaque.reason.clone(),
            });
        }
        let reading = Reading {
            source,
            rules,
            outer: None,
            depth: 0,
        };
        name_programs(&mut script, state);
        model.read(&script, state, state.workdir.clone(), &reading);
        model.script = script;
        model
    }

    /// Moves every span by `by` bytes: the instruction stands elsewhere now.
    pub(super) fn shift(&mut self, by: isize) {
        self.script.shift(by);
        self.inner.iter_mut().for_each(|script| script.shift(by));
        for unknown in &mut self.unknown {
            unknown.span.shift(by);
        }
    }

    /// A RUN in the language of a shell that is no POSIX shell.
    pub fn foreign(instruction: &Instruction, source: &str) -> Self {
        let reason = "SHELL names a shell whose language dockopt does not read";
        let span = instruction.span;
        let unknown = UnknownCommand {
            span,
            text: shorten(span.of(source)),
            reason: reason.into(),
        };
        let opaque = Some(Opaque {
            span,
            reason: reason.into(),
        });
        Self {
            script: Script {
                opaque,
                ..Script::default()
            },
            inner: Vec::new(),
            commands: Vec::new(),
            unknown: vec![unknown],
            settings: Vec::new(),
        }
    }

    /// The command of the same script, of those that have been read, which downloads a file.
    fn fetching<'s>(
        &self,
        path: &str,
        script: &'s Script,
        reading: &Reading<'_, 'a>,
    ) -> Option<&'s Command> {
        let here = reading.outer.map(|(_, which)| which);
        let mut models = self.commands.iter().rev();
        let fetch = models.find(|model| {
            let role = model.known.as_ref().map(|known| known.line.role);
            let writes = |place: &Place| matches!(place, Place::Path(written) if written == path);
            model.inner.map(|(which, _)| which) == here
                && role == Some(Role::Fetch)
                && model.writes.iter().any(writes)
        })?;
        let index = fetch.inner.map_or(fetch.index, |(_, index)| index);
        script.commands.get(index)
    }

    fn read(
        &mut self,
        script: &Script,
        state: &State,
        workdir: Option<String>,
        reading: &Reading<'_, 'a>,
    ) {
        let mut workdir = workdir;
        let mut state = Cow::Borrowed(state);
        for (index, command) in script.commands.iter().enumerate() {
            if command.words.is_empty() {
                continue;
            }
            if command.words[0].value.as_deref() == Some("cd") {
                let target = entered(command, &state);
                let moved = match (&workdir, target) {
                    (_, Some(target)) if target.starts_with('/') => Some(resolve("/", &target)),
                    (Some(current), Some(target)) => Some(resolve(current, &target)),
                    _ => None,
                };
                if !command.context.subshell && !command.context.substitution {
                    workdir = moved;
                }
            }
            let outer = reading.outer.map_or(index, |(outer, _)| outer);
            if let Some((inner, user)) = nested(command, reading.source)
                && reading.depth < DEPTH
            {
                self.enter(inner, user, outer, &state, workdir.as_deref(), reading);
                continue;
            }
            let fetch = |file: &str| {
                let path = match &workdir {
                    Some(workdir) => resolve(workdir, file),
                    None => file.to_string(),
                };
                self.fetching(&path, script, reading)
            };
            let known = known(command, reading.rules)
                .or_else(|| piped_installer(script, index, reading.rules))
                .or_else(|| saved_installer(command, &fetch, reading.rules));
            let writes = known
                .as_ref()
                .map(|known| places(known, command, script, workdir.as_deref(), &state))
                .unwrap_or_default();
            let stored = known.iter().flat_map(|known| &known.line.sets);
            let stored = stored.filter_map(|setting| setting.split_once('='));
            for (name, value) in stored {
                let setting = (name.to_string(), value.to_string());
                let settings = &mut state.to_mut().settings;
                std::sync::Arc::make_mut(settings).extend([setting.clone()]);
                self.settings.push(setting);
            }
            let mut role = known.as_ref().map(|known| known.line.role);
            let sets_up = match role {
                Some(Role::None) => !writes.is_empty(),
                Some(Role::Fetch | Role::Check) => for_package_manager(&writes),
                _ => false,
            };
            if sets_up {
                role = Some(Role::Setup);
            }
            if role.is_none() {
                let text = command.span.of(reading.source);
                let reason = match reads_script(command) {
                    true => "it runs what the command before it writes, which dockopt does not see",
                    false => "dockopt does not know what this command does",
                };
                self.unknown.push(UnknownCommand {
                    span: command.span,
                    text: shorten(text),
                    reason: reason.into(),
                });
            }
            let directory = command.words[0].value.as_deref() == Some("mkdir");
            self.commands.push(CommandModel {
                directory,
                index: outer,
                inner: reading.outer.map(|(_, which)| (which, index)),
                known,
                role,
                workdir: workdir.clone(),
                writes,
            });
        }
    }

    /// The commands of a script inside of a command.
    fn enter(
        &mut self,
        mut inner: Script,
        user: Option<String>,
        outer: usize,
        state: &State,
        workdir: Option<&str>,
        reading: &Reading<'_, 'a>,
    ) {
        if let Some(opaque) = &inner.opaque {
            self.unknown.push(UnknownCommand {
                span: opaque.span,
                text: shorten(opaque.span.of(reading.source)),
                reason: opaque.reason.clone(),
            });
        }
        let mut state = state.clone();
        if user.is_some() {
            state.user = user;
        }
        name_programs(&mut inner, &state);
        let which = self.inner.len();
        self.inner.push(inner.clone());
        let reading = Reading {
            outer: Some((outer, which)),
            depth: reading.depth + 1,
            ..*reading
        };
        self.read(&inner, &state, workdir.map(str::to_string), &reading);
    }

    /// The command of the script that `model` describes.
    pub fn command(&self, model: &CommandModel<'_>) -> &Command {
        let (script, index) = self.place(model);
        &script.commands[index]
    }

    /// The script that a command stands in, and its index there.
    pub fn place(&self, model: &CommandModel<'_>) -> (&Script, usize) {
        match model.inner {
            Some((which, index)) => (&self.inner[which], index),
            None => (&self.script, model.index),
        }
    }

    /// Whether it may write a place for which `there` holds; what is not understood may write anything.
    pub fn may_write(&self, there: impl Fn(&str) -> bool) -> bool {
        let mut places = self.commands.iter().flat_map(|command| &command.writes);
        !self.unknown.is_empty()
            || places.any(|place| match place {
                Place::Path(path) | Place::Below(path) => there(path),
                Place::Anywhere => true,
                Place::Named(_) => false,
            })
    }

    /// Whether every command has one of the roles.
    pub fn only(&self, roles: &[Role]) -> bool {
        self.unknown.is_empty()
            && self
                .commands
                .iter()
                .all(|command| command.role.is_some_and(|role| roles.contains(&role)))
    }

    /// Whether some command has one of the roles.
    pub fn any(&self, roles: &[Role]) -> bool {
        self.commands
            .iter()
            .any(|command| command.role.is_some_and(|role| roles.contains(&role)))
    }
}

/// Gives programs that a variable of the image names their values: `$VENV/bin/pip`.
fn name_programs(script: &mut Script, state: &State) {
    let set: Vec<String> = script
        .commands
        .iter()
        .flat_map(|command| &command.assignments)
        .map(|assignment| assignment.name.clone())
        .collect();
    let firsts = script
        .commands
        .iter_mut()
        .filter_map(|command| command.words.first_mut());
    for first in firsts.filter(|first| first.value.is_none() && first.raw.contains('/')) {
        let own = first.variables.iter().any(|name| set.contains(name));
        let path = state.expand(&first.raw.replace('"', ""), '\\');
        first.value = path.filter(|path| !own && path.starts_with('/') && !path.contains('$'));
    }
}

/// How a script is read.
#[derive(Clone, Copy)]
struct Reading<'r, 'a> {
    source: &'r str,
    rules: &'a RuleSet,
    /// For a script inside of a command: the index of that command, and which inner script it is.
    outer: Option<(usize, usize)>,
    depth: usize,
}

fn shorten(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(60) {
        Some((at, _)) => format!("{} …", &line[..at]),
        None => line,
    }
}

/// Whether a command is a shell that reads its script from a pipe: `curl … | sh`.
fn reads_script(command: &Command) -> bool {
    let mut words = command.words.iter().map(|word| word.value.as_deref());
    let shell = words.next().flatten().is_some_and(crate::shell::is_shell);
    shell && command.context.pipeline && words.flatten().all(|word| word.starts_with('-'))
}

/// Where `cd` leads to: home without a word, and with `~` or `$HOME`.
fn entered(command: &Command, state: &State) -> Option<String> {
    let Some(word) = command.words.get(1) else {
        return Some(state.home());
    };
    let raw = word.raw.trim_matches('"');
    let home = ["~", "$HOME", "${HOME}"].iter().find_map(|home| {
        let rest = raw.strip_prefix(home)?;
        (rest.is_empty() || rest.starts_with('/')).then_some(rest)
    });
    match home.and_then(|rest| state.expand(rest, '\\')) {
        Some(rest) => Some(format!("{}{rest}", state.home())),
        None => word.value.clone().or_else(|| state.expand(&word.raw, '\\')),
    }
}
