//! Elixir, and what it calls of Erlang's library.

use super::language::{Function, Language, PLAIN};
use super::lex::Syntax;

pub(super) const LANGUAGE: Language = Language {
    syntax: Syntax {
        slash_comments: false,
        hash_comments: true,
        // Heredocs: `"""…"""`.
        python: true,
        holes: &["#{"],
        ..PLAIN.syntax
    },
    joins: &["Path.join"],
    forms: &["Path.expand", "Path.absname"],
    elsewhere: &["System.tmp_dir", "System.tmp_dir!", "System.user_home"],
    spawns: &[
        Function::of("cmd", &["System", "os", "MuonTrap"]),
        Function::of("shell", &["System", "Porcelain"]),
        Function::of("exec", &["Porcelain"]),
        Function::of("run", &["Rambo", "exec"]),
        Function::of("find_executable", &["System", "os"]),
        Function::of("open", &["Port"]),
    ],
    bare_calls: true,
    ..PLAIN
};
