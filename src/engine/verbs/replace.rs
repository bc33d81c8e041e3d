//! `replace`: a step becomes text.
//!
//! ```text
//! MAINTAINER Jane <jane@example.org>
//! LABEL org.opencontainers.image.authors="Jane <jane@example.org>"
//! ```

use super::{Firing, Proposal, Stop};
use crate::rule::document::ReplaceVerb;
use crate::rule::template::{Values, fill};

/// Replaces the instruction of a step, comments above it kept.
pub fn replace(
    firing: &Firing<'_>,
    verb: &ReplaceVerb,
    values: &Values,
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let Some(target) = firing.target(&verb.step) else {
        return Ok(false);
    };
    let instruction = &firing.model.file.instructions[target.instruction];
    let text = fill(verb.with.trim_end_matches('\n'), values).map_err(|hole| Stop {
        offset: instruction.span.start,
        reason: "unknown",
        message: format!("unknown: {hole}"),
        allow: "give the build context with --context DIR".into(),
    })?;
    let text = text.replace('\n', firing.model.file.newline);
    proposal
        .edits
        .replace(instruction.span, text)
        .map_err(|error| firing.overlap(error))?;
    proposal.rewritten.push(target.instruction);
    Ok(true)
}
