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
    Terms {
        /// What every path that matches begins with.
        head: String,
        middle: Vec<Term>,
        /// What it ends with, after the head.
        tail: String,
    },
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
    ///
    /// BuildKit notices some malformed patterns only when it comes to match them, and builds when it
    /// never does; here they are refused at once.
    pub fn new(text: &str, exception: bool, line: usize) -> Result<Self, String> {
        let matcher = match kind(text) {
            Some(plain) => plain,
            // A mark at the start of a pattern (of the first file's second line, in a concatenation) is
            // overlooked where the pattern becomes a regular expression, and only there.
            None => match terms(text.trim_start_matches('\u{feff}')) {
                Some(terms) => Matcher::of(terms),
                None => {
                    let regex = Regex::new(&as_regex(text.trim_start_matches('\u{feff}')));
                    Matcher::Regex(regex.map_err(|_| "syntax error in pattern".to_string())?)
                }
            },
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
            Matcher::Terms { head, middle, tail } => {
                let rest = path.strip_prefix(head.as_str());
                let rest = rest.and_then(|rest| rest.strip_suffix(tail.as_str()));
                rest.is_some_and(|rest| match_terms(middle, rest))
            }
            Matcher::Regex(regex) => regex.is_match(path),
        }
    }
}

/// The matchers that compare the text as it stands, so that no sign in it has a meaning; `None` for
/// everything else.
fn kind(text: &str) -> Option<Matcher> {
    let (leading, body) = match text.strip_prefix("**") {
        Some(body) => (true, body),
        None => (false, text),
    };
    let plain = |text: &str| !text.contains(['*', '?', '[', ']', '\\']);
    if text.strip_prefix("\u{feff}**").is_some_and(plain) {
        // The stars count as leading, but the mark is what is taken off for them: never a match.
        return Some(Matcher::Exact);
    }
    match (leading, body.strip_suffix("**")) {
        (true, _) if plain(body) => Some(Matcher::Suffix),
        (false, _) if plain(body) => Some(Matcher::Exact),
        (false, Some(prefix)) if plain(prefix) => Some(Matcher::Prefix(prefix.len())),
        _ => None,
    }
}

/// The pattern as terms; `None` where the regular expression would give a character another meaning
/// (`\d`, `|`, `^`, a repetition `{2}`, an odd class).
fn terms(text: &str) -> Option<Vec<Term>> {
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
            '^' | '|' => return None,
            '{' if rest.as_str().starts_with(|c: char| c.is_ascii_digit()) => return None,
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

impl Matcher {
    /// With the literals at both ends compared as text.
    fn of(mut terms: Vec<Term>) -> Self {
        let literal = |term: &Term| match term {
            Term::Literal(literal) => Some(*literal),
            _ => None,
        };
        let head: String = terms.iter().map_while(literal).collect();
        terms.drain(..head.chars().count());
        let tail: Vec<char> = terms.iter().rev().map_while(literal).collect();
        terms.truncate(terms.len() - tail.len());
        Self::Terms {
            head,
            middle: terms,
            tail: tail.into_iter().rev().collect(),
        }
    }
}

/// Whether the whole path matches, in time proportional to terms × path.
fn match_terms(terms: &[Term], path: &str) -> bool {
    match terms {
        // What most patterns come to: `**/*.js`, `src/*.js`.
        [Term::Directories, Term::NotSlashes] if !path.contains('\n') => return true,
        [Term::NotSlashes] => return !path.contains('/'),
        _ => {}
    }
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
            // Inside a class the `]` of what a wildcard becomes ends it.
            '*' | '?' => {
                regex.push_str(if in_class { "\\[^/]" } else { "[^/]" });
                if c == '*' {
                    regex.push('*');
                }
                in_class = false;
            }
            '.' | '+' | '(' | ')' | '$' => regex.extend(['\\', c]),
            '\\' => match rest.next() {
                Some(next) if next.is_ascii() && !next.is_ascii_alphanumeric() => {
                    regex.push_str(&regex::escape(next.encode_utf8(&mut [0; 4])));
                }
                Some(next) => regex.extend(['\\', next]),
                None => regex.push('\\'),
            },
            // Inside a class these mean something to the crate and nothing to Go.
            '-' if in_class && regex.ends_with('-') => regex.push_str("\\-"),
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;

    use super::{Pattern, as_regex, kind, match_terms, terms};

    proptest! {
        /// The terms are a quicker way to say the regular expression.
        #[test]
        fn terms_match_what_the_regex_matches(text in "([ab.]|\\*|\\*\\*/?|\\?|/|\\[a-b\\]|\\[\\^a\\]|\\\\\\*){0,8}", path in "[ab./\n*]{0,10}") {
            prop_assume!(kind(&text).is_none());
            if let (Some(terms), Ok(regex)) = (terms(&text), Regex::new(&as_regex(&text))) {
                prop_assert_eq!(match_terms(&terms, &path), regex.is_match(&path), "{:?}", text);
                let pattern = Pattern::new(&text, false, 1);
                prop_assert_eq!(pattern.map(|pattern| pattern.matches(&path)), Ok(regex.is_match(&path)), "{:?}", text);
            }
        }

        /// Comparing text is a quicker way to say the regular expression, too.
        #[test]
        fn plain_patterns_match_what_the_regex_matches(text in "(\\*\\*/?)?[ab/]{0,4}(/\\*\\*)?", path in "[ab/]{0,8}") {
            if let (Some(_), Ok(regex)) = (kind(&text), Regex::new(&as_regex(&text))) {
                let pattern = Pattern::new(&text, false, 1);
                // `**x` matches the end of a name, where the regular expression wants a whole element.
                prop_assume!(!text.starts_with("**") || text.starts_with("**/"));
                prop_assume!(crate::facts::path::clean(&text) == text);
                prop_assert_eq!(pattern.map(|pattern| pattern.matches(&path)), Ok(regex.is_match(&path)), "{:?}", text);
            }
        }
    }
}
