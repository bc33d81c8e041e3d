//! What is verified, and how.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use super::RunOptions;
use crate::engine::Outcome;
use crate::rule::document::ContractPart;
use crate::rule::{Entry, RuleSet};

/// One Dockerfile with what became of it.
#[derive(Clone, Debug)]
pub struct Job<'a> {
    /// How the Dockerfile is named to a person.
    pub name: String,
    /// Where it stands.
    pub dockerfile: &'a Path,
    /// The build context.
    pub context: &'a Path,
    /// The Dockerfile before and after.
    pub outcome: &'a Outcome,
    /// What the rules that changed it may change of the image's configuration.
    pub declared: Vec<Declared>,
}

/// A part of the image's configuration that a rule says it may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// The rule's id.
    pub rule: String,
    /// The part.
    pub part: ContractPart,
}

impl Declared {
    /// What the rules behind the changes of `outcome` declare (`changes` in their documents).
    pub fn of(outcome: &Outcome, rules: &RuleSet) -> Vec<Declared> {
        let applied: BTreeSet<&str> = outcome.changes.iter().map(|it| it.rule.as_str()).collect();
        let entries = rules.entries().iter();
        entries
            .filter(|entry| applied.contains(entry.id()))
            .filter_map(Entry::rule)
            .flat_map(|rule| {
                rule.document.changes.iter().map(|part| Declared {
                    rule: rule.id().to_string(),
                    part: *part,
                })
            })
            .collect()
    }
}

/// How to build, run and ask.
#[derive(Clone, Debug)]
pub struct Plan {
    /// `--build-arg` of both builds.
    pub build_args: Vec<String>,
    /// `--network` of the builds.
    pub build_network: Option<String>,
    /// How containers are started.
    pub run: RunOptions,
    /// The ports to ask; where there are none, those that the image exposes, or that a program in it listens on.
    pub ports: Vec<u16>,
    /// What to ask on each port.
    pub requests: Vec<Request>,
    /// How long a build may take.
    pub build_limit: Duration,
    /// How long a container may take to answer, to get healthy, or to end.
    pub run_limit: Duration,
    /// Build every step anew, so that the times of both builds can be compared.
    pub no_cache: bool,
    /// Build both once more after a change to a source file.
    pub rebuild: bool,
    /// The source file to change, relative to the build context, in place of one that is looked for.
    pub touch: Option<PathBuf>,
    /// Compare the files of both images, and watch which of them the original opens.
    pub files: bool,
    /// Build and run the original also where nothing changed.
    pub always: bool,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan {
            build_args: Vec::new(),
            build_network: None,
            run: RunOptions::default(),
            ports: Vec::new(),
            requests: vec![Request::get("/")],
            build_limit: Duration::from_secs(60 * 60),
            run_limit: Duration::from_secs(120),
            no_cache: false,
            rebuild: true,
            touch: None,
            files: true,
            always: false,
        }
    }
}

/// A request to an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// A body to send, as `application/json`.
    pub send: Option<String>,
}

impl Request {
    /// A GET of a path.
    pub fn get(path: &str) -> Request {
        Request {
            method: "GET".to_string(),
            path: path.to_string(),
            send: None,
        }
    }
}

impl FromStr for Request {
    type Err = String;

    /// Reads `/path` or `METHOD /path`.
    fn from_str(text: &str) -> Result<Request, String> {
        let (method, path) = text.split_once(' ').unwrap_or(("GET", text));
        let named = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
        let plain = |path: &str| path.bytes().all(|byte| byte.is_ascii_graphic());
        if !named || !path.starts_with('/') || !plain(path) {
            return Err("a path is `/status`, or with a method `HEAD /status`".to_string());
        }
        Ok(Request {
            method: method.to_string(),
            ..Request::get(path)
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_probe_is_a_path_with_or_without_a_method() {
        let read = |text: &str| text.parse::<Request>();
        assert_eq!(read("/a?b=c").unwrap(), Request::get("/a?b=c"));
        assert_eq!(read("HEAD /").unwrap().method, "HEAD");
        for wrong in ["", "a", "get /", "GET /a b", "GET  /", "/\r\nHost: x"] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
