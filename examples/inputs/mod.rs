//! Build contexts of which only a list and some files are at hand.

use dockopt::facts::MemoryContext;
use std::path::Path;

/// A context of listed paths, with the content of those files that are at hand.
pub fn listed(folder: &Path, tree: &Path) -> MemoryContext {
    let paths = std::fs::read_to_string(tree).unwrap_or_default();
    let read = |path: &str| {
        Some((
            path.to_string(),
            std::fs::read_to_string(folder.join(path)).ok()?,
        ))
    };
    let context: MemoryContext = paths.lines().filter_map(read).collect();
    context.with_paths(paths.lines())
}
