//! What a Dockerfile consists of: plain data, every part with its span in the source.

use super::position::LineIndex;
use super::{Lines, Span};

/// A parsed Dockerfile. `source` is the whole truth: everything else points into it.
#[derive(Clone, Debug)]
pub struct Dockerfile {
    /// The text as read, byte order mark included.
    pub source: String,
    /// Whether the text starts with a byte order mark.
    pub bom: bool,
    /// The escape character in force (`\` unless a directive says `` ` ``).
    pub escape: char,
    /// The newline that the file uses for most of its lines: `"\n"` or `"\r\n"`.
    pub newline: &'static str,
    /// Parser directives, in order (`syntax`, `escape`, `check`).
    pub directives: Vec<Directive>,
    /// All instructions in file order.
    pub instructions: Vec<Instruction>,
    /// Build stages, in order. Instructions before the first FROM (global ARGs) are in none.
    pub stages: Vec<Stage>,
    /// All whole-line comments, those inside continuations included, directives not.
    pub comments: Vec<Comment>,
    /// Where lines start; kept for look-ups.
    pub(super) line_index: LineIndex,
}

/// A parser directive: `# name=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// Lower-case name.
    pub name: String,
    /// The value as written, trimmed.
    pub value: String,
    /// The whole line, without its newline.
    pub span: Span,
}

/// A comment line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// From `#` to the end of the line, without the newline.
    pub span: Span,
    /// The line, counted from 1.
    pub line: usize,
    /// The index of the instruction whose continuation holds the comment, if it is inside one.
    pub inside: Option<usize>,
}

/// A build stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Name from `AS`, lower case as BuildKit compares it.
    pub name: Option<String>,
    /// Index of its FROM in [`Dockerfile::instructions`].
    pub from: usize,
    /// Index one past its last instruction.
    pub end: usize,
}

/// The keyword of an instruction.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Keyword {
    Add,
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    Stopsignal,
    User,
    Volume,
    Workdir,
}

/// One instruction: a logical line, with its heredocs.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// Which instruction.
    pub keyword: Keyword,
    /// Where the keyword stands.
    pub keyword_span: Span,
    /// From the keyword to the end of the last line (heredoc terminators included), without the final newline.
    pub span: Span,
    /// Physical lines, as BuildKit counts them.
    pub lines: Lines,
    /// `--name[=value]` between the keyword and the arguments.
    pub flags: Vec<Flag>,
    /// The logical line after the keyword and the flags, with the way back into the source.
    /// For `HEALTHCHECK CMD` the command after `CMD`.
    pub text: Logical,
    /// The arguments, understood.
    pub data: Data,
    /// Heredocs, in order. An ONBUILD and its trigger both hold them.
    pub heredocs: Vec<Heredoc>,
    /// Comment lines directly above (no empty line, directive or instruction between): whole lines without their
    /// newlines.
    pub leading_comments: Vec<Span>,
}

/// `--name` or `--name=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The whole flag.
    pub span: Span,
    /// Name without the dashes, as written.
    pub name: String,
    /// Value after `=`, without quotes and backslashes, as BuildKit passes it on.
    pub value: Option<String>,
}

/// The arguments of an instruction by its kind.
#[derive(Clone, Debug)]
pub enum Data {
    /// `FROM [--platform=…] image [AS alias]`
    From {
        /// The image reference as written.
        image: Word,
        /// The stage name as written.
        alias: Option<Word>,
    },
    /// RUN, CMD, ENTRYPOINT
    Command(CommandLine),
    /// HEALTHCHECK; `None` for `HEALTHCHECK NONE`
    Healthcheck(Option<CommandLine>),
    /// SHELL `["executable", "parameters"]`
    Shell(Vec<Word>),
    /// COPY and ADD
    Transfer {
        /// Sources in order, heredoc words (`<<EOF`) included.
        sources: Vec<Word>,
        /// Destination.
        dest: Word,
        /// Whether the JSON form is used.
        json: bool,
    },
    /// ENV, LABEL: `k=v …` or the legacy `k v`; ARG: `k[=v] …`
    Pairs {
        /// The pairs in order.
        pairs: Vec<Pair>,
        /// The legacy form `ENV key rest of line`.
        legacy: bool,
    },
    /// EXPOSE, VOLUME
    Words {
        /// The words in order.
        words: Vec<Word>,
        /// Whether the JSON form is used.
        json: bool,
    },
    /// WORKDIR, USER, STOPSIGNAL, MAINTAINER; also an ONBUILD whose trigger is no valid instruction,
    /// which BuildKit notices only when the image is used
    Text(Word),
    /// ONBUILD with its instruction (spans in the same source)
    Onbuild(Box<Instruction>),
}

/// A command in shell or exec form.
#[derive(Clone, Debug)]
pub enum CommandLine {
    /// Shell form: the text is [`Instruction::text`]; heredocs, if any, in [`Instruction::heredocs`].
    Shell,
    /// Exec form: a JSON array of strings.
    Exec(Vec<Word>),
}

/// A word with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Bytes in the source, quotes included.
    pub span: Span,
    /// The word as written (continuations joined), quotes included; for JSON strings the decoded string.
    pub raw: String,
    /// The value without quotes and escapes, if no variable occurs in it; `None` where one does, or where the
    /// quotes do not close. For JSON strings of RUN, CMD, ENTRYPOINT, HEALTHCHECK and SHELL the decoded string.
    pub value: Option<String>,
}

impl Word {
    /// The value where it is literal, else the word as written.
    pub fn text(&self) -> &str {
        self.value.as_deref().unwrap_or(&self.raw)
    }
}

/// A `key[=value]` pair of ENV, LABEL or ARG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The whole pair.
    pub span: Span,
    /// The key.
    pub key: Word,
    /// The value; `None` only for ARG without default.
    pub value: Option<Word>,
}

/// A heredoc of RUN, COPY or ADD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heredoc {
    /// Delimiter word.
    pub name: String,
    /// The body in the source, without the terminator line.
    pub body: Span,
    /// Whether variables expand (delimiter not quoted).
    pub expand: bool,
    /// `<<-`: leading tabs are stripped.
    pub strip_tabs: bool,
    /// The body as BuildKit passes it on (after stripping).
    pub content: String,
}

/// A logical line: physical lines joined, comments and empty lines inside left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logical {
    /// The joined text.
    pub text: String,
    /// Where pieces of `text` come from, ascending: (offset in `text`, offset in the source, length).
    pub segments: Vec<(usize, usize, usize)>,
}

impl Logical {
    /// The source span of `start..end` of the joined text: from the first to the last byte,
    /// so it may hold continuations and comments between. `None` where the range is out of bounds.
    pub fn source_span(&self, start: usize, end: usize) -> Option<Span> {
        if start > end || end > self.text.len() {
            return None;
        }
        let first = self.locate(start)?;
        if start == end {
            return Some(Span::at(first));
        }
        let last = self.locate(end - 1)? + 1;
        Some(Span::new(first, last))
    }

    fn locate(&self, offset: usize) -> Option<usize> {
        let index = self.segments.partition_point(|segment| segment.0 <= offset);
        let segment = self.segments.get(index.checked_sub(1)?)?;
        let within = (offset - segment.0).min(segment.2);
        Some(segment.1 + within)
    }
}
