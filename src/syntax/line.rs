//! A logical line while it is taken apart: ranges of the joined text, and what they are in the source.

use std::ops::Range;

use super::expand::literal;
use super::words::is_ascii_space;
use super::{Logical, Span, Word};

/// A joined line with the escape character in force.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    pub(super) joined: &'a Logical,
    pub(super) escape: char,
}

impl<'a> Line<'a> {
    /// The joined text in `range`.
    pub(super) fn text(&self, range: &Range<usize>) -> &'a str {
        self.joined.text.get(range.clone()).unwrap_or("")
    }

    /// `range` without white space at both ends.
    pub(super) fn trim(&self, range: &Range<usize>) -> Range<usize> {
        let text = self.text(range);
        let start = range.start + (text.len() - text.trim_start().len());
        start..(start + text.trim().len())
    }

    /// `range` without white space of the ASCII kind at its start.
    pub(super) fn skip_ascii_space(&self, range: &Range<usize>) -> Range<usize> {
        let text = self.text(range);
        let gap = text.len() - text.trim_start_matches(is_ascii_space).len();
        (range.start + gap)..range.end
    }

    /// The source bytes from the first to the last byte of `range`. An empty range lies right after
    /// the byte before it, on the same physical line.
    pub(super) fn span(&self, range: &Range<usize>) -> Span {
        if range.is_empty() && range.start > 0 {
            let before = self.joined.source_span(range.start - 1, range.start);
            return Span::at(before.unwrap_or_default().end);
        }
        self.joined
            .source_span(range.start, range.end)
            .unwrap_or_default()
    }

    /// The part of the joined line in `range`, as a logical line of its own.
    pub(super) fn slice(&self, range: &Range<usize>) -> Logical {
        let mut segments = Vec::new();
        let first = self
            .joined
            .segments
            .partition_point(|&(at, _, len)| at + len <= range.start);
        for &(at, source, len) in self.joined.segments.iter().skip(first) {
            let (start, end) = (at.max(range.start), (at + len).min(range.end));
            if start >= range.end {
                break;
            }
            if start < end {
                segments.push((start - range.start, source + (start - at), end - start));
            }
        }
        if segments.is_empty() {
            segments.push((0, self.span(range).start, 0));
        }
        Logical {
            text: self.text(range).to_owned(),
            segments,
        }
    }

    /// A word whose quotes and escapes BuildKit resolves when it builds.
    pub(super) fn word(&self, range: &Range<usize>) -> Word {
        let raw = self.text(range);
        Word {
            span: self.span(range),
            raw: raw.to_owned(),
            value: literal(raw, self.escape),
        }
    }

    /// A word that BuildKit takes as it stands.
    pub(super) fn verbatim(&self, range: &Range<usize>) -> Word {
        let raw = self.text(range).to_owned();
        Word {
            span: self.span(range),
            value: Some(raw.clone()),
            raw,
        }
    }
}
