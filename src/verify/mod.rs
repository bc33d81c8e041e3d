//! Builds a Dockerfile before and after its changes with a container engine and compares what comes out: whether it
//! builds and how long that takes, sizes, files, configuration, and how a container of each behaves.
//!
//! [`verify()`] is the way of one Dockerfile; a [`Verification`] is what comes out, and the reports show it. Everything
//! goes through the engine's command line, since that is what a user has. What is made is removed: images, containers
//! and volumes remove themselves when dropped, also after a signal ([`Interrupt`]).

mod behaviour;
mod config;
mod container;
mod contents;
mod declared;
mod engine;
mod error;
mod http;
mod image;
mod interrupt;
mod judgement;
mod log;
mod observe;
mod opened;
mod plan;
mod process;
pub mod report;
mod times;
mod touch;
mod verification;
#[allow(clippy::module_inception)] // The function of this name is what the module is about.
mod verify;

pub use behaviour::{Check, Comparison};
pub use config::{Difference, ImageConfig};
pub use container::{Ended, RunOptions};
pub use contents::{Group, Missing};
pub use engine::Engine;
pub use error::{BuildFailure, VerifyError};
pub use http::{Reply, Response};
pub use image::{BuildOptions, Built, Image, Layer};
pub use interrupt::Interrupt;
pub use log::Step;
pub use observe::{Answer, Observed, Served};
pub use opened::Opened;
pub use plan::{Declared, Job, Plan, Request};
pub use verification::{
    About, Build, ConfigurationDifference, Finding, Rebuild, Side, Verdict, Verification,
};
pub use verify::{Watch, verify};
