//! Where the parser stands in the text: blanks, comments, newlines, heredoc bodies, nesting.

use super::map::Map;
use super::types::{Nesting, Opaque, Script};

/// Half-open range of bytes in the text that the shell reads.
pub(super) type Range = (usize, usize);

/// Constructs may be nested this deep. Scripts that people write stay below 20; the limit keeps the parser, which
/// recurses, within the stack of a worker thread.
const MAX_DEPTH: usize = 64;

/// The script is no shell syntax, or none that is understood.
#[derive(Debug)]
pub(super) struct Fault {
    pub range: Range,
    pub reason: &'static str,
}

pub(super) type Parsed<T> = Result<T, Fault>;

/// A heredoc whose body begins at the next newline.
pub(super) struct Pending {
    pub delimiter: String,
    pub strip_tabs: bool,
    pub expands: bool,
    /// The command, and which of its redirections.
    pub command: usize,
    pub redirect: usize,
}

/// A recursive descent parser for the shell command language of POSIX and the widespread part of bash's.
pub(super) struct Parser<'a> {
    pub text: &'a str,
    pub map: Map<'a>,
    pub pos: usize,
    /// Parsing ends here: the end of the text or of a backtick substitution.
    pub end: usize,
    pub script: Script,
    pub nest: Nesting,
    pub depth: usize,
    pub pending: Vec<Pending>,
    /// Heredocs before this index belong to a line around the substitution that is being read.
    pub pending_from: usize,
}

impl<'a> Parser<'a> {
    pub fn new(text: &'a str, map: Map<'a>) -> Self {
        Self {
            text,
            map,
            pos: 0,
            end: text.len(),
            script: Script {
                flat: true,
                ..Script::default()
            },
            nest: Nesting::default(),
            depth: 0,
            pending: Vec::new(),
            pending_from: 0,
        }
    }

    /// The byte at the position, if the text does not end here.
    pub fn peek(&self) -> Option<u8> {
        self.at(0)
    }

    /// The byte `ahead` of the position.
    pub fn at(&self, ahead: usize) -> Option<u8> {
        let index = self.pos + ahead;
        if index < self.end {
            self.text.as_bytes().get(index).copied()
        } else {
            None
        }
    }

    /// The text from the position on.
    pub fn rest(&self) -> &'a str {
        self.text.get(self.pos..self.end).unwrap_or("")
    }

    pub fn slice(&self, range: Range) -> &'a str {
        self.text.get(range.0..range.1).unwrap_or("")
    }

    /// Steps over `expected` if it stands here.
    pub fn eat(&mut self, expected: &str) -> bool {
        let here = self.rest().starts_with(expected);
        if here {
            self.pos += expected.len();
        }
        here
    }

    /// A fault at the position.
    pub fn fault<T>(&self, reason: &'static str) -> Parsed<T> {
        self.fault_at(self.pos, reason)
    }

    /// A fault with what began at `start`.
    pub fn fault_at<T>(&self, start: usize, reason: &'static str) -> Parsed<T> {
        let end = self.pos.max(start);
        let next = self
            .text
            .get(end..)
            .and_then(|rest| rest.chars().next())
            .map_or(0, char::len_utf8);
        Err(Fault {
            range: (start, end + next),
            reason,
        })
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

    /// Runs `inner` one level deeper.
    pub fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            return self.fault("nested too deep");
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// Skips spaces, tabs, continued lines, and a comment if one begins here.
    pub fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.pos += 1,
                Some(b'\\') if self.at(1) == Some(b'\n') => self.pos += 2,
                Some(b'#') => {
                    let rest = self.rest();
                    self.pos += rest.find('\n').unwrap_or(rest.len());
                }
                _ => return,
            }
        }
    }

    /// Skips blanks and newlines; the bodies of heredocs stand after the first newline.
    pub fn newlines(&mut self) -> Parsed<()> {
        loop {
            self.blanks();
            if self.peek() != Some(b'\n') {
                return Ok(());
            }
            self.pos += 1;
            if self.pending_from > 0 {
                return self.fault("a heredoc on a line that a substitution breaks");
            }
            self.bodies()?;
        }
    }

    /// Reads the bodies of the heredocs of the line that ended.
    fn bodies(&mut self) -> Parsed<()> {
        for heredoc in std::mem::take(&mut self.pending) {
            let start = self.pos;
            let mut content = String::new();
            // Where backslashes mean something, one at the end joins the next line, which is then no terminator.
            let mut joins = false;
            let body_end = loop {
                let line = self.rest().split_inclusive('\n').next().unwrap_or("");
                if line.is_empty() {
                    return self.fault_at(start, "a heredoc without its end");
                }
                let kept = if heredoc.strip_tabs {
                    line.trim_start_matches('\t')
                } else {
                    line
                };
                let line_start = self.pos;
                self.pos += line.len();
                let text = kept.strip_suffix('\n').unwrap_or(kept);
                if !joins && text == heredoc.delimiter {
                    break line_start;
                }
                let backslashes = text.bytes().rev().take_while(|byte| *byte == b'\\').count();
                joins = heredoc.expands && backslashes % 2 == 1;
                content.push_str(kept);
            };
            let after = self.pos;
            if let Some(command) = self.script.commands.get_mut(heredoc.command)
                && let Some(redirect) = command.redirects.get_mut(heredoc.redirect)
            {
                redirect.heredoc = Some(content);
            }
            if heredoc.expands {
                self.expand_body(&heredoc, (start, body_end))?;
            }
            self.pos = after;
        }
        Ok(())
    }

    /// Reads the commands that a heredoc's body substitutes.
    fn expand_body(&mut self, heredoc: &Pending, body: Range) -> Parsed<()> {
        if !self.slice(body).contains(['$', '`']) {
            return Ok(());
        }
        let first = self.script.commands.len();
        let owner = self.script.commands.get(heredoc.command);
        let item = owner.map_or(0, |command| command.item);
        let nest = owner.map_or(self.nest, |command| command.context);
        let outer = (self.end, self.nest);
        (self.pos, self.end, self.nest) = (body.0, body.1, nest);
        let result = self.heredoc_text();
        (self.end, self.nest) = outer;
        for command in self.script.commands.iter_mut().skip(first) {
            command.item = item;
        }
        result
    }
}
