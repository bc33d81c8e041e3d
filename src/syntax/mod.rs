//! The lossless syntax layer: bytes of a Dockerfile to instructions with spans.
//!
//! BuildKit's parser is the judge of what is accepted and of where a logical line ends
//! (`frontend/dockerfile/parser`, `instructions` and `shell` of moby/buildkit).

mod access;
mod arguments;
mod ast;
mod directive;
mod duration;
mod error;
mod expand;
mod flags;
mod heredoc;
pub mod image;
mod instruction;
mod json;
mod keyword;
mod line;
mod lines;
mod parse;
mod position;
mod span;
mod split;
mod words;

pub use ast::*;
pub use error::ParseError;
pub use expand::{Lookup, Unresolved, expand, expand_unset_as_empty, expand_words};
pub use image::{Image, ImageError, ImageReference};
pub use span::{Lines, Span};
