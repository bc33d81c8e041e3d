//! Documents out of values.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{BorrowedStrDeserializer, StringDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer,
    MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};

use super::{Bare, Invalid, Key, Kind, Value};
use crate::nearest::nearest;

/// The name of the newtype that asks for a value with its place: a sequence of line, column and value, of which other
/// deserializers give the value alone.
pub const PLACED: &str = "dockopt::At";

/// Reads a document.
pub(super) fn document<T: DeserializeOwned>(value: Value) -> Result<T, Invalid> {
    T::deserialize(value)
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

impl<'de> Value<'de> {
    fn string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        match self.kind {
            Kind::Bare(_, Some(written)) => visitor
                .visit_borrowed_str(written)
                .map_err(|error: Invalid| error.at(self.line, self.column)),
            _ => self.deserialize_any(visitor),
        }
    }

    /// Nothing after a key is an empty list.
    fn list<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        match self.kind {
            Kind::Null => visitor.visit_seq(Items(Vec::new().into_iter())),
            _ => self.deserialize_any(visitor),
        }
    }

    /// Nothing after a key is an empty map.
    fn map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        let (line, column) = (self.line, self.column);
        match self.kind {
            Kind::Null => visitor
                .visit_map(Entries::of(Vec::new()))
                .map_err(|error: Invalid| error.at(line, column)),
            _ => self.deserialize_any(visitor),
        }
    }
}

impl<'de> Deserializer<'de> for Value<'de> {
    type Error = Invalid;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        let read = match self.kind {
            Kind::Null => visitor.visit_unit(),
            Kind::Bare(Bare::Bool(value), _) => visitor.visit_bool(value),
            Kind::Bare(Bare::Unsigned(value), _) => visitor.visit_u64(value),
            Kind::Bare(Bare::Signed(value), _) => visitor.visit_i64(value),
            Kind::Bare(Bare::Float(value), _) => visitor.visit_f64(value),
            Kind::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Kind::Text(Cow::Owned(text)) => visitor.visit_string(text),
            Kind::List(items) => visitor.visit_seq(Items(items.into_iter())),
            Kind::Map(entries) => visitor.visit_map(Entries::of(entries)),
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
        match self.kind {
            Kind::Null => visitor.visit_none(),
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
        let (name, value) = match self.kind {
            Kind::Text(name) => (name, None),
            Kind::Bare(_, Some(written)) => (Cow::Borrowed(written), None),
            Kind::Map(mut entries) if entries.len() == 1 => match entries.pop() {
                Some((key, value)) => (key.name, Some(value)),
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
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 bytes byte_buf unit unit_struct tuple tuple_struct
    }
}

struct Items<'a>(std::vec::IntoIter<Value<'a>>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Invalid;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Invalid> {
        self.0.next().map(|item| seed.deserialize(item)).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

struct Entries<'a> {
    rest: std::vec::IntoIter<(Key<'a>, Value<'a>)>,
    value: Option<Value<'a>>,
}

impl<'a> Entries<'a> {
    fn of(entries: Vec<(Key<'a>, Value<'a>)>) -> Self {
        Self {
            rest: entries.into_iter(),
            value: None,
        }
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Invalid;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Invalid> {
        let Some((key, value)) = self.rest.next() else {
            return Ok(None);
        };
        self.value = Some(value);
        let (line, column) = (key.line, key.column);
        let read = match key.name {
            Cow::Borrowed(name) => seed.deserialize(BorrowedStrDeserializer::new(name)),
            Cow::Owned(name) => seed.deserialize(StringDeserializer::new(name)),
        };
        read.map(Some)
            .map_err(|error: Invalid| error.at(line, column))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Invalid> {
        match self.value.take() {
            Some(value) => seed.deserialize(value),
            None => Err(Invalid::custom("a value was asked for before its key")),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// Line, column and value, one after the other.
enum Placed<'a> {
    Line(Value<'a>),
    Column(Value<'a>),
    Value(Value<'a>),
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
    value: Option<Value<'a>>,
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
struct Content<'a>(Option<Value<'a>>);

impl<'de> Content<'de> {
    fn value(self) -> Result<Value<'de>, Invalid> {
        self.0
            .ok_or_else(|| Invalid::custom("a value is missing after the name"))
    }
}

impl<'de> VariantAccess<'de> for Content<'de> {
    type Error = Invalid;

    fn unit_variant(self) -> Result<(), Invalid> {
        match self.0 {
            None => Ok(()),
            Some(value) if value.kind == Kind::Null => Ok(()),
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
