//! Commands and libraries that the program needs beside its files.

use super::carry::Carried;
use super::{Plan, assets};
use crate::engine::verbs::Stop;
use crate::facts::{Source, Tri};
use crate::model::Need;

/// What the runtime must have.
#[derive(Debug, Default)]
pub struct Needs {
    /// Commands found through PATH, with how they came up and the instruction that asks for them.
    pub commands: Vec<(String, String, usize)>,
    /// Packages of the language that may need libraries of the system.
    pub libraries: Vec<(String, Option<Source>)>,
    /// What was assumed.
    pub assumptions: Vec<String>,
}

/// Collects what the start and the sources call for.
pub fn needs(plan: &Plan<'_>, _carried: &Carried) -> Result<Needs, Stop> {
    let mut needs = Needs::default();
    for program in &plan.start.programs {
        if let Need::Command(name) = &program.need {
            needs
                .commands
                .push((name.clone(), program.via.clone(), program.instruction));
        }
    }
    let table = plan.firing.rules.table("base-commands");
    if let Some(Tri::Present(scan)) = plan
        .verb
        .sources
        .as_ref()
        .map(|sources| assets::scan(plan.firing.context, sources))
    {
        for spawned in &scan.commands {
            if table.is_some_and(|table| table.get(&[&spawned.name]).is_some()) {
                let via = format!("{}:{}", spawned.source.file, spawned.source.line);
                needs
                    .commands
                    .push((spawned.name.clone(), via, plan.firing.from()));
            }
        }
    }
    let Some(libraries) = &plan.verb.libraries else {
        return Ok(needs);
    };
    let mut unknown = None;
    for fact in &libraries.names {
        match plan.facts.names(fact) {
            Tri::Present(names) => needs.libraries.extend(names),
            Tri::Absent => {}
            Tri::Unknown(reason) => unknown = Some(reason),
        }
    }
    if let Some(reason) = unknown {
        needs.assumptions.push(format!(
            "no dependency needs a library of the full base image at run time ({reason})"
        ));
    }
    Ok(needs)
}
