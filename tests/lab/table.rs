//! The table that a lab run prints.

use std::time::Duration;

use crate::trial::{Figures, Verdict};

/// One line for each fixture, and the totals. Sizes are in megabytes (10⁶ bytes), times in seconds.
pub fn print(rows: &[(String, Verdict)]) {
    let width = rows
        .iter()
        .map(|(name, _)| name.len())
        .max()
        .unwrap_or_default();
    let head =
        columns(["before", "after", "part", "build", "rebuild", "behaviour"].map(String::from));
    println!("\n{:width$}  {head}", "fixture");
    for (name, verdict) in rows {
        println!("{name:width$}  {}", line(verdict));
    }
    let count =
        |test: fn(&Verdict) -> bool| rows.iter().filter(|(_, verdict)| test(verdict)).count();
    println!(
        "\n{} alike, {} left as they are, {} open, {} skipped, {} failed",
        count(|verdict| matches!(verdict, Verdict::Alike(_))),
        count(|verdict| matches!(verdict, Verdict::Original(_))),
        count(|verdict| matches!(verdict, Verdict::Open(_))),
        count(|verdict| matches!(verdict, Verdict::Skipped(_))),
        count(|verdict| matches!(verdict, Verdict::Failed(_))),
    );
    let sizes = rows.iter().filter_map(|(_, verdict)| match verdict {
        Verdict::Alike(figures) => Some(figures.size),
        _ => None,
    });
    let (before, after) = sizes.fold((0, 0), |sum, size| (sum.0 + size.0, sum.1 + size.1));
    if before > 0 {
        println!(
            "rewritten: {} MB before, {} MB after, {}",
            megabytes(before),
            megabytes(after),
            part(before, after)
        );
    }
}

fn line(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Alike(figures) => figured(figures),
        Verdict::Original(size) => columns([
            megabytes(*size),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            "answers; left as it is".to_string(),
        ]),
        Verdict::Open(reason) => format!("open: {}", first_line(reason)),
        Verdict::Skipped(reason) => format!("skipped: {}", first_line(reason)),
        Verdict::Failed(failures) => format!(
            "FAILED: {}",
            first_line(failures.first().map_or("", String::as_str))
        ),
    }
}

fn figured(figures: &Figures) -> String {
    let (before, after) = figures.size;
    let times = |times: Option<(Duration, Duration)>| times.map(seconds).unwrap_or_default();
    columns([
        megabytes(before),
        megabytes(after),
        part(before, after),
        times(figures.build),
        times(figures.rebuild),
        "alike".to_string(),
    ])
}

fn columns([before, after, part, build, rebuild, behaviour]: [String; 6]) -> String {
    format!("{before:>8} {after:>8} {part:>7}  {build:>13}  {rebuild:>13}  {behaviour}")
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1e6)
}

fn part(before: u64, after: u64) -> String {
    format!("{:.1} %", after as f64 * 100.0 / before as f64)
}

fn seconds((before, after): (Duration, Duration)) -> String {
    format!("{:.1} → {:.1}", before.as_secs_f64(), after.as_secs_f64())
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
