//! What `branch` writes.

use super::uses::Use;
use super::{Division, Moved};
use crate::edit::{insert_lines, instruction_lines, keyword_like, remove_instruction};
use crate::engine::verbs::{Firing, Proposal, Stop};
use crate::model::path::written;
use crate::model::{Effect, Step};
use crate::syntax::{Data, Dockerfile, Keyword, Span};

/// Moves the whole RUN directly behind the installation.
pub(super) fn pass(
    firing: &Firing<'_>,
    moved: &Moved<'_>,
    cut: usize,
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let file = firing.model.file;
    let (Some(text), Some(place)) = (
        own_lines(file, moved),
        instruction_lines(file, firing.model.steps[cut].index, false),
    ) else {
        return Ok(false);
    };
    remove(firing, moved, proposal)?;
    insert_lines(&mut proposal.edits, file, place.end, &text)
        .map_err(|error| firing.overlap(error))?;
    Ok(true)
}

/// Makes several stages of one: what stands up to the cut, the moved command, and the rest.
pub(super) fn divide(
    firing: &Firing<'_>,
    division: Division<'_>,
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let (file, model) = (firing.model.file, firing.model);
    let from = &file.instructions[firing.from()];
    let Data::From {
        alias: Some(alias), ..
    } = &from.data
    else {
        return Ok(false);
    };
    if !from.flags.is_empty() || file.escape != '\\' {
        return Ok(false);
    }
    let apart = |keyword| matches!(keyword, Keyword::Shell | Keyword::Onbuild);
    if (model.steps.iter()).any(|step| apart(step.instruction.keyword)) {
        return Ok(false);
    }
    let Division {
        cut, moved, copies, ..
    } = division;
    let left = match left_out(firing, cut, &copies) {
        Ok(left) => left,
        Err(()) => return Ok(false),
    };
    let whole = moved.filter(|(moved, _)| moved.whole);
    let rest = model.steps[cut + 1..]
        .iter()
        .find(|step| whole.is_none_or(|(moved, _)| step.index != moved.step.index));
    let Some(start) = rest.and_then(|step| instruction_lines(file, step.index, true)) else {
        return Ok(false);
    };
    let trunk = unused(file, division.trunk);
    let branch = moved.map(|(_, name)| unused(file, name));
    let overlap = |error| firing.overlap(error);
    let word = |name: &str| keyword_like(from, file, name);

    (proposal.edits)
        .replace(alias.span, trunk.clone())
        .map_err(overlap)?;
    proposal.rewritten.push(firing.from());

    let mut lines = Vec::new();
    let above = file.source.get(..start.start).unwrap_or("");
    if !(above.ends_with("\n\n") || above.ends_with("\n\r\n")) {
        lines.push(String::new());
    }
    if let (Some((moved, _)), Some(branch)) = (moved, &branch) {
        lines.push(format!("{} {trunk} {} {branch}", word("FROM"), word("AS")));
        lines.push(match (moved.whole, own_lines(file, moved)) {
            (true, Some(text)) => text.trim_end().to_string(),
            _ => {
                let command = moved.run.command(moved.command);
                let text = command.span.of(&file.source);
                let enter = match model.steps[cut + 1].state.workdir.as_deref() {
                    Some(workdir) if workdir == moved.workdir => String::new(),
                    _ => format!("cd {} && ", crate::shell::quote(&moved.workdir)),
                };
                format!("{} {enter}{text}", word("RUN"))
            }
        });
        lines.push(String::new());
    }
    lines.push(format!(
        "{} {trunk} {} {}",
        word("FROM"),
        word("AS"),
        alias.span.of(&file.source)
    ));
    // Builders differ in whether a stage sees the ARGs of the one that it starts from.
    for step in &model.steps[..=cut] {
        if step.instruction.keyword == Keyword::Arg {
            lines.push(step.instruction.span.of(&file.source).to_string());
        }
    }
    insert_lines(&mut proposal.edits, file, start.start, &lines.join("\n")).map_err(overlap)?;
    if let Some((moved, _)) = moved {
        remove(firing, moved, proposal)?;
    }
    if let Some(line) = left {
        let end = file.stages[model.stage].end.saturating_sub(1);
        let place = match whole.is_some_and(|(moved, _)| moved.step.index == end) {
            true => instruction_lines(file, end, true).map(|lines| lines.start),
            false => instruction_lines(file, end, false).map(|lines| lines.end),
        };
        let line = format!("{} {line}", word("RUN"));
        insert_lines(
            &mut proposal.edits,
            file,
            place.unwrap_or(start.start),
            &line,
        )
        .map_err(overlap)?;
    }
    take(firing, copies, branch.as_ref().unwrap_or(&trunk), proposal)?;
    Ok(true)
}

/// Lets other stages take the libraries from the stage of this name.
fn take(
    firing: &Firing<'_>,
    copies: Vec<Use<'_>>,
    stage: &str,
    proposal: &mut Proposal,
) -> Result<(), Stop> {
    let file = firing.model.file;
    let overlap = |error| firing.overlap(error);
    for copy in copies {
        let instruction = &file.instructions[copy.index];
        let Some(libraries) = copy.around else {
            (proposal.edits)
                .replace(copy.flag.span, format!("--from={stage}"))
                .map_err(overlap)?;
            proposal.rewritten.push(copy.index);
            continue;
        };
        let flags: Vec<String> = instruction
            .flags
            .iter()
            .map(|flag| match flag.name.as_str() {
                "from" => format!("--from={stage}"),
                _ => flag.span.of(&file.source).to_string(),
            })
            .collect();
        let lines: Vec<String> = libraries
            .iter()
            .map(|(path, dest)| {
                let copy = keyword_like(instruction, file, "COPY");
                format!("{copy} {} {path} {dest}", flags.join(" "))
            })
            .collect();
        if let Some(place) = instruction_lines(file, copy.index, true) {
            insert_lines(&mut proposal.edits, file, place.start, &lines.join("\n"))
                .map_err(overlap)?;
        }
    }
    Ok(())
}

/// Ends the stage at the cut: removes what follows, which is only COPY, ADD and settings.
pub(super) fn end(firing: &Firing<'_>, cut: usize, proposal: &mut Proposal) -> Result<bool, Stop> {
    let model = firing.model;
    let removable = |step: &Step<'_>| {
        matches!(step.effect, Effect::Copy(_)) || step.instruction.keyword == Keyword::Arg
    };
    let steps = &model.steps[cut + 1..];
    let (Some(first), Some(last)) = (steps.first(), steps.last()) else {
        return Ok(false);
    };
    if !steps.iter().all(removable) {
        return Ok(false);
    }
    let (Some(start), Some(end)) = (
        instruction_lines(model.file, first.index, true),
        instruction_lines(model.file, last.index, false),
    ) else {
        return Ok(false);
    };
    proposal
        .edits
        .remove(Span::new(start.start, end.end))
        .map_err(|error| firing.overlap(error))?;
    proposal
        .rewritten
        .extend(steps.iter().map(|step| step.index));
    Ok(true)
}

/// The lines of the RUN with the comments above it.
fn own_lines(file: &Dockerfile, moved: &Moved<'_>) -> Option<String> {
    let span = instruction_lines(file, moved.step.index, true)?;
    Some(span.of(&file.source).to_string())
}

/// Takes the command out of its place.
fn remove(firing: &Firing<'_>, moved: &Moved<'_>, proposal: &mut Proposal) -> Result<(), Stop> {
    let file = firing.model.file;
    let overlap = |error| firing.overlap(error);
    proposal.rewritten.push(moved.step.index);
    if !moved.whole {
        let item = moved.run.command(moved.command).item;
        let edits = crate::shell::remove_item(&moved.run.script, &file.source, item);
        if edits.is_empty() {
            return Err(firing.stop(
                moved.step.index,
                "mixed",
                "the command cannot be taken out of its RUN".into(),
                "write it as a RUN of its own",
            ));
        }
        for (span, text) in edits {
            proposal.edits.replace(span, text).map_err(overlap)?;
        }
        return Ok(());
    }
    // Of the empty lines around its place one stays.
    if let Some(lines) = instruction_lines(file, moved.step.index, true) {
        let after = file.source.get(lines.end..).unwrap_or("");
        let before = file.source.get(..lines.start).unwrap_or("");
        let blank = ["\n", "\r\n"]
            .iter()
            .find(|blank| after.starts_with(**blank));
        if let (Some(blank), true) = (
            blank,
            before.ends_with("\n\n") || before.ends_with("\n\r\n"),
        ) {
            let rest = Span::new(lines.end, lines.end + blank.len());
            proposal.edits.remove(rest).map_err(overlap)?;
        }
    }
    remove_instruction(&mut proposal.edits, file, moved.step.index, true).map_err(overlap)
}

/// The command that takes the libraries out of the rest of the stage, where others copy the folder that they lie in:
/// what they get of them comes from elsewhere. An error where the user at the end may not remove them.
fn left_out(firing: &Firing<'_>, cut: usize, copies: &[Use<'_>]) -> Result<Option<String>, ()> {
    let end = &firing.model.end;
    let mut paths: Vec<String> = Vec::new();
    for (path, _) in copies
        .iter()
        .filter_map(|copy| copy.around.as_ref())
        .flatten()
    {
        let path = written(path, end.workdir.as_deref());
        let path = crate::shell::quote(path.strip_prefix("./").unwrap_or(&path));
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    let same_user = firing.model.steps[cut].state.user == end.user;
    match paths.is_empty() {
        true => Ok(None),
        false if same_user => Ok(Some(format!("rm -rf {}", paths.join(" ")))),
        false => Err(()),
    }
}

/// A name that no stage has and no instruction takes for an image.
fn unused(file: &Dockerfile, wanted: &str) -> String {
    let taken = |name: &str| {
        let same = |other: &str| other.eq_ignore_ascii_case(name);
        file.stages
            .iter()
            .any(|stage| stage.name.as_deref().is_some_and(same))
            || file.instructions.iter().any(|instruction| {
                let image = match &instruction.data {
                    Data::From { image, .. } => Some(image.text()),
                    _ => None,
                };
                image.is_some_and(same)
                    || instruction.flag_value("from").is_some_and(same)
                    || (instruction.flags_named("mount"))
                        .any(|mount| mount.option(&["from"]).is_some_and(same))
            })
    };
    if !taken(wanted) {
        return wanted.to_string();
    }
    let numbered = (2..).map(|number| format!("{wanted}-{number}"));
    numbered
        .into_iter()
        .find(|name| !taken(name))
        .unwrap_or_else(|| wanted.to_string())
}
