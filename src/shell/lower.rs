//! From the syntax tree of the shell parser to the flat list of commands.
//!
//! The tree's spans are exact for words, assignments, redirections and operators, but those of statements and
//! groups reach into the next token; so every span here is put together from the exact ones, and every command
//! is checked against the text before it is believed.

use shuck_ast as ast;

use super::expansion::Found;
use super::list::{List, is_background, terminator};
use super::map::Map;
use super::text::{self, Range, hull, range_of};
use super::types::{Command, Connector, Item, Nesting, Opaque, Script};

/// What the walk hands down to a command.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub nest: Nesting,
    pub before: Connector,
}

/// The walk over the tree of one script.
pub(super) struct Lower<'a> {
    pub text: &'a str,
    pub map: Map<'a>,
    pub script: Script,
    /// Whether the current top-level item holds a heredoc.
    pub heredoc: bool,
    /// End of the heredoc body met last, its terminator line excluded.
    pub body_end: usize,
}

impl<'a> Lower<'a> {
    pub fn new(text: &'a str, map: Map<'a>) -> Self {
        let script = Script {
            flat: true,
            ..Script::default()
        };
        Self {
            text,
            map,
            script,
            heredoc: false,
            body_end: 0,
        }
    }

    /// Notes the first part that is not understood.
    pub fn opaque(&mut self, range: Range, reason: &str) {
        if self.script.opaque.is_none() {
            let span = self.map.span(range.0, range.1);
            self.script.opaque = Some(Opaque {
                span,
                reason: reason.to_owned(),
            });
        }
        self.script.flat = false;
    }

    /// The top-level list: the only one whose items are noted.
    pub fn top(&mut self, stmts: &'a [ast::Stmt]) {
        let mut before = Connector::First;
        let mut separator = (0, 0);
        let mut end = 0;
        for (index, stmt) in stmts.iter().enumerate() {
            let list = List::new(stmt, self.text, index + 1 == stmts.len());
            let background = is_background(stmt);
            self.script.flat &= !background && list.last_or.is_none();
            // The part up to the operand after the last `||` cannot be taken apart, a background list neither.
            let whole = if background {
                list.operands.len() - 1
            } else {
                list.last_or.unwrap_or(0)
            };
            let mut item: Option<Range> = None;
            for (nth, operand) in list.operands.iter().enumerate() {
                if nth > 0 && nth > whole {
                    before = operand.connector;
                    separator = operand.at;
                }
                let connector = if nth == 0 { before } else { operand.connector };
                let nest = Nesting {
                    background,
                    ..list.nesting(nth, Nesting::default())
                };
                let range = self.pipeline(
                    operand.stmt,
                    Place {
                        nest,
                        before: connector,
                    },
                );
                let range = hull(item, range);
                if nth < whole {
                    item = Some(range);
                    continue;
                }
                item = None;
                if before == Connector::Newline {
                    separator = text::newline(self.text, end, range.0);
                }
                end = range.1;
                if background && let Some(span) = stmt.terminator_span {
                    end = end.max(span.end.offset());
                }
                self.script.items.push(Item {
                    span: self.map.span(range.0, end),
                    before,
                    connector: self.map.span(separator.0, separator.1),
                    heredoc: std::mem::take(&mut self.heredoc),
                    background,
                });
            }
            before = terminator(stmt);
            separator = match stmt.terminator_span {
                Some(span) if !background => range_of(span),
                _ => (end, end),
            };
        }
    }

    /// A list inside a compound command or a substitution. Returns from its first to its last byte.
    pub fn sequence(&mut self, stmts: &'a [ast::Stmt], nest: Nesting) -> Option<Range> {
        let mut before = Connector::First;
        let mut range = None;
        for (index, stmt) in stmts.iter().enumerate() {
            let list = List::new(stmt, self.text, index + 1 == stmts.len());
            let nest = Nesting {
                background: nest.background || is_background(stmt),
                ..nest
            };
            for (nth, operand) in list.operands.iter().enumerate() {
                let before = if nth == 0 { before } else { operand.connector };
                let place = Place {
                    nest: list.nesting(nth, nest),
                    before,
                };
                range = Some(hull(range, self.pipeline(operand.stmt, place)));
            }
            before = terminator(stmt);
        }
        range
    }

    fn pipeline(&mut self, stmt: &'a ast::Stmt, place: Place) -> Range {
        let mut parts = Vec::new();
        let mut first = stmt;
        let mut negation = None;
        loop {
            if first.negated {
                let start = first.span.start.offset();
                negation = Some((start, start + 1));
            }
            match &first.command {
                ast::Command::Binary(binary) => {
                    if !matches!(binary.op, ast::BinaryOp::Pipe | ast::BinaryOp::PipeAll) {
                        self.opaque(range_of(stmt.span), "a list inside a pipeline");
                    }
                    parts.push(&*binary.right);
                    first = &binary.left;
                }
                _ => break,
            }
        }
        self.script.flat &= negation.is_none();
        if parts.is_empty() {
            return hull(negation, self.command(first, place));
        }
        self.script.flat = false;
        let nest = Nesting {
            pipeline: true,
            ..place.nest
        };
        let mut range = hull(negation, self.command(first, Place { nest, ..place }));
        for part in parts.iter().rev() {
            let part = self.command(
                part,
                Place {
                    nest,
                    before: Connector::Pipe,
                },
            );
            range = hull(Some(range), part);
        }
        range
    }

    fn command(&mut self, stmt: &'a ast::Stmt, place: Place) -> Range {
        match &stmt.command {
            ast::Command::Simple(simple) => self.simple(simple, stmt, place),
            ast::Command::Builtin(builtin) => self.builtin(builtin, stmt, place),
            ast::Command::Decl(decl) => self.declaration(decl, stmt, place),
            ast::Command::Compound(compound) => self.compound(compound, stmt, place),
            ast::Command::Function(function) => self.function(function, stmt, place),
            ast::Command::Binary(_) | ast::Command::AnonymousFunction(_) => {
                let range = range_of(stmt.span);
                self.opaque(range, "a construct that no POSIX shell knows");
                range
            }
        }
    }

    fn function(
        &mut self,
        function: &'a ast::FunctionDef,
        stmt: &'a ast::Stmt,
        place: Place,
    ) -> Range {
        self.script.flat = false;
        let start = range_of(function.span).0;
        let nest = Nesting {
            function: true,
            ..place.nest
        };
        let body = self.command(
            &function.body,
            Place {
                nest,
                before: Connector::First,
            },
        );
        self.redirected(stmt, place, (start, body.1))
    }

    /// The redirections of a compound command, as a command without words.
    pub fn redirected(&mut self, stmt: &'a ast::Stmt, place: Place, range: Range) -> Range {
        if stmt.redirects.is_empty() {
            return range;
        }
        let mut found = Found::default();
        let mut all = None;
        let mut redirects = Vec::new();
        for redirect in &stmt.redirects {
            all = Some(hull(all, range_of(redirect.span)));
            redirects.push(self.redirect(redirect, &mut found));
        }
        let own = all.unwrap_or(range);
        self.push(own, Vec::new(), Vec::new(), redirects, place);
        self.substitutions(found, place.nest, None);
        hull(Some(range), own)
    }

    /// Adds a command of the current item.
    pub fn push(
        &mut self,
        range: Range,
        assignments: Vec<super::types::Assignment>,
        words: Vec<super::types::Word>,
        redirects: Vec<super::types::Redirect>,
        place: Place,
    ) {
        let command = Command {
            span: self.map.span(range.0, range.1),
            assignments,
            words,
            redirects,
            before: place.before,
            context: place.nest,
            item: self.script.items.len(),
        };
        self.script.commands.push(command);
    }

    /// The commands inside `$( … )`, backticks and `<( … )`; all of them within `inside`, if given.
    pub fn substitutions(&mut self, found: Found<'a>, nest: Nesting, inside: Option<Range>) {
        let nest = Nesting {
            substitution: true,
            subshell: true,
            ..nest
        };
        for body in found.bodies {
            let (start, end) = body.range;
            let raw = self.text.get(start..end).unwrap_or("");
            let framed = if body.backtick {
                raw.len() > 1 && raw.starts_with('`') && raw.ends_with('`') && !raw.contains('\\')
            } else {
                ["$(", "<(", ">("].iter().any(|open| raw.starts_with(open)) && raw.ends_with(')')
            };
            if !framed || inside.is_some_and(|(from, to)| start < from || to < end) {
                self.opaque(
                    inside.unwrap_or(body.range),
                    "a command substitution that is not clear",
                );
                continue;
            }
            let opaque = self.script.opaque.is_none();
            let range = self.sequence(body.commands.as_slice(), nest);
            if opaque && range.is_some_and(|(from, to)| from <= start || end <= to) {
                self.opaque(body.range, "a command substitution that is not clear");
            }
        }
    }
}
