//! Patterns: a line with holes.
//!
//! `<name>` stands for one word, `<name...>` for any number of words, `<_>` and `<_...>` for words without a
//! name, `(a|b)` for one of several words, `<name:a|b>` for one of them with a name. A literal never matches a word
//! whose value is not known (`$X`).

mod fit;
mod given;
mod instruction;

pub use given::{GivenOption, Split};
pub use instruction::InstructionPattern;

use fit::{captured, match_parts};
use std::collections::BTreeMap;

/// A word of a command or an instruction as a pattern sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// The value, if it is literal.
    pub value: Option<&'a str>,
    /// As written.
    pub raw: &'a str,
    /// Index in the list of words that the caller passed.
    pub index: usize,
}

impl<'a> Token<'a> {
    /// The value where it is literal, else the word as written.
    pub fn text(&self) -> &'a str {
        self.value.unwrap_or(self.raw)
    }

    /// A part of the word's text as a word.
    fn part(&self, text: &'a str) -> Self {
        Self {
            value: self.value.map(|_| text),
            raw: text,
            index: self.index,
        }
    }
}

/// What the holes of a pattern stand for: indices of words, in order.
pub type Captures = BTreeMap<String, Vec<Captured>>;

/// A captured word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captured {
    /// The text.
    pub text: String,
    /// Whether the text is literal (no variable in it).
    pub literal: bool,
    /// Index of the word that the text comes from (an option's value may be part of a word).
    pub index: usize,
}

/// One place of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Either(Vec<String>, Option<String>),
    One(Option<String>),
    Many(Option<String>),
}

/// An option that a command must have.
#[derive(Clone, Debug, PartialEq, Eq)]
struct RequiredOption {
    /// Names with dashes, each with the value that it must have if one is named; any will do.
    names: Vec<(String, Option<String>)>,
    value: OptionValue,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum OptionValue {
    Any,
    Hole(Option<String>),
}

/// A compiled pattern for a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandPattern {
    parts: Vec<Part>,
    options: Vec<RequiredOption>,
    source: String,
}

/// Why a pattern does not compile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing to match.
    #[error("the pattern is empty")]
    Empty,
    /// A hole that does not close or has a bad name.
    #[error(
        "`{0}` is no hole: write `<name>`, `<name...>`, `<_>` or `<_...>` with letters, digits, `-` and `_`"
    )]
    BadHole(String),
    /// An alternation that does not close or is empty.
    #[error("`{0}` is no alternation: write `(a|b)`")]
    BadAlternation(String),
    /// The same hole twice.
    #[error("the hole <{0}> stands twice")]
    Twice(String),
    /// Two holes for any number of words.
    #[error("a pattern can have one hole for any number of words; `{0}` has more")]
    TwoMany(String),
}

/// The name in a hole: `Some(None)` for `_`.
fn hole_name(name: &str) -> Option<Option<String>> {
    if name == "_" {
        return Some(None);
    }
    let ok = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    ok.then(|| Some(name.to_string()))
}

fn part(word: &str) -> Result<Part, PatternError> {
    if let Some(inner) = word
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
    {
        let bad = || PatternError::BadHole(word.to_string());
        if let Some((name, words)) = inner.split_once(':') {
            let words: Vec<String> = words.split('|').map(str::to_string).collect();
            let name = hole_name(name).filter(|_| words.iter().all(|word| !word.is_empty()));
            return Ok(Part::Either(words, name.ok_or_else(bad)?));
        }
        return match inner.strip_suffix("...") {
            Some(name) => Ok(Part::Many(hole_name(name).ok_or_else(bad)?)),
            None => Ok(Part::One(hole_name(inner).ok_or_else(bad)?)),
        };
    }
    if let Some(names) = alternation(word)? {
        return Ok(Part::Either(names, None));
    }
    Ok(Part::Literal(word.to_string()))
}

fn alternation(word: &str) -> Result<Option<Vec<String>>, PatternError> {
    if !word.starts_with('(') {
        return Ok(None);
    }
    let bad = || PatternError::BadAlternation(word.to_string());
    let inner = word[1..].strip_suffix(')').ok_or_else(bad)?;
    let names: Vec<String> = inner.split('|').map(str::to_string).collect();
    if names.iter().any(String::is_empty) {
        return Err(bad());
    }
    Ok(Some(names))
}

/// The names that the first word of a command pattern may have, without compiling the rest.
pub fn programs(pattern: &str) -> Vec<String> {
    let first = pattern.split_whitespace().next().unwrap_or("");
    match part(first) {
        Ok(Part::Either(names, _)) => names,
        _ => vec![first.to_string()],
    }
}

impl CommandPattern {
    /// Compiles `npm (ci|install) --omit=dev <rest...>`.
    ///
    /// # Errors
    /// A bad hole, a bad alternation, a hole that stands twice.
    pub fn parse(pattern: &str) -> Result<Self, PatternError> {
        Self::with_options(pattern, &[])
    }

    /// The same; a word after one of `value_options` is that option's value (`python -m venv <dir>`).
    ///
    /// # Errors
    /// As for [`CommandPattern::parse`].
    pub fn with_options(pattern: &str, value_options: &[String]) -> Result<Self, PatternError> {
        let words: Vec<&str> = pattern.split_whitespace().collect();
        if words.is_empty() {
            return Err(PatternError::Empty);
        }
        let mut parts = Vec::new();
        let mut options = Vec::new();
        let mut index = 0;
        while index < words.len() {
            let word = words[index];
            let names = match alternation(word)? {
                Some(names) if names.iter().all(|name| name.starts_with('-')) => Some(names),
                Some(_) => None,
                None if word.starts_with('-') && word.len() > 1 && word != "--" => {
                    Some(vec![word.to_string()])
                }
                None => None,
            };
            match names {
                None => parts.push(part(word)?),
                Some(names) => {
                    // `--out=<x>` and `-o <x>`: the hole is the option's value.
                    let joined = names.len() == 1
                        && names[0]
                            .split_once('=')
                            .is_some_and(|(_, value)| value.starts_with('<'));
                    let mut hole = None;
                    let mut names: Vec<(String, Option<String>)> = match names.as_slice() {
                        [single] if joined => {
                            let (name, value) = single.split_once('=').unwrap_or((single, ""));
                            match part(value)? {
                                Part::One(name) => hole = Some(name),
                                _ => return Err(PatternError::BadHole(value.to_string())),
                            }
                            vec![(name.to_string(), None)]
                        }
                        names => names
                            .iter()
                            .map(|name| {
                                name.split_once('=')
                                    .map_or((name.clone(), None), |(name, value)| {
                                        (name.to_string(), Some(value.to_string()))
                                    })
                            })
                            .collect(),
                    };
                    if !joined && names.iter().all(|(_, value)| value.is_none()) {
                        match words.get(index + 1).map(|next| part(next)) {
                            Some(Ok(Part::One(name))) => {
                                index += 1;
                                hole = Some(name);
                            }
                            Some(Ok(Part::Literal(value)))
                                if names.iter().any(|(name, _)| value_options.contains(name)) =>
                            {
                                index += 1;
                                names
                                    .iter_mut()
                                    .for_each(|name| name.1 = Some(value.clone()));
                            }
                            _ => {}
                        }
                    }
                    let value = hole.map_or(OptionValue::Any, OptionValue::Hole);
                    options.push(RequiredOption { names, value });
                }
            }
            index += 1;
        }
        let pattern = Self {
            parts,
            options,
            source: pattern.to_string(),
        };
        pattern.check()?;
        Ok(pattern)
    }

    fn check(&self) -> Result<(), PatternError> {
        let mut seen = Vec::new();
        for name in self.holes() {
            if seen.contains(&name) {
                return Err(PatternError::Twice(name));
            }
            seen.push(name);
        }
        if self
            .parts
            .iter()
            .filter(|part| matches!(part, Part::Many(_)))
            .count()
            > 1
        {
            return Err(PatternError::TwoMany(self.source.clone()));
        }
        Ok(())
    }

    /// The pattern as written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The names that the program may have; nothing where it may have any.
    pub fn programs(&self) -> &[String] {
        match self.parts.first() {
            Some(Part::Literal(name)) => std::slice::from_ref(name),
            Some(Part::Either(names, _)) => names,
            _ => &[],
        }
    }

    /// Names of the holes.
    pub fn holes(&self) -> Vec<String> {
        let parts = self.parts.iter().filter_map(|part| match part {
            Part::One(name) | Part::Many(name) | Part::Either(_, name) => name.clone(),
            _ => None,
        });
        let options = self
            .options
            .iter()
            .filter_map(|option| match &option.value {
                OptionValue::Hole(name) => name.clone(),
                _ => None,
            });
        parts.chain(options).collect()
    }

    /// Index of the word that the last fixed word before the first hole stands for (`install` of
    /// `apt-get install <pkgs...>`), in words that the pattern matches.
    pub fn last_fixed(&self, words: &[Token<'_>], value_options: &[String]) -> Option<usize> {
        let fixed = self
            .parts
            .iter()
            .take_while(|part| matches!(part, Part::Literal(_) | Part::Either(..)))
            .count();
        let split = Split::of(words, value_options);
        split
            .positional
            .get(fixed.checked_sub(1)?)
            .map(|word| word.index)
    }

    /// Matches a command's words. `value_options` are the options whose value is the next word.
    pub fn matches(&self, words: &[Token<'_>], value_options: &[String]) -> Option<Captures> {
        if !self.may_match_words(words) {
            return None;
        }
        self.matches_split(&Split::of(words, value_options))
    }

    /// Whether the subcommand, the second fixed word, is there at all: a quick test before options are told from words.
    fn may_match_words(&self, words: &[Token<'_>]) -> bool {
        let there = |name: &String| words.iter().any(|word| word.value == Some(name));
        match self.parts.get(1) {
            Some(Part::Literal(name)) => there(name),
            Some(Part::Either(names, _)) => names.iter().any(there),
            _ => true,
        }
    }

    /// Matches a command's words that are already divided.
    pub fn matches_split(&self, split: &Split<'_>) -> Option<Captures> {
        let mut captures = Captures::new();
        for option in &self.options {
            if option.repeated(&split.options) {
                continue;
            }
            let found = split
                .options
                .iter()
                .find(|candidate| option.accepts(candidate))?;
            if let OptionValue::Hole(Some(name)) = &option.value {
                let value = captured(&found.value?);
                captures.insert(name.clone(), vec![value]);
            }
        }
        match_parts(&self.parts, &split.positional, &mut captures).then_some(captures)
    }
}

#[cfg(test)]
mod tests;
