//! What scripts write that the compiler's own tool runs: Cargo's `build.rs` may fill a folder that the program serves.

use super::Plan;
use super::assets::{Assets, landings, only_compiled};
use super::project;
use crate::engine::Evidence;
use crate::facts::path::{join, normalize};
use crate::facts::sources::Scan;
use crate::facts::{Entry, Source, Tri};
use crate::model::path::{parent, resolve, within};
use crate::model::{Effect, StageModel};
use crate::rule::document::SourcesDocument;

/// Paths that scripts of the build name and may write, where the program may read them: they are copied as the build
/// leaves them, not as the build context has them.
pub fn filled(
    plan: &Plan<'_>,
    document: &SourcesDocument,
    assets: &Assets,
) -> Vec<(String, Evidence)> {
    let Some(scripts) = &document.scripts else {
        return Vec::new();
    };
    let present = |fact: &String| plan.facts.get(fact).is_present();
    if !scripts.when.iter().any(present) {
        return Vec::new();
    }
    let scan = project::scan_of(plan.firing, plan.verb, &scripts.files, &scripts.except);
    let Tri::Present(scan) = scan else {
        return Vec::new();
    };
    let model = plan.firing.model;
    // Where nobody knows which files the program reads, it may read each of these.
    let any = assets.repeated.iter().any(
        |at| matches!(&model.steps[*at].effect, Effect::Copy(copy) if copy.whole_context() && copy.from.is_none()),
    );
    let asked = asked(plan);
    let mut found: Vec<(String, Evidence)> = Vec::new();
    for (text, source) in &scan.literals {
        for path in paths(plan, model, text, source, any, &asked) {
            if !found.iter().any(|(known, _)| within(&path, known)) {
                found.retain(|(known, _)| !within(known, &path));
                let text = format!(
                    "the build runs `{}`, which names `{text}`: it is copied as the build leaves it",
                    source.file
                );
                let source = Some(source.clone());
                found.push((path, Evidence { text, source }));
            }
        }
    }
    found
}

/// What the image gets of a path that a script names.
fn paths(
    plan: &Plan<'_>,
    model: &StageModel<'_>,
    text: &str,
    source: &Source,
    any: bool,
    asked: &[(String, bool)],
) -> Vec<String> {
    let context = plan.firing.context;
    let script = crate::facts::path::parent(&source.file);
    let Some(path) = normalize(&join(script, text)).filter(|path| !path.is_empty()) else {
        return Vec::new();
    };
    let workdir = model.end.workdir.as_deref().unwrap_or("/");
    let folder = |path: &str| {
        let holds = path.is_empty() || script == path || script.starts_with(&format!("{path}/"));
        let directory = matches!(context.entry(path), Tri::Present(Entry::Directory));
        directory && !holds && !only_compiled(plan, path)
    };
    let above = crate::facts::path::parent(&path);
    let mut found = Vec::new();
    for landing in landings(plan, &path) {
        let lacks = |path: &str| matches!(model.origin(path, context), Ok(None));
        // The program asks for what the context lacks, and the script names it, or the folder that it is in.
        let own = asked.iter().find(|(asked, read)| {
            (*read || text.contains('/'))
                && asked != workdir
                && (within(asked, &landing) || within(&landing, asked) && asked != "/")
                && lacks(asked)
        });
        match (own, context.entry(&path)) {
            (Some((asked, _)), _) => {
                let outer = if within(&landing, asked) {
                    asked
                } else {
                    &landing
                };
                found.push(outer.clone());
            }
            (None, Tri::Present(Entry::Directory)) if any && folder(&path) => found.push(landing),
            // A new file in a folder that is there: `static/style.css`.
            (None, Tri::Absent) if any && text.contains('/') && folder(above) => {
                found.push(parent(&landing).to_string());
            }
            _ => {}
        }
    }
    found
}

/// Absolute paths that the program's sources name, and whether a call reads them.
fn asked(plan: &Plan<'_>) -> Vec<(String, bool)> {
    let Some(Tri::Present(scan)) = &plan.scan else {
        return Vec::new();
    };
    let scan: &Scan = scan;
    let workdir = plan.firing.model.end.workdir.as_deref().unwrap_or("/");
    let named = scan.literals.iter().filter(|(text, _)| text.contains('/'));
    let named = named.map(|(text, _)| (resolve(workdir, text), false));
    let read = scan.missing.iter();
    let read = read.map(|(text, _)| (resolve(workdir, text), true));
    read.chain(named).collect()
}
