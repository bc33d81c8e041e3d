//! `rules/README.md` says what the rules say: made from them and from `rules/coverage.psv`.
//!
//! `UPDATE_DOCS=1 cargo test --test rules_docs` writes it anew.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use dockopt::rule::{Rule, RuleSet};

const HEAD: &str = "# The rules

Made from the rule documents and `coverage.psv` by `UPDATE_DOCS=1 cargo test --test rules_docs`.

*Safe* means the same build result and the same image contract. *Review* is meant to run the same, but depends on
something that cannot be read: `dockopt explain ID` names the risk. A *finding* is told and changes nothing.

*Files* says in how many of {all} public Dockerfiles the rule changes or finds something, in a run of its profile with the
rules before it. Those files come without their build contexts: a rule that reads one has no figure, or a smaller one than
with contexts. `cargo run --release --example corpus -- FILE.tar.gz --figures rules/figures.tsv` measures it again.
";

/// A line of `coverage.psv`.
struct Line<'a> {
    list: &'a str,
    name: &'a str,
    rules: Vec<&'a str>,
    note: &'a str,
}

fn coverage(text: &str) -> Vec<Line<'_>> {
    text.lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split('|').collect();
            let [list, name, rules, note] = cells[..] else {
                panic!("four cells: {line}");
            };
            Line {
                list,
                name,
                rules: rules.split_whitespace().collect(),
                note,
            }
        })
        .collect()
}

fn kind(rule: &Rule) -> String {
    match rule.document.verbs.is_empty() {
        true => "finding".to_string(),
        false => format!("{:?}", rule.level()).to_lowercase(),
    }
}

/// The first profile that has the rule by itself.
fn profile<'r>(rules: &'r RuleSet, rule: &Rule) -> &'r str {
    let mut entries = rules.entries().iter();
    let entry = entries.find(|entry| entry.id() == rule.id()).unwrap();
    match entry.profiles().any(|name| name == "default") {
        true => "default",
        false => entry.profiles().next().unwrap_or("none"),
    }
}

/// In how many files of the corpus a rule does something in a run of a profile, by rule and profile.
fn figures(text: &str) -> BTreeMap<(&str, &str), &str> {
    text.lines()
        .filter_map(|line| {
            let mut cells = line.split('\t');
            Some(((cells.next()?, cells.next()?), cells.next()?))
        })
        .collect()
}

fn document(rules: &RuleSet, lines: &[Line<'_>], figures: &BTreeMap<(&str, &str), &str>) -> String {
    let all = figures.get(&("*", "*")).unwrap_or(&"0");
    let mut text = HEAD.replace("{all}", all);
    for wanted in ["default", "buildkit", "strict", "style", "layered"] {
        let document = rules
            .profiles
            .iter()
            .find(|known| known.name == wanted)
            .unwrap();
        let _ = write!(text, "\n## Profile `{wanted}`\n\n{}.\n\n", document.title);
        text.push_str("| rule | level | does | files | also known as |\n|---|---|---|---:|---|\n");
        for rule in rules.rules().filter(|rule| profile(rules, rule) == wanted) {
            let known: Vec<&str> = lines
                .iter()
                .filter(|line| {
                    let names = !matches!(line.list, "Refactorings (Ksontini)" | "Cache mounts");
                    names && line.rules.contains(&rule.id())
                })
                .map(|line| line.name)
                .collect();
            let _ = writeln!(
                text,
                "| [`{}`]({}) | {} | {} | {} | {} |",
                rule.id(),
                rule.file.trim_start_matches("rules/"),
                kind(rule),
                rule.document.title,
                figures.get(&(rule.id(), wanted)).unwrap_or(&""),
                known.join(", ")
            );
        }
    }
    text.push_str(
        "\n## The field's rules\n\nWhat other tools name, and what becomes of it here. A rule that is not in the profile \
         `default` names its own.\n\n| list | rule | here | note |\n|---|---|---|---|\n",
    );
    for line in lines {
        let here: Vec<String> = line
            .rules
            .iter()
            .map(|id| {
                let rule = rules
                    .rule(id)
                    .unwrap_or_else(|| panic!("{}: no rule `{id}`", line.name));
                let profile = match profile(rules, rule) {
                    "default" => String::new(),
                    other => format!(", profile `{other}`"),
                };
                format!("`{id}` ({}{profile})", kind(rule))
            })
            .collect();
        let here = match here.is_empty() {
            true => "not done".to_string(),
            false => here.join(", "),
        };
        let _ = writeln!(
            text,
            "| {} | {} | {here} | {} |",
            line.list, line.name, line.note
        );
    }
    text
}

#[test]
fn the_tables_are_what_the_rules_say() {
    let rules = RuleSet::embedded();
    let psv = std::fs::read_to_string("rules/coverage.psv").unwrap();
    let tsv = std::fs::read_to_string("rules/figures.tsv").unwrap();
    let figures = figures(&tsv);
    for (rule, profile) in figures.keys().filter(|(rule, _)| *rule != "*") {
        assert!(
            rules.rule(rule).is_some(),
            "rules/figures.tsv: no rule `{rule}`"
        );
        assert!(
            rules.profiles.iter().any(|known| known.name == *profile),
            "rules/figures.tsv: no profile `{profile}`"
        );
    }
    let text = document(&rules, &coverage(&psv), &figures);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write("rules/README.md", &text).unwrap();
    }
    let written = std::fs::read_to_string("rules/README.md").unwrap_or_default();
    assert!(
        written == text,
        "rules/README.md is out of date: run `UPDATE_DOCS=1 cargo test --test rules_docs`"
    );
}

#[test]
fn each_listed_rule_is_done_or_has_a_reason() {
    let psv = std::fs::read_to_string("rules/coverage.psv").unwrap();
    let lines = coverage(&psv);
    let mut seen = BTreeSet::new();
    for line in &lines {
        assert!(
            seen.insert((line.list, line.name)),
            "{} stands twice",
            line.name
        );
        assert!(
            !line.rules.is_empty() || !line.note.is_empty(),
            "{}: neither a rule nor a reason",
            line.name
        );
    }
}

#[test]
fn rules_can_be_selected_by_the_names_that_people_know() {
    let rules = RuleSet::embedded();
    let psv = std::fs::read_to_string("rules/coverage.psv").unwrap();
    for line in coverage(&psv) {
        // A rule may be one part of what the other tool means; one of them carries its name.
        if matches!(line.list, "Hadolint" | "BuildKit") && !line.rules.is_empty() {
            let tagged = line.rules.iter().any(|id| {
                let tags = &rules.rule(id).unwrap().document.tags;
                tags.iter().any(|tag| tag == line.name)
            });
            assert!(tagged, "no rule has the tag {}", line.name);
        }
    }
}
