//! Rules applied to a Dockerfile: match, verbs, edits, checks.

mod outcome;

pub use outcome::*;
