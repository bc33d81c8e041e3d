//! A logical line into keyword, flags and the rest.

use std::ops::Range;

use super::Flag;
use super::line::Line;
use super::words::{is_ascii_space, is_separator};

/// The parts of a logical line, as ranges of the joined text.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) keyword: Range<usize>,
    pub(super) flags: Vec<Flag>,
    /// Everything after the flags, without white space around it.
    pub(super) rest: Range<usize>,
}

/// Takes `range` of the line apart.
pub(super) fn split(line: &Line<'_>, range: &Range<usize>) -> Parts {
    let range = line.trim(range);
    let text = line.text(&range);
    let end = range.start + text.find(is_separator).unwrap_or(text.len());
    let keyword = range.start..end;
    let (flags, rest) = flags(line, end..range.end);
    Parts {
        keyword,
        flags,
        rest: line.trim(&rest),
    }
}

/// Words that start with `--`, up to the first other word or `--` alone.
fn flags(line: &Line<'_>, range: Range<usize>) -> (Vec<Flag>, Range<usize>) {
    let mut flags = Vec::new();
    let mut rest = line.skip_ascii_space(&range);
    while line.text(&rest).starts_with("--") {
        let (length, content) = flag_word(line.text(&rest));
        let word = rest.start..(rest.start + length);
        rest = line.skip_ascii_space(&(word.end..rest.end));
        let Some(content) = content
            .strip_prefix("--")
            .filter(|content| !content.is_empty())
        else {
            break;
        };
        let (name, value) = match content.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (content, None),
        };
        flags.push(Flag {
            span: line.span(&word),
            name: name.to_owned(),
            value,
        });
    }
    (flags, rest)
}

/// Length of the word at the start of `text`, and the word without quotes and backslashes.
/// The backslash escapes here whatever the escape directive says.
fn flag_word(text: &str) -> (usize, String) {
    let mut content = String::new();
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match (c, quote) {
            (c, None) if is_ascii_space(c) => return (at, content),
            (c, None) if ends_in_space_byte(c) => {
                content.push(c);
                return (at + c.len_utf8(), content);
            }
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            ('\\', _) => {
                let Some((at, escaped)) = chars.next() else {
                    break;
                };
                content.push(escaped);
                if quote.is_none() && ends_in_space_byte(escaped) {
                    return (at + escaped.len_utf8(), content);
                }
            }
            _ => content.push(c),
        }
    }
    (text.len(), content)
}

/// BuildKit takes each byte of a flag for a character of its own, so the last byte of `à` (0xa0) is a
/// no-break space to it and ends the flag. (Where such a byte is in the middle of a character, what
/// follows is no text; that is not copied.)
fn ends_in_space_byte(c: char) -> bool {
    let mut buffer = [0; 4];
    matches!(c.encode_utf8(&mut buffer).bytes().last(), Some(0x85 | 0xa0))
}
