//! What stands in a folder on disk: nothing is read until it is asked for, and then once.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Tri, path};

/// No more names than this are listed.
pub(super) const MAX_FILES: usize = 50_000;
/// No larger file than this is read, in bytes.
pub(super) const MAX_FILE_SIZE: u64 = 1 << 20;
/// The same for files that tools write.
pub(super) const MAX_LONG_FILE_SIZE: u64 = 16 << 20;
/// Linux gives up after as many symbolic links on one path.
const MAX_LINKS: usize = 40;

/// A folder, of which no link leads out.
#[derive(Debug)]
pub(super) struct Tree {
    root: PathBuf,
    /// What stands at each path that was asked for.
    found: Mutex<HashMap<String, Found>>,
    /// The names in each directory, by its real path.
    names: Mutex<HashMap<String, Tri<Arc<[String]>>>>,
}

/// What stands at a path, links followed inside the folder.
#[derive(Clone, Debug)]
pub(super) enum Found {
    File(String, u64),
    Directory(String),
    /// A link that leads out of the folder or nowhere.
    Link(String),
    Missing,
    Unknown(String),
}

impl Tree {
    pub(super) fn new(root: PathBuf) -> Self {
        Self {
            root,
            found: Mutex::default(),
            names: Mutex::default(),
        }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// What stands at a normal path.
    pub(super) fn find(&self, path: &str) -> Found {
        if let Some(known) = lock(&self.found).get(path) {
            return known.clone();
        }
        let found = self.follow(path);
        lock(&self.found).insert(path.to_string(), found.clone());
        found
    }

    /// Follows a normal path element by element, so that no link can lead out of the root.
    fn follow(&self, path: &str) -> Found {
        let mut todo: Vec<String> = path
            .split('/')
            .rev()
            .filter(|part| !part.is_empty())
            .map(str::to_string)
            .collect();
        let mut done = String::new();
        let mut links = 0;
        // The first link on the way, which a dangling path is reported as.
        let mut first_link: Option<String> = None;
        while let Some(part) = todo.pop() {
            let here = path::join(&done, &part);
            if self.lacks(&done, &part) {
                return first_link.map_or(Found::Missing, |link| dangling(link, path));
            }
            let metadata = match fs::symlink_metadata(self.root.join(&here)) {
                Ok(metadata) => metadata,
                Err(error) if missing(&error) => {
                    return first_link.map_or(Found::Missing, |link| dangling(link, path));
                }
                Err(error) => return Found::Unknown(format!("`{here}`: {error}")),
            };
            if metadata.is_symlink() {
                links += 1;
                first_link.get_or_insert_with(|| here.clone());
                let target = fs::read_link(self.root.join(&here)).ok();
                let target = target.as_deref().and_then(Path::to_str);
                // As in the builder, an absolute target starts at the context's root.
                let resolved =
                    target.filter(|_| links <= MAX_LINKS).and_then(|target| {
                        match target.starts_with('/') {
                            true => path::normalize(target),
                            false => path::normalize(&path::join(&done, target)),
                        }
                    });
                match resolved {
                    Some(resolved) => {
                        done.clear();
                        todo.extend(
                            resolved
                                .split('/')
                                .rev()
                                .filter(|part| !part.is_empty())
                                .map(str::to_string),
                        );
                    }
                    None => return dangling(first_link.unwrap_or(here), path),
                }
            } else if todo.is_empty() {
                return if metadata.is_dir() {
                    Found::Directory(here)
                } else if metadata.is_file() {
                    Found::File(here, metadata.len())
                } else {
                    Found::Unknown(format!("`{here}` is neither a file nor a directory"))
                };
            } else if metadata.is_dir() {
                done = here;
            } else {
                return first_link.map_or(Found::Missing, |link| dangling(link, path));
            }
        }
        Found::Directory(done)
    }

    /// Whether a directory that was listed has no such name.
    fn lacks(&self, directory: &str, name: &str) -> bool {
        match lock(&self.names).get(directory) {
            Some(Tri::Present(names)) => names
                .binary_search_by(|known| known.as_str().cmp(name))
                .is_err(),
            _ => false,
        }
    }

    /// The names in the directory at a real path, sorted; `shown` is for messages.
    pub(super) fn names(&self, real: &str, shown: &str) -> Tri<Arc<[String]>> {
        if let Some(known) = lock(&self.names).get(real) {
            return known.clone();
        }
        let read = read_names(&self.root.join(real), shown);
        lock(&self.names).insert(real.to_string(), read.clone());
        read
    }

    /// The text of the file of `size` bytes that was found at a real path, up to `limit` bytes; `shown` is for messages.
    pub(super) fn text(&self, real: &str, size: u64, shown: &str, limit: u64) -> Tri<String> {
        read_bytes(&self.root.join(real), size, shown, limit)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The names in a directory, sorted; `shown` is for messages.
fn read_names(directory: &Path, shown: &str) -> Tri<Arc<[String]>> {
    let unknown = |error: io::Error| Tri::Unknown(format!("`{shown}`: {error}"));
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) => return unknown(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        match entry {
            Ok(entry) => names.push(entry.file_name().to_string_lossy().into_owned()),
            Err(error) => return unknown(error),
        }
        if names.len() > MAX_FILES {
            return Tri::Unknown(format!("`{shown}` has more than {MAX_FILES} files"));
        }
    }
    names.sort_unstable();
    Tri::Present(names.into())
}

/// Nothing at the path itself, or behind a link on the way to it.
fn dangling(link: String, path: &str) -> Found {
    if link == path {
        Found::Link(link)
    } else {
        Found::Unknown(format!(
            "`{path}` is behind the link `{link}`, which leads out of the build context or nowhere"
        ))
    }
}

fn missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// The text of a regular file of reasonable size; `name` is for messages.
pub(super) fn read_text(path: &Path, name: &str) -> Tri<String> {
    match fs::metadata(path) {
        Err(error) if missing(&error) => Tri::Absent,
        Err(error) => Tri::Unknown(format!("`{name}`: {error}")),
        // Opening a named pipe would wait for ever.
        Ok(metadata) if !metadata.is_file() => Tri::Unknown(format!("`{name}` is no regular file")),
        Ok(metadata) => read_bytes(path, metadata.len(), name, MAX_FILE_SIZE),
    }
}

/// The text of a regular file that had so many bytes a moment ago.
fn read_bytes(path: &Path, size: u64, name: &str, limit: u64) -> Tri<String> {
    let too_large = || Tri::Unknown(format!("`{name}` is larger than {} MiB", limit >> 20));
    if size > limit {
        return too_large();
    }
    // Room for the whole text and for the read that finds its end.
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 64);
    let read = fs::File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes));
    match read {
        Err(error) => return Tri::Unknown(format!("`{name}`: {error}")),
        Ok(_) if bytes.len() as u64 > limit => return too_large(),
        Ok(_) => {}
    }
    String::from_utf8(bytes).map_or_else(
        |_| Tri::Unknown(format!("`{name}` is not UTF-8 text")),
        Tri::Present,
    )
}
