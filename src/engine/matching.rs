//! Where a rule matches in a stage.

use crate::facts::Context;
use crate::model::{Effect, StageModel};
use crate::rule::pattern::{Captured, Captures, Token};
use crate::rule::template::Values;
use crate::rule::{Later, Matcher, Rule, RuleSet};
use crate::shell::Command;
use crate::syntax::{CommandLine, Data, Instruction, Keyword};
use std::collections::BTreeMap;

/// A place that a pattern matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

/// What is looked at: a stage with its FROM.
pub struct Stage<'m, 'a> {
    /// The stage.
    pub model: &'m StageModel<'a>,
    /// The rules, for what is known of commands' options.
    pub rules: &'a RuleSet,
    /// The build context.
    pub context: &'m dyn Context,
}

impl<'a> Stage<'_, 'a> {
    /// All matches of a rule, in order.
    pub fn matches(&self, rule: &Rule) -> Vec<Match> {
        if rule.each.is_empty() {
            return self
                .steps_of(rule)
                .into_iter()
                .filter(|found| self.allowed(rule, found))
                .collect();
        }
        let mut places: Vec<(Target, Captures)> = Vec::new();
        for matcher in &rule.each {
            for (target, captures) in self.places(matcher, false) {
                if !places.iter().any(|(known, _)| *known == target) {
                    places.push((target, captures));
                }
            }
        }
        places.sort_by_key(|(target, _)| (target.instruction, target.command));
        places
            .into_iter()
            .map(|(target, captures)| {
                Match {
                    steps: BTreeMap::from([("each".to_string(), target)]),
                    ..Match::default()
                }
                .with(captures)
            })
            .filter_map(|found| self.followed(rule, found))
            .filter_map(|mut found| {
                let fits = self.narrowed(&rule.document.matching, &mut found);
                (fits && self.allowed(rule, &found)).then_some(found)
            })
            .collect()
    }

    /// The match with the step `next`, where the rule asks for one.
    fn followed(&self, rule: &Rule, mut found: Match) -> Option<Match> {
        let Some(next) = &rule.next else {
            return Some(found);
        };
        let mut after = found.steps.values().max()?.instruction + 1;
        let instructions = &self.model.file.instructions;
        while rule.document.matching.next_over
            && instructions
                .get(after)
                .is_some_and(|next| is_setting(next.keyword))
        {
            after += 1;
        }
        let mut places = self.places(next, false).into_iter();
        let (target, captures) = places.find(|(target, _)| target.instruction == after)?;
        found.steps.insert("next".into(), target);
        Some(found.with(captures))
    }

    fn steps_of(&self, rule: &Rule) -> Option<Match> {
        let mut found = Match::default();
        for step in &rule.steps {
            match self.places(&step.matcher, false).into_iter().next() {
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
        let one = |matcher: &Matcher, at: Target| {
            self.places(matcher, true)
                .iter()
                .any(|(target, _)| *target == at)
        };
        if (rule.except.iter()).any(|matcher| found.steps.values().any(|&at| one(matcher, at))) {
            return false;
        }
        if !self.allowed_here(&rule.document.matching, found) {
            return false;
        }
        let somewhere =
            |group: &Vec<Matcher>| group.iter().any(|one| !self.places(one, true).is_empty());
        if !rule.with.iter().all(somewhere) {
            return false;
        }
        if rule
            .without
            .iter()
            .any(|matcher| !self.places(matcher, true).is_empty())
        {
            return false;
        }
        if !self.all_known()
            && rule
                .without_unless_known
                .iter()
                .any(|matcher| !self.places(matcher, true).is_empty())
        {
            return false;
        }
        let last = found.steps.values().max().copied();
        let here = |matcher: &Matcher| {
            self.places(matcher, true)
                .iter()
                .any(|(target, _)| Some(target.instruction) == last.map(|last| last.instruction))
        };
        if rule.without_here.iter().any(here) {
            return false;
        }
        // With a step `next`, these ask about the RUN that was matched first.
        let each = found.steps.get("each").copied().or(last);
        let after_here = |matcher: &Matcher| {
            let places = self.places(matcher, true);
            places.iter().any(|(target, _)| {
                Some(target.instruction) == each.map(|each| each.instruction)
                    && Some(*target) > each
            })
        };
        if rule.not_later_here.iter().any(after_here) {
            return false;
        }
        let before_here = |matcher: &Matcher| each.is_some_and(|each| self.before(matcher, each));
        if !rule.before_here.iter().all(before_here) {
            return false;
        }
        let follows = |matcher: &Matcher| {
            let places = self.places(matcher, true);
            places.iter().any(|(target, _)| Some(*target) > last)
        };
        if !rule.later.iter().all(follows) {
            return false;
        }
        let later = |later: &Later| {
            self.places(&later.line, true)
                .into_iter()
                .filter(|(target, _)| Some(*target) > last)
                .any(|(target, _)| {
                    !later.unless.iter().any(|matcher| one(matcher, target))
                        && !later
                            .unless_before
                            .iter()
                            .any(|matcher| self.before(matcher, target))
                })
        };
        !rule.not_later.iter().any(later)
    }

    /// Whether a pattern matches a command of the same RUN before the target.
    fn before(&self, matcher: &Matcher, at: Target) -> bool {
        self.places(matcher, true)
            .iter()
            .any(|(target, _)| target.instruction == at.instruction && *target < at)
    }

    /// Every place that a pattern matches; with `wrapped` also what `sudo`, `env` and their like run.
    fn places(&self, matcher: &Matcher, wrapped: bool) -> Vec<(Target, Captures)> {
        let mut places = Vec::new();
        match matcher {
            Matcher::Instruction(pattern) => {
                let file = self.model.file;
                let from = file.stages[self.model.stage].from;
                let steps = self.model.steps.iter();
                let all = std::iter::once((from, &file.instructions[from]))
                    .chain(steps.map(|step| (step.index, step.instruction)));
                for (index, instruction) in all {
                    if pattern.keyword != "<_>" && instruction.keyword.as_str() != pattern.keyword {
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
                for step in &self.model.steps {
                    let Effect::Run(run) = &step.effect else {
                        continue;
                    };
                    for (at, command) in run.script.commands.iter().enumerate() {
                        let inner = command.program().filter(|first| wrapped && *first > 0);
                        let mut starts = std::iter::once(0).chain(inner);
                        if let Some(captures) =
                            starts.find_map(|first| self.command(command, first, pattern))
                        {
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
        first: usize,
        pattern: &crate::rule::pattern::CommandPattern,
    ) -> Option<Captures> {
        let words = command.words.get(first..)?;
        let program = words.first()?.value.as_deref()?;
        let name = crate::rule::commands::base_name(program);
        if !pattern.may_match(name) {
            return None;
        }
        let tokens = crate::rule::commands::tokens(words, name);
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

/// Whether an instruction only sets something for those that follow.
fn is_setting(keyword: Keyword) -> bool {
    use Keyword::{Arg, Env, Expose, Label, User, Workdir};
    matches!(keyword, Arg | Env | Expose | Label | User | Workdir)
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
