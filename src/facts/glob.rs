//! COPY sources with wildcards, over any [`Context`].

use std::sync::Arc;

use super::{Context, Entry, Tri, go_match, path};

pub(super) fn outside<T>(path: &str) -> Tri<T> {
    Tri::Unknown(format!("`{path}` is outside the build context"))
}

/// [`Context::matches`].
pub(super) fn matches<C: Context + ?Sized>(
    context: &C,
    pattern: &str,
) -> Tri<Vec<(String, Entry)>> {
    let Some(pattern) = path::normalize(pattern) else {
        return outside(pattern);
    };
    if !go_match::has_wildcard(&pattern) {
        return context.entry(&pattern).map(|entry| vec![(pattern, entry)]);
    }
    // The elements before the first wildcard are a plain path (links in it are followed); below it
    // BuildKit walks the tree, which follows none.
    let parts: Vec<&str> = pattern.split('/').collect();
    let fixed = parts
        .iter()
        .take_while(|part| !go_match::has_wildcard(part))
        .count();
    walk(context, parts[..fixed].join("/"), &parts[fixed..])
}

/// What matches the wildcards of `parts`, one directory level each, below the directory `base`.
pub(super) fn walk<C: Context + ?Sized>(
    context: &C,
    base: String,
    parts: &[&str],
) -> Tri<Vec<(String, Entry)>> {
    match context.entry(&base) {
        Tri::Present(Entry::Directory) => {}
        Tri::Present(_) | Tri::Absent => return Tri::Absent,
        Tri::Unknown(reason) => return Tri::Unknown(reason),
    }
    let mut level = vec![(base, Entry::Directory)];
    for part in parts {
        // A malformed pattern is one whatever it is compared with.
        if let Err(error) = go_match::matches(part, "") {
            return Tri::Unknown(format!("`{part}`: {error}"));
        }
        let plain = part.find(['*', '?', '[', '\\']).unwrap_or(part.len());
        let plain = &part[..plain];
        let mut next = Vec::new();
        for (dir, _) in level
            .into_iter()
            .filter(|(_, entry)| *entry == Entry::Directory)
        {
            let names = match context.names(&dir) {
                Tri::Present(names) => names,
                Tri::Absent => continue,
                Tri::Unknown(reason) => return Tri::Unknown(reason),
            };
            for name in with_prefix(&names, plain) {
                match go_match::matches(part, name) {
                    Ok(true) => {}
                    Ok(false) => continue,
                    Err(error) => return Tri::Unknown(format!("`{part}`: {error}")),
                }
                let path = path::join(&dir, name);
                match context.entry(&path) {
                    Tri::Present(entry) => next.push((path, entry)),
                    Tri::Absent => {}
                    Tri::Unknown(reason) => return Tri::Unknown(reason),
                }
            }
        }
        level = next;
    }
    if level.is_empty() {
        return Tri::Absent;
    }
    level.sort_by(|a, b| a.0.cmp(&b.0));
    Tri::Present(level)
}

/// [`Context::files_below`].
pub(super) fn files_below<C: Context + ?Sized>(context: &C, dir: &str) -> Tri<Vec<String>> {
    let Some(dir) = path::normalize(dir) else {
        return outside(dir);
    };
    match context.entry(&dir) {
        Tri::Present(Entry::Directory) => {}
        Tri::Present(_) | Tri::Absent => return Tri::Absent,
        Tri::Unknown(reason) => return Tri::Unknown(reason),
    }
    match context.files() {
        Ok(files) => Tri::Present(below(&files, &dir).to_vec()),
        Err(reason) => Tri::Unknown(reason),
    }
}

/// [`Context::names`] from the list of all files, for contexts that have nothing quicker.
pub(super) fn names_by_list<C: Context + ?Sized>(context: &C, dir: &str) -> Tri<Arc<[String]>> {
    let Some(dir) = path::normalize(dir) else {
        return outside(dir);
    };
    match context.entry(&dir) {
        Tri::Present(Entry::Directory) => {}
        Tri::Present(_) | Tri::Absent => return Tri::Absent,
        Tri::Unknown(reason) => return Tri::Unknown(reason),
    }
    let files = match context.files() {
        Ok(files) => files,
        Err(reason) => return Tri::Unknown(reason),
    };
    let skip = if dir.is_empty() { 0 } else { dir.len() + 1 };
    let mut names: Vec<&str> = below(&files, &dir)
        .iter()
        .map(|file| first_element(&file[skip..]))
        .collect();
    names.sort_unstable();
    names.dedup();
    Tri::Present(names.into_iter().map(str::to_string).collect())
}

/// Those of a sorted list that begin so.
fn with_prefix<'a>(names: &'a [String], prefix: &str) -> &'a [String] {
    let start = names.partition_point(|name| name.as_str() < prefix);
    let length = names[start..].partition_point(|name| name.starts_with(prefix));
    &names[start..start + length]
}

/// What stands before the first `/`.
pub(super) fn first_element(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

/// The part of a sorted list of paths that lies below `dir`.
pub(super) fn below<'a>(files: &'a [String], dir: &str) -> &'a [String] {
    if dir.is_empty() {
        return files;
    }
    with_prefix(files, &format!("{dir}/"))
}
