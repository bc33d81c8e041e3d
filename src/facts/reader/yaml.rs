//! YAML 1.2, by `serde-saphyr` (a key that stands twice is an error, aliases are bounded).

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::Spanned;

use super::Malformed;
use super::tree::{Kind, Node};

/// Deeper nesting than this is refused: the stack of a worker thread is small.
const MAX_DEPTH: usize = 48;

/// Parses the first document of a file.
pub(super) fn parse(text: &str) -> Result<Node, Malformed> {
    let options = serde_yaml::options! {
        with_snippet: false,
        budget: serde_yaml::budget! { max_depth: MAX_DEPTH },
    };
    let documents: Vec<Spanned<Raw>> = serde_yaml::from_multiple_with_options(text, options)
        .map_err(|error| {
            let at = error.location();
            let place = at.map_or((0, 0), |at| (at.line() as usize, at.column() as usize));
            Malformed {
                line: place.0,
                column: place.1,
                message: error.to_string(),
            }
        })?;
    let null = Node {
        line: 1,
        kind: Kind::Null,
    };
    Ok(documents
        .into_iter()
        .next()
        .map_or(null, |document| node(document, text)))
}

/// A value as the parser gives it.
enum Raw {
    Null,
    /// A plain scalar that is no string, as the parser understood it.
    Bare(String),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

fn node(raw: Spanned<Raw>, text: &str) -> Node {
    let at = raw.defined;
    let kind = match raw.value {
        Raw::Null => Kind::Null,
        Raw::Text(value) => Kind::Text(value),
        Raw::Bare(understood) => {
            // `1.20` is a version to the person who wrote it.
            let span = at.span();
            let start = span
                .byte_offset()
                .and_then(|start| usize::try_from(start).ok());
            let end = start
                .zip(span.byte_len())
                .and_then(|(start, length)| start.checked_add(usize::try_from(length).ok()?));
            let written = start
                .zip(end)
                .and_then(|(start, end)| text.get(start..end))
                .map(str::trim);
            Kind::Bare(
                written
                    .filter(|written| !written.is_empty())
                    .map_or(understood, str::to_string),
            )
        }
        Raw::List(items) => Kind::List(items.into_iter().map(|item| node(item, text)).collect()),
        Raw::Map(pairs) => Kind::Map(
            pairs
                .into_iter()
                .map(|(key, value)| {
                    let line = key.referenced.line() as usize;
                    let value = node(value, text);
                    (
                        key.value,
                        Node {
                            line: if line > 0 { line } else { value.line },
                            ..value
                        },
                    )
                })
                .collect(),
        ),
    };
    Node {
        line: at.line() as usize,
        kind,
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Bare(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Bare(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Bare(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Bare(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Raw::Map(map))
    }
}
