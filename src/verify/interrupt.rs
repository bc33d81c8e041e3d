//! Ctrl-C and its relatives, so that what was started is ended and what was made is removed.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Whether a signal asked this process to end. Commands that run under it are ended, and no new ones start,
/// except those that clean up.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    signal: Arc<AtomicUsize>,
}

impl Interrupt {
    /// One that no signal reaches.
    pub fn never() -> Interrupt {
        Interrupt::default()
    }

    /// Takes SIGINT and SIGTERM (and SIGHUP, where there is one) from now on. A second one ends the process at
    /// once, without cleaning up.
    ///
    /// # Errors
    /// Where the operating system refuses the handler.
    pub fn listen() -> io::Result<Interrupt> {
        let interrupt = Interrupt::default();
        let again = Arc::new(AtomicBool::new(false));
        #[cfg(unix)]
        let signals = [SIGINT, SIGTERM, signal_hook::consts::SIGHUP];
        #[cfg(not(unix))]
        let signals = [SIGINT, SIGTERM];
        for signal in signals {
            // Handlers run in this order: the first signal arms the shutdown that the second one meets.
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&again))?;
            flag::register(signal, Arc::clone(&again))?;
            let number = usize::try_from(signal).unwrap_or(usize::MAX);
            flag::register_usize(signal, Arc::clone(&interrupt.signal), number)?;
        }
        Ok(interrupt)
    }

    /// The number of the signal that came, if one came.
    pub fn signal(&self) -> Option<u8> {
        match self.signal.load(Ordering::Relaxed) {
            0 => None,
            signal => Some(u8::try_from(signal).unwrap_or(u8::MAX)),
        }
    }

    /// As if `signal` had come.
    #[cfg(test)]
    pub(super) fn raise(&self, signal: usize) {
        self.signal.store(signal, Ordering::Relaxed);
    }
}
