//! Whether the journal of a map run is what was written, and fits what it belongs to.

use crate::interpreter::{Action, Interpreter, Step};
use crate::journal::Entry;
use crate::map_run::{MapRun, MapRunEntry, MapRunRequest, Tally};
use crate::runtime::MapRunDetails;
use crate::store::{StoredJournal, Summary};
use aslx_asl::Program;
use std::sync::Arc;

/// The entries of a map run. Nothing else is in its hash.
///
/// Errors: they are not what was committed.
pub(super) fn entries(stored: &StoredJournal) -> Result<Vec<MapRunEntry>, String> {
    if stored.lines.digest(0) != stored.digest {
        return Err("its journal is not what was committed".into());
    }
    stored.lines.decode().map_err(|error| error.to_string())
}

/// Replays a map run. `parent`: the journal of the execution that it belongs to, and its program. `is_there` tells
/// whether there is an execution of an ARN.
///
/// Errors: what is wrong, for a finding that names the run already.
pub(super) fn verify(
    arn: &str,
    (entries, summary): (&[MapRunEntry], &Summary),
    (program, parent): (Arc<Program>, &[Entry]),
    is_there: impl Fn(&str) -> bool,
) -> Result<(), String> {
    let request = request(arn, program.clone(), parent)?;
    let run = MapRun::replay(program, request, entries);
    if let Some(child) = run.running().find(|child| !is_there(&run.identity(*child).0.execution_arn)) {
        return Err(format!("its child {child} runs, and is not there"));
    }
    let kept = summary.details.as_deref().and_then(MapRunDetails::parse).ok_or("nothing is told of it")?;
    let found = MapRunDetails::of(&run);
    // What waits to be started is not in the journal.
    let ended = |tally: &Tally| [tally.running, tally.succeeded, tally.failed, tally.timed_out, tally.aborted];
    let tallies = |details: &MapRunDetails| [ended(&details.item_counts), ended(&details.execution_counts)];
    if tallies(&kept) != tallies(&found) || summary.redrives != run.redrives() {
        return Err("its counts are not those of its journal".into());
    }
    Ok(())
}

/// What an execution asked for when it started this map run.
fn request(arn: &str, program: Arc<Program>, parent: &[Entry]) -> Result<MapRunRequest, String> {
    let mut interpreter = Interpreter::new(program);
    let mut step = Step::new();
    for entry in parent {
        step.clear();
        interpreter.apply(entry, &mut step).map_err(|error| error.to_string())?;
        for action in step.actions.drain(..) {
            if let Action::StartMapRun { request, .. } = action
                && *request.arn == *arn
            {
                return Ok(*request);
            }
        }
    }
    Err("the execution that it belongs to has not started it".into())
}
