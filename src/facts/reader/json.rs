//! JSON as its tools read it: comments, trailing commas and a BOM are allowed (`tsconfig.json`).

use super::Malformed;
use super::tree::{Kind, Lines, Node};

/// Deeper nesting than this is refused.
const MAX_DEPTH: usize = 128;

/// Parses a document.
pub(super) fn parse(text: &str) -> Result<Node, Malformed> {
    let mut parser = Parser {
        text,
        at: if text.starts_with('\u{feff}') { 3 } else { 0 },
        line: 1,
        counted: 0,
    };
    let node = parser
        .space()
        .and_then(|()| parser.value(0))
        .and_then(|node| {
            parser.space()?;
            if parser.at == text.len() {
                Ok(node)
            } else {
                Err("something stands after the end of the value")
            }
        });
    node.map_err(|message| {
        let (line, column) = Lines::new(text).position(parser.at);
        Malformed {
            line,
            column,
            message: message.to_string(),
        }
    })
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    /// How far `line` has been counted.
    counted: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn line_here(&mut self) -> usize {
        self.line += self.text[self.counted..self.at].matches('\n').count();
        self.counted = self.at;
        self.line
    }

    /// Skips white space and comments.
    fn space(&mut self) -> Result<(), &'static str> {
        loop {
            let rest = self.rest();
            let body = rest.trim_start_matches([' ', '\t', '\n', '\r']);
            self.at += rest.len() - body.len();
            if body.starts_with("//") {
                self.at += body.find('\n').unwrap_or(body.len());
            } else if body.starts_with("/*") {
                self.at += body.find("*/").ok_or("the comment is not closed")? + 2;
            } else {
                return Ok(());
            }
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, &'static str> {
        if depth > MAX_DEPTH {
            return Err("nested too deeply");
        }
        let line = self.line_here();
        let kind = match self.peek() {
            Some(b'{') => self.map(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => Kind::Text(self.string()?),
            Some(_) => self.bare()?,
            None => return Err("the file ends where a value is expected"),
        };
        Ok(Node { line, kind })
    }

    fn bare(&mut self) -> Result<Kind, &'static str> {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')))
            .unwrap_or(rest.len());
        let word = &rest[..end];
        let number = word.strip_prefix('-').unwrap_or(word);
        let kind = match word {
            "null" => Kind::Null,
            "true" | "false" => Kind::Bare(word.to_string()),
            _ if number.starts_with(|c: char| c.is_ascii_digit())
                && word.parse::<f64>().is_ok() =>
            {
                Kind::Bare(word.to_string())
            }
            _ => {
                return Err(
                    "expected a value: a string in double quotes, a number, true, false, null, `{` or `[`",
                );
            }
        };
        self.at += end;
        Ok(kind)
    }

    fn list(&mut self, depth: usize) -> Result<Kind, &'static str> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.space()?;
            if self.take(b']') {
                return Ok(Kind::List(items));
            }
            items.push(self.value(depth + 1)?);
            self.space()?;
            if !self.take(b',') && self.peek() != Some(b']') {
                return Err("expected `,` or `]`");
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Kind, &'static str> {
        self.at += 1;
        let mut pairs = Vec::new();
        loop {
            self.space()?;
            if self.take(b'}') {
                return Ok(Kind::Map(pairs));
            }
            if self.peek() != Some(b'"') {
                return Err("expected a key in double quotes or `}`");
            }
            // The key's line is where a person looks for it.
            let line = self.line_here();
            let key = self.string()?;
            self.space()?;
            if !self.take(b':') {
                return Err("expected `:` after the key");
            }
            self.space()?;
            let value = self.value(depth + 1)?;
            pairs.push((key, Node { line, ..value }));
            self.space()?;
            if !self.take(b',') && self.peek() != Some(b'}') {
                return Err("expected `,` or `}`");
            }
        }
    }

    fn string(&mut self) -> Result<String, &'static str> {
        let start = self.at;
        self.at += 1;
        let mut value = String::new();
        loop {
            let rest = self.rest();
            let Some(plain) = rest.find(['"', '\\', '\n']) else {
                self.at = start;
                return Err("the string is not closed");
            };
            value.push_str(&rest[..plain]);
            self.at += plain + 1;
            match rest.as_bytes()[plain] {
                b'"' => return Ok(value),
                b'\\' => value.push(self.escape()?),
                _ => {
                    self.at = start;
                    return Err("the string is not closed on its line");
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, &'static str> {
        let escaped = self.peek().ok_or("the string is not closed")?;
        let c = match escaped {
            b'"' | b'\\' | b'/' => char::from(escaped),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.at += 1;
                return self.unicode();
            }
            _ => return Err("unknown escape in a string"),
        };
        self.at += 1;
        Ok(c)
    }

    /// The four digits after `\u`, or two such halves. A half that stands alone becomes U+FFFD.
    fn unicode(&mut self) -> Result<char, &'static str> {
        let high = self.four_digits()?;
        if (0xd800..0xdc00).contains(&high) && self.rest().starts_with("\\u") {
            let back = self.at;
            self.at += 2;
            let low = self.four_digits()?;
            if (0xdc00..0xe000).contains(&low) {
                let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = back;
        }
        Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn four_digits(&mut self) -> Result<u32, &'static str> {
        let digits = self
            .rest()
            .get(..4)
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        self.at += if code.is_some() { 4 } else { 0 };
        code.ok_or("expected four hexadecimal digits after `\\u`")
    }
}
