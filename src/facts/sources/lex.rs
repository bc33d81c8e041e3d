//! Source text as words, signs and string literals, without comments: as much of a lexer as searching
//! for evidence takes, in one pass, for several languages.

mod literals;

use std::borrow::Cow;

/// What distinguishes the languages for the lexer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Syntax {
    /// `// …` and `/* … */`.
    pub slash_comments: bool,
    /// `# …`.
    pub hash_comments: bool,
    /// `% …`.
    pub percent_comments: bool,
    /// `/…/` where a value may begin.
    pub regexes: bool,
    /// `` `…${…}…` ``; otherwise a backtick begins a raw string.
    pub templates: bool,
    /// `'x'` is a character.
    pub characters: bool,
    /// `"""…"""`, `r'…'`, `f'…{…}…'`.
    pub python: bool,
    /// Rust: `'name` is a lifetime, `r#"…"#` a raw string, and a string may go over several lines.
    pub rust: bool,
    /// `` `…` `` and `%x(…)` run a command line: a backtick as a sign before the text.
    pub commands: bool,
    /// How a hole in a string begins: `#{` in Ruby.
    pub holes: &'static [&'static str],
}

/// A piece of source text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub kind: Kind<'a>,
    /// Counted from 1.
    pub line: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind<'a> {
    /// A name, a keyword or a number.
    Word(&'a str),
    Text(Text<'a>),
    /// One ASCII sign.
    Sign(u8),
}

/// A string literal.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Text<'a> {
    /// The text, up to the first hole if it has holes.
    pub text: Cow<'a, str>,
    /// Whether something unknown follows the text.
    pub open: bool,
    /// A hole at the very beginning: its source, and the text between it and the next hole.
    pub head: Option<(&'a str, &'a str)>,
    /// What is written after the first hole, further holes included.
    pub rest: &'a str,
}

impl<'a> Token<'a> {
    pub fn word(&self) -> Option<&'a str> {
        match self.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    pub fn text(&self) -> Option<&Text<'a>> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn is(&self, sign: u8) -> bool {
        self.kind == Kind::Sign(sign)
    }
}

/// The tokens of a text.
#[derive(Debug, Default)]
pub(super) struct Lexed<'a> {
    pub tokens: Vec<Token<'a>>,
    /// Line of a literal or comment that never ends: the rest of the file is not to be trusted.
    pub broken: Option<usize>,
}

/// Expressions inside templates inside templates … are not looked into deeper than this.
const MAX_DEPTH: usize = 4;
/// So many literals may lack their end before the rest of such lines is given up, to stay linear.
const MAX_UNCLOSED: usize = 64;

/// Splits a text.
pub(super) fn lex<'a>(text: &'a str, syntax: Syntax) -> Lexed<'a> {
    let mut lexed = Lexed::default();
    let mut holes = vec![Hole {
        start: 0,
        end: text.len(),
        line: 1,
        depth: 0,
    }];
    let mut unclosed = 0;
    while let Some(hole) = holes.pop() {
        let mut lexer = Lexer {
            text: &text[..hole.end],
            at: hole.start,
            line: hole.line,
            depth: hole.depth,
            syntax,
            lexed: &mut lexed,
            holes: &mut holes,
            unclosed: &mut unclosed,
        };
        lexer.run();
        let line = lexer.line;
        // What stands in a hole is an expression of its own.
        lexed.tokens.push(Token {
            kind: Kind::Sign(b';'),
            line,
        });
    }
    lexed
}

struct Hole {
    start: usize,
    end: usize,
    line: usize,
    depth: usize,
}

struct Lexer<'a, 'b> {
    text: &'a str,
    at: usize,
    line: usize,
    depth: usize,
    syntax: Syntax,
    lexed: &'b mut Lexed<'a>,
    holes: &'b mut Vec<Hole>,
    unclosed: &'b mut usize,
}

impl<'a> Lexer<'a, '_> {
    fn run(&mut self) {
        if self.at == 0 && (self.text.starts_with("#!") || self.text.starts_with("\u{feff}#!")) {
            self.skip_line();
        }
        while let Some(byte) = self.byte(0) {
            match byte {
                b'\n' => {
                    self.line += 1;
                    self.at += 1;
                }
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'#' if self.syntax.hash_comments => self.skip_line(),
                b'%' if self.syntax.percent_comments => self.skip_line(),
                b'/' if self.syntax.slash_comments && self.byte(1) == Some(b'/') => {
                    self.skip_line()
                }
                b'/' if self.syntax.slash_comments && self.byte(1) == Some(b'*') => {
                    self.block_comment()
                }
                b'/' if self.syntax.regexes && self.value_may_begin() => self.regex(),
                b'\'' if self.syntax.characters => self.character(),
                b'"' | b'\'' => self.string(byte, ""),
                b'`' if self.syntax.templates => self.template(),
                b'`' | b'%' if self.syntax.commands && self.command() => {}
                b'`' => self.raw(),
                byte if is_word(byte) => self.word(),
                byte => {
                    self.push(Kind::Sign(byte));
                    self.at += 1;
                }
            }
        }
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn push(&mut self, kind: Kind<'a>) {
        self.lexed.tokens.push(Token {
            kind,
            line: self.line,
        });
    }

    fn skip_line(&mut self) {
        self.at = self.text[self.at..]
            .find('\n')
            .map_or(self.text.len(), |end| self.at + end);
    }

    /// Goes on at `to`, counting lines.
    fn jump(&mut self, to: usize) {
        self.line += self.text[self.at..to]
            .bytes()
            .filter(|byte| *byte == b'\n')
            .count();
        self.at = to;
    }

    fn broken(&mut self) {
        self.lexed.broken.get_or_insert(self.line);
    }

    fn block_comment(&mut self) {
        match self.text[self.at + 2..].find("*/") {
            Some(length) => self.jump(self.at + 2 + length + 2),
            None => {
                self.broken();
                self.at = self.text.len();
            }
        }
    }

    fn word(&mut self) {
        let rest = &self.text[self.at..];
        let length = rest
            .bytes()
            .position(|byte| !is_word(byte))
            .unwrap_or(rest.len());
        let word = &rest[..length];
        let quote = rest.as_bytes().get(length).copied();
        let prefix = self.syntax.python
            && length <= 2
            && word.bytes().all(|byte| b"rRbBuUfF".contains(&byte));
        let raw = self.syntax.rust && matches!(word, "r" | "br" | "cr");
        if raw && matches!(quote, Some(b'"' | b'#')) && self.hashed(length) {
            return;
        }
        match quote {
            Some(quote @ (b'"' | b'\'')) if prefix => {
                self.at += length;
                self.string(quote, word);
            }
            _ => {
                self.push(Kind::Word(word));
                self.at += length;
            }
        }
    }

    /// Whether a `/` here begins a regular expression rather than dividing.
    fn value_may_begin(&self) -> bool {
        match self.lexed.tokens.last().map(|token| &token.kind) {
            None => true,
            Some(Kind::Word(word)) => BEFORE_A_VALUE.contains(word),
            Some(Kind::Text(_)) => false,
            // `</` closes a tag.
            Some(Kind::Sign(sign)) => !b")]}<".contains(sign),
        }
    }

    fn regex(&mut self) {
        let bytes = self.text.as_bytes();
        let mut in_class = false;
        let mut end = self.at + 1;
        loop {
            match bytes.get(end) {
                None | Some(b'\n') => return self.not_closed(false),
                Some(b'\\') => end += 1,
                Some(b'[') => in_class = true,
                Some(b']') => in_class = false,
                Some(b'/') if !in_class => break,
                Some(_) => {}
            }
            end += 1;
        }
        while bytes.get(end + 1).is_some_and(u8::is_ascii_alphabetic) {
            end += 1;
        }
        // The value that it is, for the next `/`.
        self.push(Kind::Word("/"));
        self.jump(end + 1);
    }
}

/// Keywords after which a value begins.
const BEFORE_A_VALUE: &[&str] = &[
    "return",
    "typeof",
    "case",
    "in",
    "of",
    "delete",
    "void",
    "throw",
    "new",
    "else",
    "do",
    "instanceof",
    "yield",
    "await",
    // Of Ruby.
    "when",
    "if",
    "unless",
    "elsif",
    "while",
    "until",
    "and",
    "or",
    "not",
    "then",
];

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}
