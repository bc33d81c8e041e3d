//! The lossless syntax layer: bytes of a Dockerfile to instructions with spans.
//!
//! BuildKit's parser is the judge of what is accepted and of where a logical line ends.

mod ast;
mod span;

pub use ast::*;
pub use span::{Lines, Span};
