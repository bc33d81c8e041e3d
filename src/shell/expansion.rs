//! Expansions inside words: variables, arithmetic, and the commands that a word substitutes.

use super::cursor::{Fault, Parsed, Parser, Range};
use super::map::Map;
use super::types::Nesting;
use super::words::{Build, name_length};

/// The name that a line break cuts goes on after it.
const CONTINUED: &str = "an expansion on a line that is continued";

impl Parser<'_> {
    /// What a `$` begins, outside single quotes.
    pub fn dollar(&mut self, build: &mut Build, double_quotes: bool) -> Parsed<()> {
        let start = self.pos;
        let rest = self.rest().get(1..).unwrap_or("");
        let Some(next) = rest.bytes().next() else {
            self.literal_dollar(build);
            return Ok(());
        };
        match next {
            b'(' if rest.starts_with("((") => {
                build.expands = true;
                self.pos += 3;
                self.nested(|parser| parser.arithmetic(build, start, false))
            }
            b'(' => {
                build.expands = true;
                self.pos += 1;
                self.substitution()
            }
            b'{' => {
                build.expands = true;
                self.pos += 2;
                self.nested(|parser| parser.parameter(build, double_quotes, start))
            }
            b'\'' if !double_quotes => self.ansi_quoted(build),
            b'"' if !double_quotes => {
                // bash translates the string, other shells keep the `$`.
                build.expands = true;
                self.pos += 1;
                self.double_quoted(build)
            }
            b'\\' if rest.starts_with("\\\n") => self.fault_at(start, CONTINUED),
            b'[' => self.fault_at(start, "`$[`, which only old shells expand"),
            b'0'..=b'9' | b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!' => {
                build.expands = true;
                build.variables.push((next as char).to_string());
                self.pos += 2;
                Ok(())
            }
            _ => {
                let length = name_length(rest);
                if length == 0 {
                    self.literal_dollar(build);
                    return Ok(());
                }
                build.expands = true;
                build
                    .variables
                    .extend(rest.get(..length).map(str::to_owned));
                self.pos += 1 + length;
                let next = self.rest().trim_start_matches("\\\n");
                if next.len() < self.rest().len()
                    && next.starts_with(|c: char| c == '_' || c.is_ascii_alphanumeric())
                {
                    return self.fault_at(start, CONTINUED);
                }
                Ok(())
            }
        }
    }

    fn literal_dollar(&mut self, build: &mut Build) {
        build.value.push('$');
        self.pos += 1;
    }

    /// `$'…'`: escapes in bash, a `$` and a plain string elsewhere, so there is no value.
    fn ansi_quoted(&mut self, build: &mut Build) -> Parsed<()> {
        let start = self.pos;
        self.pos += 1;
        self.single_quoted(build)?;
        build.expands = true;
        if self.slice((start, self.pos)).contains("\\'") {
            return self.fault_at(
                start,
                "`$'` with an escaped quote, which shells read in different ways",
            );
        }
        Ok(())
    }

    /// `$(( … ))`, `(( … ))` and the head of `for (( … ))`; the position is after the opening parentheses.
    pub fn arithmetic(&mut self, build: &mut Build, start: usize, loop_head: bool) -> Parsed<()> {
        let mut open = 0usize;
        loop {
            match self.peek() {
                None => return self.fault_at(start, "arithmetic without its end"),
                Some(b'$') => self.dollar(build, true)?,
                Some(b'`') => self.backticks(build, true)?,
                Some(b'"') => self.double_quoted(build)?,
                Some(b'\\') => self.escaped(build),
                Some(b'(') => {
                    open += 1;
                    self.pos += 1;
                }
                Some(b')') if open > 0 => {
                    open -= 1;
                    self.pos += 1;
                }
                Some(b')') if self.eat("))") => return Ok(()),
                Some(b';') if loop_head => self.pos += 1,
                // Two readings are possible, and shells differ: `$((cd x; ls) | cat)`.
                Some(b')' | b'\'' | b';') => {
                    return self.fault_at(start, "what looks like arithmetic but is none");
                }
                Some(_) => self.pos += 1,
            }
        }
    }

    /// `${ … }`; the position is after the brace.
    fn parameter(&mut self, build: &mut Build, double_quotes: bool, start: usize) -> Parsed<()> {
        let length = self.parameter_name(build, start)?;
        if self.peek() == Some(b'[') {
            self.subscript(build, start)?;
        }
        let operator = self.peek();
        match operator {
            Some(b'}') => {
                self.pos += 1;
                return Ok(());
            }
            Some(b':' | b'-' | b'=' | b'?' | b'+' | b'#' | b'%' | b'/' | b'^' | b',' | b'@')
                if !length =>
            {
                self.pos += 1;
            }
            _ => return self.fault_at(start, "a bad substitution"),
        }
        // Within double quotes a single quote quotes only in a pattern.
        let quotes = !double_quotes || matches!(operator, Some(b'#' | b'%' | b'/' | b'^' | b','));
        loop {
            match self.peek() {
                None => return self.fault_at(start, "`${` without its end"),
                Some(b'}') => {
                    self.pos += 1;
                    return Ok(());
                }
                Some(b'\'') if quotes => self.single_quoted(build)?,
                Some(b'"') => self.double_quoted(build)?,
                Some(b'\\') => self.escaped(build),
                Some(b'$') => self.dollar(build, double_quotes)?,
                Some(b'`') => self.backticks(build, double_quotes)?,
                Some(b'<' | b'>') if !double_quotes && self.at(1) == Some(b'(') => {
                    self.pos += 1;
                    self.substitution()?;
                }
                Some(_) => self.pos += 1,
            }
        }
    }

    /// The name in `${name…}`; true where only its length is asked for: `${#name}`.
    fn parameter_name(&mut self, build: &mut Build, start: usize) -> Parsed<bool> {
        let mut length = false;
        let first = self.peek();
        let second = self.at(1);
        if matches!(first, Some(b'#' | b'!'))
            && !matches!(second, None | Some(b'}' | b':' | b'-' | b'+' | b'=' | b'?'))
        {
            length = first == Some(b'#');
            self.pos += 1;
        }
        let rest = self.rest();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let taken = match name_length(rest) {
            0 if digits > 0 => digits,
            0 if rest.starts_with(['@', '*', '#', '?', '-', '$', '!']) => 1,
            0 => return self.fault_at(start, "a bad substitution"),
            name => name,
        };
        build.variables.extend(rest.get(..taken).map(str::to_owned));
        self.pos += taken;
        Ok(length)
    }

    /// `[…]` of an array.
    fn subscript(&mut self, build: &mut Build, start: usize) -> Parsed<()> {
        loop {
            match self.peek() {
                None | Some(b'}') => return self.fault_at(start, "a bad substitution"),
                Some(b']') => {
                    self.pos += 1;
                    return Ok(());
                }
                Some(b'$') => self.dollar(build, true)?,
                Some(b'`') => self.backticks(build, true)?,
                Some(b'\'') => self.single_quoted(build)?,
                Some(b'"') => self.double_quoted(build)?,
                Some(_) => self.pos += 1,
            }
        }
    }

    /// The commands of `$( … )` or `<( … )`; the position is at the parenthesis.
    pub fn substitution(&mut self) -> Parsed<()> {
        let start = self.pos;
        self.pos += 1;
        let outer = (self.nest, self.pending_from);
        self.nest = Nesting {
            substitution: true,
            subshell: true,
            ..self.nest
        };
        self.pending_from = self.pending.len();
        self.nested(|parser| parser.list(&[")"]))?;
        if self.pending.len() > self.pending_from {
            return self.fault_at(start, "a heredoc without its end");
        }
        (self.nest, self.pending_from) = outer;
        if self.eat(")") {
            Ok(())
        } else {
            self.fault_at(start, "a command substitution without its end")
        }
    }

    /// The commands between backticks.
    pub fn backticks(&mut self, build: &mut Build, double_quotes: bool) -> Parsed<()> {
        build.expands = true;
        let start = self.pos;
        let mut escapes = false;
        let bytes = self.text.as_bytes();
        let mut close = start + 1;
        loop {
            match bytes.get(close).filter(|_| close < self.end) {
                None => return self.fault_at(start, "a backtick without its end"),
                Some(b'`') => break,
                Some(b'\\') => {
                    escapes = true;
                    close += 2;
                }
                Some(_) => close += 1,
            }
        }
        let inner = (start + 1, close);
        let outer = (self.nest, self.pending_from, self.end);
        self.nest = Nesting {
            substitution: true,
            subshell: true,
            ..self.nest
        };
        if escapes {
            self.nested(|parser| parser.escaped_backticks(inner, double_quotes))?;
        } else {
            self.pending_from = self.pending.len();
            (self.pos, self.end) = inner;
            self.nested(|parser| parser.list(&[]))?;
            if self.pending.len() > self.pending_from {
                return self.fault_at(start, "a heredoc without its end");
            }
        }
        (self.nest, self.pending_from, self.end) = outer;
        self.pos = close + 1;
        Ok(())
    }

    /// Backticks with backslashes inside: the shell takes some of them away before it reads the commands.
    fn escaped_backticks(&mut self, inner: Range, double_quotes: bool) -> Parsed<()> {
        let raw = self.slice(inner);
        let mut text = String::with_capacity(raw.len());
        let mut pieces = vec![(0, inner.0)];
        let mut chars = raw.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map(|next| next.1);
            let drop = c == '\\'
                && matches!(next, Some('$' | '`' | '\\')) | (double_quotes && next == Some('"'));
            if drop {
                pieces.push((text.len(), inner.0 + at + 1));
                text.extend(chars.next().map(|next| next.1));
            } else {
                text.push(c);
            }
        }
        let outer = self.map;
        let mut parser = Parser::new(&text, Map::Pieces(&outer, &pieces));
        parser.nest = self.nest;
        parser.depth = self.depth;
        std::mem::swap(&mut parser.script.commands, &mut self.script.commands);
        let result = parser.list(&[]);
        let unread = !parser.pending.is_empty();
        std::mem::swap(&mut parser.script.commands, &mut self.script.commands);
        if let Some(opaque) = parser.script.opaque {
            self.script.opaque.get_or_insert(opaque);
        }
        match result {
            Err(fault) => Err(Fault {
                range: inner,
                ..fault
            }),
            Ok(_) if unread => Err(Fault {
                range: inner,
                reason: "a heredoc without its end",
            }),
            Ok(_) => Ok(()),
        }
    }

    /// The text of a heredoc whose body expands, up to the end.
    pub fn heredoc_text(&mut self) -> Parsed<()> {
        let mut build = Build::default();
        while let Some(byte) = self.peek() {
            match byte {
                b'$' => self.dollar(&mut build, true)?,
                b'`' => self.backticks(&mut build, true)?,
                b'\\' => self.escaped(&mut build),
                _ => self.pos += 1,
            }
        }
        Ok(())
    }
}
