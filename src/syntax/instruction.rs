//! One logical line to an [`Instruction`].

use std::ops::Range;

use super::arguments::{arguments, invalid};
use super::error::Failure;
use super::json::{Array, array};
use super::line::Line;
use super::split::split;
use super::words::is_separator;
use super::{CommandLine, Data, Instruction, Keyword, Lines, Logical, Word, flags};

/// Reads one instruction in `range` of a logical line.
pub(super) fn read(line: &Line<'_>, range: Range<usize>) -> Result<Instruction, Failure> {
    let parts = split(line, &range);
    let word = line.text(&parts.keyword);
    let Some(keyword) = Keyword::parse(word) else {
        return Err(unknown(line, &parts.keyword));
    };
    let (data, text) = match keyword {
        Keyword::Onbuild => onbuild(line, parts.rest)?,
        _ => arguments(line, keyword, parts.rest)?,
    };
    // HEALTHCHECK NONE is the one instruction whose flags BuildKit does not look at, ARG and
    // STOPSIGNAL the two that take none and do not mind.
    let unchecked = matches!(data, Data::Healthcheck(None))
        || matches!(keyword, Keyword::Arg | Keyword::Stopsignal);
    if !unchecked {
        flags::check(keyword, &parts.flags).map_err(Failure::Instruction)?;
    }
    Ok(Instruction {
        keyword,
        keyword_span: line.span(&parts.keyword),
        span: line.span(&line.trim(&range)),
        lines: Lines::default(),
        flags: parts.flags,
        text: line.slice(&text),
        data,
        heredocs: Vec::new(),
        leading_comments: Vec::new(),
    })
}

/// The trigger of an ONBUILD. BuildKit only takes its line apart; whether the instruction is valid
/// shows when the image is used, so an invalid one is kept as text.
fn onbuild(line: &Line<'_>, rest: Range<usize>) -> Result<(Data, Range<usize>), Failure> {
    let text = line.text(&rest);
    let keyword = rest.start..(rest.start + text.find(is_separator).unwrap_or(text.len()));
    match Keyword::parse(line.text(&keyword).trim()) {
        Some(trigger @ (Keyword::Onbuild | Keyword::From | Keyword::Maintainer)) => {
            return Err(invalid(
                line,
                &keyword,
                format!("{trigger} cannot be the trigger of an ONBUILD"),
                "ONBUILD takes any instruction but FROM, MAINTAINER and ONBUILD",
            ));
        }
        Some(_) => {}
        None => return arguments(line, Keyword::Onbuild, rest),
    }
    match read(line, rest.clone()) {
        Ok(trigger) => Ok((Data::Onbuild(Box::new(trigger)), rest)),
        Err(Failure::Instruction(_)) => arguments(line, Keyword::Onbuild, rest),
        Err(failure) => Err(failure),
    }
}

fn unknown(line: &Line<'_>, keyword: &Range<usize>) -> Failure {
    let word = line.text(keyword);
    let help = match Keyword::similar_to(word) {
        Some(similar) => format!("did you mean {similar}?"),
        None => "if the line belongs to the one above, end that one with the escape character; if the file is a template, render it first".to_owned(),
    };
    invalid(line, keyword, format!("`{word}` is no instruction"), help)
}

/// RUN, COPY and ADD in the shell form, directly or behind ONBUILD.
pub(super) fn may_start_heredoc(instruction: &Instruction) -> bool {
    match &instruction.data {
        Data::Onbuild(trigger) => may_start_heredoc(trigger),
        Data::Command(CommandLine::Shell) => instruction.keyword == Keyword::Run,
        Data::Transfer { json, .. } => !json,
        Data::Text(trigger) if instruction.keyword == Keyword::Onbuild => {
            invalid_trigger_may_start_heredoc(trigger)
        }
        _ => false,
    }
}

/// Heredocs of a trigger that is no valid instruction belong to it all the same.
fn invalid_trigger_may_start_heredoc(trigger: &Word) -> bool {
    let length = trigger.raw.len();
    let joined = Logical {
        text: trigger.raw.clone(),
        segments: vec![(0, 0, length)],
    };
    let line = Line {
        joined: &joined,
        escape: '\\',
    };
    let parts = split(&line, &(0..length));
    let keyword = Keyword::parse(line.text(&parts.keyword));
    matches!(keyword, Some(Keyword::Run | Keyword::Copy | Keyword::Add))
        && !matches!(array(line.text(&parts.rest)), Array::Strings(_))
}
