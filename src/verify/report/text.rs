//! Text for a person.

use std::fmt::Write;

use colored::Color;

use super::figures::{bar, megabytes, percent, seconds, thousands};
use crate::report::{Theme, clean, counted, one_line};
use crate::verify::{Build, Comparison, Layer, Missing, Rebuild, Side, Verdict, Verification};

/// Layers smaller than this are told together, as a part of the image.
const SMALL: u64 = 100;
/// As many groups of paths are shown.
const GROUPS: usize = 10;
/// As many new or opened files are shown.
const FILES: usize = 10;

/// Everything about one Dockerfile, ready to print; `verbose` shows every path that is known.
pub fn text(result: &Verification, verbose: bool, theme: &Theme) -> String {
    let mut text = heading(result, theme);
    match (&result.before, &result.after) {
        (Some(before), Some(after)) => {
            sizes(before, after, theme, &mut text);
            times(before, after, result.rebuild.as_ref(), theme, &mut text);
        }
        (Some(before), None) => {
            let build = seconds(before.build.seconds);
            let _ = writeln!(
                text,
                "\n  the original has {}, built in {build}",
                megabytes(before.size)
            );
        }
        (None, _) => {}
    }
    if let Some(gone) = result.gone.as_ref().filter(|gone| gone.files > 0) {
        let shown = if verbose { usize::MAX } else { GROUPS };
        missing("went away", gone, shown, theme, &mut text);
    }
    if let Some(new) = result.new.as_ref().filter(|new| new.files > 0) {
        let shown = if verbose { usize::MAX } else { 3 };
        missing("came new", new, shown, theme, &mut text);
    }
    if result.after.is_some() {
        configuration(result, theme, &mut text);
    }
    behaviour(result, theme, &mut text);
    opened(result, verbose, theme, &mut text);
    end(result, theme, &mut text);
    // A container may write anything, and a person looks at it.
    if theme.cleans() {
        text
    } else {
        text.replace('\u{1b}', "^[")
    }
}

fn heading(result: &Verification, theme: &Theme) -> String {
    let path = theme.strong(&one_line(&result.path));
    match &result.engine {
        Some(engine) => format!("{path} {}\n", theme.dim(&format!("({})", one_line(engine)))),
        None => format!("{path}\n"),
    }
}

fn section(title: &str, theme: &Theme, text: &mut String) {
    let _ = writeln!(text, "\n{}", theme.strong(title));
}

fn sizes(before: &Side, after: &Side, theme: &Theme, text: &mut String) {
    section("size", theme, text);
    let whole = before.size.max(after.size);
    for (name, side, color) in [
        ("before", before, Color::Yellow),
        ("after", after, Color::Green),
    ] {
        let bar = theme.paint(&bar(side.size, whole), color);
        let part = match name {
            "after" => percent(after.size, before.size),
            _ => String::new(),
        };
        let line = format!("  {name:<8} {:>11}  {bar} {part}", megabytes(side.size));
        let _ = writeln!(text, "{}", line.trim_end());
    }
    for (name, side) in [("before", before), ("after", after)] {
        if !side.layers.is_empty() {
            section(&format!("layers {name}"), theme, text);
            layers(&side.layers, side.size, theme, text);
        }
    }
}

fn layers(layers: &[Layer], size: u64, theme: &Theme, text: &mut String) {
    let (large, small): (Vec<&Layer>, Vec<&Layer>) =
        layers.iter().partition(|layer| layer.size * SMALL >= size);
    for layer in large {
        let bar = theme.dim(&bar(layer.size, size));
        // An image that was imported does not remember.
        let made_by = match layer.made_by.as_str() {
            "" => theme.dim("no record"),
            made_by => shortened(made_by, 60),
        };
        let _ = writeln!(
            text,
            "           {:>11}  {bar} {made_by}",
            megabytes(layer.size)
        );
    }
    if !small.is_empty() {
        let bytes = small.iter().map(|layer| layer.size).sum();
        let bar = theme.dim(&bar(bytes, size));
        let count = counted(small.len(), "smaller layer");
        let _ = writeln!(text, "           {:>11}  {bar} {count}", megabytes(bytes));
    }
}

fn times(before: &Side, after: &Side, rebuild: Option<&Rebuild>, theme: &Theme, text: &mut String) {
    section("time", theme, text);
    let mut line = |what: &str, before: &Build, after: &Build, rest: String| {
        let one = |build: &Build| {
            let cached = match build.cached() {
                (0, _) => String::new(),
                (cached, all) => format!(" ({cached} of {all} steps cached)"),
            };
            format!("{}{cached}", seconds(build.seconds))
        };
        let _ = writeln!(text, "  {what:<8} {} → {}{rest}", one(before), one(after));
    };
    line("build", &before.build, &after.build, String::new());
    if let Some(Rebuild {
        file,
        before,
        after,
    }) = rebuild
    {
        let after_change = format!(", after a change to {}", one_line(file));
        line("rebuild", before, after, after_change);
    }
}

fn missing(title: &str, missing: &Missing, most: usize, theme: &Theme, text: &mut String) {
    let files = counted(missing.files, "file");
    section(
        &format!("{title}: {} in {files}", megabytes(missing.bytes)),
        theme,
        text,
    );
    for group in missing.groups.iter().take(most) {
        let files = match group.files {
            1 => String::new(),
            files => theme.dim(&format!("  {} files", thousands(files as u64))),
        };
        let _ = writeln!(
            text,
            "           {:>11}  {}{files}",
            megabytes(group.bytes),
            one_line(&group.path)
        );
    }
    let shown: u64 = missing
        .groups
        .iter()
        .take(most)
        .map(|group| group.bytes)
        .sum();
    let files: usize = missing
        .groups
        .iter()
        .take(most)
        .map(|group| group.files)
        .sum();
    if missing.files > files {
        let rest = theme.dim(&format!(
            "{} more files",
            thousands((missing.files - files) as u64)
        ));
        let _ = writeln!(
            text,
            "           {:>11}  {rest}",
            megabytes(missing.bytes - shown)
        );
    }
}

fn configuration(result: &Verification, theme: &Theme, text: &mut String) {
    section("configuration", theme, text);
    if result.configuration.is_empty() {
        let _ = writeln!(text, "  the same");
    }
    for it in &result.configuration {
        let mark = match &it.declared_by {
            Some(rule) => theme.dim(&format!("  declared by {rule}")),
            None => theme.label("  differs", Color::Red),
        };
        let _ = writeln!(
            text,
            "  {}{mark}",
            shortened(&it.difference.to_string(), 120)
        );
    }
}

fn behaviour(result: &Verification, theme: &Theme, text: &mut String) {
    if result.behaviour.is_empty() {
        return;
    }
    section("behaviour", theme, text);
    for check in &result.behaviour {
        let what = one_line(&check.what);
        let before = one_line(&check.before);
        let line = match (check.result, &check.after) {
            (Comparison::Differs | Comparison::Varies | Comparison::Times, Some(after)) => {
                let mark = match check.result {
                    Comparison::Differs => theme.label("differs", Color::Red),
                    Comparison::Times => {
                        theme.paint("the same but for times or the build's name", Color::Yellow)
                    }
                    _ => theme.paint("varies from run to run", Color::Yellow),
                };
                format!(
                    "{what}  {mark}\n    before: {before}\n    after:  {}",
                    one_line(after)
                )
            }
            (Comparison::Same, _) => {
                format!("{what}  {}  {before}", theme.paint("same", Color::Green))
            }
            _ => format!("{what}  {before}"),
        };
        let _ = writeln!(text, "  {line}");
    }
}

fn opened(result: &Verification, verbose: bool, theme: &Theme, text: &mut String) {
    let Some(opened) = &result.opened else { return };
    section("files that the program opens", theme, text);
    if let Some(reason) = &opened.unknown {
        let _ = writeln!(text, "  not known: {}", one_line(reason));
    } else if opened.missing.is_empty() {
        let _ = writeln!(
            text,
            "  none of {} is missing",
            thousands(opened.opened as u64)
        );
    } else {
        let (missing, all) = (opened.missing.len(), opened.opened);
        let _ = writeln!(text, "  missing, {missing} of {}:", thousands(all as u64));
        let most = if verbose { usize::MAX } else { FILES };
        for path in opened.missing.iter().take(most) {
            let _ = writeln!(text, "    {}", one_line(path));
        }
        if missing > most {
            let _ = writeln!(
                text,
                "    {}",
                theme.dim(&format!("and {} more", missing - most))
            );
        }
    }
}

/// Warnings, failures, and the verdict.
fn end(result: &Verification, theme: &Theme, text: &mut String) {
    text.push('\n');
    for warning in &result.warnings {
        let label = theme.label("warning:", Color::Yellow);
        let _ = writeln!(text, "{label} {}", clean(warning));
    }
    for finding in &result.failures {
        let about = serde_json::to_value(finding.about).unwrap_or_default();
        let label = theme.label("failed:", Color::Red);
        let about = about.as_str().unwrap_or_default();
        let _ = writeln!(text, "{label} {about}: {}", clean(&finding.message));
        for line in finding.log.iter().flat_map(|log| log.lines()) {
            let _ = writeln!(text, "  {} {}", theme.dim("|"), clean(line));
        }
    }
    if let Some(reason) = &result.reason {
        let label = theme.label("not compared:", Color::Yellow);
        let mut lines = reason.lines();
        let _ = writeln!(text, "{label} {}", clean(lines.next().unwrap_or_default()));
        for line in lines {
            let _ = writeln!(text, "  {} {}", theme.dim("|"), clean(line));
        }
    }
    let verdict = match result.verdict {
        Verdict::Unchanged => "Nothing to change.".to_string(),
        Verdict::Same => theme.label("Everything holds.", Color::Green),
        Verdict::Incomparable => theme.label("Not everything could be compared.", Color::Yellow),
        Verdict::Different => {
            let does = if result.failures.len() == 1 {
                "does"
            } else {
                "do"
            };
            let count = counted(result.failures.len(), "thing");
            theme.label(&format!("{count} {does} not hold."), Color::Red)
        }
    };
    let _ = writeln!(text, "{verdict}");
}

fn shortened(text: &str, most: usize) -> String {
    let line = one_line(text);
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn a_person_sees_what_held() {
        insta::assert_snapshot!(text(&samples::same(), false, &Theme::plain()));
    }

    #[test]
    fn a_person_sees_what_does_not_hold() {
        insta::assert_snapshot!(text(&samples::different(), false, &Theme::plain()));
    }

    #[test]
    fn a_person_sees_why_nothing_is_compared() {
        insta::assert_snapshot!(text(&samples::incomparable(), false, &Theme::plain()));
        insta::assert_snapshot!(text(&samples::unchanged(), false, &Theme::plain()));
    }
}
