//! What must hold after every firing, whatever the rule says.

use super::verbs::{Firing, Proposal, Stop};
use crate::model::{Contract, StageModel};
use crate::rule::RuleSet;
use crate::rule::document::ContractPart;
use crate::syntax::{Data, Dockerfile, Keyword};
use std::collections::BTreeMap;

/// The file after the edits and its contract, if every guarantee holds; `was` is the contract before.
pub fn apply(
    firing: &Firing<'_>,
    proposal: &Proposal,
    was: &Contract,
) -> Result<(Dockerfile, Contract), Stop> {
    let before = firing.model.file;
    let dropped = |message: String| Stop {
        offset: proposal.offset,
        reason: "check",
        message: format!("the change was dropped: {message}"),
        allow: "this is a mistake in the rule or in dockopt: please report it with the Dockerfile"
            .into(),
    };
    let text = proposal.edits.apply(&before.source);
    if text == before.source {
        return Err(dropped("it changes nothing".into()));
    }
    let after = Dockerfile::parse(&text)
        .map_err(|error| dropped(format!("the result does not parse ({error})")))?;
    references(&after).map_err(dropped)?;
    nothing_lost(before, &after, proposal).map_err(dropped)?;
    scripts(before, &after).map_err(dropped)?;
    let is = contract(&after, firing.rules);
    kept(firing, proposal, was, &is)?;
    Ok((after, is))
}

/// The contract of the image that a file makes.
pub fn contract(file: &Dockerfile, rules: &RuleSet) -> Contract {
    let last = file.stages.len().saturating_sub(1);
    Contract::of(&StageModel::outline(file, last, rules), rules)
}

/// Every `COPY --from` and stage reference leads somewhere.
fn references(file: &Dockerfile) -> Result<(), String> {
    for (stage, range) in file.stages.iter().enumerate() {
        for instruction in &file.instructions[range.from..range.end] {
            let Some(from) = instruction.flag_value("from") else {
                continue;
            };
            let names_stage = file.stages.iter().position(|stage| {
                stage.name.as_deref() == Some(from.to_ascii_lowercase().as_str())
            });
            let number = from.parse::<usize>().ok();
            if number.is_some_and(|number| number >= stage)
                || names_stage.is_some_and(|at| at >= stage)
            {
                return Err(format!("`--from={from}` names no earlier stage"));
            }
        }
    }
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for stage in &file.stages {
        if let Some(name) = &stage.name {
            *names.entry(name).or_default() += 1;
        }
    }
    match names.iter().find(|(_, count)| **count > 1) {
        Some((name, _)) => Err(format!("two stages have the name `{name}`")),
        None => Ok(()),
    }
}

/// Each instruction is still there as often as before, but for those that the verb says it took away.
fn nothing_lost(
    before: &Dockerfile,
    after: &Dockerfile,
    proposal: &Proposal,
) -> Result<(), String> {
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for instruction in &after.instructions {
        *left.entry(instruction.span.of(&after.source)).or_default() += 1;
    }
    for (index, instruction) in before.instructions.iter().enumerate() {
        if proposal.rewritten.contains(&index) {
            continue;
        }
        let text = instruction.span.of(&before.source);
        match left.get_mut(text) {
            Some(count) if *count > 0 => *count -= 1,
            _ => {
                return Err(format!(
                    "the {} on line {} is lost",
                    instruction.keyword.as_str(),
                    instruction.lines.start
                ));
            }
        }
    }
    Ok(())
}

/// A RUN that could be read before can be read after.
fn scripts(before: &Dockerfile, after: &Dockerfile) -> Result<(), String> {
    let known: std::collections::BTreeSet<&str> = before
        .instructions
        .iter()
        .map(|instruction| instruction.span.of(&before.source))
        .collect();
    for instruction in after
        .instructions
        .iter()
        .filter(|instruction| instruction.keyword == Keyword::Run)
    {
        if known.contains(instruction.span.of(&after.source))
            || !matches!(instruction.data, Data::Command(_))
        {
            continue;
        }
        let script = crate::shell::parse_run(instruction, &after.source);
        if let Some(opaque) = script.opaque {
            return Err(format!(
                "a RUN would be no readable shell script: {}",
                opaque.reason
            ));
        }
    }
    Ok(())
}

/// The image contract is the same but for what the rule declares.
fn kept(
    firing: &Firing<'_>,
    proposal: &Proposal,
    was: &Contract,
    is: &Contract,
) -> Result<(), Stop> {
    for difference in was.differences(is) {
        if firing.rule.may_change(difference.part)
            || (difference.part == ContractPart::Path
                && firing.rule.may_change(ContractPart::InheritedEnv))
        {
            continue;
        }
        return Err(Stop {
            offset: proposal.offset,
            reason: "contract",
            message: format!(
                "the image's configuration would change: {}",
                difference.text
            ),
            allow: "set it in the Dockerfile, so that it does not depend on the base image".into(),
        });
    }
    Ok(())
}
