//! The places that a command writes.

use super::Place;
use crate::model::path::{self, resolve};
use crate::model::state::State;
use crate::rule::{Known, Role};
use crate::shell::{Command, Script};
use std::borrow::Cow;

/// The places that a command writes: by the data, and by redirections.
pub(super) fn places(
    known: &Known<'_>,
    command: &Command,
    script: &Script,
    workdir: Option<&str>,
    state: &State,
) -> Vec<Place> {
    let mut places = Vec::new();
    let own = with_assignments(command, state);
    let special = known.line.writes_when.iter();
    let special = special.into_iter().find(|special| own.holds(&special.when));
    let writes = special.map_or(&known.line.writes, |special| &special.writes);
    for template in writes.iter().chain(&known.line.touches) {
        if template.contains('$') {
            let path = own
                .expand(template, '\\')
                .filter(|_| !sets_variable(script, template, command));
            places.push(path.map_or(Place::Anywhere, |path| place(&path, workdir, state)));
            continue;
        }
        match known.fill(template) {
            Some(paths) => places.extend(
                installed(known, &paths)
                    .unwrap_or(paths)
                    .iter()
                    .map(|path| place(path, workdir, state)),
            ),
            // What is named by an address with variables lies in the working directory all the same.
            None if template.ends_with(":stem>") || template.ends_with(":file>") => {
                places.push(place(".", workdir, state))
            }
            None => places.push(filled_with_variables(known, template, workdir, state)),
        }
    }
    for redirect in &command.redirects {
        if !redirect.operator.starts_with('>') && !redirect.operator.starts_with("&>") {
            continue;
        }
        let Some(target) = &redirect.target else {
            continue;
        };
        let value = target
            .value
            .clone()
            .or_else(|| state.expand(&target.raw, '\\'));
        match value.as_deref() {
            Some(path)
                if path.starts_with("/dev/")
                    || path.bytes().all(|b| b.is_ascii_digit() || b == b'-') => {}
            Some(path) => places.push(place(path, workdir, state)),
            None => places.push(Place::Anywhere),
        }
    }
    places
}

/// Whether all that is written is what package managers of the system read: where packages come from, and keys. The
/// commands that install from there need it before them.
pub fn for_package_manager(writes: &[Place]) -> bool {
    const SETTINGS: [&str; 6] = [
        "/etc/apk",
        "/etc/apt",
        "/etc/pki/rpm-gpg",
        "/etc/yum.repos.d",
        "/etc/zypp",
        "/usr/share/keyrings",
    ];
    let settings = |place: &Place| match place {
        Place::Path(path) => SETTINGS.iter().any(|known| path::within(path, known)),
        _ => false,
    };
    !writes.is_empty() && writes.iter().all(settings)
}

/// The files that `cp a b /usr/local/bin/` makes in a directory: those of the names that it copies. `None` where the
/// names, or whether it is a directory, are not known.
fn installed(known: &Known<'_>, targets: &[String]) -> Option<Vec<String>> {
    let [target] = targets else { return None };
    let sources = known.fill(known.line.installs.as_ref()?)?;
    let directory = target.trim_end_matches('/');
    let collects = ["bin", "sbin", "lib"].contains(&path::name(directory));
    if !(target.ends_with('/') || collects) || directory.is_empty() {
        return None;
    }
    sources
        .iter()
        .map(|source| {
            let name = path::name(source);
            let plain =
                !name.is_empty() && name != "." && name != ".." && !name.contains(['*', '?', '[']);
            plain.then(|| format!("{directory}/{name}"))
        })
        .collect()
}

/// The state with the variables that stand before a command (`GOBIN=/bin go install`).
fn with_assignments<'s>(command: &Command, state: &'s State) -> Cow<'s, State> {
    if command.assignments.is_empty() {
        return Cow::Borrowed(state);
    }
    let mut state = state.clone();
    let own = command.assignments.iter().map(|assignment| {
        let value = assignment.value.value.clone();
        let value = value.or_else(|| state.expand(&assignment.value.raw, '\\'));
        (assignment.name.clone(), value)
    });
    let own: Vec<_> = own.collect();
    std::sync::Arc::make_mut(&mut state.env).extend(own);
    Cow::Owned(state)
}

/// Whether another command of the script sets a variable that the template uses.
fn sets_variable(script: &Script, template: &str, but: &Command) -> bool {
    let others = script
        .commands
        .iter()
        .filter(|command| command.span != but.span);
    let words = others.flat_map(|command| {
        let exported = command
            .words
            .iter()
            .filter(|word| word.raw.contains('='))
            .map(|word| word.raw.as_str());
        exported.chain(
            command
                .assignments
                .iter()
                .map(|assignment| assignment.name.as_str()),
        )
    });
    let mut names = words.map(|word| word.split('=').next().unwrap_or(word));
    names.any(|name| !name.is_empty() && crate::model::stage::mentions(template, name))
}

/// A template whose captured words have variables that the state may know.
fn filled_with_variables(
    known: &Known<'_>,
    template: &str,
    workdir: Option<&str>,
    state: &State,
) -> Place {
    let name = template
        .trim_start_matches('<')
        .trim_end_matches('>')
        .trim_end_matches("...");
    let text = known
        .captures
        .get(name)
        .and_then(|words| words.first())
        .and_then(|word| state.expand(&word.text, '\\'));
    match text {
        Some(path) if template.starts_with('<') && template.ends_with('>') => {
            place(&path, workdir, state)
        }
        _ => beginning(known, name, workdir),
    }
}

/// The folder of a path whose rest is not known: `plugins/$name.so`.
fn beginning(known: &Known<'_>, name: &str, workdir: Option<&str>) -> Place {
    let word = known.captures.get(name).and_then(|words| words.first());
    let raw = word.map_or("", |word| word.text.trim_start_matches('"'));
    let folder = raw
        .split_once('$')
        .and_then(|(fixed, _)| fixed.rsplit_once('/'))
        .map(|(folder, _)| folder.trim_start_matches("./"));
    let rests = raw
        .split_once('$')
        .is_some_and(|(_, rest)| rest.contains(".."));
    match (folder, workdir) {
        (Some(folder), Some(workdir))
            if known.line.role == Role::Build
                && !rests
                && !folder.is_empty()
                && !folder.starts_with(['/', '~', '.']) =>
        {
            Place::Path(resolve(workdir, folder))
        }
        _ => Place::Anywhere,
    }
}

/// A path of a command's data, seen from the directory that the command runs in.
pub fn place(path: &str, workdir: Option<&str>, state: &State) -> Place {
    // `pip install -e .[test]`: what stands in brackets is no part of the path.
    let path = match path.split_once('[') {
        Some((path, extras))
            if extras.ends_with(']') && !path.ends_with('/') && !path.is_empty() =>
        {
            path
        }
        _ => path,
    };
    match (path, workdir) {
        (named, _) if named.starts_with('@') => Place::Named(named.to_string()),
        ("/", _) => Place::Anywhere,
        (".", Some(workdir)) => Place::Below(workdir.to_string()),
        (path, _) if path.starts_with("~/") => Place::Path(resolve(&state.home(), &path[2..])),
        (path, _) if path.starts_with('/') => Place::Path(resolve("/", path)),
        (path, Some(workdir)) => match path.strip_suffix("/.") {
            Some(directory) => Place::Below(resolve(workdir, directory)),
            None => Place::Path(resolve(workdir, path)),
        },
        (_, None) => Place::Anywhere,
    }
}
