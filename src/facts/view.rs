use std::sync::Arc;

use super::{Context, Entry, Source, Tri, glob, path};

/// A part of another context: the folder that a project lies in, and of its files only those that an image gets.
///
/// Paths count from that folder. What is left out is [`Tri::Absent`].
pub struct View<'a> {
    context: &'a dyn Context,
    folder: String,
    only: Option<Vec<String>>,
}

impl<'a> View<'a> {
    /// The files of `context` below `folder` (`""` for all) that are, or lie below, one of `only` (paths of the whole
    /// context); every file where there is no such list.
    pub fn new(context: &'a dyn Context, folder: &str, only: Option<Vec<String>>) -> Self {
        Self {
            context,
            folder: folder.to_string(),
            only,
        }
    }

    /// The folder, as a path of the whole context.
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// The paths that it is limited to, if it is.
    pub fn only(&self) -> Option<&[String]> {
        self.only.as_deref()
    }

    /// The whole context's path, unless it is left out.
    fn whole(&self, inner: &str) -> Option<String> {
        let inner = path::normalize(inner)?;
        let whole = match (self.folder.is_empty(), inner.is_empty()) {
            (true, _) => inner,
            (false, true) => self.folder.clone(),
            (false, false) => path::join(&self.folder, &inner),
        };
        Some(whole)
    }

    fn has(&self, whole: &str) -> bool {
        self.only
            .as_ref()
            .is_none_or(|only| only.iter().any(|kept| within(whole, kept)))
    }

    /// Whether a directory holds, or is part of, what is kept.
    fn leads(&self, directory: &str) -> bool {
        self.has(directory)
            || self
                .only
                .as_ref()
                .is_none_or(|only| only.iter().any(|kept| within(kept, directory)))
    }
}

fn within(path: &str, folder: &str) -> bool {
    folder.is_empty()
        || path == folder
        || path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
}

impl Context for View<'_> {
    fn entry(&self, inner: &str) -> Tri<Entry> {
        let Some(whole) = self.whole(inner) else {
            return glob::outside(inner);
        };
        match self.context.entry(&whole) {
            Tri::Present(Entry::Directory) if self.leads(&whole) => Tri::Present(Entry::Directory),
            Tri::Present(Entry::Directory) => Tri::Absent,
            Tri::Present(_) if !self.has(&whole) => Tri::Absent,
            other => other,
        }
    }

    fn read(&self, inner: &str) -> Tri<Arc<str>> {
        match self.whole(inner) {
            None => glob::outside(inner),
            Some(whole) if self.has(&whole) => self.context.read(&whole),
            Some(_) => Tri::Absent,
        }
    }

    fn read_long(&self, inner: &str) -> Tri<Arc<str>> {
        match self.whole(inner) {
            None => glob::outside(inner),
            Some(whole) if self.has(&whole) => self.context.read_long(&whole),
            Some(_) => Tri::Absent,
        }
    }

    fn files(&self) -> Result<Arc<[String]>, String> {
        let files = self.context.files()?;
        if self.folder.is_empty() && self.only.is_none() {
            return Ok(files);
        }
        let skip = match self.folder.len() {
            0 => 0,
            length => length + 1,
        };
        let below = glob::below(&files, &self.folder);
        let inner = |file: &String| file[skip..].to_string();
        let Some(only) = &self.only else {
            return Ok(below.iter().map(inner).collect());
        };
        let mut kept: Vec<String> = Vec::new();
        for path in only {
            if let Ok(at) = below.binary_search(path) {
                kept.push(inner(&below[at]));
            }
            kept.extend(glob::below(below, path).iter().map(inner));
        }
        kept.sort_unstable();
        kept.dedup();
        Ok(kept.into())
    }

    fn names(&self, inner: &str) -> Tri<Arc<[String]>> {
        let Some(whole) = self.whole(inner) else {
            return glob::outside(inner);
        };
        let Some(only) = self.only.as_ref().filter(|_| !self.has(&whole)) else {
            return self.context.names(&whole);
        };
        if !self.leads(&whole) {
            return Tri::Absent;
        }
        let mut names: Vec<&str> = only
            .iter()
            .filter(|kept| within(kept, &whole))
            .map(|kept| glob::first_element(kept[whole.len()..].trim_start_matches('/')))
            .collect();
        names.sort_unstable();
        names.dedup();
        Tri::Present(names.into_iter().map(str::to_string).collect())
    }

    fn ignored(&self, inner: &str) -> Option<Source> {
        self.context.ignored(&self.whole(inner)?)
    }

    fn ignore_file(&self) -> Tri<String> {
        self.context.ignore_file()
    }

    fn ignore_text(&self) -> Tri<Arc<str>> {
        self.context.ignore_text()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::facts::MemoryContext;

    #[test]
    fn a_view_shows_a_folder_and_nothing_that_is_left_out() {
        let context: MemoryContext = [
            ("ui/package.json", "{}"),
            ("ui/src/main.ts", "x"),
            ("ui/notes.md", "x"),
            ("ui/src-old/main.ts", "x"),
            ("package.json", "{}"),
        ]
        .into();
        let only = vec!["ui/src".to_string(), "ui/package.json".to_string()];
        let view = View::new(&context, "ui", Some(only));
        assert_eq!(
            view.files().unwrap().to_vec(),
            ["package.json", "src/main.ts"]
        );
        assert_eq!(
            view.names("").present().unwrap().to_vec(),
            ["package.json", "src"]
        );
        assert_eq!(view.names("src").present().unwrap().to_vec(), ["main.ts"]);
        assert!(view.names("notes.md").is_absent());
        assert!(view.entry("src").is_present());
        assert!(view.entry("notes.md").is_absent());
        assert!(view.read("src/main.ts").is_present());
        assert!(view.read("notes.md").is_absent());
        assert!(view.entry("../package.json").unknown().is_some());
    }
}
