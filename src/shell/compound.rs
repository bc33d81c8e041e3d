//! Compound commands: what is nested in them, and where they begin and end.

use shuck_ast as ast;

use super::expansion::Found;
use super::lower::{Lower, Place};
use super::text::{self, Range, hull, range_of};
use super::types::Nesting;

impl<'a> Lower<'a> {
    pub fn compound(
        &mut self,
        compound: &'a ast::CompoundCommand,
        stmt: &'a ast::Stmt,
        place: Place,
    ) -> Range {
        use ast::CompoundCommand as Compound;
        self.script.flat = false;
        let nest = place.nest;
        let range = match compound {
            Compound::If(command) => self.conditional(command, nest),
            Compound::For(command) => self.for_loop(command, nest),
            Compound::ArithmeticFor(command) => {
                self.sequence(
                    command.body.as_slice(),
                    Nesting {
                        looped: true,
                        ..nest
                    },
                );
                self.to(command.span, command.done_span)
            }
            Compound::While(command) => {
                self.while_loop(&command.condition, &command.body, nest);
                self.to(command.span, command.done_span)
            }
            Compound::Until(command) => {
                self.while_loop(&command.condition, &command.body, nest);
                self.to(command.span, command.done_span)
            }
            Compound::Case(command) => self.case(command, nest),
            Compound::Subshell(body) => self.group(
                body,
                Nesting {
                    subshell: true,
                    ..nest
                },
                (b'(', b')'),
                range_of(stmt.span),
            ),
            Compound::BraceGroup(body) => self.group(body, nest, (b'{', b'}'), range_of(stmt.span)),
            Compound::Time(command) => {
                let start = range_of(command.span).0;
                match &command.command {
                    Some(inner) => {
                        let inner = std::slice::from_ref(&**inner);
                        let range = self.sequence(inner, nest);
                        hull(range, (start, start + "time".len()))
                    }
                    None => (start, start + "time".len()),
                }
            }
            Compound::Conditional(command) => return self.double_bracket(command, stmt, place),
            Compound::Arithmetic(command) => {
                let range = (
                    range_of(command.left_paren_span).0,
                    range_of(command.right_paren_span).1,
                );
                return self.test(&[range], Found::default(), stmt, place);
            }
            Compound::Select(_)
            | Compound::Coproc(_)
            | Compound::Repeat(_)
            | Compound::Foreach(_)
            | Compound::Always(_) => {
                let range = range_of(stmt.span);
                self.opaque(range, "a construct that no POSIX shell knows");
                range
            }
        };
        self.redirected(stmt, place, range)
    }

    fn conditional(&mut self, command: &'a ast::IfCommand, nest: Nesting) -> Range {
        let inner = Nesting {
            conditional: true,
            ..nest
        };
        self.sequence(command.condition.as_slice(), nest);
        self.sequence(command.then_branch.as_slice(), inner);
        for (condition, branch) in &command.elif_branches {
            self.sequence(condition.as_slice(), inner);
            self.sequence(branch.as_slice(), inner);
        }
        if let Some(branch) = &command.else_branch {
            self.sequence(branch.as_slice(), inner);
        }
        match command.syntax {
            ast::IfSyntax::ThenFi { fi_span, .. } => self.to(command.span, Some(fi_span)),
            ast::IfSyntax::Brace { .. } => self.to(command.span, None),
        }
    }

    fn for_loop(&mut self, command: &'a ast::ForCommand, nest: Nesting) -> Range {
        let mut found = Found::default();
        for word in command.words.iter().flatten() {
            found.word(word);
        }
        self.substitutions(found, nest, None);
        self.sequence(
            command.body.as_slice(),
            Nesting {
                looped: true,
                ..nest
            },
        );
        match command.syntax {
            ast::ForSyntax::InDoDone { done_span, .. } => self.to(command.span, Some(done_span)),
            _ => self.to(command.span, None),
        }
    }

    fn while_loop(&mut self, condition: &'a ast::StmtSeq, body: &'a ast::StmtSeq, nest: Nesting) {
        self.sequence(
            condition.as_slice(),
            Nesting {
                looped: true,
                ..nest
            },
        );
        self.sequence(
            body.as_slice(),
            Nesting {
                looped: true,
                conditional: true,
                ..nest
            },
        );
    }

    fn case(&mut self, command: &'a ast::CaseCommand, nest: Nesting) -> Range {
        let mut found = Found::default();
        found.word(&command.word);
        for pattern in command.cases.iter().flat_map(|case| &case.patterns) {
            found.pattern(pattern);
        }
        self.substitutions(found, nest, None);
        for case in &command.cases {
            self.sequence(
                case.body.as_slice(),
                Nesting {
                    conditional: true,
                    ..nest
                },
            );
        }
        self.to(command.span, Some(command.esac_span))
    }

    fn double_bracket(
        &mut self,
        command: &'a ast::ConditionalCommand,
        stmt: &'a ast::Stmt,
        place: Place,
    ) -> Range {
        let (left, right) = (
            range_of(command.left_bracket_span),
            range_of(command.right_bracket_span),
        );
        let mut found = Found::default();
        found.conditional(&command.expression);
        let mut ranges = vec![left];
        let inner = self.text.get(left.1..right.0).unwrap_or("");
        let trimmed = inner.trim_matches([' ', '\t', '\n']);
        if !trimmed.is_empty() {
            let start = left.1 + inner.len() - inner.trim_start_matches([' ', '\t', '\n']).len();
            ranges.push((start, start + trimmed.len()));
        }
        ranges.push(right);
        self.test(&ranges, found, stmt, place)
    }

    fn group(
        &mut self,
        body: &'a ast::StmtSeq,
        nest: Nesting,
        ends: (u8, u8),
        whole: Range,
    ) -> Range {
        let inner = self.sequence(body.as_slice(), nest);
        let Some((first, last)) = inner else {
            self.opaque(whole, "an empty group");
            return whole;
        };
        let comments = body.leading_comments.iter().chain(
            body.first()
                .into_iter()
                .flat_map(|stmt| &stmt.leading_comments),
        );
        let first = comments
            .map(|comment| comment.range.start().to_u32() as usize)
            .fold(first, usize::min);
        let start = text::opening(self.text, first, ends.0);
        let end = text::closing(self.text, last, ends.1, self.body_end);
        match (start, end) {
            (Some(start), Some(end)) => (start, end),
            _ => {
                self.opaque((first, last), "a group whose ends are not clear");
                (first, last)
            }
        }
    }

    /// From the keyword that begins `whole` to the one that ends it.
    fn to(&mut self, whole: ast::Span, end: Option<ast::Span>) -> Range {
        let whole = range_of(whole);
        match end {
            Some(end) => (whole.0, range_of(end).1),
            None => {
                self.opaque(whole, "a construct that no POSIX shell knows");
                whole
            }
        }
    }
}
