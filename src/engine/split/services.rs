//! Services of compose files that start the image in a way of their own: what they need is needed, too.
//!
//! A service that mounts the sources over those of the image, or that runs the tests, is there for development. What
//! only such a service needs may stay behind: it is told, since the service then wants the build stage.

use super::{project, prune, split_with};
use crate::engine::verbs::{Firing, Proposal, Stop};
use crate::facts::Tri;
use crate::facts::compose::Service;
use crate::facts::reader::Glob;
use crate::model::path::{resolve, within};
use crate::model::{Effect, Facts, Follow, Need, StageModel, Start};
use crate::rule::Role;
use crate::rule::document::SplitVerb;
use crate::shell::Command;
use crate::syntax::Keyword;

/// A service, and what it starts.
pub struct Served<'a> {
    service: &'a Service,
    start: Start,
    /// Why it is taken to be there for development.
    development: Option<String>,
    /// What it needs that the runtime is not made to have.
    lacks: Option<String>,
}

/// Proposes the split that keeps the services of the compose files working.
pub fn split(
    firing: &Firing<'_>,
    facts: &Facts<'_>,
    verb: &SplitVerb,
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let parts = parts(firing, firing.model);
    if parts.is_empty() {
        return split_with(firing, facts, verb, &[], proposal);
    }
    let views = project::views(firing, verb);
    let follow = Follow {
        model: firing.model,
        facts: &facts.of_projects(&views),
        binaries: verb.binaries.as_ref(),
        inherits: verb.inherited_start,
    };
    let globs = verb.sources.iter().flat_map(|sources| &sources.files);
    let code: Vec<Glob> = globs.filter_map(|glob| Glob::parse(glob).ok()).collect();
    let served: Vec<Served<'_>> = parts
        .iter()
        .map(|service| Served::of(&follow, service, firing, &code))
        .collect();
    let (behind, wanted): (Vec<&Served<'_>>, Vec<&Served<'_>>) =
        served.iter().partition(|served| served.lacks.is_some());
    let tried = |services: &[&Served<'_>]| {
        let mut tried = proposal.clone();
        split_with(firing, facts, verb, services, &mut tried).map(|done| done.then_some(tried))
    };
    let mut assumptions: Vec<String> = behind
        .iter()
        .filter_map(|served| served.assumption(served.lacks.as_deref()?))
        .collect();
    let result = match tried(&wanted) {
        Err(stop) if !wanted.is_empty() => {
            // What the image itself starts may be the reason.
            let Some(alone) = tried(&[])? else {
                return Ok(false);
            };
            let reasons: Vec<(&Served<'_>, Stop)> = wanted
                .iter()
                .filter_map(|served| Some((*served, tried(&[served]).err()?)))
                .collect();
            let first = reasons
                .iter()
                .find(|(served, _)| served.development.is_none());
            if let Some((served, stop)) = first {
                return Err(served.stop(stop));
            }
            if reasons.is_empty() {
                return Err(stop);
            }
            let told = reasons
                .iter()
                .filter_map(|(served, stop)| served.assumption(&stop.message));
            assumptions.extend(told);
            let stays = |served: &&&Served<'_>| {
                !reasons
                    .iter()
                    .any(|(other, _)| std::ptr::eq(*other, **served))
            };
            let others: Vec<&Served<'_>> = wanted.iter().filter(stays).copied().collect();
            tried(&others).unwrap_or(Some(alone))
        }
        result => result?,
    };
    let Some(mut result) = result else {
        return Ok(false);
    };
    result.assumptions.extend(assumptions);
    *proposal = result;
    Ok(true)
}

/// Adds what the services of compose files start to what a stage starts; what is assumed of the others.
pub fn extend(firing: &Firing<'_>, follow: &Follow<'_>, start: &mut Start) -> Vec<String> {
    let mut assumptions = Vec::new();
    for service in &parts(firing, follow.model) {
        let served = Served::of(follow, service, firing, &[]);
        match &served.lacks {
            Some(lacks) => assumptions.extend(served.assumption(lacks)),
            None => start.extend(served.start),
        }
    }
    assumptions
}

/// The services that run what the stage becomes, their health checks apart: those are no part of development.
fn parts(firing: &Firing<'_>, model: &StageModel<'_>) -> Vec<Service> {
    let name = model.file.stages.get(model.stage);
    let name = name.and_then(|stage| stage.name.as_deref()).unwrap_or("");
    let runs = |service: &&Service| {
        let target = service.target.as_deref();
        target.is_none_or(|target| target.is_empty() || target.eq_ignore_ascii_case(name))
    };
    let mut parts: Vec<Service> = Vec::new();
    for service in firing.services.get().iter().filter(runs) {
        let started = service.entrypoint.is_some() || service.command.is_some();
        let start = Service {
            check: None,
            ..service.clone()
        };
        let check = Service {
            entrypoint: None,
            command: None,
            ..service.clone()
        };
        let checked = service.check.is_some().then_some(check);
        for part in started.then_some(start).into_iter().chain(checked) {
            // The same command once more asks for nothing new.
            let same = |known: &Service| {
                let words = |order: &Option<_>| order.as_ref().map(order_words);
                words(&known.command) == words(&part.command)
                    && words(&known.entrypoint) == words(&part.entrypoint)
                    && words(&known.check) == words(&part.check)
                    && (&known.workdir, &known.binds, &known.volumes)
                        == (&part.workdir, &part.binds, &part.volumes)
            };
            if !parts.iter().any(same) {
                parts.push(part);
            }
        }
    }
    parts
}

fn order_words(order: &crate::facts::compose::Order) -> (Vec<String>, bool) {
    (order.words.clone(), order.shell)
}

/// Adds what the services start to what the image starts.
pub fn add(services: &[&Served<'_>], starts: &mut bool, start: &mut Start) {
    for served in services {
        if served.service.check.is_none() && !*starts {
            *starts = true;
            // Now something says what the container starts.
            start.obstacles.clear();
        }
        start.extend(served.start.clone());
    }
}

impl<'a> Served<'a> {
    fn of(follow: &Follow<'_>, service: &'a Service, firing: &Firing<'_>, code: &[Glob]) -> Self {
        let mut served = Self {
            start: Start::of_service(follow, service),
            service,
            development: None,
            lacks: None,
        };
        let model = follow.model;
        if service.check.is_some() {
            return served;
        }
        // What the image does not install is not missed.
        if prune::not_installed(model, &served.start).is_some() {
            served.start.development.clear();
        }
        let hidden = hidden(follow, service, &served.start, code);
        // What a volume brings, the image need not have.
        let binds = service.binds.iter().map(|bind| &bind.target);
        let brought: Vec<String> = binds
            .chain(&service.volumes)
            .map(|target| resolve("/", target))
            .filter(|target| Some(target) != hidden.as_ref())
            .collect();
        // Nor can what the image never had be lost.
        served.start.programs.retain(|program| match &program.need {
            Need::File(path) => {
                !brought.iter().any(|target| within(path, target)) && may_have(follow, path)
            }
            Need::Command(_) => true,
        });
        if let Some(hidden) = &hidden {
            let own = [Keyword::Cmd, Keyword::Entrypoint];
            let own = own.iter().any(|keyword| model.has(*keyword));
            let start = &mut served.start;
            if own {
                start.programs.retain(|program| match &program.need {
                    Need::File(path) => !within(path, hidden),
                    Need::Command(_) => true,
                });
                start.directory = false;
                start.texts.clear();
            }
            // The packages of the image are seen where a volume without a folder of the host keeps them.
            let seen = service.volumes.iter().any(|volume| within(volume, hidden));
            if !seen {
                start.development.clear();
                start.compiles = None;
            }
            start.unread = false;
            start.anything = None;
            served.development = Some(format!("mounts the sources over `{hidden}`"));
        } else if checks(service, firing) {
            served.development = Some("checks the project".into());
        }
        if served.development.is_some() {
            let obstacle = served.start.obstacles.first();
            let obstacle = obstacle.map(|obstacle| obstacle.message.clone());
            let needs = || {
                let (needs, _) = served.start.needs_sources()?;
                Some(needs.trim_end_matches(',').to_string())
            };
            served.lacks = obstacle.or_else(needs);
        }
        served
    }

    fn line(&self) -> usize {
        let service = self.service;
        let orders = [&service.command, &service.entrypoint, &service.check];
        let order = orders.into_iter().flatten().next();
        order.map_or(1, |order| order.line)
    }

    fn name(&self) -> String {
        let service = self.service;
        format!(
            "service `{}` ({}:{})",
            service.name,
            service.file,
            self.line()
        )
    }

    /// What is said of a service that the runtime does not suit.
    fn assumption(&self, lacks: &str) -> Option<String> {
        let why = self.development.as_deref()?;
        let name = self.name();
        // An obstacle begins with who meets it.
        let lacks = lacks.strip_prefix(&name).unwrap_or(lacks).trim_start();
        Some(format!(
            "{name} is for development, as it {why}: the runtime lacks what it needs ({lacks}), so let it build this Dockerfile as it was, under another name"
        ))
    }

    fn stop(&self, stop: &Stop) -> Stop {
        let name = self.name();
        let known = stop
            .message
            .contains(&format!("{}:{}", self.service.file, self.line()));
        Stop {
            message: match known {
                true => stop.message.clone(),
                false => format!("{name}: {}", stop.message),
            },
            allow: format!(
                "{}, or let the service build a Dockerfile of its own",
                stop.allow
            ),
            ..stop.clone()
        }
    }
}

/// Whether a COPY brings a file, or a RUN may make it.
fn may_have(follow: &Follow<'_>, path: &str) -> bool {
    let model = follow.model;
    let extensions = follow.binaries.iter();
    let extensions = extensions.flat_map(|binaries| binaries.extensions.iter().map(String::as_str));
    let mut names = std::iter::once("")
        .chain(extensions)
        .map(|extension| format!("{path}{extension}"));
    names.any(|name| model.origin(&name, follow.facts.context) != Ok(None))
        || model.steps.iter().any(|step| match &step.effect {
            Effect::Run(run) => step.pragma.is_some() || run.may_write(|known| within(path, known)),
            Effect::Copy(copy) => copy.from.is_some() || copy.remote,
            Effect::Other => false,
        })
}

/// Whether a folder of the host that is mounted holds sources that a COPY brings to the same place.
fn replaces(follow: &Follow<'_>, source: Option<&str>, target: &str, code: &[Glob]) -> bool {
    let context = follow.facts.context;
    let Some(Tri::Present(files)) = source.map(|source| context.files_below(source)) else {
        return false;
    };
    let mut sources = files
        .iter()
        .filter(|file| code.iter().any(|glob| glob.is_match(file)));
    sources.next().is_some_and(|file| {
        let below = file.strip_prefix(source.unwrap_or("")).unwrap_or(file);
        let place = resolve(target, below.trim_start_matches('/'));
        let brought = follow.model.origin(&place, context);
        matches!(brought, Ok(Some((_, brought))) if brought == *file)
    })
}

/// The folder of the image that a service hides behind the sources of the host.
fn hidden(follow: &Follow<'_>, service: &Service, start: &Start, code: &[Glob]) -> Option<String> {
    let workdir = follow.model.end.workdir.as_deref();
    let workdir = match (&service.workdir, workdir) {
        (Some(own), end) => resolve(end.unwrap_or("/"), own),
        (None, end) => end?.to_string(),
    };
    service.binds.iter().find_map(|bind| {
        let target = resolve(&workdir, &bind.target);
        let hides = within(&workdir, &target)
            || start
                .files()
                .any(|(path, _)| path != target && within(path, &target))
            || replaces(follow, bind.source.as_deref(), &target, code);
        (target != "/" && hides).then_some(target)
    })
}

/// Whether a service runs tests or a linter.
fn checks(service: &Service, firing: &Firing<'_>) -> bool {
    let order = service.command.as_ref().or(service.entrypoint.as_ref());
    order.is_some_and(|order| {
        let words = order.words.iter();
        let words = words.map(|word| crate::model::literal_word(word));
        let command = Command::of(words.collect());
        let known = firing.rules.commands.classify(&command);
        known.is_some_and(|known| known.line.role == Role::Check)
    })
}
