//! The base image of the runtime stage.

use super::Plan;
use super::carry::Carried;
use super::libraries::links_no_more;
use super::needs::Needs;
use crate::engine::verbs::Stop;
use crate::engine::{BaseChoice, Evidence};
use crate::facts::Tri;
use crate::model::{Base, Effect};
use crate::rule::Role;
use crate::rule::document::{ReasonDocument, RuntimeDocument};

/// The runtime's base image.
#[derive(Debug, Default)]
pub struct RuntimeBase {
    /// The reference as it is written after FROM.
    pub image: String,
    /// What the tables know of it.
    pub base: Base,
    /// Whether it is another image than the build's.
    pub smaller: bool,
    /// Whether it has a shell and a package manager.
    pub shell: bool,
    /// Whether certificates are copied from the build stage.
    pub certificates: bool,
    /// Why it is the same image as the build's, where another might have been.
    pub why_same: Option<String>,
    /// System packages that this image lacks and the program needs, with the reason.
    pub packages: Vec<(String, Evidence)>,
    /// Files that are copied from the build stage beside the program.
    pub copies: Vec<String>,
    /// Files of the build's image that the program reads, copied at the same place.
    pub brings: Vec<String>,
    /// A command to run after that.
    pub run: Option<String>,
    /// Another tag for the build stage, which names the suite.
    pub pinned: Option<String>,
    /// What was read.
    pub evidence: Vec<Evidence>,
    /// What was assumed.
    pub assumptions: Vec<String>,
}

/// Chooses the base image.
pub fn choose(plan: &Plan<'_>, carried: &Carried, needs: &Needs) -> Result<RuntimeBase, Stop> {
    let base = &plan.firing.model.base;
    let options = plan.firing.options;
    let why_same = match () {
        () if options.base == BaseChoice::Keep => Some("--base keep".to_string()),
        () if base.digest => Some(match base.variant.as_deref() {
            Some("full") | None => {
                "a digest pins the image: name the digest of a smaller one by hand".into()
            }
            Some(_) => "a digest pins the image".into(),
        }),
        () if base.variable => Some("a variable stands in the image's name".into()),
        () if !base.known() => Some(format!("dockopt's tables do not know `{}`", base.expanded)),
        () => None,
    };
    if let Some(why) = why_same {
        if !base.digest
            && let Some(chosen) = without_system(plan, carried, needs)
        {
            return Ok(chosen);
        }
        let mut same = same(plan, &why);
        same.why_same = Some(why).filter(|_| options.base != BaseChoice::Keep);
        return Ok(same);
    }
    let mut why_not = None;
    for choice in &plan.verb.runtime {
        let distro = base.distro.clone().unwrap_or_default();
        if !choice.distros.is_empty() && !choice.distros.contains(&distro) {
            why_not = why_not.or(Some(Evidence {
                text: format!("the smaller images on {distro} lack more than the tools of a build"),
                source: None,
            }));
            continue;
        }
        if choice.base.as_ref().is_some_and(|name| *name != base.name) {
            continue;
        }
        let user = plan.firing.model.end.user.as_deref().unwrap_or("");
        let user = user.split(':').next().unwrap_or("");
        if choice.only_alone && !carried.alone || choice.users.iter().any(|known| known == user) {
            continue;
        }
        let asked = choice.asked.as_deref();
        if asked.is_some_and(|name| name != options.base.name())
            || choice.suite.is_some() && choice.suite != base.suite
        {
            continue;
        }
        let linked = |choice: &RuntimeDocument| match choice.statically_linked {
            true => options.base != BaseChoice::Slim && carried.linked_statically,
            false => links_no_more(plan, needs, choice),
        };
        let no_shell = choice.statically_linked || !choice.has.is_empty();
        if no_shell && !(linked(choice) && bare(plan, carried, needs, &choice.has)) {
            continue;
        }
        let image = match (&choice.image, &choice.kind) {
            (Some(image), _) => image.clone(),
            (None, Some(kind)) => match base.swap(kind, plan.firing.rules) {
                Some((image, tag)) => format!("{image}:{tag}"),
                None => continue,
            },
            (None, None) => continue,
        };
        if let Some(why) = kept(plan, choice) {
            why_not = why_not.or(Some(why));
            continue;
        }
        let runtime = Base::from_text(&image, plan.firing.rules);
        if !choice.statically_linked && runtime.libc.is_some() && runtime.libc != base.libc {
            continue;
        }
        let written = format!("{}:{}", base.name, base.tag);
        let smaller = image != written && image != base.expanded;
        let mut chosen = RuntimeBase {
            smaller,
            shell: !no_shell,
            certificates: choice.certificates,
            copies: choice.copies.clone(),
            run: choice.run.clone(),
            ..RuntimeBase::default()
        };
        let suite = runtime.suite.clone().unwrap_or_default();
        if choice.statically_linked {
            chosen.evidence.push(Evidence {
                text: "the program is linked statically and its start needs no shell".into(),
                source: None,
            });
        } else if smaller {
            chosen.evidence.push(Evidence {
                text: match suite.is_empty() {
                    _ if choice.only_alone => {
                        format!("the program is one file, which `{image}` has the libc for")
                    }
                    true => format!("`{image}` has the same libc as `{}`", base.expanded),
                    false => format!(
                        "`{image}` has the same suite ({suite}) and libc as `{}`",
                        base.expanded
                    ),
                },
                source: None,
            });
            if !choice.portable {
                chosen.pinned = pinned(
                    plan,
                    choice.kind.as_deref().or(choice.goes_with.as_deref()),
                    &suite,
                    &mut chosen.assumptions,
                );
            }
            chosen.assumptions.extend(unknown(plan, &choice.unless));
        }
        for package in choice.packages.iter().filter(|_| smaller) {
            let source = match plan.facts.present(&package.when) {
                Tri::Absent => continue,
                Tri::Present(source) => source,
                Tri::Unknown(_) if package.known => continue,
                Tri::Unknown(_) => None,
            };
            let text = format!("`{}` for the runtime: {}", package.name, package.why);
            let evidence = Evidence { text, source };
            chosen.packages.push((package.name.clone(), evidence));
        }
        let tag = &plan.firing.model.base.tag;
        for file in choice.brings.iter().filter(|_| smaller) {
            let version = file.tag.as_ref();
            let other = version.is_some_and(|version| version.group(tag).is_none());
            if other || chosen.brings.contains(&file.path) {
                continue;
            }
            if let Tri::Present(source) = plan.facts.present(&file.when) {
                let text = format!("`{}` for the runtime: {}", file.path, file.why);
                chosen.evidence.push(Evidence { text, source });
                chosen.brings.push(file.path.clone());
            }
        }
        chosen.image = if smaller { image } else { base.written.clone() };
        chosen.base = runtime;
        return Ok(chosen);
    }
    let why = why_not.as_ref().map_or(
        "no smaller image of the same family, suite and libc is known",
        |why| &why.text,
    );
    let mut same = same(plan, why);
    if let Some(why) = why_not {
        same.why_same = Some(why.text.clone());
        for evidence in &mut same.evidence {
            evidence.source.clone_from(&why.source);
        }
    }
    Ok(same)
}

/// An image without a system for a program that needs none, whatever the build's image is: a variable may stand in its
/// name.
fn without_system(plan: &Plan<'_>, carried: &Carried, needs: &Needs) -> Option<RuntimeBase> {
    let options = plan.firing.options;
    let declined = matches!(options.base, BaseChoice::Keep | BaseChoice::Slim);
    if declined || !carried.linked_statically || !bare(plan, carried, needs, &[]) {
        return None;
    }
    let name = &plan.firing.model.base.name;
    let choices = || {
        let fits = |choice: &&RuntimeDocument| choice.base.as_ref().is_none_or(|base| base == name);
        let choices = plan.verb.runtime.iter().filter(fits);
        choices.filter(|choice| choice.statically_linked && choice.asked.is_none())
    };
    // Files of a system that only some images of the build have.
    let mut brings = choices().flat_map(|choice| &choice.brings);
    if brings.any(|file| !plan.facts.get(&file.when).is_absent()) {
        return None;
    }
    let choice = choices().find(|choice| choice.distros.is_empty())?;
    let image = choice.image.clone()?;
    if kept(plan, choice).is_some() {
        return None;
    }
    let text = "the program is linked statically and its start needs no shell";
    Some(RuntimeBase {
        base: Base::from_text(&image, plan.firing.rules),
        image,
        smaller: true,
        evidence: vec![Evidence {
            text: text.into(),
            source: None,
        }],
        ..RuntimeBase::default()
    })
}

/// Why a runtime base cannot be taken: the start or the sources run what it lacks, or a fact says so.
fn kept(plan: &Plan<'_>, choice: &RuntimeDocument) -> Option<Evidence> {
    lacking(
        plan,
        "image",
        &choice.lacks,
        &choice.lacks_paths,
        &choice.unless,
    )
}

/// Why something smaller cannot stand in for what the build has: the start or the sources run a command that it lacks,
/// an instruction names a path that it lacks, or a fact says so.
pub fn lacking(
    plan: &Plan<'_>,
    smaller: &str,
    commands: &[String],
    paths: &[String],
    unless: &[ReasonDocument],
) -> Option<Evidence> {
    let mut commands = commands.iter();
    if let Some(command) = commands.find(|command| plan.used.commands.contains(*command)) {
        return Some(Evidence {
            text: format!("the program runs `{command}`, which the smaller {smaller} lacks"),
            source: None,
        });
    }
    let model = plan.firing.model;
    if let Some((part, step)) = model.names_part(paths) {
        let line = plan.line(step);
        return Some(Evidence {
            text: format!(
                "line {line} names a path with `{part}`, which the smaller {smaller} lacks"
            ),
            source: None,
        });
    }
    plan.reason(unless)
        .map(|(text, source)| Evidence { text, source })
}

/// What was assumed of facts that would have kept the larger of two, where they could not be read.
pub fn unknown(plan: &Plan<'_>, unless: &[ReasonDocument]) -> Option<String> {
    unless.iter().find_map(|reason| {
        let unknown = plan.facts.present(&reason.when).unknown()?.to_string();
        Some(format!("not so that {} ({unknown})", reason.why))
    })
}

/// The same image in both stages, with the reason.
fn same(plan: &Plan<'_>, why: &str) -> RuntimeBase {
    let base = &plan.firing.model.base;
    RuntimeBase {
        image: base.written.clone(),
        base: base.clone(),
        smaller: false,
        shell: true,
        certificates: false,
        copies: Vec::new(),
        brings: Vec::new(),
        run: None,
        why_same: None,
        packages: Vec::new(),
        pinned: None,
        evidence: vec![Evidence {
            text: format!(
                "the runtime stage keeps the image `{}`: {why}",
                base.written
            ),
            source: None,
        }],
        assumptions: Vec::new(),
    }
}

/// The build's tag with its suite, where the tag may move to another suite one day and the runtime's may not: the
/// libc that the program is linked with must not be newer than the one it runs with.
fn pinned(
    plan: &Plan<'_>,
    kind: Option<&str>,
    suite: &str,
    assumptions: &mut Vec<String>,
) -> Option<String> {
    let base = &plan.firing.model.base;
    let table = plan.firing.rules.table("base-swap")?;
    let row = table
        .rows(&[&base.name, &base.tag])
        .find(|row| row.get("kind") == kind)?;
    if row.get("floats") != Some("yes") {
        return None;
    }
    let tag = if base.tag == "latest" {
        suite.to_string()
    } else {
        format!("{}-{suite}", base.tag)
    };
    if plan
        .firing
        .rules
        .look_up("base-images", &[&base.name, &tag])
        .is_some_and(|row| row.get("suite") == Some(suite))
    {
        let repository = base
            .expanded
            .rsplit_once(':')
            .filter(|(_, tag)| *tag == base.tag)
            .map_or(base.expanded.as_str(), |(repository, _)| repository);
        return Some(format!("{repository}:{tag}"));
    }
    assumptions.push(format!(
        "`{}` is still built on {suite} when this is built",
        base.expanded
    ));
    None
}

/// Whether an image without shell and package manager will do, which has these packages of the system.
fn bare(plan: &Plan<'_>, carried: &Carried, needs: &Needs, has: &[String]) -> bool {
    let suite = plan.firing.model.base.suite.as_deref();
    let stays = |package: &super::packages::Package| {
        let runtime = super::packages::for_runtime(plan, package, suite);
        runtime.iter().all(|package| has.contains(package))
    };
    let model = plan.firing.model;
    let runs_later = model
        .steps
        .iter()
        .enumerate()
        .any(|(at, step)| match &step.effect {
            Effect::Run(run) => {
                at > plan.survey.last
                    || step.pragma.is_some()
                    || run.any(&[Role::Setup])
                    || super::packages::installed(run)
                        .iter()
                        .any(|package| !plan.build_only(package) && !stays(package))
            }
            _ => false,
        });
    let user = model.end.user.as_deref().unwrap_or("root");
    let known_user = user.split(':').all(|part| {
        matches!(part, "root" | "nobody" | "nonroot") || part.bytes().all(|b| b.is_ascii_digit())
    });
    !plan.start.shell
        && !runs_later
        && known_user
        && needs.commands.iter().all(|(name, ..)| {
            carried
                .paths
                .iter()
                .any(|copied| copied.path.ends_with(&format!("/{name}")))
        })
        && carried.tools.is_empty()
}
