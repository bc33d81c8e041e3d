//! Rust.

use super::Scan;
use super::language::{Function, Here, Language, PLAIN};
use super::lex::{Syntax, Token};

pub(super) const LANGUAGE: Language = Language {
    syntax: Syntax {
        characters: true,
        rust: true,
        ..PLAIN.syntax
    },
    joined_by: &["join"],
    forms: &["Path.new", "PathBuf.from", "String.from", "format"],
    here: &[("CARGO_MANIFEST_DIR", Here::Directory)],
    current: &["env.current_dir", "current_dir"],
    elsewhere: &["env.temp_dir", "temp_dir", "tempdir", "TempDir.new"],
    readers: &[
        Function::of("open", &["File", "NamedFile"]),
        Function::of("read_to_string", &["fs"]),
        Function::of("read", &["fs"]),
        Function::of("read_dir", &["fs"]),
        Function::of("new", &["ServeDir", "ServeFile", "Tera"]),
        Function::of("new", &["Files"]).at(1),
        Function::of("from", &["FileServer"]),
        Function::of("dir", &["fs"]),
        Function::of("file", &["fs"]),
        Function::of("from_filename", &["dotenv", "dotenvy"]),
        // of the crate config
        Function::of("with_name", &["File"])
            .ending(&[".toml", ".yaml", ".yml", ".json", ".json5", ".ini", ".ron"]),
        Function::any("register_templates_directory").at(1),
        Function::any("register_template_file").at(1),
    ],
    spawns: &[Function::of("new", &["Command"])],
    rooted: true,
    compiled: true,
    imports: compiled_in,
    directives: |_, _, _| {},
    ..PLAIN
};

/// Files that macros put into the program when it is compiled: no files that are read at run time.
fn compiled_in(tokens: &[Token<'_>], _: &str, _: &mut Scan) -> Vec<usize> {
    let names = [
        "include_str",
        "include_bytes",
        "include",
        "include_dir",
        "embed_migrations",
        "migrate",
        "query_file",
        "query_file_as",
    ];
    let mut literals = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let named = token.word().is_some_and(|word| names.contains(&word));
        let called =
            |ahead: usize, sign: u8| tokens.get(at + ahead).is_some_and(|token| token.is(sign));
        if !named || !called(1, b'!') || !called(2, b'(') {
            continue;
        }
        let inside =
            (at + 3..tokens.len()).take_while(|at| !tokens[*at].is(b';') && !tokens[*at].is(b'}'));
        literals.extend(inside.take(16).filter(|at| tokens[*at].text().is_some()));
    }
    literals
}
