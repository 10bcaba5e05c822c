//! The runtime: an execution is a pure function of its program and its journal.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing))]

mod clock;
mod data;
mod draws;
pub mod history;
pub mod interpreter;
pub mod journal;
pub mod layers;
pub mod map_run;
pub mod runtime;
pub mod store;
pub mod task;

pub use interpreter::inspect;

pub use clock::{Clock, Stopwatch, SystemClock};
pub use data::{Data, PAYLOAD_LIMIT};

/// The text of a version 4 UUID with these bits; six of them are the version's.
pub fn uuid_text(bits: u128) -> String {
    let bits = bits & !(0xf << 76) | 0x4 << 76;
    let bits = bits & !(0x3 << 62) | 0x2 << 62;
    let hex = format!("{bits:032x}");
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default();
    [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)].join("-")
}
