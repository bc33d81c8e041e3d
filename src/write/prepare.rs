use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{Problem, Replacement, WriteError};

/// A file whose new text lies beside it, complete and on disk. Dropping it removes the temporary files.
pub(super) struct Prepared<'a> {
    replacement: Replacement<'a>,
    /// The file behind the links.
    target: PathBuf,
    temporary: NamedTempFile,
    /// The old text in the same form, if it may be needed.
    backup: Option<NamedTempFile>,
}

/// A file that has its new text.
pub(super) struct Committed<'a> {
    path: &'a Path,
    target: PathBuf,
    backup: Option<NamedTempFile>,
}

impl<'a> Prepared<'a> {
    /// Checks everything and writes the temporary files.
    pub fn new(replacement: &Replacement<'a>, with_backup: bool) -> Result<Self, WriteError> {
        let fail = |problem| WriteError::new(replacement.path, problem);
        let (target, metadata) = match replacement.expected {
            Some(expected) => existing(replacement.path, expected).map_err(fail)?,
            None => (missing(replacement.path).map_err(fail)?, None),
        };
        let temporary = beside(&target, replacement.new, metadata.as_ref()).map_err(fail)?;
        let backup = match (replacement.expected, &metadata) {
            (Some(old), Some(metadata)) if with_backup => {
                Some(beside(&target, old, Some(metadata)).map_err(fail)?)
            }
            _ => None,
        };
        Ok(Self {
            replacement: *replacement,
            target,
            temporary,
            backup,
        })
    }

    /// The file that will be replaced.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Renames the temporary file over the target.
    pub fn commit(self) -> Result<Committed<'a>, WriteError> {
        let Self {
            replacement,
            target,
            temporary,
            backup,
        } = self;
        let fail = |problem| WriteError::new(replacement.path, problem);
        let renamed = match replacement.expected {
            Some(expected) => {
                // Once more, since preparing the other files took its time.
                unchanged(&target, expected).map_err(fail)?;
                temporary.persist(&target)
            }
            None => temporary.persist_noclobber(&target),
        };
        renamed.map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => fail(Problem::Exists),
            _ => fail(Problem::Io(error.error)),
        })?;
        sync_folder(&target);
        Ok(Committed {
            path: replacement.path,
            target,
            backup,
        })
    }
}

impl Committed<'_> {
    /// Puts the old file back, or removes a new one.
    pub fn roll_back(self) -> Result<(), WriteError> {
        let undone = match self.backup {
            Some(backup) => backup
                .persist(&self.target)
                .map(|_| ())
                .map_err(|error| error.error),
            None => fs::remove_file(&self.target),
        };
        sync_folder(&self.target);
        undone.map_err(|error| WriteError::new(self.path, Problem::RollBack(error)))
    }
}

/// The file behind a path that exists, after all that speaks against replacing it.
fn existing(path: &Path, expected: &[u8]) -> Result<(PathBuf, Option<Metadata>), Problem> {
    let target = fs::canonicalize(path).map_err(io_problem)?;
    let metadata = fs::metadata(&target).map_err(io_problem)?;
    if !metadata.is_file() {
        return Err(Problem::NotAFile);
    }
    let names = hard_links(&metadata);
    if names > 1 {
        return Err(Problem::HardLinks(names));
    }
    if metadata.permissions().readonly() {
        return Err(Problem::ReadOnly);
    }
    // A rename needs no right to write the file itself, but who may not write it does not expect it.
    match OpenOptions::new().write(true).open(&target) {
        Ok(_) => {}
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
            ) =>
        {
            return Err(Problem::ReadOnly);
        }
        Err(error) => return Err(Problem::Io(error)),
    }
    unchanged(&target, expected)?;
    Ok((target, Some(metadata)))
}

/// The real path of a file that is to be created.
fn missing(path: &Path) -> Result<PathBuf, Problem> {
    if fs::symlink_metadata(path).is_ok() {
        return Err(Problem::Exists);
    }
    let name = path.file_name().ok_or(Problem::NotAFile)?;
    Ok(fs::canonicalize(folder(path))
        .map_err(Problem::Folder)?
        .join(name))
}

fn unchanged(target: &Path, expected: &[u8]) -> Result<(), Problem> {
    if fs::read(target).map_err(io_problem)? == expected {
        Ok(())
    } else {
        Err(Problem::Changed)
    }
}

/// A temporary file in the folder of `target`, with the mode and the owner of the old file.
fn beside(target: &Path, content: &[u8], old: Option<&Metadata>) -> Result<NamedTempFile, Problem> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".dockopt-").suffix(".tmp");
    if old.is_none() {
        permit_as_usual(&mut builder);
    }
    let mut temporary = builder
        .tempfile_in(folder(target))
        .map_err(Problem::Folder)?;
    temporary.write_all(content).map_err(Problem::Io)?;
    if let Some(old) = old {
        keep_owner(temporary.as_file(), old)?;
        temporary
            .as_file()
            .set_permissions(old.permissions())
            .map_err(Problem::Io)?;
    }
    temporary.as_file().sync_all().map_err(Problem::Io)?;
    Ok(temporary)
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Makes the rename itself durable. Not every file system can; the file is whole in any case.
fn sync_folder(target: &Path) {
    if let Ok(folder) = File::open(folder(target)) {
        let _ = folder.sync_all();
    }
}

fn io_problem(error: io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::NotFound => Problem::Missing,
        _ => Problem::Io(error),
    }
}

#[cfg(unix)]
fn hard_links(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}

#[cfg(not(unix))]
fn hard_links(_metadata: &Metadata) -> u64 {
    1
}

/// The mode that any new file gets, which the user's mask narrows.
#[cfg(unix)]
fn permit_as_usual(builder: &mut tempfile::Builder) {
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
}

#[cfg(not(unix))]
fn permit_as_usual(_builder: &mut tempfile::Builder) {}

#[cfg(unix)]
fn keep_owner(file: &File, old: &Metadata) -> Result<(), Problem> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let new = file.metadata().map_err(Problem::Io)?;
    let user = (new.uid() != old.uid()).then_some(old.uid());
    let group = (new.gid() != old.gid()).then_some(old.gid());
    if user.is_none() && group.is_none() {
        return Ok(());
    }
    fchown(file, user, group).map_err(|source| Problem::Owner {
        user: old.uid(),
        group: old.gid(),
        source,
    })
}

#[cfg(not(unix))]
fn keep_owner(_file: &File, _old: &Metadata) -> Result<(), Problem> {
    Ok(())
}
