//! The inside of string literals.

use std::borrow::Cow;

use super::lex::Text;

/// Where the `}` of a template's hole stands, over nested templates and strings.
pub(super) fn hole_end(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut open = vec![b'}'];
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        let in_template = open.last() == Some(&b'`');
        match byte {
            b'\\' => at += 1,
            b'`' if in_template => {
                open.pop();
            }
            b'$' if in_template && bytes.get(at + 1) == Some(&b'{') => {
                open.push(b'}');
                at += 1;
            }
            _ if in_template => {}
            b'`' => open.push(b'`'),
            b'{' => open.push(b'}'),
            b'}' => {
                open.pop();
                if open.is_empty() {
                    return Some(at);
                }
            }
            b'"' | b'\'' => {
                at += 1;
                while bytes
                    .get(at)
                    .is_some_and(|next| next != byte && *next != b'\n')
                {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// A literal without holes.
pub(super) fn plain(body: &str, raw: bool) -> Text<'_> {
    let text = if raw || !body.contains('\\') {
        Cow::Borrowed(body)
    } else {
        Cow::Owned(unescape(body))
    };
    Text {
        text,
        ..Text::default()
    }
}

/// The body of Python's `f"…{…}…"`.
pub(super) fn formatted(body: &str) -> Text<'_> {
    let mut from = 0;
    while let Some(open) = body[from..].find('{').map(|open| from + open) {
        if body[open + 1..].starts_with('{') {
            from = open + 2;
            continue;
        }
        let hole = body[open + 1..].split_once('}');
        let mut text = Text {
            open: true,
            rest: hole.map(|(_, after)| after).unwrap_or_default(),
            ..plain(&body[..open], false)
        };
        if let (0, Some((head, after))) = (open, hole) {
            let tail = after.split('{').next().unwrap_or(after);
            text.head = Some((head, tail));
            text.open = tail.len() < after.len();
        }
        return text;
    }
    plain(body, false)
}

/// The body of a literal whose holes begin with one of `openers`.
pub(super) fn interpolated<'a>(body: &'a str, openers: &[&str]) -> Text<'a> {
    let next = |from: usize| {
        let found = openers.iter().filter_map(|opener| {
            let at = from + body.get(from..)?.find(opener)?;
            Some((at, opener.len()))
        });
        // Of `${` and `$` at the same place the longer one.
        found.min_by_key(|(at, length)| (*at, usize::MAX - length))
    };
    let Some((at, length)) = next(0) else {
        return plain(body, false);
    };
    let start = at + length;
    let end = match body.as_bytes()[start - 1] {
        b'{' => body[start..].find('}').map(|end| (start + end, 1)),
        b'(' => body[start..].find(')').map(|end| (start + end, 1)),
        _ => {
            let name = |c: char| c.is_alphanumeric() || c == '_';
            let length = body[start..].find(|c| !name(c));
            Some((length.map_or(body.len(), |length| start + length), 0))
        }
    };
    let Some((end, close)) = end.filter(|(end, _)| *end > start) else {
        return plain(body, false);
    };
    let rest = &body[end + close..];
    let mut text = Text {
        open: true,
        rest,
        ..plain(&body[..at], false)
    };
    if at == 0 {
        let tail = next(end + close).map_or(rest, |(at, _)| &body[end + close..at]);
        text.head = Some((&body[start..end], tail));
        text.open = tail.len() < rest.len();
    }
    text
}

fn unescape(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    let mut chars = body.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(other) => out.push(other),
                None => {}
            },
            (c, false) => out.push(c),
        }
    }
    out
}
