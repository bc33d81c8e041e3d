//! Small looks at the text of a script, in byte offsets.

use shuck_ast as ast;

/// Half-open range of bytes in the text that the shell reads.
pub(super) type Range = (usize, usize);

pub(super) fn range_of(span: ast::Span) -> Range {
    (span.start.offset(), span.end.offset())
}

/// The smallest range that holds both.
pub(super) fn hull(first: Option<Range>, second: Range) -> Range {
    first.map_or(second, |first| {
        (first.0.min(second.0), first.1.max(second.1))
    })
}

/// The newline between two commands: the first in `from..to` that a backslash does not take away.
pub(super) fn newline(text: &str, from: usize, to: usize) -> Range {
    let gap = text.as_bytes().get(from..to).unwrap_or(&[]);
    let mut previous = b' ';
    for (at, byte) in gap.iter().enumerate() {
        if *byte == b'\n' && previous != b'\\' {
            return (from + at, from + at + 1);
        }
        previous = *byte;
    }
    (to, to)
}

/// Whether only blanks and line continuations stand in `from..to`.
pub(super) fn is_blank(text: &str, from: usize, to: usize) -> bool {
    let Some(gap) = text.as_bytes().get(from..to) else {
        return false;
    };
    let mut bytes = gap.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b' ' | b'\t' => {}
            b'\\' if bytes.next() == Some(&b'\n') => {}
            _ => return false,
        }
    }
    true
}

/// Whether a word can begin at `start` and end at `end`: blanks, operators or the ends of the text are around it.
pub(super) fn is_token(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let edge = |byte: Option<&u8>| match byte {
        None => true,
        Some(byte) => b" \t\n;&|<>()`".contains(byte),
    };
    // A word may go on after a continuation only if blanks or an operator follow.
    let end_ok = edge(bytes.get(end)) || bytes.get(end..end + 2) == Some(b"\\\n");
    start < end
        && text.get(start..end).is_some()
        && end_ok
        && (start == 0 || edge(bytes.get(start - 1)))
}

/// The end of a group: one past `close`, which stands after `from`, blanks, separators, comments and the heredoc
/// body that ends at `body_end`.
pub(super) fn closing(text: &str, from: usize, close: u8, body_end: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    let mut fresh = false;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\n' if body_end > at => {
                // To the end of the terminator line.
                at = body_end + bytes.get(body_end..)?.iter().position(|b| *b == b'\n')?;
                fresh = true;
            }
            b' ' | b'\t' | b'\n' | b';' | b'&' => fresh = true,
            b'\\' if bytes.get(at + 1) == Some(&b'\n') => at += 1,
            b'#' if fresh => {
                at += bytes.get(at..)?.iter().position(|b| *b == b'\n')?;
                continue;
            }
            byte if *byte == close => return Some(at + 1),
            _ => return None,
        }
        at += 1;
    }
    None
}

/// The start of a group: `open`, which stands before `to` and blanks.
pub(super) fn opening(text: &str, to: usize, open: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = to.checked_sub(1)?;
    loop {
        match bytes.get(at)? {
            b' ' | b'\t' | b'\n' => {}
            b'\\' if bytes.get(at + 1) == Some(&b'\n') => {}
            byte if *byte == open => return Some(at),
            _ => return None,
        }
        at = at.checked_sub(1)?;
    }
}
