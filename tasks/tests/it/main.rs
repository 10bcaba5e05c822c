//! The tasks, from outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod analysis;
mod bed;
mod claims;
#[path = "../../testing/files.rs"]
mod files;
mod integrations;
mod pictures;
mod pipeline;
mod samples;
#[path = "../../testing/scene.rs"]
mod scene;
mod storage;
mod upload;
