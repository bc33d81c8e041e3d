//! Which part of the build context is the project: a context may hold several, and the image gets one of them.

use crate::engine::verbs::Firing;
use crate::facts::path::{join, parent};
use crate::facts::reader::Glob;
use crate::facts::sources::Scan;
use crate::facts::{Source, Tri, View};
use crate::model::path::resolve;
use crate::model::{Effect, Place, StageModel};
use crate::rule::Role;
use crate::rule::document::SplitVerb;
use std::sync::Arc;

/// Views of the build context, one for each folder that facts are read from, the application's own first.
pub fn views<'a>(firing: &Firing<'a>, verb: &SplitVerb) -> Vec<View<'a>> {
    let only = brought(firing.model);
    folders(firing, verb)
        .iter()
        .map(|folder| View::new(firing.context, folder, only.clone()))
        .collect()
}

/// What the sources of the project say; nothing where the rule searches no sources.
pub fn scan(firing: &Firing<'_>, verb: &SplitVerb) -> Option<Tri<Arc<Scan>>> {
    let sources = verb.sources.as_ref()?;
    Some(scan_of(firing, verb, &sources.files, &sources.except))
}

/// What the project's files say that match one of `files` and none of `except`.
pub fn scan_of(
    firing: &Firing<'_>,
    verb: &SplitVerb,
    files: &[String],
    except: &[String],
) -> Tri<Arc<Scan>> {
    let only = brought(firing.model);
    let folders = folders(firing, verb);
    // Names count from the project's folder, unless sources from outside of it come along.
    let folder = match (folders.as_slice(), &only) {
        ([folder, rest @ ..], Some(only))
            if rest.iter().chain(only).all(|path| inside(path, folder)) =>
        {
            folder.as_str()
        }
        _ => "",
    };
    let view = View::new(firing.context, folder, only);
    let scan = firing.parts.reader(&view);
    let scan = scan.scan(files, except);
    scan.map(|scan| from_root(scan, folder))
}

/// The folders of the context whose manifest lands where the application starts, or where its libraries are installed.
fn folders(firing: &Firing<'_>, verb: &SplitVerb) -> Vec<String> {
    let model = firing.model;
    let installs = model.steps.iter().flat_map(|step| match &step.effect {
        Effect::Run(run) => run.commands.as_slice(),
        _ => &[],
    });
    // `npm --prefix server install` installs beside the manifest of that folder.
    let beside = |place: &Place| match place {
        Place::Path(path) => Some(crate::model::path::parent(path).to_string()),
        _ => None,
    };
    let directories = model.end.workdir.iter().cloned().chain(
        installs
            .filter(|command| command.role == Some(Role::Dependencies))
            .flat_map(|command| {
                let writes = command.writes.iter().filter_map(beside);
                command.workdir.iter().cloned().chain(writes)
            }),
    );
    let mut folders: Vec<String> = Vec::new();
    for directory in directories {
        for manifest in &verb.project {
            let path = resolve(&directory, manifest);
            if let Ok(Some((_, source))) = model.origin(&path, firing.context) {
                let folder = parent(&source).to_string();
                if !folders.contains(&folder) {
                    folders.push(folder);
                }
            }
        }
    }
    if folders.is_empty() {
        folders.push(String::new());
    }
    for folder in folders.clone() {
        for member in members(firing, verb, &folder) {
            if !folders.contains(&member) {
                folders.push(member);
            }
        }
    }
    folders
}

/// The folders of the workspaces that a project's manifest names.
fn members(firing: &Firing<'_>, verb: &SplitVerb, folder: &str) -> Vec<String> {
    let view = View::new(firing.context, folder, None);
    let reader = firing.parts.reader(&view);
    let mut found = Vec::new();
    for fact in &verb.workspaces {
        let spec = firing.rules.facts.get(fact);
        let Some(Tri::Present(value)) = spec.map(|spec| reader.fact(fact, spec, &|_| None)) else {
            continue;
        };
        for (glob, _) in value.texts() {
            if glob.starts_with('!') {
                continue;
            }
            for manifest in &verb.project {
                let glob = format!("{}/{manifest}", glob.trim_end_matches('/'));
                let Ok(glob) = Glob::parse(&glob) else {
                    continue;
                };
                let manifests = glob.find(&view).present().unwrap_or_default();
                found.extend(manifests.iter().map(|path| match folder {
                    "" => parent(path).to_string(),
                    folder => join(folder, parent(path)),
                }));
            }
        }
    }
    found
}

/// The paths of the build context that COPY and ADD bring; nothing where they are not known, or where the whole context
/// is at hand.
fn brought(model: &StageModel<'_>) -> Option<Vec<String>> {
    let mut paths = Vec::new();
    for step in &model.steps {
        let mut mounts = step.instruction.flags_named("mount");
        if mounts.any(|mount| matches!(mount.option(&["type"]), None | Some("bind"))) {
            return None;
        }
        let Effect::Copy(copy) = &step.effect else {
            continue;
        };
        if copy.from.is_some() || copy.remote {
            continue;
        }
        let Tri::Present(landings) = &copy.landings else {
            return None;
        };
        paths.extend(landings.iter().map(|landing| landing.source.clone()));
    }
    (!paths.is_empty() && paths.iter().all(|path| !path.is_empty())).then_some(paths)
}

fn inside(path: &str, folder: &str) -> bool {
    folder.is_empty()
        || path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A scan whose paths and places count from the root of the context.
fn from_root(known: Arc<Scan>, folder: &str) -> Arc<Scan> {
    if folder.is_empty() {
        return known;
    }
    let mut scan = Scan::clone(&known);
    let place = |source: &mut Source| source.file = join(folder, &source.file);
    scan.literals
        .iter_mut()
        .for_each(|(_, source)| place(source));
    for used in &mut scan.paths {
        // The project's own folder stays the empty path: it is the application's directory.
        if !used.path.is_empty() {
            used.path = join(folder, &used.path);
        }
        place(&mut used.source);
    }
    scan.dynamic
        .iter_mut()
        .for_each(|used| place(&mut used.source));
    scan.imports
        .iter_mut()
        .for_each(|used| place(&mut used.source));
    scan.commands
        .iter_mut()
        .for_each(|used| place(&mut used.source));
    if let Some((file, _)) = &mut scan.unread {
        *file = join(folder, file);
    }
    scan.embeds.iter_mut().for_each(|(_, source)| place(source));
    Arc::new(scan)
}
