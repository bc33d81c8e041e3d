//! One `.dockerignore` pattern, compiled. `moby/patternmatcher` turns a pattern into a regular expression
//! with some peculiarities; the usual ones are matched by hand here (no regex is compiled for them),
//! the odd ones go through the same regular expression.

use regex::Regex;

/// A compiled pattern.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// The cleaned text, without the `!`.
    pub text: String,
    /// Whether it began with `!`.
    pub exception: bool,
    /// Line in the file, counted from 1.
    pub line: usize,
    matcher: Matcher,
}

#[derive(Debug)]
enum Matcher {
    Exact,
    /// `dir/**`: the text without the stars.
    Prefix(usize),
    /// `**/name` or `**name`: the text after the stars.
    Suffix,
    Terms(Vec<Term>),
    Regex(Regex),
}

#[derive(Debug, PartialEq)]
enum Term {
    Literal(char),
    /// `?`
    NotSlash,
    /// `*`
    NotSlashes,
    /// `**` or `**/`: any number of directories, none included.
    Directories,
    /// `**` at the end.
    Anything,
    /// `[a-z]`, `[^a-z]`; other than in a shell it may match `/`.
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Pattern {
    /// Compiles a cleaned pattern, or says why it cannot be.
    pub fn new(text: &str, exception: bool, line: usize) -> Result<Self, String> {
        let matcher = match terms(text) {
            Some(terms) => matcher(text, terms),
            None => {
                let source = as_regex(text);
                Matcher::Regex(
                    Regex::new(&source).map_err(|_| "syntax error in pattern".to_string())?,
                )
            }
        };
        Ok(Self {
            text: text.to_string(),
            exception,
            line,
            matcher,
        })
    }

    /// Whether the pattern matches this path itself (directories above it are the caller's business).
    pub fn matches(&self, path: &str) -> bool {
        match &self.matcher {
            Matcher::Exact => path == self.text,
            Matcher::Prefix(length) => path
                .as_bytes()
                .starts_with(&self.text.as_bytes()[..*length]),
            Matcher::Suffix => {
                let suffix = &self.text[2..];
                path.ends_with(suffix) || suffix.strip_prefix('/') == Some(path)
            }
            Matcher::Terms(terms) => match_terms(terms, path),
            Matcher::Regex(regex) => regex.is_match(path),
        }
    }
}

/// The quickest matcher that says the same as the terms.
fn matcher(text: &str, terms: Vec<Term>) -> Matcher {
    let literal = |terms: &[Term]| terms.iter().all(|term| matches!(term, Term::Literal(_)));
    // An escaped character is a literal, too, but then the text is not what is compared.
    if text.contains(['\\', '[', ']']) {
        return Matcher::Terms(terms);
    }
    match terms.as_slice() {
        all if literal(all) => Matcher::Exact,
        [Term::Anything] => Matcher::Suffix,
        [Term::Directories, rest @ ..] if literal(rest) => Matcher::Suffix,
        // `dir/**`, not `dir/**/`, which the cleaning has taken away.
        [rest @ .., Term::Anything] if literal(rest) => Matcher::Prefix(text.len() - 2),
        _ => Matcher::Terms(terms),
    }
}

/// The pattern as terms; `None` where the regular expression would give a character another meaning
/// (`\d`, `|`, `^`, a repetition `{2}`, an odd class).
fn terms(text: &str) -> Option<Vec<Term>> {
    let wild = text.contains(['*', '?', '[', ']', '\\']);
    let mut terms = Vec::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        terms.push(match c {
            '*' if rest.as_str().starts_with('*') => {
                rest.next();
                if rest.as_str().starts_with('/') {
                    rest.next();
                }
                if rest.as_str().is_empty() {
                    Term::Anything
                } else {
                    Term::Directories
                }
            }
            '*' => Term::NotSlashes,
            '?' => Term::NotSlash,
            '\\' => Term::Literal(
                rest.next()
                    .filter(|c| c.is_ascii() && !c.is_ascii_alphanumeric())?,
            ),
            '[' => class(&mut rest)?,
            '^' | '|' if wild => return None,
            '{' if wild && rest.as_str().starts_with(|c: char| c.is_ascii_digit()) => return None,
            other => Term::Literal(other),
        });
    }
    Some(terms)
}

/// A class of plain characters and ranges.
fn class(rest: &mut std::str::Chars<'_>) -> Option<Term> {
    let negated = rest.as_str().starts_with('^');
    if negated {
        rest.next();
    }
    let mut ranges = Vec::new();
    loop {
        let low = rest.next()?;
        if low == ']' && !ranges.is_empty() {
            return Some(Term::Class { negated, ranges });
        }
        if !plain(low) {
            return None;
        }
        let high = if rest.as_str().starts_with('-') {
            rest.next();
            rest.next().filter(|high| plain(*high) && low <= *high)?
        } else {
            low
        };
        ranges.push((low, high));
    }
}

fn plain(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(
            c,
            '_' | '.' | ',' | '!' | '@' | '#' | '%' | '=' | ' ' | '(' | ')' | '+' | '$'
        )
}

/// Whether the whole path matches, in time proportional to terms × path.
fn match_terms(terms: &[Term], path: &str) -> bool {
    let path: Vec<char> = path.chars().collect();
    // reached[i]: the terms so far can have used up i characters.
    let mut reached = vec![false; path.len() + 1];
    let mut next = vec![false; path.len() + 1];
    reached[0] = true;
    for term in terms {
        next.fill(false);
        match term {
            Term::Literal(literal) => step(&reached, &mut next, &path, |c| c == *literal),
            Term::NotSlash => step(&reached, &mut next, &path, |c| c != '/'),
            Term::Class { negated, ranges } => step(&reached, &mut next, &path, |c| {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
            }),
            Term::NotSlashes => run(&reached, &mut next, &path, |c| c != '/'),
            // The `.` of a regular expression is any character but a line feed.
            Term::Anything => run(&reached, &mut next, &path, |c| c != '\n'),
            Term::Directories => {
                let mut inside = false;
                for at in 0..=path.len() {
                    let before = at.checked_sub(1).map(|before| path[before]);
                    next[at] = reached[at] || (inside && before == Some('/'));
                    inside = (inside || reached[at]) && path.get(at) != Some(&'\n');
                }
            }
        }
        std::mem::swap(&mut reached, &mut next);
    }
    reached[path.len()]
}

fn step(reached: &[bool], next: &mut [bool], path: &[char], fits: impl Fn(char) -> bool) {
    for (at, c) in path.iter().enumerate() {
        next[at + 1] = reached[at] && fits(*c);
    }
}

fn run(reached: &[bool], next: &mut [bool], path: &[char], fits: impl Fn(char) -> bool) {
    let mut running = false;
    for at in 0..=path.len() {
        running = reached[at] || (running && fits(path[at - 1]));
        next[at] = running;
    }
}

/// The regular expression that patternmatcher makes, in the syntax of the `regex` crate.
fn as_regex(text: &str) -> String {
    let mut regex = "^".to_string();
    let mut rest = text.chars();
    let mut in_class = false;
    while let Some(c) = rest.next() {
        match c {
            '*' if rest.as_str().starts_with('*') => {
                rest.next();
                if rest.as_str().starts_with('/') {
                    rest.next();
                }
                regex.push_str(if rest.as_str().is_empty() {
                    ".*"
                } else {
                    "(.*/)?"
                });
            }
            '*' => regex.push_str("[^/]*"),
            '?' => regex.push_str("[^/]"),
            '.' | '+' | '(' | ')' | '$' => regex.extend(['\\', c]),
            '\\' => match rest.next() {
                Some(next) if next.is_ascii() && !next.is_ascii_alphanumeric() => {
                    regex.push_str(&regex::escape(next.encode_utf8(&mut [0; 4])));
                }
                Some(next) => regex.extend(['\\', next]),
                None => regex.push('\\'),
            },
            // Inside a class these mean something to the crate and nothing to Go.
            '[' | '&' | '~' if in_class => regex.extend(['\\', c]),
            '[' => {
                in_class = true;
                regex.push('[');
                if rest.as_str().starts_with('^') {
                    rest.next();
                    regex.push('^');
                }
                if rest.as_str().starts_with(']') {
                    rest.next();
                    regex.push_str("\\]");
                }
            }
            ']' if in_class => {
                in_class = false;
                regex.push(']');
            }
            ']' => regex.push_str("\\]"),
            '{' if !rest.as_str().starts_with(|c: char| c.is_ascii_digit()) => {
                regex.push_str("\\{")
            }
            other => regex.push(other),
        }
    }
    regex.push('$');
    regex
}
