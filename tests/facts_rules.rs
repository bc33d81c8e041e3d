//! Facts in rule documents.
#![allow(clippy::unwrap_used)]

use std::borrow::Cow;

use dockopt::rule::{File, RuleSet};

fn errors(text: &'static str) -> String {
    // As a user's file, which is checked in full.
    let text = Cow::Owned(text.to_string());
    RuleSet::load(vec![File::new("my.yaml", text)])
        .unwrap_err()
        .to_string()
}

#[test]
fn the_regular_expressions_of_embedded_facts_are_right() {
    for (name, spec) in RuleSet::embedded().facts.all() {
        assert_eq!(spec.validate_regex(), Ok(()), "{name}");
    }
}

#[test]
fn a_wrong_fact_is_said_when_it_is_loaded_with_its_place() {
    let message = errors(
        "dockopt: 1\nfacts: my\nvalues:\n  lock: { first: [a], at: b }\n  go: { file: go.mod, regex: '(' }\n",
    );
    assert!(
        message.contains("my.yaml:4:9: the fact `lock`: `first:` gives a path"),
        "{message}"
    );
    assert!(
        message.contains("my.yaml:5:7: the fact `go`: "),
        "{message}"
    );
    assert!(message.contains("unclosed group"), "{message}");
}
