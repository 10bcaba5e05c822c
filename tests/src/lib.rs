//! Tests across the crates.
//!
//! The `conformance` binary plays recorded cases (a state machine, its input, the answers of its tasks, and what AWS
//! made of it) and compares. The comparison lives here as a library, so that it is tested itself: a comparison that
//! accepts too much would turn every other figure of this project into decoration.
//!
//! - [`case`] reads case files,
//! - [`compare`] holds the rules by which two answers are equal,
//! - [`answers`] gives an engine the recorded answers of the tasks,
//! - `workers` does the work of recorded activities,
//! - [`subject`] is what is put to the test, behind narrow traits, [`library`] and [`session`] the crates here,
//! - [`judge`] turns a case and what the subject made of it into a verdict,
//! - [`known`] is the committed list of cases that may fail,
//! - [`jsonata`] plays the suite of the JSONata reference implementation instead,
//! - [`differential`] compares our JSONata with the reference implementation on random cases,
//! - [`runner`], [`report`] and [`cli`] do the rest.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod answers;
pub mod case;
pub mod cli;
pub mod compare;
mod datasets;
pub mod differential;
pub mod fuzz;
pub mod jsonata;
pub mod judge;
pub mod known;
pub mod library;
pub mod report;
pub mod runner;
pub mod session;
pub mod subject;
mod workers;
