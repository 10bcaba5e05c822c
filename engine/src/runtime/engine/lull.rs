//! Virtual time leaves clients a moment: who starts an execution in order to stop it, or to see it run, must come before
//! its waits are over.

use crate::clock::Stopwatch;
use std::time::Duration;

/// What an execution spends on waiting for clients in all, in quiet times: who asks again and again does not keep the
/// clock from jumping.
const QUIET_TIMES: u32 = 5;

/// How long the clock of an execution still waits before it jumps.
#[derive(Debug, Default)]
pub(super) struct Lull {
    quiet: Duration,
    /// Since a client was heard.
    since: Option<Stopwatch>,
    budget: Duration,
}

impl Lull {
    /// For an execution that a client has just started: its clock jumps when nobody has asked for it for so long.
    pub(super) fn new(quiet: Duration) -> Lull {
        Lull { quiet, since: Some(Stopwatch::start()), budget: quiet * QUIET_TIMES }
    }

    /// What there is to wait; `None` if it may jump.
    pub(super) fn left(&self) -> Option<Duration> {
        let left = self.quiet.checked_sub(self.since?.elapsed())?.min(self.budget);
        (!left.is_zero()).then_some(left)
    }

    /// A client was heard.
    pub(super) fn heard(&mut self) {
        if self.since.is_some() {
            self.since = Some(Stopwatch::start());
        }
    }

    /// So long was waited.
    pub(super) fn spent(&mut self, waited: Duration) {
        self.budget = self.budget.saturating_sub(waited);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_waits_for_quiet_but_not_for_ever() {
        assert_eq!(Lull::default().left(), None);
        let quiet = Duration::from_secs(1_000);
        let mut lull = Lull::new(quiet);
        assert!(lull.left().is_some_and(|left| left > Duration::from_secs(900) && left <= quiet));
        for _ in 0..QUIET_TIMES {
            assert!(lull.left().is_some());
            lull.spent(quiet);
            lull.heard();
        }
        assert_eq!(lull.left(), None);
        let mut lull = Lull::new(Duration::ZERO);
        lull.heard();
        assert_eq!(lull.left(), None);
    }
}
