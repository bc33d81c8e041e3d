//! Values of documents, each with the place where it stands.
//!
//! What people write (YAML) and what the build packed (MessagePack) are opened in the same way, and documents are read
//! from that alone: a type's reader is compiled into the program once and not for each format, and every error in YAML
//! has a place.

mod invalid;
mod items;
mod packed;
mod read;
mod yaml;

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::DeserializeOwned;

pub use invalid::Invalid;
pub use read::PLACED;
pub use yaml::first as first_yaml;

/// A value with its line and column, both counted from 1 and both 0 where nothing tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Value<'a> {
    /// Line.
    pub line: usize,
    /// Column in characters.
    pub column: usize,
    /// What it is.
    pub kind: Kind<'a>,
}

/// The kinds of values.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind<'a> {
    /// `null`, or nothing after a key.
    Null,
    /// A scalar that is no string: as it is understood, and as it is written where that is known (`1.20` is a version
    /// to the person who wrote it).
    Bare(Bare, Option<&'a str>),
    /// A string.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<Value<'a>>),
    /// A map, in its order.
    Map(Vec<(Key<'a>, Value<'a>)>),
}

/// A scalar that is no string.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bare {
    /// `true` or `false`.
    Bool(bool),
    /// A number without sign.
    Unsigned(u64),
    /// A negative number.
    Signed(i64),
    /// A number with a fraction.
    Float(f64),
}

/// A key of a map with the place where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Key<'a> {
    /// Line.
    pub line: usize,
    /// Column in characters.
    pub column: usize,
    /// The key.
    pub name: Cow<'a, str>,
}

/// Reads a YAML document.
///
/// # Errors
/// Where it is no YAML, or no document of that type, and why.
pub fn from_yaml<T: DeserializeOwned>(text: &str) -> Result<T, Invalid> {
    read::document(yaml::only(text)?.into())
}

/// Reads what the build packed. Nothing if it is of another type.
pub fn from_packed<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let rest = Cell::new(bytes);
    read::document(packed::Rest::of(&rest).value().ok()?).ok()
}

impl fmt::Display for Bare {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(formatter),
            Self::Unsigned(value) => value.fmt(formatter),
            Self::Signed(value) => value.fmt(formatter),
            Self::Float(value) => value.fmt(formatter),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::rule::At;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Document {
        name: At<String>,
        #[serde(default)]
        many: Vec<Kinds>,
        #[serde(default)]
        by: BTreeMap<String, At<u32>>,
        #[serde(default)]
        maybe: Option<Box<Document>>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Kinds {
        Plain,
        One(String),
        Some { deep: bool },
    }

    fn at<T>(value: T, line: usize, column: usize) -> At<T> {
        At {
            value,
            line,
            column,
        }
    }

    #[test]
    fn values_are_read_with_their_places() {
        let document: Document = from_yaml(
            "name: a\nmany: [plain, {one: 1.20}]\nby:\n  x: 3\nmaybe:\n  name: b\n  many:\n  - some:\n      deep: true\n",
        )
        .unwrap();
        assert_eq!(
            document,
            Document {
                name: at("a".into(), 1, 7),
                many: vec![Kinds::Plain, Kinds::One("1.20".into())],
                by: [("x".to_string(), at(3, 4, 6))].into(),
                maybe: Some(Box::new(Document {
                    name: at("b".into(), 6, 9),
                    many: vec![Kinds::Some { deep: true }],
                    by: BTreeMap::new(),
                    maybe: None,
                })),
            }
        );
    }

    #[test]
    fn a_packed_document_is_read_without_places() {
        let bytes =
            rmp_serde::to_vec(&serde_json::json!({"name": "a", "many": ["plain"], "by": {"x": 3}}))
                .unwrap();
        let document: Document = from_packed(&bytes).unwrap();
        assert_eq!(document.name, at("a".into(), 0, 0));
        assert_eq!(document.by["x"], at(3, 0, 0));
        assert_eq!(from_packed::<Vec<String>>(&bytes), None);
    }

    #[test]
    fn nothing_after_a_key_is_an_empty_list() {
        let document: Document = from_yaml("name: a\nmany:\nby:\nmaybe: ~\n").unwrap();
        assert!(document.many.is_empty() && document.by.is_empty() && document.maybe.is_none());
    }

    #[test]
    fn errors_have_a_place_and_a_reason() {
        for (text, line, column, message) in [
            (
                "nam: a\n",
                1,
                1,
                "unknown field `nam`, did you mean `name`?",
            ),
            (
                "kind: a\n",
                1,
                1,
                "unknown field `kind`, expected one of name, many, by, maybe",
            ),
            ("many: []\n", 1, 1, "missing field `name`"),
            (
                "name: a\nby:\n  x: many\n",
                3,
                6,
                "invalid type: string \"many\", expected u32",
            ),
            (
                "name: a\nmany:\n  - plane\n",
                3,
                5,
                "unknown value `plane`, did you mean `plain`?",
            ),
            (
                "name: a\nmany:\n  - {one: a, plain: b}\n",
                3,
                5,
                "a name, or a map with one key",
            ),
            ("name: [a]\n", 1, 7, "invalid type: sequence"),
            ("name: ~\n", 1, 7, "invalid type: null"),
            (
                "name: a\nmaybe: b\n",
                2,
                8,
                "invalid type: string \"b\", expected a map",
            ),
            ("name: a\nname: b\n", 2, 1, "duplicate"),
            ("name: a\n---\nname: b\n", 3, 1, "one document"),
            ("name: 'a\n", 1, 7, "quot"),
        ] {
            let error = from_yaml::<Document>(text).unwrap_err();
            assert_eq!((error.line, error.column), (line, column), "{text}{error}");
            assert!(error.message.contains(message), "{text}{error}");
            assert!(!error.message.contains(" at line "), "{text}{error}");
        }
    }
}
