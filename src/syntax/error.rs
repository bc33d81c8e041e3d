//! Why a text is no Dockerfile, and where.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::Span;
use super::position::LineIndex;

/// The first thing in a text that BuildKit would refuse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct ParseError {
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// The part of the source that is wrong, in bytes.
    pub span: Span,
    /// Line of the start of `span`, counted from 1.
    pub line: usize,
    /// Column of the start of `span`, in characters, counted from 1.
    pub column: usize,
}

impl ParseError {
    /// The error with the lines around it and a caret, as shown on a terminal (without colours).
    ///
    /// `source` is the text that was parsed; spans that do not fit it are clamped, and control
    /// characters in it are shown escaped.
    pub fn display(&self, source: &str, file_name: &str) -> String {
        let start = source.floor_char_boundary(self.span.start.min(source.len()));
        let end = source.ceil_char_boundary(self.span.end.clamp(start, source.len()));
        let snippet = Snippet::source(source)
            .path(printable(file_name))
            .annotation(AnnotationKind::Primary.span(start..end));
        let group = Level::ERROR
            .primary_title(printable(&self.message))
            .element(snippet)
            .element(Level::HELP.message(printable(&self.help)));
        Renderer::plain().render(&[group])
    }

    pub(super) fn new(span: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
            span,
            line: 0,
            column: 0,
        }
    }

    /// The same error with its line and column filled in.
    pub(super) fn located(mut self, source: &str) -> Self {
        (self.line, self.column) = LineIndex::new(source).position(source, self.span.start);
        self
    }
}

/// `text` with control characters escaped, so that a file cannot steer the terminal.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() {
                c.escape_default().to_string()
            } else {
                c.to_string()
            }
        })
        .collect()
}

/// A failure while one instruction is read.
///
/// BuildKit reads a file in two steps; the trigger of an ONBUILD goes through the first only.
#[derive(Debug)]
pub(super) enum Failure {
    /// The line cannot be taken apart.
    Line(ParseError),
    /// The parts do not make a valid instruction.
    Instruction(ParseError),
}

impl Failure {
    pub(super) fn into_error(self) -> ParseError {
        match self {
            Self::Line(error) | Self::Instruction(error) => error,
        }
    }
}
