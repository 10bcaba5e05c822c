//! How far a long work has got, on a terminal.

use crate::terminal::stderr_is_terminal;
use std::io::Write;

/// A line that is written again and again; nothing where nobody looks.
pub(super) struct Progress {
    verb: &'static str,
    shows: bool,
    said: bool,
}

impl Progress {
    pub(super) fn new(verb: &'static str) -> Progress {
        Progress { verb, shows: stderr_is_terminal(), said: false }
    }

    /// So many, of so many if that is known.
    pub(super) fn at(&mut self, done: u64, of: Option<u64>) {
        if self.shows && done > 0 {
            self.said = true;
            let of = of.map(|of| format!(" of {of}")).unwrap_or_default();
            // A terminal that is gone is no reason to stop.
            let _ = write!(std::io::stderr(), "\r{} {done}{of}", self.verb);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.said {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
