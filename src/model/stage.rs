//! A stage, read from top to bottom.

use super::base::Base;
use super::copy::CopyModel;
use super::memory::Memory;
use super::run::{RunModel, with_scripts};
use super::state::{State, global_arguments};
use crate::facts::Context;
use crate::rule::RuleSet;
use crate::syntax::{CommandLine, Data, Dockerfile, Instruction, Keyword, Word};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What the author says in a comment above an instruction: `# dockopt: build`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pragma {
    /// The instruction belongs to the build.
    Build,
    /// It belongs to the runtime.
    Runtime,
    /// It belongs to both.
    Both,
}

/// An instruction of a stage with the state that it runs in.
#[derive(Clone, Debug)]
pub struct Step<'a> {
    /// Index in [`Dockerfile::instructions`].
    pub index: usize,
    /// The instruction.
    pub instruction: &'a Instruction,
    /// The state before it.
    pub state: State,
    /// What it does.
    pub effect: Effect<'a>,
    /// What the author says of it.
    pub pragma: Option<Pragma>,
}

/// What an instruction does.
#[derive(Clone, Debug)]
pub enum Effect<'a> {
    /// COPY or ADD.
    Copy(CopyModel),
    /// RUN; shared with [`Memory`].
    Run(Rc<RunModel<'a>>),
    /// Anything else.
    Other,
}

/// A stage.
pub struct StageModel<'a> {
    /// The file.
    pub file: &'a Dockerfile,
    /// Index of the stage.
    pub stage: usize,
    /// The base image.
    pub base: Base,
    /// Instructions after FROM.
    pub steps: Vec<Step<'a>>,
    /// The state after the last instruction.
    pub end: State,
}

impl<'a> StageModel<'a> {
    /// The first of `parts` that stands in the text of an instruction, and that instruction's index.
    pub fn names_part<'p>(&self, parts: &'p [String]) -> Option<(&'p str, usize)> {
        parts.iter().find_map(|part| {
            let mut steps = self.steps.iter();
            let named = steps.find(|step| step.instruction.text.text.contains(part.as_str()))?;
            Some((part.as_str(), named.index))
        })
    }

    /// Reads a stage.
    pub fn of(
        file: &'a Dockerfile,
        stage: usize,
        context: &dyn Context,
        rules: &'a RuleSet,
    ) -> Self {
        Self::with_memory(file, stage, context, rules, &Memory::default())
    }

    /// The same; what stood in an earlier text of the file is taken from `memory`.
    pub fn with_memory<'r: 'a>(
        file: &'a Dockerfile,
        stage: usize,
        context: &dyn Context,
        rules: &'r RuleSet,
        memory: &Memory<'r>,
    ) -> Self {
        Self::read(file, stage, Some((context, memory)), rules)
    }

    /// A stage without what its COPY and RUN do: enough for the configuration of the image.
    pub fn outline(file: &'a Dockerfile, stage: usize, rules: &'a RuleSet) -> Self {
        Self::read(file, stage, None, rules)
    }

    fn read<'r: 'a>(
        file: &'a Dockerfile,
        stage: usize,
        context: Option<(&dyn Context, &Memory<'r>)>,
        rules: &'r RuleSet,
    ) -> Self {
        let base = Base::of(file, stage, rules);
        let mut state = State::new(Some("/".into()), BTreeMap::new());
        let inherited = super::contract::inherited(&base, rules);
        if let Some(workdir) = &inherited.workdir {
            state.workdir = Some(workdir.clone());
        } else if !base.known() {
            // Nobody knows where an unknown base image starts from.
            state.workdir = None;
        }
        let env: BTreeMap<String, Option<String>> = inherited
            .env
            .iter()
            .map(|(name, value)| (name.clone(), (value != "*").then(|| value.clone())))
            .collect();
        state.env = std::sync::Arc::new(env);
        let global = global_arguments(file);
        let range = file
            .stages
            .get(stage)
            .map_or(0..0, |stage| stage.from + 1..stage.end);
        let mut steps = Vec::with_capacity(range.len());
        let mut foreign = inherits_foreign_shell(file, stage);
        for index in range {
            let instruction = &file.instructions[index];
            if let Data::Shell(words) = &instruction.data {
                foreign = is_foreign(words);
            }
            let effect = match (instruction.keyword, context) {
                (Keyword::Copy | Keyword::Add, Some((context, _))) => {
                    CopyModel::of(instruction, &state, file.escape, context)
                        .map_or(Effect::Other, Effect::Copy)
                }
                (Keyword::Run, Some(_)) if foreign && is_shell_form(instruction) => {
                    Effect::Run(Rc::new(RunModel::foreign(instruction, &file.source)))
                }
                (Keyword::Run, Some((context, memory))) => {
                    let run = memory.run(instruction, file, &state, rules);
                    let own = (!run.unknown.is_empty())
                        .then(|| with_scripts(&run, &steps, context, &state, rules));
                    Effect::Run(own.flatten().map_or(run, Rc::new))
                }
                _ => Effect::Other,
            };
            let pragma = pragma(file, instruction);
            let before = state.clone();
            state.apply(instruction, file.escape, &global);
            if let Effect::Run(run) = &effect
                && !run.settings.is_empty()
            {
                let settings = std::sync::Arc::make_mut(&mut state.settings);
                settings.extend(run.settings.iter().cloned());
            }
            steps.push(Step {
                index,
                instruction,
                state: before,
                effect,
                pragma,
            });
        }
        Self {
            file,
            stage,
            base,
            steps,
            end: state,
        }
    }

    /// The last step with this keyword.
    pub fn last(&self, keyword: Keyword) -> Option<&Step<'a>> {
        self.steps
            .iter()
            .rev()
            .find(|step| step.instruction.keyword == keyword)
    }

    /// Whether the stage has an instruction with this keyword.
    pub fn has(&self, keyword: Keyword) -> bool {
        self.last(keyword).is_some()
    }

    /// The context path of the file that stands at `path` at the end, and the step that brings it. An error where
    /// nobody can say.
    pub fn origin(
        &self,
        path: &str,
        context: &dyn Context,
    ) -> Result<Option<(usize, String)>, String> {
        let mut doubt = None;
        for (at, step) in self.steps.iter().enumerate().rev() {
            let Effect::Copy(copy) = &step.effect else {
                continue;
            };
            match copy.brings(path, context) {
                Ok(Some(source)) => return Ok(Some((at, source))),
                Ok(None) => {}
                Err(reason) => doubt = doubt.or(Some(reason)),
            }
        }
        doubt.map_or(Ok(None), Err)
    }

    /// Variables that an instruction uses (`$NAME`), by name.
    pub fn uses(&self, instruction: &Instruction, name: &str) -> bool {
        let text = &instruction.text.text;
        let flags = instruction
            .flags
            .iter()
            .filter_map(|flag| flag.value.as_deref());
        let heredocs = instruction
            .heredocs
            .iter()
            .map(|heredoc| heredoc.content.as_str());
        std::iter::once(text.as_str())
            .chain(flags)
            .chain(heredocs)
            .any(|text| mentions(text, name))
    }
}

/// Whether the shell that a stage begins with, by the stages that it is built FROM, is no POSIX shell.
fn inherits_foreign_shell(file: &Dockerfile, stage: usize) -> bool {
    let mut current = stage;
    while let Some(earlier) = file.base_stage(current) {
        current = earlier;
        let range = file.stages[current].from..file.stages[current].end;
        let mut instructions = file.instructions[range].iter().rev();
        let words = instructions.find_map(|instruction| match &instruction.data {
            Data::Shell(words) => Some(words),
            _ => None,
        });
        if let Some(words) = words {
            return is_foreign(words);
        }
    }
    false
}

/// Whether a SHELL names no POSIX shell (`powershell`, `cmd`).
fn is_foreign(words: &[Word]) -> bool {
    !words.iter().any(|word| crate::shell::is_shell(word.text()))
}

fn is_shell_form(instruction: &Instruction) -> bool {
    matches!(instruction.data, Data::Command(CommandLine::Shell))
}

/// Whether `$name` or `${name…}` stands in the text.
pub fn mentions(text: &str, name: &str) -> bool {
    text.match_indices('$').any(|(at, _)| {
        let rest = &text[at + 1..];
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        rest.strip_prefix(name).is_some_and(|after| {
            !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        })
    })
}

/// The author's word on an instruction, from the comments directly above it.
fn pragma(file: &Dockerfile, instruction: &Instruction) -> Option<Pragma> {
    instruction.leading_comments.iter().rev().find_map(|span| {
        let text = span.of(&file.source).trim_start_matches('#').trim();
        let word = text.strip_prefix("dockopt:")?.split_whitespace().next()?;
        match word {
            "build" => Some(Pragma::Build),
            "runtime" => Some(Pragma::Runtime),
            "both" => Some(Pragma::Both),
            _ => None,
        }
    })
}

/// Rules that a comment above an instruction, or above FROM, switches off: `# dockopt: ignore` (all) or
/// `# dockopt: ignore=ID,ID reason`.
pub fn ignored_rules(file: &Dockerfile, instruction: &Instruction) -> Vec<String> {
    let comments = instruction.leading_comments.iter().filter_map(|span| {
        span.of(&file.source)
            .trim_start_matches('#')
            .trim()
            .strip_prefix("dockopt:")
    });
    let mut ignored = Vec::new();
    for comment in comments {
        let word = comment.split_whitespace().next().unwrap_or("");
        if word == "ignore" {
            ignored.push("*".to_string());
        } else if let Some(ids) = word.strip_prefix("ignore=") {
            ignored.extend(ids.split(',').map(str::to_string));
        }
    }
    ignored
}

/// The words of EXPOSE, VOLUME and their like, as written.
pub fn words(instruction: &Instruction) -> Vec<String> {
    match &instruction.data {
        Data::Words { words, .. } => words.iter().map(|word| word.text().to_string()).collect(),
        _ => Vec::new(),
    }
}
