//! Every rule's own cases, and that all embedded documents load.
#![allow(clippy::unwrap_used)]

use dockopt::engine::run_cases;
use dockopt::rule::RuleSet;

#[test]
fn the_cases_of_all_rules_hold() {
    let rules = RuleSet::complete(&[]).unwrap_or_else(|errors| panic!("{errors}"));
    let report = run_cases(&rules, &|_| true);
    for failure in &report.failures {
        eprintln!(
            "{}:{} {} `{}`: {}\n--- expected\n{}\n--- actual\n{}",
            failure.file,
            failure.line,
            failure.rule,
            failure.case,
            failure.message,
            failure.expected,
            failure.actual
        );
    }
    assert!(
        report.failures.is_empty(),
        "{} cases failed",
        report.failures.len()
    );
    assert!(
        report.passed >= 2 * rules.entries().len(),
        "each rule has at least two cases"
    );
}
