//! `branch`: a step goes past what it does not depend on, if need be into a stage of its own.
//!
//! ```text
//! FROM node:22 AS build
//! COPY package.json ./
//! RUN npm install
//! COPY . .
//! RUN npm run build
//! RUN npm prune --omit=dev
//! FROM node:22-slim
//! COPY --from=build /app/node_modules ./node_modules
//! COPY --from=build /app/dist ./dist
//!
//! FROM node:22 AS deps
//! COPY package.json ./
//! RUN npm install
//!
//! FROM deps AS prod-deps
//! RUN npm prune --omit=dev
//!
//! FROM deps AS build
//! COPY . .
//! RUN npm run build
//! FROM node:22-slim
//! COPY --from=prod-deps /app/node_modules ./node_modules
//! COPY --from=build /app/dist ./dist
//! ```

mod edits;
mod uses;

use super::{Firing, Proposal, Stop};
use crate::engine::Evidence;
use crate::engine::spared::Spared;
use crate::facts::View;
use crate::facts::path::parent;
use crate::model::path::resolve;
use crate::model::{CommandModel, Effect, Facts, Place, RunModel, Step, mentions};
use crate::rule::Role;
use crate::rule::document::BranchVerb;
use crate::syntax::{Data, Keyword};
use std::cell::RefCell;

/// The command that is moved, and what it works on.
struct Moved<'a> {
    /// Position of its step.
    at: usize,
    step: &'a Step<'a>,
    run: &'a RunModel<'a>,
    command: &'a CommandModel<'a>,
    workdir: String,
    /// Whether the RUN does nothing else.
    whole: bool,
}

/// Moves the step; `false` where it cannot be shown that the result is the same, or where nothing is gained.
pub fn branch(
    firing: &Firing<'_>,
    verb: &BranchVerb,
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let model = firing.model;
    let Some(moved) = moved(firing, verb) else {
        return Ok(false);
    };
    let Some(folder) = folder(firing, verb, &moved.workdir) else {
        return Ok(false);
    };
    let views = [View::new(firing.context, &folder, None)];
    let facts = Facts::of_projects(firing.rules, firing.context, &views);
    if !verb.unless.iter().all(|reason| {
        let concerns = reason.programs.is_empty() || {
            let first = moved.run.command(moved.command).words.first();
            let program = first.and_then(|word| word.value.as_ref());
            program.is_some_and(|program| reason.programs.contains(program))
        };
        !concerns || facts.get(&reason.when).is_absent()
    }) {
        return Ok(false);
    }
    let Some(spared) = spared(firing, verb, &moved, &facts) else {
        return Ok(false);
    };
    let Some(cut) = cut(&spared, &moved) else {
        return Ok(false);
    };
    if !gains(firing, &moved, cut) || !same_state(firing, &moved, cut) {
        return Ok(false);
    }
    let builds = |step: &Step<'_>| matches!(step.effect, Effect::Run(_));
    let between = &model.steps[cut + 1..moved.at];
    let went = if moved.whole && !between.iter().any(builds) {
        edits::pass(firing, &moved, cut, proposal)?
    } else {
        edits::divide(firing, verb, &moved, cut, &spared.libraries, proposal)?
    };
    if went {
        let line = |at: usize| model.steps[at].instruction.lines.start;
        proposal.offset = moved.step.instruction.span.start;
        proposal.evidence.push(Evidence {
            text: format!(
                "nothing between line {} and line {} writes to `{}`",
                line(cut),
                line(moved.at),
                spared.libraries.join("`, `")
            ),
            source: None,
        });
        for evidence in spared.evidence.take() {
            if !proposal.evidence.contains(&evidence) {
                proposal.evidence.push(evidence);
            }
        }
    }
    Ok(went)
}

/// The command of the step, where it leaves what production needs and runs in a known folder.
fn moved<'a>(firing: &'a Firing<'a>, verb: &BranchVerb) -> Option<Moved<'a>> {
    let target = firing.target(&verb.step)?;
    let index = target.command?;
    let steps = &firing.model.steps;
    let at = steps
        .iter()
        .position(|step| step.index == target.instruction)?;
    let Effect::Run(run) = &steps[at].effect else {
        return None;
    };
    let command = run
        .commands
        .iter()
        .find(|command| command.index == index && command.inner.is_none())?;
    let known = command.known.as_ref()?;
    let context = &run.command(command).context;
    let plain = !context.conditional
        && !context.looped
        && !context.subshell
        && !context.function
        && !context.background
        && !context.substitution;
    let fits = command.role == Some(Role::Dependencies)
        && known.line.production_only
        && run.unknown.is_empty()
        && plain
        && steps[at].pragma.is_none();
    let workdir = command.workdir.clone().filter(|_| fits)?;
    let others = run.commands.iter().filter(|other| other.index != index);
    let whole = others.clone().all(|other| {
        other.role == Some(Role::None) && other.writes.is_empty() && other.inner.is_none()
    });
    // What other commands of the RUN set is not there in another one.
    let sets = |other: &CommandModel<'_>| {
        let first = run.command(other).words.first();
        let first = first.and_then(|word| word.value.as_deref());
        matches!(
            first,
            Some("export" | "set" | "." | "source" | "umask" | "ulimit" | "alias" | "unset")
        ) || !run.command(other).assignments.is_empty() && run.command(other).words.is_empty()
    };
    if !whole && (others.clone().any(sets) || !run.script.flat) {
        return None;
    }
    Some(Moved {
        at,
        step: &steps[at],
        run,
        command,
        workdir,
        whole,
    })
}

/// The folder of the build context whose manifest lands where the command runs.
fn folder(firing: &Firing<'_>, verb: &BranchVerb, workdir: &str) -> Option<String> {
    verb.project.iter().find_map(|manifest| {
        let path = resolve(workdir, manifest);
        let (_, source) = firing.model.origin(&path, firing.context).ok()??;
        Some(parent(&source).to_string())
    })
}

/// What the command reads and writes, for the question what leaves it alone.
fn spared<'a>(
    firing: &'a Firing<'a>,
    verb: &'a BranchVerb,
    moved: &Moved<'_>,
    facts: &'a Facts<'a>,
) -> Option<Spared<'a>> {
    let known = moved.command.known.as_ref()?;
    let mut libraries = Vec::new();
    for place in &moved.command.writes {
        match place {
            Place::Path(path) if path.matches('/').count() > 1 => libraries.push(path.clone()),
            _ => return None,
        }
    }
    let mut manifests = Vec::new();
    for template in &known.line.reads {
        let paths = known.fill(template)?;
        manifests.extend(paths.iter().map(|path| resolve(&moved.workdir, path)));
    }
    (!libraries.is_empty() && !manifests.is_empty()).then(|| Spared {
        model: firing.model,
        facts,
        context: firing.context,
        files: firing.files,
        scripts: verb.scripts.as_deref(),
        libraries,
        manifests,
        evidence: RefCell::default(),
    })
}

/// The position of the installation: the last step before the command that may write what it works on. Nothing where
/// that is none, or where a later step may write it again.
fn cut(spared: &Spared<'_>, moved: &Moved<'_>) -> Option<usize> {
    let steps = &spared.model.steps;
    let others = (moved.run.commands.iter())
        .filter(|other| other.index != moved.command.index)
        .all(|other| spared.command(moved.run, other, moved.step, 0));
    if !others {
        return None;
    }
    let installs = |step: &Step<'_>| matches!(&step.effect, Effect::Run(run) if run.unknown.is_empty() && run.any(&[Role::Dependencies]));
    let cut = steps[..moved.at].iter().rposition(installs)?;
    let mut passed = (cut + 1..moved.at).chain(moved.at + 1..steps.len());
    passed.all(|at| spared.step(at, cut)).then_some(cut)
}

/// Whether what stands before the command changes more often than what it works on.
fn gains(firing: &Firing<'_>, moved: &Moved<'_>, cut: usize) -> bool {
    let steps = &firing.model.steps;
    let brings = |step: &Step<'_>| matches!(&step.effect, Effect::Copy(copy) if copy.from.is_none() && !copy.remote);
    let all = |step: &Step<'_>| matches!(&step.effect, Effect::Copy(copy) if copy.whole_context());
    steps[cut + 1..moved.at].iter().any(brings) && !steps[..=cut].iter().any(all)
}

/// Whether the command runs in the same state right after the installation.
fn same_state(firing: &Firing<'_>, moved: &Moved<'_>, cut: usize) -> bool {
    let steps = &firing.model.steps;
    let (before, after) = (&steps[cut + 1].state, &moved.step.state);
    let later = steps[cut + 1..moved.at]
        .iter()
        .filter(|step| step.instruction.keyword == Keyword::Arg);
    let source = &firing.model.file.source;
    let uses = |step: &Step<'_>| {
        let Data::Pairs { pairs, .. } = &step.instruction.data else {
            return true;
        };
        pairs.iter().any(|pair| {
            mentions(moved.step.instruction.span.of(source), pair.key.text())
                || pair.key.text().to_lowercase().starts_with("npm_config")
        })
    };
    before.workdir == after.workdir
        && before.user == after.user
        && before.env == after.env
        && before.settings == after.settings
        && !later.clone().any(uses)
}
