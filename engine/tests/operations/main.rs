//! What can be done with executions from outside: tokens, activities, redrive, restarts, map runs.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../common/mod.rs"]
mod common;

mod activities;
mod callbacks;
mod distributed;
mod express;
mod lifecycle;
mod mishaps;
mod redrive;
mod restarts;
mod stress;
mod support;
