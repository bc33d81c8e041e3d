//! `remove`: a step disappears; a command of a RUN disappears with its connector.

use super::{Firing, Proposal, Stop};
use crate::rule::document::RemoveVerb;

/// Removes the instruction of a step, or the command of a RUN.
pub fn remove(
    firing: &Firing<'_>,
    verb: &RemoveVerb,
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let file = firing.model.file;
    let Some(target) = firing.target(&verb.step) else {
        return Ok(false);
    };
    proposal.rewritten.push(target.instruction);
    if let (Some(command), Some(run)) = (target.command, firing.run(target))
        && run.script.items.len() > 1
    {
        let item = run.script.commands[command].item;
        let edits = crate::shell::remove_item(&run.script, &file.source, item);
        if edits.is_empty() {
            return Ok(false);
        }
        for (span, text) in edits {
            proposal
                .edits
                .replace(span, text)
                .map_err(|error| firing.overlap(error))?;
        }
        return Ok(true);
    }
    crate::edit::remove_instruction(&mut proposal.edits, file, target.instruction, true)
        .map_err(|error| firing.overlap(error))?;
    Ok(true)
}
