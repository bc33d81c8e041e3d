//! Erlang.

use super::language::{Function, Language, PLAIN};
use super::lex::Syntax;

pub(super) const LANGUAGE: Language = Language {
    syntax: Syntax {
        slash_comments: false,
        percent_comments: true,
        ..PLAIN.syntax
    },
    joins: &["join"],
    spawns: &[
        // `os:cmd("git status")`: the module stands before a colon.
        Function::of("cmd", &[""]),
        Function::of("find_executable", &[""]),
        Function::of("run", &[""]),
        // `open_port({spawn, "git status"}, [])`: what it starts stands deeper.
        Function::of("open_port", &[""]),
    ],
    ..PLAIN
};
