//! Regular expressions of rules and facts, in which `\w`, `\s`, `\d`, `\b` and `(?i)` mean ASCII.
//!
//! What they look for (names of packages, options, paths) is ASCII, and without the tables of Unicode one compiles in a
//! tenth of the time: a run compiles each expression that it needs anew.

use regex::bytes::{Captures, Regex, RegexBuilder};

/// A regular expression over text.
#[derive(Clone, Debug)]
pub struct Regular(Regex);

/// A group's match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Offset of its first byte in the text that was searched.
    pub start: usize,
    /// Its text.
    pub text: String,
}

impl Regular {
    /// Compiles; `^` and `$` are the ends of the text, or with `lines` of a line. One that names a class of Unicode
    /// (`\p{L}`) is compiled with its tables.
    ///
    /// # Errors
    /// The message of the parser.
    pub fn new(pattern: &str, lines: bool) -> Result<Self, String> {
        let build = |unicode| {
            RegexBuilder::new(pattern)
                .multi_line(lines)
                .unicode(unicode)
                .size_limit(1 << 20)
                .dfa_size_limit(1 << 20)
                .build()
        };
        build(false)
            .or_else(|_| build(true))
            .map(Self)
            .map_err(|error| error.to_string())
    }

    /// Whether it matches anywhere.
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text.as_bytes())
    }

    /// Of every match the first group that takes part in it, or the whole match of an expression without groups.
    pub fn find_all(&self, text: &str) -> impl Iterator<Item = Found> {
        let all = self.0.captures_iter(text.as_bytes());
        all.filter_map(|captures| chosen(&captures))
    }

    /// The first group of the first match; empty where it takes no part. Nothing where nothing matches.
    pub fn group(&self, text: &str) -> Option<String> {
        let captures = self.0.captures(text.as_bytes())?;
        let group = captures.get(1).map_or(&[][..], |group| group.as_bytes());
        Some(String::from_utf8_lossy(group).into_owned())
    }
}

fn chosen(captures: &Captures<'_>) -> Option<Found> {
    let group = captures.iter().skip(1).flatten().next();
    let found = group.or_else(|| captures.get(0))?;
    Some(Found {
        start: found.start(),
        text: String::from_utf8_lossy(found.as_bytes()).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn first(regular: &Regular, text: &str) -> Found {
        regular.find_all(text).next().unwrap()
    }

    #[test]
    fn classes_are_ascii_and_text_is_any() {
        let name = Regular::new(r#"name = "([^"]*)""#, false).unwrap();
        assert_eq!(first(&name, "name = \"café\"").text, "café");
        let word = Regular::new(r"\b(\w+)\b", false).unwrap();
        assert_eq!(first(&word, "é über").text, "ber");
        let letters = Regular::new(r"\p{L}+", false).unwrap();
        assert_eq!(first(&letters, "1 über").text, "über");
        let lines = Regular::new(r"(?i)^b", true).unwrap();
        assert_eq!(first(&lines, "a\nB").start, 2);
        assert!(Regular::new("(", false).is_err());
    }

    #[test]
    fn a_group_that_takes_no_part_is_empty() {
        let tag = Regular::new(r"^(\d+)?-slim$", false).unwrap();
        assert_eq!(tag.group("-slim").unwrap(), "");
        assert_eq!(tag.group("22-slim").unwrap(), "22");
        assert_eq!(tag.group("22"), None);
    }
}
