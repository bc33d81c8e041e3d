//! Which steps build, and where the last of them stands.

use super::packages::Package;
use crate::engine::verbs::Stop;
use crate::model::path::within;
use crate::model::{Effect, Place, Pragma, RunModel, StageModel, Step};
use crate::rule::Role;
use crate::syntax::{Data, Keyword};

/// Which steps build.
pub struct Survey {
    /// Position in [`StageModel::steps`] of the last step that belongs to the build.
    pub last: usize,
}

/// What a split can never be made with.
pub fn preconditions(model: &StageModel<'_>) -> Result<(), Stop> {
    let at = |step: &Step<'_>| step.instruction.span.start;
    if let Some(step) = model
        .steps
        .iter()
        .find(|step| step.instruction.keyword == Keyword::Onbuild)
    {
        return Err(Stop {
            offset: at(step),
            reason: "onbuild",
            message: "ONBUILD would fire in another stage than before".into(),
            allow: "split the image that is built from this one instead".into(),
        });
    }
    if model.base.tag.split('-').any(|part| part == "onbuild") {
        let from = model.file.stages[model.stage].from;
        return Err(Stop {
            offset: model.file.instructions[from].span.start,
            reason: "onbuild",
            message: format!(
                "`{}` runs instructions of its own after FROM, which a second stage would run again",
                model.base.expanded
            ),
            allow: "start from the image without `onbuild`, and write its instructions out".into(),
        });
    }
    let foreign = model
        .steps
        .iter()
        .find(|step| match &step.instruction.data {
            Data::Shell(words) => !words
                .first()
                .is_some_and(|word| crate::shell::is_shell(word.text())),
            _ => false,
        });
    if let Some(step) = foreign {
        return Err(Stop {
            offset: at(step),
            reason: "opaque",
            message: "SHELL names a shell that dockopt cannot read".into(),
            allow: "use a POSIX shell for RUN".into(),
        });
    }
    if model.file.escape != '\\' {
        return Err(Stop {
            offset: 0,
            reason: "escape",
            message: "the file uses another escape character, as images for Windows do".into(),
            allow: "nothing: dockopt does not split such files".into(),
        });
    }
    Ok(())
}

/// The survey of a stage; nothing where no step builds.
pub fn survey(
    model: &StageModel<'_>,
    build_only: &dyn Fn(&Package) -> bool,
) -> Result<Option<Survey>, Stop> {
    let mut last = None;
    for (at, step) in model.steps.iter().enumerate() {
        let Effect::Run(run) = &step.effect else {
            continue;
        };
        match step.pragma {
            Some(Pragma::Build) => last = Some(at),
            Some(_) => {}
            None => {
                if let Some(unknown) = run.unknown.first() {
                    return Err(Stop {
                        offset: unknown.span.start,
                        reason: "opaque",
                        message: format!("`{}`: {}", unknown.text, unknown.reason),
                        allow: "say in a comment above the RUN where it belongs: `# dockopt: build`, `# dockopt: runtime` or `# dockopt: both`".into(),
                    });
                }
                let after = last.is_some();
                if builds(run, build_only)
                    || after && (cleans_build(run) || removes_build(model, at, run))
                {
                    last = Some(at);
                }
            }
        }
    }
    Ok(last.map(|last| Survey { last }))
}

/// Whether a RUN belongs to the build: it installs libraries, builds, tests, fetches, or installs packages that
/// only a build uses.
fn builds(run: &RunModel<'_>, build_only: &dyn Fn(&Package) -> bool) -> bool {
    run.any(&[
        Role::Dependencies,
        Role::Build,
        Role::Check,
        Role::Tool,
        Role::Fetch,
    ]) || super::packages::installed(run).iter().any(build_only)
}

/// Whether a RUN asks a compiler's tool to clean up (`cargo clean`), which a runtime does not have.
fn cleans_build(run: &RunModel<'_>) -> bool {
    let mut known = run
        .commands
        .iter()
        .filter_map(|command| command.known.as_ref());
    known.any(|known| known.line.compiler && known.line.role == Role::Clean)
}

/// Whether a RUN does nothing but remove what instructions before it have brought or made, with an `rm` that fails where
/// that is not there, as in a runtime without the sources: `rm *.go`.
fn removes_build(model: &StageModel<'_>, at: usize, run: &RunModel<'_>) -> bool {
    let mut commands = run
        .commands
        .iter()
        .filter(|command| command.role != Some(Role::None))
        .peekable();
    commands.peek().is_some()
        && commands.all(|command| {
            let program = run.command(command).words.first();
            let gone = super::written::cleaned(command, &model.steps[at]);
            program.is_some_and(|word| word.raw == "rm")
                && !super::cleaning::is_forced(run, command)
                && !gone.is_empty()
                && gone.iter().all(|(gone, _)| {
                    let gone = gone.trim_end_matches('/');
                    super::cleaning::is_written(model, at, command, gone)
                })
        })
}

/// Whether an instruction brings files of an application: a COPY of more than settings and scripts, a download or an
/// installation of libraries to a place of its own.
pub fn brings_application(model: &StageModel<'_>) -> bool {
    const SYSTEM: [&str; 14] = [
        "/bin",
        "/etc",
        "/lib",
        "/root",
        "/sbin",
        "/tmp",
        "/usr/bin",
        "/usr/include",
        "/usr/lib",
        "/usr/local",
        "/usr/sbin",
        "/usr/share",
        "/var/cache",
        "/var/tmp",
    ];
    const SETTINGS: [&str; 5] = [".cfg", ".cnf", ".conf", ".ini", ".sh"];
    let own = |path: &str| path != "/" && !SYSTEM.iter().any(|system| within(path, system));
    let settings = |source: &String| {
        let entry = source.contains("entrypoint");
        entry || SETTINGS.iter().any(|ending| source.ends_with(ending))
    };
    model.steps.iter().any(|step| match &step.effect {
        Effect::Copy(copy) => {
            copy.dest.as_deref().is_none_or(own) && !copy.sources.iter().all(settings)
        }
        Effect::Run(run) => run.commands.iter().any(|command| {
            let brings = matches!(command.role, Some(Role::Fetch | Role::Dependencies));
            let places = |place: &Place| matches!(place, Place::Path(path) | Place::Below(path) if own(path));
            brings && command.writes.iter().any(places)
        }),
        _ => false,
    })
}
