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
    pub item_counts: Tally,
    /// Children, by what became of them.
    pub execution_counts: Tally,
}

impl MapRunDetails {
    pub(crate) fn of(run: &MapRun) -> MapRunDetails {
        let RunLimits { max_concurrency, tolerated_count, tolerated_percentage } = run.limits();
        let counts = run.counts();
        let most = crate::map_run::MAX_CONCURRENCY as u64;
        MapRunDetails {
            // As many as there may be is written as none.
            max_concurrency: max_concurrency.filter(|limit| *limit < most).unwrap_or(0),
            tolerated_failure_count: tolerated_count.unwrap_or(0),
            tolerated_failure_percentage: tolerated_percentage.unwrap_or(0.0),
            item_counts: counts.items,
            execution_counts: counts.executions,
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
