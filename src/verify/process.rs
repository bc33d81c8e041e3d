//! Runs a command to its end or to a limit, whichever comes first.

use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::VerifyError;

/// What a command left behind.
#[derive(Debug)]
pub(super) struct Finished {
    /// The exit status; `None` where a signal ended it.
    pub code: Option<i32>,
    /// Standard output, with what is not UTF-8 replaced.
    pub stdout: String,
    /// Standard error, with what is not UTF-8 replaced.
    pub stderr: String,
    /// Wall time.
    pub took: Duration,
}

impl Finished {
    pub fn success(&self) -> bool {
        self.code == Some(0)
    }
}

/// Runs `command` to its end.
///
/// # Errors
/// [`VerifyError::Spawn`] where it cannot be started, [`VerifyError::TimedOut`] where it was
/// still running after `limit`: it has been killed then.
pub(super) fn run(command: &mut Command, limit: Duration) -> Result<Finished, VerifyError> {
    let started = Instant::now();
    let spawned = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = spawned.map_err(|source| VerifyError::Spawn {
        command: display(command),
        source,
    })?;
    // Both pipes are drained while the command runs, or it would block on a full one.
    let stdout = drain(child.stdout.take());
    let stderr = drain(child.stderr.take());
    let code = match wait(&mut child, limit) {
        Ok(Some(code)) => code,
        Ok(None) => {
            return Err(VerifyError::TimedOut {
                command: display(command),
                limit,
            });
        }
        Err(source) => {
            return Err(VerifyError::Spawn {
                command: display(command),
                source,
            });
        }
    };
    Ok(Finished {
        code,
        stdout: stdout.join().unwrap_or_default(),
        stderr: stderr.join().unwrap_or_default(),
        took: started.elapsed(),
    })
}

/// Runs `command` and gives its standard output, or the error with the end of what it wrote.
pub(super) fn output(command: &mut Command, limit: Duration) -> Result<String, VerifyError> {
    let finished = run(command, limit)?;
    if finished.success() {
        return Ok(finished.stdout);
    }
    Err(VerifyError::Failed {
        command: display(command),
        output: tail(&format!("{}{}", finished.stdout, finished.stderr), 40),
    })
}

/// The command line as a person would write it.
pub(super) fn display(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The last `count` lines.
pub(super) fn tail(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

fn drain(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read before an error is still worth showing.
            let _ = pipe.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// `None` where the limit was reached and the child killed.
fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<Option<i32>>> {
    let deadline = Instant::now() + limit;
    let mut pause = Duration::from_millis(2);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status.code()));
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(100));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn gives_output_and_status_apart() {
        let finished = run(
            &mut shell("echo out; echo err >&2; exit 3"),
            Duration::from_secs(10),
        )
        .unwrap();
        assert_eq!(
            (
                finished.stdout.as_str(),
                finished.stderr.as_str(),
                finished.code
            ),
            ("out\n", "err\n", Some(3))
        );
    }

    #[test]
    fn more_output_than_a_pipe_holds_does_not_block() {
        let text = output(
            &mut shell("i=0; while [ $i -lt 20000 ]; do echo 0123456789; i=$((i+1)); done"),
            Duration::from_secs(30),
        )
        .unwrap();
        assert_eq!(text.len(), 220_000);
    }

    #[test]
    fn a_command_over_its_limit_is_killed() {
        let started = Instant::now();
        let error = run(&mut shell("exec sleep 30"), Duration::from_millis(50)).unwrap_err();
        assert!(matches!(error, VerifyError::TimedOut { .. }), "{error}");
        assert!(started.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = run(
            &mut Command::new("dockopt-no-such-program"),
            Duration::from_secs(1),
        )
        .unwrap_err();
        assert!(
            error.to_string().contains("dockopt-no-such-program"),
            "{error}"
        );
    }
}
