//! Files that the start names as arguments: settings that a program gets on its command line.

use super::Plan;
use super::carry::Carried;
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
