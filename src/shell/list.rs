//! `&&`/`||` lists.

use shuck_ast as ast;

use super::text::{Range, range_of};
use super::types::{Connector, Nesting};

/// The operands of an `&&`/`||` list (one, where there is no operator), in order.
pub(super) struct List<'a> {
    pub operands: Vec<Operand<'a>>,
    /// The operand after the last `||`.
    pub last_or: Option<usize>,
    /// The first operand that is a test.
    test: Option<usize>,
    /// Whether the list is the last of its sequence.
    last: bool,
}

pub(super) struct Operand<'a> {
    /// What stands before it in the list; `First` for the first.
    pub connector: Connector,
    /// Where the operator stands.
    pub at: Range,
    pub stmt: &'a ast::Stmt,
}

impl<'a> List<'a> {
    pub fn new(stmt: &'a ast::Stmt, text: &str, last: bool) -> Self {
        let mut operands = Vec::new();
        let mut first = stmt;
        // The tree leans to the left, as deep as the list is long.
        while let ast::Command::Binary(binary) = &first.command {
            let connector = match binary.op {
                ast::BinaryOp::And => Connector::And,
                ast::BinaryOp::Or => Connector::Or,
                ast::BinaryOp::Pipe | ast::BinaryOp::PipeAll => break,
            };
            operands.push(Operand {
                connector,
                at: range_of(binary.op_span),
                stmt: &binary.right,
            });
            first = &binary.left;
        }
        operands.push(Operand {
            connector: Connector::First,
            at: (0, 0),
            stmt: first,
        });
        operands.reverse();
        let last_or = operands
            .iter()
            .rposition(|operand| operand.connector == Connector::Or);
        let test = operands
            .iter()
            .position(|operand| is_test(operand.stmt, text));
        Self {
            operands,
            last_or,
            test,
            last,
        }
    }

    /// The conditions of the operand `nth`, on top of `nest`.
    pub fn nesting(&self, nth: usize, nest: Nesting) -> Nesting {
        let conditional = match self.operands.get(nth).map(|operand| operand.connector) {
            Some(Connector::Or) => true,
            Some(Connector::And) => {
                self.last_or.is_some_and(|or| nth < or)
                    || (!self.last && self.test.is_some_and(|test| test < nth))
            }
            _ => false,
        };
        Nesting {
            conditional: nest.conditional || conditional,
            ..nest
        }
    }
}

/// Whether a command is there for its exit status.
fn is_test(stmt: &ast::Stmt, text: &str) -> bool {
    stmt.negated
        || match &stmt.command {
            ast::Command::Simple(simple) => {
                matches!(simple.name.span.slice(text), "[" | "test")
            }
            ast::Command::Compound(compound) => matches!(
                compound,
                ast::CompoundCommand::Conditional(_) | ast::CompoundCommand::Arithmetic(_)
            ),
            _ => false,
        }
}

pub(super) fn is_background(stmt: &ast::Stmt) -> bool {
    matches!(stmt.terminator, Some(ast::StmtTerminator::Background(_)))
}

/// How the next statement follows this one.
pub(super) fn terminator(stmt: &ast::Stmt) -> Connector {
    match stmt.terminator {
        None => Connector::Newline,
        Some(ast::StmtTerminator::Semicolon) => Connector::Semicolon,
        Some(ast::StmtTerminator::Background(_)) => Connector::Background,
    }
}
