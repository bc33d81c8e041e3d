//! `edit`: one command gets or loses options, or another program; an instruction gets another keyword or flags.
//!
//! ```text
//! RUN apk add --update curl
//! RUN apk add --no-cache curl
//! ```

use super::{Firing, Proposal, Stop};
use crate::edit::EditError;
use crate::engine::matching::Target;
use crate::rule::Matcher;
use crate::rule::commands::{base_name, tokens};
use crate::rule::document::EditVerb;
use crate::rule::template::Values;
use crate::shell::{Command, Medium, Word};
use crate::syntax::{Data, Span};

/// Edits the command of a step: `add` after its subcommand (`apt-get install -y …`), `drop` by name.
pub fn edit(
    firing: &Firing<'_>,
    verb: &EditVerb,
    values: &Values,
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let Some(target) = firing.target(&verb.step) else {
        return Ok(false);
    };
    let instruction = instruction(firing, verb, values, target, proposal)?;
    if verb.add.is_empty() && verb.drop.is_empty() && verb.program.is_none() && !verb.unwrap {
        return Ok(instruction);
    }
    let mut changed = command(firing, verb, target, proposal)?;
    if verb.every {
        for other in others(firing, verb, target) {
            changed |= command(firing, verb, &other, proposal)?;
        }
    }
    Ok(changed || instruction)
}

/// The other commands of the same RUN that a pattern of the step matches.
fn others(firing: &Firing<'_>, verb: &EditVerb, target: &Target) -> Vec<Target> {
    let Some(run) = firing.run(target) else {
        return Vec::new();
    };
    let matches = |command: &Command| {
        let program = command.words.first().and_then(|word| word.value.as_deref());
        let Some(name) = program.map(base_name) else {
            return false;
        };
        let words = tokens(&command.words, name);
        let value_options = firing.rules.commands.value_options(name);
        firing.rule.matchers(&verb.step).iter().any(|matcher| {
            matches!(matcher, Matcher::Command(pattern)
                if pattern.matches(&words, value_options).is_some())
        })
    };
    let commands = run.script.commands.iter().enumerate();
    commands
        .filter(|(at, command)| Some(*at) != target.command && matches(command))
        .map(|(at, _)| Target {
            instruction: target.instruction,
            command: Some(at),
        })
        .collect()
}

/// Another keyword for the instruction, flags that it gets or loses.
fn instruction(
    firing: &Firing<'_>,
    verb: &EditVerb,
    values: &Values,
    target: &Target,
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let file = firing.model.file;
    let instruction = &file.instructions[target.instruction];
    let fail = |result: Result<(), EditError>| result.map_err(|error| firing.overlap(error));
    let mut changed = false;
    if let Some(keyword) = &verb.keyword {
        let written = instruction.keyword_span.of(&file.source);
        let lower = written.bytes().all(|b| b.is_ascii_lowercase());
        let text = match lower {
            true => keyword.to_ascii_lowercase(),
            false => keyword.clone(),
        };
        if written != text {
            fail(proposal.edits.replace(instruction.keyword_span, text))?;
            changed = true;
        }
    }
    if let (Some(image), Data::From { image: word, .. }) = (&verb.image, &instruction.data) {
        let text = firing.fill(image, values)?;
        fail(proposal.edits.replace(word.span, text))?;
        changed = true;
    }
    for flag in &instruction.flags {
        if verb.drop_flags.contains(&flag.name) {
            let blank = blank_before(&file.source, flag.span.start);
            fail(proposal.edits.remove(Span::new(blank, flag.span.end)))?;
            changed = true;
        }
    }
    let mut text = String::new();
    for flag in &verb.add_flags {
        let flag = firing.fill(flag, values)?;
        super::caches::refuse_taken(firing, &flag)?;
        text.push_str(&format!(" {flag}"));
    }
    if !text.is_empty() {
        fail(proposal.edits.insert(instruction.keyword_span.end, text))?;
        changed = true;
    }
    if changed {
        proposal.rewritten.push(target.instruction);
    }
    Ok(changed)
}

/// Where the blanks before `offset` begin; those of a line alone.
fn blank_before(source: &str, offset: usize) -> usize {
    let before = source.get(..offset).unwrap_or("");
    before.trim_end_matches([' ', '\t']).len()
}

/// Options and the program of the command of a step.
fn command(
    firing: &Firing<'_>,
    verb: &EditVerb,
    target: &Target,
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let (Some(at), Some(run)) = (target.command, firing.run(target)) else {
        return Ok(false);
    };
    // In a string with escapes nobody knows where a word stands.
    if run.script.medium == Medium::Escaped {
        return Ok(false);
    }
    let exec = run.script.medium == Medium::Exec;
    let command = &run.script.commands[at];
    let source = &firing.model.file.source;
    let fail = |result: Result<(), EditError>| result.map_err(|error| firing.overlap(error));
    let mut changed = false;
    if let (Some(program), Some(first)) = (&verb.program, command.words.first())
        && first.value.as_deref() != Some(program)
    {
        fail(proposal.edits.replace(first.span, program.clone()))?;
        changed = true;
    }
    if verb.unwrap {
        let [first, second, ..] = command.words.as_slice() else {
            return Ok(false);
        };
        let gap = Span::new(first.span.end, second.span.start).of(source);
        // An option of the program itself, such as `-u app`, or a variable for what it runs.
        let own = second.raw.starts_with('-') || second.raw.contains('=');
        if exec || own || !gap.chars().all(|c| c == ' ' || c == '\t') {
            return Ok(false);
        }
        fail(
            proposal
                .edits
                .remove(Span::new(first.span.start, second.span.start)),
        )?;
        changed = true;
    }
    let options = firing.rules.commands.options(command, 0);
    for drop in &verb.drop {
        for option in options.iter().filter(|option| option.name == *drop) {
            let word = &command.words[option.index];
            // A letter of a cluster stays: taking it out would need the whole word to be written anew.
            if word.value.as_deref() != Some(drop) && !word.raw.starts_with(&format!("{drop}=")) {
                continue;
            }
            let value = option.value.as_ref().map(|value| value.index);
            let last = value.and_then(|at| command.words.get(at)).unwrap_or(word);
            let before = &command.words[option.index.saturating_sub(1)];
            let span = Span::new(before.span.end, last.span.end);
            // Comments and redirections between the words would go with them.
            let gap = Span::new(before.span.end, word.span.start).of(source);
            let clean = |c: char| c.is_whitespace() || matches!(c, '\\' | '`' | '"' | ',');
            if option.index == 0 || !gap.chars().all(clean) {
                return Ok(false);
            }
            fail(proposal.edits.remove(span))?;
            changed = true;
        }
    }
    let missing: Vec<&str> = verb
        .add
        .iter()
        .filter(|add| {
            let name = add.split(['=', ' ']).next().unwrap_or(add);
            !options.iter().any(|option| option.name == name)
        })
        .flat_map(|add| add.split(' '))
        .collect();
    if !missing.is_empty() {
        let Some(word) = place(firing, verb, command) else {
            return Ok(false);
        };
        let text: String = missing
            .iter()
            .map(|add| match exec {
                true => format!("\", \"{add}"),
                false => format!(" {add}"),
            })
            .collect();
        fail(proposal.edits.insert(word.span.end, text))?;
        changed = true;
    }
    if changed {
        proposal.rewritten.push(target.instruction);
    }
    Ok(changed)
}

/// The word after which new options go: the one that the verb names, or the last fixed word of the pattern.
fn place<'a>(firing: &Firing<'_>, verb: &EditVerb, command: &'a Command) -> Option<&'a Word> {
    if let Some(after) = &verb.after {
        return command
            .words
            .iter()
            .find(|word| word.value.as_deref() == Some(after));
    }
    let program = command.words.first()?.value.as_deref()?;
    let name = base_name(program);
    let words = tokens(&command.words, name);
    let value_options = firing.rules.commands.value_options(name);
    let fixed = firing.rule.matchers(&verb.step).iter().find_map(|matcher| {
        let Matcher::Command(pattern) = matcher else {
            return None;
        };
        pattern.matches(&words, value_options)?;
        pattern.last_fixed(&words, value_options)
    });
    command.words.get(fixed?)
}
