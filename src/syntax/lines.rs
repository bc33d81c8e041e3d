//! Physical lines, and the rules by which they join to logical ones.
//!
//! The rules are those of BuildKit's `frontend/dockerfile/parser`.

use super::position::LineIndex;
use super::{ParseError, Span};

/// The longest physical line that BuildKit reads, its newline included (Go's `bufio.MaxScanTokenSize`).
pub(super) const MAX_LINE: usize = 64 * 1024;

/// One physical line.
#[derive(Clone, Copy, Debug)]
pub(super) struct PhysicalLine {
    /// Offset of the first byte, a byte order mark not counted.
    pub(super) start: usize,
    /// Offset after the last byte that is neither CR nor LF.
    pub(super) end: usize,
    /// Offset where the next line starts.
    pub(super) next: usize,
    /// Counted from 1.
    pub(super) number: usize,
}

/// Reads physical lines in order. A lone CR ends no line.
#[derive(Debug)]
pub(super) struct LineReader<'a> {
    source: &'a str,
    offset: usize,
    number: usize,
    index: LineIndex,
    /// Lines that end in CR and LF.
    crlf: usize,
}

impl<'a> LineReader<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self {
            source,
            offset: 0,
            number: 0,
            index: LineIndex::for_length(source.len()),
            crlf: 0,
        }
    }

    /// The next line; an error where it is longer than BuildKit reads.
    pub(super) fn next_line(&mut self) -> Result<Option<PhysicalLine>, ParseError> {
        let Some(rest) = self
            .source
            .get(self.offset..)
            .filter(|rest| !rest.is_empty())
        else {
            return Ok(None);
        };
        let (raw, length) = match rest.find('\n') {
            Some(at) => (rest.get(..=at).unwrap_or(rest), at + 1),
            None => (rest, rest.len()),
        };
        if length > MAX_LINE || (length == MAX_LINE && !raw.ends_with('\n')) {
            return Err(ParseError::new(
                Span::at(self.offset),
                format!("the line is longer than {} bytes", MAX_LINE - 1),
                "BuildKit reads no longer lines: continue the line with the escape character, or move the data to a file",
            ));
        }
        self.number += 1;
        let bom = if self.number == 1 && raw.starts_with('\u{feff}') {
            '\u{feff}'.len_utf8()
        } else {
            0
        };
        let trimmed = raw.trim_end_matches(['\r', '\n']).len().max(bom);
        let line = PhysicalLine {
            start: self.offset + bom,
            end: self.offset + trimmed,
            next: self.offset + length,
            number: self.number,
        };
        self.offset = line.next;
        if raw.ends_with('\n') {
            self.index.push(line.next);
            self.crlf += usize::from(raw.ends_with("\r\n"));
        }
        Ok(Some(line))
    }

    /// The newline that most of the lines read so far end with, and where they start.
    pub(super) fn finish(self) -> (&'static str, LineIndex) {
        let newlines = self.index.newlines();
        let newline = if self.crlf * 2 > newlines {
            "\r\n"
        } else {
            "\n"
        };
        (newline, self.index)
    }
}

/// Where the line's content ends if it goes on in the next line: it ends in the escape character
/// (spaces and tabs may follow), and the character before is not the escape character.
pub(super) fn continued(line: &str, escape: char) -> Option<usize> {
    let body = line.trim_end_matches([' ', '\t']).strip_suffix(escape)?;
    (!body.ends_with(escape)).then_some(body.len())
}
