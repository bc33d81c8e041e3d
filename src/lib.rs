//! dockopt rewrites Dockerfiles into better ones, by evidence.
//!
//! One value runs through the program: the text of a Dockerfile with its spans.
//! [`engine::Outcome`] (new text, changes, refusals: plain data) is computed once;
//! a diff, a check and a write are ways to show it.

pub mod config;
pub mod discover;
pub mod edit;
pub mod engine;
pub mod facts;
pub mod model;
pub mod nearest;
mod regular;
pub mod report;
pub mod rule;
pub mod shell;
pub mod syntax;
mod value;
pub mod verify;
pub mod write;
