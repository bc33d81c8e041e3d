//! Markdown for the text of a pull request.

use std::fmt::Write;

use super::figures::{megabytes, percent, seconds, thousands};
use crate::report::{clean, code, counted, inline};
use crate::verify::{Build, Comparison, Missing, Verdict, Verification};

/// As many groups of paths are shown.
const GROUPS: usize = 15;

/// All Dockerfiles, one after another.
pub fn markdown(results: &[Verification]) -> String {
    let sections: Vec<String> = results
        .iter()
        .map(|result| section(result, results.len() > 1))
        .collect();
    sections.join("\n")
}

fn section(result: &Verification, several: bool) -> String {
    let mut text = String::new();
    if several {
        let _ = writeln!(text, "## {}\n", code(&result.path));
    }
    let _ = writeln!(text, "{}", verdict(result));
    for finding in &result.failures {
        let _ = writeln!(text, "\n- **Failed:** {}", inline(&finding.message));
        fenced(finding.log.as_deref().unwrap_or_default(), "  ", &mut text);
    }
    for warning in &result.warnings {
        let _ = writeln!(text, "\n- **Warning:** {}", inline(warning));
    }
    table(result, &mut text);
    if let Some(gone) = result.gone.as_ref().filter(|gone| gone.files > 0) {
        let summary = format!("Went away: {}", amount(gone));
        folded(&summary, &groups(gone), &mut text);
    }
    if !result.behaviour.is_empty() {
        folded("Behaviour", &behaviour(result), &mut text);
    }
    if !result.configuration.is_empty() {
        folded("Configuration", &configuration(result), &mut text);
    }
    if let Some(opened) = result
        .opened
        .as_ref()
        .filter(|opened| !opened.missing.is_empty())
    {
        let count = counted(opened.missing.len(), "file");
        let list: String = opened
            .missing
            .iter()
            .map(|path| format!("- {}\n", code(path)))
            .collect();
        folded(
            &format!("{count} that the original opens and the rewritten image lacks"),
            &list,
            &mut text,
        );
    }
    text
}

fn verdict(result: &Verification) -> String {
    let by = result
        .engine
        .as_ref()
        .map(|engine| format!(" (built and run with {})", inline(engine)))
        .unwrap_or_default();
    match result.verdict {
        Verdict::Unchanged => "Nothing to change.".to_string(),
        Verdict::Same => format!(
            "**Everything holds**{by}: the rewritten image is configured and behaves as the original."
        ),
        Verdict::Different => format!("**The rewritten image is not as the original**{by}."),
        Verdict::Incomparable => {
            let reason = result.reason.as_deref().unwrap_or_default();
            let (first, rest) = reason.split_once('\n').unwrap_or((reason, ""));
            let mut text = format!("**Not compared**{by}: {}", inline(first));
            fenced(rest, "", &mut text);
            text.truncate(text.trim_end().len());
            text
        }
    }
}

fn table(result: &Verification, text: &mut String) {
    let (Some(before), Some(after)) = (&result.before, &result.after) else {
        return;
    };
    let _ = writeln!(text, "\n| | before | after | |\n|---|---:|---:|---|");
    let _ = writeln!(
        text,
        "| image | {} | {} | {} |",
        megabytes(before.size),
        megabytes(after.size),
        percent(after.size, before.size)
    );
    let cached = |build: &Build| {
        let (cached, all) = build.cached();
        format!("{cached} of {all}")
    };
    let mut row = |what: &str, before: &Build, after: &Build, rest: &str| {
        let cached = match before.cached().0 + after.cached().0 {
            0 => String::new(),
            _ => format!(
                "{} and {} steps from the cache{rest}",
                cached(before),
                cached(after)
            ),
        };
        let (before, after) = (seconds(before.seconds), seconds(after.seconds));
        let _ = writeln!(text, "| {what} | {before} | {after} | {cached} |");
    };
    row("build", &before.build, &after.build, "");
    if let Some(rebuild) = &result.rebuild {
        let rest = format!(", after a change to {}", code(&rebuild.file));
        row("rebuild", &rebuild.before, &rebuild.after, &rest);
    }
}

fn groups(missing: &Missing) -> String {
    let mut text = String::from("| size | files | path |\n|---:|---:|---|\n");
    for group in missing.groups.iter().take(GROUPS) {
        let path = code(&group.path).replace('|', "\\|");
        let _ = writeln!(
            text,
            "| {} | {} | {path} |",
            megabytes(group.bytes),
            thousands(group.files as u64)
        );
    }
    text
}

fn behaviour(result: &Verification) -> String {
    let mut text = String::from("| | before | after | |\n|---|---|---|---|\n");
    for check in &result.behaviour {
        let mark = match check.result {
            Comparison::Same => "same",
            Comparison::Differs => "**differs**",
            Comparison::Varies => "varies from run to run",
            Comparison::Times => "the same but for times or the build's name",
            Comparison::Alone => "",
        };
        let after = check.after.as_deref().unwrap_or_default();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {mark} |",
            inline(&check.what),
            inline(&check.before),
            inline(after)
        );
    }
    text
}

fn configuration(result: &Verification) -> String {
    let mut text = String::new();
    for it in &result.configuration {
        let mark = match &it.declared_by {
            Some(rule) => format!("declared by {}", code(rule)),
            None => "**not declared**".to_string(),
        };
        let _ = writeln!(text, "- {}: {mark}", inline(&it.difference.to_string()));
    }
    text
}

fn folded(summary: &str, body: &str, text: &mut String) {
    let _ = writeln!(
        text,
        "\n<details>\n<summary>{summary}</summary>\n\n{body}\n</details>"
    );
}

/// A block of code; what looks like its end is part of it.
fn fenced(log: &str, indent: &str, text: &mut String) {
    if log.trim().is_empty() {
        return;
    }
    let longest = log
        .lines()
        .map(|line| line.trim_start().chars().take_while(|c| *c == '`').count())
        .max();
    let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
    let _ = writeln!(text, "\n{indent}{fence}text");
    for line in log.lines() {
        let _ = writeln!(text, "{indent}{}", clean(line));
    }
    let _ = writeln!(text, "{indent}{fence}");
}

fn amount(missing: &Missing) -> String {
    format!(
        "{} in {} files",
        megabytes(missing.bytes),
        thousands(missing.files as u64)
    )
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn a_pull_request_shows_what_held() {
        insta::assert_snapshot!(markdown(&[samples::same()]));
    }

    #[test]
    fn a_pull_request_shows_what_does_not_hold() {
        insta::assert_snapshot!(markdown(&[samples::different(), samples::incomparable()]));
    }
}
