//! What a RUN does, command by command.

use super::path::resolve;
use super::state::State;
use crate::rule::{Known, Role, RuleSet};
use crate::shell::{Command, Script};
use crate::syntax::{Instruction, Span};

/// A RUN, read.
#[derive(Clone, Debug)]
pub struct RunModel<'a> {
    /// The script.
    pub script: Script,
    /// Its commands with what is known of them, in order.
    pub commands: Vec<CommandModel<'a>>,
    /// What is not understood, first place first.
    pub unknown: Vec<UnknownCommand>,
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
    /// Index in the script.
    pub index: usize,
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
        let mut model = Self {
            commands: Vec::new(),
            unknown: Vec::new(),
            script,
        };
        let mut workdir = state.workdir.clone();
        for (index, command) in model.script.commands.iter().enumerate() {
            if command.words.is_empty() {
                continue;
            }
            let known = known(command, rules);
            if command.words[0].value.as_deref() == Some("cd") {
                let target = command
                    .words
                    .get(1)
                    .and_then(|word| word.value.clone().or_else(|| state.expand(&word.raw, '\\')));
                let moved = match (&workdir, target) {
                    (_, Some(target)) if target.starts_with('/') => Some(resolve("/", &target)),
                    (Some(current), Some(target)) => Some(resolve(current, &target)),
                    _ => None,
                };
                if !command.context.subshell && !command.context.substitution {
                    workdir = moved;
                }
            }
            let writes = known
                .as_ref()
                .map(|known| places(known, command, &model.script, workdir.as_deref(), state))
                .unwrap_or_default();
            let mut role = known.as_ref().map(|known| known.line.role);
            if role == Some(Role::None) && !writes.is_empty() {
                role = Some(Role::Setup);
            }
            if role.is_none() {
                let text = command.span.of(source);
                model.unknown.push(UnknownCommand {
                    span: command.span,
                    text: shorten(text),
                    reason: "dockopt does not know what this command does".into(),
                });
            }
            let directory = command.words[0].value.as_deref() == Some("mkdir");
            model.commands.push(CommandModel {
                directory,
                index,
                known,
                role,
                workdir: workdir.clone(),
                writes,
            });
        }
        if let Some(opaque) = &model.script.opaque {
            model.unknown.insert(
                0,
                UnknownCommand {
                    span: opaque.span,
                    text: shorten(opaque.span.of(source)),
                    reason: opaque.reason.clone(),
                },
            );
        }
        model
    }

    /// The command of the script that `model` describes.
    pub fn command(&self, model: &CommandModel<'_>) -> &Command {
        &self.script.commands[model.index]
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

/// What is known of a command: of itself, or of the command that it wraps.
pub fn known<'a>(command: &Command, rules: &'a RuleSet) -> Option<Known<'a>> {
    rules.commands.classify(command).or_else(|| {
        let first = command.program().filter(|first| *first > 0)?;
        rules.commands.classify_from(command, first)
    })
}

/// The places that a command writes: by the data, and by redirections.
fn places(
    known: &Known<'_>,
    command: &Command,
    script: &Script,
    workdir: Option<&str>,
    state: &State,
) -> Vec<Place> {
    let mut places = Vec::new();
    for template in known.line.writes.iter().chain(&known.line.touches) {
        if template.contains('$') {
            let path = state
                .expand(template, '\\')
                .filter(|_| !sets_variable(script, template));
            places.push(path.map_or(Place::Anywhere, |path| place(&path, workdir, state)));
            continue;
        }
        match known.fill(template) {
            Some(paths) => places.extend(paths.iter().map(|path| place(path, workdir, state))),
            None => places.push(filled_with_variables(known, template, workdir, state)),
        }
    }
    for redirect in &command.redirects {
        if !redirect.operator.starts_with('>') && !redirect.operator.starts_with("&>") {
            continue;
        }
        let Some(target) = &redirect.target else {
            continue;
        };
        let value = target
            .value
            .clone()
            .or_else(|| state.expand(&target.raw, '\\'));
        match value.as_deref() {
            Some(path)
                if path.starts_with("/dev/")
                    || path.bytes().all(|b| b.is_ascii_digit() || b == b'-') => {}
            Some(path) => places.push(place(path, workdir, state)),
            None => places.push(Place::Anywhere),
        }
    }
    places
}

/// Whether the script itself sets a variable that the template uses.
fn sets_variable(script: &Script, template: &str) -> bool {
    let words = script.commands.iter().flat_map(|command| {
        let exported = command
            .words
            .iter()
            .filter(|word| word.raw.contains('='))
            .map(|word| word.raw.as_str());
        exported.chain(
            command
                .assignments
                .iter()
                .map(|assignment| assignment.name.as_str()),
        )
    });
    let mut names = words.map(|word| word.split('=').next().unwrap_or(word));
    names.any(|name| !name.is_empty() && super::stage::mentions(template, name))
}

/// A template whose captured words have variables that the state may know.
fn filled_with_variables(
    known: &Known<'_>,
    template: &str,
    workdir: Option<&str>,
    state: &State,
) -> Place {
    let name = template
        .trim_start_matches('<')
        .trim_end_matches('>')
        .trim_end_matches("...");
    let text = known
        .captures
        .get(name)
        .and_then(|words| words.first())
        .and_then(|word| state.expand(&word.text, '\\'));
    match text {
        Some(path) if template.starts_with('<') && template.ends_with('>') => {
            place(&path, workdir, state)
        }
        _ => Place::Anywhere,
    }
}

fn place(path: &str, workdir: Option<&str>, state: &State) -> Place {
    match (path, workdir) {
        (named, _) if named.starts_with('@') => Place::Named(named.to_string()),
        ("/", _) => Place::Anywhere,
        (".", Some(workdir)) => Place::Below(workdir.to_string()),
        (path, _) if path.starts_with("~/") => Place::Path(resolve(&state.home(), &path[2..])),
        (path, _) if path.starts_with('/') => Place::Path(resolve("/", path)),
        (path, Some(workdir)) => match path.strip_suffix("/.") {
            Some(directory) => Place::Below(resolve(workdir, directory)),
            None => Place::Path(resolve(workdir, path)),
        },
        (_, None) => Place::Anywhere,
    }
}

fn shorten(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(60) {
        Some((at, _)) => format!("{} …", &line[..at]),
        None => line,
    }
}
