//! What the container starts, followed through entrypoint scripts and manifests' scripts.

use super::facts::Facts;
use super::path::{name, resolve};
use super::stage::StageModel;
use crate::facts::{Evidence, Source, Tri};
use crate::rule::commands;
use crate::rule::document::{BinariesDocument, StartDocument};
use crate::rule::pattern::{Captures, Split};
use crate::shell::{Command, Connector, Nesting, Script, Word};
use crate::syntax::{CommandLine, Data, Instruction, Keyword, Span};

/// What the start needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// A file at an absolute path.
    File(String),
    /// A program found through PATH.
    Command(String),
}

/// Something that the start needs, and how it came up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// What.
    pub need: Need,
    /// How it came up: "CMD", "scripts.start", "docker-entrypoint.sh".
    pub via: String,
    /// Index of the instruction that starts it.
    pub instruction: usize,
    /// Where it stands, if in a file of the context.
    pub source: Option<Source>,
}

/// Why the start cannot be shown to work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// Index of the instruction.
    pub instruction: usize,
    /// The reason.
    pub message: String,
    /// What would allow it.
    pub allow: String,
}

/// The start of a container.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// Files and programs that it needs, in the order they came up.
    pub programs: Vec<Program>,
    /// Whether it needs `/bin/sh` (shell form, scripts).
    pub shell: bool,
    /// What stands in the way.
    pub obstacles: Vec<Obstacle>,
    /// What was read.
    pub evidence: Vec<Evidence>,
    /// What could not be read and was assumed.
    pub assumptions: Vec<String>,
    /// Programs whose package is not named by the manifest: a reason to keep development dependencies.
    pub unnamed: Vec<String>,
}

/// What the start is followed with.
pub struct Follow<'a> {
    /// The stage.
    pub model: &'a StageModel<'a>,
    /// The build context, and facts read from it.
    pub facts: &'a Facts<'a>,
    /// How names of programs lead to packages.
    pub binaries: Option<&'a BinariesDocument>,
}

/// How deep scripts may call scripts.
const DEPTH: usize = 6;

struct Walk<'a> {
    follow: &'a Follow<'a>,
    start: Start,
    instruction: usize,
    /// CMD, for `exec "$@"` in an entrypoint script.
    arguments: Vec<Word>,
}

/// Where a command stands.
#[derive(Clone)]
struct Place {
    via: String,
    workdir: Option<String>,
    source: Option<Source>,
    depth: usize,
    /// Inside a manifest's script: binaries of the project's packages come first.
    manifest: bool,
}

impl Start {
    /// Follows CMD, ENTRYPOINT and HEALTHCHECK of a stage.
    pub fn of(follow: &Follow<'_>) -> Self {
        let model = follow.model;
        let mut walk = Walk {
            follow,
            start: Self::default(),
            instruction: 0,
            arguments: Vec::new(),
        };
        let entrypoint = model.last(Keyword::Entrypoint);
        let cmd = model.last(Keyword::Cmd);
        let place = |via: &str| Place {
            via: via.into(),
            workdir: model.end.workdir.clone(),
            source: None,
            depth: 0,
            manifest: false,
        };
        match (entrypoint, cmd) {
            (None, None) => {
                let first = model
                    .file
                    .stages
                    .get(model.stage)
                    .map_or(0, |stage| stage.from);
                walk.instruction = first;
                walk.obstacle("the stage has neither CMD nor ENTRYPOINT: nothing says what the container starts", "add the CMD that starts the program");
            }
            (None, Some(cmd)) => {
                walk.instruction = cmd.index;
                walk.instruction_line(cmd.instruction, &place("CMD"));
            }
            (Some(entrypoint), cmd) => {
                walk.instruction = entrypoint.index;
                let exec = exec_words(entrypoint.instruction);
                let arguments = cmd
                    .and_then(|cmd| exec_words(cmd.instruction))
                    .unwrap_or_default();
                match exec {
                    Some(mut words) => {
                        walk.arguments = arguments.clone();
                        words.extend(arguments);
                        let command = command(words);
                        walk.command(&command, &place("ENTRYPOINT"));
                    }
                    None => walk.instruction_line(entrypoint.instruction, &place("ENTRYPOINT")),
                }
            }
        }
        if let Some(check) = model.last(Keyword::Healthcheck) {
            walk.instruction = check.index;
            walk.instruction_line(check.instruction, &place("HEALTHCHECK"));
        }
        walk.start
    }

    /// The files that the start names.
    pub fn files(&self) -> impl Iterator<Item = (&str, &Program)> {
        self.programs
            .iter()
            .filter_map(|program| match &program.need {
                Need::File(path) => Some((path.as_str(), program)),
                Need::Command(_) => None,
            })
    }

    /// The programs that the start finds through PATH.
    pub fn commands(&self) -> impl Iterator<Item = (&str, &Program)> {
        self.programs
            .iter()
            .filter_map(|program| match &program.need {
                Need::Command(name) => Some((name.as_str(), program)),
                Need::File(_) => None,
            })
    }
}

impl Walk<'_> {
    fn obstacle(&mut self, message: impl Into<String>, allow: impl Into<String>) {
        self.start.obstacles.push(Obstacle {
            instruction: self.instruction,
            message: message.into(),
            allow: allow.into(),
        });
    }

    fn need(&mut self, need: Need, place: &Place) {
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

    fn instruction_line(&mut self, instruction: &Instruction, place: &Place) {
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
            return self.command(&command(words), place);
        }
        self.start.shell = true;
        let script = crate::shell::parse_command_line(instruction, &self.follow.model.file.source);
        self.script(&script, place);
    }

    fn script(&mut self, script: &Script, place: &Place) {
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
        for command in &script.commands {
            if command.words.first().and_then(|word| word.value.as_deref()) == Some("cd") {
                let target = command.words.get(1).and_then(|word| word.value.as_deref());
                place.workdir = match (target, &place.workdir) {
                    (Some(target), Some(current)) => Some(resolve(current, target)),
                    (Some(target), None) if target.starts_with('/') => Some(resolve("/", target)),
                    _ => None,
                };
                continue;
            }
            self.command(command, &place);
        }
    }

    fn command(&mut self, command: &Command, place: &Place) {
        if place.depth > DEPTH {
            return self.obstacle(
                format!(
                    "{} calls itself, or too many scripts one after the other",
                    place.via
                ),
                "start the program itself",
            );
        }
        let Some(first) = command.words.first() else {
            return;
        };
        let Some(program) = first.value.clone() else {
            return self.dynamic(command, place);
        };
        if program.is_empty() {
            return;
        }
        if command.words.len() > 1 && is_assignment(&program) {
            // `cross-env A=b program`
            return self.command(&tail(&command.words[1..]), place);
        }
        if program.contains('/') {
            return self.path(&program, command, place);
        }
        if let Some(first) = command.program().filter(|first| *first > 0) {
            // exec, command, env A=b: what follows is the program.
            if !is_builtin(&program) {
                self.need(Need::Command(program), place);
            }
            return match command.words.get(first..) {
                Some(rest) if !rest.is_empty() => self.command(&tail(rest), place),
                _ => {}
            };
        }
        if is_builtin(&program) {
            if matches!(program.as_str(), "." | "source") {
                if let Some(file) = command.words.get(1).and_then(|word| word.value.clone()) {
                    self.file(&file, place, false);
                } else {
                    self.obstacle(
                        format!(
                            "{} reads a script whose name is not known: `{}`",
                            place.via,
                            command
                                .words
                                .iter()
                                .map(|word| word.raw.as_str())
                                .collect::<Vec<_>>()
                                .join(" ")
                        ),
                        "name the script",
                    );
                }
            }
            return;
        }
        self.named(&program, command, place);
    }

    /// `"$@"` and `$1` stand for CMD; any other variable cannot be followed.
    fn dynamic(&mut self, command: &Command, place: &Place) {
        let first = &command.words[0];
        let passes_on = first
            .variables
            .iter()
            .all(|variable| matches!(variable.as_str(), "@" | "*" | "1"));
        if passes_on && !first.variables.is_empty() {
            let arguments = std::mem::take(&mut self.arguments);
            if !arguments.is_empty() {
                let place = Place {
                    via: "CMD".into(),
                    source: None,
                    depth: place.depth + 1,
                    manifest: false,
                    workdir: place.workdir.clone(),
                };
                self.command(&self::command(arguments), &place);
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
                self.command(&self::command(words), &place);
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

    /// A program found through PATH.
    fn named(&mut self, program: &str, command: &Command, place: &Place) {
        let rules = self.follow.facts.rules;
        let lead = rules.commands.start(command);
        let package = self.package(program, place);
        if package.is_none() || lead.is_some() {
            self.need(Need::Command(program.to_string()), place);
        }
        if let Some((lead, captures)) = lead {
            return self.lead(lead, &captures, command, place);
        }
        if self.is_interpreter(program) {
            self.interpreted(program, command, place);
        }
    }

    /// What a known start leads to.
    fn lead(
        &mut self,
        lead: &StartDocument,
        captures: &Captures,
        command: &Command,
        place: &Place,
    ) {
        if let Some(refuse) = &lead.refuse {
            let allow = lead
                .allow
                .clone()
                .unwrap_or_else(|| "let CMD start the built program itself".into());
            return self.obstacle(
                format!("{} runs `{}`: {refuse}", place.via, words_of(command)),
                allow,
            );
        }
        if let Some(hole) = &lead.wraps {
            let rest = captured_words(captures, hole, command);
            if !rest.is_empty() {
                let place = Place {
                    depth: place.depth + 1,
                    manifest: place.manifest || lead.project,
                    ..place.clone()
                };
                self.command(&tail(&rest), &place);
            }
            return;
        }
        if let Some(script) = lead
            .script
            .as_deref()
            .and_then(|script| script_name(captures, script))
        {
            return self.manifest(&script, command, place);
        }
        let file = lead.file.as_deref().and_then(|hole| {
            captures
                .get(hole.trim_matches(['<', '>']))
                .and_then(|words| words.first())
        });
        match file {
            Some(file) if file.literal => self.file(&file.text.clone(), place, true),
            Some(file) => self.obstacle(
                format!(
                    "{} runs a file whose name is not known: `{}`",
                    place.via, file.text
                ),
                "name the file",
            ),
            None => {}
        }
    }

    fn is_interpreter(&self, program: &str) -> bool {
        self.follow
            .binaries
            .is_some_and(|binaries| binaries.interpreters.iter().any(|name| name == program))
            || matches!(program, "sh" | "bash" | "dash" | "ash")
    }

    /// `node --flag file`, `sh -c script`, `sh file`.
    fn interpreted(&mut self, program: &str, command: &Command, place: &Place) {
        let rules = self.follow.facts.rules;
        let value_options = rules.commands.value_options(program);
        let tokens = commands::tokens(&command.words, program);
        let split = Split::of(&tokens, value_options);
        let shell = matches!(program, "sh" | "bash" | "dash" | "ash");
        if shell {
            self.start.shell = true;
            if split.options.iter().any(|option| option.name == "-c") {
                let script = split
                    .positional
                    .get(1)
                    .map(|token| token.text().to_string());
                if let Some(script) = script {
                    let script = crate::shell::parse_text(&script, 0);
                    let place = Place {
                        depth: place.depth + 1,
                        ..place.clone()
                    };
                    return self.script(&script, &place);
                }
            }
        }
        if split
            .options
            .iter()
            .any(|option| matches!(option.name.as_str(), "-m" | "-c" | "-e" | "--eval" | "-p"))
        {
            return;
        }
        self.preloads(&split, place);
        let Some(file) = split.positional.get(1) else {
            return;
        };
        match file.value {
            Some(file) => self.file(&file.to_string(), place, !shell),
            None => self.obstacle(
                format!(
                    "{} runs a file whose name is not known: `{}`",
                    place.via, file.raw
                ),
                "name the file",
            ),
        }
    }

    /// Packages that an interpreter loads first: `node -r dotenv/config`.
    fn preloads(&mut self, split: &Split<'_>, place: &Place) {
        for option in &split.options {
            let names = ["-r", "--require", "--import", "--loader"];
            let (true, Some(value)) = (names.contains(&option.name.as_str()), &option.value) else {
                continue;
            };
            if value.text.starts_with(['.', '/']) {
                self.file(&value.text, place, true);
                continue;
            }
            // `@scope/name/file` and `name/file`
            let parts = if value.text.starts_with('@') { 2 } else { 1 };
            let package: Vec<&str> = value.text.split('/').take(parts).collect();
            self.package(&package.join("/"), place);
        }
    }

    /// A program written with a `/`.
    fn path(&mut self, program: &str, command: &Command, place: &Place) {
        let Some(path) = absolute(program, place) else {
            return self.obstacle(
                format!(
                    "{} starts `{program}`, and the working directory is not known",
                    place.via
                ),
                "set WORKDIR to an absolute path",
            );
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
            let mut words = command.words.clone();
            words[0] = literal(name(&path), words[0].span);
            let inner = Command {
                words,
                ..command.clone()
            };
            if self.is_interpreter(name(&path))
                || self.follow.facts.rules.commands.start(&inner).is_some()
                || is_builtin(name(&path))
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
        // `node_modules/.bin/next` is the binary of a package.
        if path.contains("/node_modules/.bin/") {
            let mut words = command.words.clone();
            words[0] = literal(name(&path), words[0].span);
            return self.command(
                &Command {
                    words,
                    ..command.clone()
                },
                &Place {
                    depth: place.depth + 1,
                    manifest: true,
                    ..place.clone()
                },
            );
        }
        self.file(program, place, false);
        // `tini -- program`: what a wrapper at a path runs.
        let named = Command {
            words: std::iter::once(literal(name(&path), command.words[0].span))
                .chain(command.words[1..].iter().cloned())
                .collect(),
            ..command.clone()
        };
        if let Some((lead, captures)) = self.follow.facts.rules.commands.start(&named)
            && lead.wraps.is_some()
        {
            self.lead(lead, &captures, &named, place);
        }
    }

    /// Whether a RUN writes the path.
    fn written(&self, path: &str) -> bool {
        self.follow.model.steps.iter().any(|step| match &step.effect {
            super::Effect::Run(run) => run.commands.iter().flat_map(|command| &command.writes).any(|place| matches!(place, super::Place::Path(written) if super::path::within(path, written))),
            _ => false,
        })
    }

    /// A file that is run, by an interpreter or by itself; scripts are followed.
    fn file(&mut self, file: &str, place: &Place, interpreted: bool) {
        let Some(path) = absolute(file, place) else {
            return self.obstacle(
                format!(
                    "{} runs `{file}`, and the working directory is not known",
                    place.via
                ),
                "set WORKDIR to an absolute path",
            );
        };
        self.need(Need::File(path.clone()), place);
        if interpreted {
            return;
        }
        match self.follow.model.origin(&path, self.follow.facts.context) {
            Ok(Some((_, source))) => match self.follow.facts.context.read(&source) {
                Tri::Present(text) => self.script_file(&source, &text, place),
                Tri::Absent => {}
                Tri::Unknown(reason) => self.start.assumptions.push(format!("`{source}`, which {} runs, could not be read ({reason}); it is taken to need only what the image has", place.via)),
            },
            Ok(None) => {}
            Err(reason) => {
                if path.ends_with(".sh") {
                    self.obstacle(format!("{} runs the script `{file}`, which cannot be read: {reason}", place.via), "give the build context with --context DIR");
                }
            }
        }
    }

    /// A script of the build context, by its first line.
    fn script_file(&mut self, source: &str, text: &str, place: &Place) {
        let first = text.lines().next().unwrap_or("");
        let Some(line) = first.strip_prefix("#!") else {
            if source.ends_with(".sh") {
                self.shell_script(source, text, place);
            }
            return;
        };
        let mut words = line.split_whitespace();
        let interpreter = words.next().unwrap_or("");
        let program = match name(interpreter) {
            "env" => words
                .find(|word| !word.starts_with('-') && !word.contains('='))
                .unwrap_or(""),
            program => program,
        };
        let inner = Place {
            via: source.to_string(),
            source: Some(Source {
                file: source.to_string(),
                line: 1,
            }),
            depth: place.depth + 1,
            ..place.clone()
        };
        self.need(Need::Command(program.to_string()), &inner);
        if matches!(program, "sh" | "bash" | "dash" | "ash") {
            self.shell_script(source, text, place);
        }
    }

    fn shell_script(&mut self, source: &str, text: &str, place: &Place) {
        self.start.shell = true;
        self.start.evidence.push(Evidence {
            text: format!("{} runs `{source}`", place.via),
            source: Some(Source {
                file: source.to_string(),
                line: 1,
            }),
        });
        let script = crate::shell::parse_text(text, 0);
        let inner = Place {
            via: source.to_string(),
            source: Some(Source {
                file: source.to_string(),
                line: 1,
            }),
            depth: place.depth + 1,
            manifest: false,
            workdir: place.workdir.clone(),
        };
        self.script(&script, &inner);
    }

    /// A script of the manifest: `npm start`.
    fn manifest(&mut self, script: &str, command: &Command, place: &Place) {
        let Some(binaries) = self.follow.binaries else {
            return;
        };
        if command.words.iter().any(|word| {
            matches!(
                word.value.as_deref(),
                Some("--prefix" | "-C" | "--cwd" | "--dir" | "-w" | "--workspace" | "--filter")
            )
        }) {
            return self.obstacle(
                format!(
                    "{} starts a script of another folder: `{}`",
                    place.via,
                    words_of(command)
                ),
                "let CMD start the program itself",
            );
        }
        let tool = command.words.first().map_or("", |word| word.raw.as_str());
        let mut found = false;
        for name in [
            format!("pre{script}"),
            script.to_string(),
            format!("post{script}"),
        ] {
            let value = self.follow.facts.with(&binaries.script, &|hole| {
                (hole == "script").then(|| name.clone())
            });
            match value {
                Tri::Present(value) => {
                    let texts = value.texts();
                    let Some((text, source)) = texts
                        .first()
                        .map(|(text, source)| ((*text).to_string(), source.cloned()))
                    else {
                        continue;
                    };
                    found |= name == script;
                    self.start.evidence.push(Evidence {
                        text: format!("`{}` runs `{text}`", words_of(command)),
                        source: source.clone(),
                    });
                    self.start.shell = true;
                    let parsed = crate::shell::parse_text(&text, 0);
                    let place = Place {
                        via: format!("script `{name}`"),
                        workdir: place.workdir.clone(),
                        source,
                        depth: place.depth + 1,
                        manifest: true,
                    };
                    self.script(&parsed, &place);
                }
                Tri::Absent => {}
                Tri::Unknown(reason) if name == script => {
                    return self.obstacle(
                        format!(
                            "{} starts the script `{script}`, which cannot be read: {reason}",
                            place.via
                        ),
                        "give the build context with --context DIR, or start the program itself",
                    );
                }
                Tri::Unknown(_) => {}
            }
        }
        if !found {
            // npm runs `node server.js` where there is no start script.
            let server = place
                .workdir
                .as_deref()
                .map(|workdir| resolve(workdir, "server.js"));
            match server.filter(|path| script == "start" && matches!(self.follow.model.origin(path, self.follow.facts.context), Ok(Some(_)))) {
                Some(path) => self.need(Need::File(path), place),
                None => self.obstacle(format!("{} starts the script `{script}` with {tool}, and the manifest has no such script", place.via), "name a script that exists"),
            }
        }
    }

    /// The package whose binary `program` is, where the project's packages have it.
    fn package(&mut self, program: &str, place: &Place) -> Option<String> {
        let binaries = self.follow.binaries?;
        let table = self.follow.facts.rules.table(&binaries.table);
        let row = table.and_then(|table| table.get(&[program]));
        let package = row
            .and_then(|row| row.get("package"))
            .unwrap_or(program)
            .to_string();
        let production = self.follow.facts.names(&binaries.production);
        let development = self.follow.facts.names(&binaries.development);
        let has = |names: &Tri<Vec<(String, Option<Source>)>>| match names {
            Tri::Present(names) => names
                .iter()
                .find(|(name, _)| *name == package)
                .map(|(_, source)| source.clone()),
            _ => None,
        };
        if let Some(source) = has(&production) {
            self.start.evidence.push(Evidence {
                text: format!("`{program}` comes from the dependency {package}"),
                source,
            });
            return Some(package);
        }
        if let Some(source) = has(&development) {
            let from = if package == program {
                String::new()
            } else {
                format!(" (from {package})")
            };
            let place_of = source
                .map(|source| format!(" ({}:{})", source.file, source.line))
                .unwrap_or_default();
            self.obstacle(
                format!(
                    "{} needs `{program}`{from}, a development dependency{place_of}",
                    place.via
                ),
                format!(
                    "let CMD start the built program itself, or move {package} to the dependencies"
                ),
            );
            return Some(package);
        }
        if place.manifest && row.is_some() {
            self.start.unnamed.push(program.to_string());
            return Some(package);
        }
        None
    }
}

fn script_name(captures: &Captures, script: &str) -> Option<String> {
    match captures.get(script.trim_start_matches('<').trim_end_matches('>')) {
        Some(words) => words
            .first()
            .filter(|word| word.literal)
            .map(|word| word.text.clone()),
        None => Some(script.to_string()),
    }
}

fn captured_words(captures: &Captures, hole: &str, command: &Command) -> Vec<Word> {
    let hole = hole
        .trim_start_matches('<')
        .trim_end_matches('>')
        .trim_end_matches("...");
    let indices = captures
        .get(hole)
        .map(|words| words.iter().map(|word| word.index).collect::<Vec<_>>())
        .unwrap_or_default();
    // Options of the wrapped command are no captured words: everything from the first captured word on belongs to it.
    indices
        .first()
        .and_then(|first| command.words.get(*first..))
        .map(<[Word]>::to_vec)
        .unwrap_or_default()
}

fn absolute(file: &str, place: &Place) -> Option<String> {
    match &place.workdir {
        _ if file.starts_with('/') => Some(resolve("/", file)),
        Some(workdir) => Some(resolve(workdir, file)),
        None => None,
    }
}

fn words_of(command: &Command) -> String {
    command
        .words
        .iter()
        .map(|word| word.raw.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

/// `NAME=value`.
fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    })
}

/// The words of an exec form.
fn exec_words(instruction: &Instruction) -> Option<Vec<Word>> {
    let words = match &instruction.data {
        Data::Command(CommandLine::Exec(words))
        | Data::Healthcheck(Some(CommandLine::Exec(words))) => words,
        _ => return None,
    };
    Some(
        words
            .iter()
            .map(|word| literal(word.text(), word.span))
            .collect(),
    )
}

fn literal(text: &str, span: Span) -> Word {
    Word {
        span,
        raw: text.to_string(),
        value: Some(text.to_string()),
        glob: false,
        quoted: true,
        variables: Vec::new(),
    }
}

fn command(words: Vec<Word>) -> Command {
    let span = words
        .iter()
        .map(|word| word.span)
        .reduce(Span::join)
        .unwrap_or_default();
    Command {
        span,
        assignments: Vec::new(),
        words,
        redirects: Vec::new(),
        before: Connector::First,
        context: Nesting::default(),
        item: 0,
    }
}

fn tail(words: &[Word]) -> Command {
    command(words.to_vec())
}

/// Commands of the shell itself (POSIX.1-2017, Shell & Utilities, 2.14 and 1.6, and bash's `source`, `local`, `declare`).
fn is_builtin(name: &str) -> bool {
    const BUILTINS: &[&str] = &[
        ".", ":", "[", "alias", "bg", "break", "case", "cd", "command", "continue", "declare",
        "echo", "eval", "exec", "exit", "export", "false", "fg", "getopts", "hash", "if", "jobs",
        "kill", "let", "local", "printf", "pwd", "read", "readonly", "return", "set", "shift",
        "shopt", "source", "test", "time", "times", "trap", "true", "type", "typeset", "ulimit",
        "umask", "unalias", "unset", "wait", "[[",
    ];
    BUILTINS.contains(&name)
}
