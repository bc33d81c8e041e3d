//! `insert`: new instructions before or after a step.
//!
//! ```text
//! COPY package.json ./
//! RUN npm ci
//!
//! COPY package.json ./
//! ENV NODE_ENV=production
//! RUN npm ci
//! ```

use super::{Firing, Proposal, Stop};
use crate::edit::insert_lines;
use crate::rule::document::InsertVerb;
use crate::rule::template::Values;

/// Inserts whole lines next to the instruction of a step.
pub fn insert(
    firing: &Firing<'_>,
    verb: &InsertVerb,
    values: &Values,
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let file = firing.model.file;
    let (step, before) = match (&verb.before, &verb.after) {
        (Some(step), _) => (step, true),
        (None, Some(step)) => (step, false),
        (None, None) => return Ok(false),
    };
    let Some(target) = firing.target(step) else {
        return Ok(false);
    };
    let text = firing.fill(verb.text.trim_end_matches('\n'), values)?;
    let Some(lines) = crate::edit::instruction_lines(file, target.instruction, before) else {
        return Ok(false);
    };
    let offset = if before { lines.start } else { lines.end };
    insert_lines(&mut proposal.edits, file, offset, &text)
        .map_err(|error| firing.overlap(error))?;
    Ok(true)
}
