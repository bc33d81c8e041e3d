//! Hand-made outcomes that the tests of all reports share.

use std::path::PathBuf;

use super::{FileReport, Location, Problem, Report};
use crate::engine::{Change, Evidence, FileChange, Finding, HeldBack, Level, Outcome, Refusal};
use crate::facts::Source;

/// A file with two changes, a finding, a refusal, a change held back and a new `.dockerignore`.
pub fn node() -> FileReport {
    let original = "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nRUN npm run build\nCMD [\"node\", \"dist/main\"]\n";
    let text = "FROM node:22 AS build\nWORKDIR /app\nCOPY . .\nRUN npm ci\nRUN npm run build\n\nFROM node:22-slim\n\
                WORKDIR /app\nCOPY --from=build /app/dist ./dist\nCMD [\"node\", \"dist/main\"]\n";
    FileReport {
        location: Location::File(PathBuf::from("Dockerfile")),
        context: Some(PathBuf::from(".")),
        result: Ok(Outcome {
            original: original.to_owned(),
            text: text.to_owned(),
            changes: vec![split(), ignore()],
            findings: vec![finding()],
            refusals: vec![refusal()],
            held_back: vec![HeldBack {
                rule: "node-alpine".to_owned(),
                title: "Move the runtime to Alpine".to_owned(),
                level: Level::Unsafe,
                line: 1,
            }],
            files: vec![FileChange {
                path: ".dockerignore".to_owned(),
                before: None,
                after: ".git\nnode_modules\n".to_owned(),
            }],
        }),
    }
}

/// A file that no rule changes.
pub fn unchanged(path: &str) -> FileReport {
    let text = "FROM alpine:3.22\n".to_owned();
    file(
        path,
        Ok(Outcome {
            original: text.clone(),
            text,
            ..Outcome::default()
        }),
    )
}

/// A file with one refusal and nothing else.
pub fn refused(path: &str) -> FileReport {
    let text = "FROM node:22\n".to_owned();
    file(
        path,
        Ok(Outcome {
            original: text.clone(),
            text,
            refusals: vec![refusal()],
            ..Outcome::default()
        }),
    )
}

/// A file that does not parse.
pub fn broken(path: &str) -> FileReport {
    file(
        path,
        Err(Problem {
            message: "unknown instruction `RUNN`".to_owned(),
            line: Some(2),
            column: Some(1),
            snippet: Some("2 | RUNN true\n  | ^^^^".to_owned()),
            help: Some("did you mean `RUN`?".to_owned()),
        }),
    )
}

/// A report at the default level, nothing written.
pub fn report(files: Vec<FileReport>) -> Report {
    Report {
        files,
        level: Level::Review,
        written: false,
    }
}

fn file(path: &str, result: Result<Outcome, Problem>) -> FileReport {
    FileReport {
        location: Location::File(PathBuf::from(path)),
        context: Some(PathBuf::from(".")),
        result,
    }
}

fn split() -> Change {
    Change {
        rule: "node-split".to_owned(),
        title: "Build in one stage, run in a slim one".to_owned(),
        why: "Compilers and development dependencies stay out\nof the image. It gets smaller.\n\nMeasured on a NestJS app."
            .to_owned(),
        risk: Some("A file that is read at run time and named nowhere would be missing.".to_owned()),
        level: Level::Review,
        line: 1,
        evidence: vec![
            Evidence {
                text: "`nest build` writes `dist`".to_owned(),
                source: Some(Source { file: "package.json".to_owned(), line: 7 }),
            },
            Evidence { text: "`node:22-slim` exists".to_owned(), source: None },
        ],
        assumptions: vec!["the sources read no other file at run time".to_owned()],
        links: vec!["https://docs.docker.com/build/building/multi-stage/".to_owned()],
    }
}

fn ignore() -> Change {
    Change {
        rule: "ignore-node".to_owned(),
        title: "Leave `node_modules` out of the build context".to_owned(),
        why: "What the context holds is sent and hashed at every build.".to_owned(),
        risk: None,
        level: Level::Safe,
        line: 3,
        evidence: vec![],
        assumptions: vec![],
        links: vec![],
    }
}

fn finding() -> Finding {
    Finding {
        rule: "secret-in-env".to_owned(),
        title: "Keep secrets out of the image".to_owned(),
        why: "Who has the image has the value. It stays in the history.".to_owned(),
        line: 4,
        column: 1,
        message: "`NPM_TOKEN` looks like a secret".to_owned(),
        help: "give it to the one RUN that needs it: --mount=type=secret".to_owned(),
        evidence: vec![],
        links: vec![],
    }
}

fn refusal() -> Refusal {
    Refusal {
        rule: "prune-dev".to_owned(),
        title: "Drop development dependencies".to_owned(),
        line: 6,
        column: 1,
        reason: "start".to_owned(),
        message: "`npm start` needs `nest`, a development dependency".to_owned(),
        allow: "start the built file itself: CMD [\"node\", \"dist/main\"]".to_owned(),
    }
}
