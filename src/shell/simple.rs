//! Simple commands: assignments, words, redirections.

use super::compound::is_keyword;
use super::cursor::{Parsed, Parser, Pending, Range};
use super::types::{Assignment, Command, Connector, Redirect, Word};
use super::words::{ends_word, is_name, name_length};

/// The parts of a simple command.
#[derive(Default)]
pub(super) struct Parts {
    pub assignments: Vec<Assignment>,
    pub words: Vec<Word>,
    pub redirects: Vec<Redirect>,
}

/// Redirection operators, the longer before those that begin them.
const OPERATORS: [&str; 12] = [
    "<<<", "<<-", "&>>", "<<", "<>", "<&", ">>", ">&", ">|", "&>", "<", ">",
];

/// Commands whose arguments may be array assignments.
const DECLARATIONS: [&str; 5] = ["declare", "export", "local", "readonly", "typeset"];

impl Parser<'_> {
    /// Adds a command, to be filled later, so that it stands before those that its words substitute.
    pub fn reserve(&mut self, before: Connector) -> usize {
        let slot = self.script.commands.len();
        self.script.commands.push(Command {
            span: self.map.span(self.pos, self.pos),
            assignments: Vec::new(),
            words: Vec::new(),
            redirects: Vec::new(),
            before,
            context: self.nest,
            item: self.script.items.len(),
        });
        slot
    }

    /// Fills a reserved command.
    pub fn fill(&mut self, slot: usize, range: Range, parts: Parts) {
        let span = self.map.span(range.0, range.1);
        if let Some(command) = self.script.commands.get_mut(slot) {
            command.span = span;
            command.assignments = parts.assignments;
            command.words = parts.words;
            command.redirects = parts.redirects;
        }
    }

    /// Reads a simple command, or the definition of a function.
    pub fn simple(&mut self, before: Connector) -> Parsed<Range> {
        let slot = self.reserve(before);
        let start = self.pos;
        let mut end = start;
        let mut parts = Parts::default();
        loop {
            self.blanks();
            if self.is_redirect() {
                let redirect = self.redirect(slot, parts.redirects.len())?;
                parts.redirects.push(redirect);
            } else if ends_word(self.peek()) && !self.is_process_substitution() {
                if self.peek() == Some(b'(') {
                    return self.function_or_fault(before, start, slot, &parts);
                }
                break;
            } else if parts.words.is_empty()
                && let Some(length) = self.assignment_length()
            {
                if self.at(length) == Some(b'(') && !parts.redirects.is_empty() {
                    return self.fault("a parenthesis that cannot stand here");
                }
                let assignment = self.assignment(length)?;
                parts.assignments.push(assignment);
            } else {
                let word = self.argument(&parts)?;
                let digits = word.raw.bytes().all(|byte| byte.is_ascii_digit());
                if digits && matches!(self.peek(), Some(b'<' | b'>')) {
                    return self.fault_at(start, "a redirection on a line that is continued");
                }
                if parts.words.is_empty() {
                    self.check_name(&word, &parts, start)?;
                }
                parts.words.push(word);
            }
            end = self.pos;
        }
        if end == start {
            return self.fault("a command is missing");
        }
        let alias =
            parts.words.len() > 1 && parts.words.first().is_some_and(|word| word.raw == "alias");
        // A line is read as a whole before an alias in it is made.
        if alias && self.rest().contains('\n') {
            self.opaque(
                (start, end),
                "an alias changes what words on later lines mean",
            );
        }
        self.fill(slot, (start, end), parts);
        Ok((start, end))
    }

    /// Refuses what shells do not take for the name of a command: a keyword or an
    /// assignment over two lines, an open subscript.
    fn check_name(&self, name: &Word, parts: &Parts, start: usize) -> Parsed<()> {
        let keyword = parts.assignments.is_empty() && parts.redirects.is_empty() && !name.quoted;
        // A backslash at the very end is ignored.
        if keyword && is_keyword(name.raw.trim_end_matches('\\')) {
            return self.fault_at(start, "a keyword that cannot stand here");
        }
        let length = name_length(&name.raw);
        let rest = name.raw.get(length..).unwrap_or("");
        if length > 0
            && rest.starts_with(['=', '+'])
            && rest.trim_start_matches('+').starts_with('=')
        {
            return self.fault_at(start, "an assignment on a line that is continued");
        }
        if length > 0
            && rest.starts_with('[')
            && rest.matches('[').count() != rest.matches(']').count()
        {
            return self.fault_at(start, "a subscript without its end");
        }
        Ok(())
    }

    fn function_or_fault(
        &mut self,
        before: Connector,
        start: usize,
        slot: usize,
        parts: &Parts,
    ) -> Parsed<Range> {
        match parts.words.as_slice() {
            [name]
                if parts.assignments.is_empty()
                    && parts.redirects.is_empty()
                    && !name.quoted
                    && !name.glob
                    && name.value.is_some() =>
            {
                self.script.commands.truncate(slot);
                let parenthesis = self.pos;
                self.pos += 1;
                self.blanks();
                if !self.eat(")") {
                    return self.fault_at(parenthesis, "a parenthesis that cannot stand here");
                }
                self.function_body(before, start)
            }
            _ => self.fault("a parenthesis that cannot stand here"),
        }
    }

    fn is_process_substitution(&self) -> bool {
        matches!(self.peek(), Some(b'<' | b'>')) && self.at(1) == Some(b'(')
    }

    /// A word after the command's name, or the name.
    fn argument(&mut self, parts: &Parts) -> Parsed<Word> {
        let declares = parts
            .words
            .first()
            .is_some_and(|word| DECLARATIONS.contains(&word.raw.as_str()));
        if declares
            && let Some(length) = self.assignment_length()
            && self.at(length) == Some(b'(')
        {
            let start = self.pos;
            self.pos += length;
            let variables = self.array()?;
            return Ok(self.valueless(start, variables));
        }
        self.word()
    }

    /// The length of `NAME=`, `NAME+=` or `NAME[…]=` at the position.
    fn assignment_length(&self) -> Option<usize> {
        let rest = self.rest();
        let name = name_length(rest);
        if name == 0 {
            return None;
        }
        let mut at = name;
        if rest.as_bytes().get(at) == Some(&b'[') {
            let inside = rest.get(at + 1..)?;
            let length = inside.find([
                ']', ' ', '\t', '\n', '\'', '"', '$', '`', ';', '&', '|', '(', ')', '<', '>', '\\',
            ])?;
            if inside.as_bytes().get(length) != Some(&b']') {
                return None;
            }
            at += length + 2;
        }
        at += usize::from(rest.as_bytes().get(at) == Some(&b'+'));
        (rest.as_bytes().get(at) == Some(&b'=')).then_some(at + 1)
    }

    fn assignment(&mut self, length: usize) -> Parsed<Assignment> {
        let start = self.pos;
        let target = self.slice((start, start + length));
        let name = target.get(..name_length(target)).unwrap_or("").to_owned();
        self.pos += length;
        let value_start = self.pos;
        let mut value = if self.peek() == Some(b'(') {
            let variables = self.array()?;
            self.valueless(value_start, variables)
        } else if ends_word(self.peek()) && !self.is_process_substitution() {
            let mut empty = self.valueless(value_start, Vec::new());
            empty.value = Some(String::new());
            empty
        } else {
            self.word()?
        };
        // `+=` and `name[i]=` depend on what was there.
        if target.len() != name.len() + 1 {
            value.value = None;
        }
        Ok(Assignment {
            span: self.map.span(start, self.pos),
            name,
            value,
        })
    }

    /// `( word … )` of an array; the variables in it.
    fn array(&mut self) -> Parsed<Vec<String>> {
        let start = self.pos;
        if !self.pending.is_empty() {
            return self.fault("a heredoc on a line that an array may break");
        }
        self.pos += 1;
        let mut variables = Vec::new();
        loop {
            self.newlines()?;
            if self.eat(")") {
                return if ends_word(self.peek()) {
                    Ok(variables)
                } else {
                    self.fault_at(start, "an array that is not clear")
                };
            }
            if ends_word(self.peek()) {
                return self.fault_at(start, "an array that is not clear");
            }
            let mut word = self.word()?;
            if word.raw.starts_with('[') && !word.raw.contains(']') {
                return self.fault_at(start, "a subscript without its end");
            }
            variables.append(&mut word.variables);
        }
    }

    /// Whether a redirection begins here: `>`, `2>`, `&>`, `{name}>`.
    pub fn is_redirect(&self) -> bool {
        if self.is_process_substitution() {
            return false;
        }
        let rest = self.rest().as_bytes();
        match rest.first() {
            Some(b'<' | b'>') => true,
            Some(b'&') => rest.get(1) == Some(&b'>'),
            Some(b'0'..=b'9') => {
                let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                matches!(rest.get(digits), Some(b'<' | b'>'))
            }
            Some(b'{') => self.descriptor_name().is_some(),
            _ => false,
        }
    }

    /// The length of `{name}` before `<` or `>`.
    fn descriptor_name(&self) -> Option<usize> {
        let rest = self.rest();
        let inside = rest.strip_prefix('{')?;
        let length = name_length(inside);
        let after = inside.get(length..)?.strip_prefix('}')?;
        (length > 0 && after.starts_with(['<', '>'])).then_some(length + 2)
    }

    /// Reads a redirection of the command in `slot`, its `nth`.
    pub fn redirect(&mut self, slot: usize, nth: usize) -> Parsed<Redirect> {
        let start = self.pos;
        self.pos += self.descriptor_name().unwrap_or(0);
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let fd = self.slice((self.pos, self.pos + digits)).parse().ok();
        self.pos += digits;
        let rest = self.rest();
        let Some(operator) = OPERATORS
            .into_iter()
            .find(|operator| rest.starts_with(operator))
        else {
            return self.fault("a redirection is missing");
        };
        self.pos += operator.len();
        self.blanks();
        if self.is_redirect() {
            return self.fault_at(start, "a redirection without its target");
        }
        let target = self.word()?;
        let heredoc = matches!(operator, "<<" | "<<-");
        if heredoc {
            let Some(delimiter) = target.value.clone() else {
                return self.fault_at(start, "a heredoc whose delimiter expands");
            };
            self.pending.push(Pending {
                delimiter,
                strip_tabs: operator == "<<-",
                expands: !target.quoted,
                command: slot,
                redirect: nth,
            });
        }
        Ok(Redirect {
            span: self.map.span(start, self.pos),
            operator: operator.to_owned(),
            fd,
            target: (!heredoc).then_some(target),
            heredoc: None,
        })
    }

    /// Whether a word is a plain variable name.
    pub fn is_plain_name(word: &Word) -> bool {
        !word.quoted && is_name(&word.raw)
    }
}
