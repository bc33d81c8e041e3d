//! System packages: which the runtime needs, which only the build.

use super::Plan;
use super::base::RuntimeBase;
use super::carry::Carried;
use super::libraries::libraries;
use super::needs::Needs;
use crate::engine::Evidence;
use crate::engine::verbs::Stop;
use crate::facts::Tri;
use crate::model::{CommandModel, Effect, Pragma, RunModel, StageModel};
use crate::rule::table::Row;
use crate::rule::{Role, RuleSet};
use crate::syntax::{Keyword, Span};
use std::collections::BTreeSet;
use std::rc::Rc;

/// A package that a RUN installs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Name without version; as written where it has a variable.
    pub name: String,
    /// Whether the name is literal.
    pub literal: bool,
    /// The command, by its place in [`RunModel::commands`], and the word in it.
    pub command: usize,
    /// Index of the word.
    pub word: usize,
    /// Where the word stands.
    pub span: Span,
    /// Whose package.
    pub manager: String,
    /// The words of the command that installs it.
    pub beside: Rc<[String]>,
    /// The name under which it can be removed with others.
    pub group: Option<String>,
}

/// How packages are divided.
#[derive(Debug, Default)]
pub struct Packages {
    /// Packages that the runtime gets beside those that the Dockerfile names.
    pub further: BTreeSet<String>,
    /// Whether Alpine's package manager installs them.
    pub apk: bool,
    /// Whether a package stays behind.
    pub dropped: bool,
    /// Whether a compiler stays behind.
    pub compiler: bool,
    /// What was read.
    pub evidence: Vec<Evidence>,
    /// What was assumed.
    pub assumptions: Vec<String>,
}

/// The packages that a RUN installs.
pub fn installed(run: &RunModel<'_>) -> Vec<Package> {
    let mut packages = Vec::new();
    for (at, command) in run
        .commands
        .iter()
        .enumerate()
        .filter(|(_, command)| command.role == Some(Role::Packages))
    {
        let Some(known) = &command.known else {
            continue;
        };
        let Some(hole) = &known.line.packages else {
            continue;
        };
        let hole = hole
            .trim_start_matches('<')
            .trim_end_matches('>')
            .trim_end_matches("...");
        let words = &run.command(command).words;
        let group = known.line.group.as_ref();
        let group = group.and_then(|hole| known.fill(hole)?.into_iter().next());
        let beside: Rc<[String]> = words.iter().filter_map(|word| word.value.clone()).collect();
        for captured in known.captures.get(hole).into_iter().flatten() {
            let Some(word) = words.get(captured.index) else {
                continue;
            };
            packages.push(Package {
                beside: Rc::clone(&beside),
                group: group.clone(),
                name: captured
                    .text
                    .split(['=', '/', '~', '<', '>'])
                    .next()
                    .unwrap_or("")
                    .to_string(),
                literal: captured.literal,
                command: at,
                word: captured.index,
                span: word.span,
                manager: known.line.manager.clone().unwrap_or_default(),
            });
        }
    }
    packages
}

/// Names of packages, and of groups of them, that the stage removes after it has installed them.
pub fn removed(model: &StageModel<'_>) -> BTreeSet<String> {
    let (mut here, mut removed) = (BTreeSet::new(), BTreeSet::new());
    for step in &model.steps {
        let Effect::Run(run) = &step.effect else {
            continue;
        };
        let packages = installed(run);
        for (at, command) in run.commands.iter().enumerate() {
            for package in packages.iter().filter(|package| package.command == at) {
                for name in std::iter::once(&package.name).chain(&package.group) {
                    removed.remove(name);
                    here.insert(name.clone());
                }
            }
            if !run.command(command).context.conditional {
                let gone = removes(command).filter(|name| here.contains(name));
                removed.extend(gone);
            }
        }
    }
    removed
}

/// What a command removes, as written.
pub fn removes(command: &CommandModel<'_>) -> impl Iterator<Item = String> {
    let known = command.known.as_ref();
    let words = known.and_then(|known| {
        let hole = known.line.removes.as_ref()?.trim_matches(['<', '>']);
        known.captures.get(hole.trim_end_matches("..."))
    });
    words.into_iter().flatten().map(|word| word.text.clone())
}

/// The row of the table `build-packages` for a package.
fn build_package<'r>(name: &str, rules: &'r RuleSet) -> Option<Row<'r>> {
    rules.table("build-packages")?.get_pattern(name)
}

/// Commands of a package that only a build uses: that of its name, and others that it brings.
pub fn brings<'r>(name: &'r str, rules: &'r RuleSet) -> impl Iterator<Item = &'r str> {
    let row = build_package(name, rules);
    let others = row.and_then(|row| row.get("brings")).unwrap_or("");
    std::iter::once(name).chain(others.split_whitespace())
}

/// Compilers that the start names as an argument (`-g g++`): the program may run them.
pub fn named_compilers(model: &StageModel<'_>, rules: &RuleSet) -> Vec<String> {
    use crate::syntax::Keyword::{Cmd, Entrypoint, Healthcheck};
    let steps = [Cmd, Entrypoint, Healthcheck].map(|keyword| model.last(keyword));
    let texts = steps
        .iter()
        .flatten()
        .map(|step| step.instruction.text.text.as_str());
    let words = texts.flat_map(|text| {
        let end = |c: char| c.is_whitespace() || "\"'`,=[]();&|<>".contains(c);
        text.split(end).filter(|word| !word.is_empty())
    });
    let compiles = |word: &&str| {
        build_package(word, rules).is_some_and(|row| row.get("builds") == Some("compiler"))
    };
    words.filter(compiles).map(str::to_string).collect()
}

/// Whether only a build uses a package, in an image of this base where nothing runs the commands in `used`.
pub fn build_only(
    package: &Package,
    model: &StageModel<'_>,
    used: &dyn Fn(&str) -> bool,
    rules: &RuleSet,
) -> bool {
    let row = build_package(&package.name, rules);
    let Some(row) = row.filter(|_| package.literal) else {
        return false;
    };
    // What has uses of its own counts as a build tool only in the company of one.
    let builds = |name: &String| build_package(name, rules)?.get("builds");
    let with = row.get("with");
    let beside = || package.beside.iter().any(|name| builds(name).is_some());
    if with.is_none() && row.get("unless_used").is_some() && !beside() {
        return false;
    }
    let family = row
        .get("family")
        .is_none_or(|wanted| wanted.split(' ').any(|name| name == model.base.name));
    family
        && with.is_none_or(|programs| programs.split(' ').any(|program| runs(model, program)))
        && !row
            .get("unless_used")
            .is_some_and(|commands| commands.split(' ').any(used))
}

/// Whether a RUN of the stage runs a program.
fn runs(model: &StageModel<'_>, program: &str) -> bool {
    model.steps.iter().any(|step| match &step.effect {
        Effect::Run(run) => run.commands.iter().any(|command| {
            let mut words = run.command(command).words.iter().take(2);
            words.any(|word| word.value.as_deref() == Some(program))
        }),
        _ => false,
    })
}

/// What the runtime installs instead of a package: nothing for build tools and for what the stage removes again,
/// libraries for `-dev` packages, itself for anything else.
pub fn for_runtime(plan: &Plan<'_>, package: &Package, suite: Option<&str>) -> Vec<String> {
    if plan.removes(package) {
        return Vec::new();
    }
    if !package.literal {
        return vec![package.name.clone()];
    }
    if let Some(runtime) = plan.lighter.of(&package.name) {
        return vec![runtime.to_string()];
    }
    if plan.build_only(package) {
        // A compiler's own libraries, which its programs load.
        let family = if package.manager == "apk" {
            Some("apk")
        } else {
            suite
        };
        let table = plan.firing.rules.table("dev-runtime");
        let row = table.and_then(|table| {
            let by = |family: &str| table.get(&[&package.name, family]);
            let compiler = !package.name.ends_with("-dev");
            let row = family.and_then(by).or_else(|| by(&package.manager));
            row.filter(|_| compiler)
        });
        let names = row
            .as_ref()
            .and_then(|row| row.get("runtime"))
            .unwrap_or("");
        return names.split_whitespace().map(str::to_string).collect();
    }
    if package.manager == "apt" {
        let row = suite.and_then(|suite| {
            plan.firing
                .rules
                .look_up("dev-runtime", &[&package.name, suite])
        });
        if let Some(row) = row {
            return row
                .get("runtime")
                .map(|names| names.split(' ').map(str::to_string).collect())
                .unwrap_or_default();
        }
    }
    vec![package.name.clone()]
}

/// Divides the packages and adds those that commands and libraries need.
pub fn divide(
    plan: &Plan<'_>,
    carried: &Carried,
    base: &RuntimeBase,
    needs: &Needs,
) -> Result<Packages, Stop> {
    let mut packages = Packages::default();
    let suite = base.base.suite.as_deref();
    let mut named: BTreeSet<String> = BTreeSet::new();
    for (at, step) in plan.firing.model.steps.iter().enumerate() {
        let Effect::Run(run) = &step.effect else {
            continue;
        };
        for package in installed(run) {
            let later = at > plan.survey.last
                || matches!(step.pragma, Some(Pragma::Runtime | Pragma::Both));
            let kept = if later {
                vec![package.name.clone()]
            } else {
                for_runtime(plan, &package, suite)
            };
            if kept.as_slice() != [package.name.clone()] {
                // What the image does not have at its end is no gain.
                if plan.removes(&package) {
                    continue;
                }
                packages.dropped = true;
                let row = build_package(&package.name, plan.firing.rules);
                packages.compiler |= !kept.contains(&package.name)
                    && row.and_then(|row| row.get("builds")) == Some("compiler");
                let line = plan.line(step.index);
                let text = match kept.is_empty() {
                    true => format!("only a build uses `{}` (line {line})", package.name),
                    false => format!(
                        "at run time `{}` (line {line}) is {}",
                        package.name,
                        kept.join(", ")
                    ),
                };
                packages.evidence.push(Evidence { text, source: None });
            }
            named.extend(kept);
        }
    }
    // A slim image has no libraries to lose: what is linked came with a package that the Dockerfile names. A compiler
    // that stays behind takes libraries of its own along (OpenMP).
    let old = &plan.firing.model.base;
    let slim = |variant: &str| matches!(variant, "slim" | "alpine");
    let distribution = matches!(old.name.as_str(), "debian" | "ubuntu");
    let full = base.smaller && !old.variant.as_deref().is_some_and(slim) && !distribution;
    // What is left of header packages may not have all that they depended on.
    let fewer = packages.dropped
        && (distribution || (!base.smaller && !old.variant.as_deref().is_some_and(slim)));
    if let Some((instruction, command)) = carried.foreign.as_ref().filter(|_| full) {
        return Err(plan.stop(
            *instruction,
            "library",
            format!(
                "`{command}` compiles downloaded sources, and which libraries of `{}` they are linked with is not known",
                old.expanded
            ),
            "build from the slim image, with the packages that the sources need by name: `apt-get install`",
        ));
    }
    if base.shell && (full || fewer) {
        libraries(plan, needs, suite, &mut packages)?;
    }
    if base.smaller && base.shell {
        commands(plan, carried, base, needs, &named, &mut packages)?;
    }
    if base.smaller && base.shell && !base.certificates && uses_certificates(plan) {
        packages.further.insert("ca-certificates".into());
    }
    if plan.has_slim("update-ca-certificates") {
        packages.further.remove("ca-certificates");
    }
    let lacking = !packages.further.is_empty();
    for (package, evidence) in &base.packages {
        if !named.contains(package) {
            packages.evidence.push(evidence.clone());
            packages.further.insert(package.clone());
        }
    }
    // Debian's names for 64-bit time (`libmagic1t64`) stand in for the old ones.
    packages.further.retain(|package| {
        !named.contains(package)
            && !package
                .strip_suffix("t64")
                .is_some_and(|old| named.contains(old))
    });
    let gone = plan.firing.rules.table("gone-suites");
    if let (Some(suite), Some(gone)) = (suite, gone)
        && !packages.further.is_empty()
        && gone.get(&[suite]).is_some()
    {
        let list: Vec<&str> = packages.further.iter().map(String::as_str).collect();
        return Err(plan.stop(
            plan.firing.from(),
            "packages",
            format!(
                "the runtime needs {}, and the packages of {suite}, which `{}` is built on, have left the mirrors",
                list.join(", "),
                base.image
            ),
            "name a newer tag of the base image",
        ));
    }
    let distro = base.base.distro.as_deref().unwrap_or("");
    packages.apk = distro == "alpine";
    if lacking && !packages.further.is_empty() && !matches!(distro, "debian" | "ubuntu") {
        let list: Vec<&str> = packages.further.iter().map(String::as_str).collect();
        return Err(plan.stop(
            plan.firing.from(),
            "packages",
            format!(
                "the runtime needs {}, and how `{}` installs it is not known",
                list.join(", "),
                base.image
            ),
            "install the packages in the Dockerfile by name",
        ));
    }
    Ok(packages)
}

/// Whether a variable or a command line names the system's certificates, which a slim image may lack.
fn uses_certificates(plan: &Plan<'_>) -> bool {
    let model = plan.firing.model;
    let literal = |text: &str| text.starts_with("/etc/ssl/certs");
    let scan = plan.scan.as_ref();
    let in_sources = scan.is_some_and(|scan| match scan {
        Tri::Present(scan) => scan.literals.iter().any(|(text, _)| literal(text)),
        _ => false,
    });
    in_sources
        || model.steps.iter().any(|step| {
            let keyword = step.instruction.keyword;
            matches!(keyword, Keyword::Env | Keyword::Cmd | Keyword::Entrypoint)
                && step.instruction.text.text.contains("/etc/ssl/certs")
        })
}

/// Packages of the commands that the start needs and the slim image lacks.
fn commands(
    plan: &Plan<'_>,
    carried: &Carried,
    base: &RuntimeBase,
    needs: &Needs,
    named: &BTreeSet<String>,
    packages: &mut Packages,
) -> Result<(), Stop> {
    let Some(table) = plan.firing.rules.table("base-commands") else {
        return Ok(());
    };
    let runs = runtime_commands(plan, carried);
    let started = needs.commands.iter().map(|(name, via, _)| (name, via));
    for (name, via) in started.chain(runs.iter().map(|(name, via)| (name, via))) {
        let Some(row) = table.get(&[name]).filter(|_| !plan.has_slim(name)) else {
            continue;
        };
        let mut names = row.get("package").unwrap_or("").split(' ');
        let Some(package) = names.next().filter(|name| !name.is_empty()) else {
            continue;
        };
        if named.contains(package) {
            continue;
        }
        packages.evidence.push(Evidence {
            text: format!(
                "{via} runs `{name}`, which `{}` has in the package {package}",
                base.image
            ),
            source: None,
        });
        packages.further.insert(package.to_string());
        packages.further.extend(names.map(str::to_string));
    }
    Ok(())
}

/// Commands that RUN instructions of the runtime run: those after the build, and set-up commands that are repeated.
fn runtime_commands(plan: &Plan<'_>, carried: &Carried) -> Vec<(String, String)> {
    let mut commands = Vec::new();
    for (at, step) in plan.firing.model.steps.iter().enumerate() {
        let Effect::Run(run) = &step.effect else {
            continue;
        };
        let via = format!("line {}", plan.line(step.index));
        let item = |command: &CommandModel<'_>| run.script.commands[command.index].item;
        let repeats = |command: &CommandModel<'_>| match command.role {
            Some(Role::Setup) => true,
            Some(Role::Packages) => command
                .known
                .as_ref()
                .is_some_and(|known| !known.line.refreshes && known.line.packages.is_none()),
            Some(Role::Tool) => carried.tools.contains(&at),
            _ => false,
        };
        let items: BTreeSet<usize> = run
            .commands
            .iter()
            .filter(|command| repeats(command))
            .map(item)
            .collect();
        for command in &run.commands {
            let repeated = at > plan.survey.last
                || items.contains(&item(command))
                || super::downloads::feeds_packages(run, command);
            let name = run
                .command(command)
                .words
                .first()
                .and_then(|word| word.value.clone());
            if let Some(name) = name.filter(|_| repeated) {
                commands.push((name, via.clone()));
            }
        }
    }
    commands
}
