//! The tests inside rules: each case run alone.

use super::{BaseChoice, Level, Options, Outcome, optimize};
use crate::facts::{Context, MemoryContext, NoContext};
use crate::rule::document::TestDocument;
use crate::rule::{Rule, RuleSet};
use crate::syntax::Dockerfile;

/// A case that did not come out as the rule says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFailure {
    /// The rule's id.
    pub rule: String,
    /// The rule's file.
    pub file: String,
    /// Line of the case in the rule's file.
    pub line: usize,
    /// Name of the case.
    pub case: String,
    /// What was expected and what came.
    pub message: String,
    /// What was expected, where texts differ.
    pub expected: String,
    /// What came, where texts differ.
    pub actual: String,
}

/// The result of a run over the cases of some rules.
#[derive(Clone, Debug, Default)]
pub struct CaseReport {
    /// How many cases held.
    pub passed: usize,
    /// Those that did not.
    pub failures: Vec<CaseFailure>,
}

/// Runs the cases of all rules whose id `select` accepts.
///
/// A changed text must parse and a second run must change nothing; a case with `same` must leave the text as it is,
/// and with `skipped` name that reason, without it give no refusal of this rule.
pub fn run_cases(rules: &RuleSet, select: &dyn Fn(&Rule) -> bool) -> CaseReport {
    let mut report = CaseReport::default();
    for rule in rules.rules().filter(|rule| select(rule)) {
        for case in &rule.document.tests {
            match run_case(rules, rule, &case.value) {
                Ok(()) => report.passed += 1,
                Err((message, expected, actual)) => report.failures.push(CaseFailure {
                    rule: rule.id().into(),
                    file: rule.file.clone(),
                    line: case.line,
                    case: case.value.name.clone(),
                    message,
                    expected,
                    actual,
                }),
            }
        }
    }
    report
}

type Mismatch = (String, String, String);

fn run_case(rules: &RuleSet, rule: &Rule, case: &TestDocument) -> Result<(), Mismatch> {
    let plain = |message: String| (message, String::new(), String::new());
    let context: Box<dyn Context> = match &case.files {
        Some(files) => Box::new(
            files
                .iter()
                .map(|(path, text)| (path.clone(), text.clone()))
                .collect::<MemoryContext>(),
        ),
        None => Box::new(NoContext),
    };
    let options = Options {
        level: Level::Unsafe,
        select: vec![rule.id().to_string()],
        base: match &case.base {
            Some(name) => BaseChoice::named(name)
                .ok_or_else(|| plain(format!("`base: {name}` is no value of --base")))?,
            None => BaseChoice::default(),
        },
        ..Options::default()
    };
    let run = |text: &str| -> Result<Outcome, Mismatch> {
        optimize(text, context.as_ref(), rules, &options)
            .map_err(|error| plain(format!("the Dockerfile does not parse: {error}")))
    };
    let (before, expected) = match (&case.before, &case.after, &case.same) {
        (Some(before), Some(after), _) => (before, after),
        (_, _, Some(same)) => (same, same),
        _ => {
            return Err(plain(
                "the case has neither `before` and `after` nor `same`".into(),
            ));
        }
    };
    let outcome = run(before)?;
    if outcome.text != *expected {
        let refusals: Vec<String> = outcome
            .refusals
            .iter()
            .map(|refusal| format!("{}: {}", refusal.reason, refusal.message))
            .collect();
        let message = match refusals.is_empty() {
            true => "the result differs".to_string(),
            false => format!("the result differs; refused: {}", refusals.join("; ")),
        };
        return Err((message, expected.clone(), outcome.text));
    }
    let reasons: Vec<&str> = outcome
        .refusals
        .iter()
        .map(|refusal| refusal.reason.as_str())
        .collect();
    if case.same.is_some() {
        let wanted: Vec<&str> = case.skipped.as_deref().into_iter().collect();
        if reasons != wanted {
            let messages: Vec<&str> = outcome
                .refusals
                .iter()
                .map(|refusal| refusal.message.as_str())
                .collect();
            return Err(plain(format!(
                "refused for {reasons:?} {messages:?}, expected {wanted:?}"
            )));
        }
    }
    if let Some(text) = &case.assumes {
        let assumptions: Vec<&String> = outcome
            .changes
            .iter()
            .flat_map(|change| &change.assumptions)
            .collect();
        if !assumptions
            .iter()
            .any(|assumption| assumption.contains(text.as_str()))
        {
            return Err(plain(format!(
                "no assumption contains `{text}`: {assumptions:?}"
            )));
        }
    }
    if let Some(expected) = &case.dockerignore {
        let actual = outcome
            .files
            .first()
            .map_or("", |change| change.after.as_str());
        if actual != expected {
            return Err((
                "the .dockerignore differs".into(),
                expected.clone(),
                actual.to_string(),
            ));
        }
    } else if !outcome.files.is_empty() {
        return Err(plain(format!(
            "the case does not say what becomes of {}: write `dockerignore:`",
            outcome.files[0].path
        )));
    }
    let found: Vec<&str> = outcome
        .findings
        .iter()
        .map(|finding| finding.message.as_str())
        .collect();
    let as_said = found.len() == case.finds.len()
        && found
            .iter()
            .zip(&case.finds)
            .all(|(message, text)| message.contains(text.as_str()));
    if !as_said {
        return Err(plain(format!("finds {found:?}, expected {:?}", case.finds)));
    }
    Dockerfile::parse(&outcome.text)
        .map_err(|error| plain(format!("the result does not parse: {error}")))?;
    let again = run(&outcome.text)?;
    if again.text != outcome.text {
        return Err((
            "a second run changes the result".into(),
            outcome.text,
            again.text,
        ));
    }
    Ok(())
}
