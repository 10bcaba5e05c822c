//! What a picture shows on top of the definition: how a run went, or what tests have reached.

use super::model::EdgeKind;
use std::collections::{BTreeMap, BTreeSet};

/// Colours and badges for states, and the ways that were taken. An empty one changes nothing.
#[derive(Debug, Clone, Default)]
pub struct Overlay {
    states: BTreeMap<String, (Tone, Option<String>)>,
    ways: BTreeSet<(String, String)>,
    kinds: BTreeSet<(String, EdgeKind)>,
}

/// How a state is to be coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// It succeeded, or tests have reached it.
    Good,
    /// It runs.
    Active,
    /// It failed and its error was caught, or tests have reached a part of it.
    Doubtful,
    /// It failed.
    Bad,
    /// It was not reached, and that should stand out.
    Missed,
}

impl Tone {
    /// The word that stands for the tone in class names.
    pub fn word(self) -> &'static str {
        match self {
            Tone::Good => "good",
            Tone::Active => "active",
            Tone::Doubtful => "doubtful",
            Tone::Bad => "bad",
            Tone::Missed => "missed",
        }
    }
}

impl Overlay {
    /// Colours a state. The badge is a short text at its corner, for example `2×`.
    pub fn state(&mut self, name: &str, tone: Tone, badge: Option<String>) -> &mut Overlay {
        self.states.insert(name.to_owned(), (tone, badge));
        self
    }

    /// Marks every way from one state to another as taken.
    pub fn way(&mut self, from: &str, to: &str) -> &mut Overlay {
        self.ways.insert((from.to_owned(), to.to_owned()));
        self
    }

    /// Marks one way out of a state as taken.
    pub fn way_of_kind(&mut self, from: &str, kind: EdgeKind) -> &mut Overlay {
        self.kinds.insert((from.to_owned(), kind));
        self
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.states.is_empty() && self.ways.is_empty() && self.kinds.is_empty()
    }

    pub(super) fn tone(&self, name: &str) -> Option<Tone> {
        self.states.get(name).map(|(tone, _)| *tone)
    }

    pub(super) fn badge(&self, name: &str) -> Option<&str> {
        self.states.get(name).and_then(|(_, badge)| badge.as_deref())
    }

    /// Whether a way was taken; `None` if nothing is known of ways. Marks of start and end have the empty name.
    pub(super) fn taken(&self, from: &str, to: &str, kind: EdgeKind) -> Option<bool> {
        if self.ways.is_empty() && self.kinds.is_empty() {
            return None;
        }
        let visited = |name: &str| self.tone(name).is_some_and(|tone| tone != Tone::Missed);
        Some(match kind {
            EdgeKind::Start => visited(to),
            EdgeKind::End => {
                matches!(self.tone(from), Some(Tone::Good)) || self.kinds.contains(&(from.to_owned(), kind))
            }
            _ => self.ways.contains(&(from.to_owned(), to.to_owned())) || self.kinds.contains(&(from.to_owned(), kind)),
        })
    }
}
