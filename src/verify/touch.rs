//! A copy of the build context in which one source file is changed.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::VerifyError;
use crate::facts::{Context, DirectoryContext, Entry, Tri};

/// Extensions of languages in which applications are written, by the language.
const LANGUAGES: &[(&str, &[&str])] = &[
    (
        "JavaScript",
        &[
            "js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "vue", "svelte",
        ],
    ),
    ("Python", &["py"]),
    ("Go", &["go"]),
    ("Rust", &["rs"]),
    ("JVM", &["java", "kt", "scala", "groovy", "clj"]),
    (".NET", &["cs", "fs", "vb"]),
    ("Ruby", &["rb"]),
    ("PHP", &["php"]),
    ("C", &["c", "cc", "cpp", "cxx", "h", "hpp"]),
    ("Swift", &["swift"]),
    ("Dart", &["dart"]),
    ("Elixir", &["ex", "exs"]),
    ("Haskell", &["hs"]),
];
/// No larger file is taken for something that a person writes, in bytes.
const LARGEST: u64 = 256 << 10;
/// Words in a path that speak of tests, tools, or code of others.
const ASIDE: [&str; 14] = [
    "test",
    "tests",
    "__tests__",
    "spec",
    "e2e",
    "mock",
    "mocks",
    "fixtures",
    "vendor",
    "node_modules",
    "migrations",
    "scripts",
    "examples",
    "docs",
];

/// The source file that is changed before a rebuild: the largest of the language that most files of the build context
/// are written in, without tests, settings and generated code.
pub(super) fn candidate(context: &DirectoryContext) -> Option<String> {
    let files = context.files().ok()?;
    let mut sources: HashMap<&str, Vec<&str>> = HashMap::new();
    for file in files.iter() {
        if let Some(language) = language(file).filter(|_| !is_aside(file)) {
            sources.entry(language).or_default().push(file);
        }
    }
    let most = sources
        .into_iter()
        .max_by(|(a, one), (b, other)| one.len().cmp(&other.len()).then_with(|| b.cmp(a)));
    let (_, sources) = most?;
    let size = |file: &str| match context.entry(file).present() {
        Some(Entry::File(size)) if size <= LARGEST => Some(size),
        _ => None,
    };
    let sized = sources.iter().filter_map(|file| Some((size(file)?, *file)));
    let largest = sized.max_by(|(a, one), (b, other)| a.cmp(b).then_with(|| other.cmp(one)));
    largest.map(|(_, file)| file.to_string())
}

/// A number of empty lines that no earlier run has added to a file: its build would be in the cache. One more is new,
/// too.
pub(super) fn new_lines() -> usize {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = now.map_or(0, |now| now.as_secs());
    1 + 2 * (seconds % 5_000) as usize
}

/// A copy of the context, as far as the engine would send it, with empty lines added to the end of `file`. Files are
/// linked where that is possible.
pub(super) fn touched(
    context: &DirectoryContext,
    file: &str,
    lines: usize,
) -> Result<tempfile::TempDir, VerifyError> {
    let copy = tempfile::Builder::new()
        .prefix("dockopt-verify-")
        .tempdir()
        .map_err(|error| failure(Path::new("a temporary folder"), error))?;
    let files = context
        .files()
        .map_err(|reason| failure(context.root(), io::Error::other(reason)))?;
    for name in files.iter() {
        let (from, to) = (context.root().join(name), copy.path().join(name));
        let copied = folder(context.root(), copy.path(), Path::new(name)).and_then(|()| {
            match name == file {
                true => add_lines(&from, &to, lines),
                false => link(&from, &to),
            }
        });
        copied.map_err(|error| failure(&from, error))?;
    }
    empty_folders(context, "", copy.path()).map_err(|error| failure(context.root(), error))?;
    Ok(copy)
}

/// Makes the folders below `folder` that hold no file: they are part of the context, too.
fn empty_folders(context: &DirectoryContext, folder: &str, to: &Path) -> io::Result<()> {
    let Tri::Present(names) = context.names(folder) else {
        return Ok(());
    };
    for name in names.iter() {
        let path = crate::facts::path::join(folder, name);
        if context.entry(&path) == Tri::Present(Entry::Directory) {
            // As if a file stood in it.
            self::folder(context.root(), to, &Path::new(&path).join("file"))?;
            empty_folders(context, &path, to)?;
        }
    }
    Ok(())
}

fn failure(path: &Path, source: io::Error) -> VerifyError {
    VerifyError::File {
        path: path.display().to_string(),
        source,
    }
}

/// Makes the folders of `name` below `to`, with the rights they have below `from`: a COPY keeps them.
fn folder(from: &Path, to: &Path, name: &Path) -> io::Result<()> {
    let Some(parent) = name
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    else {
        return Ok(());
    };
    if to.join(parent).is_dir() {
        return Ok(());
    }
    folder(from, to, parent)?;
    fs::create_dir(to.join(parent))?;
    let rights = fs::metadata(from.join(parent))?.permissions();
    fs::set_permissions(to.join(parent), rights)
}

fn link(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if from.is_symlink() {
        return std::os::unix::fs::symlink(fs::read_link(from)?, to);
    }
    fs::hard_link(from, to).or_else(|_| fs::copy(from, to).map(drop))
}

fn add_lines(from: &Path, to: &Path, lines: usize) -> io::Result<()> {
    let mut bytes = fs::read(from)?;
    bytes.extend(std::iter::repeat_n(b'\n', lines));
    fs::write(to, bytes)?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())
}

fn language(file: &str) -> Option<&'static str> {
    let (_, extension) = file.rsplit_once('.')?;
    let found = LANGUAGES
        .iter()
        .find(|(_, known)| known.contains(&extension));
    found.map(|(language, _)| *language)
}

/// Whether a file is no source of the application proper.
fn is_aside(file: &str) -> bool {
    let mut parts: Vec<&str> = file.split('/').collect();
    let name = parts.pop().unwrap_or_default();
    let words = name.split(['.', '_', '-']);
    let named = |name: &str| ASIDE.contains(&name);
    parts
        .iter()
        .any(|part| part.starts_with('.') || named(part))
        || name.starts_with('.')
        || words.clone().any(named)
        || words
            .clone()
            .any(|word| matches!(word, "config" | "min" | "d" | "conftest" | "setup"))
}

/// `touch` as a path of the build context, with `/`.
pub(super) fn relative(touch: &Path, context: &Path) -> String {
    let inside: PathBuf = match touch.strip_prefix(context) {
        Ok(inside) if context != Path::new(".") => inside.to_path_buf(),
        _ => touch.to_path_buf(),
    };
    crate::report::slashed(&inside)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn given(files: &[(&str, &str)]) -> (tempfile::TempDir, DirectoryContext) {
        let temp = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = temp.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let context = DirectoryContext::new(temp.path(), temp.path().join("Dockerfile"));
        (temp, context)
    }

    #[test]
    fn the_largest_source_of_the_main_language_is_taken() {
        let (_temp, context) = given(&[
            ("package.json", "{\"a\": \"a long text that is no source\"}"),
            ("src/main.ts", "a"),
            ("src/orders.ts", "abc"),
            ("src/orders.spec.ts", "abcdef"),
            ("test/all.ts", "abcdef"),
            ("jest.config.js", "abcdef"),
            ("tool.py", "abcdefghi"),
            (".dockerignore", "src/secret.ts"),
            ("src/secret.ts", "abcdefghijkl"),
        ]);
        assert_eq!(candidate(&context).as_deref(), Some("src/orders.ts"));
        let (_temp, context) = given(&[("Dockerfile", "FROM a"), ("index.html", "a")]);
        assert_eq!(candidate(&context), None);
    }

    #[test]
    fn only_the_named_file_is_changed_and_only_in_the_copy() {
        let (temp, context) = given(&[
            ("src/deep/a.py", "a = 1\n"),
            ("b.txt", "b"),
            ("left/out", "c"),
            (".dockerignore", "left"),
        ]);
        fs::create_dir_all(temp.path().join("empty/deep")).unwrap();
        let copy = touched(&context, "src/deep/a.py", 2).unwrap();
        assert!(copy.path().join("empty/deep").is_dir());
        let read = |path: PathBuf| fs::read_to_string(path).unwrap_or_default();
        let changed = read(copy.path().join("src/deep/a.py"));
        assert_eq!(changed, "a = 1\n\n\n");
        assert_eq!(read(temp.path().join("src/deep/a.py")), "a = 1\n");
        assert_eq!(read(copy.path().join("b.txt")), "b");
        assert!(!copy.path().join("left").exists());
    }

    #[test]
    fn a_file_may_be_named_from_either_folder() {
        let name = |touch: &str, context: &str| relative(Path::new(touch), Path::new(context));
        assert_eq!(name("app/src/a.py", "app"), "src/a.py");
        assert_eq!(name("src/a.py", "app"), "src/a.py");
        assert_eq!(name("./src/a.py", "."), "src/a.py");
    }
}
