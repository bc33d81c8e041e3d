//! Facts by name, read once.

use crate::facts::path::join;
use crate::facts::reader::{Known, Reader, Value};
use crate::facts::{Context, Source, Tri, View};
use crate::rule::RuleSet;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What has been read of one build context and of folders in it. Dockerfiles that have the context in common may have
/// this in common, too, as long as the same rules are applied to them.
#[derive(Default)]
pub struct Folders {
    known: Mutex<HashMap<String, Arc<Known>>>,
    /// Answers to questions about all files.
    answers: Mutex<HashMap<String, bool>>,
}

impl Folders {
    fn known(&self, folder: &str) -> Arc<Known> {
        let mut folders = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = folders.get(folder) {
            return known.clone();
        }
        folders.entry(folder.to_string()).or_default().clone()
    }
}

/// What has been read of each part of one build context: rule after rule asks for the same facts.
#[derive(Default)]
pub struct Parts {
    folders: Arc<Folders>,
    limited: RefCell<Vec<Limited>>,
}

/// A part that one Dockerfile copies: its folder and its paths.
type Limited = (String, Vec<String>, Arc<Known>);

impl Parts {
    /// The parts of a context whose folders have been read by others.
    pub fn of(folders: Arc<Folders>) -> Self {
        Self {
            folders,
            limited: RefCell::default(),
        }
    }

    /// The answer to a question about the files of the whole context, found once; the question says all that it
    /// depends on.
    pub fn whether(&self, question: String, answer: impl FnOnce() -> bool) -> bool {
        let answers = || {
            let answers = self.folders.answers.lock();
            answers.unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(known) = answers().get(&question) {
            return *known;
        }
        let answer = answer();
        answers().insert(question, answer);
        answer
    }

    /// A reader of a part.
    pub fn reader<'a>(&self, view: &'a View<'a>) -> Reader<'a> {
        Reader::with_known(view, self.known(view.folder(), view.only()))
    }

    fn known(&self, folder: &str, only: Option<&[String]>) -> Arc<Known> {
        let Some(only) = only else {
            return self.folders.known(folder);
        };
        let mut limited = self.limited.borrow_mut();
        let same = |part: &&Limited| part.0 == folder && part.1 == only;
        if let Some((_, _, known)) = limited.iter().find(same) {
            return known.clone();
        }
        let known = Arc::<Known>::default();
        limited.push((folder.to_string(), only.to_vec(), known.clone()));
        known
    }
}

/// Facts of one build context.
pub struct Facts<'a> {
    /// The rules, which say how facts are read.
    pub rules: &'a RuleSet,
    /// The build context.
    pub context: &'a dyn Context,
    /// What has been read of it.
    parts: &'a Parts,
    /// The folders that facts are read from, the first that has a fact wins.
    readers: Vec<(&'a str, Reader<'a>)>,
}

impl<'a> Facts<'a> {
    /// Facts of a whole context, `parts` of which have been read.
    pub fn new(rules: &'a RuleSet, context: &'a dyn Context, parts: &'a Parts) -> Self {
        let reader = Reader::with_known(context, parts.known("", None));
        Self {
            rules,
            context,
            parts,
            readers: vec![("", reader)],
        }
    }

    /// The same, where paths count from the folders of projects in the context: a fact is read from the first that has
    /// it.
    pub fn of_projects(&self, projects: &'a [View<'a>]) -> Self {
        let readers = projects.iter();
        Self {
            readers: readers
                .map(|view| (view.folder(), self.parts.reader(view)))
                .collect(),
            ..*self
        }
    }

    /// The part of the build context that facts are read from first.
    pub fn project(&self) -> &dyn Context {
        self.readers
            .first()
            .map_or(self.context, |(_, reader)| reader.context())
    }

    /// The folders of the context that facts are read from.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.readers.iter().map(|(folder, _)| *folder)
    }

    /// The value of a fact; `fill` gives the values of its holes.
    pub fn with(&self, fact: &str, fill: &dyn Fn(&str) -> Option<String>) -> Tri<Value> {
        let Some(spec) = self.rules.facts.get(fact) else {
            return Tri::Unknown(format!("there is no fact `{fact}`"));
        };
        let mut answer = Tri::Absent;
        for (folder, reader) in &self.readers {
            match reader.fact(fact, spec, fill) {
                Tri::Present(value) => return Tri::Present(from_folder(value, folder)),
                Tri::Unknown(reason) => answer = Tri::Unknown(reason),
                Tri::Absent => {}
            }
        }
        answer
    }

    /// The value of a fact in a folder of the context alone.
    pub fn inside(
        &self,
        folder: &str,
        fact: &str,
        fill: &dyn Fn(&str) -> Option<String>,
    ) -> Tri<Value> {
        let Some(spec) = self.rules.facts.get(fact) else {
            return Tri::Unknown(format!("there is no fact `{fact}`"));
        };
        let view = View::new(self.context, folder, None);
        let reader = self.parts.reader(&view);
        reader
            .fact(fact, spec, fill)
            .map(|value| from_folder(value, folder))
    }

    /// The value of a fact without holes.
    pub fn get(&self, fact: &str) -> Tri<Value> {
        self.with(fact, &|_| None)
    }

    /// The names that a fact lists in all of the folders, each with its source.
    pub fn names(&self, fact: &str) -> Tri<Vec<(String, Option<Source>)>> {
        let Some(spec) = self.rules.facts.get(fact) else {
            return Tri::Unknown(format!("there is no fact `{fact}`"));
        };
        let mut names: Vec<(String, Option<Source>)> = Vec::new();
        let mut read = false;
        let mut answer = Tri::Absent;
        for (folder, reader) in &self.readers {
            match reader.fact(fact, spec, &|_| None) {
                Tri::Present(value) => {
                    read = true;
                    let value = from_folder(value, folder);
                    for (text, source) in value.texts() {
                        if !names.iter().any(|(known, _)| known == text) {
                            names.push((text.to_string(), source.cloned()));
                        }
                    }
                }
                Tri::Unknown(reason) => answer = Tri::Unknown(reason),
                Tri::Absent => {}
            }
        }
        match read {
            true => Tri::Present(names),
            false => answer,
        }
    }

    /// Whether a fact is there, with its first source.
    pub fn present(&self, fact: &str) -> Tri<Option<Source>> {
        self.get(fact).map(|value| {
            value
                .texts()
                .first()
                .and_then(|(_, source)| source.cloned())
        })
    }
}

/// A value whose sources are named from the root of the context.
fn from_folder(value: Value, folder: &str) -> Value {
    let named = |source: Source| match folder {
        "" => source,
        folder => Source {
            file: join(folder, &source.file),
            ..source
        },
    };
    match value {
        Value::Text { text, source } => Value::Text {
            text,
            source: source.map(named),
        },
        Value::List(list) => Value::List(
            list.into_iter()
                .map(|(text, source)| (text, named(source)))
                .collect(),
        ),
    }
}
