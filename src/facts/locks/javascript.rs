//! Lock files of npm, yarn, pnpm and Bun.

use super::{Entry, lines, opens, quoted};

/// `package-lock.json` of all versions: keys are paths below `node_modules`, or names before a `version`.
pub(super) fn npm<'t>(text: &'t str, found: &mut dyn FnMut(Entry<'t>)) {
    // The last key that opened an object, on its line: a name only if a version follows.
    let mut opened: Option<(&str, usize)> = None;
    let mut inner = 0;
    let (mut optional, mut peer) = (false, false);
    for (number, indent, rest) in lines(text) {
        if let Some((name, line)) = opened.take()
            && let Some(name) =
                below_modules(name).or_else(|| rest.starts_with("\"version\":").then_some(name))
        {
            found(Entry::Package(name, line));
            (optional, peer) = (false, false);
            inner = indent;
        }
        if rest.ends_with('{') {
            opened = opens(rest, '{').map(|key| (key, number));
        } else if indent == inner && rest.starts_with('"') {
            match rest.trim_end_matches(',') {
                "\"dev\": true" => found(Entry::Development(true)),
                "\"optional\": true" => optional = true,
                "\"peer\": true" => peer = true,
                _ => continue,
            }
            // Nothing asks for it but who could do without it.
            if optional && peer {
                found(Entry::Development(true));
            }
        }
    }
}

/// The name at the end of a path like `node_modules/a/node_modules/@scope/name`.
fn below_modules(path: &str) -> Option<&str> {
    // Most have but one such folder.
    let name = path.strip_prefix("node_modules/").or_else(|| {
        let folder = path.contains('/').then(|| path.rfind("/node_modules/"));
        folder?.map(|at| &path[at + "/node_modules/".len()..])
    })?;
    match name.bytes().filter(|byte| *byte == b'/').count() {
        0 => Some(name),
        _ => name.rsplit("node_modules/").next(),
    }
}

/// `yarn.lock`: a package on a line of its own, what it asks for below it.
pub(super) fn yarn<'t>(text: &'t str, found: &mut dyn FnMut(Entry<'t>)) {
    let mut asks = false;
    for (number, indent, rest) in lines(text) {
        match indent {
            0 if rest.ends_with(':') && !rest.starts_with('#') => {
                if let Some(name) = before_version(rest.trim_start_matches('"')) {
                    found(Entry::Package(name, number));
                }
                asks = false;
            }
            2 => asks = matches!(rest, "dependencies:" | "optionalDependencies:"),
            4 if asks => {
                let name = match rest.strip_prefix('"') {
                    Some(quoted) => quoted.split('"').next(),
                    None => rest.split([' ', ':']).next(),
                };
                found(Entry::Asks(name.unwrap_or(rest)));
            }
            _ => {}
        }
    }
}

/// `pnpm-lock.yaml`: `/name/1.0.0`, `/name@1.0.0` or `name@1.0.0` below `packages` and `snapshots`.
pub(super) fn pnpm<'t>(text: &'t str, found: &mut dyn FnMut(Entry<'t>)) {
    let mut packages = false;
    let mut asks = false;
    for (number, indent, rest) in lines(text) {
        match indent {
            _ if rest.is_empty() => {}
            0 => packages = matches!(rest, "packages:" | "snapshots:"),
            _ if !packages => {}
            2 => {
                asks = false;
                let name = of_path(rest.trim_start_matches(['\'', '"', '/']));
                found(Entry::Package(name, number));
            }
            4 => {
                asks = matches!(rest, "dependencies:" | "optionalDependencies:");
                match rest {
                    "dev: true" => found(Entry::Development(true)),
                    "dev: false" => found(Entry::Development(false)),
                    _ => {}
                }
            }
            6 if asks => {
                let (name, version) = rest.split_once(": ").unwrap_or((rest, ""));
                found(Entry::Asks(name.trim_matches(['\'', '"'])));
                // Another name for a package: `string-width-cjs: string-width@4.2.3`.
                let version = version.trim_matches(['\'', '"']);
                if let Some(name) = before_version(version)
                    && !name.starts_with(|first: char| first.is_ascii_digit())
                {
                    found(Entry::Asks(name));
                }
            }
            _ => {}
        }
    }
}

/// `bun.lock`: `"name": ["name@1.0.0", "", { "dependencies": { … } }, "sha512-…"],`.
pub(super) fn bun<'t>(text: &'t str, found: &mut dyn FnMut(Entry<'t>)) {
    let mut packages = false;
    for (number, indent, rest) in lines(text) {
        if indent == 2 {
            packages = opens(rest, '{') == Some("packages");
        }
        if !packages || indent != 4 {
            continue;
        }
        let Some(name) = rest.split_once('[').and_then(|(_, value)| quoted(value)) else {
            continue;
        };
        found(Entry::Package(before_version(name).unwrap_or(name), number));
        for section in ["\"dependencies\": {", "\"optionalDependencies\": {"] {
            let Some((_, list)) = rest.split_once(section) else {
                continue;
            };
            let list = list.split('}').next().unwrap_or(list);
            for pair in list.split(", ") {
                if let Some(name) = quoted(pair) {
                    found(Entry::Asks(name));
                }
            }
        }
    }
}

/// What stands before the `@` of a version, which is not that of a scope.
fn before_version(text: &str) -> Option<&str> {
    let at = text.get(1..)?.find('@')?;
    text.get(..=at)
}

/// The name before the version of a path: `name/1.0.0`, `name@1.0.0(peer@2.0.0)`, `@scope/name@1.0.0`.
fn of_path(path: &str) -> &str {
    let start = match path.starts_with('@') {
        true => path.find('/').map_or(path.len(), |slash| slash + 1),
        false => 0,
    };
    let end = path[start..].find(['@', '/']);
    end.map_or(path, |end| &path[..start + end])
}
