//! Files that the start names as arguments: settings that a program gets on its command line.

use super::Plan;
use super::carry::{Carried, Copied};
use crate::engine::Evidence;
use crate::model::path::{name, resolve, within};
use crate::model::{CopyModel, Effect};
use crate::syntax::Keyword;

/// Repeats each COPY of the build that brings a file which CMD, ENTRYPOINT or HEALTHCHECK names by its absolute path.
pub fn repeat_named(plan: &Plan<'_>, carried: &mut Carried) {
    let model = plan.firing.model;
    let mut named: Vec<String> = Vec::new();
    for keyword in [Keyword::Cmd, Keyword::Entrypoint, Keyword::Healthcheck] {
        let Some(step) = model.last(keyword) else {
            continue;
        };
        let separator = |c: char| c.is_whitespace() || "\"'`,=[]();&|<>".contains(c);
        let words = step.instruction.text.text.split(separator);
        let paths = words.filter(|word| word.len() > 1 && word.starts_with('/'));
        named.extend(paths.map(|path| resolve("/", path)));
    }
    for (at, step) in model.steps.iter().enumerate().take(plan.survey.last) {
        let Effect::Copy(copy) = &step.effect else {
            continue;
        };
        let brings = |path: &String| {
            let there = carried.paths.iter();
            lands_at(copy, path) && !there.into_iter().any(|copied| within(path, &copied.path))
        };
        if copy.from.is_none() && named.iter().any(brings) && !carried.repeated.contains(&at) {
            carried.repeated.push(at);
        }
    }
    carried.repeated.sort_unstable();
    for path in named.iter().filter(|path| *path != "/") {
        let there = |carried: &Carried| {
            let copied = carried
                .paths
                .iter()
                .any(|copied| within(path, &copied.path));
            let mut repeated = carried.repeated.iter();
            copied
                || repeated.any(|at| match &model.steps[*at].effect {
                    Effect::Copy(copy) => {
                        copy.dest.as_deref().is_none_or(|dest| within(path, dest))
                    }
                    _ => false,
                })
        };
        if there(carried) {
            continue;
        }
        let Some(from_build) = copied_below(plan, path) else {
            continue;
        };
        carried
            .paths
            .retain(|known| known.content || !within(&known.path, &from_build));
        carried.evidence.push(Evidence {
            text: format!("the start names `{path}`"),
            source: None,
        });
        carried.paths.push(Copied {
            path: from_build,
            content: false,
            after: plan.survey.last,
            chown: None,
        });
    }
}

/// What a copy from the build stage has to bring, so that a path is there which lies in a directory that a COPY of the
/// build context brings: the path itself where the context has it, else that directory.
fn copied_below(plan: &Plan<'_>, path: &str) -> Option<String> {
    let model = plan.firing.model;
    let steps = model.steps.iter().take(plan.survey.last);
    steps.rev().find_map(|step| {
        let Effect::Copy(copy) = &step.effect else {
            return None;
        };
        match copy.brings(path, plan.firing.context) {
            Ok(Some(_)) => Some(path.to_string()),
            Ok(None) => None,
            Err(_) => {
                let dest = copy.dest.as_deref()?;
                (dest != "/" && dest != path && within(path, dest)).then(|| dest.to_string())
            }
        }
    })
}

/// Whether a source of the COPY becomes the file at `path`.
fn lands_at(copy: &CopyModel, path: &str) -> bool {
    let Some(dest) = &copy.dest else {
        return false;
    };
    copy.sources.iter().any(|source| match copy.into {
        true => resolve(dest, name(source)) == path,
        false => dest == path,
    })
}
