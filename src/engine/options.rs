//! What a call asks of the engine.

use super::Level;

/// The profile that holds where none is named.
pub const DEFAULT_PROFILE: &str = "default";

/// How far a run may go, with which rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Changes above this level are held back.
    pub level: Level,
    /// Names of the profiles whose rules run; rules that do not come with dockopt and are in no profile run too.
    pub profiles: Vec<String>,
    /// Ids or tags of the rules to run; empty for all of the profiles.
    pub select: Vec<String>,
    /// Ids or tags of the rules to leave out.
    pub ignore: Vec<String>,
    /// Which base images a runtime may get.
    pub base: BaseChoice,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            level: Level::Review,
            profiles: vec![DEFAULT_PROFILE.to_string()],
            select: Vec::new(),
            ignore: Vec::new(),
            base: BaseChoice::default(),
        }
    }
}

/// Which base images a runtime may get.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum BaseChoice {
    /// The slim image of the same family.
    Slim,
    /// Distroless where a static binary needs nothing else, otherwise slim.
    #[default]
    Distroless,
    /// Distroless with the C library where a program is one file that links nothing else; otherwise as `Distroless`.
    DistrolessCc,
    /// The base image as it is.
    Keep,
}

impl BaseChoice {
    /// The choice of a name.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Slim, Self::Distroless, Self::DistrolessCc, Self::Keep];
        all.into_iter().find(|choice| choice.name() == name)
    }

    /// The name that the command line and rules have for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Slim => "slim",
            Self::Distroless => "distroless",
            Self::DistrolessCc => "distroless-cc",
            Self::Keep => "keep",
        }
    }
}
