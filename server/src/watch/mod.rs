//! What others are told of executions: logs, status events, figures. None of it decides anything, and nothing of it
//! can hold an execution up: what cannot be delivered is dropped and counted.

mod events;
mod figures;
mod logs;

pub use events::StatusEvent;
pub(crate) use figures::Figures;
pub use logs::LogLine;

use crate::registry::{LogLevel, Machine};
use aslx_asl::MachineType;
use aslx_engine::history::HistoryEvent;
use aslx_engine::interpreter::Status;
use aslx_engine::journal::Started;
use aslx_engine::runtime::{Description, Watcher};
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

/// Watches the engine.
pub(crate) struct Watch {
    pub(crate) figures: Figures,
    /// By the ARN of the machine.
    logged: RwLock<HashMap<Arc<str>, Logged>>,
    /// Executions that have ended, for those who tidy up after them.
    ended: mpsc::UnboundedSender<Ended>,
    notices: Option<mpsc::Sender<Notice>>,
}

impl Watch {
    /// A watch, what it tells (if anybody listens), and the executions that have ended.
    pub(crate) fn new(listens: bool) -> (Watch, Option<mpsc::Receiver<Notice>>, mpsc::UnboundedReceiver<Ended>) {
        let (notices, receiver) = match listens.then(|| mpsc::channel(QUEUE)) {
            Some((sender, receiver)) => (Some(sender), Some(receiver)),
            None => (None, None),
        };
        let (ended, deleted) = mpsc::unbounded_channel();
        let watch = Watch { figures: Figures::default(), logged: RwLock::default(), ended, notices };
        (watch, receiver, deleted)
    }

    /// Takes note of how a machine is logged now.
    pub(crate) fn machine(&self, machine: &Machine) {
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
        let started = &execution.started;
        if started.machine_type == MachineType::Standard {
            self.tell(|| Notice::Status(Box::new(StatusEvent::of(execution))));
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

    fn wants_events(&self, execution: &Started) -> bool {
        self.notices.is_some() && self.logged(&execution.names.machine_arn).is_some()
    }

    fn events(&self, execution: &Started, redrives: u64, events: &[HistoryEvent]) {
        let Some(logged) = self.logged(&execution.names.machine_arn) else { return };
        for event in events.iter().filter(|event| logs::is_logged(logged.level, event)) {
            self.tell(|| Notice::Log(Box::new(LogLine::of(execution, redrives, event, logged.data))));
        }
    }
}
