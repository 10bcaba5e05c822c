//! Figures for Prometheus.

use aslx_asl::MachineType;
use aslx_engine::interpreter::Status;
use aslx_engine::runtime::Description;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Upper bounds of the durations of executions, in milliseconds.
const BOUNDS: [u64; 8] = [10, 100, 1_000, 10_000, 60_000, 600_000, 3_600_000, 86_400_000];

/// What the server counts.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    started: [AtomicU64; 2],
    /// By type and status: succeeded, failed, timed out, aborted.
    ended: [[AtomicU64; 4]; 2],
    durations: [AtomicU64; BOUNDS.len()],
    duration_sum: AtomicU64,
    requests: AtomicU64,
    refused: AtomicU64,
    faults: AtomicU64,
    dropped: AtomicU64,
}

const TYPES: [&str; 2] = ["STANDARD", "EXPRESS"];
const ENDS: [Status; 4] = [Status::Succeeded, Status::Failed, Status::TimedOut, Status::Aborted];

impl Figures {
    /// An execution runs, or has ended.
    pub(super) fn status(&self, execution: &Description) {
        let kind = usize::from(execution.started.machine_type == MachineType::Express);
        match (execution.stop, ENDS.iter().position(|end| *end == execution.status)) {
            (Some(stop), Some(end)) => {
                add(self.ended.get(kind).and_then(|ends| ends.get(end)), 1);
                let millis = stop.as_millis().saturating_sub(execution.start.as_millis());
                let millis = u64::try_from(millis).unwrap_or(0);
                self.duration_sum.fetch_add(millis, Relaxed);
                for (bound, count) in BOUNDS.iter().zip(&self.durations) {
                    if millis <= *bound {
                        count.fetch_add(1, Relaxed);
                    }
                }
            }
            _ => add(self.started.get(kind), 1),
        }
    }

    /// A request was answered with this HTTP status.
    pub(crate) fn answered(&self, status: u16) {
        self.requests.fetch_add(1, Relaxed);
        match status {
            500.. => self.faults.fetch_add(1, Relaxed),
            400.. => self.refused.fetch_add(1, Relaxed),
            _ => 0,
        };
    }

    /// A notice that nobody could take.
    pub(super) fn dropped(&self) {
        self.dropped.fetch_add(1, Relaxed);
    }

    /// The text of `/metrics`. `open` are the executions that have not ended.
    pub(crate) fn text(&self, open: u64) -> String {
        let mut text = String::new();
        let mut metric = |name: &str, kind: &str, help: &str, rows: &[(String, u64)]| {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
            for (labels, value) in rows {
                let _ = writeln!(text, "{name}{labels} {value}");
            }
        };
        let one = |value: &AtomicU64| [(String::new(), value.load(Relaxed))];
        let by_type = |values: &[AtomicU64; 2]| -> Vec<_> {
            let label = |kind: &&str| format!("{{type=\"{kind}\"}}");
            TYPES.iter().map(label).zip(values.iter().map(|value| value.load(Relaxed))).collect()
        };
        metric(
            "aslx_executions_started_total",
            "counter",
            "Executions that were started or redriven.",
            &by_type(&self.started),
        );
        let mut ended = Vec::new();
        for (kind, ends) in TYPES.iter().zip(&self.ended) {
            for (end, value) in ENDS.iter().zip(ends) {
                ended.push((format!("{{type=\"{kind}\",status=\"{}\"}}", end.name()), value.load(Relaxed)));
            }
        }
        metric("aslx_executions_ended_total", "counter", "Executions that have ended.", &ended);
        metric("aslx_executions_open", "gauge", "Executions that have not ended.", &[(String::new(), open)]);
        let mut rows: Vec<(String, u64)> = BOUNDS
            .iter()
            .zip(&self.durations)
            .map(|(bound, count)| (format!("_bucket{{le=\"{}\"}}", *bound as f64 / 1000.0), count.load(Relaxed)))
            .collect();
        let all = ended.iter().map(|(_, count)| count).sum();
        rows.push(("_bucket{le=\"+Inf\"}".to_owned(), all));
        rows.push(("_count".to_owned(), all));
        let name = "aslx_execution_seconds";
        metric(name, "histogram", "How long executions took, by their own clock.", &rows);
        let _ = writeln!(text, "{name}_sum {}", self.duration_sum.load(Relaxed) as f64 / 1000.0);
        let mut metric = |name: &str, help: &str, value: &AtomicU64| {
            let [(_, value)] = one(value);
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}");
        };
        metric("aslx_requests_total", "Requests that were answered.", &self.requests);
        metric("aslx_requests_refused_total", "Requests that were answered with a client's error.", &self.refused);
        metric("aslx_requests_failed_total", "Requests that were answered with a fault of the server.", &self.faults);
        metric("aslx_notices_dropped_total", "Log lines and events that nobody could take in time.", &self.dropped);
        text
    }
}

fn add(counter: Option<&AtomicU64>, by: u64) {
    if let Some(counter) = counter {
        counter.fetch_add(by, Relaxed);
    }
}
