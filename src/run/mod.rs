//! The program: what was asked for, done.

mod contexts;
mod explain;
mod fix;
mod inputs;
mod manual;
mod progress;
mod rewrite;
mod rules;
mod save;
mod settings;
mod shared;
mod streams;
mod verify;
mod watch;

use std::process::ExitCode;

use dockopt::report::Problem;
use dockopt::rule::{RuleError, RuleErrors};

use crate::cli::{Cli, Command};
use streams::Streams;

/// How a run ended, as the exit status tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Nothing to do, or done.
    Done,
    /// Changes are pending, or a rule's test failed.
    Pending,
    /// Something could not be compared.
    Incomparable,
    /// Something does not hold.
    Different,
    /// Something is wrong with the call, a file, a rule or the engine.
    Failed,
    /// A signal of this number ended it.
    Interrupted(u8),
}

impl Status {
    fn code(self) -> u8 {
        match self {
            Status::Done => 0,
            Status::Pending | Status::Different => 1,
            Status::Failed => 2,
            Status::Incomparable => 3,
            // As a shell tells it.
            Status::Interrupted(signal) => signal.saturating_add(128),
        }
    }
}

/// Why nothing more can be done.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What is wrong, each with the file that is meant, if one is.
    pub causes: Vec<(Option<String>, Problem)>,
}

impl Failure {
    /// A failure that belongs to no file.
    pub fn new(message: impl Into<String>) -> Self {
        let problem = Problem {
            message: message.into(),
            ..Problem::default()
        };
        Self {
            causes: vec![(None, problem)],
        }
    }

    /// A failure in a file.
    pub fn at(place: String, problem: Problem) -> Self {
        Self {
            causes: vec![(Some(place), problem)],
        }
    }

    /// Adds what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        if let Some((_, problem)) = self.causes.last_mut() {
            problem.help = Some(help.into());
        }
        self
    }
}

impl From<RuleErrors> for Failure {
    fn from(errors: RuleErrors) -> Self {
        let cause = |error: RuleError| {
            let problem = Problem {
                message: error.message,
                line: Some(error.line).filter(|&line| line > 0),
                column: Some(error.column).filter(|&column| column > 0),
                snippet: Some(error.snippet).filter(|snippet| !snippet.is_empty()),
                help: error.help,
            };
            (Some(error.file), problem)
        };
        Self {
            causes: errors.0.into_iter().map(cause).collect(),
        }
    }
}

/// Does what the command line asks and gives the exit status.
pub fn run(cli: Cli) -> ExitCode {
    let streams = Streams::new(cli.color);
    let status = match &cli.command {
        Command::Fix(fix) => fix::fix(fix, &streams),
        Command::Verify(verify) => verify::verify(verify, &streams),
        Command::Explain(explain) => explain::explain(explain, &streams),
        Command::Rules(rules) => rules::rules(rules, &streams),
        Command::Completions(completions) => manual::completions(completions, &streams),
        Command::Man => manual::man(&streams),
        Command::Schema(schema) => manual::schema(schema, &streams),
    };
    let status = status.unwrap_or_else(|failure| {
        streams.fail(&failure);
        Status::Failed
    });
    ExitCode::from(status.code())
}
