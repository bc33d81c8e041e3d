//! What a script consists of: plain data with spans in the source.

use crate::syntax::Span;

/// A shell script, read as a flat list of simple commands in the order they are written.
///
/// `opaque` is about *structure*: it is set where the text could not be read with certainty (a parse error,
/// an unknown construct, a carriage return, an alias …). A script whose structure is clear but whose commands
/// run other text (`eval`, `.`, `source`, `"$@"`, `$CMD arg`) is not opaque; such a command says so by
/// [`Command::is_dynamic`], and who needs to know what it does must treat it as unknown.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// Simple commands, in source order, those nested in compound commands included.
    ///
    /// A redirection of a compound command (`{ …; } > file`) stands after its commands as a command without
    /// words, `[[ … ]]` is a command named `[[`, and `(( … ))` is a command of one word without a value.
    pub commands: Vec<Command>,
    /// Why the script (or a part of it) is not understood; then `commands` may be incomplete.
    pub opaque: Option<Opaque>,
    /// True where the script is a plain list of simple commands joined by `&&`, `;` or newlines
    /// (no `||`, `!`, pipes, groups, conditions, loops, functions, background jobs).
    pub flat: bool,
    /// The items of the top-level list, in order; see [`Item`].
    pub items: Vec<Item>,
    /// How the text of the script is written down, which decides how it can be edited.
    pub medium: Medium,
    /// The first line, where it begins with `#!`.
    pub shebang: Option<String>,
}

/// How the text of a script is embedded in the source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Medium {
    /// The arguments of an instruction: lines are continued by the escape character, whole-line comments and
    /// empty lines between them belong to Docker, and there are no newlines for the shell.
    #[default]
    Line,
    /// Text with newlines of its own: a script file or the body of a heredoc.
    Text,
    /// An instruction with heredocs that the shell reads: the line, then the bodies.
    LineWithBodies,
    /// A string inside other syntax (a JSON array, a quoted word) that holds the script as it is.
    String,
    /// A string whose escapes were undone: every span is that of the whole string.
    Escaped,
    /// Exec form: the words are JSON strings, there is no shell.
    Exec,
}

/// An item of the top-level list of a script: what can be taken out without changing what the others mean.
///
/// A pipeline or a compound command is one item, and so is the part of an `&&`/`||` list up to and with the
/// operand after the last `||` (`a || b && c` is `a || b` and `c`), and a whole list that ends in `&`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// From its first to its last byte; a final `&` included, heredoc bodies not.
    pub span: Span,
    /// How it follows the item before.
    pub before: Connector,
    /// Where the connector stands (`&&`, `;` or the newline); empty where there is none.
    pub connector: Span,
    /// Whether the item holds a heredoc, whose body stands after its line.
    pub heredoc: bool,
    /// Whether it is a background job.
    pub background: bool,
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
    /// Which top-level list item it belongs to (commands of one pipeline or compound share it): an index
    /// into [`Script::items`].
    pub item: usize,
}

impl Command {
    /// A command of these words alone, as a list of strings starts it.
    pub fn of(words: Vec<Word>) -> Self {
        let spans = words.iter().map(|word| word.span);
        Self {
            span: spans.reduce(Span::join).unwrap_or_default(),
            assignments: Vec::new(),
            words,
            redirects: Vec::new(),
            before: Connector::First,
            context: Nesting::default(),
            item: 0,
        }
    }
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
    /// May not run although the script succeeds: a branch of `if` or `case`, the body of `while` or `until`,
    /// the right side of `||`, an operand of `&&` whose failure a later `||` swallows, or what follows a test
    /// (`[`, `test`, `[[`, `!`) by `&&` where the list is not the last of its sequence.
    pub conditional: bool,
    /// Inside a loop.
    pub looped: bool,
    /// Inside `( … )`: state (cd, variables) does not outlive it.
    pub subshell: bool,
    /// Part of a pipeline of more than one command.
    pub pipeline: bool,
    /// Inside `$( … )`, backticks or `<( … )`.
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
    /// The value; without one where it is `NAME+=value` or an array.
    pub value: Word,
}

/// A word of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Where, in the source, quotes included; for a JSON string without its quotes.
    pub span: Span,
    /// As written (continuations joined), quotes included; inside backticks, without the backslashes that those
    /// take away.
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
    /// The whole redirection; of a heredoc the operator and the delimiter, not the body.
    pub span: Span,
    /// The operator, for example `>`, `>>`, `<`, `2>&1`'s `>&`.
    pub operator: String,
    /// The file descriptor number if written.
    pub fd: Option<u32>,
    /// Target; `None` for a heredoc.
    pub target: Option<Word>,
    /// The heredoc's body, if it is one; without the leading tabs that `<<-` strips.
    pub heredoc: Option<String>,
}
