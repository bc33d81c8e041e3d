//! `dockopt fix` as a user runs it, on a folder.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What `dockopt fix --write` did to a folder.
pub struct Rewrite {
    pub before: String,
    pub after: String,
    /// `.dockerignore`, where it was made or changed.
    pub dockerignore: Option<String>,
    pub refusals: Vec<Refusal>,
}

/// A change that was not made.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    pub line: usize,
    pub reason: String,
    pub message: String,
}

impl Rewrite {
    pub fn changed(&self) -> bool {
        self.before != self.after || self.dockerignore.is_some()
    }

    /// Whether the one stage became two.
    pub fn split(&self) -> bool {
        stages(&self.after) > stages(&self.before)
    }
}

/// Runs `dockopt fix --write` on the Dockerfile in `folder`, with the rules of a profile.
///
/// # Errors
/// What it wrote, where it did not end with success.
pub fn fix(folder: &Path, profile: Option<&str>) -> Result<Rewrite, String> {
    let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
    let before = read("Dockerfile").unwrap_or_default();
    let ignored = read(".dockerignore");
    let mut command = Command::new(env!("CARGO_BIN_EXE_dockopt"));
    let output = command
        .args([
            "fix",
            "--write",
            "--no-config",
            "--format",
            "json",
            "--profile",
            profile.unwrap_or("default"),
            "Dockerfile",
        ])
        .current_dir(folder)
        .output()
        .unwrap();
    if !output.status.success() {
        return Err(format!(
            "dockopt fix --write: {}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    let report: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("the report is not JSON: {error}"))?;
    let refusal = |value: &Value| Refusal {
        line: value["line"].as_u64().unwrap_or_default() as usize,
        reason: value["reason"].as_str().unwrap_or_default().to_string(),
        message: value["message"].as_str().unwrap_or_default().to_string(),
    };
    let refusals = report["files"][0]["refusals"]
        .as_array()
        .into_iter()
        .flatten()
        .map(refusal)
        .collect();
    let dockerignore = read(".dockerignore").filter(|text| Some(text) != ignored.as_ref());
    Ok(Rewrite {
        before,
        after: read("Dockerfile").unwrap_or_default(),
        dockerignore,
        refusals,
    })
}

fn stages(dockerfile: &str) -> usize {
    dockerfile
        .lines()
        .filter(|line| line.to_ascii_uppercase().starts_with("FROM "))
        .count()
}
