use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::process::{self, Finished};
use super::{Interrupt, VerifyError};

/// How long a question to the engine may take that makes it do no work.
pub(super) const QUICK: Duration = Duration::from_secs(120);

/// Clients in the order in which they are tried. Debian's own `docker` may stand beside one that lacks a plug-in.
const CLIENTS: [&str; 5] = ["docker", "/usr/bin/docker", "podman", "nerdctl", "buildah"];

/// Which engine it is: they differ in a few options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Docker,
    Podman,
    Nerdctl,
    Buildah,
}

/// A container engine behind its command line.
#[derive(Clone, Debug)]
pub struct Engine {
    program: PathBuf,
    kind: Kind,
    version: String,
    interrupt: Interrupt,
}

impl Engine {
    /// The first engine that answers and builds: `wanted` alone where it is given, otherwise `docker` on the path,
    /// Debian's own `docker`, `podman`, `nerdctl`, `buildah`. Its commands end when `interrupt` says so.
    ///
    /// # Errors
    /// [`VerifyError::NoEngine`] with what was tried, [`VerifyError::Interrupted`].
    pub fn find(wanted: Option<&Path>, interrupt: &Interrupt) -> Result<Engine, VerifyError> {
        let candidates = match wanted {
            Some(program) => vec![program],
            None => CLIENTS.iter().map(Path::new).collect(),
        };
        let mut tried: Vec<String> = Vec::new();
        for program in candidates {
            match Engine::open(program, interrupt) {
                Ok(engine) => return Ok(engine),
                Err(Unusable::Interrupted(error)) => return Err(error),
                Err(Unusable::Reason(reason)) => {
                    tried.push(format!("{}: {reason}", program.display()));
                }
            }
        }
        Err(VerifyError::NoEngine {
            tried: tried.join("; "),
        })
    }

    /// Its name and version: `docker 28.2.2`.
    pub fn name(&self) -> String {
        let kind = match self.kind {
            Kind::Docker => "docker",
            Kind::Podman => "podman",
            Kind::Nerdctl => "nerdctl",
            Kind::Buildah => "buildah",
        };
        format!("{kind} {}", self.version)
    }

    /// Whether the engine holds this image, without asking a registry.
    pub fn has_image(&self, reference: &str) -> bool {
        let mut command = self.command();
        match self.kind {
            Kind::Buildah => command.args(["inspect", "--type", "image", reference]),
            _ => command.args(["image", "inspect", "--format", "{{.Id}}", reference]),
        };
        self.ask(&mut command).is_ok()
    }

    /// Fetches an image from its registry.
    ///
    /// # Errors
    /// Where the registry cannot be reached or does not have it.
    pub fn pull(&self, reference: &str, limit: Duration) -> Result<(), VerifyError> {
        let mut command = self.command();
        command.args(["pull", "--quiet", reference]);
        let pulled = process::run(&mut command, limit, &self.interrupt, &mut |_| {})?;
        pulled.text(&command).map(drop)
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    pub(super) fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// A command of the engine's client; BuildKit is asked for where it is not the default yet.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.env("DOCKER_BUILDKIT", "1");
        command
    }

    /// The answer to a question that takes no work.
    pub(super) fn ask(&self, command: &mut Command) -> Result<String, VerifyError> {
        self.run(command, QUICK)?.text(command)
    }

    pub(super) fn run(
        &self,
        command: &mut Command,
        limit: Duration,
    ) -> Result<Finished, VerifyError> {
        process::run(command, limit, &self.interrupt, &mut |_| {})
    }

    /// Removes something, also after a signal.
    pub(super) fn remove(&self, arguments: &[&str]) {
        // Nothing to do about a failure here: the next run uses other names.
        let mut command = self.command();
        let never = Interrupt::never();
        let _ = process::run(command.args(arguments), QUICK, &never, &mut |_| {});
    }

    fn open(program: &Path, interrupt: &Interrupt) -> Result<Engine, Unusable> {
        let mut engine = Engine {
            program: program.to_path_buf(),
            kind: Kind::Docker,
            version: String::new(),
            interrupt: interrupt.clone(),
        };
        // A `docker` may be podman in disguise: what it says of itself counts.
        let said = engine.question(&["--version"])?;
        (engine.kind, engine.version) = identity(&said);
        match engine.kind {
            Kind::Docker => {
                // The server's version: a client alone cannot build.
                engine.question(&["version", "--format", "{{.Server.Version}}"])?;
                engine.has_buildkit()?;
            }
            Kind::Nerdctl => drop(engine.question(&["info", "--format", "{{.ServerVersion}}"])?),
            Kind::Podman => drop(engine.question(&["info", "--format", "{{.Version.Version}}"])?),
            Kind::Buildah => drop(engine.question(&["info"])?),
        }
        Ok(engine)
    }

    /// The answer, or the first line of what is said instead.
    fn question(&self, arguments: &[&str]) -> Result<String, Unusable> {
        match self.run(self.command().args(arguments), QUICK) {
            Ok(finished) if finished.success() => Ok(finished.stdout),
            Ok(finished) => {
                let said = finished.stderr.lines().find(|line| !line.trim().is_empty());
                Err(Unusable::Reason(
                    said.unwrap_or("does not answer").to_string(),
                ))
            }
            Err(VerifyError::Spawn { source, .. })
                if source.kind() == std::io::ErrorKind::NotFound =>
            {
                Err(Unusable::Reason("not installed".to_string()))
            }
            Err(error @ VerifyError::Interrupted { .. }) => Err(Unusable::Interrupted(error)),
            Err(error) => Err(Unusable::Reason(error.to_string())),
        }
    }

    fn has_buildkit(&self) -> Result<(), Unusable> {
        // Before version 23 the client itself speaks BuildKit; since then `docker build` is the buildx plug-in.
        let major = self.version.split('.').next();
        if major
            .and_then(|major| major.parse::<u32>().ok())
            .is_some_and(|major| major < 23)
        {
            return Ok(());
        }
        let missing = |_| Unusable::Reason("the buildx plug-in is missing".to_string());
        self.question(&["buildx", "version"])
            .map(drop)
            .map_err(missing)
    }
}

enum Unusable {
    Reason(String),
    Interrupted(VerifyError),
}

/// What `--version` tells: `Docker version 28.2.2, build e6534b4`, `podman version 4.3.1`.
fn identity(said: &str) -> (Kind, String) {
    let mut words = said.split_whitespace();
    let kind = match words.next().unwrap_or_default() {
        "podman" => Kind::Podman,
        "nerdctl" => Kind::Nerdctl,
        "buildah" => Kind::Buildah,
        _ => Kind::Docker,
    };
    let version = words.find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let version = version.unwrap_or_default().trim_end_matches(',');
    (kind, version.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn without_an_engine_the_error_says_what_was_tried() {
        let wanted = Path::new("dockopt-no-such-engine");
        let error = Engine::find(Some(wanted), &Interrupt::never()).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("dockopt-no-such-engine: not installed"),
            "{error}"
        );
    }

    #[test]
    fn an_engine_is_what_it_says_of_itself() {
        let told = |said| {
            let (kind, version) = identity(said);
            (kind, version)
        };
        assert_eq!(
            told("Docker version 20.10.24+dfsg1, build 297e128\n"),
            (Kind::Docker, "20.10.24+dfsg1".into())
        );
        assert_eq!(
            told("podman version 4.3.1\n"),
            (Kind::Podman, "4.3.1".into())
        );
        assert_eq!(
            told("nerdctl version 1.7.6\n"),
            (Kind::Nerdctl, "1.7.6".into())
        );
        assert_eq!(
            told("buildah version 1.28.2 (image-spec 1.0.2-dev)\n"),
            (Kind::Buildah, "1.28.2".into())
        );
    }
}
