//! Packages of the system that a smaller one stands for at run time: a JDK and its JRE.

use super::{Plan, base, packages};
use crate::engine::Evidence;
use crate::engine::verbs::Stop;
use crate::model::Effect;
use crate::model::path::name;
use crate::rule::Role;
use crate::rule::document::LighterDocument;
use std::collections::BTreeMap;

/// Packages for which the runtime installs another.
#[derive(Debug, Default)]
pub struct Lighter {
    /// From the package to the smaller one.
    packages: BTreeMap<String, String>,
    /// Why packages stay as they are.
    pub evidence: Vec<Evidence>,
    /// What was assumed.
    pub assumptions: Vec<String>,
}

impl Lighter {
    /// The smaller package.
    pub fn of(&self, package: &str) -> Option<&str> {
        self.packages.get(package).map(String::as_str)
    }
}

/// Finds the packages that the rule knows a smaller one for. A start that runs a command of theirs, where none of them
/// is installed by name, cannot be told where that command comes from.
pub fn lighter(plan: &Plan<'_>) -> Result<Lighter, Stop> {
    let mut lighter = Lighter::default();
    for document in &plan.verb.lighter {
        let base = &plan.firing.model.base.name;
        let distribution = document.distributions.contains(base);
        let Some(table) = plan.firing.rules.table(&document.table) else {
            continue;
        };
        let mut brought = false;
        let mut found = BTreeMap::new();
        for step in &plan.firing.model.steps {
            let Effect::Run(run) = &step.effect else {
                continue;
            };
            for package in packages::installed(run) {
                let row = table.get(&[&package.name]);
                let smaller = row.as_ref().and_then(|row| row.get("runtime"));
                let is_smaller = || {
                    let mut rows = table.all();
                    rows.any(|row| row.get("runtime") == Some(&package.name))
                };
                brought |= !plan.removes(&package) && (smaller.is_some() || is_smaller());
                if let Some(smaller) = smaller.filter(|_| package.literal) {
                    found.insert(package.name.clone(), smaller.to_string());
                }
            }
        }
        let mut commands = plan.start.commands().map(|(name, _)| name);
        let foreign = commands.find(|name| document.foreign.iter().any(|known| known == name));
        if let Some(command) = foreign.filter(|_| distribution) {
            return Err(plan.stop(
                plan.firing.from(),
                "ecosystem",
                format!(
                    "the start runs `{command}`, and this rule does not read what its sources need"
                ),
                "split the build by hand, a stage for each language",
            ));
        }
        let starts = |command: &&String| plan.start.commands().any(|(name, _)| name == *command);
        if let Some(command) = document.brings.iter().find(starts)
            && distribution
            && !brought
        {
            return Err(plan.stop(
                plan.firing.from(),
                "command",
                format!("the start runs `{command}`, and no package that is installed by name says where it comes from"),
                format!("install the package that has `{command}` by its own name"),
            ));
        }
        if found.is_empty() {
            continue;
        }
        match kept(plan, document) {
            Some(why) => lighter.evidence.push(why),
            None => {
                let unknown = base::unknown(plan, &document.unless);
                lighter.assumptions.extend(unknown);
                lighter.packages.extend(found);
            }
        }
    }
    Ok(lighter)
}

/// Why the larger packages stay.
fn kept(plan: &Plan<'_>, document: &LighterDocument) -> Option<Evidence> {
    let lacking = base::lacking(
        plan,
        "package",
        &document.lacks,
        &document.lacks_paths,
        &document.unless,
    );
    lacking.or_else(|| {
        plan.firing.model.steps.iter().find_map(|step| {
            let Effect::Run(run) = &step.effect else {
                return None;
            };
            let setups = run
                .commands
                .iter()
                .filter(|command| command.role == Some(Role::Setup));
            let mut words = setups.flat_map(|command| &run.command(command).words);
            let word = words.find(|word| {
                let text = word.raw.trim_matches(['"', '\'']);
                document.lacks.iter().any(|command| command == name(text))
            })?;
            let line = plan.line(step.index);
            Some(Evidence {
                text: format!(
                    "line {line} names `{}`, which the smaller package lacks",
                    word.raw
                ),
                source: None,
            })
        })
    })
}
