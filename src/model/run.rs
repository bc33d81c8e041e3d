//! What a RUN does, command by command.

use super::path::resolve;
use super::state::State;
use crate::rule::{Known, Role, RuleSet};
use crate::shell::{Command, Connector, Script};
use crate::syntax::{Instruction, Span};
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
        let mut model = Self {
            commands: Vec::new(),
            inner: Vec::new(),
            unknown: Vec::new(),
            settings: Vec::new(),
            script: Script::default(),
        };
        let reading = Reading {
            source,
            rules,
            outer: None,
            depth: 0,
        };
        model.read(&script, state, state.workdir.clone(), &reading);
        model.script = script;
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
            let outer = reading.outer.map_or(index, |(outer, _)| outer);
            if let Some((inner, user)) = nested(command, reading.source)
                && reading.depth < DEPTH
            {
                self.enter(inner, user, outer, &state, workdir.as_deref(), reading);
                continue;
            }
            let known = known(command, reading.rules)
                .or_else(|| piped_installer(script, index, reading.rules));
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
            if role == Some(Role::None) && !writes.is_empty() {
                role = Some(Role::Setup);
            }
            if role.is_none() {
                let text = command.span.of(reading.source);
                self.unknown.push(UnknownCommand {
                    span: command.span,
                    text: shorten(text),
                    reason: "dockopt does not know what this command does".into(),
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
        inner: Script,
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

/// `. /srv/venv/bin/activate`: whatever the environment is called.
fn activation<'a>(command: &Command, rules: &'a RuleSet) -> Option<Known<'a>> {
    let script = command.words.get(1)?.value.as_deref()?;
    if !script.ends_with("/bin/activate") {
        return None;
    }
    let mut words = command.words.clone();
    words[1].value = Some("venv/bin/activate".into());
    rules.commands.classify(&Command {
        words,
        ..command.clone()
    })
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

/// How deep scripts may stand in scripts.
const DEPTH: usize = 4;

/// The script that a command hands to a shell, and the user who runs it if it names one: `bash -c "…"`,
/// `su postgres -c "…"`.
fn nested(command: &Command, source: &str) -> Option<(Script, Option<String>)> {
    let first = command.program()?;
    let program = command.words.get(first)?.value.as_deref()?;
    let name = super::path::name(program);
    if crate::shell::is_shell(name) {
        return command
            .shell_script(source)
            .or_else(|| command.shell_script_with_variables(source))
            .map(|script| (script, None));
    }
    if !matches!(name, "su" | "runuser") {
        return None;
    }
    let words = &command.words[first + 1..];
    let value = |word: &crate::shell::Word| word.value.clone().unwrap_or_default();
    let at = words
        .iter()
        .position(|word| matches!(value(word).as_str(), "-c" | "--command" | "-lc"))?;
    let script = crate::shell::script_in(words.get(at + 1)?, source)?;
    let options = ["-c", "--command", "-lc", "-s", "--shell", "-g", "--group"];
    let mut of_option = false;
    let mut user = None;
    for word in words.iter().map(value) {
        if !of_option && !word.starts_with('-') && user.is_none() {
            user = Some(word.clone());
        }
        of_option = options.contains(&word.as_str());
    }
    Some((script, Some(user.unwrap_or_else(|| "root".into()))))
}

/// What is known of a command: of itself, or of the command that it wraps.
pub fn known<'a>(command: &Command, rules: &'a RuleSet) -> Option<Known<'a>> {
    let own = rules
        .commands
        .classify(command)
        .or_else(|| activation(command, rules));
    if own.is_some() {
        return own;
    }
    match command.program()? {
        0 => by_xargs(command, rules),
        first => {
            let mut known = rules.commands.classify_from(command, first)?;
            // Word indices count from the start of the command.
            for captured in known.captures.values_mut().flatten() {
                captured.index += first;
            }
            Some(known)
        }
    }
}

/// `curl https://…/install.sh | bash -`: what a well-known script that a shell or an interpreter reads from a pipe does,
/// by the table `installers`.
fn piped_installer<'a>(script: &Script, index: usize, rules: &'a RuleSet) -> Option<Known<'a>> {
    let command = &script.commands[index];
    let words = command.words.get(command.program()?..)?;
    let program = super::path::name(words.first()?.value.as_deref()?);
    // `bash`, `bash -`, `sh -s -- --yes`, `python3 -`: no file of its own.
    let second = words.get(1).map(|word| word.raw.as_str());
    let own_file =
        second.is_some_and(|word| !word.starts_with('-') || word == "-m" || word == "-c");
    if own_file || command.before != Connector::Pipe {
        return None;
    }
    let fetch = script.commands[..index].last()?;
    let url = fetch
        .words
        .iter()
        .find(|word| word.raw.contains("://"))
        .map(|word| word.raw.trim_matches(['"', '\'']))?;
    let row = rules.table("installers")?.get_pattern(url)?;
    let reads = match row.get("reader") {
        None => crate::shell::is_shell(program),
        Some(reader) => program.starts_with(reader),
    };
    if !reads {
        return None;
    }
    let word = crate::shell::Word {
        value: row.get("command").map(str::to_string),
        ..words[0].clone()
    };
    rules.commands.classify(&Command {
        words: vec![word],
        ..command.clone()
    })
}

/// `xargs -n 1 pip install`: a command whose last words nobody knows.
fn by_xargs<'a>(command: &Command, rules: &'a RuleSet) -> Option<Known<'a>> {
    const TAKE_VALUE: [&str; 8] = ["-I", "-n", "-P", "-L", "-d", "-s", "-a", "-E"];
    if command.words[0].value.as_deref() != Some("xargs") {
        return None;
    }
    let mut at = 1;
    loop {
        let word = command.words.get(at)?.value.as_deref()?;
        if !word.starts_with('-') {
            break;
        }
        at += 1 + usize::from(TAKE_VALUE.contains(&word));
    }
    let mut words = command.words[at..].to_vec();
    let unknown = words.last().map(|last| crate::shell::Word {
        value: None,
        raw: "$@".into(),
        ..last.clone()
    })?;
    words.push(unknown);
    let inner = Command {
        words,
        ..command.clone()
    };
    let known = rules.commands.classify(&inner)?;
    // Which packages of the system they are cannot be said.
    matches!(
        known.line.role,
        Role::Dependencies | Role::Tool | Role::Check
    )
    .then_some(known)
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
    let own = with_assignments(command, state);
    let special = known.line.writes_when.iter();
    let special = special.into_iter().find(|special| own.holds(&special.when));
    let writes = special.map_or(&known.line.writes, |special| &special.writes);
    for template in writes.iter().chain(&known.line.touches) {
        if template.contains('$') {
            let path = own
                .expand(template, '\\')
                .filter(|_| !sets_variable(script, template, command));
            places.push(path.map_or(Place::Anywhere, |path| place(&path, workdir, state)));
            continue;
        }
        match known.fill(template) {
            Some(paths) => places.extend(
                installed(known, &paths)
                    .unwrap_or(paths)
                    .iter()
                    .map(|path| place(path, workdir, state)),
            ),
            // A directory that is named by an address with variables lies in the working directory all the same.
            None if template.ends_with(":stem>") => places.push(place(".", workdir, state)),
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

/// The files that `cp a b /usr/local/bin/` makes in a directory: those of the names that it copies. `None` where the
/// names, or whether it is a directory, are not known.
fn installed(known: &Known<'_>, targets: &[String]) -> Option<Vec<String>> {
    let [target] = targets else { return None };
    let sources = known.fill(known.line.installs.as_ref()?)?;
    let directory = target.trim_end_matches('/');
    let collects = ["bin", "sbin", "lib"].contains(&super::path::name(directory));
    if !(target.ends_with('/') || collects) || directory.is_empty() {
        return None;
    }
    sources
        .iter()
        .map(|source| {
            let name = super::path::name(source);
            let plain =
                !name.is_empty() && name != "." && name != ".." && !name.contains(['*', '?', '[']);
            plain.then(|| format!("{directory}/{name}"))
        })
        .collect()
}

/// The state with the variables that stand before a command (`GOBIN=/bin go install`).
fn with_assignments<'s>(command: &Command, state: &'s State) -> Cow<'s, State> {
    if command.assignments.is_empty() {
        return Cow::Borrowed(state);
    }
    let mut state = state.clone();
    let own = command.assignments.iter().map(|assignment| {
        let value = assignment.value.value.clone();
        let value = value.or_else(|| state.expand(&assignment.value.raw, '\\'));
        (assignment.name.clone(), value)
    });
    let own: Vec<_> = own.collect();
    std::sync::Arc::make_mut(&mut state.env).extend(own);
    Cow::Owned(state)
}

/// Whether another command of the script sets a variable that the template uses.
fn sets_variable(script: &Script, template: &str, but: &Command) -> bool {
    let others = script
        .commands
        .iter()
        .filter(|command| command.span != but.span);
    let words = others.flat_map(|command| {
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
    // `pip install -e .[test]`: what stands in brackets is no part of the path.
    let path = match path.split_once('[') {
        Some((path, extras))
            if extras.ends_with(']') && !path.ends_with('/') && !path.is_empty() =>
        {
            path
        }
        _ => path,
    };
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
