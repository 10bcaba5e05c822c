//! The runtime: an execution is a pure function of its program and its journal.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing))]

mod clock;
mod data;
pub mod history;
pub mod interpreter;
pub mod journal;
pub mod runtime;
pub mod store;
pub mod task;

pub use clock::{Clock, SystemClock};
pub use data::{Data, PAYLOAD_LIMIT};
