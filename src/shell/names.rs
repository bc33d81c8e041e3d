//! Names that a shell takes for itself.

/// Words of its grammar (POSIX.1-2017, Shell Command Language, 2.4, and bash's additions).
const KEYWORDS: &[&str] = &[
    "!", "((", "[[", "case", "do", "else", "for", "function", "if", "time", "until", "while", "{",
];

/// Commands that the shell runs itself and that are no programs beside (POSIX.1-2017, 2.14 and 1.6, and bash's
/// additions).
const BUILTINS: &[&str] = &[
    ".", ":", "alias", "bg", "break", "cd", "command", "continue", "declare", "eval", "exec",
    "exit", "export", "fg", "getopts", "hash", "jobs", "let", "local", "popd", "pushd", "read",
    "readonly", "return", "set", "shift", "shopt", "source", "times", "trap", "type", "typeset",
    "ulimit", "umask", "unalias", "unset", "wait",
];

/// Commands that the shell runs itself, though images have programs of these names.
const PROGRAMS_TOO: &[&str] = &[
    "[", "echo", "false", "kill", "printf", "pwd", "test", "true",
];

/// Whether a command of this name needs no program.
pub fn is_builtin(name: &str) -> bool {
    needs_shell(name) || PROGRAMS_TOO.contains(&name)
}

/// Whether a command of this name means something only in a shell.
pub fn needs_shell(name: &str) -> bool {
    KEYWORDS.contains(&name) || BUILTINS.contains(&name)
}
