//! A map run: the children of a distributed Map, counted and bounded.
//!
//! It is as pure as the interpreter: it is told the items and how each child ended, and says which child to start next
//! and how the run ended. Children are executions of their own; the parent's journal sees only the start of the run
//! and its end.

mod batch;
mod read;
mod request;
mod run;

pub use read::{ReadFailure, read_items};
pub use request::{BatchLimits, ItemSource, MapRunRequest, ReadRequest, Snapshot, WriteRequest};
pub use run::{Child, MapRun, RunCounts, RunResult};
