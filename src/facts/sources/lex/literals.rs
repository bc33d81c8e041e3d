//! String literals, and what is written like them.

use super::super::literal::{formatted, hole_end, interpolated, plain};
use super::{Hole, Kind, Lexer, MAX_DEPTH, MAX_UNCLOSED, Text};

impl<'a> Lexer<'a, '_> {
    /// `r#"…"#`, whose prefix has this length; `false` where it is none.
    pub(super) fn hashed(&mut self, prefix: usize) -> bool {
        let rest = &self.text[self.at + prefix..];
        let hashes = rest.bytes().take_while(|byte| *byte == b'#').count();
        if rest.as_bytes().get(hashes) != Some(&b'"') {
            return false;
        }
        let end = format!("\"{}", &rest[..hashes]);
        let start = self.at + prefix + hashes + 1;
        let Some(length) = self.text[start..].find(&end) else {
            return false;
        };
        self.push(Kind::Text(plain(&self.text[start..start + length], true)));
        self.jump(start + length + end.len());
        true
    }

    /// A string on one line, or between three quotes in Python.
    pub(super) fn string(&mut self, quote: u8, prefix: &str) {
        let bytes = self.text.as_bytes();
        let triple =
            self.syntax.python && self.byte(1) == Some(quote) && self.byte(2) == Some(quote);
        let width = if triple { 3 } else { 1 };
        let start = self.at + width;
        let mut end = start;
        let closed = loop {
            match bytes.get(end) {
                None => break false,
                Some(b'\\') => end += 2,
                Some(b'\n') if !triple && !self.syntax.rust => break false,
                Some(byte) if *byte == quote => {
                    if !triple
                        || (bytes.get(end + 1) == Some(&quote)
                            && bytes.get(end + 2) == Some(&quote))
                    {
                        break true;
                    }
                    end += 1;
                }
                Some(_) => end += 1,
            }
        };
        let Some(body) = self.text.get(start..end).filter(|_| closed) else {
            return self.not_closed(triple);
        };
        let raw = prefix.contains(['r', 'R']);
        let text = if prefix.contains(['f', 'F']) {
            formatted(body)
        } else if raw {
            plain(body, raw)
        } else {
            interpolated(body, self.syntax.holes)
        };
        self.push(Kind::Text(text));
        self.jump(end + width);
    }

    /// A literal that is run: `` `git status` ``, `%x(git status)`; `false` where it is none.
    pub(super) fn command(&mut self) -> bool {
        let rest = &self.text[self.at..];
        let (start, close) = match rest.as_bytes() {
            [b'`', ..] => (1, '`'),
            [b'%', b'x', open, ..] => match open {
                b'(' => (3, ')'),
                b'{' => (3, '}'),
                b'[' => (3, ']'),
                b'<' => (3, '>'),
                b'|' | b'!' | b'/' => (3, char::from(*open)),
                _ => return false,
            },
            _ => return false,
        };
        let Some(length) = rest[start..].find(close) else {
            return false;
        };
        self.push(Kind::Sign(b'`'));
        let body = &rest[start..start + length];
        self.push(Kind::Text(interpolated(body, self.syntax.holes)));
        self.jump(self.at + start + length + close.len_utf8());
        true
    }

    /// A quote without its end is a sign like others: an apostrophe in a text between tags, perhaps.
    pub(super) fn not_closed(&mut self, whole_file: bool) {
        *self.unclosed += 1;
        if whole_file {
            self.broken();
            self.at = self.text.len();
        } else if *self.unclosed > MAX_UNCLOSED {
            self.skip_line();
        } else {
            self.push(Kind::Sign(self.text.as_bytes()[self.at]));
            self.at += 1;
        }
    }

    pub(super) fn character(&mut self) {
        let rest = &self.text[self.at + 1..];
        let short = rest.starts_with('\\') || rest.chars().nth(1) == Some('\'');
        if self.syntax.rust && !short {
            self.at += 1;
            return;
        }
        let end = rest
            .char_indices()
            .take(12)
            .skip(1)
            .find(|(at, c)| *c == '\'' && !rest[..*at].ends_with('\\'));
        match end.or_else(|| rest.starts_with("\\\\'").then_some((2, '\''))) {
            Some((length, _)) => self.jump(self.at + 1 + length + 1),
            None => self.at += 1,
        }
    }

    pub(super) fn raw(&mut self) {
        match self.text[self.at + 1..].find('`') {
            Some(length) => {
                let start = self.at + 1;
                self.push(Kind::Text(plain(&self.text[start..start + length], true)));
                self.jump(start + length + 1);
            }
            None => self.not_closed(true),
        }
    }

    pub(super) fn template(&mut self) {
        let start = self.at + 1;
        let mut chunks: Vec<&'a str> = Vec::new();
        let mut holes: Vec<(usize, usize)> = Vec::new();
        let (mut at, mut chunk) = (start, start);
        let end = loop {
            let bytes = self.text.as_bytes();
            match bytes.get(at) {
                None => return self.not_closed(true),
                Some(b'\\') => at += 2,
                Some(b'`') => break at,
                Some(b'$') if bytes.get(at + 1) == Some(&b'{') => {
                    let Some(end) = hole_end(self.text, at + 2) else {
                        return self.not_closed(true);
                    };
                    chunks.extend(self.text.get(chunk..at));
                    holes.push((at + 2, end));
                    at = end + 1;
                    chunk = at;
                }
                Some(_) => at += 1,
            }
        };
        chunks.extend(self.text.get(chunk..end));
        let first = chunks.first().copied().unwrap_or_default();
        let mut text = Text {
            open: !holes.is_empty(),
            rest: holes
                .first()
                .and_then(|(_, to)| self.text.get(to + 1..end))
                .unwrap_or_default(),
            ..plain(first, false)
        };
        if let (true, Some((from, to))) = (first.is_empty(), holes.first()) {
            text.head = Some((
                &self.text[*from..*to],
                chunks.get(1).copied().unwrap_or_default(),
            ));
            text.open = holes.len() > 1;
        }
        self.push(Kind::Text(text));
        if self.depth < MAX_DEPTH {
            for (start, end) in holes {
                self.jump(start);
                self.holes.push(Hole {
                    start,
                    end,
                    line: self.line,
                    depth: self.depth + 1,
                });
            }
        }
        self.jump(end + 1);
    }
}
