//! The walk from CMD, ENTRYPOINT and HEALTHCHECK to the programs and files that they need.

use super::path::{name, resolve};
use super::start::{Follow, Need, Obstacle, Program, Start};
use super::variables::Variables;
use super::words::{exec_words, literal, meant_as_json, renamed, tail, words_of};
use crate::facts::{Source, Tri};
use crate::rule::Role;
use crate::shell::{Command, Script, Word, is_assignment};
use crate::syntax::{Data, Instruction};

/// How deep scripts may call scripts.
const DEPTH: usize = 6;

pub struct Walk<'a> {
    pub follow: &'a Follow<'a>,
    pub start: Start,
    pub instruction: usize,
    /// CMD, for `exec "$@"` in an entrypoint script.
    pub arguments: Vec<Word>,
    /// Who gives it: "CMD".
    pub giver: String,
}

/// Where a command stands.
#[derive(Clone)]
pub struct Place {
    pub via: String,
    pub workdir: Option<String>,
    pub source: Option<Source>,
    pub depth: usize,
    /// Inside a manifest's script: binaries of the project's packages come first.
    pub manifest: bool,
    /// The folder of the context whose manifest counts, where it is not the project's own: that of a workspace.
    pub folder: Option<String>,
}

impl Walk<'_> {
    pub fn obstacle(&mut self, message: impl Into<String>, allow: impl Into<String>) {
        self.start.obstacles.push(Obstacle {
            instruction: self.instruction,
            message: message.into(),
            allow: allow.into(),
        });
    }

    pub fn need(&mut self, need: Need, place: &Place) {
        let program = Program {
            need,
            via: place.via.clone(),
            instruction: self.instruction,
            source: place.source.clone(),
        };
        if !self
            .start
            .programs
            .iter()
            .any(|known| known.need == program.need)
        {
            self.start.programs.push(program);
        }
    }

    pub fn instruction_line(&mut self, instruction: &Instruction, place: &Place) {
        if matches!(instruction.data, Data::Healthcheck(None)) {
            return;
        }
        if let Some(words) = exec_words(instruction) {
            if words.is_empty() {
                return self.obstacle(
                    "the exec form is empty",
                    "name the program that the container starts",
                );
            }
            if words[0].raw.contains(char::is_whitespace) {
                return self.obstacle(
                    format!("the exec form names one program with white space in its name, `{}`, which no image has", words[0].raw),
                    "write each word of the command as a string of its own",
                );
            }
            return self.command(&Command::of(words), place);
        }
        self.start.shell = true;
        let script = crate::shell::parse_command_line(instruction, &self.follow.model.file.source);
        if meant_as_json(&script) {
            return self.obstacle(
                "what looks like a JSON array is none, so that a shell runs it as it stands",
                "write the words as JSON strings, and nothing after the bracket",
            );
        }
        self.script(&script, place);
    }

    pub fn script(&mut self, script: &Script, place: &Place) {
        if let Some(opaque) = &script.opaque {
            return self.obstacle(
                format!(
                    "{} cannot be read as a shell script: {}",
                    place.via, opaque.reason
                ),
                "write the start in exec form, or as a simpler script",
            );
        }
        let mut place = place.clone();
        let mut variables = Variables::of(script, &self.follow.model.end);
        for command in &script.commands {
            variables.note(command);
            let applied = variables.applied(command);
            let command = applied.as_ref().unwrap_or(command);
            if command.words.first().and_then(|word| word.value.as_deref()) == Some("cd") {
                let target = command.words.get(1).and_then(|word| word.value.as_deref());
                place.workdir = match (target, &place.workdir) {
                    (Some(target), Some(current)) => Some(resolve(current, target)),
                    (Some(target), None) if target.starts_with('/') => Some(resolve("/", target)),
                    _ => None,
                };
                if let Some(directory) = &place.workdir {
                    let known = (place.via.clone(), directory.clone());
                    self.start.entered.push(known);
                }
                continue;
            }
            self.command(command, &place);
        }
    }

    pub fn command(&mut self, command: &Command, place: &Place) {
        if place.depth > DEPTH {
            return self.obstacle(
                format!(
                    "{} calls itself, or too many scripts one after the other",
                    place.via
                ),
                "start the program itself",
            );
        }
        self.texts(command, place);
        let Some(first) = command.words.first() else {
            return;
        };
        let Some(program) = first.value.clone() else {
            return self.dynamic(command, place);
        };
        if program.is_empty() {
            return;
        }
        self.options_of(command, place);
        if command.words.len() > 1 && is_assignment(&program) {
            // `cross-env A=b program`
            return self.command(&tail(&command.words[1..]), place);
        }
        self.asks(name(&program), command, place);
        if program.contains('/') {
            return self.path(&program, command, place);
        }
        if let Some(first) = command.program().filter(|first| *first > 0) {
            // exec, command, env A=b: what follows is the program.
            if !crate::shell::is_builtin(&program) {
                self.need(Need::Command(program), place);
            }
            return match command.words.get(first..) {
                Some(rest) if !rest.is_empty() => self.command(&tail(rest), place),
                _ => {}
            };
        }
        if matches!(program.as_str(), "which" | "type" | "hash") {
            let names = command.words[1..].iter();
            let names = names.filter_map(|word| word.value.clone());
            let asked = names.filter(|name| !name.starts_with('-'));
            let asked = asked.map(|name| (name, place.via.clone()));
            self.start.asked.extend(asked);
        }
        if crate::shell::is_builtin(&program) {
            if matches!(program.as_str(), "." | "source") {
                if let Some(file) = command.words.get(1).and_then(|word| word.value.clone()) {
                    self.file(&file, place, false);
                } else {
                    self.obstacle(
                        format!(
                            "{} reads a script whose name is not known: `{}`",
                            place.via,
                            words_of(command)
                        ),
                        "name the script",
                    );
                }
            }
            return;
        }
        if let Some(path) = self.on_path(&program) {
            return self.path(&path, command, place);
        }
        self.named(&program, command, place);
    }

    /// The file of the build context that a program is found as: `COPY entrypoint.sh /usr/local/bin/entrypoint`.
    fn on_path(&self, program: &str) -> Option<String> {
        const DEFAULT: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        let model = self.follow.model;
        let path = model.end.value("PATH");
        let mut directories = path.as_deref().unwrap_or(DEFAULT).split(':');
        directories.find_map(|directory| {
            let file = resolve("/", &format!("{directory}/{program}"));
            let brought = model.origin(&file, self.follow.facts.context);
            (directory.starts_with('/') && matches!(brought, Ok(Some(_)))).then_some(file)
        })
    }

    /// Remembers what a command of a script says beside its program's name.
    fn texts(&mut self, command: &Command, place: &Place) {
        let (Some(workdir), Some(_)) = (&place.workdir, &place.source) else {
            return;
        };
        let values = command.assignments.iter().map(|set| &set.value);
        let read = command
            .redirects
            .iter()
            .filter_map(|read| read.target.as_ref());
        let words = command.words.iter().skip(1).chain(values).chain(read);
        for word in words {
            let text = word.value.as_deref().unwrap_or(&word.raw);
            // A name without a dot and a slash is more often an argument than a file.
            if !text.contains(['.', '/']) {
                continue;
            }
            let known = (place.via.clone(), workdir.clone(), text.to_string());
            if !self.start.texts.contains(&known) {
                self.start.texts.push(known);
            }
        }
    }

    /// `"$@"` and `$1` stand for CMD; any other variable cannot be followed.
    pub fn dynamic(&mut self, command: &Command, place: &Place) {
        let first = &command.words[0];
        let passes_on = first
            .variables
            .iter()
            .all(|variable| matches!(variable.as_str(), "@" | "*" | "1"));
        if passes_on && !first.variables.is_empty() {
            let arguments = std::mem::take(&mut self.arguments);
            if !arguments.is_empty() {
                let place = Place {
                    via: self.giver.clone(),
                    source: None,
                    depth: place.depth + 1,
                    manifest: false,
                    workdir: place.workdir.clone(),
                    folder: place.folder.clone(),
                };
                self.command(&Command::of(arguments), &place);
            }
            return;
        }
        let value = self
            .follow
            .model
            .end
            .expand(&first.raw, '\\')
            .filter(|value| !value.is_empty() && !value.contains('$'));
        match value {
            Some(value) => {
                let mut words: Vec<Word> = value
                    .split_whitespace()
                    .map(|word| literal(word.trim_matches('"'), first.span))
                    .collect();
                words.extend(command.words[1..].iter().cloned());
                let place = Place {
                    depth: place.depth + 1,
                    ..place.clone()
                };
                self.command(&Command::of(words), &place);
            }
            None => self.obstacle(
                format!(
                    "{} starts a program whose name is not known: `{}`",
                    place.via, first.raw
                ),
                "name the program that the container starts",
            ),
        }
    }

    /// A program written with a `/`.
    pub fn path(&mut self, program: &str, command: &Command, place: &Place) {
        let Some(path) = self.absolute(program, place, "starts") else {
            return;
        };
        let system = [
            "/bin",
            "/usr/bin",
            "/sbin",
            "/usr/sbin",
            "/usr/local/bin",
            "/usr/local/sbin",
        ]
        .contains(&super::path::parent(&path));
        let brought = self.follow.model.origin(&path, self.follow.facts.context);
        if system && matches!(brought, Ok(None)) && !self.written(&path) {
            let inner = renamed(command, name(&path));
            if self.is_interpreter(name(&path))
                || self.follow.facts.rules.commands.start(&inner).is_some()
                || crate::shell::is_builtin(name(&path))
            {
                return self.command(
                    &inner,
                    &Place {
                        depth: place.depth + 1,
                        ..place.clone()
                    },
                );
            }
            // Found nowhere else: a program of the base image or of a package.
            return self.need(Need::Command(name(&path).to_string()), place);
        }
        // `./gradlew bootRun` is a script of the project, and more than that.
        if let Some((lead, captures)) = self.follow.facts.rules.commands.start(command)
            && lead.refuse.is_some()
        {
            return self.lead(lead, &captures, command, place);
        }
        // `node_modules/.bin/next` is the binary of a package.
        if path.contains("/node_modules/.bin/") {
            return self.command(
                &renamed(command, name(&path)),
                &Place {
                    depth: place.depth + 1,
                    manifest: true,
                    ..place.clone()
                },
            );
        }
        self.file(program, place, false);
        // `/opt/tini -- program`, `/opt/jre/bin/java -jar app.jar`: what a wrapper or a runtime at a path runs.
        let named = renamed(command, name(&path));
        if let Some((lead, captures)) = self.follow.facts.rules.commands.start(&named)
            && (lead.wraps.is_some() || lead.file.is_some() || lead.path_list.is_some())
            && lead.refuse.is_none()
        {
            self.lead(lead, &captures, &named, place);
        }
    }

    /// Whether a RUN writes the path.
    pub fn written(&self, path: &str) -> bool {
        self.follow.model.steps.iter().any(|step| match &step.effect {
            super::Effect::Run(run) => run.commands.iter().flat_map(|command| &command.writes).any(|place| matches!(place, super::Place::Path(written) if super::path::within(path, written))),
            _ => false,
        })
    }

    /// Whether a command that builds nothing writes the file, or a COPY with its text does.
    fn set_up(&self, file: &str) -> bool {
        self.follow.model.steps.iter().any(|step| match &step.effect {
            super::Effect::Run(run) => run.commands.iter().any(|command| {
                let writes = |place: &super::Place| matches!(place, super::Place::Path(path) if path == file);
                let line = command.known.as_ref().map(|known| known.line);
                let changes = line.is_some_and(|line| !line.touches.is_empty() && !line.makes);
                !changes && matches!(command.role, Some(Role::Setup | Role::None | Role::Check))
                    && command.writes.iter().any(writes)
            }),
            super::Effect::Copy(copy) => copy.remote && copy.dest.as_deref() == Some(file),
            super::Effect::Other => false,
        })
    }

    /// A path counted from where it is run; an obstacle where nobody knows that.
    fn absolute(&mut self, file: &str, place: &Place, does: &str) -> Option<String> {
        match &place.workdir {
            _ if file.starts_with('/') => Some(resolve("/", file)),
            Some(workdir) => Some(resolve(workdir, file)),
            None => {
                self.obstacle(
                    format!(
                        "{} {does} `{file}`, and the working directory is not known",
                        place.via
                    ),
                    "set WORKDIR to an absolute path",
                );
                None
            }
        }
    }

    /// A file that is run, by an interpreter or by itself; scripts are followed.
    pub fn file(&mut self, file: &str, place: &Place, interpreted: bool) {
        let Some(path) = self.absolute(file, place, "runs") else {
            return;
        };
        self.need(Need::File(path.clone()), place);
        self.of_package(&path, place);
        if interpreted {
            return;
        }
        match self.follow.model.origin(&path, self.follow.facts.context) {
            Ok(Some((_, source))) => match self.follow.facts.context.read(&source) {
                Tri::Present(text) => self.script_file(&path, &source, &text, place),
                Tri::Absent => {}
                Tri::Unknown(reason) => {
                    self.start.unread = true;
                    self.start.assumptions.push(format!("`{source}`, which {} runs, could not be read ({reason}); it is taken to need only what the image has", place.via));
                }
            },
            // A script that a RUN writes line by line is not read.
            Ok(None) if self.set_up(&path) => {
                self.start.unread = true;
                self.start.assumptions.push(format!("`{path}`, which the Dockerfile writes and {} runs, was not read; it is taken to need only what the image has", place.via));
            }
            Ok(None) => self.start.unfollowed.push(path),
            Err(reason) => {
                if path.ends_with(".sh") {
                    self.obstacle(
                        format!(
                            "{} runs the script `{file}`, which cannot be read: {reason}",
                            place.via
                        ),
                        "give the build context with --context DIR",
                    );
                }
            }
        }
    }
}
