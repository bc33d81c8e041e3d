//! `--write`: every changed file is replaced, as a whole or not at all.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use dockopt::report::{FileReport, Location, Problem, Report, slashed};

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

/// Writes one Dockerfile and the files beside it. What came from standard input goes to standard output, elsewhere.
fn save_file(file: &FileReport, saved: &mut HashSet<PathBuf>) -> Result<(), Problem> {
    let Some(outcome) = file.outcome() else {
        return Ok(());
    };
    for other in &outcome.files {
        let path = file.beside(&other.path);
        // Dockerfiles that share a build context share its `.dockerignore`.
        if other.before.as_deref() != Some(other.after.as_str()) && saved.insert(path.clone()) {
            replace(&path, other.before.as_deref(), &other.after)?;
        }
    }
    match &file.location {
        Location::File(path) if outcome.text != outcome.original => {
            replace(path, Some(&outcome.original), &outcome.text)
        }
        _ => Ok(()),
    }
}

/// Puts `new` in the place of `old`, unless the file has changed since it was read.
fn replace(path: &Path, old: Option<&str>, new: &str) -> Result<(), Problem> {
    let written = (|| {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let now = match std::fs::read(&path) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if now.as_deref() != old.map(str::as_bytes) {
            return Err(std::io::Error::other("it has changed since it was read"));
        }
        let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
        std::io::Write::write_all(&mut file, new.as_bytes())?;
        if let Ok(metadata) = path.metadata() {
            file.as_file().set_permissions(metadata.permissions())?;
        }
        file.persist(&path)?;
        Ok(())
    })();
    written.map_err(|error| Problem {
        message: format!("`{}` cannot be written: {error}", slashed(path)),
        ..Problem::default()
    })
}
