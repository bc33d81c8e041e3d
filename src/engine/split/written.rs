//! What the build's commands write, and where.

use super::carry::Carried;
use super::{Plan, account};
use crate::engine::verbs::Stop;
use crate::facts::Tri;
use crate::model::path::{name as path_name, parent, resolve, within};
use crate::model::{CommandModel, Effect, Place, Pragma, RunModel, Step};
use crate::rule::Role;

/// Directories that hold the system's own files.
const SHARED: [&str; 18] = [
    "/",
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/lib64",
    "/proc",
    "/run",
    "/sbin",
    "/sys",
    "/usr",
    "/usr/bin",
    "/usr/include",
    "/usr/lib",
    "/usr/sbin",
    "/usr/share",
    "/var",
];

impl Written<'_> {
    /// Whether shared libraries may be among an installation, which the loader must be told of.
    pub fn has_libraries(&self) -> bool {
        let library = |path: &str| parent(path).ends_with("/lib") || path_name(path) == "lib";
        self.prefix || self.installed && matches!(&self.place, Place::Path(path) if library(path))
    }
}

/// Whether a directory holds files of many packages.
pub fn is_shared(directory: &str) -> bool {
    const PARTS: [&str; 8] = [
        "bin", "etc", "games", "include", "lib", "sbin", "share", "src",
    ];
    const OTHERS: [&str; 7] = [
        "/usr/local",
        "/opt",
        "/srv",
        "/home",
        "/root",
        "/tmp",
        "/mnt",
    ];
    let local = directory.strip_prefix("/usr/local/");
    SHARED.contains(&directory)
        || OTHERS.contains(&directory)
        || local.is_some_and(|part| PARTS.contains(&part))
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
            if !matches!(role, Role::Dependencies | Role::Build | Role::Fetch) {
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

/// The places that a command writes, with named places and scripts of the project resolved.
fn resolved(
    plan: &Plan<'_>,
    step: &Step<'_>,
    run: &RunModel<'_>,
    command: &CommandModel<'_>,
) -> Result<Vec<Place>, Stop> {
    let mut places = Vec::new();
    let line = command.known.as_ref().map(|known| known.line);
    let own = line.and_then(|line| {
        let mut writes = line.writes_if.iter();
        writes.find(|writes| plan.facts.get(&writes.fact).is_present())
    });
    let own: Option<Vec<Place>> = own.map(|own| {
        let workdir = command.workdir.as_deref();
        let paths = own.writes.iter();
        paths
            .map(|path| crate::model::place(path, workdir, &step.state))
            .collect()
    });
    let outside = line.and_then(|line| line.writes_without.as_ref());
    let outside: Option<Vec<Place>> = outside
        .filter(|outside| !is_there(plan, step, command, &outside.file))
        .map(|outside| {
            let workdir = command.workdir.as_deref();
            let paths = outside.writes.iter();
            paths
                .map(|path| crate::model::place(path, workdir, &step.state))
                .collect()
        });
    for place in own.as_ref().or(outside.as_ref()).unwrap_or(&command.writes) {
        match place {
            Place::Named(name) if name == "@prefix" => {
                places.push(Place::Path(super::prefix::prefix(
                    plan, step, run, command,
                )?));
            }
            Place::Named(name) => match environment(plan, step, run, command) {
                Some(environment) => places.push(Place::Path(environment)),
                None => places.extend(named(plan, step, command, name)?),
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
        .filter(|_| command.role == Some(Role::Dependencies) && !named_alone(command));
    if let (Some(fact), Some(workdir)) = (scripts, &command.workdir) {
        // Scripts that run on installing may write anywhere below the project.
        let may = match plan.facts.get(fact) {
            Tri::Present(_) => true,
            Tri::Absent => false,
            // Sources that are interpreted are copied anyway; without a context nothing says that more is written.
            Tri::Unknown(_) => !plan.verb.interpreted,
        };
        if may && !places.contains(&Place::Below(workdir.clone())) {
            places.push(Place::Below(workdir.clone()));
        }
    }
    Ok(places)
}

/// Whether a step before may have put a file of this name into the directory that a command runs in.
fn is_there(plan: &Plan<'_>, step: &Step<'_>, command: &CommandModel<'_>, file: &str) -> bool {
    let Some(workdir) = &command.workdir else {
        return true;
    };
    let path = resolve(workdir, file);
    let steps = plan.firing.model.steps.iter();
    let mut before = steps.take_while(|before| before.index <= step.index);
    before.any(|before| match &before.effect {
        Effect::Copy(copy) => copy.brings(&path, plan.firing.context) != Ok(None),
        Effect::Run(run) => run.commands.iter().any(|command| {
            let writes = |place: &Place| match place {
                Place::Path(known) | Place::Below(known) => within(&path, known),
                Place::Anywhere => true,
                Place::Named(_) => false,
            };
            matches!(command.role, Some(Role::Fetch | Role::Build | Role::Setup))
                && !command.directory
                && command.writes.iter().any(writes)
        }),
        Effect::Other => false,
    })
}

/// Whether a command installs what it names, and reads no manifest whose scripts it might run.
fn named_alone(command: &CommandModel<'_>) -> bool {
    let line = command.known.as_ref().map(|known| known.line);
    line.is_some_and(|line| line.packages.is_some() && line.reads.is_empty())
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
        // A tool's own folder is no environment of the project.
        let of_tool = plan
            .firing
            .model
            .steps
            .iter()
            .any(|step| match &step.effect {
                Effect::Run(run) => run.commands.iter().any(|command| {
                    command.role == Some(Role::Tool)
                        && command.writes.contains(&Place::Path(directory.clone()))
                }),
                _ => false,
            });
        (!of_tool
            && !matches!(
                directory.as_str(),
                "" | "/usr" | "/usr/local" | "/root/.local"
            ))
        .then_some(directory)
    };
    let program = run.command(command).words.first()?.value.as_deref()?;
    let (script, index) = run.place(command);
    let activated = script.commands[..index].iter().rev().find_map(|command| {
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

/// The beginning of a command, for a message.
fn shown(step: &Step<'_>, command: &CommandModel<'_>) -> String {
    let Effect::Run(run) = &step.effect else {
        return String::new();
    };
    let words = run.command(command).words.iter().take(4);
    words
        .map(|word| word.raw.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A named place in this base image.
fn named(
    plan: &Plan<'_>,
    step: &Step<'_>,
    command: &CommandModel<'_>,
    name: &str,
) -> Result<Vec<Place>, Stop> {
    let base = &plan.firing.model.base;
    let fits = |suite: &String| base.suite.as_ref() == Some(suite);
    let mut places = plan.verb.places.iter();
    let Some(place) =
        places.find(|place| place.name == name && place.suite.as_ref().is_none_or(fits))
    else {
        return Err(plan.stop(
            step.index,
            "writes",
            format!(
                "it is not known where `{}` puts packages in `{}`",
                shown(step, command),
                base.expanded
            ),
            "use an official image of the language",
        ));
    };
    if let Some(user) = step.state.other_user() {
        let own = place.for_user.as_ref().filter(|_| {
            let mut paths = place.paths.iter().chain(&place.otherwise);
            !paths.any(|path| account::given_away(plan, step, path))
        });
        if let Some(path) = own
            && let Some(home) = account::home(plan, step, user)
        {
            return Ok(vec![Place::Path(resolve(&home, path))]);
        }
        return Err(plan.stop(
            step.index,
            "user-install",
            format!("dependencies are installed as the user `{user}`, who may not write to the system's place for them"),
            "install them before USER, into a virtual environment, or with `--target`",
        ));
    }
    let missing = place
        .when
        .as_ref()
        .filter(|fact| !plan.facts.get(fact).is_present());
    if let Some(fact) = missing {
        return Err(plan.stop(
            step.index,
            "writes",
            format!(
                "nothing in the build context shows where this command puts libraries ({fact})"
            ),
            "give the build context with --context DIR, with the tool's settings in it",
        ));
    }
    if (place.unless.as_ref()).is_some_and(|fact| plan.facts.get(fact).is_present()) {
        return Ok(Vec::new());
    }
    let variable = place.variable.as_ref();
    if let Some(path) = variable.and_then(|name| step.state.value(name)) {
        return Ok(vec![Place::Path(path)]);
    }
    let wider = |fact: &String| plan.facts.get(fact).is_present();
    let found = (place.tag)
        .group(&base.tag)
        .filter(|_| place.base.is_empty() || place.base.contains(&base.name))
        .filter(|_| !place.otherwise_when.iter().any(wider));
    let paths = match &found {
        Some(tag) => place
            .paths
            .iter()
            .map(|path| path.replace("<tag>", tag))
            .collect(),
        None => place.otherwise.clone(),
    };
    let workdir = command.workdir.as_deref().unwrap_or("/");
    let paths = paths.iter().map(|path| resolve(workdir, path));
    Ok(paths.map(Place::Path).collect())
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
