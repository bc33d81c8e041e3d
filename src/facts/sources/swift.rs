//! Swift.

use super::language::{Function, Language, PLAIN};
use super::lex::Syntax;

pub(super) const LANGUAGE: Language = Language {
    syntax: Syntax {
        // `"""…"""`.
        python: true,
        holes: &["\\("],
        ..PLAIN.syntax
    },
    forms: &["URL", "NSString"],
    elsewhere: &[
        "NSTemporaryDirectory",
        "FileManager.default.temporaryDirectory",
    ],
    spawns: &[
        // Foundation's; what it starts is set afterwards.
        Function::of("Process", &["", "Foundation"]),
        Function::of("run", &["Process", "Subprocess", ""]),
        Function::any("shellOut"),
    ],
    ..PLAIN
};
