//! Edits of whole lines of a Dockerfile.

use super::{Edit, EditError, Edits};
use crate::syntax::{Dockerfile, Instruction, Span};

/// The whole lines of an instruction, its final newline included; with `comments` also the comment lines
/// directly above. `None` where there is no such instruction.
///
/// On the last line of a file that does not end in a newline, the span ends with the file.
pub fn instruction_lines(dockerfile: &Dockerfile, index: usize, comments: bool) -> Option<Span> {
    let instruction = dockerfile.instructions.get(index)?;
    let lines = dockerfile.lines_span(instruction.lines.start, instruction.lines.end);
    let first = instruction.leading_comments.first().filter(|_| comments);
    Some(Span::new(
        first.map_or(lines.start, |comment| comment.start),
        lines.end,
    ))
}

/// Removes the whole lines of an instruction. Where they are the last of a file without a final newline, the
/// newline before them goes too, so that no newline appears that was not there.
///
/// # Errors
/// The lines overlap another edit. Without such an instruction nothing is removed.
pub fn remove_instruction(
    edits: &mut Edits,
    dockerfile: &Dockerfile,
    index: usize,
    comments: bool,
) -> Result<(), EditError> {
    let Some(mut span) = instruction_lines(dockerfile, index, comments) else {
        return Ok(());
    };
    let source = &dockerfile.source;
    if span.end == source.len() && !source.ends_with('\n') {
        let before = source.get(..span.start).unwrap_or("");
        let without = before
            .strip_suffix('\n')
            .map(|before| before.strip_suffix('\r').unwrap_or(before));
        span.start = without.unwrap_or(before).len();
    }
    edits.remove(span)
}

/// Inserts whole lines before the line that starts at `offset` (the start of a line, or the end of the text).
///
/// `text` is one or more lines separated by `\n`, with or without a newline at the end; they get the newline of
/// the file. At the end of a file that does not end in a newline, the newline comes before them.
///
/// # Errors
/// The place lies inside another edit.
pub fn insert_lines(
    edits: &mut Edits,
    dockerfile: &Dockerfile,
    offset: usize,
    text: &str,
) -> Result<(), EditError> {
    let newline = dockerfile.newline;
    let text = text.strip_suffix('\n').unwrap_or(text);
    let lines: Vec<&str> = text
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
        .collect();
    let joined = lines.join(newline);
    let before = dockerfile
        .source
        .get(..offset)
        .unwrap_or(&dockerfile.source);
    let at_line_start = before.is_empty() || before.ends_with('\n') || before == "\u{feff}";
    let text = if at_line_start {
        joined + newline
    } else {
        format!("{newline}{joined}")
    };
    edits.add(Edit {
        span: Span::at(offset.min(dockerfile.source.len())),
        text,
    })
}

/// A keyword in the spelling of another instruction: in small letters where that one is.
pub fn keyword_like(other: &Instruction, dockerfile: &Dockerfile, name: &str) -> String {
    let written = other.keyword_span.of(&dockerfile.source);
    if written.chars().all(|c| c.is_ascii_lowercase()) {
        name.to_ascii_lowercase()
    } else {
        name.to_string()
    }
}
