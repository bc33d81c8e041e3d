//! The build context: what is in it after `.dockerignore`, and generic readers for facts.

use std::sync::Arc;

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
pub trait Context: Send + Sync {
    /// What stands at `path` (`""` or `"."` is the root).
    fn entry(&self, path: &str) -> Tri<Entry>;
    /// The text of a file.
    fn read(&self, path: &str) -> Tri<Arc<str>>;
    /// Every file, sorted, or why the list is not known.
    fn files(&self) -> Result<Arc<[String]>, String>;
    /// Whether `.dockerignore` leaves `path` out although it exists, with the line that does.
    fn ignored(&self, path: &str) -> Option<Source>;
    /// Whether a `.dockerignore` is in force, and which file.
    fn ignore_file(&self) -> Tri<String>;
}
