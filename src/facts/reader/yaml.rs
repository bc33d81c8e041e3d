//! YAML, as [`crate::value`] reads it.

use super::Malformed;
use super::tree::{Kind, Node};
use crate::value::{self, Value, first_yaml};

/// Parses the first document of a file.
pub(super) fn parse(text: &str) -> Result<Node, Malformed> {
    match first_yaml(text) {
        Ok(document) => Ok(node(document)),
        Err(error) => Err(Malformed {
            line: error.line,
            column: error.column,
            message: error.message,
        }),
    }
}

fn node(value: Value) -> Node {
    let kind = match value.kind {
        value::Kind::Null => Kind::Null,
        value::Kind::Bare(bare, written) => {
            Kind::Bare(written.map_or_else(|| bare.to_string(), str::to_owned))
        }
        value::Kind::Text(text) => Kind::Text(text.into_owned()),
        value::Kind::List(items) => Kind::List(items.into_iter().map(node).collect()),
        value::Kind::Map(entries) => Kind::Map(
            entries
                .into_iter()
                .map(|(key, value)| {
                    let value = Node {
                        line: key.line,
                        ..node(value)
                    };
                    (key.name.into_owned(), value)
                })
                .collect(),
        ),
    };
    Node {
        line: value.line,
        kind,
    }
}
