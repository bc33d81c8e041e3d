//! Words: quotes, expansions, and the commands that stand inside them.

use super::cursor::{Parsed, Parser};
use super::types::Word;
use super::word::joined;

/// A word while it is read.
#[derive(Default)]
pub(super) struct Build {
    pub value: String,
    /// Something expands: there is no value.
    pub expands: bool,
    glob: bool,
    quoted: bool,
    pub variables: Vec<String>,
    /// An unquoted `[` waits for its `]`.
    bracket: bool,
    /// An unquoted `{` waits for a comma or dots, or has them and waits for its `}`.
    brace: Brace,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Brace {
    #[default]
    None,
    Open,
    Listed,
}

/// Bytes that mean nothing in a word, wherever they stand.
fn is_plain(byte: u8) -> bool {
    byte >= 0x80 || byte.is_ascii_alphanumeric() || b"%+-./@_^".contains(&byte)
}

/// Bytes that end an unquoted word.
pub(super) fn ends_word(byte: Option<u8>) -> bool {
    matches!(
        byte,
        None | Some(b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
    )
}

pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && name_length(text) == text.len()
}

/// The length of the variable name at the start of `text`.
pub(super) fn name_length(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.bytes()
        .take_while(|byte| *byte == b'_' || byte.is_ascii_alphanumeric())
        .count()
}

impl Parser<'_> {
    /// Reads the word at the position. There must be one.
    pub fn word(&mut self) -> Parsed<Word> {
        let start = self.pos;
        let mut build = Build::default();
        self.unquoted(&mut build, false)?;
        if self.pos == start {
            return self.fault("a word is missing");
        }
        Ok(self.built(build, start))
    }

    /// The regular expression after `=~` in `[[ … ]]`: parentheses and bars are part of it.
    pub fn regex_word(&mut self) -> Parsed<Word> {
        let start = self.pos;
        let mut build = Build::default();
        self.unquoted(&mut build, true)?;
        if self.pos == start {
            return self.fault("a word is missing");
        }
        build.glob = false;
        Ok(self.built(build, start))
    }

    /// The word from `start` to the position.
    pub fn built(&self, build: Build, start: usize) -> Word {
        Word {
            span: self.map.span(start, self.pos),
            raw: joined(self.slice((start, self.pos))),
            value: (!build.expands).then_some(build.value),
            glob: build.glob,
            quoted: build.quoted,
            variables: build.variables,
        }
    }

    /// A word without a value, from `start` to the position.
    pub fn valueless(&self, start: usize, variables: Vec<String>) -> Word {
        self.built(
            Build {
                expands: true,
                variables,
                ..Build::default()
            },
            start,
        )
    }

    fn unquoted(&mut self, build: &mut Build, regex: bool) -> Parsed<()> {
        let start = self.pos;
        let mut parentheses = 0usize;
        loop {
            let plain = self
                .rest()
                .bytes()
                .take_while(|byte| is_plain(*byte))
                .count();
            if plain > 0 {
                if build.brace == Brace::Open
                    && self.slice((self.pos, self.pos + plain)).contains("..")
                {
                    build.brace = Brace::Listed;
                }
                build
                    .value
                    .push_str(self.slice((self.pos, self.pos + plain)));
                self.pos += plain;
            }
            let Some(byte) = self.peek() else {
                return if parentheses > 0 {
                    self.fault("an open parenthesis")
                } else {
                    Ok(())
                };
            };
            match byte {
                b'\'' => self.single_quoted(build)?,
                b'"' => self.double_quoted(build)?,
                b'\\' => self.escaped(build),
                b'$' => self.dollar(build, false)?,
                b'`' => self.backticks(build, false)?,
                b'(' if regex => self.regex_byte(build, 1, &mut parentheses),
                b')' if regex && parentheses > 0 => {
                    parentheses -= 1;
                    self.regex_byte(build, 0, &mut parentheses);
                }
                b'|' if regex => self.regex_byte(build, 0, &mut parentheses),
                b' ' if regex && parentheses > 0 => self.regex_byte(build, 0, &mut parentheses),
                b'<' | b'>' if self.at(1) == Some(b'(') && !regex => {
                    build.expands = true;
                    self.pos += 1;
                    self.substitution()?;
                }
                byte if ends_word(Some(byte)) => return Ok(()),
                byte => {
                    self.special(build, byte, start);
                    build.value.push(byte as char);
                    self.pos += 1;
                }
            }
        }
    }

    fn regex_byte(&mut self, build: &mut Build, opens: usize, parentheses: &mut usize) {
        *parentheses += opens;
        if let Some(byte) = self.peek() {
            build.value.push(byte as char);
        }
        self.pos += 1;
    }

    /// What an unquoted character that is no syntax does to the word.
    fn special(&mut self, build: &mut Build, byte: u8, start: usize) {
        match byte {
            b'*' | b'?' => build.glob = true,
            b'[' => build.bracket = true,
            b']' => build.glob |= build.bracket,
            b'{' => build.brace = Brace::Open,
            b',' if build.brace == Brace::Open => build.brace = Brace::Listed,
            b'}' => {
                build.glob |= build.brace == Brace::Listed;
                build.brace = Brace::None;
            }
            // At the start of a word, and after `=` or `:` in an assignment.
            b'~' => {
                let before = self.slice((start, self.pos));
                build.glob |= before.is_empty() || before.ends_with(['=', ':']);
            }
            _ => {}
        }
    }

    pub fn escaped(&mut self, build: &mut Build) {
        self.pos += 1;
        match self.rest().chars().next() {
            Some('\n') => self.pos += 1,
            Some(next) => {
                build.quoted = true;
                build.value.push(next);
                self.pos += next.len_utf8();
            }
            None => build.value.push('\\'),
        }
    }

    pub fn single_quoted(&mut self, build: &mut Build) -> Parsed<()> {
        let start = self.pos;
        self.pos += 1;
        let Some(length) = self.rest().find('\'') else {
            return self.fault_at(start, "a single quote without its end");
        };
        build.quoted = true;
        build
            .value
            .push_str(self.slice((self.pos, self.pos + length)));
        self.pos += length + 1;
        Ok(())
    }

    pub fn double_quoted(&mut self, build: &mut Build) -> Parsed<()> {
        let start = self.pos;
        self.pos += 1;
        build.quoted = true;
        loop {
            let rest = self.rest();
            let plain = rest.find(['"', '\\', '$', '`']).unwrap_or(rest.len());
            build
                .value
                .push_str(self.slice((self.pos, self.pos + plain)));
            self.pos += plain;
            match self.peek() {
                None => return self.fault_at(start, "a double quote without its end"),
                Some(b'"') => {
                    self.pos += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escaped_in_double_quotes(build),
                Some(b'$') => self.dollar(build, true)?,
                _ => self.backticks(build, true)?,
            }
        }
    }

    fn escaped_in_double_quotes(&mut self, build: &mut Build) {
        self.pos += 1;
        match self.peek() {
            Some(b'\n') => self.pos += 1,
            Some(byte @ (b'$' | b'`' | b'"' | b'\\')) => {
                build.value.push(byte as char);
                self.pos += 1;
            }
            _ => build.value.push('\\'),
        }
    }
}
