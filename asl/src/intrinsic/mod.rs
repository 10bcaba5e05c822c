//! Intrinsic functions, `States.Format('{}', $.name)` and the 17 others, for states that use JSONPath.
//!
//! A call is parsed once ([`Intrinsic::parse`]): the function is looked up in one table, its arguments are counted,
//! paths are compiled. Evaluation fails as AWS does, with one text for all functions ([`IntrinsicFailure`]).
//! Random numbers and UUIDs draw from the execution's seed, so a replay gives the same.

mod array;
mod call;
mod error;
mod json;
mod math;
mod parse;
mod table;
mod template;
mod text;

#[cfg(test)]
mod tests;

pub use call::Intrinsic;
pub use error::{IntrinsicError, IntrinsicFailure};
pub use table::{FUNCTIONS, Signature};
