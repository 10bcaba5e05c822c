//! Tests of state machines: canned answers instead of services, virtual time instead of waiting, and failures that say
//! what to do next.
//!
//! The command `aslx test` and tests in Rust are two doors to the same room: a test file becomes the same [`Test`]s
//! that the library builds.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic))]

pub mod coverage;
mod expect;
mod failures;
pub mod file;
mod mocks;
mod ran;
pub mod report;
mod results;
pub mod sfn_local;
pub mod skeleton;
mod story;
#[cfg(feature = "proptest")]
pub mod strategies;
mod suite;
mod test;
mod upkeep;
mod xml;

pub use expect::{Assertion, AssertionError, Check, Expect, Expectation, Leg, Property};
pub use failures::{each_failure, possible_failures};
pub use mocks::{Mock, Mocks};
pub use ran::Ran;
pub use report::ReportFormat;
pub use results::{CaseReport, Failure, FileReport, Outcome, Place, Report, Tested};
pub use suite::Suite;
pub use test::{START, Test, TestFailed};

pub use aslx_engine::interpreter::Status;
pub use aslx_engine::layers::{Answer, Match, Times};
