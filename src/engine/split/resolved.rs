//! What the places that a command writes are in the image at hand.

use super::{Plan, account};
use crate::engine::verbs::Stop;
use crate::facts::Tri;
use crate::model::path::{resolve, within};
use crate::model::{CommandModel, Effect, Place, RunModel, Step};
use crate::rule::Role;

/// The places that a command writes, with named places and scripts of the project resolved.
pub(super) fn resolved(
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
            let paths = outside.writes.iter().map(|path| {
                let known = step.state.expand(path, '\\');
                crate::model::place(known.as_deref().unwrap_or(path), workdir, &step.state)
            });
            paths.collect()
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
pub(super) fn shown(step: &Step<'_>, command: &CommandModel<'_>) -> String {
    let Effect::Run(run) = &step.effect else {
        return String::new();
    };
    super::prefix::shown(run.command(command))
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
