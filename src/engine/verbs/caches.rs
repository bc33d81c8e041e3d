//! What a cache mount takes out of a stage: the files below its target are in the layer no more.

use super::{Firing, Stop};
use crate::model::path::{resolve, within};
use crate::syntax::{Data, Dockerfile, Instruction};

/// Refuses a flag that mounts a cache whose files another stage takes, by COPY or by a mount of its own.
pub fn refuse_taken(firing: &Firing<'_>, flag: &str) -> Result<(), Stop> {
    let Some(target) = cache_target(flag) else {
        return Ok(());
    };
    let file = firing.model.file;
    let own = firing.model.stage;
    let stages = own + 1..file.stages.len();
    let reads = stages.into_iter().any(|stage| {
        let range = file.stages[stage].from + 1..file.stages[stage].end;
        file.instructions[range]
            .iter()
            .any(|instruction| takes(file, stage, instruction, own, target))
    });
    match reads {
        false => Ok(()),
        true => Err(firing.stop(
            firing.from(),
            "unknown",
            format!(
                "another stage copies `{target}` from this one, where a cache mount leaves nothing"
            ),
            "let this stage build what needs the files",
        )),
    }
}

/// The target of a flag that mounts a cache.
fn cache_target(flag: &str) -> Option<&str> {
    let options = flag.strip_prefix("--mount=")?;
    let cache = options.split(',').any(|part| part == "type=cache");
    let mut values = options.split(',').filter_map(|part| part.split_once('='));
    values
        .find(|(name, _)| cache && *name == "target")
        .map(|(_, path)| path)
}

/// Whether an instruction takes files from below `target` of the stage `own`, or may.
fn takes(
    file: &Dockerfile,
    stage: usize,
    instruction: &Instruction,
    own: usize,
    target: &str,
) -> bool {
    let of_own = |name: &str| name.contains('$') || file.stage_by_name(name, stage) == Some(own);
    let meets = |path: &str| {
        let path = resolve("/", path.trim_matches('"'));
        path.contains('$') || path != "/" && (within(&path, target) || within(target, &path))
    };
    let copies = instruction.flag_value("from").is_some_and(of_own)
        && match &instruction.data {
            Data::Transfer { sources, .. } => sources.iter().any(|source| meets(source.text())),
            _ => false,
        };
    let mounts = instruction.flags_named("mount").any(|flag| {
        flag.option(&["from"]).is_some_and(of_own)
            && meets(flag.option(&["source", "src"]).unwrap_or("/"))
    });
    copies || mounts
}
