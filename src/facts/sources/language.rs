//! What the search knows of a language: its lexer's switches and the names of functions.

use super::lex::{Syntax, Token};
use super::{Import, Scan};
use super::{
    c, csharp, dart, elixir, erlang, go, java, javascript, php, python, ruby, rust, swift,
};

/// The knowledge of one language.
#[derive(Clone, Copy)]
pub(super) struct Language {
    pub syntax: Syntax,
    /// Functions that join path elements: `path.join`.
    pub joins: &'static [&'static str],
    /// Methods that join their argument to the path they are asked of: `directory.resolve("name")`.
    pub joined_by: &'static [&'static str],
    /// Functions that give the directory of a path.
    pub parents: &'static [&'static str],
    /// Functions that give a path they are given, changed in its form at most: `normalize`.
    pub forms: &'static [&'static str],
    /// Functions and constants that give the directory or the file the source stands in.
    pub here: &'static [(&'static str, Here)],
    /// Functions that give the current directory.
    pub current: &'static [&'static str],
    /// Functions that give a place outside the application.
    pub elsewhere: &'static [&'static str],
    /// Functions that read files.
    pub readers: &'static [Function],
    /// Functions that start programs.
    pub spawns: &'static [Function],
    /// Functions that write, replace or remove files.
    pub writers: &'static [Function],
    /// Functions that make directories.
    pub makers: &'static [Function],
    /// Methods that write the file that they are asked of: `path.write_text("…")`.
    pub own_writers: &'static [&'static str],
    /// Options that name what a function writes: `multer({ dest: 'uploads' })`.
    pub written_options: &'static [(&'static str, &'static str)],
    /// Functions that look for a library of the system by the name that a linker uses.
    pub loads: &'static [Function],
    /// Modules whose functions start programs, under whatever name a file imports them.
    pub starters: &'static [&'static str],
    /// Those of `starters` that have functions beside those that start programs.
    pub modules: &'static [&'static str],
    /// Modules that start programs by names of their own: `sh.git("status")`.
    pub shells: &'static [&'static str],
    /// Whether functions are called without brackets: `system "git", "status"`.
    pub bare_calls: bool,
    /// Whether functions have receivers: `func (s *Store) Load(name string)`.
    pub receivers: bool,
    /// Whether `/` joins paths.
    pub slash_joins: bool,
    /// Whether a literal that begins with `/` may go on after the directory of the manifest:
    /// `concat!(env!("CARGO_MANIFEST_DIR"), "/templates")`.
    pub rooted: bool,
    /// Whether programs are compiled, so that their sources need not lie where they run.
    pub compiled: bool,
    /// Finds imports; gives the indices of literals that are no paths of files read at run time.
    pub imports: fn(&[Token<'_>], &str, &mut Scan) -> Vec<usize>,
    /// Finds what is said in comments of the text.
    pub directives: fn(&str, &str, &mut Scan),
}

/// What an expression that speaks of the source itself gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Here {
    Directory,
    File,
}

/// A function that reads files, or starts a program.
#[derive(Clone, Copy)]
pub(super) struct Function {
    pub name: &'static str,
    /// What must stand before the name and a dot, if the name alone says too little; the empty name
    /// stands for nothing at all.
    pub of: &'static [&'static str],
    /// Which argument is the path or the program, counted from 0.
    pub argument: usize,
    /// Endings that the path may lack.
    pub endings: &'static [&'static str],
}

impl Function {
    /// A function whose first argument is a path, whatever stands before its name.
    pub const fn any(name: &'static str) -> Self {
        Self::of(name, &[])
    }

    /// As above, where one of `of` stands before the name.
    pub const fn of(name: &'static str, of: &'static [&'static str]) -> Self {
        Self {
            name,
            of,
            argument: 0,
            endings: &[],
        }
    }

    /// The same with the path at another place, counted from 0.
    pub const fn at(self, argument: usize) -> Self {
        Self { argument, ..self }
    }

    /// The same where the path may lack one of these endings.
    pub const fn ending(self, endings: &'static [&'static str]) -> Self {
        Self { endings, ..self }
    }
}

/// The language of a file, by its name.
pub(super) fn of(path: &str) -> &'static Language {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "cts" | "tsx" | "astro") => {
            &javascript::LANGUAGE
        }
        Some("py" | "pyw" | "pyi") => &python::LANGUAGE,
        Some("c" | "h" | "cc" | "cpp" | "cxx" | "c++" | "hpp" | "hh" | "hxx") => &c::LANGUAGE,
        Some("cs" | "fs" | "vb") => &csharp::LANGUAGE,
        Some("go") => &go::LANGUAGE,
        Some("rs") => &rust::LANGUAGE,
        Some("php") => &php::LANGUAGE,
        Some("java" | "kt" | "scala" | "groovy") => &java::LANGUAGE,
        Some("pl" | "sh" | "r" | "R" | "cr" | "jl" | "yaml" | "yml" | "toml") => &HASH,
        Some("rb" | "rake" | "ru" | "gemspec") => &ruby::LANGUAGE,
        Some("erl" | "hrl" | "escript") => &erlang::LANGUAGE,
        Some("ex" | "exs") => &elixir::LANGUAGE,
        Some("dart") => &dart::LANGUAGE,
        Some("swift") => &swift::LANGUAGE,
        None if path.rsplit('/').next() == Some("Rakefile") => &ruby::LANGUAGE,
        _ => &PLAIN,
    }
}

/// The code of a file: of a page of Astro, what stands between two lines of `---`.
pub(super) fn code<'t>(path: &str, text: &'t str) -> &'t str {
    const FENCE: &str = "---";
    if !path.ends_with(".astro") {
        return text;
    }
    let mut parts = text.splitn(3, FENCE);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(before), Some(code), Some(_)) => {
            let end = before.len() + FENCE.len() + code.len();
            &text[before.len() + FENCE.len()..end]
        }
        _ => "",
    }
}

/// A language of which only the string literals are of use; the others say what they have beyond it.
pub(super) const PLAIN: Language = Language {
    syntax: Syntax {
        slash_comments: true,
        hash_comments: false,
        percent_comments: false,
        regexes: false,
        templates: false,
        characters: false,
        python: false,
        rust: false,
        commands: false,
        holes: &[],
    },
    joins: &[],
    joined_by: &[],
    parents: &[],
    forms: &[],
    here: &[],
    current: &[],
    elsewhere: &[],
    readers: &[],
    spawns: &[],
    writers: &[],
    makers: &[],
    own_writers: &[],
    written_options: &[],
    loads: &[],
    starters: &[],
    modules: &[],
    shells: &[],
    bare_calls: false,
    receivers: false,
    slash_joins: false,
    rooted: false,
    compiled: false,
    imports: |_, _, _| Vec::new(),
    directives: |_, _, _| {},
};

const HASH: Language = Language {
    syntax: Syntax {
        slash_comments: false,
        hash_comments: true,
        ..PLAIN.syntax
    },
    ..PLAIN
};

/// Adds an import.
pub(super) fn add_import(scan: &mut Scan, package: &str, type_only: bool, file: &str, line: usize) {
    let source = crate::facts::Source {
        file: file.to_string(),
        line,
    };
    scan.imports.push(Import {
        package: package.to_string(),
        type_only,
        source,
    });
}
