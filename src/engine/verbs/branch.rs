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
use crate::model::path::{resolve, within};
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

/// How a stage becomes several.
struct Division<'a> {
    /// Position of the last step of the first one.
    cut: usize,
    /// The name of the first one.
    trunk: &'a str,
    /// What goes into a stage of its own, and the name of that.
    moved: Option<(&'a Moved<'a>, &'a str)>,
    /// What other stages copy of the libraries.
    copies: Vec<uses::Use<'a>>,
}

/// Moves the step; `false` where it cannot be shown that the result is the same, or where nothing is gained.
pub fn branch(
    firing: &Firing<'_>,
    facts: &Facts<'_>,
    verb: &BranchVerb,
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let model = firing.model;
    let Some(name) = &verb.branch else {
        return trunk(firing, facts, verb, proposal);
    };
    let Some(moved) = moved(firing, verb) else {
        return Ok(false);
    };
    let Some(folder) = folder(firing, verb, &moved.workdir) else {
        return Ok(false);
    };
    let views = [View::new(firing.context, &folder, None)];
    let facts = facts.of_projects(&views);
    if refused(verb, &facts, moved.run) {
        return Ok(false);
    }
    let Some(spared) = spared(firing, verb, &moved, &facts) else {
        return Ok(false);
    };
    let Some(cut) = cut(&spared, &moved) else {
        return Ok(false);
    };
    if !gains(firing, cut, moved.at) || !same_state(firing, verb, &moved, cut) {
        return Ok(false);
    }
    let builds = |step: &Step<'_>| matches!(step.effect, Effect::Run(_));
    let between = &model.steps[cut + 1..moved.at];
    let went = if moved.whole && !between.iter().any(builds) {
        edits::pass(firing, &moved, cut, proposal)?
    } else {
        match uses::copies(firing, &spared.libraries) {
            Some(copies) if there(verb, &facts, &copies) => {
                let division = Division {
                    cut,
                    trunk: &verb.trunk,
                    moved: Some((&moved, name)),
                    copies,
                };
                edits::divide(firing, division, proposal)?
            }
            _ => false,
        }
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
        tell(&spared, proposal);
    }
    Ok(went)
}

/// Ends a stage with the installation, from where others copy what the rest of the old stage leaves as it is; `false`
/// where that is nothing, or where nothing is gained.
fn trunk(
    firing: &Firing<'_>,
    facts: &Facts<'_>,
    verb: &BranchVerb,
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let steps = &firing.model.steps;
    let target = firing.target(&verb.step);
    let Some(cut) = steps.iter().rposition(installs) else {
        return Ok(false);
    };
    let Effect::Run(run) = &steps[cut].effect else {
        return Ok(false);
    };
    if target.is_none_or(|target| target.instruction != steps[cut].index)
        || !gains(firing, cut, steps.len())
    {
        return Ok(false);
    }
    let workdir = steps[cut].state.workdir.as_deref().unwrap_or("/");
    let folder = folder(firing, verb, workdir).unwrap_or_default();
    let views = [View::new(firing.context, &folder, None)];
    let facts = facts.of_projects(&views);
    if refused(verb, &facts, run) {
        return Ok(false);
    }
    let mut spared = Spared {
        model: firing.model,
        facts: &facts,
        context: firing.context,
        files: firing.files,
        scripts: verb.scripts.as_deref(),
        libraries: Vec::new(),
        manifests: Vec::new(),
        evidence: RefCell::default(),
    };
    let Some(sources) = uses::sources(firing) else {
        return Ok(false);
    };
    let outer = |path: &String| {
        let mut others = sources.iter();
        !others.any(|other| other != path && within(path, other))
    };
    let filled = (run.commands.iter())
        .filter(|command| command.role == Some(Role::Dependencies))
        .flat_map(|command| &command.writes)
        .filter_map(|place| match place {
            Place::Path(path) if path.matches('/').count() > 1 => Some(path),
            _ => None,
        });
    let mut libraries: Vec<String> = Vec::new();
    let literal = |path: &&String| !path.contains(['*', '?', '[']);
    let copied = sources.iter().filter(|path| outer(path));
    for path in copied.filter(literal).chain(filled) {
        spared.libraries = vec![path.clone()];
        let mut later = cut + 1..steps.len();
        if !libraries.contains(path) && later.all(|at| spared.step(at, cut)) {
            libraries.push(path.clone());
        }
    }
    let copies = uses::copies(firing, &libraries);
    let Some(copies) = copies.filter(|copies| there(verb, &facts, copies)) else {
        return Ok(false);
    };
    let builds = |step: &Step<'_>| matches!(step.effect, Effect::Run(_));
    let went = if steps[cut + 1..].iter().any(builds) {
        let division = Division {
            cut,
            trunk: &verb.trunk,
            moved: None,
            copies,
        };
        edits::divide(firing, division, proposal)?
    } else {
        // Files that nobody works on or takes.
        let all = sources.iter().all(|path| libraries.contains(path));
        all && edits::end(firing, cut, proposal)?
    };
    if went {
        let line = steps[cut].instruction.lines.start;
        proposal.offset = steps[cut].instruction.span.start;
        proposal.evidence.push(Evidence {
            text: format!(
                "nothing of the stage after line {line} writes to `{}`",
                libraries.join("`, `")
            ),
            source: None,
        });
        tell(&spared, proposal);
    }
    Ok(went)
}

/// Whether a fact speaks against it, or nobody can say that none does.
fn refused(verb: &BranchVerb, facts: &Facts<'_>, run: &RunModel<'_>) -> bool {
    let programs: Vec<&str> = (run.script.commands.iter())
        .filter_map(|command| command.words.get(command.program()?)?.value.as_deref())
        .collect();
    verb.unless.iter().any(|reason| {
        let mut named = reason.programs.iter();
        let concerns =
            reason.programs.is_empty() || named.any(|program| programs.contains(&program.as_str()));
        let unless = reason.unless.as_ref();
        concerns
            && !facts.get(&reason.when).is_absent()
            && !unless.is_some_and(|fact| facts.get(fact).is_present())
    })
}

/// Whether libraries that are copied with the folder around them are there for sure.
fn there(verb: &BranchVerb, facts: &Facts<'_>, copies: &[uses::Use<'_>]) -> bool {
    let present = |fact: &String| facts.get(fact).is_present();
    copies.iter().all(|copy| copy.around.is_none()) || verb.holds.as_ref().is_none_or(present)
}

/// Adds the scripts that were read to the evidence.
fn tell(spared: &Spared<'_>, proposal: &mut Proposal) {
    for evidence in spared.evidence.take() {
        if !proposal.evidence.contains(&evidence) {
            proposal.evidence.push(evidence);
        }
    }
}

/// Whether a step installs libraries by commands that are known.
fn installs(step: &Step<'_>) -> bool {
    matches!(&step.effect, Effect::Run(run) if run.unknown.is_empty() && run.any(&[Role::Dependencies]))
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
    let cut = steps[..moved.at].iter().rposition(installs)?;
    let mut passed = (cut + 1..moved.at).chain(moved.at + 1..steps.len());
    passed.all(|at| spared.step(at, cut)).then_some(cut)
}

/// Whether files of the build context that change often come between two steps, and not before them.
fn gains(firing: &Firing<'_>, cut: usize, end: usize) -> bool {
    let steps = &firing.model.steps;
    let brings = |step: &Step<'_>| matches!(&step.effect, Effect::Copy(copy) if copy.from.is_none() && !copy.remote);
    let all = |step: &Step<'_>| matches!(&step.effect, Effect::Copy(copy) if copy.whole_context());
    steps[cut + 1..end].iter().any(brings) && !steps[..=cut].iter().any(all)
}

/// Whether the command runs in the same state right after the installation.
fn same_state(firing: &Firing<'_>, verb: &BranchVerb, moved: &Moved<'_>, cut: usize) -> bool {
    let steps = &firing.model.steps;
    let (before, after) = (&steps[cut + 1].state, &moved.step.state);
    let later = steps[cut + 1..moved.at]
        .iter()
        .filter(|step| step.instruction.keyword == Keyword::Arg);
    let source = &firing.model.file.source;
    let read = |name: &str| verb.variables.iter().any(|known| name.starts_with(known));
    let uses = |step: &Step<'_>| {
        let Data::Pairs { pairs, .. } = &step.instruction.data else {
            return true;
        };
        pairs.iter().any(|pair| {
            mentions(moved.step.instruction.span.of(source), pair.key.text())
                || read(&pair.key.text().to_lowercase())
        })
    };
    before.workdir == after.workdir
        && before.user == after.user
        && before.env == after.env
        && before.settings == after.settings
        && !later.clone().any(uses)
}
