use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::ignore::{Decision, IgnoreFile};
use super::{Context, Entry, Source, Tri, glob, path};

/// No more files than this are listed.
pub const MAX_FILES: usize = 50_000;
/// No more directory entries than this are looked at, the ignored ones included.
const MAX_SEEN: usize = 4 * MAX_FILES;
/// No larger file than this is read, in bytes.
pub const MAX_FILE_SIZE: u64 = 1 << 20;
/// The same for files that tools write.
const MAX_LONG_FILE_SIZE: u64 = 16 << 20;
/// Linux gives up after as many symbolic links on one path.
const MAX_LINKS: usize = 40;

/// A build context on disk. Nothing is read until it is asked for, and then once.
#[derive(Debug)]
pub struct DirectoryContext {
    root: PathBuf,
    dockerfile: PathBuf,
    ignore: OnceLock<Result<Option<(String, IgnoreFile)>, String>>,
    listing: OnceLock<Result<Listing, String>>,
    texts: Mutex<HashMap<String, Tri<Arc<str>>>>,
    /// The names in each directory, by its real path.
    names: Mutex<HashMap<String, Tri<Arc<[String]>>>>,
}

/// What is left of the context after `.dockerignore`, sorted.
#[derive(Debug)]
struct Listing {
    files: Arc<[String]>,
    /// Not those that are there only because something below them is.
    directories: Vec<String>,
}

/// What stands at a path, links followed inside the context, before `.dockerignore`.
enum Found {
    File(String, u64),
    Directory(String),
    /// A link that leads out of the context or nowhere.
    Link(String),
    Missing,
    Unknown(String),
}

impl DirectoryContext {
    /// The context `root` for the Dockerfile at `dockerfile`, beside which a
    /// `<name>.dockerignore` wins over the context's own `.dockerignore`.
    pub fn new(root: impl Into<PathBuf>, dockerfile: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            dockerfile: dockerfile.into(),
            ignore: OnceLock::new(),
            listing: OnceLock::new(),
            texts: Mutex::default(),
            names: Mutex::default(),
        }
    }

    /// The context's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn ignore(&self) -> Result<Option<&(String, IgnoreFile)>, String> {
        self.ignore
            .get_or_init(|| self.load_ignore())
            .as_ref()
            .map(Option::as_ref)
            .map_err(Clone::clone)
    }

    fn load_ignore(&self) -> Result<Option<(String, IgnoreFile)>, String> {
        let mut beside = OsString::from(&self.dockerfile);
        beside.push(".dockerignore");
        let beside = PathBuf::from(beside);
        let root = self.root.strip_prefix(".").unwrap_or(&self.root);
        let inside = beside
            .strip_prefix(".")
            .unwrap_or(&beside)
            .strip_prefix(root)
            .ok();
        let first = match inside.and_then(Path::to_str) {
            Some(name) => self
                .read_unfiltered(name)
                .map(|text| (name.to_string(), text)),
            None => {
                let name = beside.to_string_lossy().into_owned();
                read_outside(&beside, &name).map(|text| (name, text))
            }
        };
        let found = match first {
            Tri::Absent => self
                .read_unfiltered(".dockerignore")
                .map(|text| (".dockerignore".to_string(), text)),
            found => found,
        };
        match found {
            Tri::Present((name, text)) => match IgnoreFile::parse(&name, &text) {
                Ok(parsed) => Ok(Some((name, parsed))),
                Err(error) => Err(error.to_string()),
            },
            Tri::Absent => Ok(None),
            Tri::Unknown(reason) => Err(reason),
        }
    }

    /// The text of a file inside the root, whatever `.dockerignore` says.
    fn read_unfiltered(&self, path: &str) -> Tri<String> {
        match path::normalize(path).map(|path| self.find(&path)) {
            None => glob::outside(path),
            Some(Found::File(real, _)) => read_text(&self.root.join(real), path, MAX_FILE_SIZE),
            Some(Found::Missing) => Tri::Absent,
            Some(Found::Unknown(reason)) => Tri::Unknown(reason),
            Some(Found::Directory(_)) => Tri::Unknown(format!("`{path}` is a directory")),
            Some(Found::Link(_)) => Tri::Unknown(leads_out(path)),
        }
    }

    fn excluded(&self, path: &str) -> Result<Option<usize>, String> {
        Ok(self.ignore()?.and_then(|(_, ignore)| ignore.excluded(path)))
    }

    /// Follows a normal path element by element, so that no link can lead out of the root.
    fn find(&self, path: &str) -> Found {
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

    /// What stands at a normal path after `.dockerignore`, with the path it really has.
    fn resolve(&self, path: &str) -> Tri<(String, Entry)> {
        let (real, entry) = match self.find(path) {
            Found::File(real, size) => (real, Entry::File(size)),
            Found::Directory(real) => (real, Entry::Directory),
            Found::Link(real) => (real, Entry::Link),
            Found::Missing => return Tri::Absent,
            Found::Unknown(reason) => return Tri::Unknown(reason),
        };
        // The link itself has to be in the context as well as what it leads to.
        for path in [path, &real] {
            match self.excluded(path) {
                Err(reason) => return Tri::Unknown(reason),
                Ok(None) => {}
                Ok(Some(_)) if entry == Entry::Directory => match self.returns_below(&real) {
                    Ok(true) => {}
                    Ok(false) => return Tri::Absent,
                    Err(reason) => return Tri::Unknown(reason),
                },
                Ok(Some(_)) => return Tri::Absent,
            }
            if real == path {
                break;
            }
        }
        Tri::Present((real, entry))
    }

    /// Whether an excluded directory exists after all, since something below it is included again.
    fn returns_below(&self, dir: &str) -> Result<bool, String> {
        match self.ignore()? {
            Some((_, ignore)) if ignore.may_return_below(dir) => {
                let listing = self.listed()?;
                let some_below = |paths: &[String]| !glob::below(paths, dir).is_empty();
                Ok(some_below(&listing.files) || some_below(&listing.directories))
            }
            _ => Ok(false),
        }
    }

    fn listed(&self) -> Result<&Listing, String> {
        self.listing
            .get_or_init(|| self.walk())
            .as_ref()
            .map_err(Clone::clone)
    }

    fn walk(&self) -> Result<Listing, String> {
        let ignore = self.ignore()?.map(|(_, ignore)| ignore);
        let mut files = Vec::new();
        let mut directories = Vec::new();
        let mut seen = 0;
        let mut todo = vec![(String::new(), Decision::default())];
        while let Some((dir, above)) = todo.pop() {
            let failed = |error: io::Error| {
                format!("`{}`: {error}", if dir.is_empty() { "." } else { &dir })
            };
            for entry in fs::read_dir(self.root.join(&dir)).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                let kind = entry.file_type().map_err(failed)?;
                seen += 1;
                let path = path::join(&dir, &entry.file_name().to_string_lossy());
                let decision =
                    ignore.map_or_else(Decision::default, |ignore| ignore.decide(&path, &above));
                let kept = decision.excluded_by.is_none();
                if kind.is_dir() {
                    if kept {
                        directories.push(path.clone());
                    }
                    if kept || ignore.is_some_and(|ignore| ignore.may_return_below(&path)) {
                        todo.push((path, decision));
                    }
                } else if kept {
                    files.push(path);
                }
                if files.len() > MAX_FILES || seen > MAX_SEEN {
                    return Err(format!("the build context has more than {MAX_FILES} files"));
                }
            }
        }
        files.sort_unstable();
        directories.sort_unstable();
        Ok(Listing {
            files: files.into(),
            directories,
        })
    }

    fn read_uncached(&self, path: &str, limit: u64) -> Tri<Arc<str>> {
        match self.resolve(path) {
            Tri::Present((real, Entry::File(_))) => {
                read_text(&self.root.join(real), path, limit).map(Arc::from)
            }
            Tri::Present((_, Entry::Directory)) => Tri::Unknown(format!("`{path}` is a directory")),
            Tri::Present((_, Entry::Link)) => Tri::Unknown(leads_out(path)),
            Tri::Absent => Tri::Absent,
            Tri::Unknown(reason) => Tri::Unknown(reason),
        }
    }
}

impl Context for DirectoryContext {
    fn entry(&self, path: &str) -> Tri<Entry> {
        match path::normalize(path) {
            Some(path) => self.resolve(&path).map(|(_, entry)| entry),
            None => glob::outside(path),
        }
    }

    fn read(&self, path: &str) -> Tri<Arc<str>> {
        let Some(path) = path::normalize(path) else {
            return glob::outside(path);
        };
        let texts = || self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = texts().get(&path) {
            return text.clone();
        }
        let text = self.read_uncached(&path, MAX_FILE_SIZE);
        texts().insert(path, text.clone());
        text
    }

    fn read_long(&self, path: &str) -> Tri<Arc<str>> {
        match self.entry(path) {
            // Asked for once, and too much to be kept.
            Tri::Present(Entry::File(size)) if size > MAX_FILE_SIZE => {
                let path = path::normalize(path).unwrap_or_default();
                self.read_uncached(&path, MAX_LONG_FILE_SIZE)
            }
            _ => self.read(path),
        }
    }

    fn files(&self) -> Result<Arc<[String]>, String> {
        self.listed().map(|listing| Arc::clone(&listing.files))
    }

    fn ignored(&self, path: &str) -> Option<Source> {
        let path = path::normalize(path)?;
        let (name, ignore) = self.ignore().ok()??;
        let line = ignore.excluded(&path)?;
        match self.find(&path) {
            Found::Missing | Found::Unknown(_) => return None,
            Found::Directory(real) if self.returns_below(&real).unwrap_or(false) => return None,
            Found::File(..) | Found::Directory(_) | Found::Link(_) => {}
        }
        Some(Source {
            file: name.clone(),
            line,
        })
    }

    fn ignore_text(&self) -> Tri<Arc<str>> {
        self.ignore_file()
            .and_then(|name| self.read_unfiltered(&name))
            .map(Arc::from)
    }

    fn ignore_file(&self) -> Tri<String> {
        match self.ignore() {
            Ok(Some((name, _))) => Tri::Present(name.clone()),
            Ok(None) => Tri::Absent,
            Err(reason) => Tri::Unknown(reason),
        }
    }

    fn files_below(&self, dir: &str) -> Tri<Vec<String>> {
        let Some(dir) = path::normalize(dir) else {
            return glob::outside(dir);
        };
        let real = match self.resolve(&dir) {
            Tri::Present((real, Entry::Directory)) => real,
            Tri::Present(_) | Tri::Absent => return Tri::Absent,
            Tri::Unknown(reason) => return Tri::Unknown(reason),
        };
        let files = match self.files() {
            Ok(files) => files,
            Err(reason) => return Tri::Unknown(reason),
        };
        let below = glob::below(&files, &real);
        if real == dir {
            return Tri::Present(below.to_vec());
        }
        // The directory is a link: its files are told by the name that was asked for.
        let skip = if real.is_empty() { 0 } else { real.len() + 1 };
        Tri::Present(
            below
                .iter()
                .map(|file| path::join(&dir, &file[skip..]))
                .collect(),
        )
    }

    fn names(&self, dir: &str) -> Tri<Arc<[String]>> {
        let Some(dir) = path::normalize(dir) else {
            return glob::outside(dir);
        };
        let real = match self.resolve(&dir) {
            Tri::Present((real, Entry::Directory)) => real,
            Tri::Present(_) | Tri::Absent => return Tri::Absent,
            Tri::Unknown(reason) => return Tri::Unknown(reason),
        };
        let names = || self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = names().get(&real) {
            return known.clone();
        }
        let read = read_names(&self.root.join(&real), &dir);
        names().insert(real, read.clone());
        read
    }
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

fn leads_out(path: &str) -> String {
    format!("`{path}` is a link that leads out of the build context or nowhere")
}

/// The text of a file outside the root: an ignore file beside a Dockerfile that lies elsewhere. A link
/// is not followed, since its target could be any file of the machine.
fn read_outside(path: &Path, name: &str) -> Tri<String> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => {
            Tri::Unknown(format!("`{name}` is a symbolic link"))
        }
        _ => read_text(path, name, MAX_FILE_SIZE),
    }
}

/// The text of a regular file of reasonable size; `name` is for messages.
fn read_text(path: &Path, name: &str, limit: u64) -> Tri<String> {
    let larger = Tri::Unknown(format!("`{name}` is larger than {} MiB", limit >> 20));
    let unknown = |error: &io::Error| Tri::Unknown(format!("`{name}`: {error}"));
    match fs::metadata(path) {
        Err(error) if missing(&error) => return Tri::Absent,
        Err(error) => return unknown(&error),
        // Opening a named pipe would wait for ever.
        Ok(metadata) if !metadata.is_file() => {
            return Tri::Unknown(format!("`{name}` is no regular file"));
        }
        Ok(metadata) if metadata.len() > limit => {
            return larger;
        }
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    if let Err(error) =
        fs::File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
    {
        return unknown(&error);
    }
    if bytes.len() as u64 > limit {
        return larger;
    }
    String::from_utf8(bytes).map_or_else(
        |_| Tri::Unknown(format!("`{name}` is not UTF-8 text")),
        Tri::Present,
    )
}
