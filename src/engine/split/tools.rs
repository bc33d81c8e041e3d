//! Tools for building that come out of images of their own.

use super::Plan;
use crate::model::path::name;
use crate::model::{Base, Effect};

/// Whether a COPY takes a tool for building out of the image of that tool, and nothing runs the tool later.
pub fn copies_tool(plan: &Plan<'_>, at: usize) -> bool {
    let model = plan.firing.model;
    let Effect::Copy(copy) = &model.steps[at].effect else {
        return false;
    };
    let (Some(from), Some(table)) = (&copy.from, plan.firing.rules.table("tool-images")) else {
        return false;
    };
    let base = Base::from_text(from, plan.firing.rules);
    let stage = |name: &Option<String>| name.as_ref().is_some_and(|name| name == from);
    let Some(row) = table.get(&[&base.name]) else {
        return false;
    };
    let stages = &model.file.stages;
    let files = row.get("files").unwrap_or("");
    let tool = |path: &String| files.split(' ').any(|file| name(path) == file);
    let later = &model.steps[plan.survey.last + 1..];
    let runs = |program: &str| {
        later.iter().any(|step| match &step.effect {
            Effect::Run(run) => {
                let mut words = run
                    .script
                    .commands
                    .iter()
                    .flat_map(|command| &command.words);
                words.any(|word| name(&word.raw) == program)
            }
            _ => false,
        })
    };
    !stages.iter().any(|known| stage(&known.name))
        && copy.sources.iter().all(tool)
        && !files
            .split(' ')
            .any(|file| plan.used.has(file) || runs(file))
}
