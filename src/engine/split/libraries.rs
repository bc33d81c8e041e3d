//! Libraries of the system that the program needs, by the table `native-packages`.

use super::Plan;
use super::needs::Needs;
use super::packages::{Packages, installed};
use crate::engine::Evidence;
use crate::engine::verbs::Stop;
use crate::facts::Source;
use crate::model::{Effect, Step};
use crate::rule::document::{LibrariesDocument, RuntimeDocument};
use crate::rule::{Role, Row, Table};
use std::collections::BTreeSet;

/// Libraries that packages of the language need, by the table `native-packages`.
pub fn libraries(
    plan: &Plan<'_>,
    needs: &Needs,
    suite: Option<&str>,
    packages: &mut Packages,
) -> Result<(), Stop> {
    let Some(libraries) = &plan.verb.libraries else {
        return Ok(());
    };
    let (Some(table), Some(suite)) = (plan.firing.rules.table("native-packages"), suite) else {
        return Ok(());
    };
    let commands = plan.firing.rules.table("base-commands");
    let commands: BTreeSet<&str> = commands
        .iter()
        .flat_map(|table| table.rows(&[]))
        .flat_map(|row| row.get("package").unwrap_or("").split(' '))
        .collect();
    let base = &plan.firing.model.base.name;
    let distribution = libraries.distribution.as_ref();
    let distribution = distribution.filter(|distribution| distribution.bases.contains(base));
    for (name, source) in &needs.libraries {
        let name = key(name);
        let place = source
            .as_ref()
            .map(|source| format!(" ({}:{})", source.file, source.line))
            .unwrap_or_default();
        if let Some(distribution) = distribution {
            let key = (distribution.ecosystem.as_str(), suite);
            further(table, key, (&name, source), "", packages);
        }
        let Some(row) = row(libraries, needs, table, &name, suite) else {
            if may_link(libraries, &name)
                && plan.firing.model.base.variant.as_deref() == Some("full")
            {
                return Err(plan.stop(
                    plan.firing.from(),
                    "library",
                    format!("{name}{place} may link a library that `{}` has and the slim image lacks, and dockopt does not know which", plan.firing.model.base.expanded),
                    "add a row for it to a table `native-packages` in rules of your own (--rules)",
                ));
            }
            continue;
        };
        if row.get("kind") == Some("refuse") {
            if let Some(package) = served_by(plan, libraries, &name) {
                packages.evidence.push(Evidence {
                    text: format!("{name} drives a program of the package {package}, which the Dockerfile installs"),
                    source: source.clone(),
                });
                continue;
            }
            if served_nowhere(plan, libraries, &name) {
                packages.evidence.push(Evidence {
                    text: format!(
                        "{name} drives a program that neither `{}` nor the Dockerfile has",
                        plan.firing.model.base.expanded
                    ),
                    source: source.clone(),
                });
                continue;
            }
            return Err(plan.stop(
                plan.firing.from(),
                "library",
                format!("{name}{place} needs more than the slim image has: {}", row.get("note").unwrap_or("its libraries are not known")),
                "install its libraries in the Dockerfile by name, and keep the base image with --base keep",
            ));
        }
        let Some(runtime) = row.get("runtime") else {
            continue;
        };
        // A program that not even the full image has is none that is lost.
        let programs = row.get("kind") == Some("exec");
        let had = |package: &str| commands.contains(package);
        let runtime: Vec<&str> = runtime
            .split(' ')
            .filter(|package| !programs || had(package))
            .collect();
        if runtime.is_empty() {
            continue;
        }
        packages.evidence.push(Evidence {
            text: format!("{name} needs {} at run time", runtime.join(" ")),
            source: source.clone(),
        });
        packages
            .further
            .extend(runtime.into_iter().map(str::to_string));
    }
    if let Some(compiled) = &libraries.compiled {
        for (name, source) in &needs.compiled {
            let key = (compiled.ecosystem.as_str(), suite);
            further(table, key, (name, source), ", compiled,", packages);
        }
    }
    if let Some(options) = &libraries.options {
        for (name, source) in &needs.options {
            for option in each_value(name) {
                let key = (options.ecosystem.as_str(), suite);
                further(table, key, (&option, source), "", packages);
            }
        }
    }
    for (name, source, linked) in &needs.system {
        let row = table.get(&["c", &name.to_ascii_lowercase(), suite]);
        let place = source.as_ref();
        let place = place.map(|source| format!(" ({}:{})", source.file, source.line));
        let Some(row) = row else {
            let full = plan.firing.model.base.variant.as_deref() == Some("full");
            if *linked && full && !brought(plan, name) {
                return Err(plan.stop(
                    plan.firing.from(),
                    "library",
                    format!("the project links the library `{name}`{}, and dockopt does not know which package has it", place.unwrap_or_default()),
                    "add a row `c` for it to a table `native-packages` in rules of your own (--rules)",
                ));
            }
            continue;
        };
        let runtime = row.get("runtime").unwrap_or("").split_whitespace();
        let lacking = runtime.filter(|package| !libraries.has.iter().any(|had| had == package));
        for package in lacking {
            packages.evidence.push(Evidence {
                text: format!("the program loads the library `{name}` of {package}"),
                source: source.clone(),
            });
            packages.further.insert(package.to_string());
        }
    }
    Ok(())
}

/// The package of the system that has the program which a package of the language drives, where the Dockerfile installs
/// it by name, by the table `served-by`.
fn served_by(plan: &Plan<'_>, libraries: &LibrariesDocument, name: &str) -> Option<String> {
    let model = plan.firing.model;
    let row = plan
        .firing
        .rules
        .look_up("served-by", &[&libraries.ecosystem, name])?;
    let mut variables = row.get("variables").unwrap_or("").split_whitespace();
    if row.get("variables").is_some() && !variables.any(|name| model.end.value(name).is_some()) {
        return None;
    }
    let by: Vec<&str> = row.get("by").unwrap_or("").split_whitespace().collect();
    let steps = model.steps.iter().filter_map(|step| match &step.effect {
        Effect::Run(run) => Some(installed(run)),
        _ => None,
    });
    // `apt-get install ./google-chrome-stable_current_amd64.deb`
    let file = |word: &String| {
        let (_, file) = word.rsplit_once('/')?;
        let (name, _) = file.strip_suffix(".deb")?.split_once('_')?;
        by.contains(&name).then(|| name.to_string())
    };
    steps.flatten().find_map(|package| {
        let named = by.contains(&package.name.as_str());
        let named = named.then(|| package.name.clone());
        named.or_else(|| package.beside.iter().find_map(file))
    })
}

/// Whether a package drives a program that the full image has neither itself nor the libraries for, by the table
/// `served-elsewhere`, and no instruction installs or fetches one: it is not there before the split, either.
fn served_nowhere(plan: &Plan<'_>, libraries: &LibrariesDocument, name: &str) -> bool {
    let model = plan.firing.model;
    let key = [libraries.ecosystem.as_str(), name];
    let known = plan.firing.rules.look_up("served-elsewhere", &key);
    let fetches = |step: &Step<'_>| match &step.effect {
        Effect::Run(run) => {
            let mut roles = run.commands.iter().map(|command| command.role);
            roles.any(|role| matches!(role, Some(Role::Fetch | Role::Packages)))
        }
        Effect::Copy(copy) => copy.remote || copy.from.is_some(),
        Effect::Other => false,
    };
    known.is_some()
        && model.base.variant.as_deref() == Some("full")
        && !model.steps.iter().any(fetches)
}

/// An option with several values as one of each: `fsanitize=address,undefined`.
fn each_value(option: &str) -> Vec<String> {
    match option.split_once('=') {
        Some((name, values)) if values.contains(',') => values
            .split(',')
            .map(|value| format!("{name}={value}"))
            .collect(),
        _ => vec![option.to_string()],
    }
}

/// What the table has under a key of its own for packages of the language, `how` they come to be in the image.
fn further(
    table: &Table,
    (ecosystem, suite): (&str, &str),
    (name, source): (&str, &Option<Source>),
    how: &str,
    packages: &mut Packages,
) {
    let name = key(name);
    let row = table.get(&[ecosystem, &name, suite]);
    let Some(runtime) = row.as_ref().and_then(|row| row.get("runtime")) else {
        return;
    };
    packages.evidence.push(Evidence {
        text: format!("{name}{how} needs {runtime} at run time"),
        source: source.clone(),
    });
    packages
        .further
        .extend(runtime.split(' ').map(str::to_string));
}

/// Whether the Dockerfile installs a package named after a library, or builds it.
fn brought(plan: &Plan<'_>, library: &str) -> bool {
    let library = library.to_ascii_lowercase();
    plan.firing
        .model
        .steps
        .iter()
        .any(|step| match &step.effect {
            Effect::Run(run) => installed(run)
                .iter()
                .any(|package| package.name.contains(&library)),
            _ => false,
        })
}

/// Whether the program links no library of the system beside those that an image has.
pub fn links_no_more(plan: &Plan<'_>, needs: &Needs, choice: &RuntimeDocument) -> bool {
    let (Some(libraries), Some(table)) = (
        &plan.verb.libraries,
        plan.firing.rules.table("native-packages"),
    ) else {
        return true;
    };
    let suite = choice.suite.as_deref().unwrap_or("");
    needs.assumptions.is_empty()
        && needs.libraries.iter().all(|(name, _)| {
            let name = key(name);
            let Some(row) = row(libraries, needs, table, &name, suite) else {
                return !may_link(libraries, &name);
            };
            let mut packages = row.get("runtime").unwrap_or("").split_whitespace();
            row.get("kind") != Some("refuse")
                && packages.all(|package| choice.has.iter().any(|known| known == package))
        })
}

/// The name of a package of the language as the table has it, an extra of pip (`psycopg[binary`) as part of the name.
pub fn key(name: &str) -> String {
    name.to_ascii_lowercase().replace(['_', '['], "-")
}

/// What the table says of a package: where only the manifest is known, with what the package needs in turn.
fn row<'t>(
    libraries: &LibrariesDocument,
    needs: &Needs,
    table: &'t Table,
    name: &str,
    suite: &str,
) -> Option<Row<'t>> {
    let manifest = format!("{}-manifest", libraries.ecosystem);
    let direct = needs.manifest.then(|| table.get(&[&manifest, name, suite]));
    let row = direct.flatten();
    row.or_else(|| table.get(&[&libraries.ecosystem, name, suite]))
}

/// Whether a package that the table does not know links libraries of the system, by its name (`openssl-sys`).
fn may_link(libraries: &LibrariesDocument, name: &str) -> bool {
    let ending = libraries.links.as_deref();
    ending.is_some_and(|ending| name.ends_with(ending))
}
