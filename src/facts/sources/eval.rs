//! Path expressions of a source file: `path.join(__dirname, '..', 'views')`.

use std::collections::HashMap;
use std::ops::Range;

use super::index::Index;
use super::language::{Here, Language};
use super::lex::{Kind, Text, Token};
use super::value::Value;
use crate::facts::path;

/// Deeper expressions are not looked into.
const MAX_DEPTH: usize = 16;
/// So many tokens of an expression that is not understood are searched for a path.
const SEARCHED: usize = 64;

/// A source file, ready to have its expressions asked.
pub(super) struct SourceFile<'a> {
    pub tokens: &'a [Token<'a>],
    /// For each opening bracket the closing one, or the end of the file.
    partners: Vec<usize>,
    pub language: &'static Language,
    pub file: &'a str,
    pub index: &'a Index<'a>,
    /// Constants and variables with one value, see [`SourceFile::read_names`].
    pub(super) names: HashMap<&'a str, Value>,
}

impl<'a> SourceFile<'a> {
    pub fn new(
        tokens: &'a [Token<'a>],
        language: &'static Language,
        file: &'a str,
        index: &'a Index<'a>,
    ) -> Self {
        let partners = partners(tokens);
        let mut source = Self {
            tokens,
            partners,
            language,
            file,
            index,
            names: HashMap::new(),
        };
        source.read_names();
        source
    }

    /// The directory of the file.
    pub fn dir(&self) -> &'a str {
        path::parent(self.file)
    }

    /// Where the bracket that opens at `at` closes, or the end of the file.
    pub fn partner(&self, at: usize) -> usize {
        self.partners[at]
    }

    /// The arguments of the call whose bracket opens at `open`.
    pub fn arguments(&self, open: usize) -> Vec<Range<usize>> {
        self.split(open + 1..self.partner(open), |token| token.is(b','))
    }

    /// The value of the expression in `range`.
    pub fn eval(&self, range: Range<usize>) -> Value {
        self.expression(range, 0)
    }

    /// The dotted name that ends with the word at `at`: `fs.promises.readFile`, at most four words.
    pub fn name_ending(&self, at: usize) -> Vec<&'a str> {
        let mut words = vec![self.tokens[at].word().unwrap_or_default()];
        let mut at = at;
        while words.len() < 4 && at >= 2 && (self.tokens[at - 1].is(b'.') || self.path_sign(at - 1))
        {
            let wide = self.tokens[at - 2].is(b'?') || self.path_sign(at - 1);
            let skip = if wide { 3 } else { 2 };
            let Some(word) = at.checked_sub(skip).and_then(|at| self.tokens[at].word()) else {
                // The result of a call, or an element: the name is not all there is.
                words.push("?");
                break;
            };
            words.push(word);
            at -= skip;
        }
        words.reverse();
        words
    }

    /// Whether the sign at `at` is the second of `::`.
    fn path_sign(&self, at: usize) -> bool {
        at >= 1 && self.tokens[at].is(b':') && self.tokens[at - 1].is(b':')
    }

    fn split(&self, range: Range<usize>, between: impl Fn(&Token) -> bool) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let mut start = range.start;
        for at in self.level(range.clone()) {
            if between(&self.tokens[at]) {
                parts.push(start..at);
                start = at + 1;
            }
        }
        if start < range.end {
            parts.push(start..range.end);
        }
        parts
    }

    /// The tokens of a range outside brackets, the opening brackets themselves included.
    pub(super) fn level(&self, range: Range<usize>) -> impl Iterator<Item = usize> + '_ {
        let mut at = range.start;
        std::iter::from_fn(move || {
            let here = at;
            if here >= range.end {
                return None;
            }
            at = if is_open(&self.tokens[here]) {
                self.partner(here) + 1
            } else {
                here + 1
            };
            Some(here)
        })
    }

    fn expression(&self, range: Range<usize>, depth: usize) -> Value {
        let range = self.trim(range);
        if range.is_empty() || depth > MAX_DEPTH {
            return Value::Unknown;
        }
        let alternatives = self.alternatives(range.clone());
        if alternatives.len() > 1 {
            let values: Vec<Value> = alternatives
                .into_iter()
                .map(|part| self.expression(part, depth + 1))
                .collect();
            // One that exists in the context is what is meant for the container.
            let found = values.iter().find(|value| self.exists(value)).cloned();
            return found.unwrap_or_else(|| match values.contains(&Value::Unknown) {
                true => Value::Unknown,
                false => values.into_iter().next().unwrap_or(Value::Unknown),
            });
        }
        let joins = |token: &Token| self.language.slash_joins && token.is(b'/');
        let operands = self.split(range.clone(), |token| token.is(b'+') || joins(token));
        if operands.len() > 1 {
            let mut value = self.expression(operands[0].clone(), depth + 1);
            for operand in &operands[1..] {
                // Inside a concatenation a leading slash is no root.
                let next = match self.literal(operand.clone()) {
                    Some(text) => Value::Path {
                        here: false,
                        text: text.text.to_string(),
                        open: text.open,
                    },
                    None => self.expression(operand.clone(), depth + 1),
                };
                value = if self.tokens[operand.start - 1].is(b'+') {
                    value.append(next)
                } else {
                    value.join(next)
                };
            }
            return value;
        }
        self.primary(range, depth)
    }

    /// Without brackets around it, casts after it, and words and signs before it that change nothing.
    fn trim(&self, mut range: Range<usize>) -> Range<usize> {
        while let Some(token) = self.tokens[range.clone()].first() {
            let last = range.end - 1;
            match token.kind {
                Kind::Word("await" | "new") | Kind::Sign(b'&' | b'*') => range.start += 1,
                Kind::Sign(b'(') if self.partner(range.start) == last => {
                    range = range.start + 1..last
                }
                _ if self.tokens[last].is(b'!') => range.end = last,
                _ => {
                    let cast = self
                        .level(range.clone())
                        .find(|at| matches!(self.tokens[*at].kind, Kind::Word("as" | "satisfies")));
                    match cast {
                        Some(cast) if cast > range.start => range.end = cast,
                        _ => break,
                    }
                }
            }
        }
        range
    }

    /// The parts of `a || b`, `a ?? b`, `a or b`, `c ? a : b`; the whole if it is none of them.
    fn alternatives(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let mut start = range.start;
        let mut ternary = false;
        let positions: Vec<usize> = self.level(range.clone()).collect();
        let mut skip = false;
        for at in positions {
            if std::mem::take(&mut skip) {
                start = at + 1;
                continue;
            }
            let token = &self.tokens[at];
            let next = self.tokens.get(at + 1);
            let doubled = |sign: u8| token.is(sign) && next.is_some_and(|next| next.is(sign));
            if doubled(b'|') || doubled(b'?') {
                parts.push(start..at);
                skip = true;
            } else if token.word() == Some("or") && self.language.slash_joins {
                parts.push(start..at);
                start = at + 1;
            } else if token.is(b'?') && !next.is_some_and(|next| next.is(b'.')) {
                // What stands before is the condition.
                ternary = true;
                start = at + 1;
            } else if token.is(b':') && ternary {
                parts.push(start..at);
                start = at + 1;
            }
        }
        parts.push(start..range.end);
        parts.retain(|part| !part.is_empty());
        parts
    }

    fn literal(&self, range: Range<usize>) -> Option<&Text<'a>> {
        match &self.tokens[range] {
            [token] => token.text().filter(|text| text.head.is_none()),
            _ => None,
        }
    }

    fn primary(&self, range: Range<usize>, depth: usize) -> Value {
        if let Some(text) = self.tokens[range.start].text() {
            // Python joins literals that stand side by side.
            let mut value = self.text_value(text);
            for token in &self.tokens[range.start + 1..range.end] {
                match token.text() {
                    Some(text) => value = value.append(Value::text(&text.text, text.open)),
                    None => return Value::Unknown,
                }
            }
            return value;
        }
        let Some(first) = self.tokens[range.start].word() else {
            return self.searched(range);
        };
        let mut name = first.to_string();
        let mut at = range.start + 1;
        loop {
            let step = match at + 1 < range.end {
                true if self.tokens[at].is(b'.') => 1,
                true if self.path_sign(at + 1) && at + 2 < range.end => 2,
                _ => break,
            };
            let Some(word) = self.tokens[at + step].word() else {
                break;
            };
            name.push('.');
            name.push_str(word);
            at += step + 1;
            if self.here(&name).is_some() {
                break;
            }
        }
        let called = at < range.end && self.tokens[at].is(b'(');
        let mut value = if called {
            let value = self.call(&name, at, range.clone(), depth);
            at = self.partner(at) + 1;
            value
        } else {
            self.named(&name)
        };
        // What is asked of the value: `Path(__file__).resolve().parent`.
        while at < range.end {
            let method = self.tokens.get(at + 1).and_then(Token::word);
            value = match (self.tokens[at].is(b'.'), method) {
                (true, Some("parent")) => value.parent(),
                (true, Some("parents")) => {
                    let index = self
                        .tokens
                        .get(at + 3)
                        .and_then(Token::word)
                        .and_then(|word| word.parse::<usize>().ok());
                    (0..=index.unwrap_or(0).min(MAX_DEPTH)).fold(value, |value, _| value.parent())
                }
                (
                    true,
                    Some("resolve" | "absolute" | "toString" | "href" | "pathname" | "as_posix"),
                ) => value,
                _ => return self.searched(range),
            };
            at += 2;
            if at < range.end && is_open(&self.tokens[at]) {
                at = self.partner(at) + 1;
            }
        }
        value
    }

    fn call(&self, name: &str, open: usize, whole: Range<usize>, depth: usize) -> Value {
        let language = self.language;
        let argument = |at: usize| self.arguments(open).get(at).cloned().unwrap_or(0..0);
        if language.joins.contains(&name) {
            let mut arguments = self.arguments(open).into_iter();
            let first = arguments
                .next()
                .map_or(Value::Unknown, |first| self.expression(first, depth + 1));
            return arguments.fold(first, |value, next| {
                let next = match self.literal(next.clone()) {
                    Some(text) => Value::Path {
                        here: false,
                        text: text.text.to_string(),
                        open: text.open,
                    },
                    None => self.expression(next, depth + 1),
                };
                value.join(next)
            });
        }
        if let Some((base, method)) = name.rsplit_once('.')
            && language.joined_by.contains(&method)
        {
            let next = match self.literal(argument(0)) {
                Some(text) => Value::text(&text.text, text.open),
                None => self.expression(argument(0), depth + 1),
            };
            return self.named(base).join(next);
        }
        if language.forms.contains(&name) {
            return self.expression(argument(0), depth + 1);
        }
        if language.parents.contains(&name) {
            return self.expression(argument(0), depth + 1).parent();
        }
        if language.current.contains(&name) {
            return Value::text("", false);
        }
        if language.elsewhere.contains(&name) {
            return Value::Elsewhere;
        }
        self.searched(whole)
    }

    fn named(&self, name: &str) -> Value {
        if let Some(here) = self.here(name) {
            let file = self.file.rsplit('/').next().unwrap_or(self.file);
            let text = if here == Here::File {
                file.to_string()
            } else {
                String::new()
            };
            return Value::Path {
                here: true,
                text,
                open: false,
            };
        }
        let own = name
            .strip_prefix("this.")
            .or_else(|| name.strip_prefix("self."))
            .unwrap_or(name);
        self.names.get(own).cloned().unwrap_or(Value::Unknown)
    }

    fn here(&self, name: &str) -> Option<Here> {
        self.language
            .here
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, here)| *here)
    }

    fn text_value(&self, text: &Text<'a>) -> Value {
        let Some((head, tail)) = text.head else {
            return Value::text(&text.text, text.open);
        };
        let head = head.trim();
        let base = match head.strip_suffix("()") {
            Some(function) if self.language.current.contains(&function) => Value::text("", false),
            Some(_) => Value::Unknown,
            None => self.named(head),
        };
        base.append(Value::Path {
            here: false,
            text: tail.to_string(),
            open: text.open,
        })
    }

    /// An expression that is not understood, with a literal in it that names a path: a default value.
    fn searched(&self, range: Range<usize>) -> Value {
        let end = range.end.min(range.start + SEARCHED);
        let texts = self.tokens[range.start..end.max(range.start)]
            .iter()
            .filter_map(Token::text);
        let mut values = texts
            .filter(|text| self.index.may_name(&text.text))
            .map(|text| self.text_value(text));
        values
            .find(|value| self.exists(value))
            .unwrap_or(Value::Unknown)
    }

    fn exists(&self, value: &Value) -> bool {
        !value.locate(self.index, self.dir()).found.is_empty()
    }
}

pub(super) fn is_open(token: &Token) -> bool {
    matches!(token.kind, Kind::Sign(b'(' | b'[' | b'{'))
}

fn partners(tokens: &[Token]) -> Vec<usize> {
    let mut partners = vec![tokens.len(); tokens.len()];
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Sign(b'(' | b'[' | b'{') => open.push(at),
            Kind::Sign(b')' | b']' | b'}') => {
                if let Some(start) = open.pop() {
                    partners[start] = at;
                }
            }
            _ => {}
        }
    }
    partners
}
