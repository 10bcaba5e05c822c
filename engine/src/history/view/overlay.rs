//! What a tree knows, as colours for the picture of its program.

use super::model::RunTree;
use super::summary::VisitStatus;
use aslx_asl::graph::{Overlay, Tone};
use std::collections::BTreeMap;

impl RunTree {
    /// States by how their visits ended, the worst first; the number of attempts or visits as badges, from two on.
    pub fn overlay(&self) -> Overlay {
        let mut overlay = Overlay::default();
        let mut states: BTreeMap<String, (Tone, usize)> = BTreeMap::new();
        for visit in self.visits() {
            let tone = match visit.status {
                VisitStatus::Succeeded => Tone::Good,
                VisitStatus::Running => Tone::Active,
                VisitStatus::Caught | VisitStatus::Aborted => Tone::Doubtful,
                VisitStatus::Failed => Tone::Bad,
            };
            let (worst, count) = states.entry(visit.state.to_string()).or_insert((tone, 0));
            *worst = tone.max(*worst);
            *count += visit.attempts.max(1);
            if let Some(next) = &visit.next {
                overlay.way(&visit.state, next);
            }
        }
        for (name, (tone, count)) in states {
            overlay.state(&name, tone, (count > 1).then(|| format!("{count}×")));
        }
        overlay
    }
}
