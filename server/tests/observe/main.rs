//! What the server tells of executions: traces, status events, logs, figures; and what it tells to nobody.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "tests in real time, and settings of these tests")]

mod figures;
mod logs;
mod support;
mod traces;
mod traces_across;
mod webhook;
