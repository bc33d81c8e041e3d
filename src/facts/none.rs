use std::sync::Arc;

use super::{Context, Entry, Source, Tri};

/// No build context at all: the Dockerfile came from standard input. Everything is unknown.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoContext;

const REASON: &str = "no build context (standard input)";

impl Context for NoContext {
    fn entry(&self, _path: &str) -> Tri<Entry> {
        Tri::Unknown(REASON.to_string())
    }

    fn read(&self, _path: &str) -> Tri<Arc<str>> {
        Tri::Unknown(REASON.to_string())
    }

    fn files(&self) -> Result<Arc<[String]>, String> {
        Err(REASON.to_string())
    }

    fn ignored(&self, _path: &str) -> Option<Source> {
        None
    }

    fn ignore_file(&self) -> Tri<String> {
        Tri::Unknown(REASON.to_string())
    }

    fn ignore_text(&self) -> Tri<Arc<str>> {
        Tri::Unknown(REASON.to_string())
    }

    fn names(&self, _dir: &str) -> Tri<Arc<[String]>> {
        Tri::Unknown(REASON.to_string())
    }
}
