//! Ways to show what verifying came to: text for a person, Markdown for a pull request, JSON for programs.

mod figures;
mod json;
mod markdown;
mod text;

pub use json::{json, json_schema};
pub use markdown::markdown;
pub use text::text;

#[cfg(test)]
mod samples;
