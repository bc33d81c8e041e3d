//! `case.yaml`: what dockopt should make of a fixture, and how its image answers.
//! The keys are described in `fixtures/README.md`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use dockopt::verify::{Ended, Observed, Reply, Request, Response, RunOptions, Served};
use serde::Deserialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expect {
    Rewritten,
    Refused,
    Unchanged,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub about: String,
    pub bases: Vec<String>,
    /// The profile to rewrite it with; the default one without.
    pub profile: Option<String>,
    pub expect: Expect,
    pub refused: Option<Refused>,
    pub open: Option<String>,
    pub not_built: Option<String>,
    pub run: Run,
    #[serde(default)]
    pub differs: Vec<String>,
    pub max_size_mb: Option<u64>,
    pub max_ratio: Option<f64>,
    pub touch: Option<PathBuf>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    pub reason: String,
    pub line: usize,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    #[serde(default)]
    pub args: Vec<String>,
    pub port: Option<u16>,
    #[serde(default)]
    pub requests: Vec<Expected>,
    #[serde(default)]
    pub healthy: bool,
    pub exit: Option<i32>,
    pub output: Option<String>,
}

/// A request and what is expected of its answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    pub path: String,
    #[serde(default = "get")]
    pub method: String,
    pub send: Option<String>,
    pub status: u16,
    pub body: Option<String>,
    pub contains: Option<String>,
}

fn get() -> String {
    "GET".to_string()
}

impl Run {
    pub fn options(&self) -> RunOptions {
        RunOptions {
            env: self
                .env
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect(),
            args: self.args.clone(),
            ..RunOptions::default()
        }
    }

    pub fn requests(&self) -> Vec<Request> {
        let request = |expected: &Expected| Request {
            method: expected.method.clone(),
            path: expected.path.clone(),
            send: expected.send.clone(),
        };
        self.requests.iter().map(request).collect()
    }

    /// Whether a container did what the case says.
    pub fn check(&self, observed: &Observed) -> Result<(), String> {
        match observed {
            Observed::Served(served) => self.check_answers(served),
            Observed::Ended(Ended { code, stderr, .. }) if self.exit != Some(*code) => {
                let last = stderr.lines().last().unwrap_or_default();
                let wanted = self.exit;
                Err(format!(
                    "ended with {code}, not {wanted:?}: {last}\n{stderr}"
                ))
            }
            Observed::Ended(Ended { stdout, .. }) => match &self.output {
                Some(output) if output != stdout => {
                    Err(format!("wrote {stdout:?}, not {output:?}"))
                }
                _ => Ok(()),
            },
            other => Err(format!("does neither answer nor end: {other:?}")),
        }
    }

    fn check_answers(&self, served: &Served) -> Result<(), String> {
        if self.port.is_none() {
            return Err(format!("serves, and does not end: {served:?}"));
        }
        if self.healthy && served.healthy != Some(true) {
            return Err(format!("not healthy: {}", served.logs));
        }
        for (expected, answer) in self.requests.iter().zip(&served.answers) {
            match &answer.reply {
                Reply::Http(response) => expected.check(response)?,
                other => return Err(format!("{}: {other:?}: {}", expected.path, served.logs)),
            }
        }
        Ok(())
    }
}

impl Expected {
    fn check(&self, response: &Response) -> Result<(), String> {
        let Expected { method, path, .. } = self;
        let Response { status, body, .. } = response;
        if *status != self.status {
            let wanted = self.status;
            return Err(format!(
                "{method} {path}: status {status}, not {wanted}: {body:.400}"
            ));
        }
        match (&self.body, &self.contains) {
            (Some(whole), _) if whole != body => {
                Err(format!("{method} {path}: {body:?}, not {whole:?}"))
            }
            (_, Some(part)) if !body.contains(part) => {
                Err(format!("{method} {path}: {part:?} is not in {body:?}"))
            }
            _ => Ok(()),
        }
    }
}

/// A folder under `fixtures/` with its case.
pub struct Fixture {
    pub name: String,
    pub folder: PathBuf,
    pub case: Case,
}

impl Fixture {
    /// All fixtures, by name; only those that DOCKOPT_LAB_CASES lists, where it is set.
    pub fn all() -> Vec<Fixture> {
        let wanted = std::env::var("DOCKOPT_LAB_CASES")
            .ok()
            .filter(|list| !list.is_empty());
        let wanted: Option<Vec<&str>> = wanted
            .as_deref()
            .map(|list| list.split(',').map(str::trim).collect());
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let mut folders: Vec<PathBuf> = fs::read_dir(&root)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        folders.sort();
        let fixtures: Vec<Fixture> = folders
            .into_iter()
            .filter(|folder| folder.is_dir())
            .map(Fixture::read)
            .filter(|fixture| {
                wanted
                    .as_ref()
                    .is_none_or(|list| list.contains(&fixture.name.as_str()))
            })
            .collect();
        if let Some(unknown) = wanted
            .iter()
            .flatten()
            .find(|name| !fixtures.iter().any(|fixture| fixture.name == **name))
        {
            panic!("DOCKOPT_LAB_CASES: there is no fixtures/{unknown}");
        }
        fixtures
    }

    fn read(folder: PathBuf) -> Fixture {
        let path = folder.join("case.yaml");
        let text =
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let case = serde_yaml::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        Fixture { name, folder, case }
    }

    /// A copy to work on, without what is not the application's: `case.yaml` and what is expected.
    pub fn copy(&self) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        copy_folder(&self.folder, copy.path());
        copy
    }
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if name == "case.yaml" || name.to_string_lossy().starts_with("expected") {
            continue;
        }
        let target = to.join(&name);
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}
