//! Standard output and standard error: colour decided for each, a closed pipe taken as the reader's wish.

use std::io::{self, IsTerminal, Write};

use dockopt::report::{Environment, Theme, problem};

use super::Failure;
use crate::cli;

/// Both streams with their themes.
pub struct Streams {
    /// How standard output is painted.
    pub out: Theme,
    /// How standard error is painted.
    pub err: Theme,
    /// Whether a person watches standard error.
    pub watched: bool,
}

impl Streams {
    /// Decides on colour once, from the command line and the environment.
    pub fn new(color: cli::Color) -> Self {
        let environment = Environment::read();
        let watched = io::stderr().is_terminal();
        Self {
            out: Theme::new(color.into(), environment, io::stdout().is_terminal()),
            err: Theme::new(color.into(), environment, watched),
            watched,
        }
    }

    /// Writes to standard output. A reader that went away (`| head`) is no error; a full disk is.
    pub fn print(&self, text: &str) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        match stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush())
        {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new(format!(
                "standard output cannot be written: {error}"
            ))),
            _ => Ok(()),
        }
    }

    /// Writes to standard error; there is nowhere left to complain if that fails.
    pub fn tell(&self, text: &str) {
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// Tells what is wrong.
    pub fn fail(&self, failure: &Failure) {
        for (place, cause) in &failure.causes {
            self.tell(&problem(place.as_deref(), cause, &self.err));
        }
    }
}
