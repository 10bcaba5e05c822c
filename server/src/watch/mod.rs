//! What others are told of executions: logs, status events, figures. None of it decides anything, and nothing of it
//! can hold an execution up: what cannot be delivered is dropped and counted.

mod events;
mod figures;
mod logs;
mod outbox;

pub use events::StatusEvent;
pub(crate) use figures::Figures;
use figures::Gauges;
pub use logs::LogLine;
pub(crate) use outbox::{Outbox, deliver};

use crate::registry::{LogLevel, Machine};
use crate::trace::Traces;
use aslx_asl::MachineType;
use aslx_engine::history::HistoryEvent;
use aslx_engine::interpreter::Status;
use aslx_engine::journal::Started;
use aslx_engine::runtime::{Description, Watcher};
use aslx_engine::store::RecordChange;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::mpsc;

/// Notices that may wait for those who take them.
const QUEUE: usize = 10_000;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Notice {
    /// A Standard execution runs, or has ended.
    Status(Box<StatusEvent>),
    /// A line of an execution's log.
    Log(Box<LogLine>),
    /// Something that is told to others does not reach them.
    Trouble(String),
    /// An execution has ended: name and status for a line on a terminal.
    Ended {
        /// Its ARN.
        execution: Arc<str>,
        /// How.
        status: Status,
        /// How long it took, in milliseconds of its own time.
        millis: i64,
    },
}

/// How the executions of a machine are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Logged {
    level: LogLevel,
    data: bool,
}

/// An execution that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) execution: Arc<str>,
    pub(crate) machine: Arc<str>,
}

/// To whom executions are told.
#[derive(Default)]
pub(crate) struct Audience {
    /// Somebody takes the notices.
    pub(crate) listens: bool,
    /// Status events have inputs, outputs and causes.
    pub(crate) event_payloads: bool,
    pub(crate) traces: Option<Arc<Traces>>,
    pub(crate) outbox: Option<Arc<Outbox>>,
}

/// Watches the engine.
pub(crate) struct Watch {
    pub(crate) figures: Figures,
    pub(crate) traces: Option<Arc<Traces>>,
    pub(crate) outbox: Option<Arc<Outbox>>,
    event_payloads: bool,
    /// By the ARN of the machine.
    logged: RwLock<HashMap<Arc<str>, Logged>>,
    /// Executions that have ended, for those who tidy up after them.
    ended: mpsc::UnboundedSender<Ended>,
    notices: Option<mpsc::Sender<Notice>>,
}

impl Watch {
    /// A watch, what it tells (if anybody listens), and the executions that have ended.
    pub(crate) fn new(audience: Audience) -> (Watch, Option<mpsc::Receiver<Notice>>, mpsc::UnboundedReceiver<Ended>) {
        let (notices, receiver) = match audience.listens.then(|| mpsc::channel(QUEUE)) {
            Some((sender, receiver)) => (Some(sender), Some(receiver)),
            None => (None, None),
        };
        let (ended, deleted) = mpsc::unbounded_channel();
        let watch = Watch {
            figures: Figures::default(),
            traces: audience.traces,
            outbox: audience.outbox,
            event_payloads: audience.event_payloads,
            logged: RwLock::default(),
            ended,
            notices,
        };
        (watch, receiver, deleted)
    }

    /// Takes note of how a machine is logged now.
    pub(crate) fn machine(&self, machine: &Machine) {
        if let Some(traces) = &self.traces {
            traces.machine(machine);
        }
        let Some(revision) = machine.revision() else { return };
        let mut logged = self.logged.write().unwrap_or_else(PoisonError::into_inner);
        match revision.logging.level {
            LogLevel::Off => logged.remove(&machine.arn),
            level => logged.insert(machine.arn.clone(), Logged { level, data: revision.logging.include_data }),
        };
    }

    fn logged(&self, machine: &str) -> Option<Logged> {
        self.logged.read().unwrap_or_else(PoisonError::into_inner).get(machine).copied()
    }

    /// The text of `/metrics`. `open` are the executions that have not ended.
    pub(crate) fn text(&self, open: u64) -> String {
        let events_waiting = self.outbox.as_ref().map(|outbox| outbox.waiting());
        self.figures.text(&Gauges { open, events_waiting })
    }

    /// Says that something does not reach those who are to be told.
    pub(crate) fn trouble(&self, what: impl FnOnce() -> String) {
        self.tell(|| Notice::Trouble(what()));
    }

    fn tell(&self, notice: impl FnOnce() -> Notice) {
        if let Some(notices) = &self.notices
            && notices.try_send(notice()).is_err()
        {
            self.figures.dropped();
        }
    }
}

impl Watcher for Watch {
    fn status_changed(&self, execution: &Description) {
        self.figures.status(execution);
        if let Some(traces) = &self.traces {
            traces.status_changed(execution, &self.figures);
        }
        let started = &execution.started;
        if started.machine_type == MachineType::Standard {
            self.tell(|| Notice::Status(Box::new(StatusEvent::of(execution, self.event_payloads))));
            if let Some(outbox) = &self.outbox {
                outbox.wake();
            }
        }
        if let Some(stop) = execution.stop {
            let millis = stop.as_millis().saturating_sub(execution.start.as_millis());
            let (arn, status) = (started.names.execution_arn.clone(), execution.status);
            self.tell(|| Notice::Ended { execution: arn, status, millis });
            let (execution, machine) = (started.names.execution_arn.clone(), started.names.machine_arn.clone());
            // Nobody takes it while the server stops: then there is nothing to tidy up.
            let _ = self.ended.send(Ended { execution, machine });
        }
    }

    fn records(&self, execution: &Description) -> Vec<RecordChange> {
        let Some(outbox) = &self.outbox else { return Vec::new() };
        let record = outbox.record(execution, self.event_payloads);
        if record.is_none() {
            self.figures.event_dropped();
        }
        record.into_iter().collect()
    }

    fn wants_events(&self, execution: &Started) -> bool {
        let logs = || self.notices.is_some() && self.logged(&execution.names.machine_arn).is_some();
        self.traces.as_ref().is_some_and(|traces| traces.wants_events(execution)) || logs()
    }

    fn events(&self, execution: &Started, redrives: u64, events: &[HistoryEvent]) {
        if let Some(traces) = &self.traces {
            traces.events(execution, events);
        }
        let Some(logged) = self.logged(&execution.names.machine_arn).filter(|_| self.notices.is_some()) else { return };
        for event in events.iter().filter(|event| logs::is_logged(logged.level, event)) {
            self.tell(|| Notice::Log(Box::new(LogLine::of(execution, redrives, event, logged.data))));
        }
    }
}
