use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::VerifyError;
use super::process::{self, output};

/// How long a question to the engine may take that makes it do no work.
pub(super) const QUICK: Duration = Duration::from_secs(60);

/// A container engine behind its command line.
#[derive(Clone, Debug)]
pub struct Engine {
    program: PathBuf,
}

impl Engine {
    /// The first engine that answers and builds with BuildKit: `wanted` alone where it is given,
    /// otherwise `docker` on the path, Debian's own `docker`, `podman`, `nerdctl`.
    ///
    /// # Errors
    /// [`VerifyError::NoEngine`] with what was tried.
    pub fn find(wanted: Option<&str>) -> Result<Engine, VerifyError> {
        let candidates = match wanted {
            Some(program) => vec![program],
            None => vec!["docker", "/usr/bin/docker", "podman", "nerdctl"],
        };
        let mut tried = Vec::new();
        for program in candidates {
            let engine = Engine {
                program: PathBuf::from(program),
            };
            match engine.usable() {
                Ok(()) => return Ok(engine),
                Err(reason) => tried.push(format!("{program}: {reason}")),
            }
        }
        Err(VerifyError::NoEngine {
            tried: tried.join("; "),
        })
    }

    /// Whether the engine holds this image, without asking a registry.
    pub fn has_image(&self, reference: &str) -> bool {
        output(
            self.command()
                .args(["image", "inspect", "--format", "{{.Id}}", reference]),
            QUICK,
        )
        .is_ok()
    }

    /// Fetches an image from its registry.
    ///
    /// # Errors
    /// Where the registry cannot be reached or does not have it.
    pub fn pull(&self, reference: &str, limit: Duration) -> Result<(), VerifyError> {
        output(self.command().args(["pull", "--quiet", reference]), limit).map(drop)
    }

    /// A command of the engine's client; BuildKit is asked for where it is not the default yet.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.env("DOCKER_BUILDKIT", "1");
        command
    }

    fn usable(&self) -> Result<(), String> {
        // The server's version: a client alone cannot build.
        let versions = process::run(
            self.command().args([
                "version",
                "--format",
                "{{.Client.Version}} {{.Server.Version}}",
            ]),
            QUICK,
        );
        let versions = versions.map_err(|error| error.to_string())?;
        if !versions.success() {
            return Err(versions
                .stderr
                .lines()
                .next()
                .unwrap_or("does not answer")
                .to_string());
        }
        let is_docker = self
            .program
            .file_name()
            .is_some_and(|name| name == "docker");
        if !is_docker
            || process::run(self.command().args(["buildx", "version"]), QUICK)
                .is_ok_and(|done| done.success())
        {
            return Ok(());
        }
        // Before version 23 the client itself speaks BuildKit; since then `docker build` is the buildx plug-in.
        let major = versions
            .stdout
            .split('.')
            .next()
            .and_then(|major| major.trim().parse::<u32>().ok());
        match major {
            Some(major) if major < 23 => Ok(()),
            _ => Err("the buildx plug-in is missing".to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn without_an_engine_the_error_says_what_was_tried() {
        let error = Engine::find(Some("dockopt-no-such-engine"))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("dockopt-no-such-engine") && error.contains("help:"),
            "{error}"
        );
    }
}
