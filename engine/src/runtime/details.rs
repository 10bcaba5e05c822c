//! What descriptions of a map run show, kept beside its journal.

use crate::map_run::{MapRun, RunLimits, Tally};
use serde::{Deserialize, Serialize};

/// A map run as DescribeMapRun tells it, but for what its summary has: [`crate::store::Summary::details`] is this as
/// JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MapRunDetails {
    /// Children at one time; 0 is as many as there may be.
    pub max_concurrency: u64,
    /// Failed items that are tolerated.
    pub tolerated_failure_count: u64,
    /// Percentage of failed items that is tolerated.
    pub tolerated_failure_percentage: f64,
    /// Items, by what became of them.
    pub item_counts: MapRunTally,
    /// Children, by what became of them.
    pub execution_counts: MapRunTally,
}

/// One kind of thing, by what became of it, named as the API names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are those of the Step Functions API reference, MapRunItemCounts")]
pub struct MapRunTally {
    pub pending: u64,
    pub running: u64,
    pub succeeded: u64,
    pub failed: u64,
    pub timed_out: u64,
    pub aborted: u64,
    pub total: u64,
    pub results_written: u64,
    pub failures_not_redrivable: u64,
    pub pending_redrive: u64,
}

impl MapRunDetails {
    pub(super) fn of(run: &MapRun) -> MapRunDetails {
        let RunLimits { max_concurrency, tolerated_count, tolerated_percentage } = run.limits();
        let counts = run.counts();
        let most = crate::map_run::MAX_CONCURRENCY as u64;
        MapRunDetails {
            // As many as there may be is written as none.
            max_concurrency: max_concurrency.filter(|limit| *limit < most).unwrap_or(0),
            tolerated_failure_count: tolerated_count.unwrap_or(0),
            tolerated_failure_percentage: tolerated_percentage.unwrap_or(0.0),
            item_counts: counts.items.into(),
            execution_counts: counts.executions.into(),
        }
    }

    pub(super) fn to_json(&self) -> String {
        // Numbers and fixed names always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The details in a summary; `None` for one that is no map run's.
    pub fn parse(details: &str) -> Option<MapRunDetails> {
        serde_json::from_str(details).ok()
    }
}

impl From<Tally> for MapRunTally {
    fn from(tally: Tally) -> MapRunTally {
        MapRunTally {
            pending: tally.pending,
            running: tally.running,
            succeeded: tally.succeeded,
            failed: tally.failed,
            timed_out: tally.timed_out,
            aborted: tally.aborted,
            total: tally.total,
            results_written: tally.results_written,
            failures_not_redrivable: 0,
            pending_redrive: tally.pending_redrive,
        }
    }
}
