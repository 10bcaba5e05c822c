//! What implementers of the Amazon States Language get wrong, and which events an execution leaves behind: one test for
//! each behaviour, named by its number in our list of traps (`trap_…`) or by its sequence of events (`sequence_…`).
//! Everything runs in virtual time, in JSONPath unless it says otherwise.
//!
//! Not here, because they need more than a definition and its answers: 30 and 54 (activities and their workers), 58
//! (redrive), 60 to 75 and 78 to 83 (the API), 84 to 92, 94 to 97 and 99 to 101 (services, and machines that are deleted
//! or versioned).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod choice_and_wait;
mod create_time;
mod data_flow;
mod distributed;
mod errors;
mod expressions;
mod history;
mod jsonata;
mod map;
mod sequences;
mod support;
