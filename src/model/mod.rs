//! What a stage does, step by step: the state a command runs in, what COPY brings, what RUN does, what the
//! container starts.

mod asked;
mod base;
mod contract;
mod copy;
mod facts;
mod follow;
mod loaded;
mod memory;
pub mod path;
mod procfile;
mod programs;
mod run;
mod script_files;
mod service;
mod stage;
mod start;
mod state;
mod variables;
mod words;
mod workspace;

pub use asked::asked_for;
pub use base::Base;
pub use contract::{Contract, Difference, inherited};
pub use copy::{CopyModel, Landing};
pub use facts::{Facts, Folders, Parts};
pub use memory::Memory;
pub use run::{CommandModel, Place, RunModel, UnknownCommand, for_package_manager, place};
pub use stage::{Effect, Pragma, StageModel, Step, ignored_rules, mentions};
pub use start::{Follow, Need, Obstacle, Program, Start};
pub use state::State;
pub use words::literal_word;
