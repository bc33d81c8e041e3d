//! Builds before and after with a container engine, and what the images are like:
//! size, configuration, and how a container of each behaves.
//!
//! Everything goes through the engine's command line, since that is what a user has. What is
//! started is ended: [`Image`] and [`Container`] remove themselves when dropped.

mod config;
mod container;
mod engine;
mod error;
mod http;
mod image;
mod probe;
mod process;

pub use config::{Difference, ImageConfig};
pub use container::{Container, Ended, RunOptions};
pub use engine::Engine;
pub use error::VerifyError;
pub use http::Response;
pub use image::{BuildOptions, Built, Image};
pub use probe::{Expected, Request, ask, compare};
