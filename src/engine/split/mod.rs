//! `split`: one stage becomes a build stage and a runtime stage.
//!
//! Every instruction of the stage goes into the build, into the runtime, or into both. The order of the file
//! decides: up to the last step that installs or builds something is the build; what stands after it is the
//! runtime's as it is. What the runtime needs of the build is copied at the same absolute paths.

mod account;
mod assets;
mod base;
mod built;
mod carry;
mod cleaning;
mod configured;
mod downloads;
mod fetched;
mod foreign;
mod libraries;
mod lighter;
mod locked;
mod made;
mod makefile;
mod mentions;
mod named;
mod needs;
mod outputs;
mod own_programs;
mod owner;
mod packages;
mod part;
mod place;
mod prefix;
mod project;
mod prune;
mod reach;
mod render;
mod resolved;
mod scripted;
mod scripts;
mod services;
mod settings;
mod settled;
mod setup;
mod shared;
mod staged;
mod supplies;
mod survey;
mod tools;
mod whole;
mod written;

pub(super) use services::extend as served;
pub(super) use staged::prune_stage;

use super::verbs::{Firing, Proposal, Stop};
use crate::facts::sources::Scan;
use crate::facts::{Source, Tri};
use crate::model::path::{resolve, within};
use crate::model::{Effect, Facts, Follow, StageModel, Start};
use crate::rule::document::{ReasonDocument, SplitVerb};
use crate::rule::{Expression, Role, RuleSet};
use crate::syntax::Keyword;
pub(super) use libraries::key as package_key;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The parts of a split's decision that the parts share.
pub(super) struct Plan<'a> {
    /// The firing.
    firing: &'a Firing<'a>,
    /// Facts of the context.
    facts: &'a Facts<'a>,
    /// What the rule says.
    verb: &'a SplitVerb,
    /// What the container starts.
    start: Start,
    /// Commands that the program runs.
    used: Used,
    /// What the project's sources say, where the rule searches them.
    scan: Option<Tri<Arc<Scan>>>,
    /// Commands of scripts and settings that the program hands to a shell or a daemon.
    scripts: Vec<(String, Source)>,
    /// Which steps build.
    survey: survey::Survey,
    /// Packages, and groups of them, that the stage removes after it has installed them.
    removed: BTreeSet<String>,
    /// Packages for which the runtime gets a smaller one.
    lighter: lighter::Lighter,
}

/// Commands that the start, the sources and the scripts that they name run.
struct Used {
    commands: BTreeSet<String>,
    /// The sources could not be searched: anything may be used.
    anything: bool,
}

impl Used {
    fn of(scan: Option<&Tri<Arc<Scan>>>, start: &Start) -> Self {
        let mut commands: BTreeSet<String> =
            start.commands().map(|(name, _)| name.to_string()).collect();
        let anything = start.unread
            || match scan {
                Some(Tri::Present(scan)) => scan.unread.is_some(),
                Some(Tri::Absent) => false,
                Some(Tri::Unknown(_)) | None => true,
            };
        if let Some(Tri::Present(scan)) = scan {
            commands.extend(scan.commands.iter().map(|spawned| spawned.name.clone()));
        }
        Self { commands, anything }
    }

    /// Whether the start or the sources run a command that a package brings.
    fn runs(&self, package: &packages::Package, rules: &RuleSet) -> bool {
        packages::brings(&package.name, rules).any(|command| self.commands.contains(command))
    }

    fn has(&self, command: &str) -> bool {
        self.anything || self.commands.contains(command)
    }
}

/// Proposes the split; `false` where there is nothing to split.
pub fn split(
    firing: &Firing<'_>,
    facts: &Facts<'_>,
    verb: &SplitVerb,
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    services::split(firing, facts, verb, proposal)
}

/// Proposes the split, where services of compose files start the image in their own ways, too.
fn split_with(
    firing: &Firing<'_>,
    facts: &Facts<'_>,
    verb: &SplitVerb,
    services: &[&services::Served<'_>],
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let model = firing.model;
    survey::preconditions(model)?;
    let views = project::views(firing, verb);
    let facts = &facts.of_projects(&views);
    if let Some((reason, source)) = reason(facts, model, &verb.refuse) {
        let place = source
            .map(|source| format!(" ({}:{})", source.file, source.line))
            .unwrap_or_default();
        let by_hand = || "write the split by hand".into();
        return Err(Stop {
            offset: firing.offset(),
            reason: "ecosystem",
            message: format!("{}{place}", reason.why),
            allow: reason.allow.clone().unwrap_or_else(by_hand),
        });
    }
    let scan = project::scan(firing, verb);
    let follow = Follow {
        model,
        facts,
        binaries: verb.binaries.as_ref(),
        inherits: verb.inherited_start,
    };
    let mut start = Start::of(&follow);
    let mut starts = model.has(Keyword::Cmd) || model.has(Keyword::Entrypoint);
    services::add(services, &mut starts, &mut start);
    let read = match &scan {
        Some(Tri::Present(scan)) => Some(scan.as_ref()),
        _ => None,
    };
    let scripts = scripts::commands(firing, &start, read);
    let mut used = Used::of(scan.as_ref(), &start);
    used.commands
        .extend(scripts.iter().map(|(name, _)| name.clone()));
    used.commands
        .extend(packages::named_compilers(model, firing.rules));
    let build_only = |package: &packages::Package| {
        !used.runs(package, firing.rules)
            && packages::build_only(package, model, &|command| used.has(command), firing.rules)
    };
    let survey = survey::survey(model, &build_only)?;
    if let Some(obstacle) = start
        .obstacles
        .first()
        .filter(|_| starts || survey.is_some())
    {
        return Err(Stop {
            offset: model.file.instructions[obstacle.instruction].span.start,
            reason: "start",
            message: obstacle.message.clone(),
            allow: obstacle.allow.clone(),
        });
    }
    let Some(survey) = survey else {
        return Ok(false);
    };
    if verb.application && !survey::brings_application(model) {
        return Err(Stop {
            offset: firing.offset(),
            reason: "start",
            message: "no instruction brings a program: its files come later, by a volume or in an image built from this one, where what is installed here may still be built with".into(),
            allow: "COPY the program into the image".into(),
        });
    }
    let mut plan = Plan {
        firing,
        removed: packages::removed(model),
        facts,
        verb,
        start,
        used,
        scan,
        scripts,
        survey,
        lighter: lighter::Lighter::default(),
    };
    plan.lighter = lighter::lighter(&plan)?;
    let plan = plan;
    if let Some((program, package, source)) = prune::not_installed(model, &plan.start) {
        let place = source
            .as_ref()
            .map(|source| format!(" ({}:{})", source.file, source.line))
            .unwrap_or_default();
        let starts = [Keyword::Cmd, Keyword::Entrypoint];
        let start = starts.iter().find_map(|keyword| model.last(*keyword));
        return Err(plan.stop(
            start.map_or(firing.from(), |step| step.index),
            "start",
            format!("the start needs `{program}` of {package}, a development dependency{place}, and only dependencies for production are installed"),
            format!("let CMD start the built program itself, or move {package} to the dependencies"),
        ));
    }
    let carried = carry::carry(&plan)?;
    // A stage that nothing is copied from would not even be built.
    if carried.paths.is_empty() {
        return Ok(false);
    }
    let needs = needs::needs(&plan, &carried)?;
    let base = base::choose(&plan, &carried, &needs)?;
    let packages = packages::divide(&plan, &carried, &base, &needs)?;
    let placed = place::place(&plan, &carried, &packages, &base)?;
    reach::reach(&plan, &carried, &placed)?;
    if verb.compiler && !packages.compiler || verb.packages && !packages.dropped {
        return Ok(false);
    }
    let gain = base.smaller
        || carried.prune.is_some()
        || packages.dropped
        || tools::leaves_tools(&plan, &carried)
        || (verb.even_on_same_base && (carried.artifacts || plan.leaves_downloads(&carried)));
    if !gain {
        return match base.why_same.as_ref().filter(|_| !already_small(model)) {
            Some(why) => Err(Stop {
                offset: model.file.instructions[firing.from()].span.start,
                reason: "base",
                message: format!(
                    "the runtime would hold what the build holds, since it keeps the image `{}`: {why}",
                    base.image
                ),
                allow: same_base(model, firing.rules),
            }),
            None => Ok(false),
        };
    }
    proposal
        .evidence
        .extend(plan.start.evidence.iter().cloned());
    proposal
        .evidence
        .extend(plan.lighter.evidence.iter().cloned());
    proposal
        .assumptions
        .extend(plan.lighter.assumptions.iter().cloned());
    proposal.evidence.extend(carried.evidence.iter().cloned());
    proposal.evidence.extend(base.evidence.iter().cloned());
    proposal.evidence.extend(packages.evidence.iter().cloned());
    proposal
        .assumptions
        .extend(plan.start.assumptions.iter().cloned());
    proposal
        .assumptions
        .extend(carried.assumptions.iter().cloned());
    proposal
        .assumptions
        .extend(needs.assumptions.iter().cloned());
    proposal
        .assumptions
        .extend(base.assumptions.iter().cloned());
    proposal
        .assumptions
        .extend(packages.assumptions.iter().cloned());
    render::render(&plan, &carried, &base, &packages, &placed, proposal)?;
    Ok(true)
}

/// What would allow another base image, where the runtime keeps that of the build.
fn same_base(model: &StageModel<'_>, rules: &RuleSet) -> String {
    let base = &model.base;
    let moved = rules.look_up("moved-images", &[&base.name]);
    match moved.as_ref().and_then(|row| row.get("moved")) {
        Some(moved) => format!(
            "`{}` has left its registry: name the same version of {moved}",
            base.name
        ),
        None if base.known() && !base.digest && !base.variable => {
            "nothing, as long as that is so".into()
        }
        None => "name a tag of an official image that the tables know".into(),
    }
}

/// Whether the tag itself says that the image is the small one of its family.
fn already_small(model: &StageModel<'_>) -> bool {
    let mut parts = model.base.tag.split('-');
    parts.any(|part| part == "slim" || part.starts_with("alpine"))
}

impl Plan<'_> {
    /// A stop at an instruction.
    fn stop(
        &self,
        instruction: usize,
        reason: &'static str,
        message: impl Into<String>,
        allow: impl Into<String>,
    ) -> Stop {
        Stop {
            offset: self.firing.model.file.instructions[instruction].span.start,
            reason,
            message: message.into(),
            allow: allow.into(),
        }
    }

    /// Whether the slim image of the base's family has a command.
    fn has_slim(&self, command: &str) -> bool {
        let base = &self.firing.model.base;
        let suite = base.suite.as_deref().unwrap_or("");
        let Some(table) = self.firing.rules.table("slim-commands") else {
            return false;
        };
        let has = |family: &str| table.get(&[family, command]).is_some();
        if ["debian", &base.name, suite].into_iter().any(has) {
            return true;
        }
        // The runtime may be of another family: a JRE for what Maven built.
        let kinds = self.verb.runtime.iter().filter_map(|choice| {
            let (image, _) = base.swap(choice.kind.as_deref()?, self.firing.rules)?;
            Some(crate::model::Base::from_text(&image, self.firing.rules).name)
        });
        kinds.take(1).any(|family| has(&family))
    }

    /// Whether the build copies files of the build context.
    fn copies_context(&self) -> bool {
        let steps = &self.firing.model.steps[..=self.survey.last];
        steps.iter().any(|step| {
            matches!(&step.effect, Effect::Copy(copy) if copy.from.is_none() && !copy.remote)
        })
    }

    /// Whether a build step works in a directory: what was downloaded there are its sources.
    fn builds_in(&self, directory: &str) -> bool {
        let steps = &self.firing.model.steps[..=self.survey.last];
        steps.iter().any(|step| match &step.effect {
            Effect::Run(run) => run.commands.iter().any(|command| {
                let here = |workdir: &String| within(workdir, directory);
                command.role == Some(Role::Build) && command.workdir.as_ref().is_some_and(here)
            }),
            _ => false,
        })
    }

    /// Whether a package of the system brings a command.
    fn packaged(&self, command: &str) -> bool {
        let table = self.firing.rules.table("base-commands");
        table.is_some_and(|table| table.get(&[command]).is_some())
    }

    /// Whether the build downloads into a directory that is not carried.
    fn leaves_downloads(&self, carried: &carry::Carried) -> bool {
        let steps = &self.firing.model.steps[..=self.survey.last];
        steps.iter().any(|step| match &step.effect {
            Effect::Run(run) => run.commands.iter().any(|command| {
                let line = command.known.as_ref().map(|known| known.line);
                let cache = line.and_then(|line| line.cache.as_ref());
                cache.is_some_and(|cache| {
                    let target = match cache.target.strip_prefix("~/") {
                        Some(rest) => resolve(&step.state.home(), rest),
                        None => cache.target.clone(),
                    };
                    let carries = |copied: &carry::Copied| within(&target, &copied.path);
                    target.starts_with('/') && !carried.paths.iter().any(carries)
                })
            }),
            _ => false,
        })
    }

    /// Whether the stage removes a package after it has installed it.
    fn removes(&self, package: &packages::Package) -> bool {
        let mut names = std::iter::once(&package.name).chain(&package.group);
        names.any(|name| self.removed.contains(name))
    }

    /// Whether only the build uses a package.
    fn build_only(&self, package: &packages::Package) -> bool {
        !self.used.runs(package, self.firing.rules)
            && packages::build_only(
                package,
                self.firing.model,
                &|command| self.used.has(command),
                self.firing.rules,
            )
    }

    /// The line of an instruction.
    fn line(&self, instruction: usize) -> usize {
        self.firing.model.file.instructions[instruction].lines.start
    }

    /// The first of the reasons that holds, in words.
    fn reason(&self, reasons: &[ReasonDocument]) -> Option<(String, Option<Source>)> {
        let runs = |name: &String| self.start.commands().any(|(command, _)| command == name);
        let concerned =
            |reason: &&ReasonDocument| reason.starts.is_empty() || reason.starts.iter().any(runs);
        reasons.iter().filter(concerned).find_map(|reason| {
            let reasons = std::slice::from_ref(reason);
            let (reason, source) = self::reason(self.facts, self.firing.model, reasons)?;
            Some((reason.why.clone(), source))
        })
    }
}

/// Whether an absolute path lies outside of the directory that the stage ends in.
fn outside(model: &StageModel<'_>, path: &str) -> bool {
    let inside = |workdir: &String| workdir != "/" && within(path, workdir);
    path.starts_with('/') && !model.end.workdir.as_ref().is_some_and(inside)
}

/// Whether a variable of the stage has a path outside of the working directory, in the given form.
fn set_outside(model: &StageModel<'_>, form: &Expression) -> bool {
    let mut values = model.end.env.values().flatten();
    values.any(|value| form.group(value).is_some_and(|path| outside(model, &path)))
}

/// The first of the reasons whose fact is present, and that nothing takes away.
fn reason<'r>(
    facts: &Facts<'_>,
    model: &StageModel<'_>,
    reasons: &'r [ReasonDocument],
) -> Option<(&'r ReasonDocument, Option<Source>)> {
    let runs = |program: &String| {
        let wanted: Vec<&str> = program.split(' ').collect();
        model.steps.iter().any(|step| match &step.effect {
            Effect::Run(run) => run.commands.iter().any(|command| {
                let words = &run.command(command).words;
                let mut starts = words.windows(wanted.len()).take(3);
                starts.any(|words| {
                    let texts = words.iter().map(|word| word.value.as_deref());
                    texts.eq(wanted.iter().map(|word| Some(*word)))
                })
            }),
            _ => false,
        })
    };
    reasons.iter().find_map(|reason| {
        if !reason.programs.is_empty() && !reason.programs.iter().any(runs) {
            return None;
        }
        if let Some(form) = &reason.outside
            && set_outside(model, form)
        {
            return Some((reason, None));
        }
        let Tri::Present(source) = facts.present(&reason.when) else {
            return None;
        };
        if reason.outside.is_some() {
            let value = facts.get(&reason.when).present();
            let text = value.as_ref().map_or("", |value| value.text());
            return outside(model, text).then_some((reason, source));
        }
        let unless = reason.unless.as_ref();
        let holds = unless.is_none_or(|fact| !facts.get(fact).is_present())
            && !reason.unless_tag.as_ref().is_some_and(|tag| {
                let group = tag.group(&model.base.tag);
                let value = facts.get(&reason.when).present();
                group.is_some() && group == value.map(|value| value.text().to_string())
            });
        holds.then_some((reason, source))
    })
}
