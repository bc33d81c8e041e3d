use std::time::Duration;

use super::engine::{Kind, QUICK};
use super::process::tail;
use super::{Engine, Image, VerifyError};

/// How often a health check runs here: nobody wants to wait for the usual half minute.
const HEALTH_INTERVAL: &str = "2s";

/// How to start a container.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Environment: `NAME=value`, or `NAME` for the value that this process has.
    pub env: Vec<String>,
    /// `--network`; `None` for the engine's default.
    pub network: Option<String>,
    /// More options of the engine's `run`.
    pub options: Vec<String>,
    /// Arguments after the image's name.
    pub args: Vec<String>,
}

/// A container that is removed, with its volumes, when dropped.
#[derive(Debug)]
pub(super) struct Container {
    engine: Engine,
    name: String,
    /// Whether it shares the network of the host, where nothing is published.
    on_host: bool,
}

/// A program that ran to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The exit status.
    pub code: i32,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

/// What the health check of a container says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Health {
    Healthy,
    Waiting,
    Unknown,
}

impl Container {
    /// Creates a container that publishes `ports` on free ports of the loopback interface; volumes are pairs of
    /// a name and a path.
    pub fn create(
        image: &Image,
        role: &str,
        options: &RunOptions,
        ports: &[u16],
        volumes: &[(String, String)],
    ) -> Result<Container, VerifyError> {
        let engine = image.engine();
        let on_host = options.network.as_deref() == Some("host")
            || options
                .options
                .iter()
                .any(|option| matches!(option.as_str(), "--network=host" | "--net=host"));
        let container = Container {
            engine: engine.clone(),
            name: container_name(image, role),
            on_host,
        };
        let mut command = engine.command();
        command.args(["create", "--name", &container.name]);
        if !on_host {
            for port in ports {
                command.args(["--publish", &format!("127.0.0.1::{port}")]);
            }
        }
        for (name, path) in volumes {
            command.args(["--volume", &format!("{name}:{path}")]);
        }
        if let Some(network) = &options.network {
            command.args(["--network", network]);
        }
        for variable in &options.env {
            command.args(["--env", variable]);
        }
        if engine.kind() != Kind::Nerdctl {
            command.args(["--health-interval", HEALTH_INTERVAL]);
        }
        command
            .args(&options.options)
            .arg(image.tag())
            .args(&options.args);
        engine.ask(&mut command)?;
        Ok(container)
    }

    /// Makes podman set up the volumes, which docker does when it creates a container.
    pub fn prepare(&self) -> Result<(), VerifyError> {
        match self.engine.kind() {
            Kind::Podman => self.ask(&["init", &self.name]).map(drop),
            _ => Ok(()),
        }
    }

    /// Starts the program; an error is what the engine says where it cannot.
    pub fn start(&self) -> Result<(), VerifyError> {
        self.ask(&["start", &self.name]).map(drop)
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where a port of the container is reached, as `address:port`; nothing where it is not, or no more.
    pub fn address(&self, port: u16) -> Option<String> {
        if self.on_host {
            return Some(format!("127.0.0.1:{port}"));
        }
        let answer = self
            .ask(&["port", &self.name, &format!("{port}/tcp")])
            .ok()?;
        let address = answer.lines().next()?.trim();
        // Published on all interfaces, where a further option says so.
        Some(address.replace("0.0.0.0:", "127.0.0.1:"))
    }

    /// The exit status, once the program has ended.
    pub fn exit_code(&self) -> Result<Option<i32>, VerifyError> {
        let format = "{{.State.Running}} {{.State.ExitCode}}";
        let state = self.ask(&["inspect", "--format", format, &self.name])?;
        match state.trim().split_once(' ') {
            Some(("true", _)) => Ok(None),
            Some((_, code)) => Ok(code.parse().ok()),
            None => Err(VerifyError::Answer {
                command: format!("inspect {}", self.name),
                reason: format!("no state: {state:?}"),
            }),
        }
    }

    /// Everything that it wrote: standard output and standard error.
    pub fn logs(&self) -> Result<(String, String), VerifyError> {
        let mut command = self.engine.command();
        let finished = self.engine.run(command.args(["logs", &self.name]), QUICK)?;
        Ok((finished.stdout, finished.stderr))
    }

    /// The end of what it wrote, for a person.
    pub fn last_words(&self) -> String {
        match self.logs() {
            Ok((stdout, stderr)) => tail(&format!("{stdout}{stderr}"), 20),
            Err(error) => error.to_string(),
        }
    }

    /// What its health check says now.
    pub fn health(&self) -> Result<Health, VerifyError> {
        let format = "{{if .State.Health}}{{.State.Health.Status}}{{end}}";
        let Ok(status) = self.ask(&["inspect", "--format", format, &self.name]) else {
            return Ok(Health::Unknown);
        };
        Ok(match status.trim() {
            "healthy" => Health::Healthy,
            "" => Health::Unknown,
            _ => Health::Waiting,
        })
    }

    /// The ports on which a program in it listens, other than for itself alone; nothing where the image has no
    /// `cat`, or where the network is not its own.
    pub fn listening(&self) -> Vec<u16> {
        if self.on_host {
            return Vec::new();
        }
        let mut command = self.engine.command();
        command.args(["exec", &self.name, "cat", "/proc/net/tcp", "/proc/net/tcp6"]);
        match self.engine.run(&mut command, QUICK) {
            Ok(finished) => listening(&finished.stdout),
            Err(_) => Vec::new(),
        }
    }

    fn ask(&self, arguments: &[&str]) -> Result<String, VerifyError> {
        self.engine.ask(self.engine.command().args(arguments))
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        self.engine
            .remove(&["rm", "--force", "--volumes", &self.name]);
    }
}

/// How often a container is looked at.
pub(super) const PAUSE: Duration = Duration::from_millis(200);

/// The image's name, which is unique to this run, as a container's name.
fn container_name(image: &Image, role: &str) -> String {
    let name: String = image
        .tag()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    format!("{name}-{role}")
}

/// Reads `/proc/net/tcp` (proc(5)): `0: 00000000:0BB8 00000000:0000 0A …` is a program that listens on port 3000.
fn listening(tables: &str) -> Vec<u16> {
    let mut ports: Vec<u16> = tables
        .lines()
        .filter_map(|line| {
            let mut fields = line.split_whitespace();
            let (address, port) = fields.nth(1)?.split_once(':')?;
            let state = fields.nth(1)?;
            // Bytes stand in the order of the machine, four by four: the first number of an address is last.
            let own = address.len() == 8 && address.ends_with("7F")
                || address == "00000000000000000000000001000000";
            let listens = state == "0A" && !own;
            u16::from_str_radix(port, 16).ok().filter(|_| listens)
        })
        .collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_that_others_can_reach_are_found() {
        let tables = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
   2: 0B00007F:9C41 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
   3: 020011AC:0BB8 010011AC:D431 01 00000000:00000000 00:00000000 00000000     0        0 1 1
  sl  local_address                         remote_address                        st tx_queue
   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000
   1: 00000000000000000000000001000000:2328 00000000000000000000000000000000:0000 0A 00000000:00000000
";
        assert_eq!(listening(tables), [80, 3000]);
    }
}
