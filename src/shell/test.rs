//! Tests: `(( … ))` and `[[ … ]]`, which POSIX does not have but scripts do.

use super::cursor::{Parsed, Parser, Range};
use super::simple::Parts;
use super::types::Connector;
use super::words::{Build, ends_word};

impl Parser<'_> {
    /// Whether `((` begins here and the parentheses that close it stand together. In `((a; b) && c)` they do
    /// not: it is a subshell in a subshell.
    pub fn is_arithmetic(&self) -> bool {
        let mut rest = self.rest().bytes().enumerate();
        if !self.rest().starts_with("((") {
            return false;
        }
        let mut open = 0usize;
        let mut quote = None;
        while let Some((at, byte)) = rest.next() {
            match (byte, quote) {
                (b'\\', _) if quote != Some(b'\'') => {
                    rest.next();
                }
                (b'\'' | b'"', None) => quote = Some(byte),
                (_, Some(open)) if open == byte => quote = None,
                (b'(', None) => open += 1,
                (b')', None) if open == 2 => return self.at(at + 1) == Some(b')'),
                (b')', None) => open = open.saturating_sub(1),
                _ => {}
            }
        }
        false
    }

    /// `(( … ))`, a command of one word without a value.
    pub fn arithmetic_command(&mut self, before: Connector) -> Parsed<Range> {
        let start = self.pos;
        let slot = self.reserve(before);
        self.pos += 2;
        let mut build = Build::default();
        self.nested(|parser| parser.arithmetic(&mut build, start, false))?;
        let range = (start, self.pos);
        if has_adjacent_words(self.slice(range)) {
            return self.fault_at(
                start,
                "what some shells take for arithmetic and others for commands",
            );
        }
        let mut word = self.built(build, start);
        word.value = None;
        self.fill(
            slot,
            range,
            Parts {
                words: vec![word],
                ..Parts::default()
            },
        );
        self.redirected(before, range)
    }

    /// `[[ … ]]`, a command whose words are the operands and operators.
    pub fn double_bracket(&mut self, before: Connector) -> Parsed<Range> {
        let start = self.pos;
        let slot = self.reserve(before);
        let mut parts = Parts::default();
        let mut open = 0usize;
        // Words since the last operator; 1 to 3 of them make a test.
        let mut run = 0usize;
        parts.words.push(self.word()?);
        loop {
            self.newlines()?;
            let at = self.pos;
            if self.peek().is_none() {
                return self.fault_at(start, "`[[` without its end");
            }
            let closes = |byte: Option<u8>| ends_word(byte);
            if self.rest().starts_with("]]") && closes(self.at(2)) && run > 0 && open == 0 {
                parts.words.push(self.word()?);
                break;
            }
            let operator = ["&&", "||", "(", ")"]
                .into_iter()
                .find(|operator| self.rest().starts_with(operator));
            if let Some(operator) = operator {
                let after_test = run > 0;
                match operator {
                    "(" if !after_test => open += 1,
                    ")" if after_test && open > 0 => open -= 1,
                    "&&" | "||" if after_test => run = 0,
                    _ => return self.fault_at(start, "a test that is not clear"),
                }
                self.pos += operator.len();
                let mut word = self.valueless(at, Vec::new());
                word.value = Some(operator.to_owned());
                parts.words.push(word);
                continue;
            }
            let previous = parts.words.last().map(|word| word.raw.as_str());
            let word = match self.peek() {
                Some(b'<' | b'>') if run == 1 => {
                    self.pos += 1;
                    self.valueless(at, Vec::new())
                }
                Some(_) if run == 2 && previous == Some("=~") => self.regex_word()?,
                _ if ends_word(self.peek()) => {
                    return self.fault_at(start, "a test that is not clear");
                }
                _ => self.word()?,
            };
            if !(word.raw == "!" && run == 0) {
                run += 1;
                let unclear = match run {
                    2 => {
                        let binary =
                            !matches!(word.raw.as_str(), "<" | ">") && !is_test_operator(&word.raw);
                        binary
                            && !previous
                                .is_some_and(|first| first.starts_with('-') && first.len() == 2)
                    }
                    3 => previous.is_none_or(|operator| {
                        !matches!(operator, "<" | ">") && !is_test_operator(operator)
                    }),
                    4.. => true,
                    _ => false,
                };
                if unclear {
                    return self.fault_at(start, "a test that is not clear");
                }
            }
            parts.words.push(word);
        }
        let range = (start, self.pos);
        self.fill(slot, range, parts);
        self.redirected(before, range)
    }
}

/// The operators between two words of a test.
fn is_test_operator(word: &str) -> bool {
    matches!(
        word,
        "=" | "=="
            | "!="
            | "=~"
            | "-eq"
            | "-ne"
            | "-lt"
            | "-le"
            | "-gt"
            | "-ge"
            | "-nt"
            | "-ot"
            | "-ef"
    )
}

/// Whether two words stand side by side, as in a command and as never in arithmetic.
fn has_adjacent_words(text: &str) -> bool {
    let mut previous = ' ';
    let mut blank = false;
    for c in text.chars() {
        let begins = c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '"' | '/');
        let ended = previous.is_alphanumeric() || matches!(previous, '_' | '}' | '"');
        if blank && begins && ended {
            return true;
        }
        blank = c.is_whitespace();
        if !blank {
            previous = c;
        }
    }
    false
}
