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

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

pub use files::{Glob, SKIPPED};
pub use spec::{FactSpec, Format, SpecError, Value};
pub use tree::{Kind, Node};

use super::{Context, Tri};

type Trees = HashMap<(String, Format), Tri<Arc<Node>>>;

/// A build context with the structured files that have been parsed so far.
pub struct Reader<'a> {
    context: &'a dyn Context,
    trees: Mutex<Trees>,
}

impl<'a> Reader<'a> {
    /// A reader with nothing parsed yet.
    pub fn new(context: &'a dyn Context) -> Self {
        Self {
            context,
            trees: Mutex::default(),
        }
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
        let trees = || self.trees.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tree) = trees().get(&key) {
            return tree.clone();
        }
        let tree = parse();
        trees().insert(key, tree.clone());
        tree
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
