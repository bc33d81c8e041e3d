//! Generic readers: what a rule's `facts:` may ask of the build context.
//!
//! A [`FactSpec`] says what to read, [`FactSpec::read`] reads it through a [`Reader`]. What is read is
//! the context alone; a `<name>` in a path or a key is filled in by the caller, as plain text that is
//! never scanned again.

mod at;
mod files;
mod json;
mod search;
mod spec;
mod toml;
mod tree;
mod xml;
mod yaml;

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use files::{Glob, SKIPPED};
pub use spec::{FactSpec, Format, SpecError, Value};
pub use tree::{Kind, Node};

use super::sources::{self, Scan};
use super::{Context, Tri};

/// The globs of the files that are searched, and of those that are not.
type Globs = (Vec<String>, Vec<String>);
type Trees = HashMap<(String, Format), Tri<Arc<Node>>>;

/// What has been read of a build context so far.
#[derive(Default)]
pub struct Known {
    /// Structured files, parsed.
    trees: Mutex<Trees>,
    /// Facts by their names; those with holes only where none of them was looked at.
    facts: Mutex<HashMap<String, Tri<Value>>>,
    /// Searches of sources, by the globs of what is searched and of what is not.
    scans: Mutex<HashMap<Globs, Tri<Arc<Scan>>>>,
}

/// A build context with what has been read of it so far.
pub struct Reader<'a> {
    context: &'a dyn Context,
    known: Arc<Known>,
}

impl<'a> Reader<'a> {
    /// A reader of a context of which nothing has been read yet.
    pub fn new(context: &'a dyn Context) -> Self {
        Self::with_known(context, Arc::default())
    }

    /// A reader of a context of which others have read something.
    pub fn with_known(context: &'a dyn Context, known: Arc<Known>) -> Self {
        Self { context, known }
    }

    /// The context it reads.
    pub fn context(&self) -> &'a dyn Context {
        self.context
    }

    fn cached(
        &self,
        file: &str,
        format: Format,
        parse: impl FnOnce() -> Tri<Arc<Node>>,
    ) -> Tri<Arc<Node>> {
        let key = (file.to_string(), format);
        if let Some(tree) = lock(&self.known.trees).get(&key) {
            return tree.clone();
        }
        let tree = parse();
        lock(&self.known.trees).insert(key, tree.clone());
        tree
    }

    /// What the sources say that match one of `files` and none of `except`, as [`sources::scan`] finds it.
    pub fn scan(&self, files: &[String], except: &[String]) -> Tri<Arc<Scan>> {
        let key = (files.to_vec(), except.to_vec());
        if let Some(scan) = lock(&self.known.scans).get(&key) {
            return scan.clone();
        }
        let scan = sources::scan(self.context, files, except).map(Arc::new);
        lock(&self.known.scans).insert(key, scan.clone());
        scan
    }

    /// The fact of a name, as [`FactSpec::read`] reads it; read once where no hole had to be filled.
    pub fn fact(
        &self,
        name: &str,
        spec: &FactSpec,
        fill: &dyn Fn(&str) -> Option<String>,
    ) -> Tri<Value> {
        if let Some(value) = lock(&self.known.facts).get(name) {
            return value.clone();
        }
        let filled = Cell::new(false);
        let value = spec.read(self, &|hole| {
            filled.set(true);
            fill(hole)
        });
        if !filled.get() {
            lock(&self.known.facts).insert(name.to_string(), value.clone());
        }
        value
    }
}

/// Nothing is left half done under these locks, so that one that was poisoned still holds what it should.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Parses a structured text.
///
/// # Errors
/// Line, column and what is wrong.
pub fn parse(text: &str, format: Format) -> Result<Node, Malformed> {
    match format {
        Format::Json => json::parse(text),
        Format::Toml => toml::parse(text),
        Format::Yaml => yaml::parse(text),
        Format::Xml => xml::parse(text),
    }
}

/// A file that its parser does not take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Malformed {
    /// Line, counted from 1; 0 if the parser does not tell.
    pub line: usize,
    /// Column in characters, counted from 1; 0 if the parser does not tell.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        // One line, whatever the parser draws.
        let message = self.message.lines().next().unwrap_or_default();
        write!(formatter, "{}:{}: {message}", self.line, self.column)
    }
}
