//! `merge`: two RUN that follow each other become one, in the layout of the first.
//!
//! ```text
//! RUN apt-get update \
//!     && apt-get install -y curl
//! # keys
//! RUN curl -o /k https://example.org/k
//!
//! RUN apt-get update \
//!     && apt-get install -y curl \
//!     # keys
//!     && curl -o /k https://example.org/k
//! ```

use super::{Firing, Proposal, Stop};
use crate::model::RunModel;
use crate::rule::document::MergeVerb;
use crate::shell::{Command, Connector, Medium, Script, append_item};
use crate::syntax::{CommandLine, Data, Instruction, Span};

/// Stands for the second script while the layout of the first is found out.
const STAND_IN: &str = ":";

/// Appends the script of `second` to the RUN of `first`.
///
/// Nothing happens where the two do not follow each other, where one has a heredoc, an exec form or other flags than
/// the other, or where the first leaves something behind in its shell that the second would see.
pub fn merge(firing: &Firing<'_>, verb: &MergeVerb, proposal: &mut Proposal) -> Result<bool, Stop> {
    let file = firing.model.file;
    let source = &file.source;
    let (Some(first), Some(second)) = (firing.target(&verb.first), firing.target(&verb.second))
    else {
        return Ok(false);
    };
    let (Some(one), Some(two)) = (firing.run(first), firing.run(second)) else {
        return Ok(false);
    };
    if second.instruction != first.instruction + 1 {
        return Ok(false);
    }
    let head = &file.instructions[first.instruction];
    let tail = &file.instructions[second.instruction];
    if !plain(head, one)
        || !plain(tail, two)
        || flags(head, source) != flags(tail, source)
        || leaves_state(&one.script)
        || !joins(&two.script)
        || pragma(tail, source)
    {
        return Ok(false);
    }
    let Some((at, text)) = append_item(&one.script, source, STAND_IN) else {
        return Ok(false);
    };
    let (Some(separator), Some(begin)) = (text.strip_suffix(STAND_IN), two.script.items.first())
    else {
        return Ok(false);
    };
    let script_start = begin.span.start;
    let before_script = tail
        .flags
        .last()
        .map_or(tail.keyword_span.end, |flag| flag.span.end);
    let blank = |text: &str| text.chars().all(|c| c.is_whitespace() || c == file.escape);
    if !blank(Span::new(at.end, head.span.end).of(source))
        || !blank(Span::new(before_script, script_start).of(source))
    {
        return Ok(false);
    }
    let script = Span::new(script_start, tail.span.end).of(source);
    let comments: Vec<&str> = file
        .comments
        .iter()
        .filter(|comment| {
            comment.span.start >= head.span.end && comment.span.end <= tail.span.start
        })
        .map(|comment| comment.span.of(source).trim())
        .collect();
    let text = joined(separator, &comments, script, file.escape, file.newline);
    proposal
        .edits
        .replace(Span::new(at.start, tail.span.end), text)
        .map_err(|error| firing.overlap(error))?;
    proposal
        .rewritten
        .extend([first.instruction, second.instruction]);
    Ok(true)
}

/// The separator, the comments on lines of their own, and the second script.
fn joined(separator: &str, comments: &[&str], script: &str, escape: char, newline: &str) -> String {
    if comments.is_empty() {
        return format!("{separator}{script}");
    }
    let (before, after) = match separator.rsplit_once('\n') {
        Some((before, after)) => (before.trim_end_matches('\r').to_string(), after.to_string()),
        None => (
            format!("{} {escape}", separator.trim_end()),
            "    ".to_string(),
        ),
    };
    let indentation: String = after
        .chars()
        .take_while(|c| matches!(c, ' ' | '\t'))
        .collect();
    let comments: String = comments
        .iter()
        .map(|comment| format!("{indentation}{comment}{newline}"))
        .collect();
    format!("{before}{newline}{comments}{after}{script}")
}

/// Shell form without heredocs, understood.
fn plain(instruction: &Instruction, run: &RunModel<'_>) -> bool {
    matches!(instruction.data, Data::Command(CommandLine::Shell))
        && instruction.heredocs.is_empty()
        && run.script.medium == Medium::Line
        && run.script.opaque.is_none()
        && !run.script.items.is_empty()
}

fn flags<'a>(instruction: &Instruction, source: &'a str) -> Vec<&'a str> {
    let mut flags: Vec<&str> = instruction
        .flags
        .iter()
        .map(|flag| flag.span.of(source))
        .collect();
    flags.sort_unstable();
    flags
}

/// Whether what follows in the same shell would find another directory, other variables or other settings, or
/// would not run.
fn leaves_state(script: &Script) -> bool {
    let own = |command: &&Command| !command.context.subshell && !command.context.substitution;
    script.commands.iter().filter(own).any(|command| {
        let name = command.words.first().and_then(|word| word.value.as_deref());
        let sets = matches!(
            name,
            Some(
                "cd" | "pushd"
                    | "popd"
                    | "set"
                    | "export"
                    | "unset"
                    | "readonly"
                    | "declare"
                    | "typeset"
                    | "local"
                    | "read"
                    | "umask"
                    | "ulimit"
                    | "shopt"
                    | "alias"
                    | "trap"
                    | "exec"
                    | "exit"
                    | "return"
                    | "eval"
                    | "source"
                    | "."
            )
        );
        sets || command.context.function
            || command.context.background
            || command.is_dynamic()
            || command.words.is_empty() && !command.assignments.is_empty()
    })
}

/// Whether the script means the same after `… &&`: its items are joined by `&&`, nothing catches a failure.
fn joins(script: &Script) -> bool {
    let by_and = script
        .items
        .iter()
        .skip(1)
        .all(|item| item.before == Connector::And);
    by_and
        && !script.items.iter().any(|item| item.background)
        && !script
            .commands
            .iter()
            .any(|command| command.before == Connector::Or)
}

/// Whether the author says something to dockopt in the comments above.
fn pragma(instruction: &Instruction, source: &str) -> bool {
    let mut comments = instruction.leading_comments.iter();
    comments.any(|span| span.of(source).contains("dockopt:"))
}
