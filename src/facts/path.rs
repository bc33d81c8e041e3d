//! Paths of the build context: relative to its root, with `/`, without `.` and `..`.

/// The path in its normal form (`""` is the root), or `None` if it leads out of the context.
///
/// A leading `/` is the root of the context, as in a COPY source.
///
/// ```
/// use dockopt::facts::path::normalize;
/// assert_eq!(normalize("./src//a/../b/"), Some("src/b".to_string()));
/// assert_eq!(normalize("."), Some(String::new()));
/// assert_eq!(normalize("../x"), None);
/// ```
pub fn normalize(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            other => parts.push(other),
        }
    }
    Some(parts.join("/"))
}

/// `dir/name`, where an empty `dir` is the root.
pub fn join(dir: &str, name: &str) -> String {
    if dir.is_empty() {
        name.to_string()
    } else {
        format!("{dir}/{name}")
    }
}

/// The directory of a path (`""` for the root).
pub fn parent(path: &str) -> &str {
    path.rfind('/').map_or("", |at| &path[..at])
}

/// Go's `path.Clean`: the shortest equal path, by text alone.
pub(crate) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            other => parts.push(other),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_string(),
        (false, false) => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn clean_gives_the_shortest_equal_path() {
        let cases = [
            ("", "."),
            ("a//b/", "a/b"),
            ("./a/./b", "a/b"),
            ("a/../..", ".."),
            ("../../a/..", "../.."),
            ("/../a", "/a"),
            ("/", "/"),
            ("!a/../..", ".."),
            ("!../..", "."),
        ];
        for (given, expected) in cases {
            assert_eq!(clean(given), expected, "{given}");
        }
    }
}
