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
use crate::tasks::Tasks;
use crate::trace::Traces;
use aslx_asl::MachineType;
use aslx_engine::history::HistoryEvent;
use aslx_engine::interpreter::Status;
use aslx_engine::journal::Started;
use aslx_engine::runtime::{Description, Watcher};
use aslx_engine::store::RecordChange;
use std::collections::{HashMap, HashSet};
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

/// Which notices somebody takes; [`Notice::Trouble`] comes with any of them. What nobody takes is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Interest {
    /// [`Notice::Status`]
    pub status: bool,
    /// [`Notice::Log`]
    pub logs: bool,
    /// [`Notice::Ended`]
    pub ends: bool,
}

impl Interest {
    /// Every notice.
    pub const ALL: Interest = Interest { status: true, logs: true, ends: true };
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
    /// Somebody takes these notices.
    pub(crate) interest: Option<Interest>,
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
    /// ARNs of machines that were deleted while their executions ran.
    deleting: RwLock<HashSet<Arc<str>>>,
    /// Executions that have ended and leave something to tidy up.
    ended: mpsc::UnboundedSender<Ended>,
    tasks: Tasks,
    interest: Interest,
    notices: Option<mpsc::Sender<Notice>>,
}

impl Watch {
    /// A watch, what it tells (if anybody listens), and the executions that have ended and leave something behind.
    pub(crate) fn new(
        audience: Audience,
        tasks: Tasks,
    ) -> (Watch, Option<mpsc::Receiver<Notice>>, mpsc::UnboundedReceiver<Ended>) {
        let (notices, receiver) = match audience.interest.map(|_| mpsc::channel(QUEUE)) {
            Some((sender, receiver)) => (Some(sender), Some(receiver)),
            None => (None, None),
        };
        let (ended, tidied) = mpsc::unbounded_channel();
        let watch = Watch {
            figures: Figures::default(),
            traces: audience.traces,
            outbox: audience.outbox,
            event_payloads: audience.event_payloads,
            logged: RwLock::default(),
            deleting: RwLock::default(),
            ended,
            tasks,
            interest: audience.interest.unwrap_or_default(),
            notices,
        };
        (watch, receiver, tidied)
    }

    /// Takes note of how a machine is logged now, and whether it is being deleted.
    pub(crate) fn machine(&self, machine: &Machine) {
        let mut deleting = self.deleting.write().unwrap_or_else(PoisonError::into_inner);
        if machine.deleting {
            deleting.insert(machine.arn.clone());
        } else {
            deleting.remove(&machine.arn);
        }
        drop(deleting);
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

    /// Has what was kept for an execution that has ended tidied up; mostly that is nothing.
    fn tidy(&self, started: &Started) {
        let (execution, machine) = (&started.names.execution_arn, &started.names.machine_arn);
        let deleting = self.deleting.read().unwrap_or_else(PoisonError::into_inner).contains(machine);
        if deleting || self.tasks.has_answers(execution) {
            // Nobody takes it while the server stops: then the machine goes with the next deletion.
            let _ = self.ended.send(Ended { execution: execution.clone(), machine: machine.clone() });
        }
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
            if self.interest.status {
                self.tell(|| Notice::Status(Box::new(StatusEvent::of(execution, self.event_payloads))));
            }
            if let Some(outbox) = &self.outbox {
                outbox.wake();
            }
        }
        let Some(stop) = execution.stop else { return };
        if self.interest.ends {
            let millis = stop.as_millis().saturating_sub(execution.start.as_millis());
            let (execution, status) = (started.names.execution_arn.clone(), execution.status);
            self.tell(|| Notice::Ended { execution, status, millis });
        }
        self.tidy(started);
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
        let logs = || self.interest.logs && self.logged(&execution.names.machine_arn).is_some();
        self.traces.as_ref().is_some_and(|traces| traces.wants_events(execution)) || logs()
    }

    fn events(&self, execution: &Started, redrives: u64, events: &[HistoryEvent]) {
        if let Some(traces) = &self.traces {
            traces.events(execution, events);
        }
        let Some(logged) = self.logged(&execution.names.machine_arn).filter(|_| self.interest.logs) else { return };
        for event in events.iter().filter(|event| logs::is_logged(logged.level, event)) {
            self.tell(|| Notice::Log(Box::new(LogLine::of(execution, redrives, event, logged.data))));
        }
    }
}
