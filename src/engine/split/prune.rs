//! What a variable decides: whether development dependencies are there to be removed, whether a program is linked
//! statically.

use super::carry::{Carried, Prune};
use super::{Plan, assets, written};
use crate::engine::Evidence;
use crate::facts::{Source, Tri};
use crate::model::path::within;
use crate::model::{CommandModel, Effect, Place, RunModel, StageModel, Start, Step};
use crate::rule::document::ToolsDocument;
use crate::rule::{Expression, Known, Role};

/// The command that removes development dependencies, where there are any.
pub fn prune(plan: &Plan<'_>, carried: &mut Carried, artifacts: bool) {
    let model = plan.firing.model;
    if !plan.verb.prune {
        return;
    }
    let mut found: Option<(usize, String, String)> = None;
    let mut installed: Vec<String> = Vec::new();
    for (at, step) in model.steps.iter().enumerate().take(plan.survey.last + 1) {
        let Effect::Run(run) = &step.effect else {
            continue;
        };
        for command in &run.commands {
            if command.role != Some(Role::Dependencies) {
                // What is removed as a whole, and maybe npm with it, has nothing left to remove.
                let gone = written::cleaned(command, step);
                let whole = |place: &String| {
                    let mut gone = gone.iter();
                    gone.any(|(path, rest)| rest.is_none() && within(place, path))
                };
                if installed.iter().any(whole) {
                    found = None;
                }
                continue;
            }
            installed.extend(command.writes.iter().filter_map(|place| match place {
                Place::Path(path) => Some(path.clone()),
                _ => None,
            }));
            let Some(known) = &command.known else {
                continue;
            };
            let only = production_only(run, command, step, known);
            let works = known.line.production_if.as_ref();
            if works.is_some_and(|fact| !plan.facts.get(fact).is_present()) {
                return;
            }
            let own = own_command(plan, known).is_some();
            let fails = known.line.production_unless.as_ref().filter(|_| !own);
            if let Some(Tri::Present(source)) = fails.map(|fact| plan.facts.present(fact)) {
                let text = "development dependencies are not removed, since this tool has no sure command for it";
                carried.evidence.push(Evidence {
                    text: text.into(),
                    source,
                });
                return;
            }
            // Extensions of the language are no packages of the project.
            let apart = |place: &Place| matches!(place, Place::Named(_));
            if !command.writes.is_empty()
                && command.writes.iter().all(apart)
                && production_command(plan, known).is_none()
            {
                continue;
            }
            match (production_command(plan, known), only, &command.workdir) {
                (Some(production), false, Some(workdir)) => {
                    let differs = |(_, known, other): &(usize, String, String)| {
                        other != workdir || *known != production
                    };
                    if found.as_ref().is_some_and(differs) {
                        carried.evidence.push(Evidence { text: "dependencies are installed in several directories: development dependencies stay".into(), source: None });
                        return;
                    }
                    found = Some((at, production, workdir.clone()));
                }
                // What a later command removes is not removed again.
                (_, true, _) => {
                    let here = |(_, _, other): &(usize, String, String)| {
                        command.workdir.as_ref() == Some(other)
                    };
                    if found.as_ref().is_some_and(here) {
                        found = None;
                    }
                }
                _ => return,
            }
        }
    }
    let Some((after_install, command, workdir)) = found else {
        return;
    };
    if let Some(binaries) = &plan.verb.binaries
        && let Tri::Absent = plan.facts.names(&binaries.development)
    {
        return;
    }
    if let Some(tools) = &plan.verb.tools
        && let Err(evidence) = only_tools(plan, tools)
    {
        carried.evidence.extend(evidence);
        return;
    }
    if let Some((why, source)) = plan.reason(&plan.verb.keep_development) {
        carried.evidence.push(Evidence {
            text: format!("{why}: development dependencies stay"),
            source,
        });
        return;
    }
    if let Some((program, source)) = plan.start.needs_sources() {
        carried.evidence.push(Evidence {
            text: format!(
                "the start runs {} so development dependencies stay",
                program
            ),
            source,
        });
        return;
    }
    if let Some(name) = plan.start.unnamed.first() {
        carried.evidence.push(Evidence {
            text: format!(
                "`{name}` is no dependency that the manifest names: development dependencies stay"
            ),
            source: None,
        });
        return;
    }
    if let Some((text, source)) = assets::development_used(plan) {
        carried.evidence.push(Evidence { text, source });
        return;
    }
    let after = if artifacts || !carried.whole.is_empty() {
        plan.survey.last
    } else {
        after_install.max(last_build(plan))
    };
    let here = state_after(plan, after).as_deref() == Some(workdir.as_str());
    let command = if here {
        command
    } else {
        format!("cd {workdir} && {command}")
    };
    carried.prune = Some(Prune { command, after });
}

/// Whether all development dependencies are tools; else the one that is not, and nothing where there is none at all.
fn only_tools(plan: &Plan<'_>, tools: &ToolsDocument) -> Result<(), Option<Evidence>> {
    let Tri::Present(names) = plan.facts.names(&tools.names) else {
        return Err(None);
    };
    let table = plan.firing.rules.table(&tools.table);
    let known = |name: &str| table.is_some_and(|table| table.get_pattern(name).is_some());
    match names.into_iter().find(|(name, _)| !known(name)) {
        None => Ok(()),
        Some((name, source)) => Err(Some(Evidence {
            text: format!("the program may use {name}: development dependencies stay"),
            source,
        })),
    }
}

/// The command that removes development dependencies after a command that installs them, for the version of the tool
/// that the base image has.
fn production_command(plan: &Plan<'_>, known: &Known<'_>) -> Option<String> {
    let command = own_command(plan, known).or(known.line.production.as_ref())?;
    known.fill(command)?.pop()
}

/// The same, where the data names one for this base image or for this project.
fn own_command<'k>(plan: &Plan<'_>, known: &'k Known<'_>) -> Option<&'k String> {
    let base = &plan.firing.model.base;
    let fits = |tag: &Expression| tag.is_match(&base.tag);
    let mut commands = known.line.production_for.iter();
    let own = commands.find(|own| {
        (own.base.is_empty() || own.base.contains(&base.name))
            && own.tag.as_ref().is_none_or(fits)
            && (own.when.as_ref()).is_none_or(|fact| plan.facts.get(fact).is_present())
    })?;
    Some(&own.run)
}

/// A program of the start that only development dependencies bring, where they are not installed: the container cannot
/// start as it stands.
pub fn not_installed<'p>(
    model: &StageModel<'_>,
    start: &'p Start,
) -> Option<&'p (String, String, Option<Source>)> {
    let wanted = start.development.first()?;
    let steps = model.steps.iter();
    let mut installs = steps.flat_map(|step| match &step.effect {
        Effect::Run(run) => run
            .commands
            .iter()
            .filter(|command| command.role == Some(Role::Dependencies))
            .filter_map(|command| {
                Some(production_only(run, command, step, command.known.as_ref()?))
            })
            .collect(),
        _ => Vec::new(),
    });
    installs.all(|only| only).then_some(wanted)
}

fn production_only(
    run: &RunModel<'_>,
    command: &CommandModel<'_>,
    step: &Step<'_>,
    known: &Known<'_>,
) -> bool {
    known.line.production_only
        || known
            .line
            .production_when
            .as_deref()
            .is_some_and(|test| holds(test, run, command, step))
}

fn last_build(plan: &Plan<'_>) -> usize {
    let steps = &plan.firing.model.steps;
    steps
        .iter()
        .take(plan.survey.last + 1)
        .rposition(
            |step| matches!(&step.effect, Effect::Run(run) if run.any(&[Role::Build, Role::Check])),
        )
        .unwrap_or(0)
}

/// The working directory after a step.
fn state_after(plan: &Plan<'_>, at: usize) -> Option<String> {
    let model = plan.firing.model;
    model
        .steps
        .get(at + 1)
        .map_or(&model.end, |next| &next.state)
        .workdir
        .clone()
}

/// Whether the build command says that the program is linked statically.
pub fn linked_statically(plan: &Plan<'_>) -> bool {
    let mut any = false;
    for step in plan.firing.model.steps.iter().take(plan.survey.last + 1) {
        let Effect::Run(run) = &step.effect else {
            continue;
        };
        for command in run
            .commands
            .iter()
            .filter(|command| command.role == Some(Role::Build))
        {
            let line = command.known.as_ref().map(|known| known.line);
            if line.is_some_and(|line| line.installs.is_some() || line.keeps_linkage) {
                // A copy of what was built is linked as that is.
                continue;
            }
            let Some(test) = command
                .known
                .as_ref()
                .and_then(|known| known.line.static_when.as_ref())
            else {
                return false;
            };
            if !holds(test, run, command, step) {
                return false;
            }
            any = true;
        }
    }
    any
}

/// Whether a variable has a value (`NAME=value`) for a command: by a prefix of the command, else by ENV or ARG.
fn holds(test: &str, run: &RunModel<'_>, command: &CommandModel<'_>, step: &Step<'_>) -> bool {
    let (name, wanted) = test.split_once('=').unwrap_or((test, ""));
    let assignments = &run.command(command).assignments;
    let prefix = assignments
        .iter()
        .rev()
        .find(|assignment| assignment.name == name);
    match prefix {
        Some(assignment) => assignment.value.value.as_deref() == Some(wanted),
        None => step.state.holds(test),
    }
}
