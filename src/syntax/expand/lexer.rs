//! The shell lexer: one pass over a word, with `${…}` read recursively.

use super::collect::Words;
use super::pattern::Pattern;
use super::{Lookup, Unresolved};

/// How deep `${a:-${b:-…}}` may nest; BuildKit has no bound but the memory.
const MAX_DEPTH: usize = 200;

/// What the lexer keeps and what it resolves.
#[derive(Clone, Copy, Debug)]
pub(in crate::syntax) struct Options {
    /// The escape character.
    pub(in crate::syntax) escape: char,
    /// Keep quotes in the result.
    pub(in crate::syntax) keep_quotes: bool,
    /// Keep escape characters in the result.
    pub(in crate::syntax) keep_escapes: bool,
    /// Keep variables that are not set as they are written.
    pub(in crate::syntax) keep_unset: bool,
    /// A variable that is not set, without a default, is an error.
    pub(in crate::syntax) unset_is_error: bool,
    /// Forget what stands before `${v:-word}` in the same word: BuildKit's lexer (seen in 0.34) reads
    /// both into one buffer. It decides whether `<<A${B:-C}` starts a heredoc.
    pub(in crate::syntax) forget_before_modifier: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            escape: '\\',
            keep_quotes: false,
            keep_escapes: false,
            keep_unset: false,
            unset_is_error: false,
            forget_before_modifier: false,
        }
    }
}

/// One word (or line) that is read.
pub(in crate::syntax) struct Lexer<'a> {
    rest: &'a str,
    options: Options,
    keep_escapes: bool,
    /// Inside the pattern of `${v#pattern}` or `${v/pattern/text}`.
    in_pattern: bool,
    /// Whether a modifier was read since the last look.
    met_modifier: bool,
    depth: usize,
    lookup: Lookup<'a>,
}

impl<'a> Lexer<'a> {
    pub(in crate::syntax) fn new(text: &'a str, options: Options, lookup: Lookup<'a>) -> Self {
        // Go's text/scanner, on which BuildKit's lexer sits, drops a byte order mark at the start.
        let rest = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self {
            rest,
            options,
            keep_escapes: options.keep_escapes,
            in_pattern: false,
            met_modifier: false,
            depth: 0,
            lookup,
        }
    }

    /// The whole text resolved, white space kept.
    pub(in crate::syntax) fn value(mut self) -> Result<String, Unresolved> {
        self.until(None, self.keep_escapes, false)
            .map(|(value, _)| value)
    }

    /// The words of the resolved text.
    pub(in crate::syntax) fn words(mut self) -> Result<Vec<String>, Unresolved> {
        self.until(None, self.keep_escapes, false)
            .map(|(_, words)| words.finish())
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let c = chars.next();
        self.rest = chars.as_str();
        c
    }

    /// Reads up to `stop` (or the end), and takes `stop` away.
    fn until(
        &mut self,
        stop: Option<char>,
        keep_escapes: bool,
        in_pattern: bool,
    ) -> Result<(String, Words), Unresolved> {
        if self.depth >= MAX_DEPTH {
            return Err(Unresolved::Syntax("`${…}` is nested too deep".to_owned()));
        }
        self.depth += 1;
        let before = (self.keep_escapes, self.in_pattern);
        (self.keep_escapes, self.in_pattern) = (keep_escapes, in_pattern);
        let result = self.parts(stop);
        (self.keep_escapes, self.in_pattern) = before;
        self.depth -= 1;
        self.met_modifier |= stop.is_some();
        result
    }

    fn parts(&mut self, stop: Option<char>) -> Result<(String, Words), Unresolved> {
        let mut value = String::new();
        let mut words = Words::default();
        while let Some(c) = self.peek() {
            if Some(c) == stop {
                self.next();
                return Ok((value, words));
            }
            match c {
                '$' => {
                    let part = self.dollar()?;
                    self.forget(&mut words);
                    part.chars().for_each(|c| words.push(c));
                    value.push_str(&part);
                }
                '\'' | '"' | '<' => {
                    let part = match c {
                        '\'' => self.single_quoted()?,
                        '"' => self.double_quoted()?,
                        _ => self.less_than(),
                    };
                    self.forget(&mut words);
                    words.push_whole(&part);
                    value.push_str(&part);
                }
                c if c == self.options.escape => {
                    self.next();
                    if self.keep_escapes {
                        words.push_raw(c);
                        value.push(c);
                    }
                    if let Some(escaped) = self.next() {
                        words.push_raw(escaped);
                        value.push(escaped);
                    }
                }
                c => {
                    self.next();
                    words.push(c);
                    value.push(c);
                }
            }
        }
        match stop {
            Some(stop) => Err(Unresolved::Syntax(format!("`{stop}` is missing"))),
            None => Ok((value, words)),
        }
    }

    fn forget(&mut self, words: &mut Words) {
        if std::mem::take(&mut self.met_modifier) && self.options.forget_before_modifier {
            words.forget();
        }
    }

    /// `'…'`: nothing in it is special. In a pattern its escape characters are doubled, since the pattern
    /// is read once more.
    fn single_quoted(&mut self) -> Result<String, Unresolved> {
        self.next();
        let Some(end) = self.rest.find('\'') else {
            self.rest = "";
            return Err(Unresolved::Syntax(
                "the closing single quote is missing".to_owned(),
            ));
        };
        let (inner, after) = self.rest.split_at(end);
        self.rest = after.strip_prefix('\'').unwrap_or(after);
        let escape = self.options.escape;
        let inner = match self.in_pattern {
            true => inner.replace(escape, &format!("{escape}{escape}")),
            false => inner.to_owned(),
        };
        Ok(if self.options.keep_quotes {
            format!("'{inner}'")
        } else {
            inner
        })
    }

    /// `"…"`: variables count, and the escape character before `"`, `$` and itself.
    fn double_quoted(&mut self) -> Result<String, Unresolved> {
        let mut value = String::new();
        let quote = self.next().filter(|_| self.options.keep_quotes);
        value.extend(quote);
        loop {
            match self.peek() {
                None => {
                    return Err(Unresolved::Syntax(
                        "the closing double quote is missing".to_owned(),
                    ));
                }
                Some('"') => {
                    self.next();
                    value.extend(quote);
                    return Ok(value);
                }
                Some('$') => value.push_str(&self.dollar()?),
                Some(c) if c == self.options.escape => {
                    self.next();
                    match self.peek() {
                        None => {}
                        Some(escaped) if escaped == '"' || escaped == '$' || escaped == c => {
                            self.next();
                            if self.keep_escapes {
                                value.push(c);
                            }
                            value.push(escaped);
                        }
                        Some(_) => {
                            if self.keep_escapes && (!self.options.keep_quotes || self.in_pattern) {
                                value.push(c);
                            }
                            value.push(c);
                        }
                    }
                }
                Some(c) => {
                    self.next();
                    value.push(c);
                }
            }
        }
    }

    /// `<`, or `<<` together with the white space after it: the start of a heredoc.
    fn less_than(&mut self) -> String {
        self.next();
        let Some(after) = self.rest.strip_prefix('<') else {
            return "<".to_owned();
        };
        self.rest = after.trim_start_matches([' ', '\t', '\r']);
        let space = after.get(..after.len() - self.rest.len()).unwrap_or("");
        format!("<<{space}")
    }

    /// A variable. `self` stands before the `$`.
    fn dollar(&mut self) -> Result<String, Unresolved> {
        self.next();
        if self.peek() != Some('{') {
            let name = self.name();
            if name.is_empty() {
                return Ok("$".to_owned());
            }
            return match (self.lookup)(&name) {
                Some(value) => Ok(value),
                None => self.unset(name, |name| format!("${name}")),
            };
        }
        self.next();
        match self.peek() {
            None => return Err(Unresolved::Syntax("`}` is missing".to_owned())),
            Some('{' | '}' | ':') => {
                return Err(Unresolved::Syntax("a name must follow `${`".to_owned()));
            }
            Some(_) => {}
        }
        let name = self.name();
        match self.next() {
            Some('}') => match (self.lookup)(&name) {
                Some(value) => Ok(value),
                None => self.unset(name, |name| format!("${{{name}}}")),
            },
            Some(':') => {
                let modifier = self.next();
                self.modified(name, modifier, true)
            }
            modifier @ Some('+' | '-' | '?' | '#' | '%') => self.modified(name, modifier, false),
            Some('/') => self.replaced(name),
            other => Err(unsupported(other)),
        }
    }

    /// What stands for a variable that is not set.
    fn unset(&self, name: String, written: impl Fn(&str) -> String) -> Result<String, Unresolved> {
        if self.options.keep_unset {
            return Ok(written(&name));
        }
        if self.options.unset_is_error {
            return Err(Unresolved::Variable(name));
        }
        Ok(String::new())
    }

    /// `${name-word}` and its kin; `colon` counts an empty value as not set.
    fn modified(
        &mut self,
        name: String,
        modifier: Option<char>,
        colon: bool,
    ) -> Result<String, Unresolved> {
        let Some(modifier) = modifier else {
            return Err(Unresolved::Syntax("`}` is missing".to_owned()));
        };
        let is_trim = modifier == '#' || modifier == '%';
        let (word, _) = self.until(Some('}'), is_trim, is_trim)?;
        let value = (self.lookup)(&name);
        if value.is_none() && self.options.keep_unset {
            let colon = if colon { ":" } else { "" };
            return Ok(format!("${{{name}{colon}{modifier}{word}}}"));
        }
        let usable = value.clone().filter(|value| !(colon && value.is_empty()));
        match modifier {
            '-' => Ok(usable.unwrap_or(word)),
            '+' => Ok(usable.map(|_| word).unwrap_or_default()),
            '?' => usable.ok_or_else(|| {
                let state = if value.is_some() { "empty" } else { "unset" };
                let message = if word.is_empty() {
                    format!("is not allowed to be {state}")
                } else {
                    word
                };
                Unresolved::Required { name, message }
            }),
            '#' | '%' => {
                let Some(value) = value else {
                    return self.unset(name, |_| String::new());
                };
                let longest = word.starts_with(modifier);
                let pattern = Pattern::parse(word.strip_prefix(modifier).unwrap_or(&word))?;
                match modifier {
                    '#' => pattern.trim_prefix(&value, longest),
                    _ => pattern.trim_suffix(&value, longest),
                }
            }
            other => Err(unsupported(Some(other))),
        }
    }

    /// `${name/pattern/text}` and `${name//pattern/text}`. `self` stands after the first slash.
    fn replaced(&mut self, name: String) -> Result<String, Unresolved> {
        let all = self.peek() == Some('/');
        if all {
            self.next();
        }
        let (pattern, _) = self.until(Some('/'), true, true)?;
        let (text, _) = self.until(Some('}'), true, false)?;
        let Some(value) = (self.lookup)(&name) else {
            return self.unset(name, |name| format!("${{{name}/{pattern}/{text}}}"));
        };
        // Go's regular expressions, which BuildKit uses here, have variables of their own.
        let follows = |c: char| c.is_alphanumeric() || matches!(c, '_' | '{' | '$');
        if all
            && text
                .split('$')
                .skip(1)
                .any(|after| after.is_empty() || after.starts_with(follows))
        {
            let message = format!("a `$` in the text of `${{{name}//…}}` is not read");
            return Err(Unresolved::Syntax(message));
        }
        Pattern::parse(&pattern)?.replace(&value, &text, all)
    }

    /// A variable's name: letters, digits and `_`; digits alone; or one special parameter.
    fn name(&mut self) -> String {
        let rest = self.rest;
        let end = match self.peek() {
            Some(c) if c.is_numeric() => rest.find(|c: char| !c.is_numeric()),
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => Some(1),
            _ => rest.find(|c: char| !(c.is_alphanumeric() || c == '_')),
        };
        let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
        self.rest = after;
        name.to_owned()
    }
}

fn unsupported(modifier: Option<char>) -> Unresolved {
    match modifier {
        Some(modifier) => Unresolved::Syntax(format!("`{modifier}` is no modifier of a variable")),
        None => Unresolved::Syntax("`}` is missing".to_owned()),
    }
}
