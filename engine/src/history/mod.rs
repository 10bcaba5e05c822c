//! Histories in AWS's shape: derived from a journal by replaying it, never stored as the truth.

mod event;
mod json;
pub mod view;

pub use event::{ErrorDetails, EventKind, HistoryEvent, StateType, TaskResource};

/// The number of events that a Standard execution can have; the last of them says so (recorded).
pub const EVENT_LIMIT: u64 = 25_000;
