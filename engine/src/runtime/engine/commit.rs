//! What an owner commits.

use super::owner::Owner;
use super::view::Description;
use super::{Durability, definition_of};
use crate::interpreter::Status;
use crate::journal::Lines;
use crate::runtime::family::{Deed, MemberId};
use crate::store::{Append, Commit, Summary, Wake};

impl Owner {
    /// What the journals have gained since the last time; `None` if there is nothing to keep.
    pub(super) fn take_commit(&mut self, deeds: &[Deed]) -> Option<Commit> {
        let (position, entries) = self.family.take_pending();
        if entries.is_empty() {
            return None;
        }
        let lines = match self.durability {
            Durability::Full => Lines::of(&entries),
            // An Express execution is kept as an accepted start, and begins again after a crash.
            Durability::Start if position == 0 => Lines::of(entries.get(..1).unwrap_or_default()),
            Durability::Start if self.family.outcome().is_some() => {
                return Some(Commit { removals: vec![self.execution.clone()], ..Commit::default() });
            }
            Durability::Start | Durability::None => return None,
        };
        let wake = if self.durability == Durability::Start { Wake::Now } else { self.wake_after(deeds) };
        let append = self.append(lines, position, deeds, wake)?;
        let program = self.family.program();
        let definitions = (position == 0).then(|| definition_of(program));
        Some(Commit { definitions: definitions.into_iter().collect(), ..Commit::append(append) })
    }

    /// Nothing new, but when to wake it.
    pub(super) fn wake_commit(&mut self) -> Option<Commit> {
        let wake = self.wake_after(&[]);
        if wake == self.wake || wake == Wake::Now {
            return None;
        }
        let position = self.family.position();
        self.append(Lines::default(), position, &[], wake).map(Commit::append)
    }

    fn append(&mut self, lines: Lines, position: u64, deeds: &[Deed], wake: Wake) -> Option<Append> {
        let hash = self.family.note_committed(&lines);
        let parent = self.family.parent()?;
        let description = Description::of(parent)?;
        let started = &description.started;
        let tokens = deeds.iter().filter_map(|deed| match deed {
            Deed::StartTask { key, request } if key.member == MemberId::PARENT => request.token.clone(),
            _ => None,
        });
        self.wake = wake;
        Some(Append {
            journal: self.execution.clone(),
            position,
            lines,
            digest: parent.digest() ^ hash,
            summary: Summary {
                status: description.outcome.as_ref().map_or(Status::Running, |outcome| outcome.status),
                stopped: description.stop,
                redrives: description.redrives.count,
                redriven: description.redrives.last,
                ..Summary::of(&started.names, &started.program, description.start)
            },
            tokens: tokens.collect(),
            outcome: description.outcome,
            wake,
        })
    }
}
