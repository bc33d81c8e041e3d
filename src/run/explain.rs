//! `dockopt explain`: why a rule exists, or why a file was left alone.

use std::path::Path;

use dockopt::report::{self, Detail, Example, RuleDescription};
use dockopt::rule::Rule;

use super::rewrite::report;
use super::settings::{Settings, load_complete, unknown_rule};
use super::streams::Streams;
use super::{Failure, Status};
use crate::cli::Explain;

/// Explains a rule, a file, or lists the rules.
pub fn explain(explain: &Explain, streams: &Streams) -> Result<Status, Failure> {
    let settings = Settings::load(&explain.selection)?;
    let Some(subject) = &explain.subject else {
        let rules: Vec<RuleDescription> = settings.rules.rules().map(description).collect();
        streams.print(&report::list(&rules, &streams.out))?;
        return Ok(Status::Done);
    };
    let id = subject.to_string_lossy();
    if settings.rules.rule(&id).is_some()
        && let Some(rule) = load_complete(&settings.paths)?.rule(&id)
    {
        streams.print(&report::explain(&description(rule), &streams.out))?;
        return Ok(Status::Done);
    }
    if !is_path(subject) {
        return Err(unknown_rule(&id, &settings.rules, "no rule and no file"));
    }
    let report = report(
        std::slice::from_ref(subject),
        &explain.selection,
        &settings,
        streams,
    )?;
    let failed = report.totals().errors > 0;
    streams.print(&report::summary(&report, Detail::Verbose, &streams.out))?;
    Ok(if failed { Status::Failed } else { Status::Done })
}

/// What there is to say about a rule, with the first test that changes something as its example.
pub fn description(rule: &Rule) -> RuleDescription {
    let document = &rule.document;
    let example = document.tests.iter().find_map(|test| {
        let (before, after) = (test.value.before.clone()?, test.value.after.clone()?);
        Some(Example {
            name: test.value.name.clone(),
            before,
            after,
        })
    });
    RuleDescription {
        id: rule.id().to_owned(),
        title: document.title.clone(),
        safety: rule.level(),
        why: document.why.clone(),
        risk: document.risk.clone(),
        tags: document.tags.clone(),
        links: document.links.clone(),
        example,
    }
}

/// Whether a file is meant and no rule: it is there, or it is written as a path.
fn is_path(subject: &Path) -> bool {
    subject.as_os_str() == "-" || subject.exists() || subject.components().count() > 1
}
