//! Tools: those for building that come out of images of their own, and those that are installed for everybody.

use super::Plan;
use super::carry::Carried;
use super::written::without_version;
use crate::facts::Tri;
use crate::model::path::{name, parent, within};
use crate::model::{Base, CommandModel, Effect, Place};
use crate::rule::{Known, Role, Row};

/// Whether a COPY takes a tool for building out of the image of that tool, and nothing runs the tool later.
pub fn copies_tool(plan: &Plan<'_>, at: usize) -> bool {
    let model = plan.firing.model;
    let Effect::Copy(copy) = &model.steps[at].effect else {
        return false;
    };
    let (Some(from), Some(table)) = (&copy.from, plan.firing.rules.table("tool-images")) else {
        return false;
    };
    let base = Base::from_text(from, plan.firing.rules);
    let stage = |name: &Option<String>| name.as_ref().is_some_and(|name| name == from);
    let Some(row) = table.get(&[&base.name]) else {
        return false;
    };
    let stages = &model.file.stages;
    let files = row.get("files").unwrap_or("");
    let tool = |path: &String| files.split(' ').any(|file| name(path) == file);
    let later = &model.steps[plan.survey.last + 1..];
    let runs = |program: &str| {
        later.iter().any(|step| match &step.effect {
            Effect::Run(run) => {
                let mut words = run
                    .script
                    .commands
                    .iter()
                    .flat_map(|command| &command.words);
                words.any(|word| name(&word.raw) == program)
            }
            _ => false,
        })
    };
    !stages.iter().any(|known| stage(&known.name))
        && copy.sources.iter().all(tool)
        && !files
            .split(' ')
            .any(|file| plan.used.has(file) || runs(file))
}

/// Whether the start or the sources run a program of a tool that is installed globally, or may run it: one that nothing
/// else accounts for, or any where nobody can read what is run.
pub fn is_needed(plan: &Plan<'_>, command: &CommandModel<'_>, known: &Known<'_>) -> bool {
    let holds = |path: &str| {
        let mut writes = command.writes.iter();
        writes.any(|place| matches!(place, Place::Path(tool) if within(path, tool)))
    };
    // A directory that every program lies in says nothing.
    let own = |path: &str| !matches!(parent(path), "/usr/local/bin" | "/usr/bin") && holds(path);
    if plan.start.unread && !known.line.renews || plan.start.files().any(|(path, _)| own(path)) {
        return true;
    }
    // A tool whose name is not known may be any.
    let Some(packages) = known.packages().into_iter().collect() else {
        return true;
    };
    let tool = Tool {
        plan,
        known,
        packages,
    };
    let mut programs = plan.start.commands().map(|(program, _)| program);
    if programs.any(|program| tool.may_be(program)) {
        return true;
    }
    let table = plan.firing.rules.table("base-commands");
    // What the full image has is no program of the tool's.
    let mut run = plan.used.commands.iter();
    run.any(|name| table.is_none_or(|table| table.get(&[name]).is_none()) && tool.may_be(name))
        || !tool.only_builds() && (unseen(plan) || tool.is_named())
}

/// What a command installs for everybody.
struct Tool<'p> {
    plan: &'p Plan<'p>,
    known: &'p Known<'p>,
    /// As they are asked for, with versions.
    packages: Vec<String>,
}

impl Tool<'_> {
    /// Whether a program may be one of the tool's.
    fn may_be(&self, program: &str) -> bool {
        if self
            .known
            .line
            .serves
            .iter()
            .any(|served| served == program)
        {
            return true;
        }
        let mut steps = self.plan.firing.model.steps.iter();
        let from_system = steps.any(|step| match &step.effect {
            Effect::Run(run) => super::packages::installed(run)
                .iter()
                .any(|package| package.name == program),
            _ => false,
        });
        let mut names = self.names();
        !from_system
            && (names.clone().any(|name| name == program)
                || !self.plan.has_slim(program)
                    && names.any(|name| {
                        let by_name = || name.strip_suffix("-cli") == Some(program);
                        match self.package_of(program) {
                            Some(package) => package == name || by_name(),
                            None => !self.only_builds() || by_name(),
                        }
                    }))
    }

    /// Whether the packages are known to be for builds alone.
    fn only_builds(&self) -> bool {
        let binaries = self.plan.verb.binaries.as_ref();
        let listed = binaries
            .and_then(|binaries| binaries.tools.as_ref())
            .and_then(|tools| self.plan.firing.rules.table(tools));
        self.names().all(|name| {
            listed.is_some_and(|table| table.get(&[name]).is_some())
                || self.rows(name).next().is_some()
                    && self
                        .rows(name)
                        .all(|row| row.get("development") == Some("yes"))
        })
    }

    /// Whether the sources name a program of the packages.
    fn is_named(&self) -> bool {
        let Some(Tri::Present(scan)) = &self.plan.scan else {
            return false;
        };
        self.names().any(|package| {
            let own = name(package);
            let bare = own.strip_suffix("-cli").unwrap_or(own);
            let mut programs = self.rows(package).filter_map(|row| row.get("bin"));
            [own, bare]
                .iter()
                .any(|name| scan.mentioned.contains_key(*name))
                || programs.any(|program| scan.mentioned.contains_key(program))
        })
    }

    /// The packages without their versions.
    fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.packages.iter().map(|package| without_version(package))
    }

    /// The package that brings a program.
    fn package_of(&self, program: &str) -> Option<&str> {
        let table = &self.plan.verb.binaries.as_ref()?.table;
        self.plan
            .firing
            .rules
            .look_up(table, &[program])?
            .get("package")
    }

    /// The programs that a package is known to bring.
    fn rows<'r>(&'r self, package: &'r str) -> impl Iterator<Item = Row<'r>> {
        let binaries = self.plan.verb.binaries.as_ref();
        let table = binaries.and_then(|binaries| self.plan.firing.rules.table(&binaries.table));
        let rows = table.into_iter().flat_map(|table| table.all());
        rows.filter(move |row| row.get("package") == Some(package))
    }
}

/// Whether nobody can read the sources of the program: they are not at hand, or the build downloads them.
fn unseen(plan: &Plan<'_>) -> bool {
    if plan.used.anything {
        return true;
    }
    let mut steps = plan.firing.model.steps.iter();
    steps.any(|step| match &step.effect {
        Effect::Run(run) => run.commands.iter().any(|command| {
            let mut writes = command.writes.iter();
            command.role == Some(Role::Fetch)
                && writes.any(|place| match place {
                    Place::Path(path) => plan.start.files().any(|(file, _)| within(file, path)),
                    _ => false,
                })
        }),
        _ => false,
    })
}

/// Whether tools that only the build uses stay behind.
pub fn leaves_tools(plan: &Plan<'_>, carried: &Carried) -> bool {
    let model = plan.firing.model;
    let mut steps = model.steps.iter().enumerate().take(plan.survey.last + 1);
    steps.any(|(at, step)| {
        let Effect::Run(run) = &step.effect else {
            return false;
        };
        !carried.tools.contains(&at)
            && run.commands.iter().any(|command| {
                // Settings of a tool weigh nothing, and one that is renewed was there before.
                let light = command.known.as_ref().is_some_and(|known| {
                    let line = known.line;
                    line.renews || line.packages.is_none() && !line.serves.is_empty()
                });
                command.role == Some(Role::Tool)
                    && !light
                    && command.writes.iter().any(|place| match place {
                        Place::Path(path) | Place::Below(path) => !carried
                            .paths
                            .iter()
                            .any(|copied| within(path, &copied.path)),
                        Place::Anywhere => true,
                        Place::Named(_) => false,
                    })
            })
    })
}
