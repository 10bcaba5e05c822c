//! Tests across the crates: one file per feature, the harness in `support`.
//!
//! Snapshots are in `snapshots/`. `INSTA_UPDATE=always cargo test -p aslx-tests --test it` writes them anew; read what
//! changed before you commit it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "tests in real time, and settings of these tests")]

mod cli_coverage;
mod cli_init;
mod cli_run;
mod cli_test;
mod damage;
mod distributed_map;
mod drivers;
mod engine;
mod journals;
mod journals_driven;
mod mocked;
mod names;
mod pipeline;
mod pipeline_failures;
mod quotas;
mod secrets;
mod serve;
#[cfg(unix)]
mod server_stop;
mod store;
mod support;
mod upkeep;
mod virtual_time;
