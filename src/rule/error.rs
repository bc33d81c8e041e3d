//! What can be wrong with a rule document, with its place.

use std::fmt;

/// One mistake in a rule document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// The document: a path, or the name of an embedded file.
    pub file: String,
    /// Line, counted from 1; 0 where the document as a whole is meant.
    pub line: usize,
    /// Column, counted from 1; 0 where unknown.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// The line with a caret, or the YAML reader's own picture of the place.
    pub snippet: String,
    /// What to do.
    pub help: Option<String>,
}

impl RuleError {
    /// A mistake at a place of a document whose text is `source`.
    pub fn at(
        file: &str,
        source: &str,
        line: usize,
        column: usize,
        message: impl Into<String>,
    ) -> Self {
        let snippet = source
            .lines()
            .nth(line.saturating_sub(1))
            .filter(|_| line > 0)
            .map(|text| {
                format!(
                    "{line:>4} | {text}\n     | {}^",
                    " ".repeat(column.saturating_sub(1))
                )
            })
            .unwrap_or_default();
        Self {
            file: file.into(),
            line,
            column,
            message: message.into(),
            snippet,
            help: None,
        }
    }

    /// The same mistake, with what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (0, _) => write!(f, "{}: {}", self.file, self.message)?,
            (line, 0) => write!(f, "{}:{line}: {}", self.file, self.message)?,
            (line, column) => write!(f, "{}:{line}:{column}: {}", self.file, self.message)?,
        }
        if !self.snippet.is_empty() {
            write!(f, "\n{}", self.snippet)?;
        }
        if let Some(help) = &self.help {
            write!(f, "\nhelp: {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for RuleError {}

/// All mistakes found while loading; never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n"))]
pub struct RuleErrors(pub Vec<RuleError>);
