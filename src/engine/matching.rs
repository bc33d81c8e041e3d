//! Where a rule matches in a stage.

use crate::model::{Effect, Step};
use crate::rule::pattern::{Captured, Captures, Token};
use crate::rule::template::Values;
use crate::rule::{Matcher, Rule, RuleSet};
use crate::shell::Command;
use crate::syntax::{CommandLine, Data, Instruction};
use std::collections::BTreeMap;

/// A place that a pattern matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Index of the instruction; the stage's FROM included.
    pub instruction: usize,
    /// Index of the command in the RUN's script, for a command pattern.
    pub command: Option<usize>,
}

/// A match of a rule: its steps and what their holes stand for.
#[derive(Clone, Debug, Default)]
pub struct Match {
    /// Steps by name; `each` for the pattern of `each`.
    pub steps: BTreeMap<String, Target>,
    /// Captured text by hole.
    pub values: Values,
    /// Captured words by hole.
    pub captures: BTreeMap<String, Vec<Captured>>,
}

/// What is looked at: the stage's FROM and its steps.
pub struct Stage<'m, 'a> {
    /// The FROM.
    pub from: (usize, &'a Instruction),
    /// The steps.
    pub steps: &'m [Step<'a>],
    /// The rules, for what is known of commands' options.
    pub rules: &'a RuleSet,
}

impl Stage<'_, '_> {
    /// All matches of a rule, in order.
    pub fn matches(&self, rule: &Rule) -> Vec<Match> {
        let found = match &rule.each {
            Some(matcher) => self
                .places(matcher)
                .into_iter()
                .map(|(target, captures)| {
                    Match {
                        steps: BTreeMap::from([("each".to_string(), target)]),
                        ..Match::default()
                    }
                    .with(captures)
                })
                .collect(),
            None => self.steps_of(rule).into_iter().collect::<Vec<_>>(),
        };
        found
            .into_iter()
            .filter(|found| self.allowed(rule, found))
            .collect()
    }

    fn steps_of(&self, rule: &Rule) -> Option<Match> {
        let mut found = Match::default();
        for step in &rule.steps {
            match self.places(&step.matcher).into_iter().next() {
                Some((target, captures)) => {
                    found.steps.insert(step.name.clone(), target);
                    found = found.with(captures);
                }
                None if step.optional => {}
                None => return None,
            }
        }
        Some(found)
    }

    fn allowed(&self, rule: &Rule, found: &Match) -> bool {
        if rule
            .without
            .iter()
            .any(|matcher| !self.places(matcher).is_empty())
        {
            return false;
        }
        let last = found.steps.values().map(|target| target.instruction).max();
        let here = |matcher: &Matcher| {
            self.places(matcher)
                .iter()
                .any(|(target, _)| Some(target.instruction) == last)
        };
        if rule.without_here.iter().any(here) {
            return false;
        }
        let later = |matcher: &Matcher| {
            self.places(matcher)
                .iter()
                .any(|(target, _)| Some(target.instruction) > last)
        };
        !rule.not_later.iter().any(later)
    }

    /// Every place that a pattern matches.
    fn places(&self, matcher: &Matcher) -> Vec<(Target, Captures)> {
        let mut places = Vec::new();
        match matcher {
            Matcher::Instruction(pattern) => {
                let all = std::iter::once(self.from)
                    .chain(self.steps.iter().map(|step| (step.index, step.instruction)));
                for (index, instruction) in all {
                    if instruction.keyword.as_str() != pattern.keyword {
                        continue;
                    }
                    let flags: Vec<(&str, Option<&str>)> = instruction
                        .flags
                        .iter()
                        .map(|flag| (flag.name.as_str(), flag.value.as_deref()))
                        .collect();
                    let words = words(instruction);
                    let tokens: Vec<Token<'_>> = words
                        .iter()
                        .enumerate()
                        .map(|(index, word)| Token {
                            value: (!word.contains('$')).then_some(word.as_str()),
                            raw: word,
                            index,
                        })
                        .collect();
                    if let Some(captures) = pattern.matches(&flags, &tokens) {
                        places.push((
                            Target {
                                instruction: index,
                                command: None,
                            },
                            captures,
                        ));
                    }
                }
            }
            Matcher::Command(pattern) => {
                for step in self.steps {
                    let Effect::Run(run) = &step.effect else {
                        continue;
                    };
                    for (at, command) in run.script.commands.iter().enumerate() {
                        if let Some(captures) = self.command(command, pattern) {
                            places.push((
                                Target {
                                    instruction: step.index,
                                    command: Some(at),
                                },
                                captures,
                            ));
                        }
                    }
                }
            }
        }
        places
    }

    fn command(
        &self,
        command: &Command,
        pattern: &crate::rule::pattern::CommandPattern,
    ) -> Option<Captures> {
        let program = command.words.first()?.value.as_deref()?;
        let name = crate::rule::commands::base_name(program);
        let tokens = crate::rule::commands::tokens(&command.words, name);
        pattern.matches(&tokens, self.rules.commands.value_options(name))
    }
}

impl Match {
    fn with(mut self, captures: Captures) -> Self {
        for (name, words) in captures {
            let text = words
                .iter()
                .map(|word| word.text.as_str())
                .collect::<Vec<_>>()
                .join(" ");
            self.values.insert(name.clone(), text);
            self.captures.insert(name, words);
        }
        self
    }
}

/// The words of an instruction as a pattern sees them.
fn words(instruction: &Instruction) -> Vec<String> {
    let texts = |words: &[crate::syntax::Word]| {
        words
            .iter()
            .map(|word| word.text().to_string())
            .collect::<Vec<_>>()
    };
    match &instruction.data {
        Data::From { image, alias } => {
            let mut words = vec![image.text().to_string()];
            if let Some(alias) = alias {
                words.extend(["AS".to_string(), alias.text().to_string()]);
            }
            words
        }
        Data::Transfer { sources, dest, .. } => sources
            .iter()
            .chain(std::iter::once(dest))
            .map(|word| word.text().to_string())
            .collect(),
        Data::Words { words, .. } => texts(words),
        Data::Command(CommandLine::Exec(words)) | Data::Shell(words) => texts(words),
        Data::Pairs { pairs, .. } => pairs
            .iter()
            .map(|pair| match &pair.value {
                Some(value) => format!("{}={}", pair.key.text(), value.text()),
                None => pair.key.text().to_string(),
            })
            .collect(),
        _ => instruction
            .text
            .text
            .split_whitespace()
            .map(str::to_string)
            .collect(),
    }
}
