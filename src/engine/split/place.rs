//! Which side of the split each instruction of the build part goes to.

use super::Plan;
use super::base::RuntimeBase;
use super::carry::{Carried, runtime_only};
use super::packages::{Packages, for_runtime, installed, removes};
use crate::edit::Edits;
use crate::engine::verbs::Stop;
use crate::model::path::within;
use crate::model::{CommandModel, Effect, Place, Pragma, RunModel, Step, mentions};
use crate::rule::{Known, Role};
use crate::shell::Word;
use crate::syntax::{Data, Dockerfile, Keyword, Span};
use std::collections::BTreeSet;

/// Where an instruction goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placed {
    /// It stays in the build stage.
    pub build: bool,
    /// Its text in the runtime stage.
    pub runtime: Option<String>,
}

/// The side of each step up to the last one of the build.
pub fn place(
    plan: &Plan<'_>,
    carried: &Carried,
    _packages: &Packages,
    base: &RuntimeBase,
) -> Result<Vec<Placed>, Stop> {
    let model = plan.firing.model;
    let source = &model.file.source;
    let refresh = wants_refresh(plan, base);
    let mut placed = Vec::new();
    for (at, step) in model.steps.iter().enumerate().take(plan.survey.last + 1) {
        let text = || Some(step.instruction.span.of(source).to_string());
        let both = || Placed {
            build: true,
            runtime: text(),
        };
        placed.push(match (&step.effect, step.pragma) {
            (_, Some(Pragma::Build)) => Placed {
                build: true,
                runtime: None,
            },
            (_, Some(Pragma::Runtime)) => Placed {
                build: false,
                runtime: text(),
            },
            (_, Some(Pragma::Both)) => both(),
            (Effect::Copy(_), None) => Placed {
                build: true,
                runtime: carried.repeated.contains(&at).then(text).flatten(),
            },
            (Effect::Run(run), None) => Placed {
                build: true,
                runtime: run_for_runtime(plan, carried, base, at, step, run, refresh)?,
            },
            (Effect::Other, None) => match step.instruction.keyword {
                keyword if runtime_only(keyword) => Placed {
                    build: false,
                    runtime: text(),
                },
                Keyword::Arg => Placed {
                    build: true,
                    runtime: None,
                },
                _ => both(),
            },
        });
    }
    arguments(plan, &mut placed);
    Ok(placed)
}

/// An ARG that the runtime uses is declared again there.
fn arguments(plan: &Plan<'_>, placed: &mut [Placed]) {
    let model = plan.firing.model;
    let source = &model.file.source;
    let later: Vec<&str> = model.steps[placed.len()..]
        .iter()
        .map(|step| step.instruction.span.of(source))
        .collect();
    // Backwards, since one ARG may use another.
    for at in (0..placed.len()).rev() {
        let step = &model.steps[at];
        let (Keyword::Arg, Data::Pairs { pairs, .. }) =
            (step.instruction.keyword, &step.instruction.data)
        else {
            continue;
        };
        let used = pairs.iter().any(|pair| {
            let name = pair.key.text();
            later.iter().any(|text| mentions(text, name))
                || placed[at + 1..]
                    .iter()
                    .filter_map(|placed| placed.runtime.as_deref())
                    .any(|text| mentions(text, name))
        });
        if used {
            placed[at].runtime = Some(step.instruction.span.of(source).to_string());
        }
    }
}

/// Whether a RUN of the runtime installs packages from lists that an earlier RUN has refreshed.
fn wants_refresh(plan: &Plan<'_>, base: &RuntimeBase) -> bool {
    let suite = base.base.suite.as_deref();
    plan.firing
        .model
        .steps
        .iter()
        .enumerate()
        .any(|(at, step)| {
            let Effect::Run(run) = &step.effect else {
                return false;
            };
            let later = at > plan.survey.last
                || matches!(step.pragma, Some(Pragma::Runtime | Pragma::Both));
            let installs = installed(run)
                .iter()
                .any(|package| later || !for_runtime(plan, package, suite).is_empty());
            let refreshes = run.commands.iter().any(|command| {
                command
                    .known
                    .as_ref()
                    .is_some_and(|known| known.line.refreshes)
            });
            installs && !refreshes
        })
}

/// The part of a RUN that the runtime needs again.
fn run_for_runtime(
    plan: &Plan<'_>,
    carried: &Carried,
    base: &RuntimeBase,
    at: usize,
    step: &Step<'_>,
    run: &RunModel<'_>,
    refresh: bool,
) -> Result<Option<String>, Stop> {
    let suite = base.base.suite.as_deref();
    let packages = installed(run);
    let kept_names = |command: usize| {
        packages
            .iter()
            .filter(|package| package.command == command)
            .any(|package| !for_runtime(plan, package, suite).is_empty())
    };
    let mut keep: BTreeSet<usize> = BTreeSet::new();
    for (at_command, command) in run.commands.iter().enumerate() {
        let kept = match command.role {
            Some(Role::Setup) => setup_is_needed(plan, carried, at, command)?,
            Some(Role::Packages) => {
                let line = command.known.as_ref().map(|known| known.line);
                let names = packages.iter().any(|package| package.command == at_command);
                if names {
                    kept_names(at_command)
                } else {
                    line.is_some_and(|line| !line.refreshes || refresh)
                }
            }
            Some(Role::Tool) => carried.tools.contains(&at),
            Some(Role::Clean) => clears_base(plan, carried, at, run, command),
            _ => false,
        };
        if kept {
            keep.insert(at_command);
        }
    }
    if keep.is_empty() {
        return Ok(None);
    }
    let installs = run.commands.iter().enumerate().any(|(at, command)| {
        keep.contains(&at) && matches!(command.role, Some(Role::Packages | Role::Tool))
    });
    let first_workdir = step.state.workdir.as_deref();
    // Whether a command that is kept stands in another directory, and names files relative to it.
    let moved = keep.iter().any(|at| {
        let command = &run.commands[*at];
        let words = run.command(command).words.iter().skip(1);
        let relative = |word: &Word| !word.raw.starts_with(['/', '-', '"', '$', '~']);
        let line = command.known.as_ref().map(|known| known.line);
        let paths = line.is_none_or(|line| {
            line.touches.is_empty() || line.touches.iter().any(|path| path.starts_with(['<', '.']))
        });
        command.role == Some(Role::Setup)
            && paths
            && command.workdir.as_deref() != first_workdir
            && words.clone().any(relative)
    });
    let needed: Vec<&CommandModel<'_>> = keep.iter().map(|at| &run.commands[*at]).collect();
    let holds_needed = |command: &CommandModel<'_>| {
        let made = run.command(command).words.iter().skip(1);
        let named = |made: &Word| {
            let mut words = needed.iter().flat_map(|needed| &run.command(needed).words);
            !made.raw.starts_with('-')
                && words.any(|word| {
                    let above = word.raw.contains('/') && word.raw.len() > 1;
                    word.raw.starts_with(&made.raw) || (above && made.raw.starts_with(&word.raw))
                })
        };
        made.clone().any(named) || command.writes.iter().any(|place| {
            let Place::Path(directory) = place else {
                return true;
            };
            let below = |place: &Place| matches!(place, Place::Path(path) | Place::Below(path) if within(path, directory) || (path != "/" && within(directory, path)));
            needed.iter().any(|needed| needed.writes.iter().any(below))
        })
    };
    let item = |command: &CommandModel<'_>| run.script.commands[command.index].item;
    let needed_items: BTreeSet<usize> = needed.iter().map(|command| item(command)).collect();
    // `echo "$SUM file" | sha256sum -c`: what is told to a command of the build is nothing by itself.
    let plain = |wanted: usize| {
        let mut others = run
            .commands
            .iter()
            .filter(|command| item(command) == wanted);
        others.all(|command| matches!(command.role, Some(Role::None)))
    };
    for (at_command, command) in run.commands.iter().enumerate() {
        let first = run.command(command).words.first();
        let enters = first
            .is_some_and(|word| matches!(word.value.as_deref(), Some("cd" | "pushd" | "popd")));
        let companion = match command.role {
            Some(Role::None) if enters => moved,
            Some(Role::None) => needed_items.contains(&item(command)) || plain(item(command)),
            Some(Role::Setup) => command.directory && (moved || holds_needed(command)),
            // What is not installed again cannot be removed again.
            Some(Role::Clean) => {
                let gone = removes(command).any(|name| plan.removed.contains(&name));
                installs && !gone && cleans_up(run, command) || makes_room(run, command, &needed)
            }
            Some(Role::Packages) => {
                installs
                    && command
                        .known
                        .as_ref()
                        .is_some_and(|known| known.line.refreshes)
            }
            _ => false,
        };
        if companion {
            keep.insert(at_command);
        }
    }
    // What is downloaded for a command that reads it from a pipe goes along with that command.
    let kept_items: BTreeSet<usize> = keep.iter().map(|at| item(&run.commands[*at])).collect();
    for (at_command, command) in run.commands.iter().enumerate() {
        let feeds = matches!(command.role, Some(Role::Fetch | Role::Check));
        if feeds && command.writes.is_empty() && kept_items.contains(&item(command)) {
            keep.insert(at_command);
        }
    }
    let enters = |command: &CommandModel<'_>| {
        let first = run
            .command(command)
            .words
            .first()
            .and_then(|word| word.value.as_deref());
        let into = command.workdir.as_deref();
        first == Some("cd")
            && moved
            && into.is_none_or(|into| {
                let gone = |made: &String| {
                    within(into, made)
                        && !carried
                            .paths
                            .iter()
                            .any(|copied| within(into, &copied.path))
                };
                if carried.made.iter().any(gone) {
                    return true;
                }
                carried
                    .paths
                    .iter()
                    .any(|copied| into != copied.path && within(into, &copied.path))
            })
    };
    if run.commands.iter().any(enters) {
        return Err(plan.stop(
            step.index,
            "mixed",
            "the RUN mixes commands for the build with commands that the runtime needs, and enters a directory of the build",
            "write them as two RUN instructions",
        ));
    }
    if !base.shell {
        return Err(plan.stop(
            step.index,
            "mixed",
            "the runtime image has no shell for this RUN",
            "choose an image with a shell: --base slim",
        ));
    }
    let mut words: Vec<(Span, String)> = Vec::new();
    for package in packages
        .iter()
        .filter(|package| keep.contains(&package.command))
    {
        let runtime = for_runtime(plan, package, suite);
        if runtime.as_slice() == [package.name.clone()] {
            continue;
        }
        let command = run.command(&run.commands[package.command]);
        let before = command
            .words
            .get(package.word.wrapping_sub(1))
            .map_or(package.span.start, |word| word.span.end);
        match runtime.is_empty() {
            true => words.push((Span::new(before, package.span.end), String::new())),
            false => words.push((package.span, runtime.join(" "))),
        }
    }
    let source = &plan.firing.model.file.source;
    let drop: BTreeSet<usize> = run
        .commands
        .iter()
        .enumerate()
        .filter(|(at, _)| !keep.contains(at))
        .map(|(_, command)| run.script.commands[command.index].item)
        .collect();
    let stays: BTreeSet<usize> = run
        .commands
        .iter()
        .enumerate()
        .filter(|(at, _)| keep.contains(at))
        .map(|(_, command)| run.script.commands[command.index].item)
        .collect();
    let mixed = || {
        plan.stop(
            step.index,
            "mixed",
            "the RUN mixes commands for the build with commands that the runtime needs",
            "write them as two RUN instructions",
        )
    };
    if drop.intersection(&stays).next().is_some() {
        return Err(mixed());
    }
    let mut edits = Edits::new();
    for (span, text) in words {
        // Neighbouring words that both go share no byte: each takes the white space before it.
        edits
            .replace(
                Span::new(
                    span.start - step.instruction.span.start,
                    span.end - step.instruction.span.start,
                ),
                text,
            )
            .map_err(|error| plan.firing.overlap(error))?;
    }
    let mut text = edits.apply(step.instruction.span.of(source));
    for item in drop.iter().rev() {
        text = without_item(&text, *item).ok_or_else(mixed)?;
    }
    Ok(Some(text))
}

/// Whether a command takes away what a later one of these makes anew: `rm /bin/sh && ln -s /bin/bash /bin/sh`.
fn makes_room(run: &RunModel<'_>, command: &CommandModel<'_>, kept: &[&CommandModel<'_>]) -> bool {
    let arguments = |command| run.command(command).words.iter().skip(1);
    let mut later = kept.iter().filter(|later| later.index > command.index);
    later.any(|later| {
        arguments(command)
            .filter(|gone| !gone.raw.starts_with('-'))
            .any(|gone| arguments(later).any(|made| made.raw == gone.raw))
    })
}

/// Whether a command removes what the base image has where files of the build are copied to: `rm -rf webapps/*` before
/// an application goes there. Without -f it would fail where the runtime's image has nothing there.
fn clears_base(
    plan: &Plan<'_>,
    carried: &Carried,
    at: usize,
    run: &RunModel<'_>,
    command: &CommandModel<'_>,
) -> bool {
    let model = plan.firing.model;
    let words = run.command(command).words.iter().skip(1);
    let mut options = words.filter(|word| word.raw.starts_with('-'));
    let force = |raw: &str| raw == "--force" || (!raw.starts_with("--") && raw.contains('f'));
    if !options.any(|word| force(&word.raw)) || run.command(command).context.conditional {
        return false;
    }
    let touches = |path: &str, other: &str| within(path, other) || within(other, path);
    let before = |path: &str| {
        let steps = model.steps[..=at].iter();
        steps
            .flat_map(|step| match &step.effect {
                Effect::Copy(copy) => copy.dest.iter().cloned().collect(),
                Effect::Run(run) => {
                    let writes = run.commands.iter().flat_map(|command| &command.writes);
                    let paths = writes.filter_map(|place| match place {
                        Place::Path(path) | Place::Below(path) => Some(path.clone()),
                        _ => None,
                    });
                    paths.collect::<Vec<_>>()
                }
                _ => Vec::new(),
            })
            .any(|written| touches(&written, path))
    };
    let scratch = ["/tmp", "/root", "/var/tmp", "/var/cache", "/var/lib/apt"];
    super::written::cleaned(command, &model.steps[at])
        .iter()
        .filter(|(_, rest)| rest.as_deref().is_none_or(str::is_empty))
        .any(|(gone, _)| {
            let gone = gone.trim_end_matches('/');
            !gone.is_empty()
                && !scratch.iter().any(|scratch| within(gone, scratch))
                && (carried.paths.iter()).any(|copied| within(&copied.path, gone))
                && !before(gone)
        })
}

/// Whether a cleaning command is about packages and caches, rather than about files of a build.
fn cleans_up(run: &RunModel<'_>, command: &CommandModel<'_>) -> bool {
    let words: Vec<&str> = run
        .command(command)
        .words
        .iter()
        .map(|word| word.raw.as_str())
        .collect();
    match words.first() {
        Some(&"rm") => {
            // What is not there without the build, `rm` without -f fails at.
            let force =
                |word: &&&str| **word == "--force" || word.starts_with('-') && word.contains('f');
            let forced = words[1..].iter().any(|word| force(&word));
            let paths = words[1..].iter().filter(|word| !word.starts_with('-'));
            let places: &[&str] = match forced {
                true => &["/var/", "/tmp", "/root/."],
                false => &["/var/lib/apt", "/var/cache"],
            };
            paths
                .clone()
                .any(|path| places.iter().any(|place| path.starts_with(place)))
        }
        _ => true,
    }
}

/// A RUN without one item of its list.
fn without_item(text: &str, item: usize) -> Option<String> {
    const HEAD: &str = "FROM scratch\n";
    let whole = format!("{HEAD}{text}\n");
    let file = Dockerfile::parse(&whole).ok()?;
    let instruction = file.instructions.get(1)?;
    let script = crate::shell::parse_run(instruction, &file.source);
    let mut edits = Edits::new();
    let removal = crate::shell::remove_item(&script, &file.source, item);
    if removal.is_empty() {
        return None;
    }
    for (span, text) in removal {
        edits.replace(span, text).ok()?;
    }
    let after = edits.apply(&whole);
    Some(
        after
            .strip_prefix(HEAD)?
            .trim_end_matches(['\n', '\r'])
            .to_string(),
    )
}

/// Whether a set-up command must be repeated in the runtime: not if what it acts on is copied with its owner and
/// mode from the build stage, or stays behind.
fn setup_is_needed(
    plan: &Plan<'_>,
    carried: &Carried,
    at: usize,
    command: &CommandModel<'_>,
) -> Result<bool, Stop> {
    let mut votes: BTreeSet<bool> = BTreeSet::new();
    let cache = Place::Path("/etc/ld.so.cache".into());
    if carried.libraries && command.writes == [cache] {
        // The loader is told after the libraries are there.
        return Ok(false);
    }
    if command.directory && command.writes.iter().all(|place| matches!(place, Place::Path(path) if carried.paths.iter().any(|copied| within(path, &copied.path)) && !carried.whole.contains(path))) {
        // A directory that is copied anyway; making it first does no harm where the rest of the RUN is repeated.
        return Ok(false);
    }
    for place in &command.writes {
        let (Place::Path(path) | Place::Below(path)) = place else {
            votes.insert(true);
            continue;
        };
        if carried.whole.contains(path) {
            votes.insert(true);
        } else if carried
            .paths
            .iter()
            .any(|copied| within(path, &copied.path))
            || carried
                .made
                .iter()
                .any(|made| made != "/" && within(path, made))
            || stays_behind(plan, carried, path)
            || (makes(command) && overwritten(plan, at, path))
        {
            votes.insert(false);
        } else {
            votes.insert(true);
        }
    }
    match (votes.contains(&true), votes.contains(&false)) {
        (false, true) => Ok(false),
        // Directories do no harm where nothing needs them.
        (true, true) if command.directory => Ok(true),
        (true, true) => Err(plan.stop(
            plan.firing.model.steps[at].index,
            "mixed",
            "one command acts on files of the build and on files of the runtime",
            "write it as two RUN instructions",
        )),
        _ => Ok(true),
    }
}

/// Whether a command makes a directory or writes a file, and does not change what is there.
fn makes(command: &CommandModel<'_>) -> bool {
    let touches = |known: &Known<'_>| !known.line.touches.is_empty();
    command.directory || !command.known.as_ref().is_some_and(touches)
}

/// Whether a later COPY of the build part brings a path: an empty program that dependencies were built with.
fn overwritten(plan: &Plan<'_>, at: usize, path: &str) -> bool {
    let steps = &plan.firing.model.steps[at + 1..=plan.survey.last];
    steps.iter().any(|step| match &step.effect {
        Effect::Copy(copy) => matches!(copy.brings(path, plan.firing.context), Ok(Some(_))),
        _ => false,
    })
}

/// Whether a path comes from the build context by a COPY that the runtime does not repeat.
fn stays_behind(plan: &Plan<'_>, carried: &Carried, path: &str) -> bool {
    let model = plan.firing.model;
    model
        .steps
        .iter()
        .enumerate()
        .take(plan.survey.last)
        .any(|(at, step)| match &step.effect {
            Effect::Copy(copy) => {
                !carried.repeated.contains(&at)
                    && matches!(copy.brings(path, plan.firing.context), Ok(Some(_)))
            }
            _ => false,
        })
}
