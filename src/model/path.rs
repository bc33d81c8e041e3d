//! Absolute paths inside an image: plain text, `/` between the parts.

/// `path` seen from `directory`, with `.` and `..` resolved; always absolute, never with a `/` at the end but for
/// the root.
pub fn resolve(directory: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let start = if path.starts_with('/') { "" } else { directory };
    for part in start.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// Whether `path` is `directory` or lies below it.
pub fn within(path: &str, directory: &str) -> bool {
    directory == "/"
        || path == directory
        || path
            .strip_prefix(directory)
            .is_some_and(|rest| rest.starts_with('/'))
}

/// The part of `path` after `directory`, without a leading `/`; `None` where it does not lie within.
pub fn below<'a>(path: &'a str, directory: &str) -> Option<&'a str> {
    if directory == "/" {
        return path.strip_prefix('/');
    }
    let rest = path.strip_prefix(directory)?;
    if rest.is_empty() {
        Some("")
    } else {
        rest.strip_prefix('/')
    }
}

/// The folder of a path; the root for the root.
pub fn parent(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(at) => &path[..at],
    }
}

/// The last part of a path.
pub fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A path as one writes it in an instruction that runs in `directory`: `./x` where it lies below, else absolute.
pub fn written(path: &str, directory: Option<&str>) -> String {
    match directory.and_then(|directory| below(path, directory)) {
        Some("") => "./".to_string(),
        Some(rest) if directory != Some("/") => format!("./{rest}"),
        _ => path.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_resolved() {
        assert_eq!(resolve("/app", "./dist/../x"), "/app/x");
        assert_eq!(resolve("/app", "/x//y/"), "/x/y");
        assert_eq!(resolve("/", "../.."), "/");
        assert_eq!(below("/app/dist", "/app"), Some("dist"));
        assert_eq!(below("/application", "/app"), None);
        assert!(within("/app", "/app") && within("/a", "/") && !within("/ab", "/a"));
        assert_eq!(written("/app/dist", Some("/app")), "./dist");
        assert_eq!(written("/server", Some("/app")), "/server");
        assert_eq!(written("/server", Some("/")), "/server");
    }
}
