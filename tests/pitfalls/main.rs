//! The ways in which splits break images (`pitfalls.yaml`), each with cases that show what dockopt does about it, with
//! a name of a test elsewhere, or with the reason why it is left out.
#![allow(clippy::unwrap_used)]

use dockopt::engine::{Options, Outcome, optimize};
use dockopt::facts::{Context, MemoryContext, NoContext};
use dockopt::rule::RuleSet;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A way in which a split breaks an image.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pitfall {
    /// Its number, which other texts refer to.
    id: String,
    /// What goes wrong.
    trap: String,
    /// Cases that show what dockopt does.
    #[serde(default)]
    cases: Vec<Case>,
    /// Tests elsewhere: `case RULE: NAME`, `fixture NAME`, `rule ID`.
    #[serde(default)]
    shown_by: Vec<String>,
    /// Why there is no test.
    left_out: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    rule: String,
    /// Files of the build context; without this key there is none.
    files: Option<BTreeMap<String, String>>,
    dockerfile: String,
    /// Lines, or parts of lines, that the last stage of the result has.
    #[serde(default)]
    runtime: Vec<String>,
    /// What the last stage does not have.
    #[serde(default)]
    not_runtime: Vec<String>,
    /// What the build stage has.
    #[serde(default)]
    build: Vec<String>,
    /// What the summary says.
    #[serde(default)]
    says: Vec<String>,
    /// The reason code where it is refused.
    refused: Option<String>,
    /// Nothing to do.
    #[serde(default)]
    unchanged: bool,
}

fn pitfalls() -> Vec<Pitfall> {
    serde_yaml::from_str(include_str!("pitfalls.yaml")).unwrap()
}

#[test]
fn each_case_shows_what_it_says() {
    let rules = RuleSet::complete(&[]).unwrap_or_else(|errors| panic!("{errors}"));
    let mut wrong = Vec::new();
    for pitfall in pitfalls() {
        for case in &pitfall.cases {
            if let Err(message) = show(case, &rules) {
                wrong.push(format!("{} ({}): {message}", pitfall.id, pitfall.trap));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn show(case: &Case, rules: &RuleSet) -> Result<(), String> {
    let context: Box<dyn Context> = match &case.files {
        Some(files) => Box::new(
            files
                .iter()
                .map(|(path, text)| (path.as_str(), text.as_str()))
                .collect::<MemoryContext>(),
        ),
        None => Box::new(NoContext),
    };
    let options = Options {
        select: vec![case.rule.clone()],
        ..Options::default()
    };
    let outcome =
        optimize(&case.dockerfile, context.as_ref(), rules, &options).map_err(|e| e.to_string())?;
    let refused = outcome.refusals.first();
    if let Some(reason) = &case.refused {
        return match refused {
            Some(refusal) if refusal.reason == *reason => said(case, &refusal.message),
            Some(other) => Err(format!("refused for another reason: {other:?}")),
            None => Err(format!("not refused:\n{}", outcome.text)),
        };
    }
    if let Some(refusal) = refused {
        return Err(format!("refused: {refusal:?}"));
    }
    if case.unchanged {
        return match outcome.changed() {
            true => Err(format!("changed:\n{}", outcome.text)),
            false => Ok(()),
        };
    }
    if !outcome.changed() {
        return Err("nothing changes".into());
    }
    said(case, &summary(&outcome))?;
    stages(case, &outcome)
}

fn said(case: &Case, text: &str) -> Result<(), String> {
    match case.says.iter().find(|part| !text.contains(part.as_str())) {
        Some(part) => Err(format!("`{part}` is not said in:\n{text}")),
        None => Ok(()),
    }
}

fn summary(outcome: &Outcome) -> String {
    let changes = outcome.changes.iter();
    changes
        .flat_map(|change| {
            let evidence = change
                .evidence
                .iter()
                .map(|evidence| evidence.text.as_str());
            let risk = change.risk.as_deref();
            evidence
                .chain(change.assumptions.iter().map(String::as_str))
                .chain(risk)
                .collect::<Vec<_>>()
        })
        .collect::<Vec<_>>()
        .join("\n")
}

fn stages(case: &Case, outcome: &Outcome) -> Result<(), String> {
    let at = outcome.text.rfind("FROM ").unwrap_or(0);
    let (build, runtime) = outcome.text.split_at(at);
    let lacks = |text: &str, part: &String| !text.contains(part.as_str());
    if let Some(part) = case.runtime.iter().find(|part| lacks(runtime, part)) {
        return Err(format!("the runtime lacks `{part}`:\n{}", outcome.text));
    }
    if let Some(part) = case.build.iter().find(|part| lacks(build, part)) {
        return Err(format!("the build lacks `{part}`:\n{}", outcome.text));
    }
    match case.not_runtime.iter().find(|part| !lacks(runtime, part)) {
        Some(part) => Err(format!("the runtime has `{part}`:\n{}", outcome.text)),
        None => Ok(()),
    }
}

#[test]
fn each_pitfall_has_a_test_or_a_reason() {
    let rules = RuleSet::complete(&[]).unwrap_or_else(|errors| panic!("{errors}"));
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for pitfall in pitfalls() {
        let shown = !pitfall.cases.is_empty() || !pitfall.shown_by.is_empty();
        if shown == pitfall.left_out.is_some() {
            wrong.push(format!("{}: either tests or a reason", pitfall.id));
        }
        if !seen.insert(pitfall.id.clone()) {
            wrong.push(format!("{}: twice", pitfall.id));
        }
        for name in &pitfall.shown_by {
            if !exists(name, &rules) {
                wrong.push(format!("{}: there is no `{name}`", pitfall.id));
            }
        }
        for case in &pitfall.cases {
            let expects = !case.runtime.is_empty() || !case.build.is_empty();
            if !(expects || case.refused.is_some() || case.unchanged) {
                wrong.push(format!("{}: a case that cannot fail", pitfall.id));
            }
        }
    }
    let numbers = (1..=104).map(|number| format!("P{number:02}"));
    wrong.extend(
        numbers
            .filter(|id| !seen.contains(id))
            .map(|id| format!("{id}: missing")),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a test of that name exists.
fn exists(name: &str, rules: &RuleSet) -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    match name.split_once(' ') {
        Some(("fixture", folder)) => root
            .join("fixtures")
            .join(folder)
            .join("case.yaml")
            .is_file(),
        Some(("rule", id)) => rules.rules().any(|rule| rule.id() == id),
        Some(("case", rest)) => rest.split_once(": ").is_some_and(|(id, name)| {
            let rule = rules.rules().find(|rule| rule.id() == id);
            rule.is_some_and(|rule| {
                rule.document
                    .tests
                    .iter()
                    .any(|test| test.value.name == name)
            })
        }),
        _ => false,
    }
}
