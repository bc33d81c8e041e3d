//! The started program, if a build step writes it.

use super::Plan;
use super::carry::Carried;
use super::written::Written;
use crate::engine::Evidence;
use crate::engine::verbs::Stop;
use crate::facts::Tri;
use crate::model::path::{below, name, parent, resolve, within};
use crate::model::{Effect, Place};
use crate::rule::Role;

/// Directories that every image has on its PATH.
const SYSTEM: [&str; 3] = ["/usr/local/bin", "/usr/bin", "/bin"];

/// The built program and what stands with it.
pub struct Built {
    /// Paths of the build's output.
    pub paths: Vec<String>,
    /// The application's directory.
    pub directory: String,
    /// Directories for PATH.
    pub path: Vec<String>,
    /// Whether all of it are files that load nothing from beside themselves.
    pub alone: bool,
}

/// The started program, if a build step writes it.
pub fn built(
    plan: &Plan<'_>,
    written: &[Written<'_>],
    carried: &mut Carried,
) -> Result<Option<Built>, Stop> {
    let model = plan.firing.model;
    let build = |written: &&Written<'_>| written.command.role == Some(Role::Build);
    let mut found: Option<Built> = None;
    let mut files: Vec<(String, usize)> = plan
        .start
        .files()
        .map(|(path, program)| (path.to_string(), program.instruction))
        .collect();
    let mut path = Vec::new();
    for (name, program) in plan.start.commands() {
        for place in written.iter().filter(build) {
            if place.prefix && !plan.has_slim(name) && !plan.packaged(name) {
                // Its program, its libraries and its data lie below the prefix.
                found.get_or_insert_with(|| Built {
                    paths: Vec::new(),
                    directory: model.end.workdir.clone().unwrap_or_else(|| "/".into()),
                    path: Vec::new(),
                    alone: true,
                });
                continue;
            }
            if let Some(directory) = on_path(plan, place, name) {
                files.push((resolve(directory, name), program.instruction));
                if !SYSTEM.contains(&directory) && !path.iter().any(|known| known == directory) {
                    path.push(directory.to_string());
                }
            }
        }
    }
    let of_start = |name: &&String| plan.start.commands().any(|(known, _)| known == *name);
    for name in plan.used.commands.iter().filter(|name| !of_start(name)) {
        let named = |place: &&Written<'_>| !place.prefix && names_program(plan, place, name);
        for place in written.iter().filter(build).filter(named) {
            if let Some(directory) = on_path(plan, place, name) {
                files.push((resolve(directory, name), plan.firing.from()));
                if !SYSTEM.contains(&directory) && !path.iter().any(|known| known == directory) {
                    path.push(directory.to_string());
                }
            }
        }
    }
    loaded(plan, written, &mut files);
    let mut extra = Vec::new();
    for (file, instruction) in files {
        let origin = origin(plan, &file);
        // `server` that is built out of `server.ts`
        let made =
            |written: &Written<'_>| matches!(&written.place, Place::Path(path) if *path == file);
        if matches!(origin, Ok(true)) && !written.iter().filter(build).any(made) {
            continue;
        }
        let exact = written
            .iter()
            .filter(build)
            .find(|written| matches!(&written.place, Place::Path(path) if within(&file, path)));
        let around = written.iter().filter(build).find(
            |written| matches!(&written.place, Place::Below(directory) if within(&file, directory)),
        );
        let (paths, directory, step) = match (exact, around) {
            (Some(exact), _) => {
                let directory = exact.command.workdir.clone().unwrap_or_else(|| "/".into());
                let Place::Path(path) = &exact.place else {
                    continue;
                };
                if *path == file && one_file(plan, &file) && !alone(plan, &file) {
                    // One file is copied out of a build that also makes what it loads.
                    return Ok(None);
                }
                let line = exact.command.known.as_ref().map(|known| known.line);
                let several = line.is_some_and(|line| line.several);
                let path = if path.ends_with("/bin") && !several || alone(plan, &file) {
                    file.clone()
                } else {
                    home(plan, &file, path, path.clone())
                };
                (path, directory, exact.step)
            }
            (None, Some(around)) => {
                let Place::Below(directory) = &around.place else {
                    continue;
                };
                let rest = below(&file, directory).unwrap_or("");
                if rest.is_empty() {
                    // The application's own directory is served.
                    return Ok(None);
                }
                let deep = plan
                    .verb
                    .outputs
                    .iter()
                    .find(|output| output.contains('/') && within(rest, output));
                let top = deep.map_or(rest.split('/').next().unwrap_or(rest), String::as_str);
                let nested = rest.contains('/');
                let served = plan.start.served.contains(&file);
                if origin.is_err()
                    && !((nested || served) && plan.verb.outputs.iter().any(|output| output == top))
                {
                    // `node server.js` without a context: nobody knows whether it is built or copied.
                    return Ok(None);
                }
                let loads = rest.contains('.') || one_file(plan, &file);
                if !nested && loads && !alone(plan, &file) {
                    // `App.dll` loads what the build put beside it.
                    return Ok(None);
                }
                let path = if alone(plan, &file) {
                    file.clone()
                } else {
                    resolve(directory, if nested { top } else { rest })
                };
                let path = match alone(plan, &file) || !nested {
                    true => path,
                    false => home(plan, &file, directory, path),
                };
                (path, directory.clone(), around.step)
            }
            // Files of the build context are served.
            (None, None) if plan.start.served.contains(&file) => return Ok(None),
            (None, None) if fetched(plan, written, &file, &mut extra) => continue,
            (None, None) => {
                return match origin {
                    Err(_) => Ok(None),
                    Ok(_) => missing(plan, written, &file, instruction),
                };
            }
        };
        if let Err(reason) = &origin {
            carried.assumptions.push(format!("`{paths}` is written by the build on line {} ({reason}), and the program reads no file outside of it at run time", plan.line(model.steps[step].index)));
        } else {
            carried.evidence.push(Evidence {
                text: format!(
                    "`{file}` is not in the build context: line {} builds it",
                    plan.line(model.steps[step].index)
                ),
                source: None,
            });
        }
        match &mut found {
            Some(built) => {
                built.paths.push(paths);
                built.alone &= alone(plan, &file);
            }
            None => {
                found = Some(Built {
                    paths: vec![paths],
                    directory,
                    path: Vec::new(),
                    alone: alone(plan, &file),
                })
            }
        }
    }
    if let Some(built) = &mut found {
        built.path = path;
        built.paths.append(&mut extra);
    }
    Ok(found)
}

/// Whether a path is that of a server which is in the base image.
pub fn is_server(plan: &Plan<'_>, path: &str) -> bool {
    plan.verb.loads.iter().any(|server| {
        server.from.iter().any(|from| within(path, from))
            && server.starts.iter().any(|command| command == name(path))
    })
}

/// What the build puts where a server of the base image looks for programs: that is what the container starts, and
/// the server itself is in the image.
fn loaded(plan: &Plan<'_>, written: &[Written<'_>], files: &mut Vec<(String, usize)>) {
    for server in &plan.verb.loads {
        let mut commands = plan.start.commands().map(|(name, _)| name);
        let starts = commands.any(|name| server.starts.iter().any(|command| command == name))
            || files.iter().any(|(path, _)| is_server(plan, path));
        // A build in the server's own directory: what else the server reads there cannot be told from its sources.
        let inside = |place: &Written<'_>| match &place.place {
            Place::Below(directory) => {
                let mut from = server.from.iter();
                from.any(|from| within(directory, from) || within(from, directory))
            }
            _ => false,
        };
        if !starts || written.iter().any(inside) {
            files.retain(|(path, _)| !is_server(plan, path));
            continue;
        }
        files.retain(|(path, _)| !is_server(plan, path));
        for place in written {
            if let Place::Path(path) = &place.place
                && place.command.role == Some(Role::Build)
                && server.from.iter().any(|from| within(path, from))
            {
                files.push((path.clone(), plan.firing.model.steps[place.step].index));
            }
        }
    }
}

/// Whether the command that writes a place names a program: `go install github.com/pressly/goose/v3/cmd/goose@latest`.
fn names_program(plan: &Plan<'_>, written: &Written<'_>, program: &str) -> bool {
    let exact = matches!(&written.place, Place::Path(path) if self::name(path) == program);
    let step = plan.firing.model.steps.get(written.step);
    exact
        || step.is_some_and(|step| match &step.effect {
            Effect::Run(run) => {
                let mut words = run.command(written.command).words.iter();
                words.any(|word| word.raw.split(['/', '@', '=']).any(|part| part == program))
            }
            _ => false,
        })
}

/// The directory of PATH in which a build step puts a program.
fn on_path<'w>(plan: &Plan<'_>, place: &'w Written<'_>, name: &str) -> Option<&'w str> {
    let Place::Path(written) = &place.place else {
        return None;
    };
    // A program by its own path, or one in a directory that the build fills.
    let directory = match written.rsplit_once('/') {
        Some((directory, file)) if file == name => directory,
        _ => written,
    };
    let listed = match plan.firing.model.end.value("PATH") {
        Some(value) => value.split(':').any(|part| part == directory),
        None => SYSTEM.contains(&directory) || directory.ends_with("/bin"),
    };
    (listed && !plan.has_slim(name) && !plan.packaged(name)).then_some(directory)
}

/// Directories beside the system's in which build steps put programs that the start finds through PATH.
pub fn directories_on_path(plan: &Plan<'_>, written: &[Written<'_>]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (name, _) in plan.start.commands() {
        for place in written
            .iter()
            .filter(|place| place.command.role == Some(Role::Build))
        {
            let directory = on_path(plan, place, name).filter(|_| !place.prefix);
            if let Some(directory) = directory.filter(|directory| !SYSTEM.contains(directory))
                && !found.iter().any(|known| known == directory)
            {
                found.push(directory.to_string());
            }
        }
    }
    found
}

/// Whether a file that the start names is downloaded, by a command of the build (then it goes along) or by an ADD or
/// COPY of another stage (which is repeated).
fn fetched(plan: &Plan<'_>, written: &[Written<'_>], file: &str, extra: &mut Vec<String>) -> bool {
    let fetch = |written: &&Written<'_>| {
        written.command.role == Some(Role::Fetch)
            && matches!(&written.place, Place::Path(path) if path == file)
    };
    if written.iter().any(|written| fetch(&written)) {
        extra.push(file.to_string());
        return true;
    }
    plan.firing
        .model
        .steps
        .iter()
        .any(|step| match &step.effect {
            Effect::Copy(copy) => {
                let dest = copy.dest.as_deref();
                (copy.from.is_some() || copy.remote) && dest.is_some_and(|dest| within(file, dest))
            }
            _ => false,
        })
}

/// The directory that holds `bin` and all else that a program in it needs; the path itself where there is none below
/// `written`.
fn home(plan: &Plan<'_>, file: &str, written: &str, path: String) -> String {
    let bin = parent(file);
    let above = parent(bin);
    match plan.verb.home && bin.ends_with("/bin") && within(above, written) {
        true => above.to_string(),
        false => path,
    }
}

/// Whether a program of this name may be one file.
fn one_file(plan: &Plan<'_>, file: &str) -> bool {
    let document = plan.verb.alone.as_ref();
    document.is_some_and(|alone| {
        let mut endings = alone.endings.iter();
        endings.any(|ending| file.ends_with(ending.as_str()))
            || (alone.without_ending && !name(file).contains('.'))
    })
}

/// Whether a built program is one file, which loads nothing from beside itself.
fn alone(plan: &Plan<'_>, file: &str) -> bool {
    let Some(document) = &plan.verb.alone else {
        return false;
    };
    let present = |fact: &String| plan.facts.get(fact).is_present();
    one_file(plan, file)
        && (document.when.is_empty() || document.when.iter().any(present))
        && document
            .unless
            .iter()
            .all(|fact| plan.facts.get(fact).is_absent())
}

/// A start file that nothing brings: the Dockerfile is broken, or dockopt does not see it.
fn missing(
    plan: &Plan<'_>,
    written: &[Written<'_>],
    file: &str,
    instruction: usize,
) -> Result<Option<Built>, Stop> {
    let dependencies = written.iter().any(|written| matches!(&written.place, Place::Path(path) | Place::Below(path) if within(file, path)));
    let runtime = plan.firing.model.steps.iter().any(|step| matches!(&step.effect, Effect::Copy(copy) if copy.from.is_some() || copy.remote))
        || plan.firing.model.steps.iter().any(|step| matches!(&step.effect, Effect::Run(run) if run.any(&[Role::Packages, Role::Setup]) || step.pragma.is_some()));
    if dependencies || runtime {
        return Ok(None);
    }
    Err(plan.stop(
        instruction,
        "start",
        format!("the start needs `{file}`, and no instruction brings or builds it"),
        "check the path: as far as dockopt can see, the container would not start",
    ))
}

/// Whether the build context brings a file that the start names, its usual extensions included. An error where
/// nobody can say.
fn origin(plan: &Plan<'_>, file: &str) -> Result<bool, String> {
    let extensions = plan
        .verb
        .binaries
        .iter()
        .flat_map(|binaries| binaries.extensions.iter().map(String::as_str));
    let mut doubt = None;
    for extension in std::iter::once("").chain(extensions) {
        match plan
            .firing
            .model
            .origin(&format!("{file}{extension}"), plan.firing.context)
        {
            Ok(Some((_, source))) => {
                // A directory of this name is not the file.
                if !matches!(
                    plan.firing.context.entry(&source),
                    Tri::Present(crate::facts::Entry::Directory)
                ) {
                    return Ok(true);
                }
            }
            Ok(None) => {}
            Err(reason) => doubt = Some(reason),
        }
    }
    doubt.map_or(Ok(false), Err)
}
