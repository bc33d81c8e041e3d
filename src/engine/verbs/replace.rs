//! `replace`: a step becomes text.
//!
//! ```text
//! MAINTAINER Jane <jane@example.org>
//! LABEL org.opencontainers.image.authors="Jane <jane@example.org>"
//! ```

use super::{Firing, Proposal, Stop};
use crate::rule::document::ReplaceVerb;
use crate::rule::template::Values;

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
    // A comment between the lines of the instruction would be lost.
    if firing.has_inner_comment(target.instruction) {
        return Ok(false);
    }
    let text = firing.fill(verb.with.trim_end_matches('\n'), values)?;
    let text = text.replace('\n', firing.model.file.newline);
    proposal
        .edits
        .replace(instruction.span, text)
        .map_err(|error| firing.overlap(error))?;
    proposal.rewritten.push(target.instruction);
    Ok(true)
}
