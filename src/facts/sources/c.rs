//! C and C++.

use super::Scan;
use super::language::{Function, Language, PLAIN};
use super::lex::{Syntax, Token};

pub(super) const LANGUAGE: Language = Language {
    syntax: Syntax {
        characters: true,
        ..PLAIN.syntax
    },
    forms: &[
        "std.string",
        "string",
        "fs.path",
        "filesystem.path",
        "std.filesystem.path",
    ],
    current: &["getcwd", "current_path"],
    elsewhere: &["tmpnam", "mkstemp", "mkdtemp", "temp_directory_path"],
    readers: &[
        Function::any("fopen"),
        Function::any("freopen"),
        Function::of("open", &[""]),
        Function::any("openat").at(1),
        Function::any("opendir"),
        Function::any("dlopen"),
        Function::any("directory_iterator"),
        Function::any("imread"),
        Function::any("LoadFile"),
        Function::any("parse_file"),
        Function::any("luaL_dofile").at(1),
        Function::any("g_file_get_contents"),
        // variables of these types: `std::ifstream in("data.txt")`
        Function::any("ifstream"),
        Function::any("fstream"),
    ],
    spawns: &[
        Function::of("system", &["", "std"]),
        Function::any("popen"),
        Function::any("execl"),
        Function::any("execlp"),
        Function::any("execvp"),
    ],
    compiled: true,
    imports: includes,
    directives: |_, _, _| {},
    ..PLAIN
};

/// Headers are no files that are read at run time.
fn includes(tokens: &[Token<'_>], _: &str, _: &mut Scan) -> Vec<usize> {
    let after_include = |at: usize| {
        at >= 1
            && matches!(
                tokens[at - 1].word(),
                Some("include" | "include_next" | "import")
            )
    };
    (0..tokens.len())
        .filter(|at| tokens[*at].text().is_some() && after_include(*at))
        .collect()
}
