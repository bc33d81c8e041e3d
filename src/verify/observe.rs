//! What a container of an image does: it answers on its ports, or it ends, or it goes on in silence.

use std::time::{Duration, Instant};

use super::container::{Container, Health, PAUSE};
use super::http::{self, Reply};
use super::process::tail;
use super::{Ended, Image, Plan, Request, VerifyError};

/// After the first port answers, the others get this long.
const OTHER_PORTS: Duration = Duration::from_secs(3);
/// A program that answers with a server error this long after its start means it.
const SETTLING: Duration = Duration::from_secs(5);
/// A program that listens on no port is taken for one that goes on after this long.
const ENDLESS: Duration = Duration::from_secs(30);
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// More ports than these are not asked.
const MOST_PORTS: usize = 5;

/// What a container did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observed {
    /// It answered on at least one port.
    Served(Served),
    /// Its program ended.
    Ended(Ended),
    /// It goes on, and answers on no port.
    Runs {
        /// Whether its health check passed; `None` where it has none.
        healthy: Option<bool>,
        /// The end of what it wrote.
        logs: String,
    },
    /// The engine could not start it: what it said.
    NotStarted(String),
}

impl Observed {
    /// The end of what it wrote.
    pub(super) fn log(&self) -> String {
        match self {
            Observed::Served(served) => served.logs.clone(),
            Observed::Runs { logs, .. } => logs.clone(),
            Observed::Ended(ended) => tail(&format!("{}{}", ended.stdout, ended.stderr), 20),
            Observed::NotStarted(said) => said.clone(),
        }
    }
}

/// A container that answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// The ports on which it answers.
    pub ports: Vec<u16>,
    /// Whether its health check passed; `None` where it has none, or where the engine does not tell.
    pub healthy: Option<bool>,
    /// Its answers: each request on each port.
    pub answers: Vec<Answer>,
    /// The end of what it wrote.
    pub logs: String,
}

/// An answer of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The port in the container.
    pub port: u16,
    /// What was asked.
    pub request: Request,
    /// What came back.
    pub reply: Reply,
}

/// A container to watch.
pub(super) struct Watched<'a> {
    pub image: &'a Image,
    pub plan: &'a Plan,
    /// The ports to ask first.
    pub ports: Vec<u16>,
    /// Whether the image has a health check.
    pub health_check: bool,
    /// Volumes: names and paths.
    pub volumes: &'a [(String, String)],
}

impl Watched<'_> {
    /// Starts the container, asks it, and removes it.
    pub fn observe(&self) -> Result<Observed, VerifyError> {
        match self.attempt(&self.ports, true)? {
            Seen::Observed(observed) => Ok(observed),
            // Ports are published when a container is made: another one for what was found.
            Seen::Listens(ports) => match self.attempt(&ports, false)? {
                Seen::Observed(observed) => Ok(observed),
                Seen::Listens(_) => Ok(Observed::Runs {
                    healthy: None,
                    logs: String::new(),
                }),
            },
        }
    }

    fn attempt(&self, ports: &[u16], may_look: bool) -> Result<Seen, VerifyError> {
        let run = &self.plan.run;
        let container = Container::create(self.image, "run", run, ports, self.volumes)?;
        if !self.volumes.is_empty() {
            container.prepare()?;
            // So that what is read from now on is read in a later second than the volumes were filled in.
            std::thread::sleep(Duration::from_millis(1100));
        }
        match container.start() {
            Ok(()) => {}
            Err(VerifyError::Failed { output, .. }) => {
                return Ok(Seen::Observed(Observed::NotStarted(output)));
            }
            Err(error) => return Err(error),
        }
        let up = match self.wait(&container, ports, may_look)? {
            Waited::Up(up) => up,
            Waited::Listens(ports) => return Ok(Seen::Listens(ports)),
            Waited::Ended(code) => {
                let (stdout, stderr) = container.logs()?;
                return Ok(Seen::Observed(Observed::Ended(Ended {
                    code,
                    stdout,
                    stderr,
                })));
            }
        };
        let healthy = self.health(&container)?;
        if up.is_empty() {
            let logs = container.last_words();
            return Ok(Seen::Observed(Observed::Runs { healthy, logs }));
        }
        let mut answers = Vec::new();
        for &port in &up {
            for request in &self.plan.requests {
                answers.push(Answer {
                    port,
                    request: request.clone(),
                    reply: ask(&container, port, request, PATIENCE),
                });
            }
        }
        Ok(Seen::Observed(Observed::Served(Served {
            ports: up,
            healthy,
            answers,
            logs: container.last_words(),
        })))
    }

    /// Waits until the ports answer, the program ends, or nothing more is to be expected.
    fn wait(
        &self,
        container: &Container,
        ports: &[u16],
        may_look: bool,
    ) -> Result<Waited, VerifyError> {
        let start = Instant::now();
        let first = Request::get(&self.plan.requests.first().map_or_else(
            || "/".to_string(),
            |request| match request.method.as_str() {
                "GET" | "HEAD" => request.path.clone(),
                _ => "/".to_string(),
            },
        ));
        let mut up: Vec<u16> = Vec::new();
        let mut first_up = None;
        let mut silent = 0;
        let mut looks = Looks::default();
        loop {
            if let Some(code) = container.exit_code()? {
                return Ok(Waited::Ended(code));
            }
            for &port in ports {
                if up.contains(&port) {
                    continue;
                }
                let answered = match ask(container, port, &first, Duration::from_secs(5)) {
                    Reply::Http(response) => response.status < 500 || start.elapsed() > SETTLING,
                    Reply::Other(_) => true,
                    Reply::Closed => false,
                    Reply::Silent => {
                        silent += 1;
                        silent > 3 * ports.len()
                    }
                };
                if answered {
                    up.push(port);
                    first_up.get_or_insert_with(Instant::now);
                }
            }
            up.sort_unstable();
            let others = first_up.is_some_and(|first: Instant| first.elapsed() >= OTHER_PORTS);
            if !up.is_empty() && (up.len() == ports.len() || others) {
                return Ok(Waited::Up(up));
            }
            if may_look
                && up.is_empty()
                && let Some(found) = looks.next(container, ports, start)
            {
                return Ok(Waited::Listens(found));
            }
            let limit = match ports.is_empty() {
                true => self.plan.run_limit.min(ENDLESS),
                false => self.plan.run_limit,
            };
            if start.elapsed() >= limit {
                return Ok(Waited::Up(up));
            }
            std::thread::sleep(PAUSE);
        }
    }

    fn health(&self, container: &Container) -> Result<Option<bool>, VerifyError> {
        if !self.health_check {
            return Ok(None);
        }
        let start = Instant::now();
        loop {
            match container.health()? {
                Health::Healthy => return Ok(Some(true)),
                Health::Unknown => return Ok(None),
                // A program that is slow to start is unhealthy for a while.
                Health::Waiting if start.elapsed() >= self.plan.run_limit => {
                    return Ok(Some(false));
                }
                Health::Waiting => std::thread::sleep(PAUSE),
            }
            if container.exit_code()?.is_some() {
                return Ok(Some(false));
            }
        }
    }
}

enum Seen {
    Observed(Observed),
    /// It listens on ports that are not published.
    Listens(Vec<u16>),
}

enum Waited {
    Up(Vec<u16>),
    Listens(Vec<u16>),
    Ended(i32),
}

/// Looks for ports that a program listens on: from time to time, and twice the same before they count.
#[derive(Default)]
struct Looks {
    last: Option<Instant>,
    found: Vec<u16>,
}

impl Looks {
    fn next(&mut self, container: &Container, asked: &[u16], start: Instant) -> Option<Vec<u16>> {
        let begin = Duration::from_secs(if asked.is_empty() { 1 } else { 4 });
        let due = self
            .last
            .is_none_or(|last| last.elapsed() >= Duration::from_secs(1));
        if start.elapsed() < begin || !due {
            return None;
        }
        self.last = Some(Instant::now());
        let mut found = container.listening();
        // A port that is asked already and listens will answer.
        if found.iter().any(|port| asked.contains(port)) {
            return None;
        }
        found.truncate(MOST_PORTS);
        let same = !found.is_empty() && found == self.found;
        self.found = found;
        same.then(|| self.found.clone())
    }
}

fn ask(container: &Container, port: u16, request: &Request, patience: Duration) -> Reply {
    let Some(address) = container.address(port) else {
        return Reply::Closed;
    };
    let Request { method, path, send } = request;
    http::ask(&address, method, path, send.as_deref(), patience)
}
