//! `remove`: a step disappears; a command of a RUN disappears with its connector.
//!
//! ```text
//! RUN apk update && apk add --no-cache curl
//! RUN apk add --no-cache curl
//! ```

use super::{Firing, Proposal, Stop};
use crate::rule::document::RemoveVerb;
use crate::shell::{Command, Script};

/// Removes the instruction of a step with the comments above it, or the command of a RUN.
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
    if let Some(at) = target.command {
        let Some(run) = firing.run(target) else {
            return Ok(false);
        };
        let command = &run.script.commands[at];
        if !alone(&run.script, command) {
            return Ok(false);
        }
        if run.script.items.len() > 1 {
            let edits = crate::shell::remove_item(&run.script, &file.source, command.item);
            for (span, text) in &edits {
                proposal
                    .edits
                    .replace(*span, text.clone())
                    .map_err(|error| firing.overlap(error))?;
            }
            return Ok(!edits.is_empty());
        }
    }
    crate::edit::remove_instruction(
        &mut proposal.edits,
        file,
        target.instruction,
        !verb.keep_comments,
    )
    .map_err(|error| firing.overlap(error))?;
    Ok(true)
}

/// Whether the command is an item of the list by itself: no part of a pipeline or a compound command, nothing in
/// it runs other commands, nothing it writes is kept, and it runs whenever the script gets there.
fn alone(script: &Script, command: &Command) -> bool {
    let same_item = |other: &&Command| other.item == command.item;
    let conditional = command.context.conditional || command.context.looped;
    script.opaque.is_none()
        && script.commands.iter().filter(same_item).count() == 1
        && !conditional
        && !command.context.subshell
        && !command.context.function
        && !command.context.background
        && command
            .redirects
            .iter()
            .filter_map(|redirect| redirect.target.as_ref())
            .all(|target| matches!(target.value.as_deref(), Some("/dev/null" | "1" | "2")))
}
