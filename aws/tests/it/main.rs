//! The caller against small servers on the loopback address, which answer as AWS's services do.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod errors;
mod jobs;
mod lambda;
mod messages;
mod stub;
