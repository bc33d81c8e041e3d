//! Rules applied to a Dockerfile: match, verbs, edits, checks.

mod cases;
mod check;
mod conditions;
mod index;
mod manifests;
mod matching;
mod optimize;
mod options;
mod outcome;
mod spared;
mod split;
mod surroundings;
mod verbs;

pub use cases::{CaseFailure, CaseReport, run_cases};
pub use optimize::{deployment_folders, optimize, optimize_in};
pub use options::{BaseChoice, DEFAULT_PROFILE, Options};
pub use outcome::*;
