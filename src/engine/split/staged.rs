//! `prune`: of several stages, the one whose libraries the last stage copies removes those for development first.
//!
//! ```text
//! FROM node:22 AS build
//! RUN npm ci && npm run build
//! RUN npm prune --omit=dev        <- new
//! FROM node:22-slim
//! COPY --from=build /app/node_modules ./node_modules
//! ```

use super::carry::Carried;
use super::prune::prune;
use super::{Plan, Used, packages, project, survey};
use crate::edit::{insert_lines, instruction_lines};
use crate::engine::Evidence;
use crate::engine::verbs::{Firing, Proposal, Stop};
use crate::facts::Tri;
use crate::model::path::within;
use crate::model::{CopyModel, Effect, Facts, Follow, Place, StageModel, Start, Step};
use crate::rule::Role;
use crate::rule::document::{PruneVerb, SplitVerb, Verb};
use crate::syntax::Keyword;

/// Adds the command to the end of the stage; `false` where there is nothing to remove, or where the program may need it.
pub fn prune_stage(
    firing: &Firing<'_>,
    facts: &Facts<'_>,
    verb: &PruneVerb,
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let model = firing.model;
    let Some(split) = alike(firing, verb) else {
        return Ok(false);
    };
    let (Some(end), Some(last)) = (model.steps.last(), model.file.stages.len().checked_sub(1))
    else {
        return Ok(false);
    };
    if survey::preconditions(model).is_err() || model.stage >= last {
        return Ok(false);
    }
    let runtime = StageModel::of(model.file, last, firing.context, firing.rules);
    let Some(copied) = copied(firing, &runtime) else {
        return Ok(false);
    };
    let views = project::views(firing, split);
    let facts = &facts.of_projects(&views);
    let binaries = split.binaries.as_ref();
    let known = binaries.is_some_and(|kinds| facts.names(&kinds.development).is_present());
    let scan = project::scan(firing, split);
    let read = matches!(&scan, Some(Tri::Present(scan)) if scan.unread.is_none());
    let refused = super::reason(facts, model, &split.refuse).is_some();
    if !known || !read || refused {
        return Ok(false);
    }
    let follow = Follow {
        model: &runtime,
        facts,
        binaries,
        inherits: false,
    };
    let mut start = Start::of(&follow);
    let behind = super::services::extend(firing, &follow, &mut start);
    let starts = runtime.has(Keyword::Cmd) || runtime.has(Keyword::Entrypoint);
    let unread = start.unread || !start.unfollowed.is_empty();
    if !starts || !start.obstacles.is_empty() || unread || !behind.is_empty() {
        return Ok(false);
    }
    let plan = Plan {
        firing,
        removed: packages::removed(model),
        facts,
        verb: split,
        used: Used::of(scan.as_ref(), &start),
        start,
        scan,
        survey: survey::Survey {
            last: model.steps.len() - 1,
        },
        scripts: Vec::new(),
        lighter: super::lighter::Lighter::default(),
    };
    let mut carried = Carried::default();
    prune(&plan, &mut carried, true);
    let Some(prune) = carried.prune else {
        return Ok(false);
    };
    let Some(lines) = instruction_lines(model.file, end.index, false) else {
        return Ok(false);
    };
    let text = format!("RUN {}", prune.command);
    insert_lines(&mut proposal.edits, model.file, lines.end, &text)
        .map_err(|error| firing.overlap(error))?;
    proposal.offset = end.instruction.span.start;
    proposal
        .evidence
        .extend(plan.start.evidence.iter().cloned());
    proposal.evidence.push(Evidence {
        text: format!(
            "line {} copies them into the last stage, and neither its start nor the sources use one",
            copied.instruction.lines.start
        ),
        source: None,
    });
    Ok(true)
}

/// The split of the rule whose knowledge of the language counts.
fn alike<'a>(firing: &Firing<'a>, verb: &PruneVerb) -> Option<&'a SplitVerb> {
    let rule = firing.rules.rule(&verb.like)?;
    rule.document
        .verbs
        .iter()
        .find_map(|verb| match &verb.value {
            Verb::Split(split) => Some(&**split),
            _ => None,
        })
}

/// The COPY by which the last stage, and no other, gets libraries that this one installs; nothing where the last stage
/// changes them itself.
fn copied<'r>(firing: &Firing<'_>, runtime: &'r StageModel<'_>) -> Option<&'r Step<'r>> {
    let model = firing.model;
    let installed: Vec<(&str, Option<&str>)> = model
        .steps
        .iter()
        .filter_map(|step| match &step.effect {
            Effect::Run(run) => Some((run, step.state.user.as_deref())),
            _ => None,
        })
        .flat_map(|(run, user)| run.commands.iter().map(move |command| (command, user)))
        .filter(|(command, _)| command.role == Some(Role::Dependencies))
        .flat_map(|(command, user)| command.writes.iter().map(move |place| (place, user)))
        .filter_map(|(place, user)| match place {
            Place::Path(path) => Some((path.as_str(), user)),
            _ => None,
        })
        .collect();
    let own = |user: &Option<&str>| *user == model.end.user.as_deref();
    if installed.is_empty() || !installed.iter().all(|(_, user)| own(user)) {
        return None;
    }
    let takes = |copy: &CopyModel| {
        let covers = |source: &String| installed.iter().any(|(path, _)| within(path, source));
        from(model, copy) && copy.sources.iter().any(covers)
    };
    let last = runtime.stage;
    for stage in model.stage + 1..last {
        let other = StageModel::of(model.file, stage, firing.context, firing.rules);
        let copies = |step: &Step<'_>| matches!(&step.effect, Effect::Copy(copy) if takes(copy));
        if other.base.stage == Some(model.stage) || other.steps.iter().any(copies) {
            return None;
        }
    }
    let changes = runtime.steps.iter().any(|step| match &step.effect {
        Effect::Run(run) => {
            !run.unknown.is_empty() || run.any(&[Role::Dependencies, Role::Build, Role::Check])
        }
        _ => false,
    });
    if changes || runtime.base.stage == Some(model.stage) {
        return None;
    }
    let mut steps = runtime.steps.iter();
    steps.find(|step| matches!(&step.effect, Effect::Copy(copy) if takes(copy)))
}

/// Whether a COPY takes something from a stage, by its name or its number.
fn from(model: &StageModel<'_>, copy: &CopyModel) -> bool {
    let Some(from) = &copy.from else {
        return false;
    };
    let name = model.file.stages[model.stage].name.as_deref();
    name.is_some_and(|name| name.eq_ignore_ascii_case(from)) || from.parse() == Ok(model.stage)
}
