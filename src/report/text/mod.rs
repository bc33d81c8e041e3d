//! What was done and why, for a person.
//!
//! Every line names its place first (`Dockerfile:6:1:`), as compilers do, so that editors and terminals can jump there.

mod blocks;
mod totals;
mod words;

use colored::Color;

use super::{FileReport, Problem, Report, Theme};

pub use words::{count, first_sentence, level_color, name, source};

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

/// The text so far, and how it is written.
struct Writer<'a> {
    text: String,
    theme: &'a Theme,
    verbose: bool,
}

fn has_details(file: &FileReport) -> bool {
    file.outcome().is_some_and(|outcome| {
        !outcome.changes.is_empty() || !outcome.findings.is_empty() || !outcome.refusals.is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::super::samples::{broken, node, refused, report, unchanged};
    use super::*;
    use crate::facts::Source;

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

        Dockerfile:4:1: found secret-in-env: `NPM_TOKEN` looks like a secret
          why: Who has the image has the value.
          help: give it to the one RUN that needs it: --mount=type=secret

        Dockerfile:6:1: refused prune-dev: `npm start` needs `nest`, a development dependency [start]
          help: start the built file itself: CMD ["node", "dist/main"]

        held back: 1 change needs --level unsafe (node-alpine)
        Would make 2 changes to Dockerfile and .dockerignore, 1 found, 1 refused.
        "#);
    }

    #[test]
    fn rules_that_stop_at_the_same_place_are_told_together() {
        let mut file = refused("Dockerfile");
        if let Ok(outcome) = &mut file.result {
            let mut other = outcome.refusals[0].clone();
            other.rule = "split-node".to_owned();
            let mut elsewhere = other.clone();
            elsewhere.line += 1;
            outcome.refusals.extend([other, elsewhere]);
        }
        insta::assert_snapshot!(plain(&report(vec![file]), Detail::Normal), @r#"
        Dockerfile:6:1: refused prune-dev, split-node: `npm start` needs `nest`, a development dependency [start]
          help: start the built file itself: CMD ["node", "dist/main"]

        Dockerfile:7:1: refused split-node: `npm start` needs `nest`, a development dependency [start]
          help: start the built file itself: CMD ["node", "dist/main"]

        Nothing to change in Dockerfile, 3 refused.
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
        Dockerfile: 2 changes (node-split, ignore-node), 1 found (secret-in-env), 1 refused (prune-dev: start)
        b/Dockerfile: 1 refused (prune-dev: start)
        c/Dockerfile:2:1: error: unknown instruction `RUNN`
          2 | RUNN true
            | ^^^^
          help: did you mean `RUN`?

        held back: 1 change needs --level unsafe (node-alpine)
        help: -v tells each change and each refusal with its reasons
        Would change 1 of 4 files (2 changes), 1 found, 2 refused, 1 error.
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
        Changed 1 of 4 files (2 changes), 1 found, 3 refused.
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
