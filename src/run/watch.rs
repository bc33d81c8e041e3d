//! How far `dockopt verify` is: one line that changes where a person watches, otherwise a line for each thing done.

use std::io::Write;
use std::time::{Duration, Instant};

use dockopt::verify::Watch;

use super::streams::Streams;
use crate::cli::Talk;

/// Longer lines would be broken by a narrow terminal, and then not be overwritten.
const WIDTH: usize = 76;

/// Tells on standard error how far it is.
pub struct Progress<'a> {
    name: String,
    talk: Talk,
    streams: &'a Streams,
    what: String,
    start: Instant,
}

impl<'a> Progress<'a> {
    /// For the Dockerfile of this name.
    pub fn new(name: &str, talk: Talk, streams: &'a Streams) -> Self {
        Self {
            name: name.to_string(),
            talk,
            streams,
            what: String::new(),
            start: Instant::now(),
        }
    }

    /// A line that the next one takes the place of.
    fn passing(&self, text: &str) {
        if self.streams.watched && self.talk.quiet == 0 && !self.talk.verbose {
            let line: String = text.chars().take(WIDTH).collect();
            let _ = write!(std::io::stderr().lock(), "\r\x1b[K{line}");
        }
    }
}

impl Watch for Progress<'_> {
    fn begin(&mut self, what: &str) {
        self.what = format!("{}: {what}", self.name);
        self.start = Instant::now();
        self.passing(&format!("{} …", self.what));
    }

    fn step(&mut self, step: &str) {
        let step = step.replace(char::is_control, " ");
        if self.talk.verbose {
            self.streams.tell(&format!("{}: {step}\n", self.what));
        }
        let seconds = self.start.elapsed().as_secs();
        self.passing(&format!("{} ({seconds} s) {step}", self.what));
    }

    fn end(&mut self, took: Duration) {
        self.passing("");
        if self.talk.quiet == 0 {
            let line = format!("{}: {:.1} s\n", self.what, took.as_secs_f64());
            self.streams.tell(&line);
        }
    }
}
