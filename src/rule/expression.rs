//! A regular expression of a rule, compiled when it is first tried.

use crate::regular::Regular;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::sync::OnceLock;

/// A regular expression. Compiling one takes longer than a rewrite, so that it waits until a rule asks.
#[derive(Clone, Debug, Default)]
pub struct Expression {
    text: String,
    regex: OnceLock<Option<Regular>>,
}

impl Expression {
    /// As written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it matches anywhere in the value. One that does not compile matches nothing; loading a rule has said so.
    pub fn is_match(&self, value: &str) -> bool {
        self.regular().is_some_and(|regex| regex.is_match(value))
    }

    /// The first group of the first match; empty where it takes no part. Nothing where nothing matches.
    pub fn group(&self, value: &str) -> Option<String> {
        self.regular()?.group(value)
    }

    fn regular(&self) -> Option<&Regular> {
        let regular = || Regular::new(&self.text, false).ok();
        self.regex.get_or_init(regular).as_ref()
    }

    /// What is wrong with it.
    ///
    /// # Errors
    /// The message of the regular expressions' parser.
    pub fn validate(&self) -> Result<(), String> {
        Regular::new(&self.text, false)?.compile().map(drop)
    }
}

impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self {
            text: String::deserialize(deserializer)?,
            regex: OnceLock::new(),
        })
    }
}

impl JsonSchema for Expression {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        String::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}
