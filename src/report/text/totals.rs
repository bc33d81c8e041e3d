//! What all files come to: refusals taken together, what the level held back, the last line.

use std::collections::BTreeMap;
use std::fmt::Write;

use colored::Color;

use super::super::location::slashed;
use super::super::theme::{clean, line};
use super::super::{FileReport, Report};
use super::Writer;
use super::words::{count, name, names};
use crate::engine::{HeldBack, Level, Outcome, Refusal};

impl Writer<'_> {
    /// Refusals of one rule for one reason, from all files, most frequent first.
    pub(super) fn grouped_refusals(&mut self, report: &Report) {
        let mut groups: BTreeMap<(&str, &str), Vec<(&FileReport, &Refusal)>> = BTreeMap::new();
        for file in &report.files {
            for refusal in file.outcome().iter().flat_map(|outcome| &outcome.refusals) {
                groups
                    .entry((&refusal.rule, &refusal.reason))
                    .or_default()
                    .push((file, refusal));
            }
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_by_key(|(_, members)| std::cmp::Reverse(members.len()));
        for ((rule, reason), members) in groups {
            let Some((file, first)) = members.first() else {
                continue;
            };
            let head = format!(
                "{} {} [{}] {}, first at {}:{}:{}: {}",
                self.theme.label("refused", Color::Yellow),
                line(rule),
                line(reason),
                if members.len() == 1 {
                    "once".to_owned()
                } else {
                    format!("{} times", members.len())
                },
                clean(&file.location.shown()),
                first.line,
                first.column,
                line(&first.message),
            );
            self.line(&head);
        }
    }

    pub(super) fn held_back(&mut self, report: &Report) {
        let held: Vec<&HeldBack> = report
            .files
            .iter()
            .filter_map(FileReport::outcome)
            .flat_map(|outcome| &outcome.held_back)
            .collect();
        for wanted in [Level::Safe, Level::Review, Level::Unsafe] {
            let rules: Vec<&str> = held
                .iter()
                .filter(|held| held.level == wanted)
                .map(|held| held.rule.as_str())
                .collect();
            if !rules.is_empty() {
                let label = self.theme.label("held back:", Color::Cyan);
                let needs = if rules.len() == 1 { "needs" } else { "need" };
                let number = count(rules.len(), "change");
                self.line(&format!(
                    "{label} {number} {needs} --level {} ({})",
                    name(wanted),
                    names(rules.into_iter())
                ));
            }
        }
    }

    pub(super) fn totals(&mut self, report: &Report) {
        let totals = report.totals();
        let mut text = match &report.files[..] {
            [] => "No files".to_owned(),
            [file] => match file.outcome() {
                Some(outcome) if outcome.changed() => {
                    let made = if report.written { "Made" } else { "Would make" };
                    format!(
                        "{made} {} to {}",
                        count(totals.changes, "change"),
                        clean(&changed_files(file, outcome))
                    )
                }
                Some(_) => format!("Nothing to change in {}", clean(&file.location.shown())),
                None => return,
            },
            _ if totals.errors == totals.files => "Nothing done".to_owned(),
            _ if totals.changed == 0 => {
                format!("Nothing to change in {}", count(totals.unchanged, "file"))
            }
            _ => {
                let made = if report.written {
                    "Changed"
                } else {
                    "Would change"
                };
                let changes = count(totals.changes, "change");
                format!(
                    "{made} {} of {} files ({changes})",
                    totals.changed, totals.files
                )
            }
        };
        if totals.findings > 0 {
            let _ = write!(text, ", {} found", totals.findings);
        }
        if totals.refusals > 0 {
            let _ = write!(text, ", {} refused", totals.refusals);
        }
        if totals.errors > 0 {
            let _ = write!(text, ", {}", count(totals.errors, "error"));
        }
        text.push('.');
        let text = self.theme.strong(&text);
        self.line(&text);
    }
}

/// The Dockerfile and the files beside it that change with it.
fn changed_files(file: &FileReport, outcome: &Outcome) -> String {
    let mut names = Vec::new();
    if outcome.text != outcome.original {
        names.push(file.location.shown());
    }
    for other in &outcome.files {
        if other.before.as_deref() != Some(other.after.as_str()) {
            names.push(slashed(&file.beside(&other.path)));
        }
    }
    names.join(" and ")
}
