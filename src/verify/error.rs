use std::io;
use std::time::Duration;

/// What can go wrong between dockopt and a container engine.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// No engine that builds and answers.
    #[error(
        "no container engine that builds with BuildKit was found ({tried})\n  help: start Docker, or name a client in DOCKOPT_ENGINE"
    )]
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
    /// The engine's answer was not what its manual says.
    #[error("cannot read the answer of `{command}`: {reason}")]
    Answer {
        /// The command line.
        command: String,
        /// What was wrong with it.
        reason: String,
    },
    /// The container ended, or never answered on its port.
    #[error("{reason}; the container's last words:\n{logs}")]
    NotUp {
        /// Ended or silent.
        reason: String,
        /// The end of its logs.
        logs: String,
    },
}
