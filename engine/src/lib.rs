//! The runtime: an execution is a pure function of its program and its journal.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing))]

pub mod task;
