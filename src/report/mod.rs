//! Ways to show what became of the files: a diff, text for a person, JSON, SARIF, GitHub annotations, Markdown.
//!
//! Every report reads the same plain data ([`Report`]); none of them computes anything about a Dockerfile.

mod diff;
mod explain;
mod github;
mod json;
mod lines;
mod location;
mod markdown;
mod sarif;
mod text;
mod theme;

use std::path::{Path, PathBuf};

use crate::engine::{Level, Outcome};

pub use diff::{diff, unified};
pub use explain::{Example, FailedCase, RuleDescription, explain, failed_case, list, list_json};
pub use github::github;
pub use json::{json, json_schema};
pub use location::{Location, relative_to, slashed};
pub use markdown::markdown;
pub use sarif::sarif;
pub use text::{Detail, problem, summary};
pub use theme::{Choice, Environment, Theme};

pub(crate) use markdown::{code, inline};
pub(crate) use text::count as counted;
pub(crate) use theme::{clean, line as one_line};

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
    /// Places that a rule names and leaves to a person.
    pub findings: usize,
    /// Changes that a rule wanted to make and did not.
    pub refusals: usize,
    /// Changes that the level held back.
    pub held_back: usize,
}

impl Problem {
    /// The place in `source`, with its line and carets below `width` characters of it. Both numbers count from
    /// 1, the column in characters; carets end with the line, and there is at least one.
    pub fn at(mut self, source: &str, line: usize, column: usize, width: usize) -> Self {
        (self.line, self.column) = (Some(line), Some(column));
        if let Some(text) = source.lines().nth(line.saturating_sub(1)) {
            let before = column.saturating_sub(1);
            // Tabs are kept in front of the carets, so that they stand below their characters.
            let indent = text.chars().take(before);
            let indent: String = indent
                .map(|it| if it == '\t' { '\t' } else { ' ' })
                .collect();
            let rest = text.chars().count().saturating_sub(before);
            let carets = "^".repeat(width.min(rest).max(1));
            let number = line.to_string();
            let gutter = number.len();
            self.snippet = Some(format!(
                "{number} | {text}\n{:gutter$} | {indent}{carets}",
                ""
            ));
        }
        self
    }
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
                    totals.findings += outcome.findings.len();
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

    /// A path of the build context, as seen from the current folder.
    pub fn beside(&self, path: &str) -> PathBuf {
        match self.context.as_deref() {
            Some(context) if context != Path::new(".") => context.join(path),
            _ => PathBuf::from(path),
        }
    }
}

#[cfg(test)]
mod samples;
