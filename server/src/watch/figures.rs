//! Figures for Prometheus.

use aslx_asl::MachineType;
use aslx_engine::interpreter::Status;
use aslx_engine::runtime::Description;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

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
    /// By operation and error; no error is an empty text.
    requests: Mutex<Requests>,
    dropped: AtomicU64,
    traces_dropped: AtomicU64,
    spans_sent: AtomicU64,
    spans_dropped: AtomicU64,
    events_posted: AtomicU64,
    events_refused: AtomicU64,
    events_dropped: AtomicU64,
}

/// What is read from elsewhere when somebody asks.
pub(crate) struct Gauges {
    /// Executions that have not ended.
    pub(crate) open: u64,
    /// Status events that wait for the webhook, if there is one.
    pub(crate) events_waiting: Option<u64>,
}

/// Counts by operation, and by error within it.
type Requests = BTreeMap<Box<str>, BTreeMap<Box<str>, u64>>;

/// Errors of one operation that are told apart. There are fewer; a bound must not depend on that.
const ERRORS: usize = 100;

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

    /// A request was answered. What is no operation is counted as `unknown`: names come from outside.
    pub(crate) fn answered(&self, operation: Option<&str>, error: Option<&str>) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let (operation, error) = (operation.unwrap_or("unknown"), error.unwrap_or_default());
        if !requests.contains_key(operation) {
            requests.insert(operation.into(), BTreeMap::new());
        }
        let Some(counts) = requests.get_mut(operation) else { return };
        let error = if counts.contains_key(error) || counts.len() < ERRORS { error } else { "other" };
        match counts.get_mut(error) {
            Some(count) => *count += 1,
            None => drop(counts.insert(error.into(), 1)),
        }
    }

    /// Spans were sent, or dropped because nobody took them.
    pub(crate) fn spans(&self, sent: bool, count: usize) {
        let counter = if sent { &self.spans_sent } else { &self.spans_dropped };
        counter.fetch_add(count as u64, Relaxed);
    }

    /// The trace of an execution is not told.
    pub(crate) fn trace_dropped(&self) {
        self.traces_dropped.fetch_add(1, Relaxed);
    }

    /// A status event was taken.
    pub(super) fn event_posted(&self) {
        self.events_posted.fetch_add(1, Relaxed);
    }

    /// A status event will never be taken.
    pub(super) fn event_refused(&self) {
        self.events_refused.fetch_add(1, Relaxed);
    }

    /// There was no room for a status event.
    pub(super) fn event_dropped(&self) {
        self.events_dropped.fetch_add(1, Relaxed);
    }

    /// A notice that nobody could take.
    pub(super) fn dropped(&self) {
        self.dropped.fetch_add(1, Relaxed);
    }

    /// The text of `/metrics`.
    pub(crate) fn text(&self, gauges: &Gauges) -> String {
        let mut text = Text::default();
        let by_type = TYPES.iter().zip(&self.started).map(|(kind, count)| (label("type", kind), load(count)));
        text.metric("aslx_executions_started_total", "counter", "Executions that were started or redriven.", by_type);
        let ends = TYPES.iter().zip(&self.ended).flat_map(|(kind, ends)| {
            let row = move |(end, count): (&Status, &AtomicU64)| {
                (format!("{},{}", label("type", kind), label("status", end.name())), load(count))
            };
            ENDS.iter().zip(ends).map(row)
        });
        text.metric("aslx_executions_ended_total", "counter", "Executions that have ended.", ends);
        text.one("aslx_executions_open", "gauge", "Executions that have not ended.", gauges.open);
        self.durations(&mut text);
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let rows = requests.iter().flat_map(|(operation, counts)| {
            let labels = move |error: &str| format!("{},{}", label("operation", operation), label("error", error));
            counts.iter().map(move |(error, count)| (labels(error), *count))
        });
        text.metric("aslx_requests_total", "counter", "Requests that were answered; no error is an empty one.", rows);
        let mut counter = |name, help, value| text.one(name, "counter", help, load(value));
        counter(
            "aslx_notices_dropped_total",
            "Log lines and events for files that nobody could take in time.",
            &self.dropped,
        );
        counter("aslx_spans_sent_total", "Spans that the collector has taken.", &self.spans_sent);
        counter("aslx_spans_dropped_total", "Spans that the collector has not taken.", &self.spans_dropped);
        counter(
            "aslx_traces_dropped_total",
            "Executions whose spans were never made: too many waited, or the history could not be read.",
            &self.traces_dropped,
        );
        counter("aslx_events_posted_total", "Status events that the webhook has taken.", &self.events_posted);
        counter("aslx_events_refused_total", "Status events that the webhook has refused.", &self.events_refused);
        counter("aslx_events_dropped_total", "Status events for which too many waited.", &self.events_dropped);
        if let Some(waiting) = gauges.events_waiting {
            text.one("aslx_events_waiting", "gauge", "Status events that wait for the webhook.", waiting);
        }
        text.0
    }

    fn durations(&self, text: &mut Text) {
        let name = "aslx_execution_seconds";
        text.head(name, "histogram", "How long executions took, by their own clock.");
        for (bound, count) in BOUNDS.iter().zip(&self.durations) {
            let bound = *bound as f64 / 1000.0;
            text.row(&format!("{name}_bucket"), &label("le", &bound.to_string()), load(count));
        }
        let all: u64 = self.ended.iter().flatten().map(load).sum();
        text.row(&format!("{name}_bucket"), &label("le", "+Inf"), all);
        text.row(&format!("{name}_sum"), "", load(&self.duration_sum) as f64 / 1000.0);
        text.row(&format!("{name}_count"), "", all);
    }
}

/// Prometheus's text format.
#[derive(Default)]
struct Text(String);

impl Text {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a text cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn row(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        let labels = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    fn metric(&mut self, name: &str, kind: &str, help: &str, rows: impl IntoIterator<Item = (String, u64)>) {
        self.head(name, kind, help);
        for (labels, value) in rows {
            self.row(name, &labels, value);
        }
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, value: u64) {
        self.metric(name, kind, help, [(String::new(), value)]);
    }
}

fn load(counter: &AtomicU64) -> u64 {
    counter.load(Relaxed)
}

/// `name="value"`, the value escaped as the format wants it.
fn label(name: &str, value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("{name}=\"{value}\"")
}

fn add(counter: Option<&AtomicU64>, by: u64) {
    if let Some(counter) = counter {
        counter.fetch_add(by, Relaxed);
    }
}
