//! Which side of the split each instruction of the build part goes to.

use super::Plan;
use super::base::RuntimeBase;
use super::carry::{Carried, runtime_only};
use super::packages::{Packages, for_runtime, installed};
use super::part::Part;
use crate::engine::verbs::Stop;
use crate::model::{Effect, Pragma, mentions};
use crate::rule::document::LineDocument;
use crate::syntax::{Data, Keyword};

/// Where an instruction goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placed {
    /// It stays in the build stage.
    pub build: bool,
    /// Its text in the runtime stage.
    pub runtime: Option<String>,
}

/// The side of each step up to the last one of the build.
pub fn place(
    plan: &Plan<'_>,
    carried: &Carried,
    _packages: &Packages,
    base: &RuntimeBase,
) -> Result<Vec<Placed>, Stop> {
    let model = plan.firing.model;
    let source = &model.file.source;
    let refresh = wants_refresh(plan, base);
    let mut placed = Vec::new();
    for (at, step) in model.steps.iter().enumerate().take(plan.survey.last + 1) {
        let text = || Some(step.instruction.span.of(source).to_string());
        let both = || Placed {
            build: true,
            runtime: text(),
        };
        placed.push(match (&step.effect, step.pragma) {
            (_, Some(Pragma::Build)) => Placed {
                build: true,
                runtime: None,
            },
            (_, Some(Pragma::Runtime)) => Placed {
                build: false,
                runtime: text(),
            },
            (_, Some(Pragma::Both)) => both(),
            (Effect::Copy(_), None) => Placed {
                build: true,
                runtime: carried.repeated.contains(&at).then(text).flatten(),
            },
            (Effect::Run(run), None) => Placed {
                build: true,
                runtime: Part {
                    plan,
                    carried,
                    base,
                    at,
                    refresh,
                }
                .text(step, run)?,
            },
            (Effect::Other, None) => match step.instruction.keyword {
                keyword if runtime_only(keyword) => Placed {
                    build: false,
                    runtime: text(),
                },
                Keyword::Arg => Placed {
                    build: true,
                    runtime: None,
                },
                _ => both(),
            },
        });
    }
    arguments(plan, &mut placed);
    Ok(placed)
}

/// An ARG that the runtime uses is declared again there.
fn arguments(plan: &Plan<'_>, placed: &mut [Placed]) {
    let model = plan.firing.model;
    let source = &model.file.source;
    let later: Vec<&str> = model.steps[placed.len()..]
        .iter()
        .map(|step| step.instruction.span.of(source))
        .collect();
    // Backwards, since one ARG may use another.
    for at in (0..placed.len()).rev() {
        let step = &model.steps[at];
        let (Keyword::Arg, Data::Pairs { pairs, .. }) =
            (step.instruction.keyword, &step.instruction.data)
        else {
            continue;
        };
        let used = pairs.iter().any(|pair| {
            let name = pair.key.text();
            later.iter().any(|text| mentions(text, name))
                || placed[at + 1..]
                    .iter()
                    .filter_map(|placed| placed.runtime.as_deref())
                    .any(|text| mentions(text, name))
        });
        if used {
            placed[at].runtime = Some(step.instruction.span.of(source).to_string());
        }
    }
}

/// Whether a RUN of the runtime takes packages from lists that an earlier RUN has refreshed.
fn wants_refresh(plan: &Plan<'_>, base: &RuntimeBase) -> bool {
    let suite = base.base.suite.as_deref();
    plan.firing
        .model
        .steps
        .iter()
        .enumerate()
        .any(|(at, step)| {
            let Effect::Run(run) = &step.effect else {
                return false;
            };
            let later = at > plan.survey.last
                || matches!(step.pragma, Some(Pragma::Runtime | Pragma::Both));
            let installs = installed(run)
                .iter()
                .any(|package| later || !for_runtime(plan, package, suite).is_empty());
            let any = |of: fn(&LineDocument) -> bool| {
                let mut known = run.commands.iter().filter_map(|one| one.known.as_ref());
                known.any(|known| of(known.line))
            };
            let upgrades = any(|line| line.upgrades) && step.pragma != Some(Pragma::Build);
            (installs || upgrades) && !any(|line| line.refreshes)
        })
}
