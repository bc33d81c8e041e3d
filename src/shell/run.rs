//! From an instruction to its script: shell form, exec form, heredocs.

use super::inner;
use super::map::Map;
use super::types::{Command, Connector, Item, Medium, Script, Word};
use super::{parse, read, read_file};
use crate::syntax::{self, CommandLine, Data, Heredoc, Instruction, Logical, Span};

/// Parses what a RUN runs, in whichever form it is written. `source` is the text of the Dockerfile.
///
/// - Shell form: the commands of the line. A SHELL instruction other than a POSIX shell is the caller's to
///   know (see [`is_shell`](super::is_shell)).
/// - Shell form that is nothing but a heredoc (`RUN <<EOF`): the commands of the body; a body that begins with
///   `#!` is opaque unless the interpreter is a POSIX shell.
/// - Shell form with heredocs (`RUN cat <<EOF > file`): the commands of the line, the bodies as redirections.
/// - Exec form: one command; of `["sh", "-c", "…"]` the commands of the inner script.
///
/// Any other instruction, ONBUILD included, gives an empty script: of ONBUILD give the inner instruction.
pub fn parse_run(instruction: &Instruction, source: &str) -> Script {
    let words = match &instruction.data {
        Data::Command(CommandLine::Exec(words)) => words,
        Data::Command(CommandLine::Shell) => return parse_shell_form(instruction, source),
        _ => return Script::default(),
    };
    exec_form(words, source)
}

/// Parses the command of CMD, ENTRYPOINT or HEALTHCHECK in shell or exec form; `HEALTHCHECK NONE` and other
/// instructions give an empty script.
pub fn parse_command_line(instruction: &Instruction, source: &str) -> Script {
    match &instruction.data {
        Data::Command(line) | Data::Healthcheck(Some(line)) => match line {
            CommandLine::Shell => parse(&instruction.text),
            CommandLine::Exec(words) => exec_form(words, source),
        },
        _ => Script::default(),
    }
}

fn parse_shell_form(instruction: &Instruction, source: &str) -> Script {
    match instruction.heredocs.as_slice() {
        [] => parse(&instruction.text),
        [only] if is_heredoc_word(&instruction.text.text) => body_script(only, source),
        bodies => {
            let text = with_bodies(&instruction.text, bodies, source);
            Script {
                medium: Medium::LineWithBodies,
                ..read(&text.text, Map::Logical(&text))
            }
        }
    }
}

/// Whether a line is one heredoc word and nothing else, as BuildKit decides it: `3<<-"EOF"`.
fn is_heredoc_word(line: &str) -> bool {
    let line = line.trim();
    let Some(rest) = line
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .strip_prefix("<<")
    else {
        return false;
    };
    let name = rest.strip_prefix('-').unwrap_or(rest).trim_start();
    !name.is_empty() && !name.contains(['<', ' ', '\t', ';', '&', '|', '>'])
}

/// The body of a heredoc as a script of its own.
fn body_script(heredoc: &Heredoc, source: &str) -> Script {
    let body = heredoc.body.of(source);
    if !heredoc.strip_tabs {
        return read_file(body, Map::Offset(heredoc.body.start));
    }
    let mut text = Logical::default();
    let mut at = heredoc.body.start;
    for line in body.split_inclusive('\n') {
        let kept = line.trim_start_matches('\t');
        push(&mut text, kept, at + line.len() - kept.len());
        at += line.len();
    }
    read_file(&text.text, Map::Logical(&text))
}

/// The line and its heredocs as BuildKit hands them to the shell.
fn with_bodies(line: &Logical, bodies: &[Heredoc], source: &str) -> Logical {
    let mut text = line.clone();
    let mut at = text
        .segments
        .last()
        .map_or(0, |segment| segment.1 + segment.2);
    for heredoc in bodies {
        push(&mut text, "\n", at);
        push(&mut text, heredoc.body.of(source), heredoc.body.start);
        at = heredoc.body.end;
        push(&mut text, &heredoc.name, at);
    }
    text
}

fn push(text: &mut Logical, piece: &str, at: usize) {
    text.segments.push((text.text.len(), at, piece.len()));
    text.text.push_str(piece);
}

fn exec_form(strings: &[syntax::Word], source: &str) -> Script {
    let words: Vec<Word> = strings.iter().map(|word| json_word(word, source)).collect();
    if let Some(index) = inner::script_word(&words)
        && let Some(word) = words.get(index)
    {
        return inner::script_of(word, word.span.of(source));
    }
    let (Some(first), Some(last)) = (strings.first(), strings.last()) else {
        return Script {
            medium: Medium::Exec,
            flat: true,
            ..Script::default()
        };
    };
    let span = first.span.join(last.span);
    let item = Item {
        span,
        before: Connector::First,
        connector: Span::at(span.start),
        heredoc: false,
        background: false,
    };
    // The strings' quotes belong to the command, not to its words.
    let command = Command {
        span,
        ..Command::of(words)
    };
    Script {
        commands: vec![command],
        items: vec![item],
        flat: true,
        medium: Medium::Exec,
        ..Script::default()
    }
}

/// A JSON string as a word: its span without the quotes, so that it can be replaced by an escaped string.
fn json_word(word: &syntax::Word, source: &str) -> Word {
    let value = word.value.clone().unwrap_or_else(|| word.raw.clone());
    let raw = word.span.of(source);
    let span = if raw.len() > 1 && raw.starts_with('"') && raw.ends_with('"') {
        Span::new(word.span.start + 1, word.span.end - 1)
    } else {
        word.span
    };
    Word {
        span,
        raw: value.clone(),
        value: Some(value),
        glob: false,
        quoted: true,
        variables: Vec::new(),
    }
}
