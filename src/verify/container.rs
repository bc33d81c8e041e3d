use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use super::engine::QUICK;
use super::process::{self, display, output, tail};
use super::{Engine, Image, VerifyError, http};

/// How to start a container.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Environment.
    pub env: BTreeMap<String, String>,
    /// Arguments after the image's name.
    pub args: Vec<String>,
}

/// A container that is removed, with its volumes, when dropped.
#[derive(Debug)]
pub struct Container {
    engine: Engine,
    name: String,
    address: String,
}

/// A program that ran to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The exit status.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Container {
    /// Starts a container and waits until it answers HTTP on `port`, which is published on a free
    /// port of the loopback interface.
    ///
    /// # Errors
    /// [`VerifyError::NotUp`] with the end of its logs where it ends, or is silent for `limit`.
    pub fn serve(
        image: &Image,
        port: u16,
        options: &RunOptions,
        limit: Duration,
    ) -> Result<Container, VerifyError> {
        let engine = image.engine();
        let mut container = Container {
            engine: engine.clone(),
            name: container_name(image),
            address: String::new(),
        };
        let mut command = engine.command();
        command.args([
            "run",
            "--detach",
            "--publish",
            &format!("127.0.0.1::{port}"),
        ]);
        start_arguments(&mut command, &container.name, image, options);
        output(&mut command, QUICK)?;
        let mut question = engine.command();
        question.args(["port", &container.name, &format!("{port}/tcp")]);
        // A container that ended at once has no port any more: its logs say more than this error.
        let address =
            output(&mut question, QUICK).map_err(|_| container.not_up("the container ended"))?;
        container.address = address
            .lines()
            .next()
            .unwrap_or_default()
            .trim()
            .to_string();
        container.wait_until_up(limit)?;
        Ok(container)
    }

    /// Runs a container to its end.
    ///
    /// # Errors
    /// [`VerifyError::TimedOut`] where it is still running after `limit`.
    pub fn run_to_end(
        image: &Image,
        options: &RunOptions,
        limit: Duration,
    ) -> Result<Ended, VerifyError> {
        // Dropped, and so removed, also where the program does not end.
        let container = Container {
            engine: image.engine().clone(),
            name: container_name(image),
            address: String::new(),
        };
        let mut command = image.engine().command();
        command.arg("run");
        start_arguments(&mut command, &container.name, image, options);
        let finished = process::run(&mut command, limit)?;
        // The client's own failures, an image that does not start included, are 125 to 127.
        if let Some(125..=127) = finished.code {
            return Err(VerifyError::Failed {
                command: display(&command),
                output: tail(&finished.stderr, 20),
            });
        }
        Ok(Ended {
            code: finished.code,
            stdout: finished.stdout,
            stderr: finished.stderr,
        })
    }

    /// Where it answers, as `address:port`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The end of what it wrote.
    pub fn logs(&self) -> String {
        match process::run(self.engine.command().args(["logs", &self.name]), QUICK) {
            Ok(finished) => tail(&format!("{}{}", finished.stdout, finished.stderr), 30),
            Err(error) => error.to_string(),
        }
    }

    /// Waits until its health check passes.
    ///
    /// # Errors
    /// [`VerifyError::NotUp`] where it has none, or has not passed after `limit`.
    pub fn wait_until_healthy(&self, limit: Duration) -> Result<(), VerifyError> {
        let deadline = Instant::now() + limit;
        loop {
            let format = "{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}";
            let status = output(
                self.engine
                    .command()
                    .args(["inspect", "--format", format, &self.name]),
                QUICK,
            )?;
            match status.trim() {
                "healthy" => return Ok(()),
                // A program that is slow to start is unhealthy for a while.
                "starting" | "unhealthy" if Instant::now() < deadline => {
                    thread::sleep(Duration::from_millis(200))
                }
                status => return Err(self.not_up(&format!("health check: {status}"))),
            }
        }
    }

    fn wait_until_up(&self, limit: Duration) -> Result<(), VerifyError> {
        let deadline = Instant::now() + limit;
        loop {
            // The engine's proxy accepts connections before the program does: only an answer counts.
            if http::send(&self.address, "GET", "/", None).is_ok() {
                return Ok(());
            }
            if !self.is_running() {
                return Err(self.not_up("the container ended"));
            }
            if Instant::now() >= deadline {
                return Err(self.not_up(&format!("no answer on its port in {} s", limit.as_secs())));
            }
            thread::sleep(Duration::from_millis(200));
        }
    }

    fn is_running(&self) -> bool {
        let state = output(
            self.engine
                .command()
                .args(["inspect", "--format", "{{.State.Running}}", &self.name]),
            QUICK,
        );
        state.is_ok_and(|state| state.trim() == "true")
    }

    fn not_up(&self, reason: &str) -> VerifyError {
        VerifyError::NotUp {
            reason: reason.to_string(),
            logs: self.logs(),
        }
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        // Nothing to do about a failure here: the next run uses another name.
        let _ = output(
            self.engine
                .command()
                .args(["rm", "--force", "--volumes", &self.name]),
            QUICK,
        );
    }
}

fn start_arguments(
    command: &mut std::process::Command,
    name: &str,
    image: &Image,
    options: &RunOptions,
) {
    command.args(["--name", name]);
    for (key, value) in &options.env {
        command.args(["--env", &format!("{key}={value}")]);
    }
    command.arg(image.tag()).args(&options.args);
}

/// The image's name, which is unique to this run, as a container's name.
fn container_name(image: &Image) -> String {
    image
        .tag()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect()
}
