//! What other stages take of the one that `branch` divides.

use crate::engine::verbs::Firing;
use crate::model::path::{below, name, resolve, within};
use crate::syntax::{Data, Dockerfile, Flag, Instruction};

/// A COPY of another stage that takes the libraries.
pub(super) struct Use<'f> {
    /// Its index in the file.
    pub index: usize,
    /// Its `--from`.
    pub flag: &'f Flag,
    /// Where it takes a folder that they lie in: each of them, and where it lands, as one writes it in that stage.
    pub around: Option<Vec<(String, String)>>,
}

/// What other stages copy of the libraries. Nothing where one copies them together with something else that it names,
/// where another use of the stage may, or where nobody copies them.
pub(super) fn copies<'f>(firing: &Firing<'f>, libraries: &[String]) -> Option<Vec<Use<'f>>> {
    let file: &'f Dockerfile = firing.model.file;
    let own = firing.model.stage;
    let mut found = Vec::new();
    for stage in 0..file.stages.len() {
        if stage != own && file.base_stage(stage) == Some(own) {
            return None;
        }
        for index in file.stages[stage].from + 1..file.stages[stage].end {
            let instruction = &file.instructions[index];
            if uses_by_mount(file, instruction, stage, own) {
                return None;
            }
            let Some(flag) = instruction.flag("from") else {
                continue;
            };
            let name = flag.value.as_deref()?;
            // Numbers of stages would be others.
            if name.contains('$') || name.parse::<usize>().is_ok() {
                return None;
            }
            if file.stage_by_name(name, stage) != Some(own) {
                continue;
            }
            let around = match takes(instruction, libraries)? {
                Takes::Nothing => continue,
                Takes::Libraries => None,
                Takes::Around(lands) => Some(lands),
            };
            found.push(Use {
                index,
                flag,
                around,
            });
        }
    }
    (!found.is_empty()).then_some(found)
}

/// The paths and patterns that other stages copy from this one; nothing where one of them cannot be read.
pub(super) fn sources(firing: &Firing<'_>) -> Option<Vec<String>> {
    let file = firing.model.file;
    let mut found = Vec::new();
    for stage in firing.model.stage + 1..file.stages.len() {
        for instruction in &file.instructions[file.stages[stage].from..file.stages[stage].end] {
            let from = instruction.flag_value("from");
            if from.and_then(|name| file.stage_by_name(name, stage)) != Some(firing.model.stage) {
                continue;
            }
            let Data::Transfer { sources, .. } = &instruction.data else {
                continue;
            };
            for source in sources {
                let text = source.value.as_deref().filter(|text| !text.contains('$'))?;
                found.push(resolve("/", text));
            }
        }
    }
    Some(found)
}

/// What a COPY from the stage takes of the libraries.
enum Takes {
    Nothing,
    /// Them, or a part of them, alone.
    Libraries,
    /// A folder that they lie in: each of them, and where it lands.
    Around(Vec<(String, String)>),
}

/// What a COPY takes of the libraries; nothing where nobody can say, or where it names them beside other paths.
fn takes(copy: &Instruction, libraries: &[String]) -> Option<Takes> {
    let Data::Transfer { sources, dest, .. } = &copy.data else {
        return None;
    };
    let mut inside = Vec::new();
    for source in sources {
        let text = source.value.as_deref().filter(|text| !text.contains('$'))?;
        let pattern = text.find(['*', '?', '[']);
        let fixed = match pattern {
            Some(at) => text[..at].rsplit_once('/').map_or("/", |(above, _)| above),
            None => text,
        };
        let path = resolve("/", fixed);
        inside.push(libraries.iter().any(|known| within(&path, known)));
        if inside.last() == Some(&true) || !libraries.iter().any(|known| within(known, &path)) {
            continue;
        }
        if pattern.is_some() {
            if beside(text, &path, libraries) {
                continue;
            }
            return None;
        }
        let dest = dest.value.as_deref().filter(|dest| !dest.contains('$'))?;
        let dest = dest.trim_end_matches('/');
        let plain = |text: &str| !text.contains(char::is_whitespace);
        let held = libraries.iter().filter(|known| within(known, &path));
        let lands = held.clone().map(|known| {
            let rest = below(known, &path).unwrap_or("");
            (known.clone(), format!("{dest}/{rest}"))
        });
        let alone = sources.len() == 1
            && held.clone().all(|known| plain(known))
            && plain(dest)
            && copy.flag("exclude").is_none()
            && copy.flag("parents").is_none();
        return alone.then(|| Takes::Around(lands.collect()));
    }
    match (inside.contains(&true), inside.contains(&false)) {
        (true, true) => None,
        (true, false) => Some(Takes::Libraries),
        (false, _) => Some(Takes::Nothing),
    }
}

/// Whether a pattern in the folder of the libraries matches none of them: `/app/package*.json`.
fn beside(pattern: &str, folder: &str, libraries: &[String]) -> bool {
    let last = pattern.rsplit('/').next().unwrap_or(pattern);
    let begin = last.split(['*', '?', '[']).next().unwrap_or("");
    libraries.iter().all(|known| {
        let apart = !begin.is_empty() && !name(known).starts_with(begin);
        apart && crate::model::path::parent(known) == folder
    })
}

/// Whether a mount of a RUN is of the stage, or nobody can say.
fn uses_by_mount(file: &Dockerfile, instruction: &Instruction, stage: usize, own: usize) -> bool {
    let mut mounts = instruction.flags_named("mount");
    mounts.any(|mount| {
        mount.option(&["from"]).is_some_and(|name| {
            name.contains('$')
                || name.parse::<usize>().is_ok()
                || file.stage_by_name(name, stage) == Some(own)
        })
    })
}
