//! The JSON form of arguments: an array of strings, with the place of every string.

use std::ops::Range;

/// What a text is, seen as a JSON array.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Array {
    /// An array of strings: the range of each in the text, quotes included, and what it says.
    Strings(Vec<(Range<usize>, String)>),
    /// Valid JSON, but something in it is no string. BuildKit refuses that.
    Mixed,
    /// No valid JSON array, so it is read in the shell form.
    No,
}

/// Reads `text`, which has no white space around it.
pub(super) fn array(text: &str) -> Array {
    if !text.starts_with('[') {
        return Array::No;
    }
    if let Some(strings) = (Reader { text, at: 0 }).strings() {
        return Array::Strings(strings);
    }
    match serde_json::from_str::<Vec<serde_json::Value>>(&without_surrogates(text)) {
        Ok(_) => Array::Mixed,
        Err(_) => Array::No,
    }
}

/// The text with another escape in place of surrogates: alone they are no error in Go.
fn without_surrogates(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        result.push_str(before);
        let digits = after.strip_prefix('u').and_then(|after| after.get(..4));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let length = if code.is_some_and(|code| (0xd800..0xe000).contains(&code)) {
            result.push_str("\\u0020");
            5
        } else {
            let length = after.chars().next().map_or(0, char::len_utf8);
            result.push('\\');
            result.push_str(after.get(..length).unwrap_or(""));
            length
        };
        rest = after.get(length..).unwrap_or("");
    }
    result.push_str(rest);
    result
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn strings(mut self) -> Option<Vec<(Range<usize>, String)>> {
        let mut strings = Vec::new();
        self.expect('[')?;
        self.space();
        if self.expect(']').is_none() {
            loop {
                self.space();
                let start = self.at;
                let value = self.string()?;
                strings.push((start..self.at, value));
                self.space();
                if self.expect(',').is_none() {
                    self.expect(']')?;
                    break;
                }
            }
        }
        self.space();
        (self.at == self.text.len()).then_some(strings)
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn expect(&mut self, c: char) -> Option<()> {
        self.rest().starts_with(c).then(|| self.at += c.len_utf8())
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn string(&mut self) -> Option<String> {
        self.expect('"')?;
        let mut value = String::new();
        loop {
            let c = self.rest().chars().next()?;
            self.at += c.len_utf8();
            match c {
                '"' => return Some(value),
                '\\' => value.push(self.escape()?),
                c if c < ' ' => return None,
                c => value.push(c),
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let c = self.rest().chars().next()?;
        self.at += c.len_utf8();
        Some(match c {
            '"' | '\\' | '/' => c,
            'b' => '\x08',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => self.unicode()?,
            _ => return None,
        })
    }

    /// Four hexadecimal digits, or two times four for a surrogate pair.
    /// A lone surrogate is the replacement character, as in Go.
    fn unicode(&mut self) -> Option<char> {
        let first = self.hex()?;
        if !(0xd800..0xe000).contains(&first) {
            return char::from_u32(first);
        }
        let after_first = self.at;
        if first < 0xdc00 && self.rest().starts_with("\\u") {
            self.at += 2;
            if let Some(second) = self
                .hex()
                .filter(|second| (0xdc00..0xe000).contains(second))
            {
                return char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00));
            }
            self.at = after_first;
        }
        Some(char::REPLACEMENT_CHARACTER)
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self
            .rest()
            .get(..4)
            .filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        let value = u32::from_str_radix(digits, 16).ok()?;
        self.at += 4;
        Some(value)
    }
}
