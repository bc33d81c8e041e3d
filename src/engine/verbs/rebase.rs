//! `rebase`: another base image of the same family, suite and libc.
//!
//! ```text
//! FROM node:22
//! FROM node:22-slim
//! ```

use super::{Firing, Proposal, Stop};
use crate::engine::{BaseChoice, Evidence};
use crate::model::{Base, Effect, Facts, Follow, Pragma, Start};
use crate::rule::document::RebaseVerb;
use crate::syntax::Data;

/// Swaps the base image of a stage that runs nothing which needs the larger one.
pub fn rebase(
    firing: &Firing<'_>,
    facts: &Facts<'_>,
    verb: &RebaseVerb,
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let model = firing.model;
    let base = &model.base;
    if firing.options.base == BaseChoice::Keep || base.stage.is_some() {
        return Ok(false);
    }
    let stop = |instruction: usize, reason, message: String, allow: &str| Stop {
        offset: model.file.instructions[instruction].span.start,
        reason,
        message,
        allow: allow.into(),
    };
    if base.digest || base.variable || !base.known() {
        return Ok(false);
    }
    let Some((image, tag)) = verb
        .kinds
        .iter()
        .find_map(|kind| base.swap(kind, firing.rules))
    else {
        return Ok(false);
    };
    let target = format!("{image}:{tag}");
    let runtime = Base::from_text(&target, firing.rules);
    if runtime.libc.is_some() && runtime.libc != base.libc {
        return Ok(false);
    }
    // Every command that a RUN runs must be one that the slim image has as well.
    for step in &model.steps {
        let Effect::Run(run) = &step.effect else {
            continue;
        };
        if step.pragma == Some(Pragma::Runtime) {
            continue;
        }
        if let Some(unknown) = run.unknown.first() {
            return Err(Stop {
                offset: unknown.span.start,
                reason: "opaque",
                message: format!(
                    "`{}`: {}; it may need what only `{}` has",
                    unknown.text, unknown.reason, base.expanded
                ),
                allow:
                    "a comment `# dockopt: runtime` above the RUN, if it runs in the slim image too"
                        .into(),
            });
        }
        for command in &run.script.commands {
            if let Some(package) = command
                .words
                .first()
                .and_then(|word| word.value.as_deref())
                .and_then(|name| missing(firing, name))
            {
                return Err(stop(
                    step.index,
                    "command",
                    format!(
                        "`{}` needs the package {package}, which `{target}` lacks",
                        command.words[0].raw
                    ),
                    "install the package in the Dockerfile, or split the build from the runtime",
                ));
            }
        }
    }
    let start = Start::of(&Follow {
        model,
        facts,
        binaries: None,
    });
    for (name, program) in start.commands() {
        if let Some(package) = missing(firing, name) {
            return Err(stop(
                program.instruction,
                "command",
                format!(
                    "{} runs `{name}`, which needs the package {package}, and `{target}` lacks it",
                    program.via
                ),
                "install the package in the Dockerfile",
            ));
        }
    }
    if let Some(libraries) = &verb.libraries
        && let (Some(table), Some(suite)) = (
            firing.rules.table("native-packages"),
            runtime.suite.as_deref(),
        )
    {
        for fact in &libraries.names {
            for (name, _) in facts.names(fact).present().unwrap_or_default() {
                let name = name.to_ascii_lowercase().replace('_', "-");
                if table
                    .get(&[&libraries.ecosystem, &name, suite])
                    .is_some_and(|row| {
                        row.get("runtime").is_some() || row.get("kind") == Some("refuse")
                    })
                {
                    return Err(stop(
                        firing.from(),
                        "library",
                        format!("{name} needs libraries that `{target}` lacks"),
                        "install them in the Dockerfile by name",
                    ));
                }
            }
        }
    }
    let Data::From { image: word, .. } = &model.file.instructions[firing.from()].data else {
        return Ok(false);
    };
    proposal
        .edits
        .replace(word.span, target.clone())
        .map_err(|error| firing.overlap(error))?;
    proposal.rewritten.push(firing.from());
    proposal.evidence.push(Evidence {
        text: format!(
            "`{target}` has the suite and libc of `{}`, and no step needs what it lacks",
            base.expanded
        ),
        source: None,
    });
    Ok(true)
}

/// The package that has a command which the slim image lacks, unless a step of the stage installs it.
fn missing<'a>(firing: &'a Firing<'_>, name: &str) -> Option<&'a str> {
    let package = firing
        .rules
        .look_up("base-commands", &[name])?
        .get("package")?;
    let installed = firing.model.steps.iter().any(|step| match &step.effect {
        Effect::Run(run) => run.script.commands.iter().any(|command| {
            command
                .words
                .iter()
                .any(|word| word.value.as_deref() == Some(package))
        }),
        _ => false,
    });
    (!installed).then_some(package)
}
