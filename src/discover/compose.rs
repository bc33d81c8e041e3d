//! What compose files say about builds: <https://docs.docker.com/reference/compose-file/build/>.

use std::fs;
use std::path::{Component, Path, PathBuf};

use super::Job;
use crate::facts::compose::resolved;
use crate::facts::reader::{Format, Kind, Node, parse};

/// A compose file is a few kilobytes; a larger one is passed over.
const MAX_SIZE: u64 = 1 << 20;

/// The builds that a compose file describes, as far as they lie in `folder` and exist.
pub(super) fn jobs(folder: &Path, file: &Path) -> Vec<Job> {
    let text = match fs::metadata(file) {
        Ok(metadata) if metadata.len() <= MAX_SIZE => fs::read_to_string(file).ok(),
        _ => None,
    };
    let Some(Ok(tree)) = text.map(|text| parse(&text, Format::Yaml)) else {
        return Vec::new();
    };
    let Some(Kind::Map(services)) = tree.get("services").map(|services| &services.kind) else {
        return Vec::new();
    };
    services
        .iter()
        .filter_map(|(_, service)| job(folder, file, service.get("build")?))
        .collect()
}

fn job(folder: &Path, file: &Path, build: &Node) -> Option<Job> {
    let text = |key: &str| {
        build
            .get(key)
            .map_or(Some(None), |node| resolved(node.scalar()?).map(Some))
    };
    let (context, dockerfile, target) = match build.scalar() {
        Some(context) => (Some(resolved(context)?), None, None),
        // The Dockerfile stands in the compose file itself.
        None if build.get("dockerfile_inline").is_some() => return None,
        None => (
            text("context")?,
            text("dockerfile")?,
            text("target").flatten(),
        ),
    };
    let context = context.unwrap_or_else(|| ".".to_string());
    if is_remote(&context) {
        return None;
    }
    let context = inside(folder, file.parent()?, &context)?;
    let dockerfile = inside(
        folder,
        &context,
        dockerfile.as_deref().unwrap_or("Dockerfile"),
    )?;
    (context.is_dir() && dockerfile.is_file()).then(|| Job {
        dockerfile,
        context,
        target,
        compose: Some(file.to_path_buf()),
    })
}

/// `base/path` without dots, if it lies in `folder`, links followed.
fn inside(folder: &Path, base: &Path, path: &str) -> Option<PathBuf> {
    let below = base.strip_prefix(folder).ok()?;
    let mut parts: Vec<Component> = Vec::new();
    for part in below.components().chain(Path::new(path).components()) {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop()?;
            }
            Component::Normal(_) => parts.push(part),
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    let joined = if parts.is_empty() {
        folder.to_path_buf()
    } else {
        folder.join(parts.iter().collect::<PathBuf>())
    };
    let real = joined.canonicalize().ok()?;
    real.starts_with(folder.canonicalize().ok()?)
        .then_some(joined)
}

fn is_remote(context: &str) -> bool {
    context.contains("://") || context.starts_with("git@") || context.starts_with("github.com/")
}
