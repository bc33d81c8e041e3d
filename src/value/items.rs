//! What lists, maps and variants hold, one item after the other.

use std::borrow::Cow;

use serde::de::value::{BorrowedStrDeserializer, StringDeserializer};
use serde::de::{
    DeserializeSeed, EnumAccess, Error, IntoDeserializer, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

use super::packed::Many;
use super::read::{Open, Shape};
use super::{Invalid, Key, Value};

/// What has not been read yet of a list.
#[derive(Debug)]
pub(super) enum Items<'a> {
    Written(std::vec::IntoIter<Value<'a>>),
    Packed(Many<'a>),
}

impl<'a> Items<'a> {
    pub(super) fn next(&mut self) -> Result<Option<Open<'a>>, Invalid> {
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
    /// Those of a map.
    pub(super) fn written(entries: Vec<(Key<'a>, Value<'a>)>) -> Self {
        Self {
            rest: Rest::Written(entries.into_iter()),
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

    pub(super) fn left(&self) -> usize {
        match &self.rest {
            Rest::Written(entries) => entries.len(),
            Rest::Packed(entries) => entries.left,
        }
    }

    pub(super) fn key(&mut self) -> Result<Option<Key<'a>>, Invalid> {
        match &mut self.rest {
            Rest::Packed(entries) => entries.key(),
            Rest::Written(entries) => Ok(entries.next().map(|(key, value)| {
                self.value = Some(value);
                key
            })),
        }
    }

    pub(super) fn value(&mut self) -> Result<Open<'a>, Invalid> {
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
pub(super) enum Placed<'a> {
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

/// A variant of an enum: its name, and what stands after it.
pub(super) struct Variant<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) value: Option<Open<'a>>,
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
pub(super) struct Content<'a>(Option<Open<'a>>);

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
