//! What JSON, TOML, YAML and XML have in common, with line numbers.

use std::fmt::Write;

/// A value of a structured file.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it stands, counted from 1; 0 if the parser does not tell.
    pub line: usize,
    /// What it is.
    pub kind: Kind,
}

/// The kinds of values.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `null`, or nothing after a YAML key.
    Null,
    /// A number or a boolean, as it is written.
    Bare(String),
    /// A string, without quotes and escapes.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the file. A key that stands twice counts as its last value.
    Map(Vec<(String, Node)>),
    /// An XML element with children or attributes: its own text, and the children by name, the
    /// attributes as `@name`.
    Element {
        /// The text directly inside, trimmed.
        text: String,
        /// Children of the same name together, each group in the order of the file.
        children: Vec<(String, Vec<Node>)>,
    },
}

impl Node {
    /// The value of a key, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.kind {
            Kind::Map(pairs) => {
                let mut pairs = pairs.iter();
                pairs.find(|(name, _)| name == key).map(|(_, node)| node)
            }
            _ => None,
        }
    }

    /// The text of a scalar as it is written.
    pub fn scalar(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) | Kind::Bare(text) => Some(text),
            _ => None,
        }
    }

    /// The value as a text: a scalar as it is, anything larger as compact JSON. Nothing for null.
    pub fn text(&self) -> Option<String> {
        match &self.kind {
            Kind::Null => None,
            Kind::Bare(text) | Kind::Text(text) => Some(text.clone()),
            Kind::Element { text, .. } => Some(text.clone()),
            Kind::List(_) | Kind::Map(_) => {
                let mut json = String::new();
                write_json(self, &mut json);
                Some(json)
            }
        }
    }
}

fn write_json(node: &Node, out: &mut String) {
    match &node.kind {
        Kind::Null => out.push_str("null"),
        Kind::Bare(text) => out.push_str(text),
        Kind::Text(text) | Kind::Element { text, .. } => write_string(text, out),
        Kind::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_json(item, out);
            }
            out.push(']');
        }
        Kind::Map(pairs) => {
            out.push('{');
            for (index, (key, value)) in pairs.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_string(key, out);
                out.push(':');
                write_json(value, out);
            }
            out.push('}');
        }
    }
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Line numbers for rising byte offsets, in one pass over the text.
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub fn new(text: &'a str) -> Self {
        let starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        Self { text, starts }
    }

    /// The line of a byte offset, counted from 1.
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    /// The line and the column in characters, both counted from 1.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let line = self.line(offset);
        let start = self.starts[line - 1];
        let column = self
            .text
            .get(start..offset)
            .map_or(0, |before| before.chars().count());
        (line, column + 1)
    }
}
