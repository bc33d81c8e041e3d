//! `append`: a command at the end of a RUN's chain, or directly after another, in the chain's own layout.
//!
//! ```text
//! RUN apt-get update \
//!     && apt-get install -y curl
//!
//! RUN apt-get update \
//!     && apt-get install -y curl \
//!     && rm -rf /var/lib/apt/lists/*
//! ```

use super::{Firing, Proposal, Stop};
use crate::rule::document::AppendVerb;
use crate::rule::template::Values;
use crate::shell::{Command, Script};

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
    if leaves(&run.script) {
        return Ok(false);
    }
    let command = firing.fill(&verb.command, values)?;
    let source = &firing.model.file.source;
    let edit = match (verb.directly, target.command) {
        (true, Some(at)) => {
            let item = run.script.commands[at].item;
            crate::shell::insert_item(&run.script, source, item, &command)
        }
        _ => crate::shell::append_item(&run.script, source, &command),
    };
    let Some((span, text)) = edit else {
        return Ok(false);
    };
    proposal
        .edits
        .replace(span, text)
        .map_err(|error| firing.overlap(error))?;
    proposal.rewritten.push(target.instruction);
    Ok(true)
}

/// Whether the script may end before its last line, so that what follows would never run.
fn leaves(script: &Script) -> bool {
    let own = |command: &&Command| {
        !command.context.subshell && !command.context.substitution && !command.context.function
    };
    script.commands.iter().filter(own).any(|command| {
        let name = command.words.first().and_then(|word| word.value.as_deref());
        matches!(name, Some("exit" | "exec" | "return"))
    })
}
