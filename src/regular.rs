//! Regular expressions of rules and facts, in which `\w`, `\s`, `\d`, `\b` and `(?i)` mean ASCII.
//!
//! What they look for (names of packages, options, paths) is ASCII, and without the tables of Unicode one compiles in a
//! tenth of the time: a run compiles each expression that it needs anew.

mod beginnings;
mod known;

use memchr::memmem::Finder;
use regex_automata::meta::{Config, Regex};
use regex_automata::util::captures::Captures;
use regex_syntax::hir::Hir;
use std::sync::OnceLock;

/// From how many bytes on a text is long: there an automaton that takes longer to make is worth it.
const LONG: usize = 1 << 14;

/// A regular expression over text, parsed and compiled when a text has what every match begins with.
#[derive(Clone, Debug)]
pub struct Regular {
    pattern: String,
    lines: bool,
    /// What a match has near its beginning: one of these; nothing where that cannot be said.
    beginnings: Vec<Finder<'static>>,
    parsed: OnceLock<Result<Hir, String>>,
    short: OnceLock<Result<Regex, String>>,
    long: OnceLock<Result<Regex, String>>,
}

/// A group's match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Offset of its first byte in the text that was searched.
    pub start: usize,
    /// Its text.
    pub text: String,
}

impl Regular {
    /// `^` and `$` are the ends of the text, or with `lines` of a line. One that names a class of Unicode (`\p{L}`) is
    /// compiled with its tables.
    ///
    /// # Errors
    /// The message of the parser.
    pub fn new(pattern: &str, lines: bool) -> Result<Self, String> {
        let known = known::beginnings(pattern).filter(|_| lines);
        let (beginnings, parsed) = match known {
            Some(known) => (known.iter().map(Finder::new).collect(), OnceLock::new()),
            None => {
                let parsed = beginnings::parse(pattern, lines)?;
                let found = beginnings::beginnings(&parsed);
                let found = found.iter().map(|text| Finder::new(text).into_owned());
                (found.collect(), OnceLock::from(Ok(parsed)))
            }
        };
        Ok(Self {
            pattern: pattern.to_owned(),
            lines,
            beginnings,
            parsed,
            short: OnceLock::new(),
            long: OnceLock::new(),
        })
    }

    /// Compiles.
    ///
    /// # Errors
    /// The expression is too large.
    pub fn compile(&self) -> Result<&Regex, String> {
        self.compiled(false)
    }

    fn compiled(&self, long: bool) -> Result<&Regex, String> {
        let compiled = match long {
            true => &self.long,
            false => &self.short,
        };
        let compiled = compiled.get_or_init(|| {
            let config = Config::new()
                .utf8_empty(false)
                .nfa_size_limit(Some(1 << 20))
                // A short text is searched sooner than it takes to find out what to skip to.
                .auto_prefilter(long)
                .hybrid(long)
                .hybrid_cache_capacity(1 << 20)
                .onepass(long);
            let parsed = || beginnings::parse(&self.pattern, self.lines);
            let parsed = self.parsed.get_or_init(parsed).as_ref();
            let parsed = parsed.map_err(Clone::clone)?;
            let regex = Regex::builder().configure(config).build_from_hir(parsed);
            regex.map_err(|error| error.to_string())
        });
        compiled.as_ref().map_err(Clone::clone)
    }

    /// The compiled expression, where it may match the text.
    fn on(&self, text: &str) -> Option<&Regex> {
        let has = |it: &Finder| it.find(text.as_bytes()).is_some();
        let may = self.beginnings.is_empty() || self.beginnings.iter().any(has);
        may.then(|| self.compiled(text.len() >= LONG).ok())
            .flatten()
    }

    /// Whether it matches anywhere.
    pub fn is_match(&self, text: &str) -> bool {
        self.on(text).is_some_and(|regex| regex.is_match(text))
    }

    /// Of every match the first group that takes part in it, or the whole match of an expression without groups.
    pub fn find_all(&self, text: &str) -> impl Iterator<Item = Found> {
        let all = self.on(text).into_iter();
        let all = all.flat_map(move |regex| regex.captures_iter(text));
        all.filter_map(|captures| chosen(&captures, text))
    }

    /// The first group of the first match; empty where it takes no part. Nothing where nothing matches.
    pub fn group(&self, text: &str) -> Option<String> {
        let regex = self.on(text)?;
        let mut captures = regex.create_captures();
        regex.captures(text, &mut captures);
        captures.get_match()?;
        let group = captures.get_group(1).map_or(0..0, |group| group.range());
        Some(String::from_utf8_lossy(&text.as_bytes()[group]).into_owned())
    }
}

fn chosen(captures: &Captures, text: &str) -> Option<Found> {
    let group = captures.iter().skip(1).flatten().next();
    let found = group.or_else(|| captures.get_group(0))?;
    Some(Found {
        start: found.start,
        text: String::from_utf8_lossy(&text.as_bytes()[found.range()]).into_owned(),
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
    fn what_lacks_every_beginning_is_not_searched() {
        let either = Regular::new(r#""(?:install|prepare)"\s*:|^yarnPath"#, true).unwrap();
        assert!(!either.is_match("{\"scripts\": {\"test\": \"jest\"}}"));
        assert!(either.short.get().is_none());
        assert!(either.is_match("{\"scripts\": {\"install\" : \"make\"}}"));
        assert!(either.is_match("a: b\nyarnPath: x"));
        let any = Regular::new(r"\s*x|(?i)straße", false).unwrap();
        assert!(any.is_match("STRAßE") && any.is_match("x") && !any.is_match("y"));
    }

    #[test]
    fn a_group_that_takes_no_part_is_empty() {
        let tag = Regular::new(r"^(\d+)?-slim$", false).unwrap();
        assert_eq!(tag.group("-slim").unwrap(), "");
        assert_eq!(tag.group("22-slim").unwrap(), "22");
        assert_eq!(tag.group("22"), None);
    }
}
