//! What an engine says while it builds: which step runs, what came from the cache, what failed.
//!
//! Two forms are read: BuildKit's plain progress (`#5 [2/3] RUN npm ci`, `#5 1.2 added 9 packages`, `#5 DONE 3.1s`)
//! and the one of buildah and podman (`STEP 2/3: RUN npm ci`, `--> Using cache`).

use super::BuildFailure;
use super::process::tail;

/// A step of a build.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct Step {
    /// As the engine names it: `[build 2/5] RUN npm ci`.
    pub name: String,
    /// Whether its result came from the cache.
    pub cached: bool,
    /// Wall time, where the engine tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// What it wrote.
    #[serde(skip)]
    pub(super) log: String,
    #[serde(skip)]
    pub(super) number: usize,
    #[serde(skip)]
    pub(super) failed: bool,
}

impl Step {
    /// Whether it is the `FROM` of a stage.
    pub fn is_from(&self) -> bool {
        let mut words = self.name.split_whitespace();
        words.any(|word| word == "FROM")
            && words.clone().count() <= 3
            && !["RUN ", "COPY ", "ADD "]
                .iter()
                .any(|it| self.name.contains(it))
    }
}

/// The steps of a build, read line by line.
#[derive(Debug, Default)]
pub(super) struct BuildLog {
    steps: Vec<Step>,
    all: String,
}

impl BuildLog {
    /// Reads one line; gives the name of the step that it begins, if it begins one.
    pub fn line(&mut self, line: &str) -> Option<String> {
        self.all.push_str(line);
        self.all.push('\n');
        match line.strip_prefix('#').and_then(|rest| rest.split_once(' ')) {
            Some((number, rest)) => number.parse().ok().and_then(|n| self.vertex(n, rest)),
            None => self.classic(line),
        }
    }

    /// The instructions of the Dockerfile among the steps: what loads the context and such is left out.
    pub fn steps(self) -> Vec<Step> {
        let of_the_file = |step: &Step| {
            step.name.starts_with('[') && !step.name.starts_with("[internal]")
                || step.name.starts_with("STEP ")
        };
        self.steps.into_iter().filter(of_the_file).collect()
    }

    /// What to say of a build that failed.
    pub fn failure(&self) -> BuildFailure {
        let failed = self.steps.iter().find(|step| step.failed);
        let classic = || {
            let last = self.steps.last();
            last.filter(|step| step.name.starts_with("STEP "))
        };
        let step = failed.or_else(classic);
        let end = tail(&self.all, 25);
        let log = match step.filter(|step| !step.log.is_empty()) {
            Some(step) => tail(&step.log, 40),
            None => end.clone(),
        };
        BuildFailure {
            step: step.map(|step| step.name.clone()),
            network: speaks_of_network(&log) || speaks_of_network(&end),
            log,
        }
    }

    /// A line of BuildKit about the step with this number.
    fn vertex(&mut self, number: usize, rest: &str) -> Option<String> {
        let Some(step) = self.steps.iter_mut().find(|step| step.number == number) else {
            self.steps.push(Step {
                name: rest.to_string(),
                number,
                ..Step::default()
            });
            return Some(rest.to_string());
        };
        // The name comes again where a step goes on after the lines of another; a digest says nothing.
        if rest == step.name || rest.starts_with("sha256:") {
        } else if rest == "CACHED" {
            step.cached = true;
        } else if let Some(time) = rest.strip_prefix("DONE ") {
            step.seconds = time.trim_end_matches('s').parse().ok();
        } else if let Some(error) = rest.strip_prefix("ERROR: ") {
            step.failed = true;
            step.log.push_str(error);
            step.log.push('\n');
        } else {
            let timed = rest
                .split_once(' ')
                .filter(|(time, _)| time.parse::<f64>().is_ok());
            step.log.push_str(timed.map_or(rest, |(_, text)| text));
            step.log.push('\n');
        }
        None
    }

    /// A line of buildah: `STEP 2/3: RUN a`, or `[1/2] STEP 2/3: RUN a` where there are several stages.
    fn classic(&mut self, line: &str) -> Option<String> {
        let step = line.starts_with("STEP ") || line.starts_with('[') && line.contains("] STEP ");
        if step {
            let name = match line.split_once("] STEP ") {
                Some((stage, rest)) => format!("STEP {stage}] {rest}"),
                None => line.to_string(),
            };
            self.steps.push(Step {
                name: name.clone(),
                ..Step::default()
            });
            return Some(name);
        }
        if let Some(step) = self.steps.last_mut().filter(|step| step.number == 0) {
            if line.starts_with("--> Using cache") {
                step.cached = true;
            } else if !line.starts_with("--> ") {
                step.log.push_str(line);
                step.log.push('\n');
            }
        }
        None
    }
}

/// Whether a log tells of a network or a registry that is not reached: no fault of the Dockerfile.
fn speaks_of_network(log: &str) -> bool {
    // As Go's net package, glibc, musl, npm, pip and curl say it, and registries that decline for a while.
    const SIGNS: &[&str] = &[
        "dial tcp",
        "no such host",
        "i/o timeout",
        "TLS handshake timeout",
        "connection refused",
        "connection reset by peer",
        "network is unreachable",
        "Temporary failure resolving",
        "Temporary failure in name resolution",
        "Could not resolve host",
        "Name or service not known",
        "temporary error (try again later)",
        "EAI_AGAIN",
        "ENOTFOUND",
        "ETIMEDOUT",
        "ECONNREFUSED",
        "ECONNRESET",
        "NewConnectionError",
        "Max retries exceeded with url",
        "toomanyrequests",
        "503 Service Unavailable",
        "502 Bad Gateway",
        "request canceled while waiting for connection",
    ];
    SIGNS.iter().any(|sign| log.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (BuildLog, Vec<String>) {
        let mut log = BuildLog::default();
        let begun = text.lines().filter_map(|line| log.line(line)).collect();
        (log, begun)
    }

    const BUILDKIT: &str = "\
#1 [internal] load build definition from Dockerfile
#1 sha256:a2d0
#1 transferring dockerfile: 115B done
#1 DONE 0.0s

#4 [build 1/3] FROM docker.io/library/debian:bookworm
#4 CACHED

#5 [build 2/3] RUN echo hi
#5 0.227 hi
#5 DONE 0.4s

#6 [build 3/3] RUN echo a &&   false
#6 0.338 a
#5 [build 2/3] RUN echo hi
#6 ERROR: executor failed running [/bin/sh -c echo a &&   false]: exit code: 1
------
 > [build 3/3] RUN echo a &&   false:
------
executor failed running [/bin/sh -c echo a &&   false]: exit code: 1
";

    #[test]
    fn the_failing_step_of_buildkit_is_named_with_its_log() {
        let (log, begun) = read(BUILDKIT);
        assert_eq!(
            begun.last().map(String::as_str),
            Some("[build 3/3] RUN echo a &&   false")
        );
        let failure = log.failure();
        assert_eq!(
            failure.step.as_deref(),
            Some("[build 3/3] RUN echo a &&   false")
        );
        assert_eq!(
            failure.log,
            "a\nexecutor failed running [/bin/sh -c echo a &&   false]: exit code: 1"
        );
        assert!(!failure.network);
        let steps = log.steps();
        let shown: Vec<_> = steps
            .iter()
            .map(|step| (step.cached, step.seconds))
            .collect();
        assert_eq!(shown, [(true, None), (false, Some(0.4)), (false, None)]);
    }

    #[test]
    fn the_steps_of_buildah_are_read() {
        let (log, begun) = read(
            "[1/2] STEP 1/2: FROM node:22 AS build\n[1/2] STEP 2/2: RUN npm ci\n--> Using cache 1f\n--> 1f\n[2/2] STEP 1/1: RUN false\nboom\nError: building at STEP \"RUN false\": exit status 1\n",
        );
        assert_eq!(begun[1], "STEP [1/2] 2/2: RUN npm ci");
        let failure = log.failure();
        assert_eq!(failure.step.as_deref(), Some("STEP [2/2] 1/1: RUN false"));
        assert!(failure.log.starts_with("boom\n"), "{failure}");
        assert!(log.steps()[1].cached);
    }

    #[test]
    fn a_registry_that_is_not_reached_is_told_from_a_tag_that_does_not_exist() {
        let error = |reason: &str| {
            let text = format!(
                "#3 [internal] load metadata for docker.io/library/node:22\n#3 ERROR: {reason}\n"
            );
            read(&text).0.failure().network
        };
        assert!(error(
            "failed to do request: Head \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io: no such host"
        ));
        assert!(!error("docker.io/library/node:22-slimmer: not found"));
    }
}
