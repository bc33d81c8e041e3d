//! Java, and what other languages of its virtual machine call of its library.

use super::language::{Function, Language, PLAIN};
use super::lex::Syntax;

pub(super) const LANGUAGE: Language = Language {
    syntax: Syntax {
        characters: true,
        // Text blocks: `"""…"""`.
        python: true,
        ..PLAIN.syntax
    },
    joins: &["Paths.get", "Path.of"],
    joined_by: &["resolve"],
    forms: &["File", "java.io.File", "FileSystemResource"],
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
    // JNA, and the JDK's own; a library of the project is not known to the table of those of the system.
    loads: &[
        Function::of("load", &["Native"]),
        Function::of("loadLibrary", &["Native", "System"]),
    ],
    directives: |_, _, _| {},
    ..PLAIN
};
