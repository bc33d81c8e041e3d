//! Lists, `&&`/`||` chains and pipelines, and the items of the top-level list.

use super::compound::closes;
use super::cursor::{Parsed, Parser, Range};
use super::types::{Connector, Item, Nesting};
use crate::syntax::Span;

/// An operand of an `&&`/`||` chain.
struct Operand {
    /// What stands before it in the chain; `First` for the first.
    connector: Connector,
    /// Where the operator stands.
    at: Range,
    range: Range,
    /// Index of its first command.
    first: usize,
    /// Whether it is there for its exit status.
    test: bool,
}

/// How a chain ended.
struct End {
    connector: Connector,
    at: Range,
}

impl Parser<'_> {
    /// Reads the whole text; what is not understood ends it.
    pub fn script(&mut self) {
        if let Err(fault) = self.top() {
            self.opaque(fault.range, fault.reason);
            self.unfinished();
        }
        for command in &self.script.commands {
            let heredoc = command
                .redirects
                .iter()
                .any(|redirect| redirect.target.is_none());
            if heredoc && let Some(item) = self.script.items.get_mut(command.item) {
                item.heredoc = true;
            }
        }
    }

    /// Gives the commands of the part that could not be read to its end an item, and drops the empty ones.
    fn unfinished(&mut self) {
        self.script.commands.retain(|command| {
            !(command.words.is_empty()
                && command.assignments.is_empty()
                && command.redirects.is_empty())
        });
        let all = self.map.span(0, self.text.len());
        let last = self.script.items.last().map(|item| item.span.end);
        let start = last.filter(|start| *start <= all.end).unwrap_or(all.start);
        self.script.items.push(Item {
            span: Span::new(start, all.end),
            before: if last.is_none() {
                Connector::First
            } else {
                Connector::Newline
            },
            connector: Span::at(start),
            heredoc: false,
            background: false,
        });
    }

    fn top(&mut self) -> Parsed<()> {
        self.newlines()?;
        let mut before = Connector::First;
        let mut separator = (0, 0);
        while self.peek().is_some() {
            let chain = self.chain(before)?;
            let end = self.terminator()?;
            let background = end.connector == Connector::Background;
            self.items(&chain, (before, separator), background.then_some(end.at.1));
            self.newlines()?;
            self.conditions(&chain, self.peek().is_none(), background);
            (before, separator) = (end.connector, end.at);
        }
        if self.pending.is_empty() {
            Ok(())
        } else {
            self.fault("a heredoc without its end")
        }
    }

    /// Notes the items of a top-level chain and tells its commands which one they belong to.
    fn items(&mut self, chain: &[Operand], before: (Connector, Range), background: Option<usize>) {
        let last_or = chain
            .iter()
            .rposition(|operand| operand.connector == Connector::Or);
        self.script.flat &= background.is_none() && last_or.is_none();
        // The part up to the operand after the last `||` cannot be taken apart, a background chain neither.
        let whole = if background.is_some() {
            chain.len() - 1
        } else {
            last_or.unwrap_or(0)
        };
        let mut start = None;
        for (nth, operand) in chain.iter().enumerate() {
            let item = self.script.items.len();
            let next = chain
                .get(nth + 1)
                .map_or(self.script.commands.len(), |next| next.first);
            for command in self
                .script
                .commands
                .get_mut(operand.first..next)
                .unwrap_or(&mut [])
            {
                command.item = item;
            }
            let from = *start.get_or_insert(operand.range.0);
            if nth < whole {
                continue;
            }
            start = None;
            let (connector, at) = if nth == whole {
                before
            } else {
                (operand.connector, operand.at)
            };
            let end = background
                .filter(|_| nth + 1 == chain.len())
                .unwrap_or(operand.range.1);
            self.script.items.push(Item {
                span: self.map.span(from, end),
                before: connector,
                connector: self.map.span(at.0, at.1),
                heredoc: false,
                background: background.is_some(),
            });
        }
    }

    /// Reads a list up to one of `stops` (a closing token or keyword) or the end of the text. Whether it holds a
    /// command at all.
    pub fn list(&mut self, stops: &[&str]) -> Parsed<bool> {
        let mut before = Connector::First;
        self.newlines()?;
        let mut any = false;
        while !self.stops(stops) {
            any = true;
            let chain = self.chain(before)?;
            let end = self.terminator()?;
            self.newlines()?;
            let last = self.stops(stops);
            self.conditions(&chain, last, end.connector == Connector::Background);
            // `a b` without anything between cannot come here: a chain ends at an operator only.
            before = end.connector;
        }
        Ok(any)
    }

    /// Whether the text ends here or one of `stops` begins.
    fn stops(&self, stops: &[&str]) -> bool {
        self.peek().is_none()
            || stops.iter().any(|stop| {
                let symbol = stop.starts_with([')', ';']);
                if symbol {
                    self.rest().starts_with(stop)
                } else {
                    self.keyword() == Some(stop)
                }
            })
    }

    /// What ends a chain. Nothing is consumed but `;` and `&`.
    fn terminator(&mut self) -> Parsed<End> {
        self.blanks();
        let at = self.pos;
        let connector = match (self.peek(), self.at(1)) {
            // The end of a branch of `case`.
            (Some(b';'), Some(b';' | b'&')) => Connector::Newline,
            (Some(b';'), _) => Connector::Semicolon,
            (Some(b'&'), _) => Connector::Background,
            (None | Some(b'\n' | b')'), _) => Connector::Newline,
            // A keyword may follow a compound command at once: `fi else`.
            _ if self.keyword().is_some_and(closes) => Connector::Newline,
            _ => return self.fault("something that cannot stand here"),
        };
        let at = match connector {
            Connector::Semicolon => (at, at + 1),
            // The `&` belongs to the item before.
            Connector::Background => (at + 1, at + 1),
            _ => (at, at + usize::from(self.peek() == Some(b'\n'))),
        };
        if connector != Connector::Newline {
            self.pos += 1;
        }
        Ok(End { connector, at })
    }

    fn chain(&mut self, before: Connector) -> Parsed<Vec<Operand>> {
        let mut chain = Vec::with_capacity(1);
        let mut connector = Connector::First;
        let mut at = (0, 0);
        loop {
            let first = self.script.commands.len();
            let (range, negated) =
                self.pipeline(if chain.is_empty() { before } else { connector })?;
            let test = negated || self.is_test(range, first);
            chain.push(Operand {
                connector,
                at,
                range,
                first,
                test,
            });
            self.blanks();
            at = (self.pos, self.pos + 2);
            connector = if self.eat("&&") {
                Connector::And
            } else if self.eat("||") {
                Connector::Or
            } else {
                return Ok(chain);
            };
            self.newlines()?;
        }
    }

    /// Marks what may not run, and what runs in the background.
    fn conditions(&mut self, chain: &[Operand], last: bool, background: bool) {
        let first_test = chain.iter().position(|operand| operand.test);
        let last_or = chain
            .iter()
            .rposition(|operand| operand.connector == Connector::Or);
        for (nth, operand) in chain.iter().enumerate() {
            let conditional = match operand.connector {
                Connector::Or => true,
                Connector::And => {
                    last_or.is_some_and(|or| nth < or)
                        || (!last && first_test.is_some_and(|test| test < nth))
                }
                _ => false,
            };
            if !(conditional || background) {
                continue;
            }
            let next = chain
                .get(nth + 1)
                .map_or(self.script.commands.len(), |next| next.first);
            for command in self
                .script
                .commands
                .get_mut(operand.first..next)
                .unwrap_or(&mut [])
            {
                command.context.conditional |= conditional;
                command.context.background |= background;
            }
        }
    }

    /// Whether an operand is a command that is there for its exit status: `[`, `test`, `[[`, `((`.
    fn is_test(&self, range: Range, command: usize) -> bool {
        let name = self
            .script
            .commands
            .get(command)
            .and_then(|command| command.words.first());
        // The first command of a compound one stands behind its keyword.
        name.is_some_and(|name| {
            let test =
                matches!(name.raw.as_str(), "[" | "test" | "[[") || name.raw.starts_with("((");
            test && self.slice(range).starts_with(name.raw.as_str())
        })
    }

    /// A pipeline, and whether it is negated.
    fn pipeline(&mut self, before: Connector) -> Parsed<(Range, bool)> {
        self.blanks();
        let start = self.pos;
        let negated = self.keyword() == Some("!");
        if negated {
            self.pos += 1;
        }
        let first = self.script.commands.len();
        let mut range = self.command(before)?;
        let mut parts = 1;
        loop {
            self.blanks();
            if self.peek() != Some(b'|') || self.at(1) == Some(b'|') {
                break;
            }
            self.pos += if self.at(1) == Some(b'&') { 2 } else { 1 };
            self.newlines()?;
            range.1 = self.command(Connector::Pipe)?.1;
            parts += 1;
        }
        if negated {
            range.0 = start;
        }
        if parts > 1 {
            for command in self.script.commands.iter_mut().skip(first) {
                command.context.pipeline = true;
            }
        }
        if (negated || parts > 1) && self.nest == Nesting::default() {
            self.script.flat = false;
        }
        Ok((range, negated))
    }
}
