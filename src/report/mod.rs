//! Ways to show what became of the files: a diff, text for a person, JSON, SARIF, GitHub annotations, Markdown.
//!
//! Every report reads the same plain data ([`Report`]); none of them computes anything about a Dockerfile.

mod diff;
mod location;
mod text;
mod theme;

use std::path::PathBuf;

use crate::engine::{Level, Outcome};

pub use diff::{diff, unified};
pub use location::Location;
pub use text::{Detail, summary};
pub use theme::{Choice, Environment, Theme};

/// All files of one call, in the order they are shown.
#[derive(Clone, Debug)]
pub struct Report {
    /// The files.
    pub files: Vec<FileReport>,
    /// The level that the call asked for: what needs more was held back.
    pub level: Level,
    /// Whether the changes were written (`--write`) or are only shown.
    pub written: bool,
}

/// One Dockerfile and what became of it.
#[derive(Clone, Debug)]
pub struct FileReport {
    /// Where it stands.
    pub location: Location,
    /// The folder of the build context that evidence and changed files are relative to.
    pub context: Option<PathBuf>,
    /// What became of it, or why nothing could.
    pub result: Result<Outcome, Problem>,
}

/// Why a file could not be read, understood or written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// What happened, in a sentence without a full stop.
    pub message: String,
    /// Line, counted from 1.
    pub line: Option<usize>,
    /// Column, counted from 1 in characters.
    pub column: Option<usize>,
    /// The lines in question with a caret, ready to print.
    pub snippet: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
}

/// What all files come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Totals {
    /// Dockerfiles looked at.
    pub files: usize,
    /// Dockerfiles with changes.
    pub changed: usize,
    /// Dockerfiles that stay as they are.
    pub unchanged: usize,
    /// Files that could not be read, understood or written.
    pub errors: usize,
    /// Changes in all files.
    pub changes: usize,
    /// Changes that a rule wanted to make and did not.
    pub refusals: usize,
    /// Changes that the level held back.
    pub held_back: usize,
}

impl Report {
    /// Counts everything.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals {
            files: self.files.len(),
            ..Totals::default()
        };
        for file in &self.files {
            match &file.result {
                Ok(outcome) => {
                    totals.changes += outcome.changes.len();
                    totals.refusals += outcome.refusals.len();
                    totals.held_back += outcome.held_back.len();
                    if outcome.changed() {
                        totals.changed += 1;
                    } else {
                        totals.unchanged += 1;
                    }
                }
                Err(_) => totals.errors += 1,
            }
        }
        totals
    }
}

impl FileReport {
    /// The outcome, where there is one.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.result.as_ref().ok()
    }
}

#[cfg(test)]
mod samples;
