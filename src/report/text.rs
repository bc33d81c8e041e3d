//! What was done and why, for a person.
//!
//! Every line names its place first (`Dockerfile:6:1:`), as compilers do, so that editors and terminals can jump there.

use std::collections::BTreeMap;
use std::fmt::Write;

use colored::Color;

use super::location::slashed;
use super::theme::{clean, line};
use super::{FileReport, Problem, Report, Theme};
use crate::engine::{Change, HeldBack, Level, Outcome, Refusal};
use crate::facts::Source;

/// How much to tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Errors alone (`-qq`).
    Errors,
    /// Errors, equal refusals taken together, totals (`-q`).
    Quiet,
    /// One file: each change with its evidence. Several: one line for each.
    #[default]
    Normal,
    /// Each change of each file, with everything there is to say (`-v`).
    Verbose,
}

/// The summary of a call: changes, refusals, what was held back, totals. Ends with a newline, or is empty.
pub fn summary(report: &Report, detail: Detail, theme: &Theme) -> String {
    let mut writer = Writer {
        text: String::new(),
        theme,
        verbose: detail == Detail::Verbose,
    };
    let each = detail == Detail::Verbose || (detail == Detail::Normal && report.files.len() == 1);
    for file in &report.files {
        match &file.result {
            Err(problem) => writer.problem(Some(&file.location.shown()), problem),
            Ok(outcome) if each => writer.details(file, outcome),
            Ok(outcome) if detail == Detail::Normal => writer.one_line(file, outcome),
            Ok(_) => {}
        }
    }
    if detail == Detail::Quiet {
        writer.grouped_refusals(report);
    }
    if detail > Detail::Errors {
        let details = std::mem::take(&mut writer.text);
        writer.held_back(report);
        if detail == Detail::Normal
            && !each
            && !report.written
            && report.files.iter().any(has_details)
        {
            let label = theme.label("help:", Color::Cyan);
            writer.line(&format!(
                "{label} -v tells each change and each refusal with its reasons"
            ));
        }
        writer.totals(report);
        let gap = if details.is_empty() || writer.text.is_empty() {
            ""
        } else {
            "\n"
        };
        writer.text = details + gap + &writer.text;
    }
    writer.text
}

/// An error as a line of its own, with its lines of source and what to do.
pub fn problem(place: Option<&str>, problem: &Problem, theme: &Theme) -> String {
    let mut writer = Writer {
        text: String::new(),
        theme,
        verbose: false,
    };
    writer.problem(place, problem);
    writer.text
}

/// `1 change`, `2 changes`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// The first sentence of a Markdown text, on one line.
pub fn first_sentence(markdown: &str) -> String {
    let paragraph = markdown.trim().split("\n\n").next().unwrap_or("");
    let joined = line(paragraph);
    // A full stop ends a sentence where a capital letter follows: not in `node:22. x` or `e.g. this`.
    let end = joined
        .match_indices(". ")
        .find(|(at, _)| joined[at + 2..].starts_with(char::is_uppercase));
    match end {
        Some((at, _)) => joined[..=at].to_owned(),
        None => joined,
    }
}

/// `package.json:7`, as seen from the current folder.
pub fn source(file: &FileReport, source: &Source) -> String {
    let path = clean(&slashed(&file.beside(&source.file)));
    if source.line == 0 {
        path
    } else {
        format!("{path}:{}", source.line)
    }
}

struct Writer<'a> {
    text: String,
    theme: &'a Theme,
    verbose: bool,
}

impl Writer<'_> {
    fn line(&mut self, text: &str) {
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

    fn details(&mut self, file: &FileReport, outcome: &Outcome) {
        let place = clean(&file.location.shown());
        for change in &outcome.changes {
            self.gap();
            self.change(&place, file, change);
        }
        for refusal in &outcome.refusals {
            self.gap();
            self.refusal(&place, refusal);
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
        if self.verbose {
            self.paragraphs("why", &change.why);
        } else if !change.why.trim().is_empty() {
            self.field("why", &first_sentence(&change.why));
        }
        for evidence in &change.evidence {
            let from = evidence.source.as_ref().map(|at| source(file, at));
            let from = from.map(|at| self.theme.dim(&format!(" ({at})")));
            let text = line(&evidence.text) + from.as_deref().unwrap_or_default();
            self.field("evidence", &text);
        }
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
        if self.verbose {
            for link in &change.links {
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

    fn refusal(&mut self, place: &str, refusal: &Refusal) {
        let head = format!(
            "{} {} {}: {} [{}]",
            self.theme
                .strong(&format!("{place}:{}:{}:", refusal.line, refusal.column)),
            self.theme.label("refused", Color::Yellow),
            line(&refusal.rule),
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

    fn problem(&mut self, place: Option<&str>, problem: &Problem) {
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

    fn one_line(&mut self, file: &FileReport, outcome: &Outcome) {
        let mut parts = Vec::new();
        if !outcome.changes.is_empty() {
            let rules = names(outcome.changes.iter().map(|change| change.rule.as_str()));
            parts.push(format!(
                "{} ({rules})",
                count(outcome.changes.len(), "change")
            ));
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

    /// Refusals of one rule for one reason, from all files, most frequent first.
    fn grouped_refusals(&mut self, report: &Report) {
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

    fn held_back(&mut self, report: &Report) {
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

    fn totals(&mut self, report: &Report) {
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

fn has_details(file: &FileReport) -> bool {
    file.outcome()
        .is_some_and(|outcome| !outcome.changes.is_empty() || !outcome.refusals.is_empty())
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

/// Different names in order of first appearance, five at most.
fn names<'a>(all: impl Iterator<Item = &'a str>) -> String {
    let mut different: Vec<&str> = Vec::new();
    for name in all {
        if !different.contains(&name) {
            different.push(name);
        }
    }
    let more = different.len().saturating_sub(5);
    different.truncate(5);
    let mut text = line(&different.join(", "));
    if more > 0 {
        let _ = write!(text, ", {more} more");
    }
    text
}

/// The level's name on the command line.
pub fn name(level: Level) -> &'static str {
    match level {
        Level::Safe => "safe",
        Level::Review => "review",
        Level::Unsafe => "unsafe",
    }
}

/// The colour of a level.
pub fn level_color(level: Level) -> Color {
    match level {
        Level::Safe => Color::Green,
        Level::Review => Color::Yellow,
        Level::Unsafe => Color::Red,
    }
}

fn level(level: Level, theme: &Theme) -> String {
    theme.paint(name(level), level_color(level))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{broken, node, refused, report, unchanged};
    use super::*;

    fn plain(report: &Report, detail: Detail) -> String {
        summary(report, detail, &Theme::plain())
    }

    #[test]
    fn one_file_is_told_in_full() {
        insta::assert_snapshot!(plain(&report(vec![node()]), Detail::Normal), @r#"
        Dockerfile:1: node-split: Build in one stage, run in a slim one [review]
          why: Compilers and development dependencies stay out of the image.
          evidence: `nest build` writes `dist` (package.json:7)
          evidence: `node:22-slim` exists
          assumed: the sources read no other file at run time
          risk: A file that is read at run time and named nowhere would be missing.

        Dockerfile:3: ignore-node: Leave `node_modules` out of the build context [safe]
          why: What the context holds is sent and hashed at every build.

        Dockerfile:6:1: refused prune-dev: `npm start` needs `nest`, a development dependency [start]
          help: start the built file itself: CMD ["node", "dist/main"]

        held back: 1 change needs --level unsafe (node-alpine)
        Would make 2 changes to Dockerfile and .dockerignore, 1 refused.
        "#);
    }

    #[test]
    fn many_files_take_a_line_each() {
        let files = vec![
            node(),
            unchanged("a/Dockerfile"),
            refused("b/Dockerfile"),
            broken("c/Dockerfile"),
        ];
        insta::assert_snapshot!(plain(&report(files), Detail::Normal), @"
        Dockerfile: 2 changes (node-split, ignore-node), 1 refused (prune-dev: start)
        b/Dockerfile: 1 refused (prune-dev: start)
        c/Dockerfile:2:1: error: unknown instruction `RUNN`
          2 | RUNN true
            | ^^^^
          help: did you mean `RUN`?

        held back: 1 change needs --level unsafe (node-alpine)
        help: -v tells each change and each refusal with its reasons
        Would change 1 of 4 files (2 changes), 2 refused, 1 error.
        ");
    }

    #[test]
    fn quiet_takes_equal_refusals_together() {
        let files = vec![
            refused("a/Dockerfile"),
            node(),
            refused("b/Dockerfile"),
            unchanged("c/Dockerfile"),
        ];
        insta::assert_snapshot!(plain(&Report { written: true, ..report(files) }, Detail::Quiet), @"
        refused prune-dev [start] 3 times, first at a/Dockerfile:6:1: `npm start` needs `nest`, a development dependency

        held back: 1 change needs --level unsafe (node-alpine)
        Changed 1 of 4 files (2 changes), 3 refused.
        ");
    }

    #[test]
    fn verbose_gives_the_whole_reason_and_links() {
        let text = plain(
            &report(vec![node(), unchanged("a/Dockerfile")]),
            Detail::Verbose,
        );
        assert!(text.contains("  why: Compilers and development dependencies stay out of the image. It gets smaller.\n    Measured on a NestJS app.\n"), "{text}");
        assert!(
            text.contains("  see: https://docs.docker.com/build/building/multi-stage/\n"),
            "{text}"
        );
        assert!(
            text.contains(
                "Dockerfile:1: held back node-alpine: Move the runtime to Alpine [unsafe]\n"
            ),
            "{text}"
        );
    }

    #[test]
    fn errors_alone_stay_silent_without_errors() {
        assert_eq!(plain(&report(vec![node()]), Detail::Errors), "");
        assert_eq!(
            plain(&report(vec![unchanged("Dockerfile")]), Detail::Normal),
            "Nothing to change in Dockerfile.\n"
        );
    }

    #[test]
    fn evidence_is_found_from_the_current_folder() {
        let at = Source {
            file: "package.json".to_owned(),
            line: 7,
        };
        let api = FileReport {
            context: Some("services/api".into()),
            ..node()
        };
        assert_eq!(source(&api, &at), "services/api/package.json:7");
        assert_eq!(source(&node(), &Source { line: 0, ..at }), "package.json");
    }

    #[test]
    fn a_sentence_ends_before_a_capital_letter() {
        assert_eq!(
            first_sentence("Uses e.g. slim images. They are small."),
            "Uses e.g. slim images."
        );
        assert_eq!(
            first_sentence("No full stop\nhere\n\nMore."),
            "No full stop here"
        );
    }
}
