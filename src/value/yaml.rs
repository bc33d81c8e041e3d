//! YAML 1.2, by `serde-saphyr` (a key that stands twice is an error, aliases are bounded).

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::{Location, Spanned};

use super::{Bare, Invalid, Key, Kind, Value};

/// Deeper nesting than this is refused: the stack of a worker thread is small.
const MAX_DEPTH: usize = 48;

/// The first document of a text; null where it holds none.
///
/// # Errors
/// Where the text is no YAML, and why.
pub fn first(text: &str) -> Result<Value<'_>, Invalid> {
    Ok(documents(text)?.next().unwrap_or(NOTHING))
}

/// The document of a text that holds no other.
pub(super) fn only(text: &str) -> Result<Value<'_>, Invalid> {
    let mut documents = documents(text)?;
    let document = documents.next().unwrap_or(NOTHING);
    match documents.next() {
        None => Ok(document),
        Some(second) => Err(Invalid {
            line: second.line,
            column: second.column,
            message: "a file holds one document".into(),
        }),
    }
}

const NOTHING: Value = Value {
    line: 1,
    column: 1,
    kind: Kind::Null,
};

fn documents(text: &str) -> Result<impl Iterator<Item = Value<'_>>, Invalid> {
    let options = serde_yaml::options! {
        with_snippet: false,
        budget: serde_yaml::budget! { max_depth: MAX_DEPTH },
    };
    let documents: Vec<Spanned<Raw>> = serde_yaml::from_multiple_with_options(text, options)
        .map_err(|error| {
            let (line, column) = error.location().map_or((0, 0), |at| place(&at));
            // The place is told apart from the message.
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or(&message);
            Invalid {
                line,
                column,
                message: message.to_owned(),
            }
        })?;
    Ok(documents.into_iter().map(|document| value(document, text)))
}

/// A value as the parser gives it.
enum Raw {
    Null,
    Bare(Bare),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

fn value(raw: Spanned<Raw>, text: &str) -> Value<'_> {
    let kind = match raw.value {
        Raw::Null => Kind::Null,
        Raw::Text(value) => Kind::Text(Cow::Owned(value)),
        Raw::Bare(bare) => Kind::Bare(bare, written(&raw.defined, text)),
        Raw::List(items) => Kind::List(items.into_iter().map(|item| value(item, text)).collect()),
        Raw::Map(pairs) => Kind::Map(
            pairs
                .into_iter()
                .map(|(key, item)| {
                    let item = value(item, text);
                    let (line, column) = place(&key.referenced);
                    let known = line > 0;
                    let key = Key {
                        line: if known { line } else { item.line },
                        column: if known { column } else { item.column },
                        name: Cow::Owned(key.value),
                    };
                    (key, item)
                })
                .collect(),
        ),
    };
    let (line, column) = place(&raw.referenced);
    Value { line, column, kind }
}

fn place(at: &Location) -> (usize, usize) {
    (at.line() as usize, at.column() as usize)
}

/// The text of a scalar.
fn written<'a>(at: &Location, text: &'a str) -> Option<&'a str> {
    let span = at.span();
    let start = usize::try_from(span.byte_offset()?).ok()?;
    let end = start.checked_add(usize::try_from(span.byte_len()?).ok()?)?;
    Some(text.get(start..end)?.trim()).filter(|written| !written.is_empty())
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
        Ok(Raw::Bare(Bare::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Bare(match u64::try_from(value) {
            Ok(value) => Bare::Unsigned(value),
            Err(_) => Bare::Signed(value),
        }))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Bare(Bare::Unsigned(value)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Bare(Bare::Float(value)))
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
