//! What surrounds a match: mounts, variables, texts, the base image, what follows.

use super::matching::{Match, Stage, Target};
use crate::model::path::{resolve, within};
use crate::model::{Base, Effect, RunModel, Step};
use crate::rule::document::MatchDocument;
use crate::syntax::Instruction;

impl<'a> Stage<'_, 'a> {
    /// Whether the surroundings of a match are as `match` wants them.
    pub(super) fn allowed_here(&self, matching: &MatchDocument, found: &Match) -> bool {
        if !self.base_allowed(matching) || !self.texts_allowed(matching) {
            return false;
        }
        if matching.known_later && !self.later_known(found)
            || matching.not_continued && self.goes_on()
            || matching.known_after && !self.after_known(found)
        {
            return false;
        }
        found.steps.values().all(|target| {
            let Some(step) = self.step(*target) else {
                return true;
            };
            let source = &self.model.file.source;
            let text = step.instruction.span.of(source);
            let words = &matching.without_text_here;
            let names = &matching.without_env;
            let wanted = &matching.with_env;
            words.iter().all(|word| !text.contains(word.as_str()))
                && !mounted(step, &matching.without_mounts)
                && names.iter().all(|name| !is_set(step, *target, name))
                && wanted.iter().all(|name| step.state.env.contains_key(name))
                && !(matching.without_input && has_input(step, *target))
        })
    }

    fn step(&self, target: Target) -> Option<&Step<'a>> {
        let mut steps = self.model.steps.iter();
        steps.find(|step| step.index == target.instruction)
    }

    /// The base image of the stage, or of the stage that it is built FROM.
    fn base_allowed(&self, matching: &MatchDocument) -> bool {
        if !matching.known_base && matching.not_suite.is_empty() {
            return true;
        }
        let file = self.model.file;
        let mut stage = self.model.stage;
        while let Some(earlier) = file.base_stage(stage) {
            stage = earlier;
        }
        let own = (stage == self.model.stage).then(|| self.model.base.clone());
        let base = own.unwrap_or_else(|| Base::of(file, stage, self.rules));
        let suite = base.suite.as_deref().unwrap_or("");
        (base.known() || !matching.known_base)
            && !matching
                .not_suite
                .iter()
                .any(|pattern| match pattern.strip_suffix('*') {
                    Some(prefix) => suite.starts_with(prefix),
                    None => suite == pattern,
                })
    }

    fn texts_allowed(&self, matching: &MatchDocument) -> bool {
        let source = &self.model.file.source;
        !matching.without_text.iter().any(|word| {
            let mut steps = self.model.steps.iter();
            steps.any(|step| {
                // Mounts hold nothing that stays: what they are named after says nothing of the stage.
                let start = match step.instruction.flags_named("mount").last() {
                    Some(flag) => flag.span.end,
                    None => step.instruction.span.start,
                };
                let text = source.get(start..step.instruction.span.end);
                text.is_some_and(|text| text.contains(word.as_str()))
            })
        })
    }

    /// Whether every command of the stage is known.
    pub(super) fn all_known(&self) -> bool {
        self.model.steps.iter().all(|step| match &step.effect {
            Effect::Run(run) => run.unknown.is_empty(),
            _ => true,
        })
    }

    /// Whether every command of later RUNs is known, and no stage goes on from this one.
    fn later_known(&self, found: &Match) -> bool {
        let last = found.steps.values().map(|target| target.instruction).max();
        !self.goes_on()
            && self.model.steps.iter().all(|step| match &step.effect {
                Effect::Run(run) if Some(step.index) > last => run.unknown.is_empty(),
                _ => true,
            })
    }

    /// Whether another stage is built FROM this one.
    fn goes_on(&self) -> bool {
        let file = self.model.file;
        (0..file.stages.len()).any(|stage| file.base_stage(stage) == Some(self.model.stage))
    }

    /// Whether every command after the match in the same RUN is known.
    fn after_known(&self, found: &Match) -> bool {
        found.steps.values().all(|target| {
            let Some(Effect::Run(run)) = self.step(*target).map(|step| &step.effect) else {
                return true;
            };
            run.script.opaque.is_none()
                && run
                    .commands
                    .iter()
                    .filter(|command| Some(command.index) > target.command)
                    .all(|command| command.role.is_some())
        })
    }
}

/// Whether a mount of the RUN covers one of the directories, or lies in one.
fn mounted(step: &Step<'_>, directories: &[String]) -> bool {
    let home = step.state.home();
    let mut targets = mount_targets(step.instruction, &home);
    targets.any(|target| {
        directories.iter().any(|directory| {
            let directory = absolute(directory, &home);
            // A target with a variable may be anywhere.
            target.contains('$') || within(&directory, &target) || within(&target, &directory)
        })
    })
}

/// The targets of the mounts of a RUN that hold files: cache, tmpfs and bind mounts.
fn mount_targets<'a>(
    instruction: &'a Instruction,
    home: &'a str,
) -> impl Iterator<Item = String> + 'a {
    instruction.flags_named("mount").filter_map(move |flag| {
        if matches!(flag.option(&["type"]), Some("secret" | "ssh")) {
            return None;
        }
        let target = flag.option(&["target", "dst", "destination"])?;
        Some(absolute(target, home))
    })
}

fn absolute(path: &str, home: &str) -> String {
    match path.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => {
            resolve(home, rest.trim_start_matches('/'))
        }
        _ => resolve("/", path),
    }
}

/// Whether a variable is set where the command runs: by ENV, ARG, before the command, or by the script.
fn is_set(step: &Step<'_>, target: Target, name: &str) -> bool {
    if step.state.env.contains_key(name) || step.state.arguments.contains_key(name) {
        return true;
    }
    let (Effect::Run(run), Some(at)) = (&step.effect, target.command) else {
        return false;
    };
    run.script.commands.iter().take(at + 1).any(|command| {
        let exported = command.words.first().is_some_and(|word| {
            matches!(
                word.value.as_deref(),
                Some("export" | "declare" | "typeset" | "env")
            )
        });
        command
            .assignments
            .iter()
            .any(|assignment| assignment.name == name)
            || exported
                && command.words.iter().any(|word| {
                    word.raw
                        .split('=')
                        .next()
                        .is_some_and(|first| first == name)
                })
    })
}

/// Whether a pipe or a redirection may give the command something to read.
fn has_input(step: &Step<'_>, target: Target) -> bool {
    let (Effect::Run(run), Some(at)) = (&step.effect, target.command) else {
        return false;
    };
    reads(run, at)
}

fn reads(run: &RunModel<'_>, at: usize) -> bool {
    let Some(command) = run.script.commands.get(at) else {
        return false;
    };
    // A redirection of a compound command stands after its commands, in the same item.
    let of_item = |other: &&crate::shell::Command| {
        other.item == command.item && other.words.is_empty() && other.assignments.is_empty()
    };
    let others = run.script.commands.iter().skip(at).filter(of_item);
    command.context.pipeline
        || std::iter::once(command)
            .chain(others)
            .flat_map(|command| &command.redirects)
            .any(|redirect| redirect.operator.starts_with('<'))
}
