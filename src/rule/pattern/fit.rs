//! How words and options fit the places of a pattern.

use super::{Captured, Captures, GivenOption, OptionValue, Part, RequiredOption, Token};

impl RequiredOption {
    /// `-qq` stands for a letter given that often (`-qq`, `-q -q`, `-yqq`).
    pub(super) fn repeated(&self, given: &[GivenOption<'_>]) -> bool {
        self.value == OptionValue::Any
            && self.names.iter().any(|(name, value)| {
                let mut letters = name.strip_prefix('-').unwrap_or("").chars();
                let Some(letter) = letters.next().filter(|letter| *letter != '-') else {
                    return false;
                };
                let times = 1 + letters.clone().count();
                let wanted = format!("-{letter}");
                value.is_none()
                    && times > 1
                    && letters.all(|other| other == letter)
                    && given
                        .iter()
                        .filter(|option| option.name == wanted.as_str())
                        .count()
                        >= times
            })
    }

    pub(super) fn accepts(&self, option: &GivenOption<'_>) -> bool {
        let given = option.value;
        let named = self.names.iter().any(|(name, value)| {
            option.name == name.as_str()
                && value
                    .as_ref()
                    .is_none_or(|value| given.is_some_and(|given| given.value == Some(value)))
        });
        named && (self.value == OptionValue::Any || given.is_some())
    }
}

pub(super) fn match_parts(parts: &[Part], words: &[Token<'_>], captures: &mut Captures) -> bool {
    let many = parts.iter().position(|part| matches!(part, Part::Many(_)));
    let (head, tail) = match many {
        None if parts.len() != words.len() => return false,
        None => (parts, &[][..]),
        Some(at) => (&parts[..at], &parts[at + 1..]),
    };
    if words.len() < head.len() + tail.len() {
        return false;
    }
    let middle = &words[head.len()..words.len() - tail.len()];
    if !head
        .iter()
        .zip(words)
        .all(|(part, word)| match_one(part, word, captures))
    {
        return false;
    }
    if !tail
        .iter()
        .zip(&words[words.len() - tail.len()..])
        .all(|(part, word)| match_one(part, word, captures))
    {
        return false;
    }
    if let Some(Part::Many(Some(name))) = many.map(|at| &parts[at]) {
        captures.insert(name.clone(), middle.iter().map(captured).collect());
    }
    true
}

pub(super) fn captured(word: &Token<'_>) -> Captured {
    Captured {
        text: word.text().to_string(),
        literal: word.value.is_some(),
        index: word.index,
    }
}

fn match_one(part: &Part, word: &Token<'_>, captures: &mut Captures) -> bool {
    match part {
        Part::Literal(literal) => word.value == Some(literal.as_str()),
        Part::Either(names, hole) => {
            let known = word
                .value
                .is_some_and(|value| names.iter().any(|name| name == value));
            if let (true, Some(hole)) = (known, hole) {
                // A program is named as the script names it: by its path, if it does.
                let text = word.raw.to_string();
                captures.insert(
                    hole.clone(),
                    vec![Captured {
                        text,
                        ..captured(word)
                    }],
                );
            }
            known
        }
        Part::One(name) => {
            if let Some(name) = name {
                captures.insert(name.clone(), vec![captured(word)]);
            }
            true
        }
        Part::Many(_) => false,
    }
}
