//! Documents out of values.

use std::borrow::Cow;

use serde::de::{DeserializeOwned, Deserializer, Error, Visitor};

use super::items::{Entries, Items, Placed, Variant};
use super::{Bare, Invalid, Kind, Value};

/// The name of the newtype that asks for a value with its place: a sequence of line, column and value, of which other
/// deserializers give the value alone.
pub const PLACED: &str = "dockopt::At";

/// A value that is about to be read, with its place (both 0 where nothing tells).
#[derive(Debug)]
pub(super) struct Open<'a> {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) shape: Shape<'a>,
}

/// What it is: as [`Kind`], but lists and maps are read one item after the other.
#[derive(Debug)]
pub(super) enum Shape<'a> {
    Null,
    Bare(Bare, Option<&'a str>),
    Text(Cow<'a, str>),
    List(Items<'a>),
    Map(Entries<'a>),
}

/// Reads a document.
pub(super) fn document<T: DeserializeOwned>(value: Open) -> Result<T, Invalid> {
    T::deserialize(value)
}

impl<'a> From<Value<'a>> for Open<'a> {
    fn from(value: Value<'a>) -> Self {
        Self {
            line: value.line,
            column: value.column,
            shape: match value.kind {
                Kind::Null => Shape::Null,
                Kind::Bare(bare, written) => Shape::Bare(bare, written),
                Kind::Text(text) => Shape::Text(text),
                Kind::List(items) => Shape::List(Items::Written(items.into_iter())),
                Kind::Map(entries) => Shape::Map(Entries::written(entries)),
            },
        }
    }
}

impl<'de> Open<'de> {
    /// One of which nothing tells the place.
    pub(super) fn packed(shape: Shape<'de>) -> Self {
        Self {
            line: 0,
            column: 0,
            shape,
        }
    }

    pub(super) fn string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        match self.shape {
            Shape::Bare(_, Some(written)) => visitor
                .visit_borrowed_str(written)
                .map_err(|error: Invalid| error.at(self.line, self.column)),
            _ => self.deserialize_any(visitor),
        }
    }

    /// Reads all that it holds, so that what follows in a packed document can be read.
    fn skip(self) -> Result<(), Invalid> {
        match self.shape {
            Shape::List(mut items) => {
                while let Some(item) = items.next()? {
                    item.skip()?;
                }
            }
            Shape::Map(mut entries) => {
                while entries.key()?.is_some() {
                    entries.value()?.skip()?;
                }
            }
            Shape::Null | Shape::Bare(..) | Shape::Text(_) => {}
        }
        Ok(())
    }

    /// Nothing after a key is an empty list.
    pub(super) fn list<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        match self.shape {
            Shape::Null => visitor.visit_seq(Items::Written(Vec::new().into_iter())),
            _ => self.deserialize_any(visitor),
        }
    }

    /// Nothing after a key is an empty map.
    pub(super) fn map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        let (line, column) = (self.line, self.column);
        match self.shape {
            Shape::Null => visitor
                .visit_map(Entries::written(Vec::new()))
                .map_err(|error: Invalid| error.at(line, column)),
            _ => self.deserialize_any(visitor),
        }
    }
}

impl<'de> Deserializer<'de> for Open<'de> {
    type Error = Invalid;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        let read = match self.shape {
            Shape::Null => visitor.visit_unit(),
            Shape::Bare(Bare::Bool(value), _) => visitor.visit_bool(value),
            Shape::Bare(Bare::Unsigned(value), _) => visitor.visit_u64(value),
            Shape::Bare(Bare::Signed(value), _) => visitor.visit_i64(value),
            Shape::Bare(Bare::Float(value), _) => visitor.visit_f64(value),
            Shape::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Shape::Text(Cow::Owned(text)) => visitor.visit_string(text),
            Shape::List(items) => visitor.visit_seq(items),
            Shape::Map(entries) => visitor.visit_map(entries),
        };
        read.map_err(|error: Invalid| error.at(self.line, self.column))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.string(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.string(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.string(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.string(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        match self.shape {
            Shape::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.list(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.map(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Invalid> {
        self.map(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Invalid> {
        match name {
            PLACED => visitor.visit_seq(Placed::Line(self)),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Invalid> {
        let (line, column) = (self.line, self.column);
        let (name, value) = match self.shape {
            Shape::Text(name) => (name, None),
            Shape::Bare(_, Some(written)) => (Cow::Borrowed(written), None),
            Shape::Map(mut entries) if entries.left() == 1 => match entries.key()? {
                Some(key) => (key.name, Some(entries.value()?)),
                None => (Cow::Borrowed(""), None),
            },
            _ => {
                let message = "expected a name, or a map with one key";
                return Err(Invalid::custom(message).at(line, column));
            }
        };
        visitor
            .visit_enum(Variant { name, value })
            .map_err(|error: Invalid| error.at(line, column))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.skip()?;
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 bytes byte_buf unit unit_struct tuple tuple_struct
    }
}
