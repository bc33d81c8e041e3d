//! `append`: a command at the end of a RUN's chain, in the chain's own layout.

use super::{Firing, Proposal, Stop};
use crate::rule::document::AppendVerb;
use crate::rule::template::{Values, fill};

/// Appends a command to the RUN of a step; nothing where the script is not a chain that can take it.
pub fn append(
    firing: &Firing<'_>,
    verb: &AppendVerb,
    values: &Values,
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let Some(target) = firing.target(&verb.step) else {
        return Ok(false);
    };
    let Some(run) = firing.run(target) else {
        return Ok(false);
    };
    let command = fill(&verb.command, values).map_err(|hole| Stop {
        offset: firing.offset(),
        reason: "unknown",
        message: format!("unknown: {hole}"),
        allow: "give the build context with --context DIR".into(),
    })?;
    let Some((span, text)) =
        crate::shell::append_item(&run.script, &firing.model.file.source, &command)
    else {
        return Ok(false);
    };
    proposal
        .edits
        .replace(span, text)
        .map_err(|error| firing.overlap(error))?;
    proposal.rewritten.push(target.instruction);
    Ok(true)
}
