//! Each verb, with rules written here, run as any rule is run.
#![allow(clippy::unwrap_used)]

mod chains;
mod edit;
mod ignore;
mod instructions;
mod matching;
mod respell;

use dockopt::engine::{Options, Outcome, optimize};
use dockopt::facts::{Context, NoContext};
use dockopt::rule::{File, RuleSet};

/// Options whose value is the next word, for the commands of these cases.
const COMMANDS: &str = "dockopt: 1
commands: tool
value_options: [-o, --out]
lines:
  - run: tool <_...>
    role: none
";

/// A rule set with one rule: `body` is everything from `match` on.
fn rules(body: &str) -> RuleSet {
    let text = format!(
        "dockopt: 1
id: rule
title: Change it
safety: safe
why: because
tests:
  - {{ name: a, before: FROM a, after: FROM a }}
  - {{ name: b, same: FROM a }}
changes: [env, cmd, entrypoint, workdir, user, expose, volume, label, healthcheck, stopsignal, shell, onbuild, path]
{body}"
    );
    let file = |name: &str, text: String| File::new(name, text);
    RuleSet::load(vec![
        file("tool.yaml", COMMANDS.to_string()),
        file("rule.yaml", text),
    ])
    .unwrap_or_else(|errors| panic!("{errors}"))
}

fn run(body: &str, text: &str, context: &dyn Context) -> Outcome {
    optimize(text, context, &rules(body), &Options::default()).unwrap()
}

/// The rule makes `after` of `before`, and nothing more of `after`; so it does with CRLF, and without a newline at
/// the end of the file.
#[track_caller]
fn becomes(body: &str, before: &str, after: &str) {
    lines_become(body, before, after);
    let crlf = |text: &str| text.replace('\n', "\r\n");
    lines_become(body, &crlf(before), &crlf(after));
}

/// The same without CRLF, which scripts in heredocs do not take.
#[track_caller]
fn lines_become(body: &str, before: &str, after: &str) {
    let bare = |text: &str| {
        text.trim_end_matches('\n')
            .trim_end_matches('\r')
            .to_string()
    };
    for (before, after) in [
        (before.to_string(), after.to_string()),
        (bare(before), bare(after)),
    ] {
        let outcome = run(body, &before, &NoContext);
        assert_eq!(outcome.text, after, "refused: {:?}", outcome.refusals);
        assert_eq!(run(body, &after, &NoContext).text, after, "a second run");
    }
}

/// The rule leaves the text as it is, without a word.
#[track_caller]
fn stays(body: &str, text: &str) {
    let outcome = run(body, text, &NoContext);
    assert_eq!(outcome.text, text);
    assert_eq!(outcome.refusals, []);
}

/// The rule leaves the text as it is and gives this reason.
#[track_caller]
fn refused(body: &str, text: &str, reason: &str) {
    let outcome = run(body, text, &NoContext);
    assert_eq!(outcome.text, text);
    let reasons: Vec<&str> = outcome
        .refusals
        .iter()
        .map(|refusal| refusal.reason.as_str())
        .collect();
    assert_eq!(reasons, [reason], "{:?}", outcome.refusals);
}
