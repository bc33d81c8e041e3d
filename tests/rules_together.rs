//! What the rules that come with dockopt do to one file together.
#![allow(clippy::unwrap_used)]

use dockopt::engine::{Options, Outcome, optimize};
use dockopt::facts::MemoryContext;
use dockopt::rule::RuleSet;

fn outcome(dockerfile: &str, files: &[(&str, &str)]) -> Outcome {
    let context: MemoryContext = files.iter().copied().collect();
    let rules = RuleSet::embedded();
    optimize(dockerfile, &context, &rules, &Options::default()).unwrap()
}

fn split_rules(outcome: &Outcome) -> Vec<&str> {
    let rules = outcome.changes.iter().map(|change| change.rule.as_str());
    rules.filter(|rule| rule.starts_with("split-")).collect()
}

const DOCKERFILE: &str = "FROM debian:12
RUN apt-get update && apt-get install -y python3 python3-pip gcc python3-dev
WORKDIR /app
COPY . .
RUN pip install --break-system-packages -r requirements.txt
CMD [\"python3\", \"app.py\"]
";

/// The rule for Python saw that the program needs a compiler; the one for distributions knows nothing of that, and took
/// the compiler away.
#[test]
fn what_one_rule_keeps_whole_no_other_divides() {
    let compiles = "import torch\nm = torch.compile(f)\n";
    let outcome = outcome(
        DOCKERFILE,
        &[("requirements.txt", "torch\n"), ("app.py", compiles)],
    );
    assert_eq!(split_rules(&outcome), [""; 0]);
    let refusals: Vec<&str> = outcome
        .refusals
        .iter()
        .map(|one| one.rule.as_str())
        .collect();
    assert_eq!(refusals, ["split-python"]);
}

#[test]
fn the_same_file_is_divided_where_nothing_speaks_against_it() {
    let outcome = outcome(
        DOCKERFILE,
        &[
            ("requirements.txt", "flask\n"),
            ("app.py", "import flask\n"),
        ],
    );
    assert_eq!(split_rules(&outcome).len(), 1, "{}", outcome.text);
    assert!(outcome.refusals.is_empty(), "{:?}", outcome.refusals);
}

/// `sh` alone said nothing, and `@site-packages` is no word of a reader's.
#[test]
fn refusals_name_what_stands_in_the_dockerfile() {
    let messages = |dockerfile: &str| -> Vec<String> {
        let outcome = outcome(
            dockerfile,
            &[("requirements.txt", "six\n"), ("main.go", "package main\n")],
        );
        outcome
            .refusals
            .into_iter()
            .map(|one| one.message)
            .collect()
    };
    let piped = messages(
        "FROM golang:1.22\nRUN curl https://example.org/get | sh\nCOPY . /src\nWORKDIR /src\nRUN go build -o /app .\nCMD [\"/app\"]\n",
    );
    assert!(
        piped
            .iter()
            .any(|one| one.contains("runs what the command before it writes")),
        "{piped:?}"
    );
    let placed = messages(
        "FROM node:10\nRUN apt-get update && apt-get install -y python3-pip\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt && npm install\nCMD [\"node\", \"a.js\"]\n",
    );
    assert!(
        placed
            .iter()
            .any(|one| one.contains("`pip install -r requirements.txt`")),
        "{placed:?}"
    );
    assert!(!placed.iter().any(|one| one.contains('@')), "{placed:?}");
}
