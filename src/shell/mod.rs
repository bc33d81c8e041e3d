//! The shell layer: a RUN script to commands and words with spans.
//!
//! What it is unsure of it calls opaque; it never guesses.

use crate::syntax::{Logical, Span};

/// A shell script, read as a flat list of simple commands in the order they are written.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// Simple commands, in source order, those nested in compound commands included.
    pub commands: Vec<Command>,
    /// Why the script (or a part of it) is not understood; then `commands` may be incomplete.
    pub opaque: Option<Opaque>,
    /// True where the script is a plain list of simple commands joined by `&&`, `;` or newlines
    /// (no pipes, groups, conditions, loops, functions, background jobs).
    pub flat: bool,
}

/// A part of a script that is not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opaque {
    /// Where, in the source.
    pub span: Span,
    /// Why, for a person.
    pub reason: String,
}

/// A simple command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// From the first assignment or word to the last word or redirection, in the source.
    pub span: Span,
    /// `NAME=value` before the command's name.
    pub assignments: Vec<Assignment>,
    /// Name and arguments; empty for a bare assignment or redirection.
    pub words: Vec<Word>,
    /// Redirections.
    pub redirects: Vec<Redirect>,
    /// What stands between the command before and this one, at the same level.
    pub before: Connector,
    /// Under which conditions it runs.
    pub context: Nesting,
    /// Which top-level list item it belongs to (commands of one pipeline or compound share it).
    pub item: usize,
}

/// How a command follows the one before.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connector {
    First,
    And,
    Or,
    Semicolon,
    Newline,
    Pipe,
    Background,
}

/// Where a command is nested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nesting {
    /// Inside `if`, `case`, `||` right side, `while` or `until`: may not run.
    pub conditional: bool,
    /// Inside a loop.
    pub looped: bool,
    /// Inside `( … )`: state (cd, variables) does not outlive it.
    pub subshell: bool,
    /// Part of a pipeline of more than one command.
    pub pipeline: bool,
    /// Inside `$( … )` or backticks.
    pub substitution: bool,
    /// Inside a function body.
    pub function: bool,
    /// Followed by `&`.
    pub background: bool,
}

/// `NAME=value` before a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The whole assignment.
    pub span: Span,
    /// The variable's name.
    pub name: String,
    /// The value.
    pub value: Word,
}

/// A word of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Where, in the source, quotes included.
    pub span: Span,
    /// As written (continuations joined), quotes included.
    pub raw: String,
    /// The value after quote removal, if nothing in the word expands (no `$`, no backtick; globs, tildes and
    /// braces are kept as they are, see `glob`).
    pub value: Option<String>,
    /// Unquoted `*`, `?`, `[`, `~` or braces occur: the shell would expand the word.
    pub glob: bool,
    /// Whether any part of the word is quoted.
    pub quoted: bool,
    /// Names of the variables that the word expands, in order.
    pub variables: Vec<String>,
}

/// A redirection such as `> file`, `2>&1`, `<<EOF`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// The whole redirection.
    pub span: Span,
    /// The operator, for example `>`, `>>`, `<`, `2>&1`'s `>&`.
    pub operator: String,
    /// The file descriptor number if written.
    pub fd: Option<u32>,
    /// Target; `None` for a heredoc.
    pub target: Option<Word>,
    /// The heredoc's body, if it is one.
    pub heredoc: Option<String>,
}

/// Parses the shell text of an instruction (after its flags).
pub fn parse(_text: &Logical) -> Script {
    todo!("shell layer")
}

/// Parses a free-standing script (an entrypoint file, a package.json script, a heredoc body); spans are
/// offsets in `text` plus `offset`.
pub fn parse_text(_text: &str, _offset: usize) -> Script {
    todo!("shell layer")
}
