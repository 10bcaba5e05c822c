//! What an owner commits.

use super::owner::Owner;
use super::{Durability, definition_of};
use crate::runtime::family::{Deed, Extent};
use crate::store::{Append, Commit, Wake};

impl Owner {
    /// What the journals have gained since the last time; `None` if there is nothing to keep.
    pub(super) fn take_commit(&mut self, deeds: &[Deed]) -> Option<Commit> {
        if !self.family.has_grown() {
            return None;
        }
        let position = self.family.position();
        let extent = match self.durability {
            Durability::Full => Extent::All,
            // An Express execution is kept as an accepted start, and begins again after a crash.
            // One that has ended before it was accepted leaves no trace.
            Durability::Start if position == 0 && self.family.outcome().is_none() => Extent::Start,
            Durability::Start | Durability::None => {
                self.family.skip_commit();
                let over = self.durability == Durability::Start && position > 0 && self.family.outcome().is_some();
                return over.then(|| Commit { removals: vec![self.execution.clone()], ..Commit::default() });
            }
        };
        let wake = match (self.family.outcome(), self.durability) {
            (Some(_), _) => Wake::Never,
            (None, Durability::Start) => Wake::Now,
            (None, _) => self.wake_after(deeds),
        };
        let appends = self.appends(extent, wake, deeds);
        let definitions = (position == 0).then(|| definition_of(self.family.parent().map(|p| p.program()))).flatten();
        Some(Commit { definitions: definitions.into_iter().collect(), appends, ..Commit::default() })
    }

    fn appends(&mut self, extent: Extent, wake: Wake, deeds: &[Deed]) -> Vec<Append> {
        // Whoever has work now must be found after a crash, also if only a child has it.
        let always = wake < self.wake;
        let appends = self.family.take_appends(extent, wake, always, deeds);
        if appends.iter().any(|append| append.journal == self.execution) {
            self.wake = wake;
        }
        appends
    }

    /// Nothing new, but when to wake it.
    pub(super) fn wake_commit(&mut self) -> Option<Commit> {
        let wake = self.wake_after(&[]);
        if wake == self.wake || wake == Wake::Now {
            return None;
        }
        self.wake = wake;
        let appends = self.family.take_appends(Extent::All, wake, true, &[]);
        Some(Commit { appends, ..Commit::default() })
    }
}
