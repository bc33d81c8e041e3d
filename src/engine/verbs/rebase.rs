//! `rebase`: another base image of the same family, suite and libc.
//!
//! ```text
//! FROM node:22
//! FROM node:22-slim
//! ```

use super::{Firing, Proposal, Stop, split};
use crate::engine::{BaseChoice, Evidence};
use crate::facts::{Tri, sources};
use crate::model::path::within;
use crate::model::{Base, Effect, Facts, Follow, Pragma, Start};
use crate::rule::Role;
use crate::rule::document::RebaseVerb;
use crate::syntax::{Data, Keyword};

const INSTALL: &str = "install the package in the Dockerfile by name";

/// Swaps the base image of a stage that builds nothing and needs nothing that only the larger one has.
pub fn rebase(
    firing: &Firing<'_>,
    facts: &Facts<'_>,
    verb: &RebaseVerb,
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let base = &firing.model.base;
    let keep = firing.options.base == BaseChoice::Keep || base.stage.is_some();
    if keep || base.digest || base.variable || !base.known() {
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
    if runtime.libc != base.libc || runtime.suite != base.suite || !runtime.known() {
        return Ok(false);
    }
    // A stage that builds what it runs is better split than squeezed.
    let builds = firing.model.steps.iter().any(|step| match &step.effect {
        Effect::Run(run) => run.any(&[Role::Dependencies, Role::Build, Role::Tool]),
        _ => false,
    });
    if builds && firing.model.file.stages.len() == 1 {
        return Ok(false);
    }
    if let Some((part, step)) = firing.model.names_part(&verb.lacks_paths) {
        return Err(firing.stop(
            step,
            "refused",
            format!("the instruction names a path with `{part}`, which `{target}` lacks"),
            "name the path as it is in the smaller image, and that image in FROM",
        ));
    }
    commands_of_the_stage(firing, verb, &target)?;
    copies(firing, verb, &target)?;
    if !start(firing, facts, verb, &target, proposal)? {
        return Ok(false);
    }
    calls(firing, verb, &target, proposal)?;
    for reason in &verb.refuse {
        if let Tri::Unknown(unknown) = facts.present(&reason.when) {
            proposal
                .assumptions
                .push(format!("not so that {} ({unknown})", reason.why));
        }
        if facts.present(&reason.when).is_present() {
            let allow = reason.allow.as_deref().unwrap_or(INSTALL);
            return Err(firing.stop(firing.from(), "refused", reason.why.clone(), allow));
        }
    }
    libraries(firing, facts, verb, &runtime, &target)?;
    let Data::From { image: word, .. } = &firing.model.file.instructions[firing.from()].data else {
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

/// Every RUN must be known, set up only what the slim image can, and install nothing that may be compiled.
fn commands_of_the_stage(firing: &Firing<'_>, verb: &RebaseVerb, target: &str) -> Result<(), Stop> {
    for step in &firing.model.steps {
        if step.instruction.keyword == Keyword::Onbuild {
            return Err(firing.stop(
                step.index,
                "onbuild",
                format!("ONBUILD runs in images that dockopt does not see, on `{target}`"),
                "swap the base by hand if their builds need nothing of the full image",
            ));
        }
        let Effect::Run(run) = &step.effect else {
            continue;
        };
        if step.pragma == Some(Pragma::Runtime) {
            continue;
        }
        let runs_here =
            "a comment `# dockopt: runtime` above the RUN, if it runs in the slim image too";
        if let Some(unknown) = run.unknown.first() {
            return Err(Stop {
                offset: unknown.span.start,
                reason: "opaque",
                message: format!(
                    "`{}`: {}; it may need what only `{}` has",
                    unknown.text, unknown.reason, firing.model.base.expanded
                ),
                allow: runs_here.into(),
            });
        }
        for known in &run.commands {
            let command = run.command(known);
            let plain = [Role::Setup, Role::Clean, Role::None, Role::Packages];
            let fetches = verb.fetches && matches!(known.role, Some(Role::Fetch | Role::Check));
            if !fetches && known.role.is_none_or(|role| !plain.contains(&role)) {
                return Err(Stop {
                    offset: command.span.start,
                    reason: "installs",
                    message: format!(
                        "`{}` may compile, or load libraries of, what `{target}` lacks",
                        command.words.first().map_or("", |word| &word.raw)
                    ),
                    allow: runs_here.into(),
                });
            }
        }
        for command in &run.script.commands {
            let first = command.words.first();
            if let Some(name) = first.and_then(|word| word.value.as_deref())
                && let Some(package) = missing(firing, name)
            {
                return Err(firing.stop(
                    step.index,
                    "command",
                    format!("`{name}` needs the package {package}, which `{target}` lacks"),
                    INSTALL,
                ));
            }
        }
    }
    Ok(())
}

/// Programs and libraries of the system that come from another stage may load libraries that only the full image has.
fn copies(firing: &Firing<'_>, verb: &RebaseVerb, target: &str) -> Result<(), Stop> {
    for step in &firing.model.steps {
        let Effect::Copy(copy) = &step.effect else {
            continue;
        };
        if copy.from.is_none() {
            continue;
        }
        let system = |path: &&String| {
            let places = ["/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc"];
            places.iter().any(|place| within(path, place))
                && !verb.brings.iter().any(|part| path.contains(part))
        };
        if let Some(path) = copy.sources.iter().find(system) {
            return Err(firing.stop(
                step.index,
                "library",
                format!("`{path}` of another stage may need libraries that `{target}` lacks"),
                "swap the base by hand if it needs none",
            ));
        }
    }
    Ok(())
}

/// What the container starts must be followed to its end, and call nothing that the slim image lacks.
fn start(
    firing: &Firing<'_>,
    facts: &Facts<'_>,
    verb: &RebaseVerb,
    target: &str,
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let follow = Follow {
        model: firing.model,
        facts,
        binaries: None,
        inherits: verb.inherited_start,
    };
    let mut start = Start::of(&follow);
    let assumptions = split::served(firing, &follow, &mut start);
    proposal.assumptions.extend(assumptions);
    let named = verb.inherited_start && !start.programs.is_empty()
        || firing.model.has(Keyword::Cmd)
        || firing.model.has(Keyword::Entrypoint);
    if let Some(obstacle) = start.obstacles.first().filter(|_| named) {
        return Err(firing.stop(
            obstacle.instruction,
            "start",
            obstacle.message.clone(),
            &obstacle.allow,
        ));
    }
    let wanted = |name: &str| verb.starts.iter().any(|known| known == name);
    let starts = named && start.commands().any(|(name, _)| wanted(name));
    if !(starts || verb.starts.is_empty()) {
        return Ok(false);
    }
    for (name, program) in start.commands() {
        if verb.lacks.iter().any(|lacks| lacks == name) {
            return Err(firing.stop(
                program.instruction,
                "command",
                format!("{} runs `{name}`, which `{target}` lacks", program.via),
                "nothing, as long as it does",
            ));
        }
        if let Some(package) = missing(firing, name) {
            return Err(firing.stop(
                program.instruction,
                "command",
                format!(
                    "{} runs `{name}`, which needs the package {package}, and `{target}` lacks it",
                    program.via
                ),
                INSTALL,
            ));
        }
    }
    Ok(true)
}

/// The commands that the sources run.
fn calls(
    firing: &Firing<'_>,
    verb: &RebaseVerb,
    target: &str,
    proposal: &mut Proposal,
) -> Result<(), Stop> {
    let Some(document) = &verb.sources else {
        return Ok(());
    };
    match sources::scan(firing.context, &document.files, &document.except) {
        Tri::Present(scan) => {
            if let Some((_, reason)) = &scan.unread {
                proposal.assumptions.push(format!(
                    "the program runs no command that only the full base image has ({reason})"
                ));
            }
            for spawned in &scan.commands {
                if verb.lacks.contains(&spawned.name) {
                    return Err(firing.stop(
                        firing.from(),
                        "command",
                        format!(
                            "{}:{} runs `{}`, which `{target}` lacks",
                            spawned.source.file, spawned.source.line, spawned.name
                        ),
                        "nothing, as long as it does",
                    ));
                }
                if let Some(package) = missing(firing, &spawned.name) {
                    return Err(firing.stop(
                        firing.from(),
                        "command",
                        format!(
                            "{}:{} runs `{}`, which needs the package {package}, and `{target}` lacks it",
                            spawned.source.file, spawned.source.line, spawned.name
                        ),
                        INSTALL,
                    ));
                }
            }
        }
        Tri::Absent => {}
        Tri::Unknown(reason) => proposal.assumptions.push(format!(
            "the program runs no command that only the full base image has ({reason})"
        )),
    }
    Ok(())
}

/// Library packages of the language that need libraries of the system. Unknown is not none.
fn libraries(
    firing: &Firing<'_>,
    facts: &Facts<'_>,
    verb: &RebaseVerb,
    runtime: &Base,
    target: &str,
) -> Result<(), Stop> {
    let (Some(table), Some(suite)) = (
        firing.rules.table("native-packages"),
        runtime.suite.as_deref(),
    ) else {
        return Ok(());
    };
    let unknown = |what: String| {
        firing.stop(
            firing.from(),
            "unknown",
            format!("unknown: {what}"),
            "give the build context with --context DIR",
        )
    };
    let mut found = verb.libraries.is_empty();
    for libraries in &verb.libraries {
        for fact in &libraries.names {
            let names = match facts.names(fact) {
                Tri::Present(names) => names,
                Tri::Absent => continue,
                Tri::Unknown(reason) => return Err(unknown(format!("{fact} ({reason})"))),
            };
            found = true;
            for (name, _) in names {
                let name = split::package_key(&name);
                let needs = table
                    .get(&[&libraries.ecosystem, &name, suite])
                    .is_some_and(|row| {
                        row.get("runtime").is_some() || row.get("kind") == Some("refuse")
                    });
                if needs {
                    return Err(firing.stop(
                        firing.from(),
                        "library",
                        format!("{name} needs libraries that `{target}` lacks"),
                        INSTALL,
                    ));
                }
            }
        }
    }
    // What another stage built may have any libraries, where no manifest names them.
    let built = firing.model.steps.iter().any(|step| match &step.effect {
        Effect::Copy(copy) => copy.from.is_some(),
        _ => false,
    });
    match found || !built {
        true => Ok(()),
        false => Err(unknown(
            "the libraries of what another stage built (no manifest in the build context)".into(),
        )),
    }
}

/// The package that has a command which the slim image lacks, unless a step of the stage installs it.
fn missing<'a>(firing: &'a Firing<'_>, name: &str) -> Option<&'a str> {
    let package = firing
        .rules
        .look_up("base-commands", &[name])?
        .get("package")?
        .split(' ')
        .next()?;
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
