//! Ruby.

use super::language::{Function, Language, PLAIN};
use super::lex::Syntax;

pub(super) const LANGUAGE: Language = Language {
    syntax: Syntax {
        slash_comments: false,
        hash_comments: true,
        regexes: true,
        commands: true,
        holes: &["#{"],
        ..PLAIN.syntax
    },
    elsewhere: &[
        "Dir.tmpdir",
        "Dir.mktmpdir",
        "Tempfile.new",
        "Tempfile.create",
    ],
    spawns: &[
        Function::of("system", &["", "Kernel"]),
        Function::of("exec", &["", "Kernel", "Process"]),
        Function::of("spawn", &["", "Kernel", "Process"]),
        Function::of("popen", &["IO"]),
        Function::of("capture2", &["Open3"]),
        Function::of("capture2e", &["Open3"]),
        Function::of("capture3", &["Open3"]),
        Function::of("popen2", &["Open3"]),
        Function::of("popen2e", &["Open3"]),
        Function::of("popen3", &["Open3"]),
        Function::of("pipeline", &["Open3"]),
        Function::of("pipeline_r", &["Open3"]),
        // Terrapin, Cocaine and POSIX::Spawn.
        Function::of("new", &["CommandLine", "Child"]),
    ],
    bare_calls: true,
    ..PLAIN
};
