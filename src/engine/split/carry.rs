//! What the runtime gets of the build: artifacts where they are proven, else the whole application directory.

use super::assets::Assets;
use super::built::built;
use super::mentions::mentions;
use super::owner::owner;
use super::prune::{linked_statically, prune};
use super::tools::copies_tool;
use super::whole::{context_copies, whole};
use super::written::{Written, written};
use super::{Plan, assets};
use crate::engine::Evidence;
use crate::engine::verbs::Stop;
use crate::model::path::{resolve, within};
use crate::model::{Effect, Place};
use crate::rule::Role;
use crate::syntax::Keyword;

/// What is copied from the build stage, and what else follows from it.
#[derive(Debug, Default)]
pub struct Carried {
    /// Absolute paths, in the order in which they are copied.
    pub paths: Vec<Copied>,
    /// Whether only proven artifacts are carried, so that the build context's files stay behind.
    pub artifacts: bool,
    /// Whether the built program is one file, which loads nothing from beside itself.
    pub alone: bool,
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
    /// Everything that build commands write, what they remove again included.
    pub made: Vec<String>,
    /// Directories and files that the build removes, with the position of the step.
    pub removed: Vec<(usize, String)>,
    /// Whether shared libraries are among it, which the loader must be told of.
    pub libraries: bool,
    /// Position of a step that compiles downloaded sources, and the command, where what comes out goes along: nothing
    /// says which libraries it is linked with.
    pub foreign: Option<(usize, String)>,
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

/// Decides what is carried.
pub fn carry(plan: &Plan<'_>) -> Result<Carried, Stop> {
    let mut carried = Carried::default();
    let written = written(plan, &mut carried)?;
    carried.linked_statically = linked_statically(plan);
    let artifacts = artifacts(plan, &written, &mut carried)?;
    if !artifacts {
        whole(plan, &written, &mut carried)?;
    }
    super::named::repeat_named(plan, &mut carried);
    carried.foreign = super::foreign::compiled(plan, &written, &carried);
    // What the build removes again is not brought anew.
    let removed = &carried.removed;
    carried
        .repeated
        .retain(|at| match &plan.firing.model.steps[*at].effect {
            Effect::Copy(copy) => !removed
                .iter()
                .any(|(step, path)| step >= at && copy.lands_within(path)),
            _ => true,
        });
    carried.repeated.retain(|at| !copies_tool(plan, *at));
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
    super::supplies::supply(plan, &mut carried)?;
    // Libraries that stay behind need no pruning.
    let libraries = |known: &Written<'_>| match &known.place {
        Place::Path(path) | Place::Below(path) => {
            known.command.role == Some(Role::Dependencies)
                && (carried.paths.iter())
                    .any(|copied| within(path, &copied.path) || within(&copied.path, path))
        }
        _ => true,
    };
    if written.iter().any(libraries) {
        prune(plan, &mut carried, artifacts);
    }
    Ok(carried)
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
    // The language runs a server of files, and no source of the project.
    let mut files = plan.start.files();
    let serves = !plan.start.served.is_empty()
        && files.all(|(path, _)| plan.start.served.iter().any(|served| served == path));
    if plan.verb.interpreted && !serves {
        return Ok(false);
    }
    if let Some((why, source)) = plan.reason(&plan.verb.keep_sources) {
        carried.evidence.push(Evidence {
            text: format!("{why}: the whole application directory is copied"),
            source,
        });
        return Ok(false);
    }
    if let Some((program, source)) = plan.start.needs_sources() {
        carried.evidence.push(Evidence {
            text: format!(
                "{program} may read the sources: the whole application directory is copied"
            ),
            source,
        });
        return Ok(false);
    }
    if let Some(program) = plan.start.tools.first() {
        carried.evidence.push(Evidence {
            text: format!("the start runs `{program}` of the project's packages, which may read any file beside the manifest: the whole application directory is copied"),
            source: None,
        });
        return Ok(false);
    }
    if plan.start.directory {
        carried.evidence.push(Evidence {
            text: "the start loads what lies in the working directory: the whole application directory is copied".into(),
            source: None,
        });
        return Ok(false);
    }
    let mentions = mentions(plan);
    if let Some(evidence) = mentions.directory {
        carried.evidence.push(evidence);
        return Ok(false);
    }
    let Some(built) = built(plan, written, carried)? else {
        return Ok(false);
    };
    if let Some(evidence) = super::fetched::sources(plan, written, &built) {
        carried.evidence.push(evidence);
        return Ok(false);
    }
    // Files that are served as they are need neither libraries nor what the sources name.
    let served = built
        .paths
        .iter()
        .all(|path| plan.start.served.iter().any(|served| within(served, path)));
    let foreign = foreign(plan);
    let inside = |workdir: &str| !within(&built.directory, workdir);
    if let Some((tool, line, _)) = foreign
        .iter()
        .find(|(_, _, workdir)| !built.alone || !inside(workdir))
    {
        carried.evidence.push(Evidence {
            text: format!("line {line} builds something else with `{tool}`, which the program may read: the whole application directory is copied"),
            source: None,
        });
        return Ok(false);
    }
    let beside = super::own_programs::writes_beside(plan, &built).filter(|_| !served);
    let generated = match super::outputs::generated(plan, written, &built) {
        _ if served => Vec::new(),
        Ok(_) if beside.is_some() => {
            let (why, source) = beside.unwrap_or_default();
            carried.evidence.push(Evidence {
                text: format!("{why}: the whole application directory is copied"),
                source,
            });
            return Ok(false);
        }
        Ok(generated) => generated,
        Err(why) => {
            carried.evidence.push(Evidence {
                text: format!("{}: the whole application directory is copied", why.0),
                source: why.1,
            });
            return Ok(false);
        }
    };
    let assets = match assets::assets(plan, sources, &built.directory) {
        _ if served => assets::Assets::default(),
        Ok(assets) => assets,
        Err(why) if built.alone => {
            carried.evidence.push(Evidence {
                text: format!("{}: the files of the build context go along", why.0),
                source: why.1,
            });
            Assets {
                repeated: context_copies(plan),
                ..Assets::default()
            }
        }
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
            carried.paths.retain(|known| !within(&known.path, &path));
            carried.paths.push(Copied {
                path,
                content: false,
                after: last,
                chown: None,
            });
        }
    };
    let complete = plan.verb.self_contained.iter().any(|whole| {
        let output = resolve(&built.directory, &whole.output);
        built.paths.iter().all(|path| within(path, &output))
            && whole
                .unless
                .iter()
                .all(|fact| plan.facts.get(fact).is_absent())
    });
    // What changes seldom comes first: its layers are those of the last build.
    for need in &plan.verb.needs {
        let path = resolve(&built.directory, need);
        if (served || complete || built.alone) && !plan.start.project_programs {
            continue;
        }
        if needed(plan, written, &path, need) {
            add(carried, path);
        }
    }
    for path in &built.paths {
        add(carried, path.clone());
    }
    let filled = super::scripted::filled(plan, sources, &assets);
    for path in assets.paths {
        add(carried, path);
    }
    for (path, evidence) in filled.into_iter().filter(|_| !served) {
        if !carried.paths.iter().any(|known| within(&path, &known.path)) {
            carried.evidence.push(evidence);
            add(carried, path);
        }
    }
    if !served {
        let named = super::outputs::named(plan, written, &built);
        for (path, evidence) in named.into_iter().chain(generated) {
            if !carried.paths.iter().any(|known| within(&path, &known.path)) {
                carried.evidence.push(evidence);
                add(carried, path);
            }
        }
    }
    for (path, evidence) in mentions.paths {
        let comes = |at: &usize| {
            let effect = &plan.firing.model.steps[*at].effect;
            matches!(effect, Effect::Copy(copy) if matches!(copy.brings(&path, plan.firing.context), Ok(Some(_))))
        };
        if assets.repeated.iter().any(comes) {
            continue;
        }
        if !carried.paths.iter().any(|known| within(&path, &known.path)) {
            carried.evidence.push(evidence);
            add(carried, path);
        }
    }
    if !served {
        for (path, evidence) in super::outputs::set_up(plan, written, carried, &built.directory) {
            if !carried.paths.iter().any(|known| within(&path, &known.path)) {
                carried.evidence.push(evidence);
                add(carried, path);
            }
        }
    }
    // What tools of other languages make, in a folder of its own.
    for (tool, line, workdir) in foreign {
        if !carried
            .paths
            .iter()
            .any(|known| within(&workdir, &known.path))
        {
            carried.evidence.push(Evidence {
                text: format!("line {line} builds something else in `{workdir}` with `{tool}`, which the program may read"),
                source: None,
            });
            add(carried, workdir);
        }
    }
    // What is downloaded or copied to places outside of the application is there for a purpose.
    for written in written {
        let Place::Path(path) = &written.place else {
            continue;
        };
        let line = written.command.known.as_ref().map(|known| known.line);
        let installs = line.is_some_and(|line| line.installs.is_some());
        let scratch = ["/tmp", "/var/tmp", "/root", "/var/cache"]
            .iter()
            .any(|scratch| within(path, scratch));
        if written.prefix || written.installed {
            add(carried, path.clone());
            carried.libraries |= written.has_libraries();
        }
        if (installs || written.command.role == Some(Role::Fetch))
            && !plan.builds_in(path)
            && !within(path, &built.directory)
            && !within(&built.directory, path)
            && !scratch
        {
            add(carried, path.clone());
            // `unzip client.zip -d /opt/oracle && ldconfig`: the loader is told once they are there.
            carried.libraries |= super::setup::tells_loader(plan);
        }
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
    if !served {
        for (path, evidence) in super::settled::named(plan, &carried.paths, &assets.repeated) {
            if !carried.paths.iter().any(|known| within(&path, &known.path)) {
                carried.evidence.push(evidence);
                add(carried, path);
            }
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
    carried.alone = built.alone && !built.paths.is_empty();
    carried.path = built.path;
    Ok(true)
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

/// Build tools of other languages that the build part runs, with the line and the directory.
fn foreign(plan: &Plan<'_>) -> Vec<(String, usize, String)> {
    let mut found = Vec::new();
    for step in &plan.firing.model.steps[..=plan.survey.last] {
        let Effect::Run(run) = &step.effect else {
            continue;
        };
        for command in &run.commands {
            let program = run.command(command).words.first();
            let program = program.and_then(|word| word.value.as_deref()).unwrap_or("");
            let builds = command.role == Some(Role::Build);
            if builds && plan.verb.foreign.iter().any(|known| known == program) {
                // `npm --prefix ui run build` writes elsewhere than it is run.
                let below = command.writes.iter().find_map(|place| match place {
                    Place::Below(folder) => Some(folder.clone()),
                    _ => None,
                });
                let workdir = below.or_else(|| command.workdir.clone());
                let workdir = workdir.unwrap_or_else(|| "/".into());
                found.push((program.to_string(), plan.line(step.index), workdir));
            }
        }
    }
    found
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
