//! The Amazon States Language: text → syntax (with positions) → check → [`Program`], and the evaluation of its
//! expressions. No I/O, no clock, no randomness of its own: usable by an editor, a linter, a build script.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing))]

pub mod scope;
pub mod time;
pub mod value;

pub use scope::{Environment, Scope};
pub use time::Timestamp;
pub use value::Value;
