//! What the API promises and refuses, rule by rule: called without a connection, answers read as JSON.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod aliases;
mod executions;
mod express;
mod machines;
mod map_children;
mod mocks;
mod nested;
mod pages;
mod redrive;
mod support;
mod tags;
mod tasks;
mod test_state;
mod validate;
mod versions;
mod virtual_time;
