//! The build context: what is in it after `.dockerignore`, and generic readers for facts.
//!
//! Everything here is lazy and read-only. Nothing is opened that lies outside the context (symbolic
//! links are resolved by hand, inside the root), nothing is run, and what cannot be said for sure is
//! [`Tri::Unknown`] with a reason for a person, never a guess.

pub mod compose;
mod directory;
mod evidence;
mod glob;
pub mod go_match;
pub mod ignore;
pub mod locks;
pub mod makefile;
mod memory;
mod none;
pub mod path;
pub mod reader;
pub mod sources;
mod tree;
mod view;

use std::sync::Arc;

pub use directory::DirectoryContext;
pub use evidence::Evidence;
pub use memory::MemoryContext;
pub use none::NoContext;
pub use view::View;

/// A value that may be there, may not be there, or may not be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tri<T> {
    /// It is there.
    Present(T),
    /// It is certain that it is not there.
    Absent,
    /// Nobody can say; the reason is for a person ("no build context", "file larger than 1 MiB").
    Unknown(String),
}

impl<T> Tri<T> {
    /// Applies `f` to a present value and leaves the other two as they are.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Tri<U> {
        match self {
            Self::Present(value) => Tri::Present(f(value)),
            Self::Absent => Tri::Absent,
            Self::Unknown(reason) => Tri::Unknown(reason),
        }
    }

    /// Continues with `f` on a present value and leaves the other two as they are.
    pub fn and_then<U>(self, f: impl FnOnce(T) -> Tri<U>) -> Tri<U> {
        match self {
            Self::Present(value) => f(value),
            Self::Absent => Tri::Absent,
            Self::Unknown(reason) => Tri::Unknown(reason),
        }
    }

    /// The same answer over a reference.
    pub fn as_ref(&self) -> Tri<&T> {
        match self {
            Self::Present(value) => Tri::Present(value),
            Self::Absent => Tri::Absent,
            Self::Unknown(reason) => Tri::Unknown(reason.clone()),
        }
    }

    /// The value, if it is there.
    pub fn present(self) -> Option<T> {
        match self {
            Self::Present(value) => Some(value),
            Self::Absent | Self::Unknown(_) => None,
        }
    }

    /// Whether the value is there.
    pub fn is_present(&self) -> bool {
        matches!(self, Self::Present(_))
    }

    /// Whether it is certain that there is none.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Why nobody can say, if so.
    pub fn unknown(&self) -> Option<&str> {
        match self {
            Self::Unknown(reason) => Some(reason),
            Self::Present(_) | Self::Absent => None,
        }
    }
}

/// Where a fact was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    /// Path relative to the build context, with `/`.
    pub file: String,
    /// Line, counted from 1; 0 for the file as a whole.
    pub line: usize,
}

/// What stands at a path of the build context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A regular file, with its size in bytes.
    File(u64),
    /// A directory.
    Directory,
    /// A symbolic link that leads out of the context or nowhere.
    Link,
}

/// A build context as BuildKit would send it: paths relative to its root, with `/`, `.dockerignore` applied.
///
/// A path that `.dockerignore` leaves out is [`Tri::Absent`] for every method; [`Context::ignored`]
/// tells by which line. A path that leaves the context (`../x`) is [`Tri::Unknown`].
pub trait Context: Send + Sync {
    /// What stands at `path` (`""` or `"."` is the root).
    fn entry(&self, path: &str) -> Tri<Entry>;
    /// The text of a file.
    fn read(&self, path: &str) -> Tri<Arc<str>>;
    /// The text of a file that may be much larger than what people write: a lock file.
    fn read_long(&self, path: &str) -> Tri<Arc<str>> {
        self.read(path)
    }

    /// Every file, sorted, or why the list is not known. Symbolic links are listed and not descended.
    fn files(&self) -> Result<Arc<[String]>, String>;
    /// Whether `.dockerignore` leaves `path` out although it exists, with the line that does.
    fn ignored(&self, path: &str) -> Option<Source>;
    /// Whether a `.dockerignore` is in force, and which file.
    fn ignore_file(&self) -> Tri<String>;

    /// The text of that file, whether it leaves itself out or not.
    fn ignore_text(&self) -> Tri<Arc<str>>;

    /// The names directly inside a directory, sorted; absent if `dir` is no directory. Names of what `.dockerignore`
    /// leaves out may be among them: [`Context::entry`] knows.
    fn names(&self, dir: &str) -> Tri<Arc<[String]>> {
        glob::names_by_list(self, dir)
    }

    /// What a COPY source stands for, sorted: wildcards as in Go's `filepath.Match`, path element by
    /// path element (`**` is nothing special), a leading `/` being the root of the context.
    /// Absent when nothing matches.
    fn matches(&self, pattern: &str) -> Tri<Vec<(String, Entry)>> {
        glob::matches(self, pattern)
    }

    /// Every file below a directory, sorted, as paths from the context's root.
    fn files_below(&self, dir: &str) -> Tri<Vec<String>> {
        glob::files_below(self, dir)
    }
}
