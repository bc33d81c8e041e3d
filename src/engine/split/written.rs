//! What the build's commands write, and where.

use super::Plan;
use super::carry::Carried;
use super::resolved::{resolved, shown};
use super::shared::SHARED;
use crate::engine::verbs::Stop;
use crate::model::path::{name as path_name, parent, resolve, within};
use crate::model::{CommandModel, Effect, Place, Pragma, Step};
use crate::rule::Role;

impl Written<'_> {
    /// Whether shared libraries may be among an installation, which the loader must be told of.
    pub fn has_libraries(&self) -> bool {
        let library = |path: &str| parent(path).ends_with("/lib") || path_name(path) == "lib";
        self.prefix || self.installed && matches!(&self.place, Place::Path(path) if library(path))
    }
}

/// A place that a build command writes.
pub struct Written<'a> {
    /// Position of the step.
    pub step: usize,
    /// The command.
    pub command: &'a CommandModel<'a>,
    /// The place.
    pub place: Place,
    /// Whether it is the prefix of an installation, with programs in `bin` and libraries in `lib`.
    pub prefix: bool,
    /// Whether it is a file or directory of an installation, by the project's own Makefile.
    pub installed: bool,
}

/// The places that build steps write, `@places` resolved.
pub fn written<'p>(plan: &'p Plan<'_>, carried: &mut Carried) -> Result<Vec<Written<'p>>, Stop> {
    let model = plan.firing.model;
    let mut written = Vec::new();
    let mut kept = Vec::new();
    for (at, step) in model.steps.iter().enumerate().take(plan.survey.last + 1) {
        let Effect::Run(run) = &step.effect else {
            continue;
        };
        if matches!(step.pragma, Some(Pragma::Runtime | Pragma::Both)) {
            continue;
        }
        for command in &run.commands {
            let role = command.role.unwrap_or(Role::None);
            let removed = forget(&mut written, command, step);
            carried
                .removed
                .extend(removed.into_iter().map(|path| (at, path)));
            if role == Role::Tool {
                let Some(known) = command
                    .known
                    .as_ref()
                    .filter(|known| super::tools::is_needed(plan, command, known))
                else {
                    continue;
                };
                // What installs it may lie there itself: a Node.js that was unpacked into `/usr/local`, with its npm.
                if goes_along(&written, &resolved(plan, step, run, command)?) {
                    continue;
                }
                carried.tools.push(at);
                if let Some(user) = model
                    .end
                    .other_user()
                    .filter(|_| !known.line.keeps.is_empty())
                {
                    return Err(plan.stop(
                        step.index,
                        "start",
                        format!("the start needs a program that is downloaded when it first runs, and `{user}` has no copy of it"),
                        "let CMD start the program itself",
                    ));
                }
                kept.extend(known.line.keeps.iter().map(|path| (path.clone(), at)));
                continue;
            }
            // What the runtime downloads itself, in order to install from it.
            let again = role == Role::Fetch && super::downloads::feeds_packages(run, command);
            if again || !matches!(role, Role::Dependencies | Role::Build | Role::Fetch) {
                continue;
            }
            let at_prefix = command.writes.contains(&Place::Named("@prefix".into()));
            let installed = match at_prefix {
                true => super::makefile::installed(plan, step, run, command),
                false => None,
            };
            let own = installed.is_some();
            let places = match installed {
                Some(places) => places,
                None => resolved(plan, step, run, command)?,
            };
            for place in places {
                let place = match &place {
                    Place::Path(path) if SHARED.contains(&path.as_str()) => started_in(plan, path)
                        .ok_or_else(|| Stop {
                            offset: run.command(command).span.start,
                            reason: "writes",
                            message: format!("`{}` puts files among the system's in `{path}`, so nobody can say which of them the runtime needs", shown(step, command)),
                            allow: "name the file in full (`/usr/lib/NAME`), or write `# dockopt: both` above the RUN".into(),
                        })?,
                    _ => place,
                };
                if let Place::Path(path) | Place::Below(path) = &place {
                    carried.made.push(path.clone());
                }
                let unsaved = |place: &Place| match place {
                    Place::Path(path) | Place::Below(path) => {
                        mounts(step).iter().any(|mount| within(path, mount))
                    }
                    _ => false,
                };
                if unsaved(&place) {
                    continue;
                }
                written.push(Written {
                    step: at,
                    command,
                    place,
                    prefix: at_prefix && !own,
                    installed: own,
                });
            }
        }
    }
    carried.kept = kept;
    Ok(written)
}

/// Whether all places lie in directories that the build has written before, and that are copied with all that is in them.
fn goes_along(written: &[Written<'_>], places: &[Place]) -> bool {
    let covers = |path: &str| {
        written.iter().any(|earlier| match &earlier.place {
            Place::Path(whole) | Place::Below(whole) => within(path, whole),
            _ => false,
        })
    };
    !places.is_empty()
        && places.iter().all(|place| match place {
            Place::Path(path) | Place::Below(path) => covers(path),
            _ => false,
        })
}

/// Where mounts hide what a RUN writes: it is not in the image.
fn mounts(step: &Step<'_>) -> Vec<String> {
    let targets = step.instruction.flags_named("mount").filter_map(|flag| {
        matches!(flag.option(&["type"]), Some("cache" | "tmpfs")).then_some(())?;
        flag.option(&["target", "dst", "destination"])
            .map(|target| resolve(step.state.workdir.as_deref().unwrap_or("/"), target))
    });
    targets.collect()
}

/// The started program, where it lies in a directory of the system that a command fills.
fn started_in(plan: &Plan<'_>, directory: &str) -> Option<Place> {
    let files = plan.start.files().map(|(path, _)| path.to_string());
    let commands = plan.start.commands().map(|(name, _)| name);
    let programs = commands
        .filter(|name| directory.ends_with("/bin") && !plan.has_slim(name) && !plan.packaged(name));
    files
        .filter(|path| parent(path) == directory)
        .chain(programs.map(|name| resolve(directory, name)))
        .map(Place::Path)
        .next()
}

/// What a later command removes is not there to be copied.
fn forget(
    written: &mut Vec<Written<'_>>,
    command: &CommandModel<'_>,
    step: &Step<'_>,
) -> Vec<String> {
    let mut removed = Vec::new();
    for (gone, rest) in cleaned(command, step) {
        match rest.as_deref() {
            // `rm -rf /tmp/*` takes everything below, `rm dist/*.map` a part: what else is there stays.
            Some("") => written.retain(|written| match &written.place {
                Place::Path(path) => !path.starts_with(&gone),
                Place::Below(path) => !within(path, &gone),
                _ => true,
            }),
            Some(rest) => {
                if let Some(name) = rest.strip_prefix("*/")
                    && !name.contains(['*', '?', '[', '/'])
                {
                    written.retain(|written| match &written.place {
                        Place::Path(path) => !(within(path, &gone) && path_name(path) == name),
                        _ => true,
                    });
                }
            }
            None => {
                written.retain(|written| match &written.place {
                    Place::Path(path) | Place::Below(path) => !within(path, &gone),
                    _ => true,
                });
                removed.push(gone);
            }
        }
    }
    removed
}

/// The paths that a command removes, of a pattern what stands before its first `*`, and what stands after that.
pub fn cleaned(command: &CommandModel<'_>, step: &Step<'_>) -> Vec<(String, Option<String>)> {
    let Some(known) = &command.known else {
        return Vec::new();
    };
    let workdir = command.workdir.as_deref().unwrap_or("/");
    let filled = |path: &String| {
        known.fill(path).unwrap_or_else(|| {
            // Words with variables that ENV and ARG set.
            let hole = path.trim_matches(['<', '>']).trim_end_matches("...");
            let words = known.captures.get(hole).into_iter().flatten();
            words
                .filter_map(|word| step.state.expand(&word.text, '\\'))
                .collect()
        })
    };
    let paths = known.line.cleans.iter().flat_map(filled);
    paths
        .map(|cleaned| {
            let (path, rest) = match cleaned.split_once('*') {
                Some((path, rest)) => (path, Some(rest.to_string())),
                None => (cleaned.as_str(), None),
            };
            let gone = match path.strip_prefix("~/") {
                Some(path) => resolve(&step.state.home(), path),
                None => resolve(workdir, path),
            };
            (gone, rest)
        })
        .collect()
}

/// Whether a globally installed tool is installed in the runtime too.
pub fn tool_stays(plan: &Plan<'_>, command: &CommandModel<'_>) -> bool {
    command
        .known
        .as_ref()
        .is_some_and(|known| super::tools::is_needed(plan, command, known))
}

/// `nodemon@1.2` is `nodemon`, `@nestjs/cli@10` is `@nestjs/cli`.
pub fn without_version(package: &str) -> &str {
    let from = usize::from(package.starts_with('@'));
    package[from..]
        .split(['@', '=', '<', '>', '~', '['])
        .next()
        .map_or(package, |name| &package[..from + name.len()])
}
