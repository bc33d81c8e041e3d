//! The result of a run over one Dockerfile: plain data that every report reads.

pub use crate::facts::Evidence;
pub use crate::rule::Level;

/// What became of one Dockerfile.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The text as read.
    pub original: String,
    /// The text after all changes; equal to `original` where nothing changed.
    pub text: String,
    /// Changes in the order they were made.
    pub changes: Vec<Change>,
    /// What a rule wanted to do and did not.
    pub refusals: Vec<Refusal>,
    /// What a person has to decide: places that a rule names and does not change.
    pub findings: Vec<Finding>,
    /// Changes not made because `--level` holds them back.
    pub held_back: Vec<HeldBack>,
    /// Changes that belong to other files (`.dockerignore`): path relative to the context, old and new text.
    pub files: Vec<FileChange>,
}

impl Outcome {
    /// Whether anything would be written.
    pub fn changed(&self) -> bool {
        self.text != self.original
            || self
                .files
                .iter()
                .any(|file| file.before.as_deref() != Some(file.after.as_str()))
    }
}

/// One rule's change.
#[derive(Clone, Debug)]
pub struct Change {
    /// The rule's id.
    pub rule: String,
    /// The rule's title: an imperative line.
    pub title: String,
    /// Why the rule exists (Markdown).
    pub why: String,
    /// How it can go wrong.
    pub risk: Option<String>,
    /// The level of this firing (the rule's, or lower where a fact was assumed).
    pub level: Level,
    /// Line in the original that the change starts from, counted from 1.
    pub line: usize,
    /// What was read, and where.
    pub evidence: Vec<Evidence>,
    /// What was assumed because it could not be read.
    pub assumptions: Vec<String>,
    /// References.
    pub links: Vec<String>,
}

/// A place that a rule names and leaves to a person.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// The rule's title.
    pub title: String,
    /// Why the rule exists (Markdown).
    pub why: String,
    /// Line in the original, counted from 1.
    pub line: usize,
    /// Column, counted from 1 in characters.
    pub column: usize,
    /// What is found, in a sentence.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// What was read, and where.
    pub evidence: Vec<Evidence>,
    /// References.
    pub links: Vec<String>,
}

/// A change that was not made, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The rule's id.
    pub rule: String,
    /// The rule's title.
    pub title: String,
    /// Line in the original, counted from 1.
    pub line: usize,
    /// Column, counted from 1 in characters.
    pub column: usize,
    /// Short reason code, kebab-case: `start`, `opaque`, `unknown`, …
    pub reason: String,
    /// The reason in a sentence.
    pub message: String,
    /// What would allow the change.
    pub allow: String,
}

/// A change that the level held back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBack {
    /// The rule's id.
    pub rule: String,
    /// The rule's title.
    pub title: String,
    /// The level it would need.
    pub level: Level,
    /// Line in the original, counted from 1.
    pub line: usize,
}

/// A change to a file beside the Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Path relative to the build context.
    pub path: String,
    /// The text as read; `None` where the file is new.
    pub before: Option<String>,
    /// The new text.
    pub after: String,
}
