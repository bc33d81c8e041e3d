//! Programs that a command starts in turn: `tar` asks `xz`.

use super::follow::{Place, Walk};
use crate::rule::RuleSet;
use crate::shell::Command;

impl Walk<'_> {
    /// Notes the programs that a command of the start asks for.
    pub fn asks(&mut self, program: &str, command: &Command, place: &Place) {
        let words = command.words.iter().skip(1);
        let words = words.filter_map(|word| word.value.as_deref());
        let asked = asked_for(self.follow.facts.rules, program, words).into_iter();
        let asked = asked.map(|name| (name, place.via.clone()));
        self.start.asked.extend(asked);
    }
}

/// The programs that a command asks for by its words, the first of which follows its name; by the table
/// `asked-programs`.
pub fn asked_for<'w>(
    rules: &RuleSet,
    program: &str,
    words: impl Iterator<Item = &'w str> + Clone,
) -> Vec<String> {
    let Some(table) = rules.table("asked-programs") else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for row in table.rows(&[program]) {
        let (Some(wanted), Some(asked)) = (row.get("word"), row.get("program")) else {
            continue;
        };
        let mut words = words.clone().enumerate();
        let Some((_, word)) = words.find(|(at, word)| fits(wanted, word, *at == 0)) else {
            continue;
        };
        let given = match word.split_once('=') {
            Some((_, value)) => Some(value),
            None => words.next().map(|(_, word)| word),
        };
        let given = given.and_then(|given| given.split(' ').next());
        let asked = if asked == "*" { given } else { Some(asked) };
        found.extend(asked.map(str::to_string));
    }
    found
}

/// Whether a word is one that a row of the table means.
fn fits(wanted: &str, word: &str, first: bool) -> bool {
    if wanted.starts_with("--") {
        return word.split('=').next() == Some(wanted);
    }
    match wanted.strip_prefix('-') {
        Some(letter) => {
            let options = match word.strip_prefix('-') {
                Some(options) => !options.starts_with('-'),
                None => first && !word.contains(['/', '.']),
            };
            options && word.contains(letter)
        }
        None => word.ends_with(wanted),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn tar_asks_for_what_it_unpacks_with() {
        let rules = RuleSet::embedded();
        let asked = |line: &str| asked_for(&rules, "tar", line.split(' '));
        assert_eq!(asked("xJf a -C /x"), ["xz"]);
        assert_eq!(asked("-C /Jobs -xf a.tar.xz"), ["xz"]);
        assert_eq!(asked("-I pigz -xf a.tgz"), ["pigz"]);
        assert_eq!(asked("--use-compress-program=zstd -xf a"), ["zstd"]);
        assert!(asked("xzf Jobs.tgz").is_empty());
    }
}
