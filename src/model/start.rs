//! What the container starts, followed through entrypoint scripts and manifests' scripts.

use super::facts::Facts;
use super::follow::{Place, Walk};
use super::stage::StageModel;
use super::words::{exec_words, literal};
use crate::facts::{Evidence, Source};
use crate::rule::document::BinariesDocument;
use crate::syntax::{Keyword, Span};

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
    /// Programs that a script looks for (`which git`), with the place: it does something else without them.
    pub asked: Vec<(String, String)>,
    /// Whether it needs `/bin/sh` (shell form, scripts).
    pub shell: bool,
    /// Whether it loads files of the working directory whose names nobody can say.
    pub directory: bool,
    /// What stands in the way.
    pub obstacles: Vec<Obstacle>,
    /// What was read.
    pub evidence: Vec<Evidence>,
    /// What could not be read and was assumed.
    pub assumptions: Vec<String>,
    /// Programs whose package is not named by the manifest: a reason to keep development dependencies.
    pub unnamed: Vec<String>,
    /// Programs that come from packages for development only, with the package and the place that names it: those
    /// packages must stay.
    pub development: Vec<(String, String, Option<Source>)>,
    /// A program that compiles sources of the project when it starts.
    pub compiles: Option<String>,
    /// A program that starts what its settings name.
    pub anything: Option<String>,
    /// Files that may list the programs which are started.
    pub lists: Vec<String>,
    /// Whether a program of the project's packages is started, which may read configuration files.
    pub project_programs: bool,
    /// Arguments and values of variables in scripts that the start leads to: where they stand, the directory that paths
    /// count from, and the text. They may name files.
    pub texts: Vec<(String, String, String)>,
    /// Directories that the start changes to (`cd db && …`), each with what does so.
    pub entered: Vec<(String, String)>,
    /// Programs of the project's packages of which nothing says what they read: configuration under names of their own.
    pub tools: Vec<String>,
    /// Directories that the start serves as they are.
    pub served: Vec<String>,
    /// Whether something that is started could not be read: it may run any command.
    pub unread: bool,
    /// Files that run by themselves and that the stage has from elsewhere than the build context: what they run is not
    /// known.
    pub unfollowed: Vec<String>,
}

/// What the start is followed with.
pub struct Follow<'a> {
    /// The stage.
    pub model: &'a StageModel<'a>,
    /// The build context, and facts read from it.
    pub facts: &'a Facts<'a>,
    /// How names of programs lead to packages.
    pub binaries: Option<&'a BinariesDocument>,
    /// Whether a stage without CMD and ENTRYPOINT starts what its base image does, as far as that is known.
    pub inherits: bool,
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
            giver: "CMD".into(),
        };
        let entrypoint = model.last(Keyword::Entrypoint);
        let cmd = model.last(Keyword::Cmd);
        let place = |via: &str| Place {
            via: via.into(),
            workdir: model.end.workdir.clone(),
            source: None,
            depth: 0,
            manifest: false,
            folder: None,
        };
        let inherited = inherited(follow).filter(|_| entrypoint.is_none() && cmd.is_none());
        match (entrypoint, cmd) {
            (None, None) if inherited.is_some() => {
                walk.instruction = model
                    .file
                    .stages
                    .get(model.stage)
                    .map_or(0, |stage| stage.from);
                for words in inherited.into_iter().flatten() {
                    let words = words
                        .into_iter()
                        .map(|word| literal(&word, Span::default()));
                    let command = crate::shell::Command::of(words.collect());
                    walk.command(&command, &place("the base image"));
                }
            }
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
                        let command = crate::shell::Command::of(words);
                        walk.command(&command, &place("ENTRYPOINT"));
                    }
                    None => walk.instruction_line(entrypoint.instruction, &place("ENTRYPOINT")),
                }
            }
        }
        walk.set_options(&place("ENV"));
        if let Some(check) = model.last(Keyword::Healthcheck) {
            walk.instruction = check.index;
            walk.instruction_line(check.instruction, &place("HEALTHCHECK"));
        }
        walk.start
    }

    /// A program of the start that needs the project as it was for development, in words, and where it is named.
    pub fn needs_sources(&self) -> Option<(String, Option<Source>)> {
        if let Some((program, package, source)) = self.development.first() {
            let of = match program == package {
                true => String::new(),
                false => format!(" of {package}"),
            };
            return Some((
                format!("`{program}`{of}, a development dependency,"),
                source.clone(),
            ));
        }
        if let Some(program) = &self.compiles {
            return Some((format!("`{program}`, which compiles sources,"), None));
        }
        let program = self.anything.as_ref()?;
        Some((
            format!("`{program}`, which starts what its settings name,"),
            None,
        ))
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

/// ENTRYPOINT and CMD of the base image, as words; nothing where they are not known.
fn inherited(follow: &Follow<'_>) -> Option<Vec<Vec<String>>> {
    if !follow.inherits {
        return None;
    }
    let contract = super::contract::inherited(&follow.model.base, follow.facts.rules);
    let lines = [contract.entrypoint, contract.cmd].into_iter().flatten();
    let words = lines.map(|line| serde_json::from_str::<Vec<String>>(&line).ok());
    let words: Vec<Vec<String>> = words.collect::<Option<_>>()?;
    (!words.is_empty()).then_some(words)
}
