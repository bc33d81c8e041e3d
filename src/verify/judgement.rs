//! What is said of a difference: failures, which fail the verification, and warnings.

use super::behaviour::{Check, Comparison};
use super::observe::Observed;
use super::verification::{About, Finding};
use super::{BuildFailure, Plan};

/// A rewritten Dockerfile that does not build.
pub(super) fn failed_build(about: About, failure: &BuildFailure) -> Finding {
    let step = match &failure.step {
        Some(step) => format!("it fails in the step {step}"),
        None => "it fails".to_string(),
    };
    Finding {
        about,
        message: step,
        log: Some(failure.log.clone()),
    }
}

/// What the rewritten image does otherwise.
pub(super) fn behaviour_failures(checks: &[Check], was: &Observed, is: &Observed) -> Vec<Finding> {
    let mut failures: Vec<Finding> = checks
        .iter()
        .filter(|check| check.result == Comparison::Differs)
        .map(|check| Finding {
            about: About::Behaviour,
            message: format!(
                "{}: {} before, {} after",
                check.what,
                check.before,
                check.after.as_deref().unwrap_or("nothing")
            ),
            log: None,
        })
        .collect();
    // What the container wrote tells most, once.
    if let Some(first) = failures.first_mut() {
        first.log = Some(is.log()).filter(|log| !log.trim().is_empty() && *log != was.log());
    }
    failures
}

/// What makes the comparison less than it could be.
pub(super) fn behaviour_warnings(checks: &[Check], was: &Observed) -> Vec<String> {
    let mut warnings: Vec<String> = checks
        .iter()
        .filter_map(|check| {
            let why = match check.result {
                Comparison::Varies => "varies from run to run of the original, too",
                Comparison::Times => {
                    "the same but for times or the build's name, which each build writes anew"
                }
                _ => return None,
            };
            Some(format!("{}: {why}", check.what))
        })
        .collect();
    match was {
        Observed::Ended(ended) if ended.code != 0 => warnings.push(format!(
            "the original ends with status {}: where it lacks something to run, --env, --network or --run-arg give it",
            ended.code
        )),
        Observed::Served(served) if served.healthy == Some(false) => {
            warnings.push("the health check of the original does not pass".to_string());
        }
        Observed::Runs { .. } => warnings.push(
            "the original answers on no port: that both go on running is all that was compared".to_string(),
        ),
        _ => {}
    }
    warnings
}

/// Why the behaviour cannot be judged by what the original did.
pub(super) fn no_answer(plan: &Plan, was: &Observed) -> Option<String> {
    match was {
        Observed::Runs { logs, .. } if !plan.ports.is_empty() => Some(format!(
            "the original answers on none of the ports that --publish names\n{logs}"
        )),
        _ => None,
    }
}
