//! Files that the program reads at run time, by evidence from its sources.

use super::{Plan, made};
use crate::engine::Evidence;
use crate::facts::reader::Glob;
use crate::facts::sources::{self, Import, Scan};
use crate::facts::{Source, Tri};
use crate::model::path::{self, resolve, within};
use crate::model::{CopyModel, Effect};
use crate::rule::document::SourcesDocument;

/// What the sources say.
#[derive(Debug, Default)]
pub struct Assets {
    /// Absolute paths in the image that the program reads.
    pub paths: Vec<String>,
    /// Position of COPY steps that are repeated, since they bring more than sources.
    pub repeated: Vec<usize>,
    /// What was read.
    pub evidence: Vec<Evidence>,
    /// What was assumed.
    pub assumptions: Vec<String>,
}

/// Why the files that the program reads are not known, with the place.
pub type Unclear = (String, Option<Source>);

/// The files that the program reads; an error where they are not known, so that all must be carried.
pub fn assets(
    plan: &Plan<'_>,
    document: &SourcesDocument,
    directory: &str,
) -> Result<Assets, Unclear> {
    let mut assets = Assets::default();
    let context = plan.firing.context;
    match plan.scan.as_ref() {
        Some(Tri::Present(scan)) => from_sources(plan, scan, &mut assets)?,
        // A program whose sources come from elsewhere: what is copied is there for another purpose.
        Some(Tri::Absent) if plan.copies_context() => {
            return Err((
                "no source of the program is in the build context".into(),
                None,
            ));
        }
        None | Some(Tri::Absent) => {}
        Some(Tri::Unknown(reason)) if context.files().is_err() => {
            assets.assumptions.push(format!(
                "the sources read no file of the build context at run time ({reason})"
            ));
        }
        Some(Tri::Unknown(reason)) => {
            return Err((format!("the sources cannot be searched ({reason})"), None));
        }
    }
    for carry in &plan.verb.carry {
        let Tri::Present(source) = plan.facts.present(&carry.when) else {
            continue;
        };
        let path = resolve(directory, &carry.path);
        if let Ok(Some(_)) = plan.firing.model.origin(&path, context) {
            assets.evidence.push(Evidence {
                text: carry.why.clone(),
                source,
            });
            if !assets.paths.iter().any(|known| within(&path, known)) {
                assets.paths.retain(|known| !within(known, &path));
                assets.paths.push(path);
            }
        }
    }
    explicit_copies(plan, document, directory, &mut assets);
    Ok(assets)
}

fn from_sources(plan: &Plan<'_>, scan: &Scan, assets: &mut Assets) -> Result<(), Unclear> {
    if let Some((file, reason)) = &scan.unread {
        let source = Source {
            file: file.clone(),
            line: 0,
        };
        return Err((
            format!("a source cannot be searched ({reason})"),
            Some(source),
        ));
    }
    if let Some(dynamic) = scan.dynamic.first() {
        return Err((
            format!("`{}` reads a file whose name is not known", dynamic.call),
            Some(dynamic.source.clone()),
        ));
    }
    for used in &scan.paths {
        if used.path.is_empty() {
            return Err((
                format!("`{}` names the application's own directory", used.literal),
                Some(used.source.clone()),
            ));
        }
        if only_compiled(plan, &used.path) && !asks_for_sources(plan, &used.literal) {
            continue;
        }
        for landing in landings(plan, &used.path) {
            if !assets.paths.iter().any(|known| within(&landing, known)) {
                assets.evidence.push(Evidence {
                    text: format!("the sources name `{}`", used.path),
                    source: Some(used.source.clone()),
                });
                assets.paths.retain(|known| !within(known, &landing));
                assets.paths.push(landing);
            }
        }
    }
    made::directories(plan, scan, assets);
    absolute(plan, scan, assets)
}

/// Absolute paths of the image, `/app/templates/*.html`.
fn absolute(plan: &Plan<'_>, scan: &Scan, assets: &mut Assets) -> Result<(), Unclear> {
    let model = plan.firing.model;
    let workdir = model.end.workdir.as_deref().unwrap_or("/");
    for (text, source) in &scan.literals {
        if !text.starts_with('/') || text.len() < 2 {
            continue;
        }
        let fixed = match text.find(['*', '?', '[', '{', '%', '$']) {
            Some(at) => &text[..text[..at].rfind('/').unwrap_or(0)],
            None => text,
        };
        let path = resolve("/", fixed);
        if path == workdir && workdir != "/" {
            return Err((
                format!("`{text}` names the application's own directory"),
                Some(source.clone()),
            ));
        }
        let Ok(Some((at, origin))) = model.origin(&path, plan.firing.context) else {
            continue;
        };
        let known = assets.paths.iter().any(|known| within(&path, known));
        if at > plan.survey.last || origin.is_empty() || known || only_compiled(plan, &origin) {
            continue;
        }
        assets.evidence.push(Evidence {
            text: format!("the sources name `{text}`"),
            source: Some(source.clone()),
        });
        assets.paths.retain(|known| !within(known, &path));
        assets.paths.push(path);
    }
    Ok(())
}

/// Whether a pattern asks for sources by their ending (`src/routes/*.ts`), as documentation that is made of them does.
fn asks_for_sources(plan: &Plan<'_>, literal: &str) -> bool {
    let sources = plan.verb.sources.iter();
    let mut globs = sources
        .flat_map(|sources| &sources.compiled)
        .filter_map(|glob| Glob::parse(glob).ok());
    let name = path::name(literal);
    name.contains('*') && globs.any(|glob| glob.is_match(name))
}

/// Whether a path is a directory of sources that the build compiles.
pub fn only_compiled(plan: &Plan<'_>, path: &str) -> bool {
    let compiled = plan
        .verb
        .sources
        .iter()
        .flat_map(|sources| &sources.compiled);
    let globs: Vec<Glob> = compiled.filter_map(|glob| Glob::parse(glob).ok()).collect();
    match plan.firing.context.files_below(path) {
        Tri::Present(files) => {
            !files.is_empty()
                && files
                    .iter()
                    .all(|file| globs.iter().any(|glob| glob.is_match(file)))
        }
        _ => false,
    }
}

/// Where a path of the build context lands in the image.
pub fn landings(plan: &Plan<'_>, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    for step in plan.firing.model.steps.iter().take(plan.survey.last + 1) {
        let Effect::Copy(copy) = &step.effect else {
            continue;
        };
        let Tri::Present(landings) = &copy.landings else {
            continue;
        };
        for landing in landings {
            let target = match (
                landing.directory,
                path.strip_prefix(landing.source.as_str()),
            ) {
                (_, Some("")) => Some(landing.path.clone()),
                (true, Some(rest)) if landing.source.is_empty() => {
                    Some(resolve(&landing.path, rest))
                }
                (true, Some(rest)) => rest
                    .strip_prefix('/')
                    .map(|rest| resolve(&landing.path, rest)),
                _ => None,
            };
            found.extend(target.filter(|target| !found.contains(target)));
        }
    }
    found
}

/// COPY steps of named paths that bring something else than sources and manifests.
fn explicit_copies(
    plan: &Plan<'_>,
    document: &SourcesDocument,
    directory: &str,
    assets: &mut Assets,
) {
    let globs: Vec<Glob> = document
        .files
        .iter()
        .chain(&document.except)
        .filter_map(|glob| Glob::parse(glob).ok())
        .collect();
    let reads = reads(plan);
    let known = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        globs.iter().any(|glob| glob.is_match(path))
            || reads.iter().any(|read| read == name || read == path)
    };
    for (at, step) in plan
        .firing
        .model
        .steps
        .iter()
        .enumerate()
        .take(plan.survey.last + 1)
    {
        let Effect::Copy(copy) = &step.effect else {
            continue;
        };
        if copy.whole_context() && copy.from.is_none() || whole_project(copy, directory) {
            continue;
        }
        if copy.from.is_some() || copy.remote || !only_sources(plan, copy, &known) {
            assets.repeated.push(at);
        }
    }
}

/// Whether it is `COPY api .`: the whole folder of the project into the application's directory.
fn whole_project(copy: &CopyModel, directory: &str) -> bool {
    matches!(&copy.landings, Tri::Present(landings) if !landings.is_empty()
        && landings.iter().all(|landing| landing.directory && landing.path == directory))
}

fn only_sources(plan: &Plan<'_>, copy: &CopyModel, known: &dyn Fn(&str) -> bool) -> bool {
    match &copy.landings {
        Tri::Present(landings) => landings.iter().all(|landing| {
            if !landing.directory {
                return known(&landing.source);
            }
            match plan.firing.context.files_below(&landing.source) {
                Tri::Present(files) => files.iter().all(|file| known(file)),
                _ => false,
            }
        }),
        _ => copy.sources.iter().all(|source| {
            let source = source.trim_start_matches("./");
            known(source)
                || known(&source.replace('*', ""))
                || (source.contains('*') && reads_match(plan, source))
        }),
    }
}

/// Whether a pattern such as `package*.json` fits a manifest.
fn reads_match(plan: &Plan<'_>, pattern: &str) -> bool {
    reads(plan)
        .iter()
        .any(|read| crate::facts::go_match::matches(pattern, read).unwrap_or(false))
}

/// Files that the build's commands read by name: manifests and lock files.
fn reads(plan: &Plan<'_>) -> Vec<String> {
    let runs = plan
        .firing
        .model
        .steps
        .iter()
        .take(plan.survey.last + 1)
        .filter_map(|step| match &step.effect {
            Effect::Run(run) => Some(run),
            _ => None,
        });
    let known = runs
        .flat_map(|run| &run.commands)
        .filter_map(|command| command.known.as_ref());
    known
        .flat_map(|known| known.line.reads.iter().filter_map(|read| known.fill(read)))
        .flatten()
        .filter(|read| read != ".")
        .collect()
}

/// A development dependency that the sources use at run time, as far as one can see: a reason not to remove
/// development dependencies.
pub fn development_used(plan: &Plan<'_>) -> Option<(String, Option<Source>)> {
    let binaries = plan.verb.binaries.as_ref()?;
    let Tri::Present(development) = plan.facts.names(&binaries.development) else {
        return None;
    };
    let production = plan
        .facts
        .names(&binaries.production)
        .present()
        .unwrap_or_default();
    let only_development = |name: &str| {
        development.iter().any(|(known, _)| known == name)
            && !production.iter().any(|(known, _)| known == name)
    };
    let Some(Tri::Present(scan)) = &plan.scan else {
        return None;
    };
    let configuration = configuration(plan);
    let import = scan
        .imports
        .iter()
        .chain(configuration.iter().flat_map(|scan| &scan.imports))
        .find(|import| !import.type_only && only_development(&import.package));
    if let Some(import) = import {
        return Some((
            format!(
                "the sources use the development dependency {}: development dependencies stay",
                import.package
            ),
            Some(import.source.clone()),
        ));
    }
    let named = |name: &str| {
        let mut known = development.iter().chain(&production);
        known.any(|(known, _)| known == name)
    };
    let unnamed = scan.imports.iter().filter(|import| {
        let package = &import.package;
        let path = package.starts_with(['.', '/', '#']) || package.starts_with("@/");
        !path && !import.type_only && !package.contains(':') && !named(package)
    });
    let of_language = plan.firing.rules.table("node-builtin");
    let built_in = |name: &str| of_language.is_some_and(|table| table.get(&[name]).is_some());
    let unnamed: Vec<&Import> = unnamed
        .filter(|import| !built_in(&import.package))
        .collect();
    if let Some(import) = locked_for_development(plan, &unnamed) {
        return Some((
            format!(
                "the sources use {}, which only development dependencies bring: they stay",
                import.package
            ),
            Some(import.source.clone()),
        ));
    }
    // `execSync("npx prisma migrate deploy")`
    let table = plan.firing.rules.table(&binaries.table);
    let package = |word: &str| {
        let program = word.rsplit('/').next().unwrap_or(word);
        let row = table.and_then(|table| table.get(&[program]));
        let package = row.and_then(|row| row.get("package")).unwrap_or(program);
        only_development(package).then(|| package.to_string())
    };
    let started = scan.commands.iter().find_map(|spawned| {
        let mut words = std::iter::once(spawned.name.as_str()).chain(spawned.rest.split(' '));
        Some((words.find_map(package)?, &spawned.source))
    });
    if let Some((package, source)) = started {
        return Some((
            format!(
                "the sources run the development dependency {package}: development dependencies stay"
            ),
            Some(source.clone()),
        ));
    }
    let literal = scan.literals.iter().find(|(text, _)| {
        only_development(text) || in_packages(text).is_some_and(only_development)
    });
    literal.map(|(text, source)| {
        (
            format!(
                "the sources name the development dependency {text}: development dependencies stay"
            ),
            Some(source.clone()),
        )
    })
}

/// The first of the packages that no manifest names, of which npm's lock file says that development dependencies alone
/// bring it: `"node_modules/lodash": { "version": "4.17.21", "dev": true }`.
fn locked_for_development<'i>(plan: &Plan<'_>, unnamed: &[&'i Import]) -> Option<&'i Import> {
    if unnamed.is_empty() {
        return None;
    }
    let lock = plan.facts.project().read("package-lock.json").present()?;
    let brought = |import: &&&Import| {
        let entry = lock.split_once(&format!("\"node_modules/{}\": {{", import.package));
        let own = entry.and_then(|(_, rest)| rest.split("\n    }").next());
        own.is_some_and(|own| own.contains("\"dev\": true"))
    };
    unnamed.iter().find(brought).copied()
}

/// The package whose files a path names: `../node_modules/bootstrap/dist`.
fn in_packages(path: &str) -> Option<&str> {
    let (_, rest) = path.split_once("node_modules/")?;
    let mut slashes = rest.match_indices('/').map(|(at, _)| at);
    let end = match rest.starts_with('@') {
        true => slashes.nth(1),
        false => slashes.next(),
    };
    Some(&rest[..end.unwrap_or(rest.len())])
}

/// What the configuration files say that programs of the project's packages read when they start.
fn configuration(plan: &Plan<'_>) -> Option<Scan> {
    let document = plan.verb.sources.as_ref()?;
    if !plan.start.project_programs || document.configuration.is_empty() {
        return None;
    }
    sources::scan(plan.facts.project(), &document.configuration, &[]).present()
}
