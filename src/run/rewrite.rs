//! Dockerfiles read, rewritten, reported; nothing is written here.

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use dockopt::engine::{Outcome, deployment_folders, optimize_in};
use dockopt::facts::Context;
use dockopt::facts::compose::Services;
use dockopt::model::Folders;
use dockopt::report::{FileReport, Location, Problem, Report};
use rayon::prelude::*;

use super::contexts::Contexts;
use super::inputs::{Input, inputs};
use super::progress::Progress;
use super::settings::Settings;
use super::streams::Streams;
use super::{Failure, shared};
use crate::cli::Selection;

/// Works on all Dockerfiles that `paths` name, in parallel; the report has them in the order of the paths.
pub fn report(
    paths: &[PathBuf],
    selection: &Selection,
    settings: &Settings,
    streams: &Streams,
) -> Result<Report, Failure> {
    let inputs = inputs(paths, selection.context.as_deref(), &settings.folder)?;
    let contexts = Contexts::new(inputs.iter().flatten());
    let progress = Progress::new(inputs.len(), streams.watched);
    let work = |input: &Result<Input, _>| {
        let file = match input {
            Ok(input) => rewrite(input, &contexts, settings),
            Err((location, problem)) => missing(location, problem),
        };
        progress.step();
        file
    };
    // One file needs no threads: starting them would take longer than the work.
    let mut files: Vec<FileReport> = match &inputs[..] {
        [input] => vec![work(input)],
        inputs => inputs.par_iter().map(work).collect(),
    };
    shared::unite(&mut files);
    Ok(Report {
        files,
        level: settings.options.level,
        written: false,
    })
}

fn missing(location: &Location, problem: &Problem) -> FileReport {
    FileReport {
        location: location.clone(),
        context: None,
        result: Err(problem.clone()),
    }
}

fn rewrite(input: &Input, contexts: &Contexts, settings: &Settings) -> FileReport {
    let result = read(&input.location).and_then(|source| {
        let (context, folders) = contexts.of(input);
        let services = Services::new(|| {
            let below = deployment_folders(&settings.rules);
            contexts.services(input, &below)
        });
        guarded(|| optimized(&source, context.as_ref(), &folders, &services, settings))
    });
    FileReport {
        location: input.location.clone(),
        context: input.context.clone(),
        result,
    }
}

/// A mistake of dockopt's own on one file must not cost the others their rewrite.
fn guarded<T>(work: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Problem {
            message: "dockopt failed on this file, by a mistake of its own".to_owned(),
            help: Some(
                "the file is as it was; report the mistake with the message above and the file"
                    .to_owned(),
            ),
            ..Problem::default()
        })
    })
}

fn optimized(
    source: &str,
    context: &dyn Context,
    folders: &Arc<Folders>,
    services: &Services<'_>,
    settings: &Settings,
) -> Result<Outcome, Problem> {
    let (rules, options) = (&settings.rules, &settings.options);
    optimize_in(source, context, folders, services, rules, options).map_err(|error| {
        let width = error.span.of(source).chars().count();
        let problem = Problem {
            message: error.message,
            help: Some(error.help),
            ..Problem::default()
        };
        problem.at(source, error.line, error.column, width)
    })
}

fn read(location: &Location) -> Result<String, Problem> {
    let bytes = match location {
        Location::Stdin => {
            let mut bytes = Vec::new();
            std::io::stdin()
                .lock()
                .read_to_end(&mut bytes)
                .map(|_| bytes)
        }
        Location::File(path) => std::fs::read(path),
    };
    let bytes = bytes.map_err(|error| Problem {
        message: format!("cannot be read: {error}"),
        ..Problem::default()
    })?;
    String::from_utf8(bytes)
        .map_err(|error| not_utf8(error.as_bytes(), error.utf8_error().valid_up_to()))
}

fn not_utf8(bytes: &[u8], valid: usize) -> Problem {
    let head = bytes.get(..valid).unwrap_or_default();
    let start = head
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |at| at + 1);
    let byte = bytes.get(valid).copied().unwrap_or_default();
    Problem {
        message: format!("the byte 0x{byte:02x} is not UTF-8"),
        line: Some(head.iter().filter(|&&byte| byte == b'\n').count() + 1),
        column: Some(
            String::from_utf8_lossy(head.get(start..).unwrap_or_default())
                .chars()
                .count()
                + 1,
        ),
        snippet: None,
        help: Some(
            "save the file as UTF-8, for example with `iconv -f LATIN1 -t UTF-8`".to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_on_one_file_is_a_problem_of_that_file() {
        let result: Result<(), _> = guarded(|| panic!("as a mistake would"));
        assert!(result.is_err_and(|problem| problem.help.is_some()));
        assert_eq!(guarded(|| Ok(1)), Ok(1));
    }

    #[test]
    fn a_byte_that_is_not_utf8_has_a_place() {
        let problem = not_utf8(b"FROM a\nENV \xc3\xbc=\xfc\n", 14);
        assert_eq!(
            (problem.line, problem.column),
            (Some(2), Some(7)),
            "{problem:?}"
        );
        assert!(problem.message.contains("0xfc"));
    }
}
