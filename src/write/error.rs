use std::io;
use std::path::{Path, PathBuf};

/// Why a file was not written, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{}`: {problem}\nhelp: {}", path.display(), problem.help())]
pub struct WriteError {
    /// The file as it was named.
    pub path: PathBuf,
    /// What stands in the way.
    #[source]
    pub problem: Problem,
}

impl WriteError {
    pub(super) fn new(path: &Path, problem: Problem) -> Self {
        Self {
            path: path.to_path_buf(),
            problem,
        }
    }
}

/// What stands in the way of writing.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// There is nothing at the path any more.
    #[error("it is not there")]
    Missing,
    /// A file that was to be created is there.
    #[error("it is already there")]
    Exists,
    /// A folder, a device, a named pipe …
    #[error("it is not a regular file")]
    NotAFile,
    /// The content is not what was read.
    #[error("it changed on disk since it was read")]
    Changed,
    /// A rename would leave the other names with the old text.
    #[error("it has {0} names (hard links), and a replacement would reach only this one")]
    HardLinks(u64),
    /// The file may not be written.
    #[error("the file is read-only")]
    ReadOnly,
    /// The same file was given twice, perhaps through a link.
    #[error("it was given twice")]
    Twice,
    /// The folder takes no temporary file.
    #[error("no temporary file can be made in its folder ({0})")]
    Folder(#[source] io::Error),
    /// The new file would belong to somebody else.
    #[error("its owner and group ({user}:{group}) cannot be kept ({source})")]
    Owner {
        /// Numeric id of the owner.
        user: u32,
        /// Numeric id of the group.
        group: u32,
        /// What the system said.
        source: io::Error,
    },
    /// Reading, writing, flushing or renaming failed.
    #[error("{0}")]
    Io(#[source] io::Error),
    /// A file that was already replaced could not be given its old text back.
    #[error("another file could not be written, and this one keeps its new text ({0})")]
    RollBack(#[source] io::Error),
}

impl Problem {
    /// What the user can do.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Missing | Self::Changed => {
                "nothing was written; run dockopt again on the file as it is now"
            }
            Self::Exists => {
                "nothing was written; run dockopt again so that the existing file is taken into account"
            }
            Self::NotAFile => {
                "give the path of a regular file, or write the result of `dockopt fix -` yourself"
            }
            Self::HardLinks(_) => {
                "break the link (`cp FILE NEW && mv NEW FILE`), or apply the printed diff with `git apply`"
            }
            Self::ReadOnly => {
                "make it writable (`chmod u+w FILE`), or apply the printed diff elsewhere"
            }
            Self::Twice => "name each file once",
            Self::Folder(_) => {
                "make the folder writable for you, or apply the printed diff with `git apply`"
            }
            Self::Owner { .. } => {
                "run dockopt as the owner of the file, or apply the printed diff with `git apply`"
            }
            Self::Io(_) => {
                "nothing was written; solve the problem that the system reports and run dockopt again"
            }
            Self::RollBack(_) => "compare the file with its last commit and restore it by hand",
        }
    }
}
