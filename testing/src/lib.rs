//! Tests of state machines: canned answers instead of services, virtual time instead of waiting, and failures that say
//! what to do next.
//!
//! The command `aslx test` and tests in Rust are two doors to the same room: a test file becomes the same cases that
//! the library builds.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic))]

pub mod coverage;
pub mod report;
mod results;
pub mod sfn_local;
mod xml;

pub use results::{CaseReport, Failure, FileReport, Outcome, Place, Report, Tested};
