//! What is told of one file: its changes, refusals and errors.

use std::fmt::Write;

use colored::Color;

use super::super::theme::{clean, line};
use super::super::{FileReport, Problem};
use super::Writer;
use super::words::{count, first_sentence, level, names, source};
use crate::engine::{Change, Evidence, Finding, HeldBack, Outcome, Refusal};

impl Writer<'_> {
    pub(super) fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// An empty line between blocks, never two and never the first.
    fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    fn field(&mut self, name: &str, value: &str) {
        let name = self.theme.label(&format!("{name}:"), Color::Cyan);
        self.line(&format!("  {name} {value}"));
    }

    pub(super) fn details(&mut self, file: &FileReport, outcome: &Outcome) {
        let place = clean(&file.location.shown());
        for change in &outcome.changes {
            self.gap();
            self.change(&place, file, change);
        }
        for finding in &outcome.findings {
            self.gap();
            self.finding(&place, file, finding);
        }
        // Rules that stop at the same place for the same reason are told together.
        let alike = |one: &Refusal, other: &Refusal| {
            (one.line, one.column, &one.message) == (other.line, other.column, &other.message)
                && (&one.reason, &one.allow) == (&other.reason, &other.allow)
        };
        for refusals in outcome.refusals.chunk_by(alike) {
            self.gap();
            self.refusal(&place, refusals);
        }
        if self.verbose && !outcome.held_back.is_empty() {
            self.gap();
            for held in &outcome.held_back {
                self.held(&place, held);
            }
        }
    }

    fn change(&mut self, place: &str, file: &FileReport, change: &Change) {
        let head = format!(
            "{} {}: {} [{}]",
            self.theme.strong(&format!("{place}:{}:", change.line)),
            self.theme.label(&line(&change.rule), Color::Green),
            line(&change.title),
            level(change.level, self.theme),
        );
        self.line(&head);
        self.reasons(file, &change.why, &change.evidence);
        for assumption in &change.assumptions {
            self.field("assumed", &line(assumption));
        }
        if let Some(risk) = change
            .risk
            .as_deref()
            .filter(|risk| !risk.trim().is_empty())
        {
            self.field("risk", &line(risk));
        }
        self.links(&change.links);
    }

    /// Why something is told, and what was read.
    fn reasons(&mut self, file: &FileReport, why: &str, evidence: &[Evidence]) {
        if self.verbose {
            self.paragraphs("why", why);
        } else if !why.trim().is_empty() {
            self.field("why", &first_sentence(why));
        }
        for evidence in evidence {
            let from = evidence.source.as_ref().map(|at| source(file, at));
            let from = from.map(|at| self.theme.dim(&format!(" ({at})")));
            let text = line(&evidence.text) + from.as_deref().unwrap_or_default();
            self.field("evidence", &text);
        }
    }

    fn links(&mut self, links: &[String]) {
        if self.verbose {
            for link in links {
                self.field("see", &line(link));
            }
        }
    }

    /// A field of several paragraphs, each on a line of its own.
    fn paragraphs(&mut self, name: &str, markdown: &str) {
        let mut paragraphs = markdown
            .split("\n\n")
            .map(line)
            .filter(|paragraph| !paragraph.is_empty());
        if let Some(first) = paragraphs.next() {
            self.field(name, &first);
        }
        for paragraph in paragraphs {
            self.line(&format!("    {paragraph}"));
        }
    }

    fn finding(&mut self, place: &str, file: &FileReport, finding: &Finding) {
        let head = format!(
            "{} {} {}: {}",
            self.theme
                .strong(&format!("{place}:{}:{}:", finding.line, finding.column)),
            self.theme.label("found", Color::Yellow),
            line(&finding.rule),
            line(&finding.message),
        );
        self.line(&head);
        self.reasons(file, &finding.why, &finding.evidence);
        if !finding.help.trim().is_empty() {
            self.field("help", &line(&finding.help));
        }
        self.links(&finding.links);
    }

    fn refusal(&mut self, place: &str, refusals: &[Refusal]) {
        let Some(refusal) = refusals.first() else {
            return;
        };
        let rules: Vec<String> = refusals.iter().map(|refusal| line(&refusal.rule)).collect();
        let head = format!(
            "{} {} {}: {} [{}]",
            self.theme
                .strong(&format!("{place}:{}:{}:", refusal.line, refusal.column)),
            self.theme.label("refused", Color::Yellow),
            rules.join(", "),
            line(&refusal.message),
            line(&refusal.reason),
        );
        self.line(&head);
        if !refusal.allow.trim().is_empty() {
            self.field("help", &line(&refusal.allow));
        }
    }

    fn held(&mut self, place: &str, held: &HeldBack) {
        let head = format!(
            "{} held back {}: {} [{}]",
            self.theme.strong(&format!("{place}:{}:", held.line)),
            line(&held.rule),
            line(&held.title),
            level(held.level, self.theme),
        );
        self.line(&head);
    }

    pub(super) fn problem(&mut self, place: Option<&str>, problem: &Problem) {
        let mut head = String::new();
        if let Some(place) = place {
            let mut place = clean(place);
            for number in [problem.line, problem.column]
                .into_iter()
                .map_while(|number| number)
            {
                let _ = write!(place, ":{number}");
            }
            head = format!("{} ", self.theme.strong(&format!("{place}:")));
        }
        head.push_str(&self.theme.label("error:", Color::Red));
        self.line(&format!("{head} {}", line(&problem.message)));
        for snippet in problem.snippet.iter().flat_map(|snippet| snippet.lines()) {
            self.line(&format!("  {}", clean(snippet)));
        }
        if let Some(help) = &problem.help {
            self.field("help", &line(help));
        }
    }

    pub(super) fn one_line(&mut self, file: &FileReport, outcome: &Outcome) {
        let mut parts = Vec::new();
        if !outcome.changes.is_empty() {
            let rules = names(outcome.changes.iter().map(|change| change.rule.as_str()));
            parts.push(format!(
                "{} ({rules})",
                count(outcome.changes.len(), "change")
            ));
        }
        if !outcome.findings.is_empty() {
            let rules = names(outcome.findings.iter().map(|finding| finding.rule.as_str()));
            parts.push(format!("{} found ({rules})", outcome.findings.len()));
        }
        if !outcome.refusals.is_empty() {
            let reasons: Vec<String> = outcome
                .refusals
                .iter()
                .map(|refusal| format!("{}: {}", refusal.rule, refusal.reason))
                .collect();
            let reasons = names(reasons.iter().map(String::as_str));
            parts.push(format!("{} refused ({reasons})", outcome.refusals.len()));
        }
        if !parts.is_empty() {
            let place = self
                .theme
                .strong(&format!("{}:", clean(&file.location.shown())));
            self.line(&format!("{place} {}", parts.join(", ")));
        }
    }
}
