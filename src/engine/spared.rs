//! Whether instructions leave given paths as they are: shown by what is known of their commands, else not.

use crate::engine::FileChange;
use crate::engine::outcome::Evidence;
use crate::facts::ignore::IgnoreFile;
use crate::facts::{Context, Entry, Tri};
use crate::model::path::{resolve, within};
use crate::model::{CommandModel, CopyModel, Effect, Facts, Place, RunModel, StageModel, Step};
use crate::rule::{Known, Role};
use std::cell::RefCell;

/// How deep scripts of a manifest may run others.
const DEPTH: usize = 4;

/// Paths that must stay as they are, and what is asked about them.
pub struct Spared<'a> {
    /// The stage.
    pub model: &'a StageModel<'a>,
    /// Facts of the project whose scripts are run.
    pub facts: &'a Facts<'a>,
    /// The whole build context.
    pub context: &'a dyn Context,
    /// Files beside the Dockerfile that are changed with it.
    pub files: &'a [FileChange],
    /// The fact that holds the text of a manifest's script.
    pub scripts: Option<&'a str>,
    /// Directories that a command fills, as absolute paths.
    pub libraries: Vec<String>,
    /// Files that it reads for that, as absolute paths.
    pub manifests: Vec<String>,
    /// Scripts that were read.
    pub evidence: RefCell<Vec<Evidence>>,
}

impl Spared<'_> {
    /// Whether the step of the stage at this position writes neither the libraries nor anything else than what the
    /// manifests were at the position `since` already.
    pub fn step(&self, at: usize, since: usize) -> bool {
        let step = &self.model.steps[at];
        match &step.effect {
            Effect::Copy(copy) => self.copy(copy, since),
            Effect::Run(run) => self.run(run, step, 0),
            Effect::Other => true,
        }
    }

    /// Whether a COPY or ADD brings none of the libraries, and the manifests as they were.
    fn copy(&self, copy: &CopyModel, since: usize) -> bool {
        let Some(dest) = &copy.dest else {
            return false;
        };
        let mut paths = self.libraries.iter().chain(&self.manifests);
        if paths.all(|path| !within(path, dest) && !within(dest, path)) {
            return true;
        }
        if copy.from.is_some() || copy.remote {
            return false;
        }
        let libraries = self.libraries.iter().all(|path| {
            !within(dest, path)
                && match copy.brings(path, self.context) {
                    Ok(None) => true,
                    Ok(Some(source)) => self.left_out(&source),
                    Err(_) => false,
                }
        });
        libraries
            && self
                .manifests
                .iter()
                .all(|path| match copy.brings(path, self.context) {
                    Ok(None) => true,
                    Ok(Some(source)) => self.stood(path, &source, since),
                    Err(_) => false,
                })
    }

    /// Whether an ignore file that is changed together with the Dockerfile leaves a path out of the context.
    fn left_out(&self, source: &str) -> bool {
        let Tri::Present(path) = self.context.ignore_file() else {
            let made = |change: &&FileChange| change.path == ".dockerignore";
            return self.files.iter().find(made).is_some_and(|change| {
                IgnoreFile::parse(&change.path, &change.after)
                    .is_ok_and(|file| file.excluded(source).is_some())
            });
        };
        self.files
            .iter()
            .filter(|change| change.path == path)
            .any(|change| {
                IgnoreFile::parse(&change.path, &change.after)
                    .is_ok_and(|file| file.excluded(source).is_some())
            })
    }

    /// Whether a file of the context stood at this path at a position of the stage already.
    fn stood(&self, path: &str, source: &str, at: usize) -> bool {
        if !matches!(self.context.entry(source), Tri::Present(Entry::File(_))) {
            return false;
        }
        let earlier = self.model.steps.iter().take(at + 1).rev();
        let brought = earlier.filter_map(|step| match &step.effect {
            Effect::Copy(copy) => Some(copy.brings(path, self.context)),
            _ => None,
        });
        let mut brought = brought.filter(|found| *found != Ok(None));
        matches!(brought.next(), Some(Ok(Some(first))) if first == source)
    }

    /// Whether every command of a RUN leaves the paths as they are.
    pub fn run(&self, run: &RunModel<'_>, step: &Step<'_>, depth: usize) -> bool {
        run.unknown.is_empty()
            && depth <= DEPTH
            && (run.commands.iter()).all(|command| self.command(run, command, step, depth))
    }

    /// Whether one command does.
    pub fn command(
        &self,
        run: &RunModel<'_>,
        command: &CommandModel<'_>,
        step: &Step<'_>,
        depth: usize,
    ) -> bool {
        let Some(known) = &command.known else {
            return false;
        };
        if command.role == Some(Role::Dependencies) {
            return false;
        }
        let workdir = command.workdir.as_deref();
        if let Some(script) = &known.line.script {
            return self.script(script, run, command, step, depth);
        }
        let apart = |path: &str| {
            let mut paths = self.libraries.iter().chain(&self.manifests);
            paths.all(|known| !within(path, known) && !within(known, path))
        };
        let mut writes = command.writes.iter();
        let spares = writes.all(|place| match place {
            // Making a directory that is there does nothing.
            Place::Path(path) if command.directory => {
                !self.libraries.iter().any(|known| within(path, known))
            }
            Place::Path(path) => apart(path),
            Place::Below(directory) => {
                apart(directory) || self.spares(known, workdir) && !self.named(run, command)
            }
            Place::Named(_) | Place::Anywhere => false,
        });
        spares && self.cleans(known, command, step, &apart)
    }

    /// Whether the data says that a command leaves the libraries as they are.
    fn spares(&self, known: &Known<'_>, workdir: Option<&str>) -> bool {
        let Some(workdir) = workdir else {
            return false;
        };
        self.libraries.iter().all(|path| {
            let mut spares = known.line.spares.iter();
            spares.any(|spared| within(path, &resolve(workdir, spared)))
        })
    }

    /// Whether a word after the program names the folder of the libraries.
    fn named(&self, run: &RunModel<'_>, command: &CommandModel<'_>) -> bool {
        let words = run.command(command).words.iter().skip(1);
        let mut names = self
            .libraries
            .iter()
            .map(|path| crate::model::path::name(path));
        names.any(|name| words.clone().any(|word| word.raw.contains(name)))
    }

    /// Whether what a command removes is apart from the paths.
    fn cleans(
        &self,
        known: &Known<'_>,
        command: &CommandModel<'_>,
        step: &Step<'_>,
        apart: &dyn Fn(&str) -> bool,
    ) -> bool {
        known.line.cleans.iter().all(|template| {
            let Some(paths) = known.fill(template) else {
                return false;
            };
            paths.iter().all(|path| {
                // Of a pattern the folder that it stands in.
                let fixed = match path.find(['*', '?', '[']) {
                    Some(at) => path[..at].rsplit_once('/').map_or(".", |(above, _)| above),
                    None => path,
                };
                match (fixed.strip_prefix("~/"), &command.workdir) {
                    (Some(rest), _) => apart(&resolve(&step.state.home(), rest)),
                    (None, Some(workdir)) => apart(&resolve(workdir, fixed)),
                    (None, None) => false,
                }
            })
        })
    }

    /// Whether a script of the manifest does, with those that run before and after it.
    fn script(
        &self,
        script: &str,
        run: &RunModel<'_>,
        command: &CommandModel<'_>,
        step: &Step<'_>,
        depth: usize,
    ) -> bool {
        let (Some(fact), Some(known)) = (self.scripts, &command.known) else {
            return false;
        };
        let Some(names) = known.fill(script) else {
            return false;
        };
        // Its own folder is that of the manifest which is known.
        if command.workdir.is_none() || command.workdir != step.state.workdir {
            return false;
        }
        names.iter().all(|name| {
            let one = |full: String, needed: bool| {
                let text = self
                    .facts
                    .with(fact, &|hole| (hole == "script").then(|| full.clone()));
                let value = match text {
                    Tri::Present(value) => value,
                    Tri::Absent => return !needed,
                    Tri::Unknown(_) => return false,
                };
                let texts = value.texts();
                let Some((text, source)) = texts.first() else {
                    return false;
                };
                let inner = RunModel::of_text(text, &step.state, self.facts.rules);
                let spared = self.run(&inner, step, depth + 1);
                if spared && depth == 0 {
                    let words = run.command(command).words.iter().take(3);
                    let words: Vec<&str> = words.map(|word| word.raw.as_str()).collect();
                    self.evidence.borrow_mut().push(Evidence {
                        text: format!("`{}` runs `{text}`", words.join(" ")),
                        source: source.cloned(),
                    });
                }
                spared
            };
            one(name.clone(), true)
                && one(format!("pre{name}"), false)
                && one(format!("post{name}"), false)
        })
    }
}
