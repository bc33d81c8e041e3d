//! Dart.

use super::language::{Function, Language, PLAIN};
use super::lex::Syntax;

pub(super) const LANGUAGE: Language = Language {
    syntax: Syntax {
        // Strings over several lines, and raw ones: `'''…'''`, `r'…'`.
        python: true,
        holes: &["${", "$"],
        ..PLAIN.syntax
    },
    elsewhere: &["Directory.systemTemp"],
    spawns: &[
        Function::of("run", &["Process", "Shell", "shell"]),
        Function::of("start", &["Process"]),
        Function::of("runSync", &["Process"]),
        Function::of("runExecutableArguments", &[""]),
        Function::of("which", &[""]),
        Function::of("whichSync", &[""]),
    ],
    ..PLAIN
};
