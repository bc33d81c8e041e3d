//! Runs a command to its end, to a limit, or to a signal, whichever comes first.

use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use super::{Interrupt, VerifyError};

/// How long a command may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(10);
/// How often a running command is looked at.
const PAUSE: Duration = Duration::from_millis(50);

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

    /// Standard output, or the error with the end of what `command` wrote.
    pub fn text(self, command: &Command) -> Result<String, VerifyError> {
        if self.success() {
            return Ok(self.stdout);
        }
        Err(VerifyError::Failed {
            command: display(command),
            output: tail(&format!("{}{}", self.stdout, self.stderr), 40),
        })
    }
}

/// Runs `command` to its end; `line` gets each line of its output as it comes.
///
/// # Errors
/// [`VerifyError::Spawn`] where it cannot be started, [`VerifyError::TimedOut`] and [`VerifyError::Interrupted`]
/// where it was ended after `limit` or by a signal.
pub(super) fn run(
    command: &mut Command,
    limit: Duration,
    interrupt: &Interrupt,
    line: &mut dyn FnMut(&str),
) -> Result<Finished, VerifyError> {
    let started = Instant::now();
    let mut child = spawn(command, interrupt)?;
    // Both pipes are drained while the command runs, or it would block on a full one.
    let (sender, lines) = mpsc::channel();
    let stdout = drain_lines(child.stdout.take(), sender.clone());
    let stderr = drain_lines(child.stderr.take(), sender);
    let ended = wait(&mut child, started + limit, interrupt, &lines, line);
    let code = ended.map_err(|end| end.error(command, limit))?;
    // The last lines may still be on their way: they end where both pipes do.
    lines.iter().for_each(|text| line(&text));
    Ok(Finished {
        code,
        stdout: stdout.join().unwrap_or_default(),
        stderr: stderr.join().unwrap_or_default(),
        took: started.elapsed(),
    })
}

/// Starts `command` and gives its standard output to `read`; the command is ended when that returns.
///
/// # Errors
/// As [`run`], and what `read` says.
pub(super) fn stream<T>(
    command: &mut Command,
    interrupt: &Interrupt,
    read: impl FnOnce(&mut dyn Read) -> io::Result<T>,
) -> Result<T, VerifyError> {
    let mut child = spawn(command, interrupt)?;
    let stderr = drain(child.stderr.take());
    let mut stdout = child.stdout.take();
    let result = match &mut stdout {
        Some(stdout) => read(&mut Interruptible { stdout, interrupt }),
        None => Err(io::ErrorKind::BrokenPipe.into()),
    };
    if result.is_err() {
        end(&mut child);
    }
    drop(stdout);
    let status = child.wait();
    if let Some(signal) = interrupt.signal() {
        return Err(VerifyError::Interrupted { signal });
    }
    let stderr = stderr.join().unwrap_or_default();
    match (result, status) {
        (Ok(value), Ok(status)) if status.success() => Ok(value),
        (Err(error), _) if stderr.is_empty() => Err(VerifyError::Answer {
            command: display(command),
            reason: error.to_string(),
        }),
        _ => Err(VerifyError::Failed {
            command: display(command),
            output: tail(&stderr, 40),
        }),
    }
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

struct Interruptible<'a, R> {
    stdout: &'a mut R,
    interrupt: &'a Interrupt,
}

impl<R: Read> Read for Interruptible<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.interrupt.signal() {
            Some(_) => Err(io::Error::other("interrupted")),
            None => self.stdout.read(buffer),
        }
    }
}

fn spawn(command: &mut Command, interrupt: &Interrupt) -> Result<Child, VerifyError> {
    if let Some(signal) = interrupt.signal() {
        return Err(VerifyError::Interrupted { signal });
    }
    // A group of its own: Ctrl-C reaches this process alone, which then ends the command in its own way.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let spawned = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    spawned.map_err(|source| VerifyError::Spawn {
        command: display(command),
        source,
    })
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

fn drain_lines(
    pipe: Option<impl Read + Send + 'static>,
    sender: Sender<String>,
) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        let mut reader = BufReader::new(match pipe {
            Some(pipe) => Box::new(pipe) as Box<dyn Read>,
            None => Box::new(io::empty()),
        });
        let mut bytes = Vec::new();
        while reader.read_until(b'\n', &mut bytes).is_ok_and(|n| n > 0) {
            let line = String::from_utf8_lossy(&bytes).into_owned();
            text.push_str(&line);
            // Nobody listens any more where the command was ended.
            let _ = sender.send(line.trim_end().to_string());
            bytes.clear();
        }
        text
    })
}

/// Why a command did not end by itself.
enum Stopped {
    Limit,
    Signal(u8),
    Broken(io::Error),
}

impl Stopped {
    fn error(self, command: &Command, limit: Duration) -> VerifyError {
        let command = display(command);
        match self {
            Stopped::Limit => VerifyError::TimedOut { command, limit },
            Stopped::Signal(signal) => VerifyError::Interrupted { signal },
            Stopped::Broken(source) => VerifyError::Spawn { command, source },
        }
    }
}

fn wait(
    child: &mut Child,
    deadline: Instant,
    interrupt: &Interrupt,
    lines: &Receiver<String>,
    line: &mut dyn FnMut(&str),
) -> Result<Option<i32>, Stopped> {
    let mut pause = Duration::from_millis(2);
    loop {
        if let Some(status) = child.try_wait().map_err(Stopped::Broken)? {
            return Ok(status.code());
        }
        if let Some(signal) = interrupt.signal() {
            end(child);
            return Err(Stopped::Signal(signal));
        }
        if Instant::now() >= deadline {
            end(child);
            return Err(Stopped::Limit);
        }
        match lines.recv_timeout(pause) {
            Ok(text) => line(&text),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => thread::sleep(pause),
        }
        pause = (pause * 2).min(PAUSE);
    }
}

/// Ends a command and what it started: politely, so that a build is cancelled and cleaned up, then for sure.
fn end(child: &mut Child) {
    let target = format!("-{}", child.id());
    let group = |signal: &str| {
        let mut kill = Command::new("kill");
        kill.args([signal, "--", &target])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        cfg!(unix) && kill.status().is_ok_and(|status| status.success())
    };
    if group("-TERM") {
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline {
            if !matches!(child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(PAUSE);
        }
        group("-KILL");
    }
    // It may have ended in the meantime: there is nothing to do about either failure.
    let _ = child.kill();
    let _ = child.wait();
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

    fn run_quietly(command: &mut Command, limit: Duration) -> Result<Finished, VerifyError> {
        run(command, limit, &Interrupt::never(), &mut |_| {})
    }

    #[test]
    fn gives_output_and_status_apart() {
        let mut script = shell("echo out; echo err >&2; exit 3");
        let finished = run_quietly(&mut script, Duration::from_secs(10)).unwrap();
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
    fn lines_are_told_while_it_runs() {
        let mut lines = Vec::new();
        let mut script = shell("echo one >&2; sleep 0.1; printf 'two\\nthree' >&2");
        let finished = run(
            &mut script,
            Duration::from_secs(10),
            &Interrupt::never(),
            &mut |line| lines.push(line.to_string()),
        );
        assert_eq!(finished.unwrap().stderr, "one\ntwo\nthree");
        assert!(
            lines.starts_with(&["one".into(), "two".into()]),
            "{lines:?}"
        );
    }

    #[test]
    fn the_last_lines_of_what_has_ended_are_told() {
        // Each of them ends at once, often before its pipe was read.
        for _ in 0..100 {
            let mut told = Vec::new();
            let mut script = shell("echo one; echo two");
            let limit = Duration::from_secs(10);
            let ended = run(&mut script, limit, &Interrupt::never(), &mut |line| {
                told.push(line.to_string());
            });
            assert!(ended.unwrap().success());
            assert_eq!(told, ["one", "two"]);
        }
    }

    #[test]
    fn more_output_than_a_pipe_holds_does_not_block() {
        let script = "i=0; while [ $i -lt 20000 ]; do echo 0123456789; i=$((i+1)); done";
        let finished = run_quietly(&mut shell(script), Duration::from_secs(30)).unwrap();
        assert_eq!(finished.stdout.len(), 220_000);
    }

    #[test]
    fn a_command_over_its_limit_is_ended_with_what_it_started() {
        let started = Instant::now();
        let mut script = shell("sleep 30 & wait");
        let error = run_quietly(&mut script, Duration::from_millis(50)).unwrap_err();
        assert!(matches!(error, VerifyError::TimedOut { .. }), "{error}");
        assert!(started.elapsed() < Duration::from_secs(9));
    }

    #[test]
    fn a_signal_ends_what_runs_and_starts_nothing_more() {
        let interrupt = Interrupt::never();
        let other = interrupt.clone();
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(100));
            other.raise(15);
        });
        let started = Instant::now();
        for script in ["exec sleep 30", "exec true"] {
            let error = run(
                &mut shell(script),
                Duration::from_secs(60),
                &interrupt,
                &mut |_| {},
            );
            assert!(
                matches!(error, Err(VerifyError::Interrupted { signal: 15 })),
                "{error:?}"
            );
        }
        assert!(started.elapsed() < Duration::from_secs(9));
    }

    #[test]
    fn a_stream_is_read_as_it_comes() {
        let read = |reader: &mut dyn Read| {
            let mut text = String::new();
            reader.read_to_string(&mut text).map(|_| text)
        };
        let never = Interrupt::never();
        assert_eq!(stream(&mut shell("echo a"), &never, read).unwrap(), "a\n");
        let error = stream(&mut shell("echo why >&2; exit 1"), &never, read).unwrap_err();
        assert!(error.to_string().contains("why"), "{error}");
    }

    #[test]
    fn a_missing_program_is_named() {
        let mut command = Command::new("dockopt-no-such-program");
        let error = run_quietly(&mut command, Duration::from_secs(1)).unwrap_err();
        assert!(
            error.to_string().contains("dockopt-no-such-program"),
            "{error}"
        );
    }
}
