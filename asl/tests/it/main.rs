//! Tests of reading and checking definitions.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod compile;
mod documentation;
mod harness;
mod large;
mod lints;
mod properties;
mod rendering;
mod wild;
mod yaml;
