//! How each form of a fact is read.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use crate::regular::Regular;

use super::at::At;
use super::files::{Glob, fill_holes};
use super::spec::{Format, Value};
use super::tree::{Lines, Node};
use super::{Reader, parse};
use crate::facts::{Source, Tri};

pub(super) fn fill_globs(
    globs: &[String],
    fill: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<String>, String> {
    globs
        .iter()
        .map(|glob| fill_holes(glob, fill, true))
        .collect()
}

/// The first path that exists, if any.
pub(super) fn first(reader: &Reader, globs: &[String]) -> Option<Tri<Value>> {
    globs.iter().find_map(|glob| {
        let found = match Glob::parse(glob) {
            Ok(glob) => glob.find(reader.context()),
            Err(message) => Tri::Unknown(message),
        };
        match found {
            Tri::Present(paths) => paths.into_iter().next().map(|path| {
                let source = Some(Source {
                    file: path.clone(),
                    line: 0,
                });
                Tri::Present(Value::Text { text: path, source })
            }),
            Tri::Absent => None,
            Tri::Unknown(reason) => Some(Tri::Unknown(reason)),
        }
    })
}

/// All files of several globs, each once, in the order of the globs.
pub(super) fn all_files(reader: &Reader, globs: &[String]) -> Tri<Vec<String>> {
    let mut files = Vec::new();
    let mut seen = HashSet::new();
    for glob in globs {
        let found = match Glob::parse(glob) {
            Ok(glob) => glob.find(reader.context()),
            Err(message) => Tri::Unknown(message),
        };
        match found {
            Tri::Present(found) => {
                files.extend(found.into_iter().filter(|file| seen.insert(file.clone())))
            }
            Tri::Absent => {}
            Tri::Unknown(reason) => return Tri::Unknown(reason),
        }
    }
    if files.is_empty() {
        Tri::Absent
    } else {
        Tri::Present(files)
    }
}

pub(super) fn read_at(
    reader: &Reader,
    file: &str,
    at: &str,
    format: Option<Format>,
    fill: &dyn Fn(&str) -> Option<String>,
) -> Result<Tri<Value>, String> {
    let at = match At::parse(at) {
        Ok(at) => at,
        Err(message) => return Ok(Tri::Unknown(message)),
    };
    let Some(format) = format.or_else(|| Format::of(file)) else {
        return Ok(Tri::Unknown(format!(
            "`{file}` is neither JSON, TOML, YAML nor XML by its name"
        )));
    };
    let tree = match reader.tree(file, format) {
        Tri::Present(tree) => tree,
        Tri::Absent => return Ok(Tri::Absent),
        Tri::Unknown(reason) => return Ok(Tri::Unknown(reason)),
    };
    let source = |line: usize| Source {
        file: file.to_string(),
        line,
    };
    let mut found = at.find(&tree, fill)?.into_iter();
    Ok(if at.is_list() {
        let list: Vec<_> = found.map(|(text, line)| (text, source(line))).collect();
        if list.is_empty() {
            Tri::Absent
        } else {
            Tri::Present(Value::List(list))
        }
    } else {
        found.next().map_or(Tri::Absent, |(text, line)| {
            Tri::Present(Value::Text {
                text,
                source: Some(source(line)),
            })
        })
    })
}

/// What an expression finds in the files that are there; it is compiled when there is a text to search.
pub(super) fn search<'r>(
    reader: &Reader,
    files: &[String],
    regex: &dyn Fn() -> Result<&'r Regular, String>,
    all: bool,
) -> Tri<Value> {
    let mut list = Vec::new();
    let mut seen = HashSet::new();
    for file in files {
        let text: Arc<str> = match reader.context().read(file) {
            Tri::Present(text) => text,
            Tri::Absent => continue,
            Tri::Unknown(reason) => return Tri::Unknown(reason),
        };
        let regex = match regex() {
            Ok(regex) => regex,
            Err(message) => return Tri::Unknown(message),
        };
        let lines = OnceLock::new();
        for found in regex.find_all(&text) {
            let line = || lines.get_or_init(|| Lines::new(&text)).line(found.start);
            let source = || Source {
                file: file.clone(),
                line: line(),
            };
            if !all {
                return Tri::Present(Value::Text {
                    source: Some(source()),
                    text: found.text,
                });
            }
            if seen.insert(found.text.clone()) {
                let source = source();
                list.push((found.text, source));
            }
        }
    }
    if list.is_empty() {
        Tri::Absent
    } else {
        Tri::Present(Value::List(list))
    }
}

impl Reader<'_> {
    /// The parsed form of a file, kept for the next fact.
    fn tree(&self, file: &str, format: Format) -> Tri<Arc<Node>> {
        self.cached(file, format, || {
            self.context()
                .read(file)
                .and_then(|text| match parse(&text, format) {
                    Ok(tree) => Tri::Present(Arc::new(tree)),
                    Err(error) => Tri::Unknown(format!("`{file}`:{error}")),
                })
        })
    }
}
