//! Programs of the project that the build runs beside what makes the started program: a script that fills a data base, or
//! writes a list that the program reads.

use super::Plan;
use super::assets::Unclear;
use super::built::Built;
use crate::facts::sources::{self, WrittenPath};
use crate::facts::{Source, Tri};
use crate::model::path::{parent, resolve, within};
use crate::model::{Effect, Step};
use crate::rule::Role;
use crate::shell::{Command, parse_text};

/// How deep scripts of a manifest may call each other.
const DEPTH: usize = 4;

/// A program of the project that the build runs.
struct Program {
    /// Its file in the build context.
    source: String,
    /// Where it stands in the image.
    path: String,
    /// Where it runs.
    workdir: String,
    /// Whether the Dockerfile itself runs it, and not a script of the manifest.
    named: bool,
    line: usize,
}

/// A program of the project that writes something else than what the build is known to leave, if there is one.
pub fn writes_beside(plan: &Plan<'_>, built: &Built) -> Option<Unclear> {
    programs(plan).iter().find_map(|program| {
        let files = [program.source.clone()];
        let Tri::Present(scan) = sources::scan(plan.firing.context, &files, &[]) else {
            return None;
        };
        let beside = scan.writes.iter().find(|write| match &write.path {
            WrittenPath::Known { here, text, .. } => {
                let from = match here {
                    true => parent(&program.path),
                    false => &program.workdir,
                };
                let path = resolve(from, text);
                let known = |known: &String| within(&path, known) || within(known, &path);
                within(&path, &built.directory) && !built.paths.iter().any(known)
            }
            WrittenPath::Unknown => program.named,
            WrittenPath::Temporary => false,
        })?;
        let why = format!(
            "line {} runs `{}`, which writes files that the program may read (`{}`)",
            program.line, program.source, beside.call
        );
        let source = Source {
            file: program.source.clone(),
            line: beside.source.line,
        };
        Some((why, Some(source)))
    })
}

fn programs(plan: &Plan<'_>) -> Vec<Program> {
    let mut found = Vec::new();
    for step in &plan.firing.model.steps[..=plan.survey.last] {
        let Effect::Run(run) = &step.effect else {
            continue;
        };
        for command in &run.commands {
            if let (Some(Role::Build), Some(workdir)) = (command.role, &command.workdir) {
                follow(plan, step, run.command(command), workdir, 0, &mut found);
            }
        }
    }
    found
}

/// Adds the program that a command runs, by way of scripts of the manifest.
fn follow(
    plan: &Plan<'_>,
    step: &Step<'_>,
    command: &Command,
    workdir: &str,
    depth: usize,
    found: &mut Vec<Program>,
) {
    let rules = plan.firing.rules;
    let word = |at: usize| command.words.get(at).and_then(|word| word.value.as_deref());
    let Some(program) = word(0).filter(|_| depth < DEPTH) else {
        return;
    };
    let limits = rules.table("script-limits");
    if limits.is_some_and(|table| table.get(&[program, "program"]).is_some()) {
        let file = (1..command.words.len())
            .filter_map(word)
            .find(|word| !word.starts_with('-'));
        let Some(path) = file.map(|file| resolve(workdir, file)) else {
            return;
        };
        let model = plan.firing.model;
        if let Ok(Some((_, source))) = model.origin(&path, plan.firing.context) {
            found.push(Program {
                source,
                path,
                workdir: workdir.to_string(),
                named: depth == 0,
                line: plan.line(step.index),
            });
        }
        return;
    }
    let Some(known) = rules.commands.classify(command) else {
        return;
    };
    let script = known.line.script.as_deref();
    let names = script.and_then(|script| known.fill(script));
    let Some(binaries) = &plan.verb.binaries else {
        return;
    };
    for name in names.into_iter().flatten() {
        for name in [format!("pre{name}"), name.clone(), format!("post{name}")] {
            let fill = |hole: &str| (hole == "script").then(|| name.clone());
            let Tri::Present(value) = plan.facts.with(&binaries.script, &fill) else {
                continue;
            };
            let texts = value.texts();
            let Some((text, _)) = texts.first() else {
                continue;
            };
            for command in &parse_text(text, 0).commands {
                follow(plan, step, command, workdir, depth + 1, found);
            }
        }
    }
}
