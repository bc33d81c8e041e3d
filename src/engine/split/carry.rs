//! What the runtime gets of the build: artifacts where they are proven, else the whole application directory.

use super::{Plan, assets};
use crate::engine::Evidence;
use crate::engine::verbs::Stop;
use crate::facts::Tri;
use crate::model::path::{below, resolve, within};
use crate::model::{CommandModel, Effect, Place, Pragma, RunModel, Step};
use crate::rule::{Known, Role};
use crate::syntax::Keyword;

/// What is copied from the build stage, and what else follows from it.
#[derive(Debug, Default)]
pub struct Carried {
    /// Absolute paths, in the order in which they are copied.
    pub paths: Vec<Copied>,
    /// Whether only proven artifacts are carried, so that the build context's files stay behind.
    pub artifacts: bool,
    /// Whether sources stay behind.
    pub drops_sources: bool,
    /// The command that removes development dependencies, and the step after which it goes.
    pub prune: Option<Prune>,
    /// Directories that are copied whole, with all that is in them.
    pub whole: Vec<String>,
    /// Position of steps whose line is repeated in the runtime stage.
    pub repeated: Vec<usize>,
    /// Steps that install a tool which the start needs.
    pub tools: Vec<usize>,
    /// What was read.
    pub evidence: Vec<Evidence>,
    /// What was assumed.
    pub assumptions: Vec<String>,
    /// Whether the program is linked statically, as far as that can be shown.
    pub linked_statically: bool,
    /// What these tools need beside themselves, with the last step that may write it.
    pub kept: Vec<(String, usize)>,
    /// Directories to add to PATH, since the base image's PATH had them.
    pub path: Vec<String>,
}

/// A path that is copied from the build stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Absolute path.
    pub path: String,
    /// Whether the content of a directory is copied into the existing one.
    pub content: bool,
    /// Position of the step after which the copy goes; the last build step for artifacts.
    pub after: usize,
    /// Owner to give it, since a copied directory does not keep its own owner (what is in it does).
    pub chown: Option<String>,
}

/// How development dependencies are removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prune {
    /// The command.
    pub command: String,
    /// Position of the step after which it goes.
    pub after: usize,
}

/// Directories that every image has on its PATH.
const SYSTEM: [&str; 3] = ["/usr/local/bin", "/usr/bin", "/bin"];

/// A place that a build command writes.
struct Written<'a> {
    step: usize,
    command: &'a CommandModel<'a>,
    place: Place,
}

/// Decides what is carried.
pub fn carry(plan: &Plan<'_>) -> Result<Carried, Stop> {
    let mut carried = Carried::default();
    let written = written(plan, &mut carried)?;
    carried.linked_statically = linked_statically(plan);
    let artifacts = artifacts(plan, &written, &mut carried)?;
    if !artifacts {
        whole(plan, &written, &mut carried)?;
    }
    for (path, _) in std::mem::take(&mut carried.kept) {
        if !carried.paths.iter().any(|known| known.path == path) {
            carried.paths.push(Copied {
                path,
                content: false,
                after: plan.survey.last,
                chown: None,
            });
        }
    }
    for copied in &carried.paths {
        let installs = |written: &&Written<'_>| {
            let path = matches!(&written.place, Place::Path(path) if *path == copied.path);
            path && written.command.role == Some(Role::Dependencies)
        };
        if let Some(written) = written.iter().rfind(installs) {
            let line = plan.line(plan.firing.model.steps[written.step].index);
            carried.evidence.push(Evidence {
                text: format!("line {line} installs `{}`", copied.path),
                source: None,
            });
        }
    }
    for copied in carried.paths.iter_mut().filter(|copied| !copied.content) {
        copied.chown = owner(plan, &written, &copied.path);
    }
    prune(plan, &mut carried, artifacts);
    Ok(carried)
}

/// The places that build steps write, `@places` resolved.
fn written<'p>(plan: &'p Plan<'_>, carried: &mut Carried) -> Result<Vec<Written<'p>>, Stop> {
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
            if role == Role::Tool {
                let Some(known) = command
                    .known
                    .as_ref()
                    .filter(|known| tool_is_needed(plan, known))
                else {
                    continue;
                };
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
            if !matches!(role, Role::Dependencies | Role::Build | Role::Fetch) {
                continue;
            }
            for place in resolved(plan, step, run, command)? {
                written.push(Written {
                    step: at,
                    command,
                    place,
                });
            }
        }
    }
    carried.kept = kept;
    Ok(written)
}

/// The places that a command writes, with named places and scripts of the project resolved.
fn resolved(
    plan: &Plan<'_>,
    step: &Step<'_>,
    run: &RunModel<'_>,
    command: &CommandModel<'_>,
) -> Result<Vec<Place>, Stop> {
    let mut places = Vec::new();
    for place in &command.writes {
        match place {
            Place::Named(name) => match environment(plan, step, run, command) {
                Some(environment) => places.push(Place::Path(environment)),
                None => places.extend(named(plan, step, name)?),
            },
            Place::Anywhere => {
                let shell = run.command(command);
                let words: Vec<&str> = shell
                    .words
                    .iter()
                    .take(4)
                    .map(|word| word.raw.as_str())
                    .collect();
                return Err(Stop {
                    offset: shell.span.start,
                    reason: "writes",
                    message: format!("`{}` may write anywhere in the image, so nobody can say what the runtime needs of it", words.join(" ")),
                    allow: "write `# dockopt: both` above the RUN if the runtime needs what it makes, or `# dockopt: build` if it needs nothing of it".into(),
                });
            }
            place => places.push(place.clone()),
        }
    }
    let scripts = plan
        .verb
        .install_scripts
        .as_deref()
        .filter(|_| command.role == Some(Role::Dependencies));
    if let (Some(fact), Some(workdir)) = (scripts, &command.workdir) {
        // Scripts that run on installing may write anywhere below the project.
        if !plan.facts.get(fact).is_absent() && !places.contains(&Place::Below(workdir.clone())) {
            places.push(Place::Below(workdir.clone()));
        }
    }
    Ok(places)
}

/// The environment that an installer belongs to instead of the system: `/opt/venv` for `/opt/venv/bin/pip`, for a
/// PATH that begins with `/opt/venv/bin`, and after `. /opt/venv/bin/activate`.
fn environment(
    plan: &Plan<'_>,
    step: &Step<'_>,
    run: &RunModel<'_>,
    command: &CommandModel<'_>,
) -> Option<String> {
    let of_program = |program: &str| {
        let (directory, _) = program.rsplit_once("/bin/")?;
        let directory = match (program.starts_with('/'), &command.workdir) {
            (true, _) => directory.to_string(),
            (false, Some(workdir)) => resolve(workdir, directory),
            (false, None) => return None,
        };
        (!matches!(directory.as_str(), "" | "/usr" | "/usr/local")).then_some(directory)
    };
    let program = run.command(command).words.first()?.value.as_deref()?;
    let activated = run.script.commands[..command.index]
        .iter()
        .rev()
        .find_map(|command| {
            let words: Vec<&str> = command
                .words
                .iter()
                .filter_map(|word| word.value.as_deref())
                .collect();
            match words.as_slice() {
                ["." | "source", script] if script.ends_with("/bin/activate") => of_program(script),
                _ => None,
            }
        });
    let on_path = || {
        let path = step.state.value("PATH")?;
        let first = path.split(':').next()?;
        let made = plan
            .firing
            .model
            .steps
            .iter()
            .take_while(|other| other.index <= step.index)
            .any(|other| match &other.effect {
                Effect::Run(run) => run.commands.iter().any(|command| {
                    let made = first.strip_suffix("/bin").unwrap_or(first);
                    command.role == Some(Role::Dependencies)
                        && command.writes.contains(&Place::Path(made.to_string()))
                }),
                _ => false,
            });
        made.then(|| of_program(&format!("{first}/x"))).flatten()
    };
    of_program(program).or(activated).or_else(on_path)
}

/// The owner that a path has in the build stage, where it is not root and can be read from the Dockerfile: from a
/// `chown`, from the user who wrote it, or from the COPY that brought it.
fn owner(plan: &Plan<'_>, written: &[Written<'_>], path: &str) -> Option<String> {
    let model = plan.firing.model;
    let mut owner = None;
    for (at, step) in model.steps.iter().enumerate().take(plan.survey.last + 1) {
        match &step.effect {
            Effect::Copy(copy) if copy.brings(path, plan.firing.context) != Ok(None) => {
                owner.clone_from(&copy.chown);
            }
            Effect::Run(run) => {
                let wrote = |written: &&Written<'_>| {
                    written.step == at
                        && matches!(&written.place, Place::Path(known) | Place::Below(known) if within(path, known))
                };
                if written.iter().any(|known| wrote(&known)) {
                    owner = step.state.other_user().and(step.state.user.clone());
                }
                for command in &run.commands {
                    owner = chowned(run, command, path).or(owner);
                }
            }
            _ => {}
        }
    }
    owner
}

/// The owner that `chown [-R] OWNER PATH…` gives to `path`.
fn chowned(run: &RunModel<'_>, command: &CommandModel<'_>, path: &str) -> Option<String> {
    let words = &run.command(command).words;
    if words.first()?.value.as_deref() != Some("chown") {
        return None;
    }
    let recursive = words.iter().any(|word| {
        let text = word.value.as_deref().unwrap_or("");
        text == "--recursive"
            || (text.starts_with('-') && !text.starts_with("--") && text.contains('R'))
    });
    let covers = command.writes.iter().any(|place| match place {
        Place::Path(known) | Place::Below(known) => {
            known == path || (recursive && within(path, known))
        }
        _ => false,
    });
    let owner = words[1..]
        .iter()
        .find(|word| !word.raw.starts_with('-'))?
        .value
        .clone()?;
    (covers && !owner.is_empty()).then_some(owner)
}

/// A named place in this base image.
fn named(plan: &Plan<'_>, step: &Step<'_>, name: &str) -> Result<Vec<Place>, Stop> {
    let base = &plan.firing.model.base;
    if let Some(user) = step.state.other_user() {
        return Err(plan.stop(
            step.index,
            "user-install",
            format!("dependencies are installed as the user `{user}`, who may not write to the system's place for them"),
            "install them before USER, into a virtual environment, or with `--target`",
        ));
    }
    let Some(place) = plan.verb.places.iter().find(|place| place.name == name) else {
        return Err(plan.stop(
            step.index,
            "writes",
            format!("it is not known where `{name}` lies in `{}`", base.expanded),
            "use an official image of the language",
        ));
    };
    let found = regex::Regex::new(&place.tag).ok().and_then(|regex| {
        let groups = regex.captures(&base.tag)?;
        Some(
            groups
                .get(1)
                .map_or(String::new(), |group| group.as_str().to_string()),
        )
    });
    let paths = match &found {
        Some(tag) => place
            .paths
            .iter()
            .map(|path| path.replace("<tag>", tag))
            .collect(),
        None => place.otherwise.clone(),
    };
    Ok(paths.into_iter().map(Place::Path).collect())
}

/// Whether the start runs a program of a globally installed tool, or one that nothing else accounts for.
fn tool_is_needed(plan: &Plan<'_>, known: &Known<'_>) -> bool {
    let packages = known
        .line
        .packages
        .as_ref()
        .and_then(|hole| known.fill(hole));
    let packages = packages.unwrap_or_default();
    let table = plan
        .verb
        .binaries
        .as_ref()
        .map(|binaries| binaries.table.as_str());
    let package_of = |program: &str| {
        let row = plan.firing.rules.look_up(table?, &[program])?;
        row.get("package")
    };
    let mut programs = plan.start.commands().map(|(program, _)| program);
    programs.any(|program| {
        if known.line.serves.iter().any(|served| served == program) {
            return true;
        }
        let mut names = packages.iter().map(|package| without_version(package));
        !plan.has_slim(program)
            && names.any(|name| {
                name == program || package_of(program).is_none_or(|package| package == name)
            })
    })
}

/// `nodemon@1.2` is `nodemon`, `@nestjs/cli@10` is `@nestjs/cli`.
fn without_version(package: &str) -> &str {
    let from = usize::from(package.starts_with('@'));
    package[from..]
        .split(['@', '=', '<', '>', '~', '['])
        .next()
        .map_or(package, |name| &package[..from + name.len()])
}

/// Proven artifacts: the started program is written by a build step, and what it reads is known.
fn artifacts(
    plan: &Plan<'_>,
    written: &[Written<'_>],
    carried: &mut Carried,
) -> Result<bool, Stop> {
    let Some(sources) = &plan.verb.sources else {
        return Ok(false);
    };
    if let Some((why, source)) = plan.reason(&plan.verb.keep_sources) {
        carried.evidence.push(Evidence {
            text: format!("{why}: the whole application directory is copied"),
            source,
        });
        return Ok(false);
    }
    let Some(built) = built(plan, written, carried)? else {
        return Ok(false);
    };
    let assets = match assets::assets(plan, sources, &built.directory) {
        Ok(assets) => assets,
        Err(why) => {
            carried.evidence.push(Evidence {
                text: format!("{}: the whole application directory is copied", why.0),
                source: why.1,
            });
            return Ok(false);
        }
    };
    let last = plan.survey.last;
    let add = |carried: &mut Carried, path: String| {
        if !carried.paths.iter().any(|known| within(&path, &known.path)) {
            carried.paths.push(Copied {
                path,
                content: false,
                after: last,
                chown: None,
            });
        }
    };
    for path in &built.paths {
        add(carried, path.clone());
    }
    for need in &plan.verb.needs {
        let path = resolve(&built.directory, need);
        if needed(plan, written, &path, need) {
            add(carried, path);
        }
    }
    for path in assets.paths {
        add(carried, path);
    }
    // Files of the context that the start itself names: an entrypoint script.
    let files: Vec<String> = plan
        .start
        .files()
        .map(|(path, _)| path.to_string())
        .collect();
    for path in files {
        if let Ok(Some((at, _))) = plan.firing.model.origin(&path, plan.firing.context)
            && at <= last
        {
            add(carried, path);
        }
    }
    carried.repeated = assets.repeated;
    let copied = &carried.paths;
    carried
        .repeated
        .retain(|at| match &plan.firing.model.steps[*at].effect {
            Effect::Copy(copy) => !copied.iter().any(|copied| copy.lands_within(&copied.path)),
            _ => true,
        });
    carried.evidence.extend(assets.evidence);
    carried.assumptions.extend(assets.assumptions);
    carried.artifacts = true;
    carried.drops_sources = true;
    carried.path = built.path;
    Ok(true)
}

/// The built program and what stands with it.
struct Built {
    /// Paths of the build's output.
    paths: Vec<String>,
    /// The application's directory.
    directory: String,
    /// Directories for PATH.
    path: Vec<String>,
}

/// The started program, if a build step writes it.
fn built(
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
    // A program found through PATH that a build step put there.
    let on_path = |directory: &str| {
        SYSTEM.contains(&directory)
            || directory.ends_with("/bin")
            || model
                .end
                .value("PATH")
                .is_some_and(|value| value.split(':').any(|part| part == directory))
    };
    for (name, program) in plan.start.commands() {
        for place in written.iter().filter(build) {
            let Place::Path(written) = &place.place else {
                continue;
            };
            // A program by its own path, or one in a directory that the build fills.
            let directory = match written.rsplit_once('/') {
                Some((directory, file)) if file == name => directory,
                _ => written,
            };
            if on_path(directory) && !plan.has_slim(name) {
                files.push((resolve(directory, name), program.instruction));
                if !SYSTEM.contains(&directory) && !path.iter().any(|known| known == directory) {
                    path.push(directory.to_string());
                }
            }
        }
    }
    for (file, instruction) in files {
        let origin = origin(plan, &file);
        if let Ok(true) = origin {
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
                let path = if path.ends_with("/bin") {
                    file.clone()
                } else {
                    path.clone()
                };
                (path, directory, exact.step)
            }
            (None, Some(around)) => {
                let Place::Below(directory) = &around.place else {
                    continue;
                };
                let rest = below(&file, directory).unwrap_or("");
                let top = rest.split('/').next().unwrap_or(rest);
                let nested = rest.contains('/');
                if origin.is_err() && !nested {
                    // `node server.js` without a context: nobody knows whether it is built or copied.
                    return Ok(None);
                }
                (
                    resolve(directory, if nested { top } else { rest }),
                    directory.clone(),
                    around.step,
                )
            }
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
            Some(built) => built.paths.push(paths),
            None => {
                found = Some(Built {
                    paths: vec![paths],
                    directory,
                    path: Vec::new(),
                })
            }
        }
    }
    if let Some(built) = &mut found {
        built.path = path;
    }
    Ok(found)
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

/// Whether a path that the rule says a program needs is there at all.
fn needed(plan: &Plan<'_>, written: &[Written<'_>], path: &str, need: &str) -> bool {
    if written
        .iter()
        .any(|written| matches!(&written.place, Place::Path(known) if within(path, known)))
    {
        return true;
    }
    match plan.firing.model.origin(path, plan.firing.context) {
        Ok(found) => found.is_some(),
        // Without a context: a step that reads it shows that it is there.
        Err(_) => written.iter().any(|written| {
            written
                .command
                .known
                .as_ref()
                .is_some_and(|known| known.line.reads.iter().any(|read| read == need))
        }),
    }
}

/// The whole application directory, or just the directories that the build steps write.
fn whole(plan: &Plan<'_>, written: &[Written<'_>], carried: &mut Carried) -> Result<(), Stop> {
    let model = plan.firing.model;
    carried.artifacts = false;
    carried.paths.clear();
    carried.repeated.clear();
    let mut directories: Vec<(String, usize)> = Vec::new();
    for place in written {
        if let Place::Below(directory) = &place.place {
            if directory == "/" {
                return Err(plan.stop(
                    model.steps[place.step].index,
                    "workdir",
                    format!("line {} builds in `/`, so that the program's files cannot be told from the system's", plan.line(model.steps[place.step].index)),
                    "set a WORKDIR for the application",
                ));
            }
            match directories.iter_mut().find(|(known, _)| known == directory) {
                Some(known) => known.1 = place.step,
                None => directories.push((directory.clone(), place.step)),
            }
        }
    }
    // A directory inside another one is copied with it.
    let outer: Vec<(String, usize)> = directories
        .iter()
        .filter(|(path, _)| {
            !directories
                .iter()
                .any(|(other, _)| other != path && within(path, other))
        })
        .cloned()
        .collect();
    for (directory, _) in &outer {
        // Everything that lands below it by then is in it: the copy goes where the last build step stands.
        carried.paths.push(Copied {
            path: directory.clone(),
            content: true,
            after: plan.survey.last,
            chown: None,
        });
        carried.whole.push(directory.clone());
    }
    for place in written {
        let Place::Path(path) = &place.place else {
            continue;
        };
        if carried.paths.iter().any(|known| within(path, &known.path)) {
            continue;
        }
        carried
            .paths
            .retain(|known| !within(&known.path, path) || known.content);
        carried.paths.push(Copied {
            path: path.clone(),
            content: false,
            after: place.step,
            chown: None,
        });
    }
    for (at, step) in model.steps.iter().enumerate().take(plan.survey.last + 1) {
        if let Effect::Copy(copy) = &step.effect
            && !carried
                .whole
                .iter()
                .any(|directory| copy.lands_within(directory))
            && !covered_later(plan, at)
        {
            carried.repeated.push(at);
        }
    }
    if let Some(directory) = carried.whole.first() {
        let line = outer
            .first()
            .map_or(0, |(_, step)| plan.line(model.steps[*step].index));
        carried.evidence.push(Evidence {
            text: format!(
                "line {line} may write anywhere below `{directory}`: the whole directory is copied"
            ),
            source: None,
        });
    }
    Ok(())
}

/// Whether a later `COPY . dest` brings again what this COPY brings: manifests that are copied first.
fn covered_later(plan: &Plan<'_>, at: usize) -> bool {
    let model = plan.firing.model;
    let Effect::Copy(copy) = &model.steps[at].effect else {
        return false;
    };
    if copy.from.is_some() || copy.remote || copy.chown.is_some() {
        return false;
    }
    model.steps[at + 1..].iter().any(|step| match &step.effect {
        Effect::Copy(later) if later.whole_context() && later.dest.is_some() => {
            let Some(dest) = &later.dest else {
                return false;
            };
            // Only files at the top of the context that keep their name and place.
            let plain = copy.sources.iter().all(|source| {
                !source.trim_start_matches("./").contains('/') && !source.ends_with('/')
            });
            plain
                && copy.dest.as_ref() == Some(dest)
                && (copy.into
                    || copy.sources.len() > 1
                    || copy.sources.iter().all(|source| source.contains('*')))
        }
        _ => false,
    })
}

/// The command that removes development dependencies, where there are any.
fn prune(plan: &Plan<'_>, carried: &mut Carried, artifacts: bool) {
    let model = plan.firing.model;
    if !plan.verb.prune {
        return;
    }
    let mut found: Option<(usize, String, String)> = None;
    for (at, step) in model.steps.iter().enumerate().take(plan.survey.last + 1) {
        let Effect::Run(run) = &step.effect else {
            continue;
        };
        for command in run
            .commands
            .iter()
            .filter(|command| command.role == Some(Role::Dependencies))
        {
            let Some(known) = &command.known else {
                continue;
            };
            let only = known.line.production_only
                || known
                    .line
                    .production_when
                    .as_deref()
                    .is_some_and(|test| holds(test, run, command, step));
            match (&known.line.production, only, &command.workdir) {
                (Some(production), false, Some(workdir)) => {
                    if found.as_ref().is_some_and(|(_, _, other)| other != workdir) {
                        carried.evidence.push(Evidence { text: "dependencies are installed in several directories: development dependencies stay".into(), source: None });
                        return;
                    }
                    found = Some((at, production.clone(), workdir.clone()));
                }
                (_, true, _) => {}
                _ => return,
            }
        }
    }
    let Some((installed, command, workdir)) = found else {
        return;
    };
    if let Some(binaries) = &plan.verb.binaries
        && let Tri::Absent = plan.facts.names(&binaries.development)
    {
        return;
    }
    if let Some((why, source)) = plan.reason(&plan.verb.keep_development) {
        carried.evidence.push(Evidence {
            text: format!("{why}: development dependencies stay"),
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
        installed.max(last_build(plan))
    };
    let here = state_after(plan, after).as_deref() == Some(workdir.as_str());
    let command = if here {
        command
    } else {
        format!("cd {workdir} && {command}")
    };
    carried.prune = Some(Prune { command, after });
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
fn linked_statically(plan: &Plan<'_>) -> bool {
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
    let value = match prefix {
        Some(assignment) => assignment.value.value.clone(),
        None => step.state.value(name),
    };
    value.as_deref() == Some(wanted)
}

/// Keywords that stand for nothing in a build.
pub fn runtime_only(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::Cmd
            | Keyword::Entrypoint
            | Keyword::Expose
            | Keyword::Volume
            | Keyword::Label
            | Keyword::Maintainer
            | Keyword::Healthcheck
            | Keyword::Stopsignal
    )
}
