//! `respell`: an instruction is written in another way that means the same.
//!
//! ```text
//! from golang:1.25 as Build
//! ENV GREETING hello world
//!
//! FROM golang:1.25 AS build
//! ENV GREETING="hello world"
//! ```

use super::{Firing, Proposal, Stop};
use crate::engine::matching::Target;
use crate::rule::document::{RespellVerb, Spelling};
use crate::shell::{Connector, Medium};
use crate::syntax::{Data, Instruction, Pair, Span};

/// Respells a part of the instruction of a step; nothing where it is written so already, or cannot be.
pub fn respell(
    firing: &Firing<'_>,
    verb: &RespellVerb,
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let Some(target) = firing.target(&verb.step) else {
        return Ok(false);
    };
    let file = firing.model.file;
    let source = &file.source;
    let instruction = &file.instructions[target.instruction];
    let one = |edit: Option<(Span, String)>| edit.into_iter().collect::<Vec<_>>();
    let edits = match verb.what {
        Spelling::Keyword => {
            let span = instruction.keyword_span;
            vec![(span, span.of(source).to_ascii_uppercase())]
        }
        Spelling::As => one(capital_as(instruction, source)),
        Spelling::StageName => match &instruction.data {
            Data::From {
                alias: Some(alias), ..
            } => vec![(alias.span, alias.span.of(source).to_lowercase())],
            _ => Vec::new(),
        },
        // A value on several lines is laid out as its author wants it.
        Spelling::Pair if !instruction.span.of(source).contains('\n') => one(pair(instruction)),
        Spelling::Pair => Vec::new(),
        Spelling::Continuation => empty_lines(instruction, source),
        Spelling::Protocol => match &instruction.data {
            Data::Words { words, .. } => words
                .iter()
                .filter(|word| word.value.is_some())
                .map(|word| (word.span, word.span.of(source).to_ascii_lowercase()))
                .collect(),
            _ => Vec::new(),
        },
        Spelling::Checksum => one(checksum(firing, target)),
    };
    let mut changed = false;
    for (span, text) in edits {
        if span.of(source) != text {
            let added = proposal.edits.replace(span, text);
            added.map_err(|error| firing.overlap(error))?;
            changed = true;
        }
    }
    if changed {
        proposal.rewritten.push(target.instruction);
    }
    Ok(changed)
}

/// The blank between the sum and the file's name in the one word of an `echo`, which another one goes beside. A name
/// that begins with `*` (binary mode) has its mark there.
fn checksum(firing: &Firing<'_>, target: &Target) -> Option<(Span, String)> {
    let script = &firing.run(target)?.script;
    let at = target.command?;
    let word = match script.commands.get(at)?.words.as_slice() {
        [_, word] if matches!(script.medium, Medium::Line | Medium::Text) => word,
        _ => return None,
    };
    let reader = script.commands.get(at + 1)?;
    let program = reader.words.first()?.value.as_deref()?;
    let compares = reader.words.iter().any(|word| {
        matches!(
            word.value.as_deref(),
            Some("-c" | "--check" | "-sc" | "-cs" | "-wc")
        )
    });
    let quote = word
        .raw
        .chars()
        .next()
        .filter(|c| matches!(c, '"' | '\''))?;
    let inner = word.raw.strip_prefix(quote)?.strip_suffix(quote)?;
    let (sum, name) = inner.split_once(' ')?;
    let plain =
        |text: &str| !text.is_empty() && !text.contains([' ', '\t', '"', '\'', '`', '\\', '(']);
    let source = &firing.model.file.source;
    let wanted = matches!(
        program,
        "sha1sum" | "sha224sum" | "sha256sum" | "sha384sum" | "sha512sum" | "md5sum"
    ) && reader.before == Connector::Pipe
        && compares
        && plain(sum)
        && plain(name)
        && !name.starts_with('*')
        && word.span.of(source) == word.raw;
    let end = word.span.start + 1 + sum.len();
    wanted.then(|| (Span::new(end, end + 1), "  ".to_string()))
}

/// The word between the image and the stage's name.
fn capital_as(instruction: &Instruction, source: &str) -> Option<(Span, String)> {
    let Data::From {
        image,
        alias: Some(alias),
    } = &instruction.data
    else {
        return None;
    };
    let between = Span::new(image.span.end, alias.span.start);
    let text = between.of(source);
    let at = text.to_ascii_lowercase().find("as")?;
    let start = between.start + at;
    Some((Span::new(start, start + 2), "AS".to_string()))
}

/// `NAME value` as `NAME=value`: in double quotes where it has blanks, and only where they change nothing else.
fn pair(instruction: &Instruction) -> Option<(Span, String)> {
    let Data::Pairs {
        pairs,
        legacy: true,
    } = &instruction.data
    else {
        return None;
    };
    let [
        Pair {
            span,
            key,
            value: Some(value),
        },
    ] = pairs.as_slice()
    else {
        return None;
    };
    let raw = value.raw.trim();
    let special = |c: char| matches!(c, '"' | '\'' | '\\' | '`');
    let text = if raw.contains(special) {
        // Whole quotes around everything stay as they are.
        let inner = raw
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))?;
        if inner.contains(special) {
            return None;
        }
        raw.to_string()
    } else if raw.is_empty() || raw.contains(char::is_whitespace) {
        format!("\"{raw}\"")
    } else {
        raw.to_string()
    };
    Some((*span, format!("{}={text}", key.raw)))
}

/// Empty lines between the lines of an instruction, those of heredocs left out.
fn empty_lines(instruction: &Instruction, source: &str) -> Vec<(Span, String)> {
    let end = instruction
        .heredocs
        .first()
        .map_or(instruction.span.end, |heredoc| heredoc.body.start);
    let mut edits = Vec::new();
    let mut at = instruction.span.start;
    for line in source.get(at..end).unwrap_or("").split_inclusive('\n') {
        if line.ends_with('\n') && line.trim().is_empty() && at > instruction.span.start {
            edits.push((Span::new(at, at + line.len()), String::new()));
        }
        at += line.len();
    }
    edits
}
