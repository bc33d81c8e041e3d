//! `move`: an instruction goes before or after another step, the comments above it go along.
//!
//! ```text
//! COPY . .
//! # the port of the web server
//! EXPOSE 8080
//! RUN make
//!
//! COPY . .
//! RUN make
//! # the port of the web server
//! EXPOSE 8080
//! ```

use super::{Firing, Proposal, Stop};
use crate::edit::{insert_lines, instruction_lines, remove_instruction};
use crate::rule::document::MoveVerb;
use crate::syntax::{Data, Instruction, Keyword, Span};

/// Moves the instruction of a step; refused where it would pass one whose meaning, or its own, depends on the order.
pub fn moving(firing: &Firing<'_>, verb: &MoveVerb, proposal: &mut Proposal) -> Result<bool, Stop> {
    let file = firing.model.file;
    let (step, before) = match (&verb.before, &verb.after) {
        (Some(step), _) => (step, true),
        (None, Some(step)) => (step, false),
        (None, None) => return Ok(false),
    };
    let (Some(target), Some(goal)) = (firing.target(&verb.step), firing.target(step)) else {
        return Ok(false);
    };
    let (from, to) = (target.instruction, goal.instruction);
    // The index that the instruction would have before it is taken out of its place.
    let place = if before { to } else { to + 1 };
    if place == from || place == from + 1 {
        return Ok(false);
    }
    let passed = if place > from {
        from + 1..place
    } else {
        place..from
    };
    let moved = &file.instructions[from];
    for other in passed {
        if !may_pass(moved, &file.instructions[other]) {
            return Err(firing.stop(
                from,
                "order",
                format!(
                    "{} cannot pass the {} on line {}: the order of the two matters",
                    moved.keyword.as_str(),
                    file.instructions[other].keyword.as_str(),
                    file.instructions[other].lines.start
                ),
                "move it by hand if both orders are right",
            ));
        }
    }
    let (Some(lines), Some(goal)) = (
        instruction_lines(file, from, true),
        instruction_lines(file, to, before),
    ) else {
        return Ok(false);
    };
    let text = lines.of(&file.source).to_string();
    let offset = if before { goal.start } else { goal.end };
    // Of the empty lines around its place one stays.
    let source = &file.source;
    let gap = source.get(lines.end..).unwrap_or("");
    let blank = ["\n", "\r\n"]
        .iter()
        .find(|newline| gap.starts_with(**newline));
    let above = source.get(..lines.start).unwrap_or("");
    let between = above.ends_with("\n\n") || above.ends_with("\n\r\n");
    if let (Some(blank), true) = (blank, between) {
        let rest = Span::new(lines.end, lines.end + blank.len());
        (proposal.edits.remove(rest)).map_err(|error| firing.overlap(error))?;
    }
    remove_instruction(&mut proposal.edits, file, from, true)
        .and_then(|()| insert_lines(&mut proposal.edits, file, offset, &text))
        .map_err(|error| firing.overlap(error))?;
    Ok(true)
}

/// Whether two instructions of one stage mean the same in either order.
fn may_pass(moved: &Instruction, other: &Instruction) -> bool {
    use Keyword::{
        Add, Arg, Cmd, Copy, Entrypoint, Env, From, Onbuild, Run, Shell, User, Volume, Workdir,
    };
    let pair = |a: &[Keyword], b: &[Keyword]| {
        a.contains(&moved.keyword) && b.contains(&other.keyword)
            || a.contains(&other.keyword) && b.contains(&moved.keyword)
    };
    let layers = [Run, Copy, Add, Workdir];
    let state = [Arg, Env, Workdir, User, Shell];
    let expands = |instruction: &Instruction| instruction.text.text.contains('$');
    if moved.keyword == From || other.keyword == From {
        return false;
    }
    // A COPY to an absolute path without variables depends on no setting.
    let (keyword, fixed) = match (&moved.data, &other.data) {
        (Data::Transfer { dest, .. }, _) => (
            other.keyword,
            dest.text().starts_with('/') && !expands(moved),
        ),
        (_, Data::Transfer { dest, .. }) => (
            moved.keyword,
            dest.text().starts_with('/') && !expands(other),
        ),
        _ => (moved.keyword, false),
    };
    if fixed && state.contains(&keyword) {
        return true;
    }
    if pair(&state, &state) || pair(&state, &layers) || pair(&[Volume], &layers) {
        return false;
    }
    if pair(&[Shell], &[Cmd, Entrypoint, Keyword::Healthcheck])
        || pair(&[Entrypoint], &[Cmd])
        || pair(&[User], &[Volume])
    {
        return false;
    }
    // Variables are filled in with what stands above.
    let variables = [Arg, Env];
    if variables.contains(&moved.keyword) && expands(other)
        || variables.contains(&other.keyword) && expands(moved)
    {
        return false;
    }
    // Of two of a kind the last wins, or they are kept in order.
    moved.keyword != other.keyword
        || layers.contains(&moved.keyword)
        || matches!(moved.keyword, Keyword::Expose | Volume) && moved.keyword != Onbuild
}
