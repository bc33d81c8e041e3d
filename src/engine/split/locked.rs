//! Packages that other packages ask for, by the lock file that the Dockerfile installs by.

use super::Plan;
use super::libraries::key;
use crate::facts::locks::{Form, named};
use crate::facts::path::join;
use crate::facts::{Context, Source, Tri, View};
use crate::model::{CommandModel, Effect, RunModel};
use crate::rule::document::LibrariesDocument;
use crate::rule::{Role, Row, Table};
use std::borrow::Cow;
use std::collections::HashSet;

/// The packages with needs of their own that the lock files of the project name, beside those that are `known`; by the
/// table `lock-files`.
pub fn packages(
    plan: &Plan<'_>,
    table: &Table,
    libraries: &LibrariesDocument,
    known: &[(String, Option<Source>)],
) -> Tri<Vec<(String, Option<Source>)>> {
    let native = plan.firing.rules.table("native-packages");
    let ecosystem = [libraries.ecosystem.as_str()];
    let mut found: Vec<(String, Option<Source>)> = Vec::new();
    let mut unknown = None;
    let mut needy: HashSet<&str> = HashSet::new();
    let used = used(plan, table.rows(&ecosystem).collect());
    for folder in plan.facts.folders() {
        let view = View::new(plan.firing.context, folder, None);
        let there = |row: &&Row<'_>| {
            let file = row.get("file").unwrap_or("");
            view.entry(file).is_present()
        };
        let Some(row) = used.iter().find(there) else {
            continue;
        };
        let file = row.get("file").unwrap_or("");
        let Some(form) = row.get("form").and_then(Form::of) else {
            continue;
        };
        let text = match view.read_long(file) {
            Tri::Present(text) => text,
            Tri::Absent => continue,
            Tri::Unknown(reason) => {
                unknown = Some(reason);
                continue;
            }
        };
        if needy.is_empty() {
            let mut last = "";
            for row in native.iter().flat_map(|table| table.rows(&ecosystem)) {
                // One row for each release of a distribution: mostly the first one tells.
                let name = row.get("package").unwrap_or("");
                if name != last && row.get("kind") != Some("none") {
                    needy.insert(name);
                    last = name;
                }
            }
        }
        let direct = known.iter().map(|(name, _)| name.as_str()).collect();
        let groups: Vec<&str> = row.get("development").unwrap_or("").split(' ').collect();
        let wanted = |name: &str| {
            // Most names are written as the table has them.
            let plain = |byte: u8| !matches!(byte, b'A'..=b'Z' | b'_');
            let name = match name.bytes().all(plain) {
                true => Cow::Borrowed(name),
                false => Cow::Owned(key(name)),
            };
            needy.contains(&*name) && !known.iter().any(|(known, _)| key(known) == name)
        };
        for (name, line) in named(form, &text, &groups, &direct, &wanted) {
            let file = match folder {
                "" => file.to_string(),
                folder => join(folder, file),
            };
            found.push((name.to_string(), Some(Source { file, line })));
        }
    }
    match unknown {
        Some(reason) => Tri::Unknown(reason),
        None => Tri::Present(found),
    }
}

/// The lock files of the programs that install, and after them those of programs that the Dockerfile runs at all
/// (`poetry export`).
fn used<'t>(plan: &Plan<'_>, rows: Vec<Row<'t>>) -> Vec<Row<'t>> {
    let by = |row: &Row<'_>, wanted: &dyn Fn(&CommandModel<'_>) -> bool| {
        let programs = row.get("programs").unwrap_or("");
        let steps = plan.firing.model.steps.iter();
        let mut runs = steps.filter_map(|step| match &step.effect {
            Effect::Run(run) => Some(run.as_ref()),
            _ => None,
        });
        runs.any(|run: &RunModel<'_>| {
            let commands = run.commands.iter().filter(|command| wanted(command));
            // `npx pnpm install`, `python -m poetry install`
            let mut words = commands.flat_map(|command| run.command(command).words.iter().take(3));
            words.any(|word| {
                let name = word.value.as_deref();
                let name = name.map(|name| name.rsplit('/').next().unwrap_or(name));
                programs.split(' ').any(|program| name == Some(program))
            })
        })
    };
    let installs = |command: &CommandModel<'_>| command.role == Some(Role::Dependencies);
    let (mut used, others): (Vec<Row<'t>>, Vec<Row<'t>>) =
        rows.into_iter().partition(|row| by(row, &installs));
    used.extend(others.into_iter().filter(|row| by(row, &|_| true)));
    used
}
