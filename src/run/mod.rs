//! The program: what was asked for, done.

mod fix;
mod inputs;
mod manual;
mod progress;
mod rewrite;
mod save;
mod settings;
mod shared;
mod streams;

use std::process::ExitCode;

use dockopt::report::Problem;

use crate::cli::{Cli, Command};
use streams::Streams;

/// How a run ended, as the exit status tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Nothing to do, or done.
    Done,
    /// Changes are pending, or a rule's test failed.
    Pending,
    /// Something is wrong with the call, a file or a rule.
    Failed,
}

/// Why nothing more can be done.
#[derive(Clone, Debug, Default)]
pub struct Failure {
    /// The file that is meant, if one is.
    pub place: Option<String>,
    /// What is wrong.
    pub problem: Problem,
}

impl Failure {
    /// A failure that belongs to no file.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            place: None,
            problem: Problem {
                message: message.into(),
                ..Problem::default()
            },
        }
    }

    /// Adds what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.problem.help = Some(help.into());
        self
    }
}

/// Does what the command line asks and gives the exit status.
pub fn run(cli: Cli) -> ExitCode {
    let streams = Streams::new(cli.color);
    let status = match &cli.command {
        Command::Fix(fix) => fix::fix(fix, &streams),
        Command::Completions(completions) => manual::completions(completions, &streams),
        Command::Man => manual::man(&streams),
        Command::Schema(schema) => manual::schema(schema, &streams),
    };
    let status = status.unwrap_or_else(|failure| {
        streams.fail(&failure);
        Status::Failed
    });
    ExitCode::from(match status {
        Status::Done => 0,
        Status::Pending => 1,
        Status::Failed => 2,
    })
}
