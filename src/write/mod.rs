//! Atomic replacement of files: whoever looks sees the old text or the new one, never a part.
//!
//! The new text goes to a temporary file in the same folder, gets the mode and the owner of the old
//! file, is flushed to disk and renamed over it; the target of a symbolic link is replaced, not the
//! link. What cannot be kept is refused openly. Access control lists and other extended attributes
//! are not looked at.

mod error;
mod prepare;

use std::collections::HashSet;
use std::path::Path;

pub use error::{Problem, WriteError};
use prepare::Prepared;

/// One file to write.
#[derive(Clone, Copy, Debug)]
pub struct Replacement<'a> {
    /// The file, or a symbolic link to it.
    pub path: &'a Path,
    /// What it shall hold.
    pub new: &'a [u8],
    /// What it held when it was read; `None` if it was not there.
    pub expected: Option<&'a [u8]>,
}

/// Replaces the content of one file.
///
/// # Errors
/// Nothing was changed. The file is another one than when it was read, is no regular file, has several
/// names (hard links), may not be written, or its mode or owner cannot be kept.
pub fn replace(path: &Path, new: &[u8], expected: &[u8]) -> Result<(), WriteError> {
    replace_all(&[Replacement {
        path,
        new,
        expected: Some(expected),
    }])
}

/// Replaces or creates several files, all or none.
///
/// Everything that can fail is done before the first file is touched; if a rename fails after all, the
/// files that were already renamed get their old text, mode and owner back. Only the death of the
/// process between two renames can leave some files new and others old, each of them whole.
///
/// # Errors
/// As for [`replace`]; nothing was changed, unless the error is [`Problem::RollBack`].
pub fn replace_all(replacements: &[Replacement]) -> Result<(), WriteError> {
    commit_all(prepare_all(replacements)?)
}

fn prepare_all<'a>(replacements: &[Replacement<'a>]) -> Result<Vec<Prepared<'a>>, WriteError> {
    let mut prepared = Vec::with_capacity(replacements.len());
    let mut targets = HashSet::new();
    for replacement in replacements {
        let file = Prepared::new(replacement, replacements.len() > 1)?;
        if !targets.insert(file.target().to_path_buf()) {
            return Err(WriteError::new(replacement.path, Problem::Twice));
        }
        prepared.push(file);
    }
    Ok(prepared)
}

fn commit_all(prepared: Vec<Prepared>) -> Result<(), WriteError> {
    let mut done = Vec::with_capacity(prepared.len());
    for file in prepared {
        match file.commit() {
            Ok(committed) => done.push(committed),
            Err(error) => {
                for committed in done.into_iter().rev() {
                    committed.roll_back()?;
                }
                return Err(error);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::fs;

    use super::{Problem, Replacement, commit_all, prepare_all};

    #[test]
    fn files_that_were_already_replaced_get_their_old_text_back() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let (old, new, late) = (at("old"), at("new"), at("late"));
        fs::write(&old, "old").unwrap();
        fs::write(&late, "old").unwrap();
        let prepared = prepare_all(&[
            Replacement {
                path: &old,
                new: b"x",
                expected: Some(b"old"),
            },
            Replacement {
                path: &new,
                new: b"x",
                expected: None,
            },
            Replacement {
                path: &late,
                new: b"x",
                expected: Some(b"old"),
            },
        ])
        .unwrap();
        fs::write(&late, "changed meanwhile").unwrap();
        let error = commit_all(prepared).unwrap_err();
        assert!(matches!(error.problem, Problem::Changed));
        assert_eq!(error.path, late);
        assert_eq!(fs::read(&old).unwrap(), b"old");
        assert!(!new.exists());
        assert_eq!(fs::read(&late).unwrap(), b"changed meanwhile");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
