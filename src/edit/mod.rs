//! Edits of a text: replacements of spans, collected, checked against each other, applied at once.

mod edits;
mod lines;

pub use edits::{Edit, EditError, Edits};
pub use lines::{insert_lines, instruction_lines, keyword_like, remove_instruction};
