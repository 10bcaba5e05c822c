//! The visits of an execution as a table, in the order in which they began.

use super::draw::words_of;
use super::lines::{Line, Tone};
use super::model::{LaneId, Mark, RunTree, Visit, VisitId};
use super::words::{columns, duration};
use aslx_asl::Timestamp;

impl RunTree {
    /// A table with a line for each visit of a state, every line at most `width` columns wide.
    pub fn table(&self, width: usize, colour: bool, now: Timestamp) -> String {
        let header = ["STARTED", "STATE", "TYPE", "TOOK", "TRIES", ""].map(str::to_owned);
        let mut rows: Vec<(Option<Mark>, [String; 6])> = vec![(None, header)];
        for (number, visit) in self.visits.iter().enumerate() {
            rows.push((Some(visit.mark), self.cells(VisitId(number), visit, now)));
        }
        let mut widths = [0; 6];
        for (_, cells) in &rows {
            for (width, cell) in widths.iter_mut().zip(cells) {
                *width = columns(cell).max(*width);
            }
        }
        let mut out = String::new();
        for (mark, cells) in &rows {
            let mut line = Line::new(width, colour);
            match mark {
                Some(mark) => line.toned(mark.tone(), mark.sign()),
                None => line.plain(" "),
            }
            let mut column = 2;
            for (index, (cell, width)) in cells.iter().zip(widths).enumerate() {
                // Times and numbers stand at the right of their column.
                let right = matches!(index, 0 | 3 | 4);
                line.advance_to(if right { column + width - columns(cell) } else { column });
                match (mark, index) {
                    (None, _) | (_, 0) => line.toned(Tone::Quiet, cell),
                    (Some(Mark::Failed), 5) => line.toned(Tone::Bad, cell),
                    _ => line.plain(cell),
                }
                column += width + 2;
            }
            out.push_str(&line.finish());
            out.push('\n');
        }
        out
    }

    fn cells(&self, id: VisitId, visit: &Visit, now: Timestamp) -> [String; 6] {
        let started = self.started.unwrap_or(visit.entered);
        let offset = visit.entered.as_millis().saturating_sub(started.as_millis());
        let mut notes: Vec<String> = self.notes(visit).into_iter().map(|note| note.text).collect();
        if notes.is_empty() && visit.mark == Mark::Failed {
            let error = visit.error.as_ref();
            notes.extend(error.and_then(|error| words_of(error.error.as_ref(), error.cause.as_ref())));
        }
        [
            format!("+{}", duration(offset)),
            self.path_of(visit.lane) + &visit.name,
            visit.state.name().to_owned(),
            self.time_of(id, visit, now).map(duration).unwrap_or_default(),
            if visit.attempts.is_empty() { String::new() } else { visit.attempts.len().to_string() },
            notes.join(" · "),
        ]
    }

    /// What stands around a sequence: `Resize all[3] / `.
    pub(super) fn path_of(&self, lane: LaneId) -> String {
        let mut parts = Vec::new();
        let mut here = self.lane(lane);
        while let Some((lane, owner)) = here.and_then(|lane| Some((lane, self.visit(lane.owner?)?))) {
            parts.push(match lane.index {
                Some(index) => format!("{}[{index}] / ", owner.name),
                None => format!("{} / ", owner.name),
            });
            here = self.lane(owner.lane);
        }
        parts.into_iter().rev().collect()
    }
}
