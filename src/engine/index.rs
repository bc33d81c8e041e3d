//! Where the programs and instructions of a stage stand, so that a rule looks only at what it can match.

use crate::model::{Effect, StageModel};
use crate::rule::{Want, commands::base_name, pattern::CommandPattern};

/// A command of a stage, named by a program that it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Index of the step in [`StageModel::steps`].
    pub step: usize,
    /// Index of the command in the RUN's script.
    pub command: usize,
    /// Index of the program's word: not 0 for what `sudo`, `env` and their like run.
    pub first: usize,
}

/// The commands of a stage by program, and the keywords of its instructions.
#[derive(Debug, Default)]
pub struct Index<'m> {
    /// Sorted by the program's name, then by place.
    programs: Vec<(&'m str, Place)>,
    /// By keyword, indices in [`crate::syntax::Dockerfile::instructions`], FROM first.
    instructions: Vec<(&'static str, Vec<usize>)>,
}

impl<'m> Index<'m> {
    /// Reads a stage.
    pub fn of(model: &'m StageModel<'_>) -> Self {
        let mut index = Self::default();
        let from = model.file.stages.get(model.stage).map(|stage| stage.from);
        let steps = model.steps.iter().map(|step| step.index);
        for at in from.into_iter().chain(steps) {
            let keyword = model.file.instructions[at].keyword.as_str();
            let mut known = index.instructions.iter_mut();
            match known.find(|(known, _)| *known == keyword) {
                Some((_, all)) => all.push(at),
                None => index.instructions.push((keyword, vec![at])),
            }
        }
        for (step, effect) in model.steps.iter().map(|step| &step.effect).enumerate() {
            let Effect::Run(run) = effect else { continue };
            for (command, words) in run.script.commands.iter().enumerate() {
                let wrapped = words.program().filter(|first| *first > 0);
                for first in std::iter::once(0).chain(wrapped) {
                    let program = words
                        .words
                        .get(first)
                        .and_then(|word| word.value.as_deref());
                    if let Some(program) = program {
                        let place = Place {
                            step,
                            command,
                            first,
                        };
                        index.programs.push((base_name(program), place));
                    }
                }
            }
        }
        index.programs.sort_unstable();
        index
    }

    /// The commands that a pattern may match, in the order of the stage.
    pub fn candidates(&self, pattern: &CommandPattern) -> Vec<Place> {
        let mut places: Vec<Place> = match pattern.programs() {
            [] => self.programs.iter().map(|(_, place)| *place).collect(),
            names => names
                .iter()
                .flat_map(|name| self.of_program(name))
                .collect(),
        };
        if pattern.programs().len() != 1 {
            places.sort_unstable();
        }
        places
    }

    fn of_program(&self, name: &str) -> impl Iterator<Item = Place> {
        let start = self.programs.partition_point(|(known, _)| *known < name);
        self.programs[start..]
            .iter()
            .take_while(move |(known, _)| *known == name)
            .map(|(_, place)| *place)
    }

    /// The instructions with this keyword (`<_>`: all), in the order of the stage.
    pub fn instructions(&self, keyword: &str) -> Vec<usize> {
        let fits = |known: &&(&'static str, Vec<usize>)| keyword == "<_>" || known.0 == keyword;
        let found = self.instructions.iter().filter(fits);
        let mut all: Vec<usize> = found.flat_map(|(_, all)| all).copied().collect();
        if keyword == "<_>" {
            all.sort_unstable();
        }
        all
    }

    /// Whether the stage has what a rule wants.
    pub fn gives(&self, want: Want<'_>) -> bool {
        match want {
            Want::Instruction(keyword) => {
                let mut known = self.instructions.iter();
                keyword == "<_>" || known.any(|(known, _)| *known == keyword)
            }
            Want::Program(name) => self.of_program(name).next().is_some(),
        }
    }
}
