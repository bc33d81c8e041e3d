use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::ignore::{Decision, IgnoreFile};
use super::tree::{Found, MAX_FILE_SIZE, MAX_FILES, MAX_LONG_FILE_SIZE, Tree, read_text};

use super::{Context, Entry, Source, Tri, glob, path};

/// No more directory entries than this are looked at, the ignored ones included.
const MAX_SEEN: usize = 4 * MAX_FILES;

/// A build context on disk. Nothing is read until it is asked for, and then once.
#[derive(Debug)]
pub struct DirectoryContext {
    tree: Tree,
    dockerfile: PathBuf,
    ignore: OnceLock<Result<Option<(String, IgnoreFile)>, String>>,
    listing: OnceLock<Result<Listing, String>>,
    texts: Mutex<HashMap<String, Tri<Arc<str>>>>,
}

/// What is left of the context after `.dockerignore`, sorted.
#[derive(Debug)]
struct Listing {
    files: Arc<[String]>,
    /// Not those that are there only because something below them is.
    directories: Vec<String>,
}

impl DirectoryContext {
    /// The context `root` for the Dockerfile at `dockerfile`, beside which a
    /// `<name>.dockerignore` wins over the context's own `.dockerignore`.
    pub fn new(root: impl Into<PathBuf>, dockerfile: impl Into<PathBuf>) -> Self {
        Self {
            tree: Tree::new(root.into()),
            dockerfile: dockerfile.into(),
            ignore: OnceLock::new(),
            listing: OnceLock::new(),
            texts: Mutex::default(),
        }
    }

    /// The context's folder.
    pub fn root(&self) -> &Path {
        self.tree.root()
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
        let root = self.root().strip_prefix(".").unwrap_or(self.root());
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
        match path::normalize(path).map(|path| self.tree.find(&path)) {
            None => glob::outside(path),
            Some(Found::File(real, size)) => self.tree.text(&real, size, path, MAX_FILE_SIZE),
            Some(Found::Missing) => Tri::Absent,
            Some(Found::Unknown(reason)) => Tri::Unknown(reason),
            Some(Found::Directory(_)) => Tri::Unknown(format!("`{path}` is a directory")),
            Some(Found::Link(_)) => Tri::Unknown(leads_out(path)),
        }
    }

    fn excluded(&self, path: &str) -> Result<Option<usize>, String> {
        Ok(self.ignore()?.and_then(|(_, ignore)| ignore.excluded(path)))
    }

    /// What stands at a normal path after `.dockerignore`, with the path it really has.
    fn resolve(&self, path: &str) -> Tri<(String, Entry)> {
        let (real, entry) = match self.tree.find(path) {
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
            for entry in fs::read_dir(self.root().join(&dir)).map_err(failed)? {
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
            Tri::Present((real, Entry::File(size))) => {
                self.tree.text(&real, size, path, limit).map(Arc::from)
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
        match self.tree.find(&path) {
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
        self.tree.names(&real, &dir)
    }
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
        _ => read_text(path, name),
    }
}
