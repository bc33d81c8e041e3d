use std::io;
use std::time::Duration;

/// What can go wrong between dockopt and a container engine.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// No engine that builds and answers.
    #[error("no container engine that can build was found ({tried})")]
    NoEngine {
        /// What was tried and why it was not taken.
        tried: String,
    },
    /// The engine's client could not be started.
    #[error("cannot run `{command}`: {source}")]
    Spawn {
        /// The command line.
        command: String,
        /// The reason.
        source: io::Error,
    },
    /// A command took longer than it may.
    #[error("`{command}` took longer than {} s", .limit.as_secs())]
    TimedOut {
        /// The command line.
        command: String,
        /// The limit that was set for it.
        limit: Duration,
    },
    /// A command ended with a failure.
    #[error("`{command}` failed:\n{output}")]
    Failed {
        /// The command line.
        command: String,
        /// The end of what it wrote.
        output: String,
    },
    /// An image does not build.
    #[error("{}", .0)]
    Build(Box<BuildFailure>),
    /// The engine's answer was not what its manual says.
    #[error("cannot read the answer of `{command}`: {reason}")]
    Answer {
        /// The command line.
        command: String,
        /// What was wrong with it.
        reason: String,
    },
    /// A file of the build context, or a temporary one, cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// The reason.
        source: io::Error,
    },
    /// A signal asked this process to end.
    #[error("interrupted")]
    Interrupted {
        /// The signal's number.
        signal: u8,
    },
}

/// Why an image does not build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildFailure {
    /// The step that failed, as the engine names it: `[4/5] RUN npm run build`.
    pub step: Option<String>,
    /// The end of what that step wrote, or of the whole log.
    pub log: String,
    /// Whether the log speaks of a network or a registry that cannot be reached.
    pub network: bool,
}

impl std::fmt::Display for BuildFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.step {
            Some(step) => write!(f, "the build failed in the step {step}\n{}", self.log),
            None => write!(f, "the build failed\n{}", self.log),
        }
    }
}
