//! `dockopt rules`: list, test and begin rules.

use std::collections::HashSet;
use std::path::PathBuf;

use dockopt::engine::{CaseReport, run_cases};
use dockopt::report::{self, RuleDescription};
use dockopt::rule::{self, RuleErrors};

use super::explain::description;
use super::settings::{load_complete, load_rules};
use super::streams::Streams;
use super::{Failure, Status, manual};
use crate::cli::{ListFormat, Rules, RulesCommand, RulesList, RulesNew, RulesTest};

/// Does what is asked about rules.
pub fn rules(rules: &Rules, streams: &Streams) -> Result<Status, Failure> {
    match &rules.command {
        RulesCommand::List(arguments) => list(arguments, streams),
        RulesCommand::Test(arguments) => test(arguments, streams),
        RulesCommand::New(arguments) => new(arguments, streams),
        RulesCommand::Schema => manual::rule_schema(streams),
    }
}

fn list(arguments: &RulesList, streams: &Streams) -> Result<Status, Failure> {
    let rules = load_rules(&arguments.rules)?;
    let rules: Vec<RuleDescription> = rules.rules().map(description).collect();
    streams.print(&match arguments.format {
        ListFormat::Text => report::list(&rules, &streams.out),
        ListFormat::Json => report::list_json(&rules),
    })?;
    Ok(Status::Done)
}

fn test(arguments: &RulesTest, streams: &Streams) -> Result<Status, Failure> {
    streams.print(&warnings(&arguments.paths)?)?;
    let rules = load_complete(&arguments.paths)?;
    let files = files(&arguments.paths)?;
    let tested = |rule: &rule::Rule| arguments.paths.is_empty() || files.contains(&rule.file);
    if !rules.rules().any(tested) {
        let help = "`dockopt rules new ID` prints a rule to start from";
        return Err(Failure::new("no rule is found there").help(help));
    }
    let cases = run_cases(&rules, &tested);
    streams.print(&told(&cases, streams))?;
    Ok(if cases.failures.is_empty() {
        Status::Done
    } else {
        Status::Pending
    })
}

/// The names of the files of rules below `paths`.
fn files(paths: &[PathBuf]) -> Result<HashSet<String>, Failure> {
    let mut names = HashSet::new();
    for path in paths {
        let found = rule::read_folder(path).map_err(|error| RuleErrors(vec![error]))?;
        names.extend(found.into_iter().map(|file| file.name));
    }
    Ok(names)
}

/// Patterns that YAML reads in another way than they look, a line each.
fn warnings(paths: &[PathBuf]) -> Result<String, Failure> {
    let mut text = String::new();
    for path in paths {
        let files = rule::read_folder(path).map_err(|error| RuleErrors(vec![error]))?;
        for file in files.iter().filter(|file| !file.name.ends_with(".tsv")) {
            for trap in rule::traps(&file.text) {
                text += &format!(
                    "{}:{}:{}: warning: {}\n",
                    file.name, trap.line, trap.column, trap.message
                );
            }
        }
    }
    Ok(text)
}

fn told(cases: &CaseReport, streams: &Streams) -> String {
    let mut text = String::new();
    for failure in &cases.failures {
        let place = format!("{}:{}", failure.file, failure.line);
        let case = report::FailedCase {
            place: &place,
            rule: &failure.rule,
            case: &failure.case,
            message: &failure.message,
            expected: &failure.expected,
            actual: &failure.actual,
        };
        text.push_str(&report::failed_case(&case, &streams.out));
    }
    // The plain closing line of a test run, the same in every project.
    text + &format!("{} passed, {} failed\n", cases.passed, cases.failures.len())
}

fn new(arguments: &RulesNew, streams: &Streams) -> Result<Status, Failure> {
    let text = rule::scaffold(&arguments.id).map_err(|message| {
        Failure::new(message).help("for example `dockopt rules new apt-lists`")
    })?;
    streams.print(&text)?;
    Ok(Status::Done)
}
