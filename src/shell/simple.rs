//! Simple commands: their words, assignments and redirections, checked against the text.

use shuck_ast as ast;

use super::expansion::Found;
use super::lower::{Lower, Place};
use super::text::{self, Range, range_of};
use super::types::{Assignment, Redirect, Word};
use super::word::{joined, unquote};

/// The parts of a simple command while it is put together.
#[derive(Default)]
struct Parts<'a> {
    assignments: Vec<Assignment>,
    words: Vec<Word>,
    redirects: Vec<Redirect>,
    found: Found<'a>,
    ranges: Vec<Range>,
}

/// Redirection operators, the longer before those that begin them.
const OPERATORS: [&str; 12] = [
    "<<<", "<<-", "&>>", "<<", "<>", "<&", ">>", ">&", ">|", "&>", "<", ">",
];

impl<'a> Lower<'a> {
    pub fn simple(
        &mut self,
        simple: &'a ast::SimpleCommand,
        stmt: &'a ast::Stmt,
        place: Place,
    ) -> Range {
        let mut parts = Parts::default();
        self.assignments(&simple.assignments, &mut parts);
        // A bare assignment or redirection has an empty name at no place.
        if !simple.name.span.slice(self.text).is_empty() {
            self.push_word(&simple.name, &mut parts);
        }
        for word in &simple.args {
            self.push_word(word, &mut parts);
        }
        self.finish(parts, stmt, place)
    }

    pub fn builtin(
        &mut self,
        builtin: &'a ast::BuiltinCommand,
        stmt: &'a ast::Stmt,
        place: Place,
    ) -> Range {
        use ast::BuiltinCommand as Builtin;
        let (name, assignments, first, more, span) = match builtin {
            Builtin::Break(b) => ("break", &b.assignments, &b.depth, &b.extra_args, b.span),
            Builtin::Continue(b) => ("continue", &b.assignments, &b.depth, &b.extra_args, b.span),
            Builtin::Return(b) => ("return", &b.assignments, &b.code, &b.extra_args, b.span),
            Builtin::Exit(b) => ("exit", &b.assignments, &b.code, &b.extra_args, b.span),
        };
        let mut parts = Parts::default();
        self.assignments(assignments, &mut parts);
        // The tree does not say where the name stands: it is the first word after the assignments.
        let from = parts
            .ranges
            .last()
            .map_or(span.start.offset(), |range| range.1);
        let start = self
            .text
            .get(from..)
            .and_then(|rest| rest.find(name))
            .map(|at| from + at);
        match start {
            Some(start) if text::is_blank(self.text, from, start) => {
                let range = (start, start + name.len());
                let word = self.word(range, Found::default());
                parts.words.push(word);
                parts.ranges.push(range);
            }
            _ => self.opaque(range_of(span), "a command that is not clear"),
        }
        for word in first.iter().chain(more) {
            self.push_word(word, &mut parts);
        }
        self.finish(parts, stmt, place)
    }

    pub fn declaration(
        &mut self,
        decl: &'a ast::DeclClause,
        stmt: &'a ast::Stmt,
        place: Place,
    ) -> Range {
        let mut parts = Parts::default();
        self.assignments(&decl.assignments, &mut parts);
        let name = range_of(decl.variant_span);
        parts.words.push(self.word(name, Found::default()));
        parts.ranges.push(name);
        for operand in &decl.operands {
            match operand {
                ast::DeclOperand::Flag(word) | ast::DeclOperand::Dynamic(word) => {
                    self.push_word(word, &mut parts)
                }
                ast::DeclOperand::Name(name) => {
                    let range = range_of(name.span);
                    parts.words.push(self.word(range, Found::default()));
                    parts.ranges.push(range);
                }
                ast::DeclOperand::Assignment(assignment) => {
                    let range = range_of(assignment.span);
                    let mut found = Found::default();
                    found.assignment(&assignment.value);
                    let variables = std::mem::take(&mut found.variables);
                    parts.found.bodies.append(&mut found.bodies);
                    let mut word = self.word(range, Found::default());
                    word.variables = variables;
                    parts.words.push(word);
                    parts.ranges.push(range);
                }
            }
        }
        self.finish(parts, stmt, place)
    }

    /// `[[ … ]]` and `(( … ))`: words that the tree has none of.
    pub fn test(
        &mut self,
        ranges: &[Range],
        mut found: Found<'a>,
        stmt: &'a ast::Stmt,
        place: Place,
    ) -> Range {
        let mut parts = Parts::default();
        let variables = std::mem::take(&mut found.variables);
        for range in ranges {
            let word = self.word(*range, Found::default());
            parts.words.push(word);
            parts.ranges.push(*range);
        }
        if let Some(last) = parts.words.last_mut() {
            last.variables = variables;
        }
        parts.found = found;
        self.finish(parts, stmt, place)
    }

    fn assignments(&mut self, assignments: &'a [ast::Assignment], parts: &mut Parts<'a>) {
        for assignment in assignments {
            let range = range_of(assignment.span);
            let name = assignment.target.name.as_str().to_owned();
            let raw = self.text.get(range.0..range.1).unwrap_or("");
            let plain = raw
                .strip_prefix(name.as_str())
                .is_some_and(|rest| rest.starts_with('='));
            let equals = raw.find('=').unwrap_or(0);
            let mut found = Found::default();
            found.assignment(&assignment.value);
            parts.found.bodies.append(&mut found.bodies);
            let start = range.0 + equals + 1;
            let mut value = self.piece((start, range.1), found.variables);
            // `+=` and `name[i]=` depend on what was there.
            if !plain {
                value.value = None;
            }
            if !text::is_token(self.text, range.0, range.1) {
                self.opaque(range, "an assignment that is not clear");
            }
            parts.assignments.push(Assignment {
                span: self.map.span(range.0, range.1),
                name,
                value,
            });
            parts.ranges.push(range);
        }
    }

    fn push_word(&mut self, word: &'a ast::Word, parts: &mut Parts<'a>) {
        let range = range_of(word.span);
        let mut found = Found::default();
        if self.text.get(range.0..range.1).is_some_and(may_expand) {
            found.word(word);
            parts.found.bodies.append(&mut found.bodies);
        }
        parts.words.push(self.word(range, found));
        parts.ranges.push(range);
    }

    /// A word of its own: blanks or operators are around it.
    fn word(&mut self, range: Range, found: Found<'a>) -> Word {
        if !text::is_token(self.text, range.0, range.1) {
            self.opaque(range, "a word that is not clear");
        }
        self.piece(range, found.variables)
    }

    /// A word or the value of an assignment.
    fn piece(&mut self, range: Range, variables: Vec<String>) -> Word {
        let raw = self.text.get(range.0..range.1).unwrap_or("");
        let unquoted = unquote(raw);
        Word {
            span: self.map.span(range.0, range.1),
            raw: joined(raw),
            value: unquoted.value,
            glob: unquoted.glob,
            quoted: unquoted.quoted,
            variables,
        }
    }

    pub fn redirect(&mut self, redirect: &'a ast::Redirect, found: &mut Found<'a>) -> Redirect {
        let range = range_of(redirect.span);
        let raw = self.text.get(range.0..range.1).unwrap_or("");
        let head = match (&redirect.fd_var, raw.find('}')) {
            (Some(_), Some(end)) => end + 1,
            _ => raw.bytes().take_while(u8::is_ascii_digit).count(),
        };
        let rest = raw.get(head..).unwrap_or("");
        let operator = OPERATORS
            .into_iter()
            .find(|operator| rest.starts_with(operator));
        let Some(operator) = operator else {
            self.opaque(range, "a redirection that is not clear");
            return Redirect {
                span: self.map.span(range.0, range.1),
                operator: String::new(),
                fd: None,
                target: None,
                heredoc: None,
            };
        };
        let mut target = None;
        let mut heredoc = None;
        match &redirect.target {
            ast::RedirectTarget::Word(word) => {
                let skip = rest.get(operator.len()..).map_or(0, |rest| {
                    rest.len() - rest.trim_start_matches([' ', '\t', '\\', '\n']).len()
                });
                let start = range.0 + head + operator.len() + skip;
                let mut inner = Found::default();
                inner.word(word);
                found.bodies.append(&mut inner.bodies);
                target = Some(self.word((start, range.1), inner));
            }
            ast::RedirectTarget::Heredoc(doc) => {
                self.heredoc = true;
                let body = range_of(doc.body.span);
                self.body_end = self.body_end.max(body.1);
                let text = self.text.get(body.0..body.1).unwrap_or("");
                heredoc = Some(if doc.delimiter.strip_tabs {
                    text.split_inclusive('\n')
                        .map(|line| line.trim_start_matches('\t'))
                        .collect()
                } else {
                    text.to_owned()
                });
                if doc.delimiter.expands_body {
                    let mut inner = Found::default();
                    inner.heredoc(&doc.body);
                    found.bodies.append(&mut inner.bodies);
                }
            }
        }
        Redirect {
            span: self.map.span(range.0, range.1),
            operator: operator.to_owned(),
            fd: raw.get(..head).and_then(|digits| digits.parse().ok()),
            target,
            heredoc,
        }
    }

    fn finish(&mut self, mut parts: Parts<'a>, stmt: &'a ast::Stmt, place: Place) -> Range {
        for redirect in &stmt.redirects {
            let redirect_range = range_of(redirect.span);
            let redirect = self.redirect(redirect, &mut parts.found);
            parts.redirects.push(redirect);
            parts.ranges.push(redirect_range);
        }
        parts.ranges.sort_unstable();
        let all = match (parts.ranges.first(), parts.ranges.last()) {
            (Some(first), Some(last)) => (first.0, last.1),
            _ => range_of(stmt.span),
        };
        let tiled = parts.ranges.windows(2).all(|pair| match pair {
            [left, right] => text::is_blank(self.text, left.1, right.0),
            _ => true,
        });
        if !tiled {
            self.opaque(all, "a command whose words are not clear");
        }
        if parts.words.first().and_then(|word| word.value.as_deref()) == Some("alias")
            && parts.words.len() > 1
        {
            self.opaque(all, "an alias changes what later words mean");
        }
        self.push(all, parts.assignments, parts.words, parts.redirects, place);
        self.substitutions(parts.found, place.nest, None);
        all
    }
}

/// Whether a word can hold an expansion at all.
fn may_expand(raw: &str) -> bool {
    raw.bytes().any(|byte| matches!(byte, b'$' | b'`' | b'('))
}
