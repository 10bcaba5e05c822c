//! Traces: one per execution, told over OTLP when it has ended.
//!
//! A span is made from the history of the execution, which is a function of its journal: nothing is measured while it
//! runs, and what was begun before a restart is in the trace with the ids that it would have had. Of an Express
//! execution there is no journal, so what happens in it is noted while it runs.
//!
//! Nothing here can hold an execution up: what cannot be told is dropped and counted.

mod context;
mod gather;
mod otlp;
mod send;

pub(crate) use send::run;

use crate::post::Endpoint;
use crate::registry::Machine;
use crate::watch::Figures;
use aslx_asl::{MachineType, Timestamp};
use aslx_engine::history::HistoryEvent;
use aslx_engine::history::view::{RunTree, SpanKey};
use aslx_engine::journal::Started;
use aslx_engine::runtime::Description;
use context::{Context, Identity};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use tokio::sync::mpsc;

/// Executions that may wait for their trace to be told.
const QUEUE: usize = 4_096;

/// Express executions of which events are noted at one time, and how many of each.
const LIVE: usize = 4_096;
const EVENTS: usize = 10_000;

/// How traces are told.
#[derive(Debug, Clone)]
pub struct TraceOptions {
    collector: Endpoint,
    payloads: bool,
    as_aws: bool,
}

impl TraceOptions {
    /// All executions, to the collector at this address (`/v1/traces` if it has no path). One that is started with a
    /// `traceHeader` which says `Sampled=0` is left out.
    pub fn to(collector: Endpoint) -> TraceOptions {
        TraceOptions { collector: collector.or_path("/v1/traces"), payloads: false, as_aws: false }
    }

    /// With inputs, outputs and causes; without this a trace has none.
    #[must_use]
    pub fn with_payloads(mut self, payloads: bool) -> TraceOptions {
        self.payloads = payloads;
        self
    }

    /// Only those that AWS traces: of state machines whose `tracingConfiguration` is enabled, and those that are
    /// started with the header of a trace.
    #[must_use]
    pub fn as_aws(mut self, as_aws: bool) -> TraceOptions {
        self.as_aws = as_aws;
        self
    }
}

/// An execution whose trace is to be told.
pub(crate) struct Ended {
    description: Description,
    /// What was noted of it while it ran.
    noted: Option<RunTree>,
}

/// An Express execution that runs.
struct Live {
    started: Arc<Started>,
    start: Timestamp,
    tree: RunTree,
    events: usize,
}

/// What is traced, and what is known of it while it runs.
pub(crate) struct Traces {
    options: TraceOptions,
    /// ARNs of state machines whose tracing is enabled.
    enabled: RwLock<HashSet<Arc<str>>>,
    live: Mutex<HashMap<Arc<str>, Live>>,
    ended: mpsc::Sender<Ended>,
}

impl Traces {
    pub(crate) fn new(options: TraceOptions) -> (Traces, mpsc::Receiver<Ended>) {
        let (ended, receiver) = mpsc::channel(QUEUE);
        (Traces { options, enabled: RwLock::default(), live: Mutex::default(), ended }, receiver)
    }

    /// Takes note of how a machine is traced now.
    pub(crate) fn machine(&self, machine: &Machine) {
        let Some(revision) = machine.revision() else { return };
        let mut enabled = self.enabled.write().unwrap_or_else(PoisonError::into_inner);
        if revision.tracing {
            enabled.insert(machine.arn.clone());
        } else {
            enabled.remove(&machine.arn);
        }
    }

    fn live(&self) -> MutexGuard<'_, HashMap<Arc<str>, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the trace of an execution is told.
    fn is_wanted(&self, started: &Started, context: Context) -> bool {
        if !self.options.as_aws || context.sampled == Some(false) {
            return context.sampled != Some(false);
        }
        let is_enabled = || {
            let enabled = self.enabled.read().unwrap_or_else(PoisonError::into_inner);
            enabled.contains(&started.names.machine_arn)
        };
        context.joined || is_enabled()
    }

    /// Whether what happens in an execution is to be noted.
    pub(crate) fn wants_events(&self, started: &Started) -> bool {
        started.machine_type == MachineType::Express
    }

    /// Something happened in an execution.
    pub(crate) fn events(&self, started: &Started, events: &[HistoryEvent]) {
        if let Some(live) = self.live().get_mut(&started.names.execution_arn) {
            let room = EVENTS.saturating_sub(live.events);
            live.events += events.len();
            // The last ones tell how it ended.
            let (told, rest) = events.split_at(room.min(events.len()));
            told.iter().chain(rest.iter().filter(|event| event.kind.is_end())).for_each(|event| live.tree.apply(event));
        }
    }

    /// An execution runs, or has ended.
    pub(crate) fn status_changed(&self, execution: &Description, figures: &Figures) {
        let started = &execution.started;
        let arn = &started.names.execution_arn;
        let express = started.machine_type == MachineType::Express;
        let context = Context::of(started, Identity { execution: arn, start: execution.start });
        if execution.stop.is_none() {
            if express && self.is_wanted(started, context) {
                let mut live = self.live();
                if live.len() < LIVE {
                    let (started, start) = (started.clone(), execution.start);
                    live.insert(arn.clone(), Live { started, start, tree: RunTree::new(), events: 0 });
                }
            }
            return;
        }
        if !self.is_wanted(started, context) {
            return;
        }
        let noted = if express { self.live().remove(arn) } else { None };
        let noted = noted.map(|live| live.tree);
        let nothing = express && noted.is_none();
        if nothing || self.ended.try_send(Ended { description: execution.clone(), noted }).is_err() {
            figures.trace_dropped();
        }
    }

    /// The header for an execution that a task of an execution starts; none if the trace is not told.
    fn header_of(&self, started: &Started, identity: Identity<'_>, event: u64) -> Option<String> {
        let context = Context::of(started, identity);
        let wanted = self.is_wanted(started, context);
        let says_no = context.sampled == Some(false);
        (wanted || says_no).then(|| context.header(identity.span(SpanKey::Attempt { event }), wanted))
    }
}
