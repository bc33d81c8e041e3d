//! C# and F#.

use super::language::{Function, Language, PLAIN};
use super::lex::Syntax;

pub(super) const LANGUAGE: Language = Language {
    syntax: Syntax {
        characters: true,
        // Raw strings: `"""…"""`.
        python: true,
        ..PLAIN.syntax
    },
    joins: &["Path.Combine", "Path.Join"],
    parents: &["Path.GetDirectoryName"],
    forms: &["Path.GetFullPath", "FileInfo", "DirectoryInfo"],
    current: &["Directory.GetCurrentDirectory"],
    elsewhere: &[
        "Path.GetTempPath",
        "Path.GetTempFileName",
        "Environment.GetFolderPath",
    ],
    readers: &[
        Function::of("ReadAllText", &["File"]),
        Function::of("ReadAllTextAsync", &["File"]),
        Function::of("ReadAllLines", &["File"]),
        Function::of("ReadAllLinesAsync", &["File"]),
        Function::of("ReadAllBytes", &["File"]),
        Function::of("ReadAllBytesAsync", &["File"]),
        Function::of("ReadLines", &["File"]),
        Function::of("OpenRead", &["File"]),
        Function::of("OpenText", &["File"]),
        Function::of("Open", &["File"]),
        Function::of("GetFiles", &["Directory"]),
        Function::of("EnumerateFiles", &["Directory"]),
        Function::any("PhysicalFileProvider"),
        Function::any("X509Certificate2"),
    ],
    spawns: &[
        Function::of("Start", &["Process"]),
        Function::any("ProcessStartInfo"),
    ],
    directives: |_, _, _| {},
    ..PLAIN
};
