//! Facts by name, read once.

use crate::facts::reader::{Reader, Value};
use crate::facts::{Context, Source, Tri};
use crate::rule::RuleSet;

/// Facts of one build context.
pub struct Facts<'a> {
    /// The rules, which say how facts are read.
    pub rules: &'a RuleSet,
    /// The build context.
    pub context: &'a dyn Context,
    reader: Reader<'a>,
}

impl<'a> Facts<'a> {
    /// Nothing is read yet.
    pub fn new(rules: &'a RuleSet, context: &'a dyn Context) -> Self {
        Self {
            rules,
            context,
            reader: Reader::new(context),
        }
    }

    /// The value of a fact; `fill` gives the values of its holes.
    pub fn with(&self, fact: &str, fill: &dyn Fn(&str) -> Option<String>) -> Tri<Value> {
        match self.rules.facts.get(fact) {
            Some(spec) => spec.read(&self.reader, fill),
            None => Tri::Unknown(format!("there is no fact `{fact}`")),
        }
    }

    /// The value of a fact without holes.
    pub fn get(&self, fact: &str) -> Tri<Value> {
        self.with(fact, &|_| None)
    }

    /// The names that a fact lists, each with its source.
    pub fn names(&self, fact: &str) -> Tri<Vec<(String, Option<Source>)>> {
        self.get(fact).map(|value| {
            value
                .texts()
                .into_iter()
                .map(|(text, source)| (text.to_string(), source.cloned()))
                .collect()
        })
    }

    /// Whether a fact is there, with its first source.
    pub fn present(&self, fact: &str) -> Tri<Option<Source>> {
        self.get(fact).map(|value| {
            value
                .texts()
                .first()
                .and_then(|(_, source)| source.cloned())
        })
    }
}
