//! Documents as the build packed them: MessagePack, opened value by value while a document is read.
//!
//! Nothing is kept of it but what the document's type keeps: lists and maps are cursors into the bytes, and texts are
//! borrowed from them.

use std::borrow::Cow;
use std::cell::Cell;

use rmp::Marker;
use rmp::decode;

use super::items::{Entries, Items};
use super::read::{Open, Shape};
use super::{Bare, Invalid, Key};

/// What is left of a packed document. All that read it move it on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rest<'a>(&'a Cell<&'a [u8]>);

/// What has not been read yet of a list or a map: so many items, or keys with their values.
#[derive(Debug)]
pub(super) struct Many<'a> {
    rest: Rest<'a>,
    pub(super) left: usize,
}

impl<'a> Rest<'a> {
    pub(super) fn of(bytes: &'a Cell<&'a [u8]>) -> Self {
        Self(bytes)
    }

    /// The next value. What a list or a map holds follows, and has to be read or skipped before anything else.
    pub(super) fn value(self) -> Result<Open<'a>, Invalid> {
        let mut bytes = self.0.get();
        let first = bytes.first().ok_or_else(damaged)?;
        let shape = match Marker::from_u8(*first) {
            Marker::Null => {
                decode::read_nil(&mut bytes).map_err(|_| damaged())?;
                Shape::Null
            }
            Marker::True | Marker::False => {
                let value = decode::read_bool(&mut bytes).map_err(|_| damaged())?;
                Shape::Bare(Bare::Bool(value), None)
            }
            Marker::F64 => {
                let value = decode::read_f64(&mut bytes).map_err(|_| damaged())?;
                Shape::Bare(Bare::Float(value), None)
            }
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                let length = decode::read_str_len(&mut bytes).map_err(|_| damaged())?;
                Shape::Text(Cow::Borrowed(text(&mut bytes, length)?))
            }
            Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => {
                let length = decode::read_array_len(&mut bytes).map_err(|_| damaged())?;
                Shape::List(Items::Packed(self.many(length)?))
            }
            Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => {
                let length = decode::read_map_len(&mut bytes).map_err(|_| damaged())?;
                Shape::Map(Entries::packed(self.many(length)?))
            }
            _ => {
                let value: i64 = decode::read_int(&mut bytes).map_err(|_| damaged())?;
                Shape::Bare(
                    u64::try_from(value).map_or(Bare::Signed(value), Bare::Unsigned),
                    None,
                )
            }
        };
        self.0.set(bytes);
        Ok(Open::packed(shape))
    }

    fn many(self, left: u32) -> Result<Many<'a>, Invalid> {
        let left = usize::try_from(left).map_err(|_| damaged())?;
        Ok(Many { rest: self, left })
    }
}

impl<'a> Many<'a> {
    /// The next item.
    pub(super) fn item(&mut self) -> Result<Option<Open<'a>>, Invalid> {
        match self.left.checked_sub(1) {
            None => Ok(None),
            Some(left) => {
                self.left = left;
                self.rest.value().map(Some)
            }
        }
    }

    /// The next key; its value has to be read before the next one.
    pub(super) fn key(&mut self) -> Result<Option<Key<'a>>, Invalid> {
        match self.item()?.map(|key| key.shape) {
            None => Ok(None),
            Some(Shape::Text(name)) => Ok(Some(Key {
                line: 0,
                column: 0,
                name,
            })),
            Some(_) => Err(damaged()),
        }
    }

    /// The value after a key.
    pub(super) fn value(&self) -> Result<Open<'a>, Invalid> {
        self.rest.value()
    }
}

fn text<'a>(bytes: &mut &'a [u8], length: u32) -> Result<&'a str, Invalid> {
    let length = usize::try_from(length).map_err(|_| damaged())?;
    let (text, rest) = bytes.split_at_checked(length).ok_or_else(damaged)?;
    *bytes = rest;
    std::str::from_utf8(text).map_err(|_| damaged())
}

fn damaged() -> Invalid {
    Invalid {
        line: 0,
        column: 0,
        message: "the packed document is damaged".to_owned(),
    }
}
