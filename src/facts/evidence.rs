//! What a decision rests on.

use super::Source;

/// A fact that a change rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The fact in words: "`nest build` writes `dist`".
    pub text: String,
    /// The file and line it was read from; `None` for a table of dockopt's own.
    pub source: Option<Source>,
}

impl Evidence {
    /// What two ways have led to is told once.
    pub fn each_once(all: Vec<Self>) -> Vec<Self> {
        let mut told = Vec::with_capacity(all.len());
        for evidence in all {
            if !told.contains(&evidence) {
                told.push(evidence);
            }
        }
        told
    }
}
