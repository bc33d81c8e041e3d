//! C# and F#.

use super::language::{Function, Language};
use super::lex::Syntax;

pub(super) const LANGUAGE: Language = Language {
    syntax: Syntax {
        slash_comments: true,
        hash_comments: false,
        regexes: false,
        templates: false,
        characters: true,
        // Raw strings: `"""…"""`.
        python: true,
        rust: false,
    },
    joins: &["Path.Combine", "Path.Join"],
    joined_by: &[],
    parents: &["Path.GetDirectoryName"],
    forms: &["Path.GetFullPath", "FileInfo", "DirectoryInfo"],
    here: &[],
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
    receivers: false,
    slash_joins: false,
    rooted: false,
    imports: |_, _, _| Vec::new(),
    directives: |_, _, _| {},
};
