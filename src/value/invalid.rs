//! Documents that cannot be read.

use std::fmt;

use serde::de::{Error, Unexpected};

use crate::nearest::nearest;

/// A document that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Invalid {
    /// Line, counted from 1; 0 if nothing tells.
    pub line: usize,
    /// Column in characters, counted from 1; 0 if nothing tells.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl Error for Invalid {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            line: 0,
            column: 0,
            message: message.to_string(),
        }
    }

    fn invalid_type(unexpected: Unexpected, expected: &dyn serde::de::Expected) -> Self {
        // What YAML calls it.
        let expected = match expected.to_string() {
            name if name.starts_with("struct ") => "a map".to_owned(),
            other => other,
        };
        match unexpected {
            Unexpected::Unit => {
                Self::custom(format_args!("invalid type: null, expected {expected}"))
            }
            other => Self::custom(format_args!("invalid type: {other}, expected {expected}")),
        }
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        Self::unknown("field", name, known)
    }

    fn unknown_variant(name: &str, known: &'static [&'static str]) -> Self {
        Self::unknown("value", name, known)
    }
}

impl Invalid {
    fn unknown(what: &str, name: &str, known: &[&str]) -> Self {
        Self::custom(match nearest(name, known) {
            Some(meant) => format!("unknown {what} `{name}`, did you mean `{meant}`?"),
            None => format!(
                "unknown {what} `{name}`, expected one of {}",
                known.join(", ")
            ),
        })
    }

    /// The same, at a place if it has none yet.
    pub(super) fn at(self, line: usize, column: usize) -> Self {
        match self.line {
            0 => Self {
                line,
                column,
                ..self
            },
            _ => self,
        }
    }
}
