//! Rules applied to a Dockerfile: match, verbs, edits, checks.

mod options;
mod outcome;

pub use options::{BaseChoice, Options};
pub use outcome::*;
