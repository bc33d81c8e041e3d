//! Splitting of arguments into words, in the two ways that BuildKit does it.

use std::ops::Range;

use super::line::Line;

/// White space between the words of FROM, COPY, ADD, EXPOSE, VOLUME and after a keyword.
/// Unicode spaces are none.
pub(super) fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\x0b' | '\x0c' | '\r')
}

/// White space where BuildKit looks at bytes and not at characters: between flags, and after the first
/// word of HEALTHCHECK. Unicode spaces are none.
pub(super) fn is_ascii_space(c: char) -> bool {
    is_separator(c) || c == '\n'
}

/// Words between white space; quotes and escapes mean nothing. A text that starts or ends with such
/// white space has an empty word there.
pub(super) fn plain<'a>(
    line: &Line<'a>,
    range: &Range<usize>,
) -> impl Iterator<Item = Range<usize>> + use<'a> {
    let text = line.text(range);
    let base = range.start;
    let mut next = (!text.is_empty()).then_some(0);
    std::iter::from_fn(move || {
        let start = next?;
        let rest = text.get(start..)?;
        let length = rest.find(is_separator).unwrap_or(rest.len());
        let after = rest.get(length..).unwrap_or("");
        let gap = after.len() - after.trim_start_matches(is_separator).len();
        next = (gap > 0).then_some(start + length + gap);
        Some((base + start)..(base + start + length))
    })
}

/// Words of ENV, LABEL and ARG: quotes and escapes keep white space together, and stay in the word.
/// An escape character at the very end is dropped.
pub(super) fn quoted(line: &Line<'_>, range: &Range<usize>) -> Vec<Range<usize>> {
    let text = line.text(range);
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut chars = text.char_indices();
    let mut end = text.len();
    while let Some((at, c)) = chars.next() {
        if quote.is_none() && c.is_whitespace() {
            if let Some(start) = start.take() {
                words.push((range.start + start)..(range.start + at));
            }
            continue;
        }
        start.get_or_insert(at);
        let escapes = c == line.escape && quote != Some('\'');
        match quote {
            None if c == '\'' || c == '"' => quote = Some(c),
            Some(open) if open == c => quote = None,
            _ => {}
        }
        if escapes && chars.next().is_none() {
            end = at;
        }
    }
    if let Some(start) = start.filter(|&start| start < end) {
        words.push((range.start + start)..(range.start + end));
    }
    words
}
