//! `edit`: one command gets or loses options, or another program.

use super::{Firing, Proposal, Stop};
use crate::rule::document::EditVerb;
use crate::syntax::Span;

/// Edits the command of a step: `add` after its subcommand (`apt-get install -y …`), `drop` by name.
pub fn edit(firing: &Firing<'_>, verb: &EditVerb, proposal: &mut Proposal) -> Result<bool, Stop> {
    let Some(target) = firing.target(&verb.step) else {
        return Ok(false);
    };
    let (Some(at), Some(run)) = (target.command, firing.run(target)) else {
        return Ok(false);
    };
    let command = &run.script.commands[at];
    let options = firing.rules.commands.options(command, 0);
    let mut changed = false;
    let fail =
        |result: Result<(), crate::edit::EditError>| result.map_err(|error| firing.overlap(error));
    if let (Some(program), Some(first)) = (&verb.program, command.words.first()) {
        fail(proposal.edits.replace(first.span, program.clone()))?;
        changed = true;
    }
    for drop in &verb.drop {
        for option in options.iter().filter(|option| option.name == *drop) {
            let Some(word) = command.words.get(option.index) else {
                continue;
            };
            // A letter of a cluster stays: taking it out would need the whole word to be written anew.
            if word.raw != *drop && !word.raw.starts_with(&format!("{drop}=")) {
                continue;
            }
            let last = option.value.as_ref().map_or(word.span, |value| {
                command
                    .words
                    .get(value.index)
                    .map_or(word.span, |value| value.span)
            });
            let from = command
                .words
                .get(option.index.wrapping_sub(1))
                .map_or(word.span.start, |before| before.span.end);
            fail(proposal.edits.remove(Span::new(from, last.end)))?;
            changed = true;
        }
    }
    let missing: Vec<&String> = verb
        .add
        .iter()
        .filter(|add| {
            !options
                .iter()
                .any(|option| option.name == add.split('=').next().unwrap_or(add))
        })
        .collect();
    if !missing.is_empty() {
        // After the first word that is no option and not the program: the subcommand, if there is one.
        let subcommand = command
            .words
            .iter()
            .skip(1)
            .find(|word| !word.raw.starts_with('-'))
            .or(command.words.first());
        let Some(word) = subcommand else {
            return Ok(false);
        };
        let text: String = missing.iter().map(|add| format!(" {add}")).collect();
        fail(proposal.edits.insert(word.span.end, text))?;
        changed = true;
    }
    if changed {
        proposal.rewritten.push(target.instruction);
    }
    Ok(changed)
}
