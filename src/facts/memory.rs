use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::ignore::IgnoreFile;
use super::{Context, Entry, Source, Tri, glob, path};

/// A build context in memory, for the tests of rules and for path lists without contents.
///
/// Its own `Dockerfile.dockerignore` or `.dockerignore` is honoured.
#[derive(Debug, Default)]
pub struct MemoryContext {
    files: BTreeMap<String, Option<Arc<str>>>,
    directories: std::collections::BTreeSet<String>,
    ignore: OnceLock<Result<Option<(String, IgnoreFile)>, String>>,
    listed: OnceLock<Arc<[String]>>,
}

impl<P: AsRef<str>, T: Into<Arc<str>>> FromIterator<(P, T)> for MemoryContext {
    fn from_iter<I: IntoIterator<Item = (P, T)>>(files: I) -> Self {
        let mut context = Self::default();
        for (path, text) in files {
            context.insert(path.as_ref(), Some(text.into()));
        }
        context
    }
}

impl<P: AsRef<str>, T: Into<Arc<str>>, const N: usize> From<[(P, T); N]> for MemoryContext {
    fn from(files: [(P, T); N]) -> Self {
        files.into_iter().collect()
    }
}

impl MemoryContext {
    /// A context whose paths are known and whose contents are not, except for the given ones.
    /// A path that ends in `/` is a directory.
    pub fn with_paths<P: AsRef<str>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        for path in paths {
            let path = path.as_ref();
            match path::normalize(path) {
                Some(dir) if path.ends_with('/') => self.add_directory(&dir),
                Some(file) if !self.files.contains_key(&file) => self.insert(&file, None),
                _ => {}
            }
        }
        self
    }

    /// Adds a file; a path that leads out of the context is left away.
    fn insert(&mut self, path: &str, text: Option<Arc<str>>) {
        let Some(path) = path::normalize(path).filter(|path| !path.is_empty()) else {
            return;
        };
        self.add_directory(path::parent(&path));
        self.files.insert(path, text);
    }

    fn add_directory(&mut self, dir: &str) {
        let mut dir = dir;
        while !dir.is_empty() && self.directories.insert(dir.to_string()) {
            dir = path::parent(dir);
        }
    }

    fn ignore(&self) -> Result<Option<&(String, IgnoreFile)>, String> {
        self.ignore
            .get_or_init(|| {
                for name in ["Dockerfile.dockerignore", ".dockerignore"] {
                    match self.files.get(name) {
                        Some(Some(text)) => {
                            let parsed =
                                IgnoreFile::parse(name, text).map_err(|error| error.to_string())?;
                            return Ok(Some((name.to_string(), parsed)));
                        }
                        Some(None) => return Err(format!("the text of `{name}` is not at hand")),
                        None => {}
                    }
                }
                Ok(None)
            })
            .as_ref()
            .map(Option::as_ref)
            .map_err(Clone::clone)
    }

    /// The line that leaves a normal path out.
    fn excluded(&self, path: &str) -> Result<Option<usize>, String> {
        Ok(self.ignore()?.and_then(|(_, ignore)| ignore.excluded(path)))
    }

    /// Whether a directory below an excluded one is not excluded.
    fn returns_below(&self, dir: &str) -> bool {
        let prefix = format!("{dir}/");
        let mut below = self
            .directories
            .range(prefix.clone()..)
            .take_while(|path| path.starts_with(&prefix));
        below.any(|path| self.excluded(path) == Ok(None))
    }

    fn directory(&self, path: &str) -> Tri<Entry> {
        match self.excluded(path) {
            Err(reason) => Tri::Unknown(reason),
            Ok(None) => Tri::Present(Entry::Directory),
            // An excluded directory exists when something below it is included again.
            Ok(Some(_)) => match self.files() {
                Ok(files) if glob::below(&files, path).is_empty() && !self.returns_below(path) => {
                    Tri::Absent
                }
                Ok(_) => Tri::Present(Entry::Directory),
                Err(reason) => Tri::Unknown(reason),
            },
        }
    }
}

impl Context for MemoryContext {
    fn entry(&self, path: &str) -> Tri<Entry> {
        let Some(path) = path::normalize(path) else {
            return glob::outside(path);
        };
        if path.is_empty() {
            return Tri::Present(Entry::Directory);
        }
        if let Some(text) = self.files.get(&path) {
            return match self.excluded(&path) {
                Ok(None) => Tri::Present(Entry::File(
                    text.as_ref().map_or(0, |text| text.len() as u64),
                )),
                Ok(Some(_)) => Tri::Absent,
                Err(reason) => Tri::Unknown(reason),
            };
        }
        if self.directories.contains(&path) {
            self.directory(&path)
        } else {
            Tri::Absent
        }
    }

    fn read(&self, path: &str) -> Tri<Arc<str>> {
        let Some(path) = path::normalize(path) else {
            return glob::outside(path);
        };
        match self.files.get(&path) {
            None if self.directories.contains(&path) => {
                Tri::Unknown(format!("`{path}` is a directory"))
            }
            None => Tri::Absent,
            Some(text) => match (self.excluded(&path), text) {
                (Err(reason), _) => Tri::Unknown(reason),
                (Ok(Some(_)), _) => Tri::Absent,
                (Ok(None), Some(text)) => Tri::Present(Arc::clone(text)),
                (Ok(None), None) => Tri::Unknown(format!("the text of `{path}` is not at hand")),
            },
        }
    }

    fn files(&self) -> Result<Arc<[String]>, String> {
        let ignore = self.ignore()?;
        let list = self.listed.get_or_init(|| {
            let kept =
                |path: &&String| ignore.is_none_or(|(_, ignore)| ignore.excluded(path).is_none());
            self.files.keys().filter(kept).cloned().collect()
        });
        Ok(Arc::clone(list))
    }

    fn ignored(&self, path: &str) -> Option<Source> {
        let path = path::normalize(path)?;
        if !self.files.contains_key(&path) && !self.directories.contains(&path) {
            return None;
        }
        let (name, ignore) = self.ignore().ok()??;
        if self.entry(&path).is_present() {
            return None;
        }
        ignore.excluded(&path).map(|line| Source {
            file: name.clone(),
            line,
        })
    }

    fn ignore_text(&self) -> Tri<Arc<str>> {
        self.ignore_file().and_then(|name| {
            let text = self.files.get(&name).cloned().flatten();
            text.map_or_else(
                || Tri::Unknown(format!("the text of `{name}` is not at hand")),
                Tri::Present,
            )
        })
    }

    fn ignore_file(&self) -> Tri<String> {
        match self.ignore() {
            Ok(Some((name, _))) => Tri::Present(name.clone()),
            Ok(None) => Tri::Absent,
            Err(reason) => Tri::Unknown(reason),
        }
    }
}
