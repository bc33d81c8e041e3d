//! Go's `filepath.Match`, which BuildKit uses for COPY sources and to check `.dockerignore` patterns.
//!
//! `*` matches any run of characters but `/`, `?` any one character but `/`, `[a-z]` and `[^a-z]` one
//! character of a class, `\c` the character `c`. The whole name must match.

/// The pattern is not well formed ("syntax error in pattern" in Go's words).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("syntax error in pattern")]
pub struct BadPattern;

/// Whether `name` matches `pattern`.
///
/// # Errors
/// [`BadPattern`], found as far as the pattern had to be read for this name, as in Go: a part after
/// a `*` that is never reached is not checked.
pub fn matches(pattern: &str, name: &str) -> Result<bool, BadPattern> {
    let (mut pattern, mut name) = (pattern, name);
    while !pattern.is_empty() {
        let (star, chunk, rest) = split_chunk(pattern);
        if star && chunk.is_empty() {
            return Ok(!name.contains('/'));
        }
        let terms = parse_chunk(chunk)?;
        let fits =
            |from: &str| match_terms(&terms, from).filter(|left| *left == 0 || !rest.is_empty());
        let mut left = fits(name);
        if left.is_none() && star {
            for (at, skipped) in name.char_indices() {
                if skipped == '/' {
                    break;
                }
                left = fits(&name[at + skipped.len_utf8()..]);
                if left.is_some() {
                    break;
                }
            }
        }
        let Some(left) = left else { return Ok(false) };
        name = &name[name.len() - left..];
        pattern = rest;
    }
    Ok(name.is_empty())
}

/// Whether a COPY source has a wildcard in it, as BuildKit sees it.
pub fn has_wildcard(pattern: &str) -> bool {
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '*' | '?' | '[' => return true,
            _ => {}
        }
    }
    false
}

enum Term {
    Literal(char),
    NotSlash,
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

/// A leading run of stars, the text up to the next star outside brackets, and the rest.
fn split_chunk(pattern: &str) -> (bool, &str, &str) {
    let body = pattern.trim_start_matches('*');
    let star = body.len() < pattern.len();
    let mut in_class = false;
    let mut chars = body.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '[' => in_class = true,
            ']' => in_class = false,
            '*' if !in_class => return (star, &body[..at], &body[at..]),
            _ => {}
        }
    }
    (star, body, "")
}

fn parse_chunk(chunk: &str) -> Result<Vec<Term>, BadPattern> {
    let mut terms = Vec::with_capacity(chunk.len());
    let mut rest = chunk.chars();
    while let Some(c) = rest.next() {
        terms.push(match c {
            '?' => Term::NotSlash,
            '\\' => Term::Literal(rest.next().ok_or(BadPattern)?),
            '[' => parse_class(&mut rest)?,
            other => Term::Literal(other),
        });
    }
    Ok(terms)
}

fn parse_class(rest: &mut std::str::Chars<'_>) -> Result<Term, BadPattern> {
    let negated = rest.as_str().starts_with('^');
    if negated {
        rest.next();
    }
    let mut ranges = Vec::new();
    loop {
        if !ranges.is_empty() && rest.as_str().starts_with(']') {
            rest.next();
            return Ok(Term::Class { negated, ranges });
        }
        let low = class_char(rest)?;
        let high = if rest.as_str().starts_with('-') {
            rest.next();
            class_char(rest)?
        } else {
            low
        };
        ranges.push((low, high));
    }
}

/// One possibly escaped character of a class; something must follow it, if only the `]`.
fn class_char(rest: &mut std::str::Chars<'_>) -> Result<char, BadPattern> {
    let c = match rest.next() {
        None | Some('-' | ']') => return Err(BadPattern),
        Some('\\') => rest.next().ok_or(BadPattern)?,
        Some(c) => c,
    };
    if rest.as_str().is_empty() {
        Err(BadPattern)
    } else {
        Ok(c)
    }
}

/// How many bytes of `name` are left after the terms matched at its beginning.
fn match_terms(terms: &[Term], name: &str) -> Option<usize> {
    let mut chars = name.chars();
    for term in terms {
        let c = chars.next()?;
        let fits = match term {
            Term::Literal(literal) => c == *literal,
            Term::NotSlash => c != '/',
            Term::Class { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
            }
        };
        if !fits {
            return None;
        }
    }
    Some(chars.as_str().len())
}
