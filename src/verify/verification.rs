//! What came out of verifying one Dockerfile: plain data that every report reads.

use schemars::JsonSchema;
use serde::Serialize;

use super::behaviour::Check;
use super::config::Difference;
use super::contents::Missing;
use super::image::Layer;
use super::log::Step;
use super::observe::Observed;
use super::opened::Opened;

/// What came out of verifying one Dockerfile.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Verification {
    /// The Dockerfile.
    pub path: String,
    /// What it comes to.
    pub verdict: Verdict,
    /// Why nothing, or not everything, could be compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The engine that built and ran: its name and version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// The image of the Dockerfile as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Side>,
    /// The image of the rewritten Dockerfile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Side>,
    /// Both builds after a change to one source file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rebuild: Option<Rebuild>,
    /// The parts of the configuration that differ.
    pub configuration: Vec<ConfigurationDifference>,
    /// What the containers did.
    pub behaviour: Vec<Check>,
    /// What the original has and the rewritten image has not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gone: Option<Missing>,
    /// What the rewritten image has and the original has not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Missing>,
    /// What the program opened in the original and would not find any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened: Option<Opened>,
    /// What does not hold.
    pub failures: Vec<Finding>,
    /// What a person should look at.
    pub warnings: Vec<String>,
    /// What the containers did, in full.
    #[serde(skip)]
    pub observed: Vec<Observed>,
}

/// What a verification comes to, from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// No rule changes the Dockerfile.
    Unchanged,
    /// Everything held.
    Same,
    /// Something could not be compared, such as an original that does not build.
    Incomparable,
    /// Something does not hold.
    Different,
}

/// One of the two images.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Side {
    /// Bytes of all layers, uncompressed.
    pub size: u64,
    /// The build.
    pub build: Build,
    /// The layers that hold anything, the lowest first.
    pub layers: Vec<Layer>,
}

/// A build that succeeded.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Build {
    /// Wall time.
    pub seconds: f64,
    /// The instructions, in the order in which they were begun.
    pub steps: Vec<Step>,
}

impl Build {
    /// How many of its instructions came from the cache, and how many there are. `FROM` does nothing to be cached.
    pub fn cached(&self) -> (usize, usize) {
        let steps = self.steps.iter().filter(|step| !step.is_from());
        steps.fold((0, 0), |(cached, all), step| {
            (cached + usize::from(step.cached), all + 1)
        })
    }
}

/// Both builds after a change to one source file.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Rebuild {
    /// The file, relative to the build context.
    pub file: String,
    /// The build of the Dockerfile as it is.
    pub before: Build,
    /// The build of the rewritten Dockerfile.
    pub after: Build,
}

/// A part of the configuration that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ConfigurationDifference {
    /// The part with its values.
    #[serde(flatten)]
    pub difference: Difference,
    /// The rule that says it may change this part; nothing where it is a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_by: Option<String>,
}

/// Something that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// Where: `build`, `rebuild`, `configuration` or `behaviour`.
    pub about: About,
    /// What, in a sentence.
    pub message: String,
    /// The end of a log that belongs to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// The rewritten Dockerfile does not build.
    Build,
    /// It does not build again after a change.
    Rebuild,
    /// The images are configured differently.
    Configuration,
    /// The containers behave differently.
    Behaviour,
}

impl Verification {
    /// The one of a Dockerfile that no rule changes.
    pub fn unchanged(path: &str) -> Verification {
        Verification::of(path, Verdict::Unchanged)
    }

    /// One of which nothing is known yet.
    pub(super) fn of(path: &str, verdict: Verdict) -> Verification {
        Verification {
            path: path.to_string(),
            verdict,
            reason: None,
            engine: None,
            before: None,
            after: None,
            rebuild: None,
            configuration: Vec::new(),
            behaviour: Vec::new(),
            gone: None,
            new: None,
            opened: None,
            failures: Vec::new(),
            warnings: Vec::new(),
            observed: Vec::new(),
        }
    }
}
