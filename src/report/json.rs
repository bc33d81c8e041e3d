//! The report for programs: JSON, versioned, described by `rules/schema/report.json`.

use schemars::{JsonSchema, Schema};
use serde::Serialize;

use super::diff::unified;
use super::location::slashed;
use super::{FileReport, Problem, Report, Totals};
use crate::engine::{self, Level, Outcome};
use crate::facts::Source;

/// The version of the format; it grows when a field is renamed, removed or changes its meaning.
const VERSION: u32 = 1;

/// The report as JSON, with a newline at the end.
pub fn json(report: &Report) -> String {
    let document = Document {
        version: VERSION,
        tool: Tool {
            name: "dockopt",
            version: env!("CARGO_PKG_VERSION"),
        },
        level: report.level,
        written: report.written,
        totals: report.totals(),
        files: report.files.iter().map(File::new).collect(),
    };
    // Plain data with text keys: there is nothing in it that JSON cannot say.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

/// The JSON schema of [`json`].
pub fn json_schema() -> Schema {
    schemars::schema_for!(Document)
}

/// What `dockopt fix --format json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "dockopt report")]
struct Document<'a> {
    /// The version of this format: 1. It grows when a field is renamed, removed or changes its meaning.
    version: u32,
    /// What made the report.
    tool: Tool,
    /// The level that the call asked for.
    level: Level,
    /// Whether the changes were written (`--write`).
    written: bool,
    /// What all files come to.
    totals: Totals,
    /// The Dockerfiles, in the order in which they were named; those of a folder sorted by path.
    files: Vec<File<'a>>,
}

/// What made the report.
#[derive(Serialize, JsonSchema)]
struct Tool {
    /// `dockopt`
    name: &'static str,
    /// Its version.
    version: &'static str,
}

/// What became of a file.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    /// There are changes: pending or, with `written`, made.
    Changed,
    /// It stays as it is.
    Unchanged,
    /// It could not be read, understood or written; see `error`.
    Failed,
}

/// One Dockerfile.
#[derive(Serialize, JsonSchema)]
struct File<'a> {
    /// Its path as seen from the current folder, with `/`; `<stdin>` for standard input.
    path: String,
    /// What became of it.
    status: Status,
    /// Why it could not be read, understood or written.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Error<'a>>,
    /// Changes in the order in which they were made.
    changes: Vec<Change<'a>>,
    /// Places that a rule names and leaves to a person.
    findings: Vec<Finding<'a>>,
    /// What a rule wanted to do and did not.
    refusals: Vec<Refusal<'a>>,
    /// Changes that the level held back.
    held_back: Vec<HeldBack<'a>>,
    /// The unified diff; empty where the Dockerfile itself does not change.
    diff: String,
    /// The new text, where it changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    /// Files beside the Dockerfile that change with it (`.dockerignore`).
    other_files: Vec<OtherFile<'a>>,
}

/// Why a file could not be read, understood or written.
#[derive(Serialize, JsonSchema)]
struct Error<'a> {
    /// What happened.
    message: &'a str,
    /// Line, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    /// Column, counted from 1 in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

/// One rule's change.
#[derive(Serialize, JsonSchema)]
struct Change<'a> {
    /// The rule's id.
    rule: &'a str,
    /// What it does, an imperative line.
    title: &'a str,
    /// Why (Markdown).
    why: &'a str,
    /// How it can go wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    risk: Option<&'a str>,
    /// How sure this change is to keep the image working.
    level: Level,
    /// The line of the original that it starts from, counted from 1.
    line: usize,
    /// What was read, and where.
    evidence: Vec<Evidence<'a>>,
    /// What was assumed because it could not be read.
    assumptions: &'a [String],
    /// References.
    links: &'a [String],
}

/// A fact that a change rests on.
#[derive(Serialize, JsonSchema)]
struct Evidence<'a> {
    /// The fact in words.
    text: &'a str,
    /// The file it was read from, as seen from the current folder; none for a table of dockopt's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// The line in that file, counted from 1; none for the file as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
}

/// A place that a rule names and leaves to a person.
#[derive(Serialize, JsonSchema)]
struct Finding<'a> {
    /// The rule's id.
    rule: &'a str,
    /// What the rule is about, an imperative line.
    title: &'a str,
    /// Why (Markdown).
    why: &'a str,
    /// Line in the original, counted from 1.
    line: usize,
    /// Column, counted from 1 in characters.
    column: usize,
    /// What is found, in a sentence.
    message: &'a str,
    /// What to do about it.
    help: &'a str,
    /// What was read, and where.
    evidence: Vec<Evidence<'a>>,
    /// References.
    links: &'a [String],
}

/// A change that was not made, with the reason.
#[derive(Serialize, JsonSchema)]
struct Refusal<'a> {
    /// The rule's id.
    rule: &'a str,
    /// What the rule would have done.
    title: &'a str,
    /// Line in the original, counted from 1.
    line: usize,
    /// Column, counted from 1 in characters.
    column: usize,
    /// Short reason code, kebab-case.
    reason: &'a str,
    /// The reason in a sentence.
    message: &'a str,
    /// What would allow the change.
    help: &'a str,
}

/// A change that the level held back.
#[derive(Serialize, JsonSchema)]
struct HeldBack<'a> {
    /// The rule's id.
    rule: &'a str,
    /// What it would do.
    title: &'a str,
    /// The level that would apply it.
    level: Level,
    /// Line in the original, counted from 1.
    line: usize,
}

/// A file beside the Dockerfile that changes with it.
#[derive(Serialize, JsonSchema)]
struct OtherFile<'a> {
    /// Its path as seen from the current folder.
    path: String,
    /// Whether it does not exist yet.
    new: bool,
    /// The unified diff.
    diff: String,
    /// The new text.
    text: &'a str,
}

impl<'a> File<'a> {
    fn new(file: &'a FileReport) -> Self {
        let path = file.location.shown();
        match &file.result {
            Ok(outcome) => Self::done(path, file, outcome),
            Err(problem) => Self {
                path,
                status: Status::Failed,
                error: Some(Error::new(problem)),
                changes: vec![],
                findings: vec![],
                refusals: vec![],
                held_back: vec![],
                diff: String::new(),
                text: None,
                other_files: vec![],
            },
        }
    }

    fn done(path: String, file: &'a FileReport, outcome: &'a Outcome) -> Self {
        Self {
            path,
            status: if outcome.changed() {
                Status::Changed
            } else {
                Status::Unchanged
            },
            error: None,
            changes: outcome
                .changes
                .iter()
                .map(|change| Change::new(file, change))
                .collect(),
            findings: outcome
                .findings
                .iter()
                .map(|finding| Finding::new(file, finding))
                .collect(),
            refusals: outcome.refusals.iter().map(Refusal::new).collect(),
            held_back: outcome.held_back.iter().map(HeldBack::new).collect(),
            diff: unified(Some(&outcome.original), &outcome.text, file.location.path()),
            text: (outcome.text != outcome.original).then_some(&outcome.text),
            other_files: outcome
                .files
                .iter()
                .map(|other| OtherFile::new(file, other))
                .collect(),
        }
    }
}

impl<'a> Error<'a> {
    fn new(problem: &'a Problem) -> Self {
        Self {
            message: &problem.message,
            line: problem.line,
            column: problem.column,
            help: problem.help.as_deref(),
        }
    }
}

impl<'a> Change<'a> {
    fn new(file: &FileReport, change: &'a engine::Change) -> Self {
        Self {
            rule: &change.rule,
            title: &change.title,
            why: &change.why,
            risk: change.risk.as_deref(),
            level: change.level,
            line: change.line,
            evidence: change
                .evidence
                .iter()
                .map(|evidence| Evidence::new(file, evidence))
                .collect(),
            assumptions: &change.assumptions,
            links: &change.links,
        }
    }
}

impl<'a> Evidence<'a> {
    fn new(file: &FileReport, evidence: &'a engine::Evidence) -> Self {
        let source: Option<&Source> = evidence.source.as_ref();
        Self {
            text: &evidence.text,
            file: source.map(|source| slashed(&file.beside(&source.file))),
            line: source.map(|source| source.line).filter(|&line| line > 0),
        }
    }
}

impl<'a> Finding<'a> {
    fn new(file: &FileReport, finding: &'a engine::Finding) -> Self {
        Self {
            rule: &finding.rule,
            title: &finding.title,
            why: &finding.why,
            line: finding.line,
            column: finding.column,
            message: &finding.message,
            help: &finding.help,
            evidence: finding
                .evidence
                .iter()
                .map(|evidence| Evidence::new(file, evidence))
                .collect(),
            links: &finding.links,
        }
    }
}

impl<'a> Refusal<'a> {
    fn new(refusal: &'a engine::Refusal) -> Self {
        Self {
            rule: &refusal.rule,
            title: &refusal.title,
            line: refusal.line,
            column: refusal.column,
            reason: &refusal.reason,
            message: &refusal.message,
            help: &refusal.allow,
        }
    }
}

impl<'a> HeldBack<'a> {
    fn new(held: &'a engine::HeldBack) -> Self {
        Self {
            rule: &held.rule,
            title: &held.title,
            level: held.level,
            line: held.line,
        }
    }
}

impl<'a> OtherFile<'a> {
    fn new(file: &FileReport, other: &'a engine::FileChange) -> Self {
        let path = file.beside(&other.path);
        Self {
            new: other.before.is_none(),
            diff: unified(other.before.as_deref(), &other.after, &path),
            text: &other.after,
            path: slashed(&path),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value, json as value};

    use super::super::samples::{broken, node, refused, report, unchanged};
    use super::*;

    #[test]
    fn a_change_keeps_its_evidence_with_its_source() {
        let document: Value = serde_json::from_str(&json(&report(vec![node()]))).unwrap();
        assert_eq!(document["version"], 1);
        let file = &document["files"][0];
        assert_eq!(file["status"], "changed");
        assert_eq!(
            file["changes"][0]["evidence"],
            value!([
                {"text": "`nest build` writes `dist`", "file": "package.json", "line": 7},
                {"text": "`node:22-slim` exists"}
            ])
        );
        assert_eq!(
            file["refusals"][0]["help"],
            "start the built file itself: CMD [\"node\", \"dist/main\"]"
        );
        assert_eq!(file["other_files"][0]["path"], ".dockerignore");
        assert!(
            file["diff"]
                .as_str()
                .unwrap()
                .starts_with("--- a/Dockerfile\n")
        );
        assert!(
            file["text"]
                .as_str()
                .unwrap()
                .starts_with("FROM node:22 AS build\n")
        );
    }

    #[test]
    fn errors_stand_with_their_file() {
        let files = vec![
            unchanged("a/Dockerfile"),
            broken("b/Dockerfile"),
            refused("c/Dockerfile"),
        ];
        let document: Value = serde_json::from_str(&json(&report(files))).unwrap();
        assert_eq!(document["files"][1]["status"], "failed");
        assert_eq!(document["files"][1]["error"]["line"], 2);
        assert_eq!(document["totals"]["errors"], 1);
        assert_eq!(document["totals"]["unchanged"], 2);
        assert!(document["files"][0].get("text").is_none());
    }
}
