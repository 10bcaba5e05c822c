//! When two answers are equal.
//!
//! - Texts of an actual answer that hold a JSON object are read first ([`normalise`]).
//! - Expected texts may hold wildcards ([`Bindings`] keeps what the numbered ones stand for).
//! - `{"$json_text": v}` expects a text whose JSON is `v`.
//! - `1` equals `1.0`; `true` is not `1`. All else must be the same: keys, and the order in lists.
//! - Histories are compared as a forest ([`history_difference`]).

mod canon;
mod forest;
mod history;
mod order;
mod plain_set;
mod text;
mod value;

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;

pub use canon::{canonical_event, json_or_text, normalise};
pub use history::history_difference;
pub use text::Bindings;
pub use value::{Difference, difference};
