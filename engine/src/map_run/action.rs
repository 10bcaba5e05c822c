//! What a map run asks its driver to do.

use super::entry::MapRunEntryKind;
use crate::Data;
use crate::journal::Started;
use crate::task::TaskRequest;
use std::sync::Arc;

/// The next thing to do.
#[derive(Debug)]
pub enum MapRunAction {
    /// Call the task service; answered to [`super::MapRun::answered`].
    Work(WorkId, Box<TaskRequest>),
    /// Start this child, once its start is in the journals.
    Start(Child),
    /// Run this child again under its old ARN: a Standard one from where it failed, an Express one from its input.
    Redrive(Child),
    /// Put this into the journal, and apply it.
    Journal(MapRunEntryKind),
    /// Stop the children that run.
    StopChildren,
    /// The run has ended.
    Finish(RunResult),
}

/// The two kinds of work that a run does, each one at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkId {
    /// Looking through the data set, or reading a page of it.
    Read,
    /// Writing a part of the results.
    Write,
}

/// A child to be started.
#[derive(Debug)]
pub struct Child {
    /// Its number in the run, from 0.
    pub index: u64,
    /// How many items it has.
    pub items: u64,
    /// What it is started with. For a child that runs again the input is that of its own journal, not this one.
    pub started: Box<Started>,
}

impl Child {
    /// What the run's journal says about its start.
    pub fn entry(&self) -> MapRunEntryKind {
        MapRunEntryKind::ChildStarted { child: self.index, items: self.items }
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub enum RunResult {
    /// With the result of the state.
    Succeeded(Data),
    /// With an error.
    Failed {
        /// Error name.
        error: Arc<str>,
        /// What happened.
        cause: Arc<str>,
    },
    /// It was stopped; nobody waits.
    Aborted,
}
