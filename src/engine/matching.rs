//! Where a rule matches in a stage.

use super::index::{Index, Place};
use crate::facts::Context;
use crate::model::{Effect, StageModel};
use crate::rule::commands::{base_name, tokens};
use crate::rule::pattern::{Captured, Captures, CommandPattern, InstructionPattern, Split, Token};
use crate::rule::template::Values;
use crate::rule::{Later, Matcher, Rule, RuleSet};
use crate::syntax::{CommandLine, Data, Instruction, Keyword};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

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
    /// Where its programs and instructions stand.
    pub index: Index<'m>,
    /// The rules, for what is known of commands' options.
    pub rules: &'a RuleSet,
    /// The build context.
    pub context: &'m dyn Context,
    /// Where a pattern, known by its address in the rules, was found.
    found: RefCell<HashMap<(*const Matcher, bool), Places>>,
    /// The words of commands, divided into options and the rest.
    splits: RefCell<HashMap<Place, Rc<Split<'m>>>>,
}

/// The places that a pattern matches, with what its holes stand for.
type Places = Rc<[(Target, Captures)]>;

impl<'m, 'a> Stage<'m, 'a> {
    /// A stage, seen by rules that outlive it.
    pub fn new(model: &'m StageModel<'a>, rules: &'a RuleSet, context: &'m dyn Context) -> Self {
        Self {
            model,
            index: Index::of(model),
            rules,
            context,
            found: RefCell::default(),
            splits: RefCell::default(),
        }
    }

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
            for (target, captures) in self.places(matcher, false).iter() {
                if !places.iter().any(|(known, _)| known == target) {
                    places.push((*target, captures.clone()));
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
        let places = self.places(next, false);
        let mut places = places.iter();
        let (target, captures) = places.find(|(target, _)| target.instruction == after)?;
        found.steps.insert("next".into(), *target);
        Some(found.with(captures.clone()))
    }

    fn steps_of(&self, rule: &Rule) -> Option<Match> {
        let mut found = Match::default();
        for step in &rule.steps {
            match self.places(&step.matcher, false).first() {
                Some((target, captures)) => {
                    found.steps.insert(step.name.clone(), *target);
                    found = found.with(captures.clone());
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
            let places = self.places(&later.line, true);
            let mut after = places.iter().filter(|(target, _)| Some(*target) > last);
            after.any(|(target, _)| {
                !later.unless.iter().any(|matcher| one(matcher, *target))
                    && !later
                        .unless_before
                        .iter()
                        .any(|matcher| self.before(matcher, *target))
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
    fn places(&self, matcher: &Matcher, wrapped: bool) -> Places {
        let key = (std::ptr::from_ref(matcher), wrapped);
        if let Some(known) = self.found.borrow().get(&key) {
            return known.clone();
        }
        let places: Places = match matcher {
            Matcher::Instruction(pattern) => self.instructions(pattern).into(),
            Matcher::Command(pattern) => self.commands(pattern, wrapped).into(),
        };
        self.found.borrow_mut().insert(key, places.clone());
        places
    }

    fn instructions(&self, pattern: &InstructionPattern) -> Vec<(Target, Captures)> {
        let mut places = Vec::new();
        for index in self.index.instructions(&pattern.keyword) {
            let instruction = &self.model.file.instructions[index];
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
                    value: (!word.contains('$')).then_some(word.as_ref()),
                    raw: word,
                    index,
                })
                .collect();
            if let Some(captures) = pattern.matches(&flags, &tokens) {
                let target = Target {
                    instruction: index,
                    command: None,
                };
                places.push((target, captures));
            }
        }
        places
    }

    fn commands(&self, pattern: &CommandPattern, wrapped: bool) -> Vec<(Target, Captures)> {
        let mut places: Vec<(Target, Captures)> = Vec::new();
        for place in self.index.candidates(pattern) {
            let step = &self.model.steps[place.step];
            let target = Target {
                instruction: step.index,
                command: Some(place.command),
            };
            let known = places.last().is_some_and(|(last, _)| *last == target);
            if known || place.first > 0 && !wrapped {
                continue;
            }
            let split = self.split(place);
            if let Some(captures) = split.and_then(|split| pattern.matches_split(&split)) {
                places.push((target, captures));
            }
        }
        places
    }

    /// The words of a command from a program on, divided.
    fn split(&self, place: Place) -> Option<Rc<Split<'m>>> {
        if let Some(known) = self.splits.borrow().get(&place) {
            return Some(known.clone());
        }
        let model: &'m StageModel<'a> = self.model;
        let Effect::Run(run) = &model.steps[place.step].effect else {
            return None;
        };
        let words = run.script.commands[place.command]
            .words
            .get(place.first..)?;
        let name = base_name(words.first()?.value.as_deref()?);
        let options = self.rules.commands.value_options(name);
        let split = Rc::new(Split::of(&tokens(words, name), options));
        self.splits.borrow_mut().insert(place, split.clone());
        Some(split)
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
fn words(instruction: &Instruction) -> Vec<Cow<'_, str>> {
    fn texts(words: &[crate::syntax::Word]) -> Vec<Cow<'_, str>> {
        words.iter().map(|word| word.text().into()).collect()
    }
    match &instruction.data {
        Data::From { image, alias } => {
            let mut words = vec![image.text().into()];
            if let Some(alias) = alias {
                words.extend(["AS".into(), alias.text().into()]);
            }
            words
        }
        Data::Transfer { sources, dest, .. } => {
            let all = sources.iter().chain(std::iter::once(dest));
            all.map(|word| word.text().into()).collect()
        }
        Data::Words { words, .. } => texts(words),
        Data::Command(CommandLine::Exec(words)) | Data::Shell(words) => texts(words),
        Data::Pairs { pairs, .. } => pairs
            .iter()
            .map(|pair| match &pair.value {
                Some(value) => format!("{}={}", pair.key.text(), value.text()).into(),
                None => pair.key.text().into(),
            })
            .collect(),
        _ => {
            let words = instruction.text.text.split_whitespace();
            words.map(Cow::Borrowed).collect()
        }
    }
}
