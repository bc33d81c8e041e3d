//! A command's words, divided into options and the rest.

use super::Token;
use std::borrow::Cow;

/// An option as given: `-o x`, `--out=x`, one letter of `-yqq`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenOption<'a> {
    /// Name with its dashes.
    pub name: Cow<'a, str>,
    /// Its value: a word, or a part of one.
    pub value: Option<Token<'a>>,
    /// Index of the word that it stands in.
    pub index: usize,
}

/// A command's words, divided into options and the rest.
#[derive(Clone, Debug, Default)]
pub struct Split<'a> {
    /// Words that are no options and no values of options; the program is the first.
    pub positional: Vec<Token<'a>>,
    /// Options in order.
    pub options: Vec<GivenOption<'a>>,
}

impl<'a> Split<'a> {
    /// Divides `words`. Tools that have single-dash long options (`go -ldflags`) have no clusters.
    pub fn of(words: &[Token<'a>], value_options: &[String]) -> Self {
        let clusters = !value_options
            .iter()
            .any(|option| option.len() > 2 && option.starts_with('-') && !option.starts_with("--"));
        // `make PREFIX=/opt all`: variables stand anywhere, as options do.
        let assignments = value_options.iter().any(|option| option == "NAME=VALUE");
        let takes_value = |name: &str| value_options.iter().any(|option| option == name);
        let mut split = Self::default();
        let mut words_left = words.iter();
        let mut only_positional = false;
        while let Some(word) = words_left.next() {
            let text = word.text();
            let assigned = text.split_once('=').filter(|(name, _)| {
                assignments
                    && !name.is_empty()
                    && !name.starts_with('-')
                    && !split.positional.is_empty()
            });
            if let Some((name, value)) = assigned {
                split.options.push(GivenOption {
                    name: Cow::Borrowed(name),
                    value: Some(word.part(value)),
                    index: word.index,
                });
                continue;
            }
            if only_positional
                || split.positional.is_empty()
                || text == "-"
                || !text.starts_with('-')
            {
                split.positional.push(*word);
                continue;
            }
            if text == "--" {
                only_positional = true;
                continue;
            }
            if let Some((name, value)) = text.split_once('=') {
                split.options.push(GivenOption {
                    name: Cow::Borrowed(name),
                    value: Some(word.part(value)),
                    index: word.index,
                });
            } else if takes_value(text) {
                let value = words_left.next().copied();
                split.options.push(GivenOption {
                    name: Cow::Borrowed(text),
                    value,
                    index: word.index,
                });
            } else if text.starts_with("--") || text.len() == 2 || !clusters || !text.is_ascii() {
                split.options.push(GivenOption {
                    name: Cow::Borrowed(text),
                    value: None,
                    index: word.index,
                });
            } else {
                split.cluster(word, &mut words_left, &takes_value);
            }
        }
        split
    }

    /// `-yqq` is `-y -q -q`; `-ofile` is `-o file` where `-o` takes a value.
    fn cluster(
        &mut self,
        word: &Token<'a>,
        rest: &mut std::slice::Iter<'_, Token<'a>>,
        takes_value: &dyn Fn(&str) -> bool,
    ) {
        let text = word.text();
        for (at, letter) in text.char_indices().skip(1) {
            let name = format!("-{letter}");
            if takes_value(&name) {
                let after: &'a str = &text[at + 1..];
                let value = if after.is_empty() {
                    rest.next().copied()
                } else {
                    Some(word.part(after))
                };
                self.options.push(GivenOption {
                    name: Cow::Owned(name),
                    value,
                    index: word.index,
                });
                return;
            }
            self.options.push(GivenOption {
                name: Cow::Owned(name),
                value: None,
                index: word.index,
            });
        }
    }
}
