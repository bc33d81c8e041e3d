//! What was read in an earlier text of a file, for the next one.
//!
//! A firing changes a few instructions; the others stand as they were, further up or down.

use super::run::RunModel;
use super::state::State;
use crate::rule::RuleSet;
use crate::syntax::{Dockerfile, Instruction};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// RUN instructions that have been read, by their text.
#[derive(Default)]
pub struct Memory<'r> {
    runs: RefCell<HashMap<Box<str>, Vec<Remembered<'r>>>>,
}

struct Remembered<'r> {
    /// Where the instruction starts that the spans of `run` belong to.
    start: usize,
    escape: char,
    state: State,
    run: Rc<RunModel<'r>>,
}

impl<'r> Memory<'r> {
    /// What a RUN does in this state: read now, or as it was read before.
    pub(super) fn run(
        &self,
        instruction: &Instruction,
        file: &Dockerfile,
        state: &State,
        rules: &'r RuleSet,
    ) -> Rc<RunModel<'r>> {
        let text = instruction.span.of(&file.source);
        let start = instruction.span.start;
        let mut runs = self.runs.borrow_mut();
        let same =
            |known: &&mut Remembered<'r>| known.escape == file.escape && known.state == *state;
        if let Some(known) = runs.get_mut(text).and_then(|all| all.iter_mut().find(same)) {
            if known.start != start {
                Rc::make_mut(&mut known.run).shift(start.wrapping_sub(known.start) as isize);
                known.start = start;
            }
            return known.run.clone();
        }
        let run = Rc::new(RunModel::of(instruction, &file.source, state, rules));
        runs.entry(text.into()).or_default().push(Remembered {
            start,
            escape: file.escape,
            state: state.clone(),
            run: run.clone(),
        });
        run
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::facts::NoContext;
    use crate::model::{Effect, StageModel};

    const RUN: &str = "RUN FOO=1 bash -c 'make -j' >log 2>&1 && \\\n  # why\n  frob $X <<EOF || (cd a; [ -f b ] && c)\n\
        text\nEOF\n";

    fn shown(text: &str, memory: &Memory<'static>, rules: &'static RuleSet) -> String {
        let file = Dockerfile::parse(text).unwrap();
        let model = StageModel::with_memory(&file, 0, &NoContext, rules, memory);
        let runs = model.steps.iter().filter_map(|step| match &step.effect {
            Effect::Run(run) => Some(run),
            _ => None,
        });
        format!("{:#?}", runs.collect::<Vec<_>>())
    }

    /// What is remembered says the same as what is read anew, wherever the instruction stands now.
    #[test]
    fn what_is_remembered_moves_with_its_instruction() {
        let rules: &'static RuleSet = Box::leak(Box::new(RuleSet::embedded()));
        let memory = Memory::default();
        let texts = [
            format!("FROM debian\n{RUN}"),
            format!("# one line more\nFROM debian\n{RUN}{RUN}"),
            format!("FROM debian\nWORKDIR /srv\n{RUN}"),
            format!("FROM debian\n{RUN}"),
        ];
        for text in texts {
            let fresh = shown(&text, &Memory::default(), rules);
            assert_eq!(shown(&text, &memory, rules), fresh, "{text}");
        }
    }
}
