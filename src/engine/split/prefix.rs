//! Where `make install` and its kin put files: below the prefix that the sources were configured with.

use super::Plan;
use crate::engine::verbs::Stop;
use crate::model::path::{resolve, within};
use crate::model::{CommandModel, Effect, RunModel, Step};
use crate::rule::document::OccupiedDocument;
use crate::shell::Command;

/// What is used where no prefix is given (GNU coding standards, CMake, Meson).
const USUAL: &str = "/usr/local";

/// Directories of the system that an installation must not be mixed with.
const SYSTEM: [&str; 8] = ["/", "/usr", "/bin", "/sbin", "/lib", "/etc", "/opt", "/var"];

/// Options of `configure` that scripts before it pass on, by their beginning.
const STANDARD: [&str; 12] = [
    "--prefix",
    "--enable-",
    "--disable-",
    "--with-",
    "--without-",
    "--host",
    "--build",
    "--target",
    "--quiet",
    "--silent",
    "--no-configure",
    "--noconfigure",
];

/// The directory below which an installation puts its files.
pub fn prefix(
    plan: &Plan<'_>,
    step: &Step<'_>,
    run: &RunModel<'_>,
    command: &CommandModel<'_>,
) -> Result<String, Stop> {
    let install = run.command(command);
    let stop = |message: String| {
        Stop {
        offset: install.span.start,
        reason: "writes",
        message,
        allow: "configure it with a prefix of its own (`./configure --prefix=/opt/NAME`), or write `# dockopt: both` above the RUN if the runtime needs what it makes, `# dockopt: build` if it needs nothing of it".into(),
    }
    };
    let named = words(install, step).find_map(|(name, value)| {
        let names = [
            "PREFIX",
            "prefix",
            "DESTDIR",
            "--prefix",
            "INSTALL_ROOT",
            "INSTALL_PREFIX",
        ];
        names.contains(&name.as_str()).then_some(value)
    });
    let configured = match named {
        Some(value) => Some(value),
        None => match configure(plan, step, run, command) {
            Some((configure, state)) => Some(configured(configure, state).map_err(|option| {
                stop(format!("`{}` installs into directories of the system (`{option}`), so nobody can say which files the runtime needs", shown(install)))
            })?),
            None => None,
        },
    };
    let Some(prefix) = configured else {
        return Err(stop(format!(
            "nothing in the Dockerfile says where `{}` puts its files",
            shown(install)
        )));
    };
    let prefix = resolve(command.workdir.as_deref().unwrap_or("/"), &prefix);
    if SYSTEM.contains(&prefix.as_str()) || prefix.contains('$') {
        return Err(stop(format!(
            "`{}` puts files among the system's below `{prefix}`, so nobody can say which of them the runtime needs",
            shown(install)
        )));
    }
    let base = plan.firing.model.base.name.as_str();
    let fills = |occupied: &OccupiedDocument| {
        occupied.paths.contains(&prefix) && occupied.base.iter().any(|name| name == base)
    };
    if plan.verb.occupied.iter().any(fills) {
        return Err(stop(format!(
            "`{}` puts files among those of `{base}` below `{prefix}`, so nobody can say which of them the runtime needs",
            shown(install)
        )));
    }
    Ok(prefix)
}

/// The command that configured the sources: the last one before, in the same RUN or an earlier one.
fn configure<'p>(
    plan: &'p Plan<'_>,
    step: &'p Step<'_>,
    run: &'p RunModel<'_>,
    command: &CommandModel<'_>,
) -> Option<(&'p Command, &'p Step<'p>)> {
    let same = run.script.commands[..command.index]
        .iter()
        .rev()
        .find(|command| is_configure(command));
    if let Some(found) = same {
        return Some((found, step));
    }
    let before = plan.firing.model.steps.iter().rev();
    before
        .filter(|other| other.index < step.index)
        .find_map(|other| match &other.effect {
            Effect::Run(run) => {
                let found = run
                    .script
                    .commands
                    .iter()
                    .rev()
                    .find(|command| is_configure(command));
                found.map(|found| (found, other))
            }
            _ => None,
        })
}

fn is_configure(command: &Command) -> bool {
    let word = |at: usize| command.words.get(at).and_then(|word| word.value.as_deref());
    let program = word(0).unwrap_or("").rsplit('/').next().unwrap_or("");
    match program {
        "configure" | "config" | "Configure" | "autogen.sh" | "bootstrap.sh" => true,
        "cmake" | "cmake3" => !matches!(word(1), Some("--build" | "--install" | "-E")),
        "meson" => !matches!(word(1), Some("compile" | "install" | "test")),
        _ => false,
    }
}

/// The prefix that a configuring command gives; the error is an option that leads elsewhere.
fn configured(command: &Command, step: &Step<'_>) -> Result<String, String> {
    let mut prefix = USUAL.to_string();
    let mut others = Vec::new();
    // A script of the project's own has options of its own: `./autogen.sh --system`.
    let literal = |at: usize| command.words.get(at).and_then(|word| word.value.as_deref());
    let script = literal(0).is_some_and(|program| program.ends_with(".sh"));
    let own = |word: &&str| {
        word.starts_with('-') && !STANDARD.iter().any(|known| word.starts_with(known))
    };
    if let Some(option) = (1..command.words.len())
        .filter_map(literal)
        .find(own)
        .filter(|_| script)
    {
        return Err(option.to_string());
    }
    for (name, value) in words(command, step) {
        match name.as_str() {
            "--prefix"
            | "-DCMAKE_INSTALL_PREFIX"
            | "-DCMAKE_INSTALL_PREFIX:PATH"
            | "-DCMAKE_INSTALL_PREFIX:STRING" => prefix = value,
            name if value.starts_with('/')
                && (name.ends_with("dir")
                    || name.ends_with("-path")
                    || name.starts_with("-DCMAKE_INSTALL_")) =>
            {
                others.push((name.to_string(), value))
            }
            _ => {}
        }
    }
    match others
        .into_iter()
        .find(|(_, value)| !within(value, &prefix))
    {
        Some((name, value)) => Err(format!("{name}={value}")),
        None => Ok(prefix),
    }
}

/// Words of the form `name=value`, and options with their value in the next word; variables of the state put in.
fn words<'c>(
    command: &'c Command,
    step: &'c Step<'_>,
) -> impl Iterator<Item = (String, String)> + 'c {
    let text = |at: usize| -> Option<String> {
        let word = command.words.get(at)?;
        let known = || {
            step.state
                .expand(&word.raw, '\\')
                .map(|text| text.replace(['"', '\''], ""))
        };
        word.value.clone().or_else(known)
    };
    (1..command.words.len()).filter_map(move |at| {
        let word = text(at).unwrap_or_else(|| command.words[at].raw.clone());
        match word.split_once('=') {
            Some((name, value)) => Some((name.to_string(), value.to_string())),
            None if word == "--prefix" => Some((word, text(at + 1)?)),
            None => None,
        }
    })
}

/// The first words of a command, for messages.
pub fn shown(command: &Command) -> String {
    let words: Vec<&str> = command
        .words
        .iter()
        .take(4)
        .map(|word| word.raw.as_str())
        .collect();
    words.join(" ")
}
