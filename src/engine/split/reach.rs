//! The last look before a split is shown: everything that the start names is in the runtime.

use super::Plan;
use super::carry::Carried;
use super::place::Placed;
use crate::engine::verbs::Stop;
use crate::model::path::within;
use crate::model::{Effect, Program, Step};
use crate::syntax::Keyword;

/// Checks that the runtime has every file that the start names.
pub fn reach(plan: &Plan<'_>, carried: &Carried, placed: &[Placed]) -> Result<(), Stop> {
    let workdir = plan.firing.model.end.workdir.as_deref().unwrap_or("/");
    for (path, program) in plan.start.files() {
        // What the start itself builds from its sources.
        if plan.start.needs_sources().is_some() && workdir != "/" && within(path, workdir) {
            continue;
        }
        if !reached(plan, carried, placed, path) {
            return Err(plan.stop(
                program.instruction,
                "start",
                format!("{} needs `{path}`, and nothing shows where the runtime would have it from", program.via),
                "let a COPY bring it or a RUN with a known output build it, or write `# dockopt: both` above the RUN that makes it",
            ));
        }
    }
    purpose(plan, carried)
}

fn reached(plan: &Plan<'_>, carried: &Carried, placed: &[Placed], path: &str) -> bool {
    let copied = |copied: &super::carry::Copied| within(path, &copied.path);
    if carried.paths.iter().any(copied) || super::built::is_server(plan, path) {
        return true;
    }
    let model = plan.firing.model;
    let extensions = plan
        .verb
        .binaries
        .iter()
        .flat_map(|binaries| binaries.extensions.iter().map(String::as_str));
    let names: Vec<String> = std::iter::once("")
        .chain(extensions)
        .map(|extension| format!("{path}{extension}"))
        .collect();
    model.steps.iter().enumerate().any(|(at, step)| {
        if placed
            .get(at)
            .is_some_and(|placed| placed.runtime.is_none())
        {
            return false;
        }
        match &step.effect {
            Effect::Copy(copy) => {
                let foreign = copy.from.is_some() || copy.remote;
                (foreign && copy.dest.as_deref().is_none_or(|dest| within(path, dest)))
                    || names
                        .iter()
                        .any(|name| copy.brings(name, plan.firing.context) != Ok(None))
            }
            Effect::Run(run) => run.may_write(|known| within(path, known)),
            Effect::Other => false,
        }
    })
}

/// Whether an instruction is the name of a shell and nothing else.
fn only_shell(cmd: &&Step<'_>) -> bool {
    let text = cmd.instruction.text.text.trim();
    let word = text.trim_matches(['[', ']', ' ']).trim_matches('"');
    crate::shell::is_shell(crate::model::path::name(word))
}

/// A start that runs only what every image has (`sleep`, `bash`) does not say what the image is for: it may be a
/// tool box whose tools a split would take away.
fn purpose(plan: &Plan<'_>, carried: &Carried) -> Result<(), Stop> {
    let table = plan.firing.rules.table("slim-commands");
    let own = |program: &Program| match &program.need {
        crate::model::Need::File(_) => true,
        crate::model::Need::Command(name) => {
            table.is_none_or(|table| table.get(&["debian", name]).is_none())
        }
    };
    let programs = &plan.start.programs;
    if let Some(cmd) = plan.firing.model.last(Keyword::Cmd).filter(only_shell) {
        return Err(plan.stop(
            cmd.index,
            "start",
            "CMD is a shell: nobody can say what is run in it",
            "let CMD or ENTRYPOINT start the program",
        ));
    }
    if programs.iter().any(own) || !plan.start.evidence.is_empty() || !carried.path.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = plan.start.commands().map(|(name, _)| name).collect();
    let instruction = programs
        .first()
        .map_or(plan.firing.from(), |program| program.instruction);
    let names = if names.is_empty() {
        "only the shell itself".to_string()
    } else {
        format!("only `{}`", names.join("`, `"))
    };
    Err(plan.stop(
        instruction,
        "start",
        format!("the start runs {names}, nothing that the Dockerfile builds or brings: nobody can say what the image is for"),
        "let CMD or ENTRYPOINT start the program",
    ))
}
