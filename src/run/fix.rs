//! `dockopt fix`: one way for a diff, a check and a write.

use std::mem::ManuallyDrop;

use dockopt::report::{self, Detail, FileReport, Location, Report};

use super::rewrite::report;
use super::settings::Settings;
use super::streams::Streams;
use super::{Failure, Status, save};
use crate::cli::{Fix, Format};

/// Rewrites what the command line names, then shows or writes the result.
pub fn fix(fix: &Fix, streams: &Streams) -> Result<Status, Failure> {
    if fix.write && fix.format.is_some() && fix.paths.iter().any(|path| path.as_os_str() == "-") {
        let message = "standard output cannot hold both the Dockerfile and a report";
        return Err(Failure::new(message).help("leave out --format, or --write"));
    }
    // The process ends with the rules: taking them apart one by one would only cost time.
    let settings = ManuallyDrop::new(Settings::load(&fix.selection)?);
    let mut report = report(&fix.paths, &fix.selection, &settings, streams)?;
    if fix.write {
        save::save(&mut report);
    }
    streams.print(&output(fix, &report, streams))?;
    if fix.format != Some(Format::Text) {
        streams.tell(&report::summary(&report, detail(fix), &streams.err));
    }
    Ok(status(&report))
}

/// What goes to standard output.
fn output(fix: &Fix, report: &Report, streams: &Streams) -> String {
    match fix.format {
        None if fix.write => filtered(report),
        None if fix.check => String::new(),
        None | Some(Format::Diff) => report::diff(report, &streams.out),
        Some(Format::Text) => report::summary(report, fix.talk.detail(), &streams.out),
        Some(Format::Json) => report::json(report),
        Some(Format::Github) => report::github(report),
        Some(Format::Sarif) => report::sarif(report),
        Some(Format::Markdown) => report::markdown(report),
    }
}

/// The Dockerfile that came from standard input, rewritten or as it was.
fn filtered(report: &Report) -> String {
    let stdin = report
        .files
        .iter()
        .find(|file| file.location == Location::Stdin);
    stdin
        .and_then(FileReport::outcome)
        .map(|outcome| outcome.text.clone())
        .unwrap_or_default()
}

/// How much the summary on standard error tells: beside a report for programs, errors alone.
fn detail(fix: &Fix) -> Detail {
    match (fix.format, fix.talk.detail()) {
        (None | Some(Format::Diff), detail) => detail,
        (Some(_), Detail::Verbose) => Detail::Verbose,
        (Some(_), _) => Detail::Errors,
    }
}

fn status(report: &Report) -> Status {
    let totals = report.totals();
    if totals.errors > 0 {
        Status::Failed
    } else if totals.changed > 0 && !report.written {
        Status::Pending
    } else {
        Status::Done
    }
}
