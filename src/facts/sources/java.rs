//! Java, and what other languages of its virtual machine call of its library.

use super::language::{Function, Language};
use super::lex::Syntax;

pub(super) const LANGUAGE: Language = Language {
    syntax: Syntax {
        slash_comments: true,
        hash_comments: false,
        regexes: false,
        templates: false,
        characters: true,
        // Text blocks: `"""…"""`.
        python: true,
        rust: false,
    },
    joins: &["Paths.get", "Path.of"],
    joined_by: &["resolve"],
    parents: &[],
    forms: &["File", "java.io.File", "FileSystemResource"],
    here: &[],
    current: &[],
    elsewhere: &[
        "Files.createTempFile",
        "Files.createTempDirectory",
        "File.createTempFile",
        "createTempDir",
        "createTempFile",
    ],
    readers: &[
        Function::any("File"),
        Function::any("FileInputStream"),
        Function::any("FileReader"),
        Function::any("RandomAccessFile"),
        Function::any("FileSystemResource"),
        Function::of("readAllBytes", &["Files"]),
        Function::of("readAllLines", &["Files"]),
        Function::of("readString", &["Files"]),
        Function::of("lines", &["Files"]),
        Function::of("list", &["Files"]),
        Function::of("walk", &["Files"]),
        Function::of("newBufferedReader", &["Files"]),
        Function::of("newInputStream", &["Files"]),
        Function::of("newDirectoryStream", &["Files"]),
    ],
    spawns: &[Function::any("exec"), Function::any("ProcessBuilder")],
    receivers: false,
    slash_joins: false,
    rooted: false,
    imports: |_, _, _| Vec::new(),
    directives: |_, _, _| {},
};
