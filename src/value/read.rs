//! Documents out of values.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{BorrowedStrDeserializer, StringDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer,
    MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};

use super::packed::Many;
use super::{Bare, Invalid, Key, Kind, Value};
use crate::nearest::nearest;

/// The name of the newtype that asks for a value with its place: a sequence of line, column and value, of which other
/// deserializers give the value alone.
pub const PLACED: &str = "dockopt::At";

/// A value that is about to be read, with its place (both 0 where nothing tells).
#[derive(Debug)]
pub(super) struct Open<'a> {
    line: usize,
    column: usize,
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
                Kind::Map(entries) => Shape::Map(Entries {
                    rest: Rest::Written(entries.into_iter()),
                    value: None,
                }),
            },
        }
    }
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
    fn at(self, line: usize, column: usize) -> Self {
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

impl<'de> Open<'de> {
    /// One of which nothing tells the place.
    pub(super) fn packed(shape: Shape<'de>) -> Self {
        Self {
            line: 0,
            column: 0,
            shape,
        }
    }

    fn string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
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
    fn list<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        match self.shape {
            Shape::Null => visitor.visit_seq(Items::Written(Vec::new().into_iter())),
            _ => self.deserialize_any(visitor),
        }
    }

    /// Nothing after a key is an empty map.
    fn map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        let (line, column) = (self.line, self.column);
        match self.shape {
            Shape::Null => visitor
                .visit_map(Entries::none())
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

/// What has not been read yet of a list.
#[derive(Debug)]
pub(super) enum Items<'a> {
    Written(std::vec::IntoIter<Value<'a>>),
    Packed(Many<'a>),
}

impl<'a> Items<'a> {
    fn next(&mut self) -> Result<Option<Open<'a>>, Invalid> {
        match self {
            Self::Written(items) => Ok(items.next().map(Open::from)),
            Self::Packed(items) => items.item(),
        }
    }
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Invalid;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Invalid> {
        self.next()?.map(|item| seed.deserialize(item)).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(match self {
            Self::Written(items) => items.len(),
            Self::Packed(items) => items.left,
        })
    }
}

/// What has not been read yet of a map.
#[derive(Debug)]
pub(super) struct Entries<'a> {
    rest: Rest<'a>,
    /// The value of the last key, where it is known before it is asked for.
    value: Option<Value<'a>>,
}

#[derive(Debug)]
enum Rest<'a> {
    Written(std::vec::IntoIter<(Key<'a>, Value<'a>)>),
    Packed(Many<'a>),
}

impl<'a> Entries<'a> {
    fn none() -> Self {
        Self {
            rest: Rest::Written(Vec::new().into_iter()),
            value: None,
        }
    }

    /// Those that follow in a packed document.
    pub(super) fn packed(many: Many<'a>) -> Self {
        Self {
            rest: Rest::Packed(many),
            value: None,
        }
    }

    fn left(&self) -> usize {
        match &self.rest {
            Rest::Written(entries) => entries.len(),
            Rest::Packed(entries) => entries.left,
        }
    }

    fn key(&mut self) -> Result<Option<Key<'a>>, Invalid> {
        match &mut self.rest {
            Rest::Packed(entries) => entries.key(),
            Rest::Written(entries) => Ok(entries.next().map(|(key, value)| {
                self.value = Some(value);
                key
            })),
        }
    }

    fn value(&mut self) -> Result<Open<'a>, Invalid> {
        match (&self.rest, self.value.take()) {
            (Rest::Packed(entries), _) => entries.value(),
            (Rest::Written(_), Some(value)) => Ok(value.into()),
            (Rest::Written(_), None) => {
                Err(Invalid::custom("a value was asked for before its key"))
            }
        }
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Invalid;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Invalid> {
        let Some(key) = self.key()? else {
            return Ok(None);
        };
        let (line, column) = (key.line, key.column);
        let read = match key.name {
            Cow::Borrowed(name) => seed.deserialize(BorrowedStrDeserializer::new(name)),
            Cow::Owned(name) => seed.deserialize(StringDeserializer::new(name)),
        };
        read.map(Some)
            .map_err(|error: Invalid| error.at(line, column))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Invalid> {
        seed.deserialize(self.value()?)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left())
    }
}

/// Line, column and value, one after the other.
enum Placed<'a> {
    Line(Open<'a>),
    Column(Open<'a>),
    Value(Open<'a>),
    Done,
}

impl<'de> SeqAccess<'de> for Placed<'de> {
    type Error = Invalid;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Invalid> {
        match std::mem::replace(self, Self::Done) {
            Self::Line(value) => {
                let line = value.line;
                *self = Self::Column(value);
                seed.deserialize(line.into_deserializer()).map(Some)
            }
            Self::Column(value) => {
                let column = value.column;
                *self = Self::Value(value);
                seed.deserialize(column.into_deserializer()).map(Some)
            }
            Self::Value(value) => seed.deserialize(value).map(Some),
            Self::Done => Ok(None),
        }
    }
}

struct Variant<'a> {
    name: Cow<'a, str>,
    value: Option<Open<'a>>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Invalid;
    type Variant = Content<'de>;

    fn variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<(T::Value, Content<'de>), Invalid> {
        let variant = match self.name {
            Cow::Borrowed(name) => seed.deserialize(BorrowedStrDeserializer::<Invalid>::new(name)),
            Cow::Owned(name) => seed.deserialize(StringDeserializer::<Invalid>::new(name)),
        }?;
        Ok((variant, Content(self.value)))
    }
}

/// What stands after the name of a variant.
struct Content<'a>(Option<Open<'a>>);

impl<'de> Content<'de> {
    fn value(self) -> Result<Open<'de>, Invalid> {
        self.0
            .ok_or_else(|| Invalid::custom("a value is missing after the name"))
    }
}

impl<'de> VariantAccess<'de> for Content<'de> {
    type Error = Invalid;

    fn unit_variant(self) -> Result<(), Invalid> {
        match self.0 {
            None => Ok(()),
            Some(Open {
                shape: Shape::Null, ..
            }) => Ok(()),
            Some(value) => {
                Err(Invalid::custom("nothing stands after this name").at(value.line, value.column))
            }
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Invalid> {
        seed.deserialize(self.value()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Invalid> {
        self.value()?.list(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Invalid> {
        self.value()?.map(visitor)
    }
}
