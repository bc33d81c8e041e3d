//! What COPY and ADD bring.

use super::path::{name, resolve};
use super::state::State;
use crate::facts::{Context, Entry, Tri};
use crate::syntax::{Data, Instruction, Keyword};

/// A file or directory of the build context and where it lands in the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landing {
    /// Path in the build context; empty for its root.
    pub source: String,
    /// Absolute path in the image.
    pub path: String,
    /// Whether it is a directory (its content lands at `path`).
    pub directory: bool,
}

/// A COPY or ADD.
#[derive(Clone, Debug)]
pub struct CopyModel {
    /// `--from`, as written.
    pub from: Option<String>,
    /// Sources as written (quotes removed).
    pub sources: Vec<String>,
    /// Absolute destination; `None` where a variable is not known.
    pub dest: Option<String>,
    /// Whether the destination is a directory for sure (`/` at the end, several sources).
    pub into: bool,
    /// A source is a URL, a git repository or a heredoc.
    pub remote: bool,
    /// `--chown` as written.
    pub chown: Option<String>,
    /// What lands where; unknown without a context.
    pub landings: Tri<Vec<Landing>>,
}

impl CopyModel {
    /// Reads a COPY or ADD in the given state.
    pub fn of(
        instruction: &Instruction,
        state: &State,
        escape: char,
        context: &dyn Context,
    ) -> Option<Self> {
        let Data::Transfer { sources, dest, .. } = &instruction.data else {
            return None;
        };
        let written_dest = state.expand(&dest.raw, escape);
        let into_written = written_dest
            .as_deref()
            .is_some_and(|dest| dest.ends_with('/') || dest == "." || dest.ends_with("/."));
        let dest = written_dest.and_then(|dest| match &state.workdir {
            _ if dest.starts_with('/') => Some(resolve("/", &dest)),
            Some(workdir) => Some(resolve(workdir, &dest)),
            None => None,
        });
        let from = instruction.flag_value("from").map(str::to_string);
        let heredoc = !instruction.heredocs.is_empty();
        let words: Vec<Option<String>> = sources
            .iter()
            .map(|word| state.expand(&word.raw, escape))
            .collect();
        let texts: Vec<String> = sources
            .iter()
            .zip(&words)
            .map(|(word, text)| text.clone().unwrap_or_else(|| word.raw.clone()))
            .collect();
        let remote = heredoc
            || (instruction.keyword == Keyword::Add && texts.iter().any(|text| is_remote(text)));
        let mut model = Self {
            into: into_written || sources.len() > 1,
            chown: instruction.flag_value("chown").map(str::to_string),
            landings: Tri::Unknown("not from the build context".into()),
            from,
            sources: texts,
            dest,
            remote,
        };
        if model.from.is_none() && !remote {
            model.landings = match words.iter().any(Option::is_none) {
                true => Tri::Unknown("a source has a variable".into()),
                false => model.land(context),
            };
        }
        Some(model)
    }

    fn land(&self, context: &dyn Context) -> Tri<Vec<Landing>> {
        let Some(dest) = &self.dest else {
            return Tri::Unknown("the destination has a variable".into());
        };
        let mut landings = Vec::new();
        for source in &self.sources {
            let source = resolve("/", source);
            let source = source.trim_start_matches('/');
            let found = if source.is_empty() {
                Tri::Present(vec![(String::new(), Entry::Directory)])
            } else {
                context.matches(source)
            };
            match found {
                Tri::Present(entries) => {
                    let into = self.into || entries.len() > 1;
                    for (path, entry) in entries {
                        let directory = entry == Entry::Directory;
                        let target = if directory || !into {
                            dest.clone()
                        } else {
                            resolve(dest, name(&path))
                        };
                        landings.push(Landing {
                            source: path,
                            path: target,
                            directory,
                        });
                    }
                }
                Tri::Absent => {}
                Tri::Unknown(reason) => return Tri::Unknown(reason),
            }
        }
        Tri::Present(landings)
    }

    /// The context path of the file that ends up at `path`, if this COPY brings it: `Ok(None)` where it does not,
    /// an error where nobody can say.
    pub fn brings(&self, path: &str, context: &dyn Context) -> Result<Option<String>, String> {
        if self.from.is_some() || self.remote {
            return Ok(None);
        }
        let landings = match &self.landings {
            Tri::Present(landings) => landings,
            Tri::Absent => return Ok(None),
            Tri::Unknown(reason) => {
                return match &self.dest {
                    Some(dest) if !super::path::within(path, dest) => Ok(None),
                    _ => Err(reason.clone()),
                };
            }
        };
        for landing in landings {
            if let Some(rest) = super::path::below(path, &landing.path) {
                let candidate = match (landing.directory, rest) {
                    (false, "") => landing.source.clone(),
                    (false, _) => continue,
                    (true, rest) if landing.source.is_empty() => rest.to_string(),
                    (true, "") => landing.source.clone(),
                    (true, rest) => format!("{}/{rest}", landing.source),
                };
                match context.entry(&candidate) {
                    Tri::Present(_) => return Ok(Some(candidate)),
                    Tri::Absent => {}
                    Tri::Unknown(reason) => return Err(reason),
                }
            }
        }
        Ok(None)
    }

    /// Whether everything lands at or below `directory`.
    pub fn lands_within(&self, directory: &str) -> bool {
        self.dest
            .as_deref()
            .is_some_and(|dest| super::path::within(dest, directory))
    }

    /// Whether this is `COPY . …`: the whole context.
    pub fn whole_context(&self) -> bool {
        self.from.is_none()
            && self
                .sources
                .iter()
                .any(|source| matches!(resolve("/", source).as_str(), "/"))
    }
}

/// URLs and git addresses, which ADD fetches.
fn is_remote(source: &str) -> bool {
    source.contains("://")
        || source.starts_with("git@")
        || (source.starts_with("github.com/") && source.contains(".git"))
}
