//! What names stand for in a source file.

use std::collections::HashSet;

use super::eval::{SourceFile, is_open};
use super::lex::{Kind, Token};

/// Longer expressions are not looked into, counted in tokens outside brackets.
const MAX_LENGTH: usize = 512;

impl<'a> SourceFile<'a> {
    /// Constants and variables that have one value in the file. A name that is a parameter somewhere, or has
    /// two values, is not known.
    pub(super) fn read_names(&mut self) {
        let mut unsure = self.parameters();
        for at in 1..self.tokens.len().saturating_sub(1) {
            if !self.tokens[at].is(b'=') || !self.assigns(at) {
                continue;
            }
            let Some(name) = self.assigned(at) else {
                continue;
            };
            let value = self.eval(at + 1..self.expression_end(at + 1));
            if self.names.get(name).is_some_and(|known| *known != value) {
                unsure.insert(name);
            }
            self.names.insert(name, value);
        }
        self.names.retain(|name, _| !unsure.contains(name));
    }

    /// Whether the `=` at `at` gives a value, and is no part of another operator.
    fn assigns(&self, at: usize) -> bool {
        let before = &self.tokens[at - 1];
        let after = &self.tokens[at + 1];
        !b"=!<>+-*/%|&^".iter().any(|sign| before.is(*sign)) && !after.is(b'=') && !after.is(b'>')
    }

    /// The name before the `=` at `at`: `x =`, `x: string =`, `x :=`, `this.x =`.
    fn assigned(&self, at: usize) -> Option<&'a str> {
        let word = |at: Option<usize>| at.and_then(|at| self.tokens[at].word());
        let (name, start) = match self.tokens[at - 1].is(b':') {
            true => (word(at.checked_sub(2))?, at.checked_sub(3)),
            false => match self
                .tokens
                .get(at.wrapping_sub(2))
                .is_some_and(|token| token.is(b':'))
            {
                true => (word(at.checked_sub(3))?, at.checked_sub(4)),
                false => (word(at.checked_sub(1))?, at.checked_sub(2)),
            },
        };
        // `options.path = …` says nothing of a name `path`.
        let field = start.is_some_and(|start| self.tokens[start].is(b'.'));
        let own = start
            .and_then(|start| word(start.checked_sub(1)))
            .is_some_and(|word| matches!(word, "this" | "self"));
        (!field || own).then_some(name)
    }

    /// Where the expression that begins at `start` ends: at a comma, a semicolon, a closing bracket, another
    /// assignment, or a line that does not continue it.
    pub(super) fn expression_end(&self, start: usize) -> usize {
        let mut before: Option<usize> = None;
        for at in self.level(start..self.tokens.len()).take(MAX_LENGTH) {
            let token = &self.tokens[at];
            let assigns = token.is(b'=') && at + 1 < self.tokens.len() && self.assigns(at);
            let ends =
                assigns || matches!(token.kind, Kind::Sign(b';' | b',' | b')' | b']' | b'}'));
            let continues = |token: &Token| {
                matches!(
                    token.kind,
                    Kind::Sign(b'.' | b'+' | b'|' | b'&' | b'?' | b':' | b'=' | b'/' | b'\\')
                )
            };
            let new_line = before.is_some_and(|before| {
                let last = &self.tokens[before];
                let end_line = if is_open(last) {
                    self.tokens
                        .get(self.partner(before))
                        .map_or(last.line, |end| end.line)
                } else {
                    last.line
                };
                end_line < token.line && !continues(last) && !continues(token)
            });
            if ends || new_line {
                return at;
            }
            before = Some(at);
        }
        before.map_or(start, |before| before + 1)
    }

    /// Names of parameters of all functions in the file.
    fn parameters(&self) -> HashSet<&'a str> {
        let mut names = HashSet::new();
        for (at, token) in self.tokens.iter().enumerate() {
            let sign = |ahead: usize, sign: u8| {
                self.tokens
                    .get(at + ahead)
                    .is_some_and(|token| token.is(sign))
            };
            if token.is(b'(') {
                let close = self.partner(at);
                let after = |ahead: usize| self.tokens.get(close + ahead);
                let arrow = after(1).is_some_and(|token| token.is(b'='))
                    && after(2).is_some_and(|token| token.is(b'>'));
                let body = after(1).is_some_and(|token| token.is(b'{') || token.is(b':'));
                let word = at
                    .checked_sub(1)
                    .and_then(|before| self.tokens[before].word());
                let statement = matches!(
                    word,
                    None | Some("if" | "for" | "while" | "switch" | "catch" | "with")
                );
                let declared = (1..=2).any(|back| {
                    let word = at
                        .checked_sub(back)
                        .and_then(|before| self.tokens[before].word());
                    matches!(word, Some("function" | "def" | "func" | "lambda"))
                });
                // After a receiver: `func (s *Store) Load(name string) error {`
                let method = at >= 2
                    && self.tokens[at - 2].is(b')')
                    && word.is_some()
                    && self.language.receivers;
                if arrow || declared || method || (body && !statement) {
                    let inside = self.level(at + 1..close.min(self.tokens.len()));
                    names.extend(inside.filter_map(|at| self.tokens[at].word()));
                }
            } else if let (Some(name), true, true) = (token.word(), sign(1, b'='), sign(2, b'>')) {
                names.insert(name);
            }
        }
        names
    }
}
