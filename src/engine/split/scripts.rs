//! Commands of files that the program hands to a shell or to a daemon: scripts that the sources name, crontabs,
//! Procfiles, and settings of supervisors. The start itself is followed elsewhere.

use crate::engine::verbs::Firing;
use crate::facts::sources::Scan;
use crate::facts::{Source, Tri};
use crate::model::path::name;
use crate::model::{Effect, Start};
use crate::shell::parse_text;
use std::collections::BTreeSet;

/// Files that are looked at, and scripts that they name in turn.
const MAX_FILES: usize = 64;
/// Minute, hour, day, month and day of the week.
const CRON_FIELDS: usize = 5;

/// Names of programs, with the place that runs them.
pub fn commands(firing: &Firing<'_>, start: &Start, scan: Option<&Scan>) -> Vec<(String, Source)> {
    let context = firing.context;
    let Ok(files) = context.files() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut waiting: Vec<String> = Vec::new();
    for script in scan.iter().flat_map(|scan| &scan.scripts) {
        waiting.extend(named(&files, script));
    }
    if start.anything.is_some() {
        for file in files
            .iter()
            .filter(|file| is_settings(file))
            .take(MAX_FILES)
        {
            let Tri::Present(text) = context.read(file) else {
                continue;
            };
            for (line, text) in (1..).zip(text.lines()) {
                if let Some(("command", command)) = setting(text) {
                    read(command, file, line, &files, &mut found, &mut waiting);
                }
            }
        }
    }
    if start.anything.is_some()
        && let Tri::Present(text) = context.read("Procfile")
    {
        for (line, text) in (1..).zip(text.lines()) {
            let command = text.split_once(':').map_or("", |(_, command)| command);
            read(command, "Procfile", line, &files, &mut found, &mut waiting);
        }
    }
    for file in crontabs(firing) {
        let Tri::Present(text) = context.read(&file) else {
            continue;
        };
        for (line, text) in (1..).zip(text.lines()) {
            let fields = if text.starts_with('@') {
                1
            } else {
                CRON_FIELDS
            };
            let Some(command) = after_fields(text, fields) else {
                continue;
            };
            // The crontabs of the system have a user before the command.
            read(command, &file, line, &files, &mut found, &mut waiting);
            if let Some(command) = after_fields(command, 1) {
                read(command, &file, line, &files, &mut found, &mut waiting);
            }
        }
    }
    let mut seen = BTreeSet::new();
    while let Some(file) = waiting.pop() {
        if seen.len() == MAX_FILES || !seen.insert(file.clone()) {
            continue;
        }
        if let Tri::Present(text) = context.read(&file) {
            read(&text, &file, 1, &files, &mut found, &mut waiting);
        }
    }
    found
}

/// The commands of a text for the shell, and the scripts that it names.
fn read(
    text: &str,
    file: &str,
    line: usize,
    files: &[String],
    found: &mut Vec<(String, Source)>,
    waiting: &mut Vec<String>,
) {
    for command in &parse_text(text, 0).commands {
        let mut words = command
            .words
            .iter()
            .filter_map(|word| word.value.as_deref());
        let within = text.get(..command.span.start).unwrap_or("");
        if let Some(program) = words.next() {
            let source = Source {
                file: file.to_string(),
                line: line + within.matches('\n').count(),
            };
            found.push((name(program).to_string(), source));
            let scripts = std::iter::once(program).chain(words);
            let scripts = scripts.filter(|word| word.ends_with(".sh"));
            waiting.extend(scripts.flat_map(|script| named(files, script)));
        }
    }
}

/// The files of the context that a name of a script may stand for, from whatever directory.
fn named<'f>(files: &'f [String], script: &str) -> impl Iterator<Item = String> + use<'f> {
    let script = script.trim_start_matches(['.', '/']).to_string();
    let fits = move |file: &&String| {
        let before = file.strip_suffix(script.as_str());
        before.is_some_and(|before| before.is_empty() || before.ends_with('/'))
    };
    files.iter().filter(fits).take(4).cloned()
}

/// Whether a file may hold the settings of a supervisor: `[program:web]`, `command=…`.
fn is_settings(file: &str) -> bool {
    file.ends_with(".conf") || file.ends_with(".ini")
}

/// The name and the value of a line of settings.
fn setting(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    Some((name.trim(), value.trim()))
}

/// What follows so many words of a line; nothing for comments and settings.
fn after_fields(line: &str, fields: usize) -> Option<&str> {
    let mut rest = line.trim_start();
    if rest.starts_with('#') {
        return None;
    }
    for _ in 0..fields {
        rest = rest.split_once(char::is_whitespace)?.1.trim_start();
    }
    (!rest.is_empty()).then_some(rest)
}

/// Files of the context that are copied to where cron looks, or that are called after it in an image that has cron.
fn crontabs(firing: &Firing<'_>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for step in &firing.model.steps {
        match &step.effect {
            Effect::Copy(copy) if copy.from.is_none() => {
                if let Tri::Present(landings) = &copy.landings {
                    let cron = landings.iter().filter(|landing| {
                        let there = ["/etc/cron", "/var/spool/cron"];
                        !landing.directory && there.iter().any(|at| landing.path.starts_with(at))
                    });
                    found.extend(cron.map(|landing| landing.source.clone()));
                }
            }
            Effect::Run(run) => {
                let loads = run.script.commands.iter().filter_map(|command| {
                    let mut words = command
                        .words
                        .iter()
                        .filter_map(|word| word.value.as_deref());
                    (words.next() == Some("crontab"))
                        .then(|| words.next_back())
                        .flatten()
                });
                let loads = loads.map(name);
                if let Ok(files) = firing.context.files() {
                    found.extend(loads.flat_map(|file| named(&files, file).collect::<Vec<_>>()));
                }
            }
            _ => {}
        }
    }
    found
}
