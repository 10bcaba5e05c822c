//! The drivers: they own the clock, the journal and the task services, and feed the interpreter.
//!
//! Both do the same: append an entry, commit it, apply it, carry out the actions that it gave. They differ in where
//! time comes from: [`simulate`] jumps to the next timer, [`Engine`] waits for it.

mod call;
mod details;
mod engine;
mod family;
mod simulate;

pub use details::MapRunDetails;
pub use engine::{
    Activities, ActivityError, ActivityTask, Description, Engine, EngineBuilder, EngineError, ExecutionHandle, Pace,
    Recovered, Recovery, RedriveError, TokenError, Watcher,
};
pub use simulate::{SimulationError, resume_simulation, simulate};

use crate::history::HistoryEvent;
use crate::interpreter::{Outcome, Waypoint};
use crate::journal::{Entry, ExecutionNames, SEMANTICS, Seed, Started, Tracing};
use crate::{Data, journal::EntryKind};
use aslx_asl::{MachineType, Program, Timestamp};
use std::sync::Arc;

/// What an execution is to be started with.
#[derive(Debug, Clone)]
pub struct StartRequest {
    /// Names of the execution and its state machine.
    pub names: ExecutionNames,
    /// Standard or Express.
    pub machine_type: MachineType,
    /// It is a StartSyncExecution.
    pub synchronous: bool,
    /// The input.
    pub input: Data,
    /// What all draws come from. The same seed, time and answers give the same history.
    pub seed: Seed,
    /// Where it belongs in a trace.
    pub tracing: Tracing,
}

impl StartRequest {
    /// A Standard execution with this input, under local names.
    pub fn new(machine: &str, execution: &str, input: Data, seed: Seed) -> StartRequest {
        let names = ExecutionNames::local(machine, execution);
        let machine_type = MachineType::Standard;
        StartRequest { names, machine_type, synchronous: false, input, seed, tracing: Tracing::default() }
    }

    fn entry(self, program: &Program, at: Timestamp, missing_activities: Vec<Arc<str>>) -> Entry {
        let started = Started {
            names: self.names,
            machine_type: self.machine_type,
            synchronous: self.synchronous,
            processor: None,
            input: self.input,
            program: program.hash().into(),
            missing_activities,
            semantics: SEMANTICS,
            seed: self.seed,
            tracing: self.tracing,
        };
        Entry { at, kind: EntryKind::Started(Box::new(started)) }
    }
}

/// Is told what happens, once it is committed. Any `Fn(&HistoryEvent)` is one that asks for events only.
pub trait Observe: Send + Sync {
    /// The next event of the execution's history.
    fn event(&self, event: &HistoryEvent);

    /// Whether [`Observe::waypoint`] is to be called.
    fn wants_waypoints(&self) -> bool {
        false
    }

    /// The execution, or a child of one of its map runs, came by this place of its program.
    fn waypoint(&self, _waypoint: Waypoint) {}
}

impl<F: Fn(&HistoryEvent) + Send + Sync> Observe for F {
    fn event(&self, event: &HistoryEvent) {
        self(event);
    }
}

/// A shared [`Observe`].
pub type Observer = Arc<dyn Observe>;

/// An execution that has ended.
#[derive(Debug, Clone)]
pub struct Finished {
    /// How.
    pub outcome: Outcome,
    /// Everything that reached it.
    pub journal: Vec<Entry>,
    /// Its history, if it was asked for; else empty.
    pub history: Vec<HistoryEvent>,
    /// When it was started.
    pub started: Timestamp,
    /// When it ended.
    pub stopped: Timestamp,
}
