//! The paths of the context, for quick look-ups by what a literal says.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::facts::path;

/// All files and directories of a context.
#[derive(Debug)]
pub(super) struct Index<'a> {
    paths: HashSet<&'a str>,
    /// The last elements of all paths.
    names: HashSet<&'a str>,
}

/// What a path expression stands for.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Located {
    /// Paths of the context, other than the root.
    pub found: Vec<String>,
    /// Whether it is the root of the context, or anything in it.
    pub root: bool,
}

/// What a path is relative to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// The directory of the source.
    Here,
    /// Where the program is started, or another directory on the way from there to the source: all are tried.
    Above,
    /// Where the program may be started: the root, and directories with a manifest. For a single word, which
    /// is more often a route or a name than a directory of sources.
    Start,
}

/// Files that stand in the directory in which a program is started.
const MANIFESTS: &[&str] = &[
    "package.json",
    "deno.json",
    "go.mod",
    "pyproject.toml",
    "requirements.txt",
    "setup.py",
    "Pipfile",
    "manage.py",
    "Cargo.toml",
    "Gemfile",
    "composer.json",
    "mix.exs",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "Dockerfile",
];

impl<'a> Index<'a> {
    pub fn new(files: &'a [String]) -> Self {
        let (mut paths, mut names) = (HashSet::with_capacity(files.len()), HashSet::new());
        for file in files {
            let mut path = file.as_str();
            while !path.is_empty() && paths.insert(path) {
                names.insert(path.rsplit('/').next().unwrap_or(path));
                path = path::parent(path);
            }
        }
        Self { paths, names }
    }

    /// Whether a path, from the root, exists.
    pub fn has(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    /// Whether the literal may name a path: a quick no for most of them.
    pub fn may_name(&self, text: &str) -> bool {
        if text.is_empty()
            || text.len() > 255
            || text.contains(['\n', '\0'])
            || text.contains("://")
        {
            return false;
        }
        let first = text
            .split(['/', '\\'])
            .find(|part| !matches!(*part, "" | "." | ".."));
        first.is_some_and(|first| self.names.contains(first))
    }

    /// The paths that `text` may mean in a file of the directory `dir`.
    ///
    /// What has a wildcard or a placeholder, and what is `open` (something unknown follows), stands for the
    /// directory in which it lies.
    pub fn locate(&self, dir: &str, from: From, text: &str, open: bool) -> Located {
        let text = if text.contains('\\') {
            Cow::Owned(text.replace('\\', "/"))
        } else {
            Cow::Borrowed(text)
        };
        let exact = if open {
            text.rfind('/').map_or("", |end| &text[..=end])
        } else {
            &text
        };
        let located = self.try_all(dir, from, exact);
        if open || !located.found.is_empty() || located.root {
            return located;
        }
        match exact
            .split('/')
            .position(|part| part.contains(['*', '?', '{', '[', '%', '$', '<']))
        {
            None => located,
            Some(fixed) => {
                let parts: Vec<&str> = exact.split('/').take(fixed).collect();
                self.try_all(dir, from, &parts.join("/"))
            }
        }
    }

    fn try_all(&self, dir: &str, from: From, text: &str) -> Located {
        let mut located = Located::default();
        if from == From::Here {
            self.try_one(dir, text, &mut located);
            if !located.found.is_empty() || located.root {
                return located;
            }
            // A compiled file lies deeper or less deep than its source: the rest may fit elsewhere.
            let rest = text.trim_start_matches(['.', '/']);
            if rest.is_empty() || !text.contains("..") {
                return located;
            }
            return self.try_all(dir, From::Above, rest);
        }
        if text.split('/').all(|part| matches!(part, "" | "." | "..")) {
            located.root = true;
            return located;
        }
        let mut base = dir;
        loop {
            if from == From::Above || base.is_empty() || self.has_manifest(base) {
                self.try_one(base, text, &mut located);
            }
            if base.is_empty() {
                return located;
            }
            base = path::parent(base);
        }
    }

    fn has_manifest(&self, dir: &str) -> bool {
        MANIFESTS
            .iter()
            .any(|manifest| self.has(&path::join(dir, manifest)))
    }

    fn try_one(&self, base: &str, text: &str, located: &mut Located) {
        let path = join_inside(base, text);
        if path.is_empty() {
            located.root = true;
        } else if self.has(&path) && !located.found.contains(&path) {
            located.found.push(path);
        }
    }
}

/// `base/text` without `.` and `..`; what leads out of the root stays at the root.
fn join_inside(base: &str, text: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in base.split('/').chain(text.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts.join("/")
}
