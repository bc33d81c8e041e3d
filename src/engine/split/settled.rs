//! What settings name that go along: a program that reads `database/app.db` out of a file of settings needs it as much
//! as one whose sources name it.

use super::Plan;
use super::assets::only_compiled;
use super::carry::Copied;
use super::{made, settings};
use crate::engine::Evidence;
use crate::facts::reader::Glob;
use crate::facts::{Entry, Source, Tri};
use crate::model::path::{name, parent, resolve, within};
use crate::model::{CopyModel, Effect};

/// More than this is data, counted in bytes.
const MAX_BYTES: u64 = 256 << 10;
/// A longer text is no path, counted in bytes.
const MAX_PATH: usize = 200;

/// Paths of the build context that files of settings name, where these go along: copied, or by COPY steps that are
/// repeated.
pub fn named(plan: &Plan<'_>, carried: &[Copied], repeated: &[usize]) -> Vec<(String, Evidence)> {
    let mut found: Vec<(String, Evidence)> = Vec::new();
    for (file, landing) in files(plan, carried, repeated) {
        for (line, key) in settings::lines(plan.firing, &file) {
            let words = default(&line.text).split([' ', '\t', ';', '=', ',']);
            for path in words.flat_map(|word| paths(plan, word, &key, parent(&landing))) {
                if !found.iter().any(|(known, _)| within(&path, known)) {
                    found.retain(|(known, _)| !within(known, &path));
                    let source = Source {
                        file: file.clone(),
                        line: line.line,
                    };
                    let text = format!("settings name `{}`", line.text);
                    let source = Some(source);
                    found.push((path, Evidence { text, source }));
                }
            }
        }
    }
    found
}

/// Files of settings that go along, with the place where they lie in the image.
fn files(plan: &Plan<'_>, carried: &[Copied], repeated: &[usize]) -> Vec<(String, String)> {
    let rules = plan.firing.rules;
    let context = plan.firing.context;
    let model = plan.firing.model;
    // The path in the build context, and the place in the image.
    let mut tops: Vec<(String, String)> = Vec::new();
    for copied in carried {
        if let Ok(Some((_, source))) = model.origin(&copied.path, context) {
            tops.push((source, copied.path.clone()));
        }
    }
    for at in repeated {
        let Effect::Copy(copy) = &model.steps[*at].effect else {
            continue;
        };
        tops.extend(brought(copy));
    }
    // With the whole context everything that settings name goes along.
    tops.retain(|(source, _)| !source.is_empty());
    let packed = packed(plan);
    if tops.is_empty() && packed.is_empty() {
        return Vec::new();
    }
    let globs: Vec<Glob> = ["file", "paths"]
        .iter()
        .flat_map(|kind| settings::globs(rules, kind))
        .collect();
    let tools = settings::globs(rules, "tool");
    let own = settings::globs(rules, "paths");
    let is = |file: &str| {
        let matches = |globs: &[Glob]| globs.iter().any(|glob| glob.is_match(file));
        matches(&globs) && (matches(&own) || !matches(&tools))
    };
    let mut found = Vec::new();
    for (source, landing) in tops {
        match context.entry(&source) {
            Tri::Present(Entry::File(_)) if is(&source) => found.push((source, landing)),
            Tri::Present(Entry::Directory) if says(plan, "holds", name(&source)) => {
                let files = context.files_below(&source).present().unwrap_or_default();
                let files = files.into_iter().filter(|file| is(file));
                found.extend(files.map(|file| {
                    let rest = file.strip_prefix(source.as_str()).unwrap_or(&file);
                    let place = resolve(&landing, rest.trim_start_matches('/'));
                    (file, place)
                }));
            }
            _ => {}
        }
    }
    found.extend(packed);
    let mut left = MAX_BYTES;
    found.retain(|(file, _)| match context.entry(file) {
        Tri::Present(Entry::File(size)) if size <= left => {
            left -= size;
            true
        }
        _ => false,
    });
    found
}

/// Files of settings that the build puts into the program: what they name is seen from where it starts.
fn packed(plan: &Plan<'_>) -> Vec<(String, String)> {
    let Some(sources) = plan
        .verb
        .sources
        .as_ref()
        .filter(|sources| !sources.packed.is_empty())
    else {
        return Vec::new();
    };
    let model = plan.firing.model;
    let beside = resolve(model.end.workdir.as_deref().unwrap_or("/"), "settings");
    let globs = sources.packed.iter();
    let globs: Vec<Glob> = globs.filter_map(|glob| Glob::parse(glob).ok()).collect();
    let files = plan.firing.context.files().unwrap_or_default();
    let files = files
        .iter()
        .filter(|file| globs.iter().any(|glob| glob.is_match(file)));
    files.map(|file| (file.clone(), beside.clone())).collect()
}

/// The value that a setting has where its variable is not set: `${STORE:data/app.db}`, `${STORE:-data/app.db}`.
fn default(text: &str) -> &str {
    let inside = text
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'));
    match inside.and_then(|inside| inside.split_once(':')) {
        Some((_, value)) => value.trim_start_matches('-'),
        None => text,
    }
}

/// Whether a name has one of the words in it that the table `settings` lists under a kind: `holds`, that a folder holds
/// settings and no data; `folder`, that the value of a setting is a folder.
fn says(plan: &Plan<'_>, kind: &str, name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let table = plan.firing.rules.table("settings");
    let mut rows = table.into_iter().flat_map(|table| table.rows(&[kind]));
    rows.any(|row| row.get("name").is_some_and(|word| name.contains(word)))
}

/// What a COPY of the build context brings, and where to.
fn brought(copy: &CopyModel) -> Vec<(String, String)> {
    if copy.from.is_some() || copy.remote {
        return Vec::new();
    }
    let Tri::Present(landings) = &copy.landings else {
        return Vec::new();
    };
    let pairs = landings.iter();
    pairs
        .map(|landing| (landing.source.clone(), landing.path.clone()))
        .collect()
}

/// The paths of the image that a value of settings names, seen from where the program starts and from the settings.
fn paths(plan: &Plan<'_>, text: &str, key: &str, beside: &str) -> Vec<String> {
    let model = plan.firing.model;
    let context = plan.firing.context;
    let workdir = model.end.workdir.as_deref().unwrap_or("/");
    let plain = text.contains(|c: char| c.is_ascii_alphanumeric()) && text.len() <= MAX_PATH;
    if !plain || text.contains("://") && made::file(text).is_none() {
        return Vec::new();
    }
    let file = made::file(text).unwrap_or(text);
    let mut found = Vec::new();
    for directory in [workdir, beside] {
        let path = resolve(directory, file);
        // The directory of the application, or of the system, is no path that settings are about.
        if within(workdir, &path) || found.contains(&path) {
            continue;
        }
        if let Some(made) = made::directory(plan, &path) {
            found.push(made);
            continue;
        }
        let Ok(Some((at, source))) = model.origin(&path, context) else {
            continue;
        };
        if at > plan.survey.last || source.is_empty() {
            continue;
        }
        let wanted = match context.entry(&source) {
            Tri::Present(Entry::File(_)) => file.contains(['/', '.']),
            Tri::Present(Entry::Directory) => {
                (file.contains('/') || says(plan, "folder", key)) && !only_compiled(plan, &source)
            }
            _ => false,
        };
        if wanted {
            found.push(path);
        }
    }
    found
}
