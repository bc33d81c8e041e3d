//! Rules told to a person: one in full, all in a list.

use colored::Color;
use schemars::JsonSchema;
use serde::Serialize;
use similar::ChangeTag;

use super::Theme;
use super::lines::{changes, lines};
use super::text::{level_color, name};
use super::theme::{clean, line};
use crate::engine::Level;

/// What there is to say about a rule.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RuleDescription {
    /// The rule's id.
    pub id: String,
    /// What it does, an imperative line.
    pub title: String,
    /// How sure its changes are to keep the image working.
    pub safety: Level,
    /// Why it exists (Markdown).
    pub why: String,
    /// How it can go wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<String>,
    /// Names to select it by.
    pub tags: Vec<String>,
    /// References.
    pub links: Vec<String>,
    /// An example, from its first test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<Example>,
}

/// A Dockerfile before and after a rule.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Example {
    /// What the example is about.
    pub name: String,
    /// The Dockerfile before.
    pub before: String,
    /// The Dockerfile after.
    pub after: String,
}

/// One rule in full.
pub fn explain(rule: &RuleDescription, theme: &Theme) -> String {
    let mut text = format!(
        "{}: {} [{}]\n",
        theme.label(&line(&rule.id), Color::Green),
        theme.strong(&line(&rule.title)),
        theme.paint(name(rule.safety), level_color(rule.safety)),
    );
    if !rule.why.trim().is_empty() {
        text.push_str(&format!("\n{}\n", clean(rule.why.trim())));
    }
    text.push_str(&field(
        theme,
        "Safety",
        &format!("{}: {}", name(rule.safety), contract(rule.safety)),
    ));
    if let Some(risk) = &rule.risk {
        text.push_str(&field(theme, "Risk", risk));
    }
    if let Some(example) = &rule.example {
        text.push_str(&field(theme, "Example", &example.name));
        text.push_str(&marked_lines(&example.before, &example.after, theme));
    }
    if !rule.tags.is_empty() {
        text.push_str(&field(theme, "Tags", &rule.tags.join(", ")));
    }
    if !rule.links.is_empty() {
        text.push_str(&field(theme, "See", &rule.links.join("\n     ")));
    }
    text
}

/// All rules, a line each, in columns.
pub fn list(rules: &[RuleDescription], theme: &Theme) -> String {
    let width = rules
        .iter()
        .map(|rule| rule.id.chars().count())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for rule in rules {
        let id = format!("{:width$}", line(&rule.id));
        let level = format!("{:6}", name(rule.safety));
        text.push_str(&format!(
            "{}  {}  {}\n",
            theme.label(&id, Color::Green),
            theme.paint(&level, level_color(rule.safety)),
            line(&rule.title),
        ));
    }
    text
}

/// All rules as JSON: `{"version": 1, "rules": […]}`.
pub fn list_json(rules: &[RuleDescription]) -> String {
    format!("{:#}\n", serde_json::json!({"version": 1, "rules": rules}))
}

/// A test of a rule that did not come out as the rule says.
#[derive(Clone, Copy, Debug)]
pub struct FailedCase<'a> {
    /// File and line of the case.
    pub place: &'a str,
    /// The rule's id.
    pub rule: &'a str,
    /// The name of the case.
    pub case: &'a str,
    /// What was expected and what came.
    pub message: &'a str,
    /// The text that was expected, where texts differ.
    pub expected: &'a str,
    /// The text that came, where texts differ.
    pub actual: &'a str,
}

/// The failure with the difference: `-` what the rule says, `+` what came.
pub fn failed_case(case: &FailedCase<'_>, theme: &Theme) -> String {
    let mut text = format!(
        "{} {} {}: {}\n  {}\n",
        theme.strong(&format!("{}:", line(case.place))),
        theme.label("failed", Color::Red),
        line(case.rule),
        line(case.case),
        line(case.message),
    );
    if case.expected != case.actual {
        text.push_str(&marked_lines(case.expected, case.actual, theme));
    }
    text + "\n"
}

fn field(theme: &Theme, label: &str, value: &str) -> String {
    format!(
        "\n{} {}\n",
        theme.label(&format!("{label}:"), Color::Cyan),
        clean(value.trim())
    )
}

/// What a level promises.
fn contract(level: Level) -> &'static str {
    match level {
        Level::Safe => {
            "same build result and same image contract, only smaller, cleaner or faster to build"
        }
        Level::Review => {
            "meant to run the same, but it depends on something that dockopt cannot see"
        }
        Level::Unsafe => "changes behaviour",
    }
}

/// Both texts as one with the changes marked: a Dockerfile in a test is short.
fn marked_lines(before: &str, after: &str, theme: &Theme) -> String {
    let old = lines(before);
    let new = lines(after);
    let mut text = String::new();
    let ops = changes(&old, &new);
    for change in ops.iter().flat_map(|op| op.iter_changes(&old, &new)) {
        let body = clean(change.value().trim_end_matches(['\r', '\n']));
        let marked = format!("{}{body}", change.tag());
        let marked = match change.tag() {
            ChangeTag::Equal => marked,
            ChangeTag::Delete => theme.paint(&marked, Color::Red),
            ChangeTag::Insert => theme.paint(&marked, Color::Green),
        };
        text.push_str(&format!("  {}\n", marked.trim_end()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> RuleDescription {
        RuleDescription {
            id: "pip-cache".to_owned(),
            title: "Keep pip's cache out of the image".to_owned(),
            safety: Level::Safe,
            why: "pip keeps what it downloads.\nNobody needs it again.\n".to_owned(),
            risk: None,
            tags: vec!["python".to_owned(), "size".to_owned()],
            links: vec!["https://pip.pypa.io/en/stable/topics/caching/".to_owned()],
            example: Some(Example {
                name: "requirements".to_owned(),
                before: "FROM python:3.13\nRUN pip install flask\n".to_owned(),
                after: "FROM python:3.13\nRUN pip install --no-cache-dir flask\n".to_owned(),
            }),
        }
    }

    #[test]
    fn a_rule_is_told_with_its_example() {
        insta::assert_snapshot!(explain(&rule(), &Theme::plain()), @"
        pip-cache: Keep pip's cache out of the image [safe]

        pip keeps what it downloads.
        Nobody needs it again.

        Safety: safe: same build result and same image contract, only smaller, cleaner or faster to build

        Example: requirements
           FROM python:3.13
          -RUN pip install flask
          +RUN pip install --no-cache-dir flask

        Tags: python, size

        See: https://pip.pypa.io/en/stable/topics/caching/
        ");
    }

    #[test]
    fn a_list_has_columns() {
        let other = RuleDescription {
            id: "x".to_owned(),
            safety: Level::Unsafe,
            ..rule()
        };
        assert_eq!(
            list(&[rule(), other], &Theme::plain()),
            "pip-cache  safe    Keep pip's cache out of the image\nx          unsafe  Keep pip's cache out of the image\n"
        );
    }

    #[test]
    fn a_list_for_programs_is_versioned() {
        let text = list_json(&[rule()]);
        assert!(
            text.starts_with("{\n  \"version\": 1,\n  \"rules\": ["),
            "{text}"
        );
        assert!(!text.contains("\"risk\""), "{text}");
    }
}
