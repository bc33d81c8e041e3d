//! `--write`: every changed file is replaced, as a whole or not at all.

use std::collections::HashSet;
use std::path::PathBuf;

use dockopt::report::{FileReport, Location, Problem, Report, slashed};
use dockopt::write::{Replacement, WriteError, replace_all};

/// Writes all changes; a file that cannot be written becomes an error, and the others are still written.
pub fn save(report: &mut Report) {
    report.written = true;
    let mut saved = HashSet::new();
    for file in &mut report.files {
        if let Err(problem) = save_file(file, &mut saved) {
            file.result = Err(problem);
        }
    }
}

/// Writes one Dockerfile together with the files beside it. What came from standard input is no file.
fn save_file(file: &FileReport, saved: &mut HashSet<PathBuf>) -> Result<(), Problem> {
    let Some(outcome) = file.outcome() else {
        return Ok(());
    };
    let mut replacements = Vec::new();
    if let Location::File(path) = &file.location
        && outcome.text != outcome.original
    {
        replacements.push(Replacement {
            path,
            new: outcome.text.as_bytes(),
            expected: Some(outcome.original.as_bytes()),
        });
    }
    let beside: Vec<PathBuf> = outcome
        .files
        .iter()
        .map(|other| file.beside(&other.path))
        .collect();
    for (other, path) in outcome.files.iter().zip(&beside) {
        let changed = other.before.as_deref() != Some(other.after.as_str());
        // Dockerfiles that share a build context share its `.dockerignore`.
        if changed && !saved.contains(path) {
            replacements.push(Replacement {
                path,
                new: other.after.as_bytes(),
                expected: other.before.as_deref().map(str::as_bytes),
            });
        }
    }
    replace_all(&replacements).map_err(|error| problem(file, &error))?;
    saved.extend(beside);
    Ok(())
}

fn problem(file: &FileReport, error: &WriteError) -> Problem {
    let what = match error.path == file.location.path() {
        true => "it is not written".to_owned(),
        false => format!(
            "`{}` is not written, nor is this file",
            slashed(&error.path)
        ),
    };
    Problem {
        message: format!("{what}: {}", error.problem),
        help: Some(error.problem.help().to_owned()),
        ..Problem::default()
    }
}
