//! Evidence in source files: which paths of the context a program names, which files it reads without
//! naming them, what it imports, what it starts.
//!
//! This is no compiler. A string literal that names a path that exists is taken as a use of it, wherever
//! it stands: too much is harmless, too little breaks a program. Where a file is read whose name cannot
//! be known, that is said ([`Dynamic`]), so that the caller can take everything along.

mod c;
mod csharp;
mod dart;
mod elixir;
mod erlang;
mod eval;
mod go;
mod index;
mod java;
mod javascript;
mod language;
mod lex;
mod literal;
mod names;
mod own;
mod php;
mod python;
mod ruby;
mod rust;
mod shells;
mod spawns;
mod starters;
mod swift;
mod uses;
mod value;
mod writes;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::reader::{Glob, SKIPPED};
use super::{Context, Source, Tri};

/// What the sources say.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// String literals without spaces, each text once, with the first place where it stands.
    pub literals: Vec<(String, Source)>,
    /// Paths of the context that the sources name, each once.
    pub paths: Vec<PathUse>,
    /// Files that are read without a name that could be followed.
    pub dynamic: Vec<Dynamic>,
    /// Paths beside the program that are read, as they are written, and that the context lacks.
    pub missing: Vec<(String, Source)>,
    /// What is imported: packages (JavaScript), top-level modules (Python), import paths (Go, `C` included).
    /// Relative imports and Node's own modules are left out.
    pub imports: Vec<Import>,
    /// Programs that are started by name.
    pub commands: Vec<Spawned>,
    /// What the sources write, with a path or without.
    pub writes: Vec<Written>,
    /// Shell scripts that are named, as they are written.
    pub scripts: BTreeSet<String>,
    /// Libraries of the system that are looked for by the name that a linker uses: `find_library("pq")`.
    pub loads: Vec<(String, Source)>,
    /// Where a program is started whose name is not known.
    pub opaque_start: Option<Source>,
    /// The files that start one.
    pub opaque_files: BTreeSet<String>,
    /// Names that may be those of programs, with how they stand in the sources, for where one is started whose
    /// name is not known.
    pub mentioned: BTreeMap<String, (Said, Source)>,
    /// Patterns of `//go:embed`, relative to the directory of their source.
    pub embeds: Vec<(String, Source)>,
    /// A source that could not be read (too large, not UTF-8), and why: what it names is not known.
    pub unread: Option<(String, String)>,
    /// Paths in texts of several words, which are command lines where the sources start programs at all.
    lines: Vec<PathUse>,
    /// The texts of `literals` and the paths of `paths`.
    seen: HashSet<String>,
    known: HashSet<String>,
}

/// A path of the context that a source names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathUse {
    /// The path from the root of the context, which exists; empty for the root itself.
    pub path: String,
    /// The literal, or the literals of a join.
    pub literal: String,
    /// Where it stands.
    pub source: Source,
}

/// A file access whose path is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dynamic {
    /// The call: `fs.readFile(file)`.
    pub call: String,
    /// Where it stands.
    pub source: Source,
}

/// An import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The package, module or import path.
    pub package: String,
    /// Whether only types are imported, which are gone at run time (TypeScript).
    pub type_only: bool,
    /// Where it stands.
    pub source: Source,
}

/// A program that is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spawned {
    /// Its name, as it is looked up in `PATH`.
    pub name: String,
    /// What is known of the words after it, with spaces between them.
    pub rest: String,
    /// Where it is started.
    pub source: Source,
}

/// A file or directory that a source writes, replaces or removes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Where.
    pub path: WrittenPath,
    /// Whether it is a directory that is made.
    pub directory: bool,
    /// The call: `fs.writeFile(file)`.
    pub call: String,
    /// Where it stands.
    pub source: Source,
}

/// What is known of a path that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrittenPath {
    /// Seen from the directory of the source (`here`), or from where the program is started. With `open` something
    /// unknown follows.
    Known {
        /// From the directory of the source.
        here: bool,
        /// The path.
        text: String,
        /// Only the beginning of the path is known.
        open: bool,
    },
    /// A directory for files that pass: everybody may write there.
    Temporary,
    /// Not known.
    Unknown,
}

/// How a name that may be a program's stands in a source; what says more is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Said {
    /// Alone, or as the first word of a text: `"git"`, `"git is needed"`.
    Word,
    /// As what is given to a name: `tool = "convert"`.
    Value,
    /// As a command begins: with an option, a file or a variable after it, in one text, a list or a call.
    Line,
    /// By the place where the system has programs: `"/usr/bin/git"`.
    Place,
}

/// More source text than this, in bytes, is not searched.
const MAX_BYTES: usize = 32 << 20;

impl Scan {
    fn literal(&mut self, text: &str, source: impl FnOnce() -> Source) {
        if !self.seen.contains(text) {
            self.seen.insert(text.to_string());
            self.literals.push((text.to_string(), source()));
        }
    }

    /// Searches one source text; `paths` are all files of the context.
    fn add(&mut self, file: &str, text: &str, index: &index::Index) {
        let language = language::of(file);
        let text = language::code(file, text);
        let lexed = lex::lex(text, language.syntax);
        if let Some(line) = lexed.broken {
            let source = Source {
                file: file.to_string(),
                line,
            };
            self.dynamic.push(Dynamic {
                call: "a literal without its end".to_string(),
                source,
            });
        }
        let skipped = (language.imports)(&lexed.tokens, file, self);
        (language.directives)(text, file, self);
        let source = eval::SourceFile::new(&lexed.tokens, language, file, index);
        uses::uses(&source, &skipped, self);
    }
}

/// Searches the source files that match one of `files` and none of `except` (globs, see [`Glob`]).
///
/// Absent if there is no such file. Unknown if the files of the context are not known, or they are too many.
pub fn scan(context: &dyn Context, files: &[String], except: &[String]) -> Tri<Scan> {
    let parse = |globs: &[String]| {
        globs
            .iter()
            .map(|glob| Glob::parse(glob))
            .collect::<Result<Vec<_>, _>>()
    };
    let (wanted, unwanted) = match (parse(files), parse(except)) {
        (Ok(files), Ok(except)) => (files, except),
        (Err(reason), _) | (_, Err(reason)) => return Tri::Unknown(reason),
    };
    let all = match context.files() {
        Ok(all) => all,
        Err(reason) => return Tri::Unknown(reason),
    };
    let matches = |globs: &[Glob], file: &str| globs.iter().any(|glob| glob.is_match(file));
    let own = |file: &str| !file.split('/').any(|part| SKIPPED.contains(&part));
    let sources: Vec<&String> = all
        .iter()
        .filter(|file| matches(&wanted, file) && own(file) && !matches(&unwanted, file))
        .collect();
    if sources.is_empty() {
        return Tri::Absent;
    }
    let index = index::Index::new(&all);
    let mut scan = Scan::default();
    let mut bytes = 0;
    for file in sources {
        match context.read(file) {
            Tri::Present(text) => {
                bytes += text.len();
                if bytes > MAX_BYTES {
                    return Tri::Unknown("the sources are larger than 32 MiB".to_string());
                }
                scan.add(file, &text, &index);
            }
            Tri::Absent => {}
            Tri::Unknown(reason) => scan.unread = scan.unread.or(Some((file.clone(), reason))),
        }
    }
    let starts = !scan.commands.is_empty() || scan.opaque_start.is_some();
    for used in std::mem::take(&mut scan.lines) {
        if starts && scan.known.insert(used.path.clone()) {
            scan.paths.push(used);
        }
    }
    Tri::Present(scan)
}
