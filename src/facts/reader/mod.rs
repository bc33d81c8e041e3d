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

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

pub use files::{Glob, SKIPPED};
pub use spec::{FactSpec, Format, SpecError, Value};
pub use tree::{Kind, Node};

use super::{Context, Tri};

type Trees = HashMap<(String, Format), Tri<Arc<Node>>>;

/// What has been read of a build context so far.
#[derive(Default)]
pub struct Known {
    /// Structured files, parsed.
    trees: RefCell<Trees>,
    /// Facts by their names; those with holes only where none of them was looked at.
    facts: RefCell<HashMap<String, Tri<Value>>>,
}

/// A build context with what has been read of it so far.
pub struct Reader<'a> {
    context: &'a dyn Context,
    known: Rc<Known>,
}

impl<'a> Reader<'a> {
    /// A reader of a context of which nothing has been read yet.
    pub fn new(context: &'a dyn Context) -> Self {
        Self::with_known(context, Rc::default())
    }

    /// A reader of a context of which others have read something.
    pub fn with_known(context: &'a dyn Context, known: Rc<Known>) -> Self {
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
        if let Some(tree) = self.known.trees.borrow().get(&key) {
            return tree.clone();
        }
        let tree = parse();
        self.known.trees.borrow_mut().insert(key, tree.clone());
        tree
    }

    /// The fact of a name, as [`FactSpec::read`] reads it; read once where no hole had to be filled.
    pub fn fact(
        &self,
        name: &str,
        spec: &FactSpec,
        fill: &dyn Fn(&str) -> Option<String>,
    ) -> Tri<Value> {
        if let Some(value) = self.known.facts.borrow().get(name) {
            return value.clone();
        }
        let filled = Cell::new(false);
        let value = spec.read(self, &|hole| {
            filled.set(true);
            fill(hole)
        });
        if !filled.get() {
            let mut facts = self.known.facts.borrow_mut();
            facts.insert(name.to_string(), value.clone());
        }
        value
    }
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
