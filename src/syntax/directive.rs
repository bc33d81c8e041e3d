//! Parser directives: `# name=value` lines at the very top.

use super::{Directive, ParseError, Span};

/// The directives that BuildKit knows; any other such line is a comment and ends the directives.
const KNOWN: [&str; 3] = ["syntax", "escape", "check"];

/// Reads directives until the first line that is none.
#[derive(Debug, Default)]
pub(super) struct DirectiveReader {
    done: bool,
    found: Vec<Directive>,
}

impl DirectiveReader {
    /// No directive can follow.
    pub(super) fn close(&mut self) {
        self.done = true;
    }

    /// Reads a line that starts with `#`. The answer is the directive if it is one.
    pub(super) fn read(
        &mut self,
        line: &str,
        span: Span,
    ) -> Result<Option<&Directive>, ParseError> {
        if self.done {
            return Ok(None);
        }
        let Some((name, value)) = split(line) else {
            self.done = true;
            return Ok(None);
        };
        if self.found.iter().any(|directive| directive.name == name) {
            return Err(ParseError::new(
                span,
                format!("the parser directive `{name}` is given twice"),
                "remove one of the two lines",
            ));
        }
        if name == "escape" && value != "\\" && value != "`" {
            return Err(ParseError::new(
                span,
                format!("`{value}` cannot be the escape character"),
                "write `# escape=\\` or `# escape=` followed by a backtick, and nothing after it",
            ));
        }
        self.found.push(Directive {
            name,
            value: value.to_owned(),
            span,
        });
        Ok(self.found.last())
    }

    pub(super) fn into_directives(self) -> Vec<Directive> {
        self.found
    }
}

/// Name (lower case) and value of a line such as `# Escape = \`.
fn split(line: &str) -> Option<(String, &str)> {
    let is_space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c');
    let text = line.strip_prefix('#')?.trim_start();
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let value = rest.trim_start_matches(is_space).strip_prefix('=')?;
    if value.is_empty() {
        return None;
    }
    let name = name.to_ascii_lowercase();
    KNOWN
        .contains(&name.as_str())
        .then(|| (name, value.trim_matches(is_space)))
}
