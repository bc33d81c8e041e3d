//! What a RUN downloads for its own later commands.

use crate::model::path::resolve;
use crate::model::{CommandModel, Place, RunModel, for_package_manager};
use crate::rule::Role;
use crate::shell::Word;

/// Whether a command downloads what a later one of the same RUN installs packages of the system from: a package in a
/// file, or a key.
pub fn feeds_packages(run: &RunModel<'_>, command: &CommandModel<'_>) -> bool {
    let mut later = run
        .commands
        .iter()
        .filter(|later| later.index > command.index);
    let reads = |later: &CommandModel<'_>| {
        command.writes.iter().any(|place| match place {
            Place::Path(path) => names(run, later, path),
            Place::Below(_) => installs_file(run, later),
            _ => false,
        })
    };
    let prepares = |later: &CommandModel<'_>| match later.role {
        Some(Role::Packages) => true,
        Some(Role::Setup) => for_package_manager(&later.writes),
        _ => false,
    };
    command.role == Some(Role::Fetch) && later.any(|later| prepares(later) && reads(later))
}

/// Whether a command installs a package of the system from a file.
pub fn installs_file(run: &RunModel<'_>, command: &CommandModel<'_>) -> bool {
    let mut words = run.command(command).words.iter().skip(1);
    let file = |word: &Word| {
        let raw = word.raw.trim_matches(['"', '\'']);
        [".deb", ".rpm", ".apk"]
            .iter()
            .any(|end| raw.ends_with(end))
    };
    command.role == Some(Role::Packages) && words.any(file)
}

/// Whether a word of a command is the path of a file, from where the command runs.
pub fn names(run: &RunModel<'_>, command: &CommandModel<'_>, path: &str) -> bool {
    let workdir = command.workdir.as_deref().unwrap_or("/");
    let words = &run.command(command).words;
    let program = words.first().and_then(|word| word.value.as_deref());
    // What is only said is not read.
    let says = matches!(program, Some("echo" | "printf"));
    let mut words = words.iter().skip(1);
    !says
        && words.any(|word| {
            let value = word.value.as_deref();
            value.is_some_and(|value| resolve(workdir, value) == path)
        })
}
