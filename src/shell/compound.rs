//! Compound commands and function definitions.

use super::cursor::{Parsed, Parser, Range};
use super::simple::Parts;
use super::types::{Connector, Nesting};
use super::words::{Build, ends_word};

/// Words that mean something at the start of a command. `time` is one in bash only, where it is a prefix.
const KEYWORDS: [&str; 22] = [
    "!", "{", "}", "[[", "]]", "if", "then", "elif", "else", "fi", "for", "in", "while", "until",
    "do", "done", "case", "esac", "function", "select", "coproc", "time",
];

/// Whether an unquoted word is a keyword at the start of a command. `time` is an ordinary name to most shells.
pub(super) fn is_keyword(word: &str) -> bool {
    word != "time" && KEYWORDS.contains(&word)
}

/// Whether a keyword ends a list, so that it may follow a compound command at once.
pub(super) fn closes(keyword: &str) -> bool {
    matches!(
        keyword,
        "}" | "then" | "elif" | "else" | "fi" | "do" | "done" | "esac"
    )
}

impl<'a> Parser<'a> {
    /// The keyword at the position, if there is one.
    pub fn keyword(&self) -> Option<&'a str> {
        let rest = self.rest();
        let first = rest.bytes().next()?;
        if !(first.is_ascii_lowercase() || matches!(first, b'!' | b'{' | b'}' | b'[' | b']')) {
            return None;
        }
        let length = rest
            .bytes()
            .take(9)
            .take_while(|byte| byte.is_ascii_lowercase() || b"!{}[]".contains(byte))
            .count();
        let word = rest.get(..length)?;
        // A word goes on after a continued line.
        let after = rest.get(length..)?.trim_start_matches("\\\n");
        if !ends_word(after.bytes().next()) {
            return None;
        }
        KEYWORDS.contains(&word).then_some(word)
    }

    /// Reads a command of any kind.
    pub fn command(&mut self, before: Connector) -> Parsed<Range> {
        self.blanks();
        let start = self.pos;
        let range = match (self.peek(), self.keyword()) {
            (Some(b'('), _) if self.is_arithmetic() => return self.arithmetic_command(before),
            (Some(b'('), _) => self.subshell()?,
            (_, None) => return self.simple(before),
            (_, Some(keyword)) => match keyword {
                "{" => self.group()?,
                "if" => self.conditional()?,
                "for" => self.for_loop()?,
                "while" | "until" => self.while_loop(keyword)?,
                "case" => self.case()?,
                "[[" => return self.double_bracket(before),
                "function" => return self.function_keyword(before),
                "time" => return self.time(before),
                "select" | "coproc" => return self.fault("a construct that only bash knows"),
                _ => return self.fault("a keyword that cannot stand here"),
            },
        };
        self.redirected(before, (start, range.1))
    }

    /// The redirections after a compound command, as a command without words.
    pub fn redirected(&mut self, before: Connector, range: Range) -> Parsed<Range> {
        self.not_flat();
        self.blanks();
        if !self.is_redirect() {
            return Ok(range);
        }
        let start = self.pos;
        let slot = self.reserve(before);
        let mut parts = Parts::default();
        let mut end = start;
        while self.is_redirect() {
            let redirect = self.redirect(slot, parts.redirects.len())?;
            parts.redirects.push(redirect);
            end = self.pos;
            self.blanks();
        }
        self.fill(slot, (start, end), parts);
        Ok((range.0, end))
    }

    /// A command inside a substitution leaves the list around it flat.
    fn not_flat(&mut self) {
        if !self.nest.substitution {
            self.script.flat = false;
        }
    }

    /// Reads a list that must not be empty, in a place of its own, up to one of `stops`.
    fn body(&mut self, stops: &[&str], nest: Nesting) -> Parsed<()> {
        let outer = std::mem::replace(&mut self.nest, nest);
        let any = self.nested(|parser| parser.list(stops))?;
        self.nest = outer;
        if any {
            Ok(())
        } else {
            self.fault("a command is missing")
        }
    }

    /// Steps over a keyword that must stand here.
    fn expect(&mut self, keyword: &'static str, start: usize) -> Parsed<()> {
        if self.keyword() == Some(keyword) {
            self.pos += keyword.len();
            return Ok(());
        }
        self.fault_at(start, "a compound command without its end")
    }

    fn subshell(&mut self) -> Parsed<Range> {
        let start = self.pos;
        self.pos += 1;
        self.body(
            &[")"],
            Nesting {
                subshell: true,
                ..self.nest
            },
        )?;
        if self.eat(")") {
            Ok((start, self.pos))
        } else {
            self.fault_at(start, "an open parenthesis")
        }
    }

    fn group(&mut self) -> Parsed<Range> {
        let start = self.pos;
        self.pos += 1;
        self.body(&["}"], self.nest)?;
        self.expect("}", start)?;
        Ok((start, self.pos))
    }

    fn conditional(&mut self) -> Parsed<Range> {
        let start = self.pos;
        let branch = Nesting {
            conditional: true,
            ..self.nest
        };
        self.pos += "if".len();
        self.body(&["then"], self.nest)?;
        loop {
            self.expect("then", start)?;
            self.body(&["elif", "else", "fi"], branch)?;
            if self.keyword() != Some("elif") {
                break;
            }
            self.pos += "elif".len();
            self.body(&["then"], branch)?;
        }
        if self.keyword() == Some("else") {
            self.pos += "else".len();
            self.body(&["fi"], branch)?;
        }
        self.expect("fi", start)?;
        Ok((start, self.pos))
    }

    fn while_loop(&mut self, keyword: &str) -> Parsed<Range> {
        let start = self.pos;
        self.pos += keyword.len();
        let condition = Nesting {
            looped: true,
            ..self.nest
        };
        self.body(&["do"], condition)?;
        self.do_done(
            start,
            Nesting {
                conditional: true,
                ..condition
            },
        )
    }

    fn do_done(&mut self, start: usize, nest: Nesting) -> Parsed<Range> {
        self.expect("do", start)?;
        self.body(&["done"], nest)?;
        self.expect("done", start)?;
        Ok((start, self.pos))
    }

    fn for_loop(&mut self) -> Parsed<Range> {
        let start = self.pos;
        self.pos += "for".len();
        self.blanks();
        if self.eat("((") {
            self.nested(|parser| parser.arithmetic(&mut Build::default(), start, true))?;
            self.blanks();
            self.eat(";");
        } else {
            let name = self.word()?;
            if !Self::is_plain_name(&name) {
                return self.fault_at(start, "a loop without a plain variable");
            }
            self.newlines()?;
            if self.is_word("in") {
                self.pos += "in".len();
                self.blanks();
                while !ends_word(self.peek()) {
                    self.word()?;
                    self.blanks();
                }
                if !matches!(self.peek(), Some(b';' | b'\n')) {
                    return self.fault_at(start, "a loop that is not clear");
                }
            }
            self.eat(";");
        }
        self.newlines()?;
        self.do_done(
            start,
            Nesting {
                looped: true,
                ..self.nest
            },
        )
    }

    fn is_word(&self, word: &str) -> bool {
        self.rest()
            .strip_prefix(word)
            .is_some_and(|rest| ends_word(rest.bytes().next()))
    }

    fn case(&mut self) -> Parsed<Range> {
        let start = self.pos;
        self.pos += "case".len();
        self.blanks();
        self.word()?;
        self.newlines()?;
        if !self.is_word("in") {
            return self.fault_at(start, "a case that is not clear");
        }
        self.pos += "in".len();
        let nest = Nesting {
            conditional: true,
            ..self.nest
        };
        loop {
            self.newlines()?;
            if self.keyword() == Some("esac") {
                break;
            }
            self.eat("(");
            loop {
                self.blanks();
                self.word()?;
                self.blanks();
                if !self.eat("|") {
                    break;
                }
            }
            if !self.eat(")") {
                return self.fault_at(start, "a case pattern that is not clear");
            }
            let outer = std::mem::replace(&mut self.nest, nest);
            self.nested(|parser| parser.list(&[";;", ";&", "esac"]))?;
            self.nest = outer;
            // `;;&` before its beginnings.
            if !(self.eat(";;&") || self.eat(";;") || self.eat(";&")) {
                break;
            }
        }
        self.expect("esac", start)?;
        Ok((start, self.pos))
    }

    fn function_keyword(&mut self, before: Connector) -> Parsed<Range> {
        let start = self.pos;
        self.pos += "function".len();
        self.blanks();
        let name = self.word()?;
        if name.quoted || name.glob || name.value.is_none() {
            return self.fault_at(start, "a function without a plain name");
        }
        self.blanks();
        if self.eat("(") {
            self.blanks();
            if !self.eat(")") {
                return self.fault("a parenthesis that cannot stand here");
            }
        }
        self.function_body(before, start)
    }

    /// The body of a function whose definition began at `start`.
    pub fn function_body(&mut self, before: Connector, start: usize) -> Parsed<Range> {
        self.not_flat();
        self.newlines()?;
        let compound = self.peek() == Some(b'(')
            || matches!(
                self.keyword(),
                Some("{" | "if" | "for" | "while" | "until" | "case" | "[[")
            );
        if !compound {
            return self.fault_at(start, "a function without a body");
        }
        let outer = self.nest;
        self.nest = Nesting {
            function: true,
            ..outer
        };
        let body = self.nested(|parser| parser.command(before))?;
        self.nest = outer;
        Ok((start, body.1))
    }

    /// `time` before a compound command is a keyword of bash; before a simple one the command's first word does.
    fn time(&mut self, before: Connector) -> Parsed<Range> {
        let start = self.pos;
        self.pos += "time".len();
        self.blanks();
        if self.is_word("-p") {
            self.pos += "-p".len();
            self.blanks();
        }
        let compound = self.peek() == Some(b'(')
            || matches!(
                self.keyword(),
                Some("{" | "if" | "for" | "while" | "until" | "case" | "[[")
            );
        if compound {
            let range = self.nested(|parser| parser.command(before))?;
            return Ok((start, range.1));
        }
        if self.keyword().is_some() || ends_word(self.peek()) {
            return self.fault_at(start, "a keyword that cannot stand here");
        }
        self.pos = start;
        self.simple(before)
    }
}
