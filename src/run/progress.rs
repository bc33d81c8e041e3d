//! A counter on the terminal while many files are worked on.

use std::io::Write;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

/// Work that is done sooner shows no counter, in milliseconds.
const PATIENCE: u64 = 500;
/// The time between two lines, in milliseconds.
const INTERVAL: u64 = 100;

/// Counts files; shows the count where a person watches and the work takes long.
pub struct Progress {
    total: usize,
    watched: bool,
    done: AtomicUsize,
    start: Instant,
    /// Milliseconds after the start at which the next line may be shown.
    next: AtomicU64,
}

impl Progress {
    /// Begins the work on `total` files.
    pub fn new(total: usize, watched: bool) -> Self {
        Self {
            total,
            watched,
            done: AtomicUsize::new(0),
            start: Instant::now(),
            next: AtomicU64::new(PATIENCE),
        }
    }

    /// Counts one file.
    pub fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if !self.watched {
            return;
        }
        let now = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let next = self.next.load(Ordering::Relaxed);
        let turn = now >= next
            && self
                .next
                .compare_exchange(next, now + INTERVAL, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if turn {
            let _ = write!(std::io::stderr().lock(), "\r{done}/{} files", self.total);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.watched && self.next.load(Ordering::Relaxed) > PATIENCE {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[K");
        }
    }
}
