//! Rules applied to a Dockerfile: match, verbs, edits, checks.

mod check;
mod matching;
mod optimize;
mod options;
mod outcome;
mod split;
mod verbs;

pub use optimize::optimize;
pub use options::{BaseChoice, Options};
pub use outcome::*;
