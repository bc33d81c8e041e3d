//! The table that a lab run prints, in Markdown.

use dockopt::verify::{Build, Rebuild, Verification};

use crate::trial::Verdict;

pub const HEAD: &str = "\
| fixture | before | after | part | build | | rebuild | | behaviour |
|---|---:|---:|---:|---:|---:|---:|---:|---|";

/// One fixture. Sizes are in megabytes (10⁶ bytes), times in seconds, each before and after.
pub fn row(name: &str, verdict: &Verdict) -> String {
    let left = |what: &str| format!("| `{name}` | | | | | | | | {what} |");
    match verdict {
        Verdict::Alike(result) => figures(name, result),
        Verdict::Original(size) => {
            format!(
                "| `{name}` | {} | | | | | | | left as it is |",
                megabytes(*size)
            )
        }
        Verdict::Open(reason) => left(&format!("open: {}", first_line(reason))),
        Verdict::Skipped(reason) => left(&format!("skipped: {}", first_line(reason))),
        Verdict::Failed(failures) => {
            let first = failures.first().map_or("", String::as_str);
            left(&format!("FAILED: {}", first_line(first)))
        }
    }
}

/// What all fixtures come to.
pub fn totals(rows: &[(String, Verdict)]) -> String {
    let alike: Vec<&Verification> = rows
        .iter()
        .filter_map(|(_, verdict)| match verdict {
            Verdict::Alike(result) => Some(&**result),
            _ => None,
        })
        .collect();
    let count =
        |test: fn(&Verdict) -> bool| rows.iter().filter(|(_, verdict)| test(verdict)).count();
    let mut text = format!(
        "{} alike, {} left as they are, {} open, {} skipped, {} failed",
        alike.len(),
        count(|verdict| matches!(verdict, Verdict::Original(_))),
        count(|verdict| matches!(verdict, Verdict::Open(_))),
        count(|verdict| matches!(verdict, Verdict::Skipped(_))),
        count(|verdict| matches!(verdict, Verdict::Failed(_))),
    );
    if alike.is_empty() {
        return text;
    }
    let sizes: Vec<(u64, u64)> = alike.iter().filter_map(|result| size(result)).collect();
    let (before, after) = sizes
        .iter()
        .fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
    let mean = sizes
        .iter()
        .map(|it| it.1 as f64 / it.0 as f64)
        .sum::<f64>()
        / sizes.len() as f64;
    text.push_str(&format!(
        "\nall {}: {} MB before, {} MB after, {}; the mean part is {:.1} %",
        sizes.len(),
        megabytes(before),
        megabytes(after),
        part(before, after),
        mean * 100.0
    ));
    let rebuilds: Vec<&Rebuild> = alike
        .iter()
        .filter_map(|result| result.rebuild.as_ref())
        .collect();
    let sum =
        |side: fn(&Rebuild) -> &Build| rebuilds.iter().map(|it| side(it).seconds).sum::<f64>();
    let (before, after) = (sum(|it| &it.before), sum(|it| &it.after));
    if before > 0.0 {
        text.push_str(&format!(
            "\n{} rebuilds: {before:.1} s before, {after:.1} s after",
            rebuilds.len()
        ));
    }
    text
}

fn figures(name: &str, result: &Verification) -> String {
    let Some((before, after)) = size(result) else {
        return String::new();
    };
    let seconds = |build: Option<&Build>| {
        build
            .map(|it| format!("{:.1}", it.seconds))
            .unwrap_or_default()
    };
    // Without --no-cache a build takes as long as the cache lets it.
    let whole = |side: Option<&dockopt::verify::Side>| {
        let anew = side.filter(|side| {
            let mut steps = side.build.steps.iter();
            !steps.any(|step| step.cached && step.name.contains("] RUN "))
        });
        seconds(anew.map(|side| &side.build))
    };
    let rebuild = result.rebuild.as_ref();
    format!(
        "| `{name}` | {} | {} | {} | {} | {} | {} | {} | same{} |",
        megabytes(before),
        megabytes(after),
        part(before, after),
        whole(result.before.as_ref()),
        whole(result.after.as_ref()),
        seconds(rebuild.map(|it| &it.before)),
        seconds(rebuild.map(|it| &it.after)),
        opened(result),
    )
}

fn opened(result: &Verification) -> String {
    match result.opened.as_ref().map(|opened| opened.missing.len()) {
        None | Some(0) => String::new(),
        Some(missing) => format!(", {missing} opened files missing"),
    }
}

fn size(result: &Verification) -> Option<(u64, u64)> {
    Some((result.before.as_ref()?.size, result.after.as_ref()?.size))
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1e6)
}

fn part(before: u64, after: u64) -> String {
    format!("{:.1} %", after as f64 * 100.0 / before as f64)
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
