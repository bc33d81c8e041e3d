//! Commands of files that the program hands to a shell or to a daemon: scripts that the sources name, crontabs, and
//! settings of supervisors. The start itself, a Procfile included, is followed elsewhere.

use crate::engine::verbs::Firing;
use crate::facts::sources::Scan;
use crate::facts::{Source, Tri};
use crate::model::path::name;
use crate::model::{Effect, Start, asked_for};
use crate::rule::RuleSet;
use crate::shell::parse_text;
use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};

/// Files that are looked at, and scripts that they name in turn.
const MAX_FILES: usize = 64;
/// Files that one name may stand for.
const MAX_NAMED: usize = 4;
/// Minute, hour, day, month and day of the week.
const CRON_FIELDS: usize = 5;

/// Names of programs, with the place that runs them.
pub fn commands(firing: &Firing<'_>, start: &Start, scan: Option<&Scan>) -> Vec<(String, Source)> {
    let (context, rules) = (firing.context, firing.rules);
    let Ok(files) = context.files() else {
        return Vec::new();
    };
    let files = &files;
    let names = Names::of(files);
    let mut found = Vec::new();
    let mut waiting: Vec<String> = Vec::new();
    for script in scan.iter().flat_map(|scan| &scan.scripts) {
        waiting.extend(names.named(script));
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
                    read(
                        rules,
                        (command, file, line),
                        &names,
                        &mut found,
                        &mut waiting,
                    );
                }
            }
        }
    }
    let settings = super::settings::listed(firing, start, files);
    let settings = settings
        .into_iter()
        .chain(super::settings::of_sources(firing, scan, files));
    for line in settings {
        let text = (line.text.as_str(), line.file.as_str(), line.line);
        read(rules, text, &names, &mut found, &mut waiting);
    }
    for file in crontabs(firing, &names) {
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
            for command in std::iter::once(command).chain(after_fields(command, 1)) {
                let text = (command, &*file, line);
                read(rules, text, &names, &mut found, &mut waiting);
            }
        }
    }
    let mut seen = BTreeSet::new();
    while let Some(file) = waiting.pop() {
        if seen.len() == MAX_FILES || !seen.insert(file.clone()) {
            continue;
        }
        if let Tri::Present(text) = context.read(&file)
            && (file.ends_with(".sh") || is_shell_script(&text))
        {
            read(rules, (&*text, &*file, 1), &names, &mut found, &mut waiting);
        }
    }
    found
}

/// The commands of a text for the shell, which stands in a file from a line on, and the scripts that it names.
fn read(
    rules: &RuleSet,
    (text, file, line): (&str, &str, usize),
    names: &Names<'_>,
    found: &mut Vec<(String, Source)>,
    waiting: &mut Vec<String>,
) {
    for command in &parse_text(text, 0).commands {
        let within = text.get(..command.span.start).unwrap_or("");
        let source = Source {
            file: file.to_string(),
            line: line + within.matches('\n').count(),
        };
        let words: Vec<&str> = command
            .words
            .iter()
            .filter_map(|word| word.value.as_deref())
            .collect();
        // `exec env A=b git`: the wrapper and what it runs.
        let inner = command.program().and_then(|at| command.words.get(at));
        let inner = inner.and_then(|word| word.value.as_deref());
        let asks = words
            .first()
            .is_some_and(|first| matches!(*first, "which" | "type" | "hash"));
        let asked = words.iter().skip(1).filter(|_| asks);
        let programs = words.first().into_iter().chain(&inner).chain(asked);
        found.extend(programs.map(|program| (name(program).to_string(), source.clone())));
        if let Some((first, rest)) = words.split_first() {
            let asked = asked_for(rules, name(first), rest.iter().copied());
            found.extend(asked.into_iter().map(|program| (program, source.clone())));
        }
        let scripts = words.iter().filter(|word| is_script(word));
        waiting.extend(scripts.flat_map(|script| names.named(script)));
    }
}

/// Whether the first line of a file gives it to a shell.
fn is_shell_script(text: &str) -> bool {
    let first = text.lines().next().unwrap_or("");
    let mut words = first.strip_prefix("#!").unwrap_or("").split_whitespace();
    words.any(|word| crate::shell::is_shell(name(word)))
}

/// Whether a word may be that of a script: by its ending, or as a path without one.
fn is_script(word: &str) -> bool {
    word.ends_with(".sh") || (word.contains('/') && !name(word).contains('.'))
}

/// The files of the context, by their names without the directory: sorted out when a script is looked for.
struct Names<'f> {
    files: &'f [String],
    by_name: OnceCell<HashMap<&'f str, Vec<&'f str>>>,
}

impl<'f> Names<'f> {
    fn of(files: &'f [String]) -> Self {
        Self {
            files,
            by_name: OnceCell::new(),
        }
    }

    fn by_name(&self) -> &HashMap<&'f str, Vec<&'f str>> {
        self.by_name.get_or_init(|| {
            let mut names: HashMap<&str, Vec<&str>> = HashMap::new();
            for file in self.files {
                names.entry(name(file)).or_default().push(file);
            }
            names
        })
    }

    /// The files that a name of a script may stand for, from whatever directory; of a path, the nearest to it:
    /// `/app/bin/start` is `bin/start`, where the Dockerfile copies it to `/app`.
    fn named(&self, script: &str) -> Vec<String> {
        let known = self.by_name().get(name(script));
        let known = known.map_or(&[][..], Vec::as_slice);
        let mut script = script.trim_start_matches(['.', '/']);
        loop {
            let fits = |file: &&&str| {
                let before = file.strip_suffix(script);
                before.is_some_and(|before| before.is_empty() || before.ends_with('/'))
            };
            let found = known.iter().filter(fits).take(MAX_NAMED);
            let found: Vec<String> = found.map(|file| (*file).to_string()).collect();
            match script.split_once('/') {
                Some((_, rest)) if found.is_empty() && !known.is_empty() => script = rest,
                _ => return found,
            }
        }
    }
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
fn crontabs(firing: &Firing<'_>, names: &Names<'_>) -> BTreeSet<String> {
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
                found.extend(loads.flat_map(|file| names.named(name(file))));
            }
            _ => {}
        }
    }
    found
}
