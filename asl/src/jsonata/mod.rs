//! JSONata, as Step Functions runs it.
//!
//! [`Expression::parse`] reads the text between `{%` and `%}` once. A [`Session`] holds what the expressions of one
//! state see (`$states`, variables, the time, draws); [`Expression::evaluate`] gives the value. Expressions that only name a value are answered without any conversion, so that what a state only
//! passes on stays as it was, integers beyond 2^53 included.
//!
//! The evaluator is our own, so that it can count what it does: it reads no clock, asks no machine, and ends at the
//! same step with the same answer everywhere ([`MAX_STEPS`], [`MAX_MEMORY`]). It walks the values of the execution as
//! they are. Pictures of numbers and times are the work of the crate `jsonata-core`.

mod draws;
mod error;
mod expression;
mod fault;
mod function;
mod functions;
mod markers;
mod messages;
mod meter;
mod number;
mod out;
mod pattern;
mod reads;
mod reference;
mod refused;
mod run;
mod session;
mod signature;
#[doc(hidden)]
pub mod suite;
mod syntax;
mod template;
mod value;

#[cfg(test)]
mod tests;

pub use error::{EvaluationError, JsonataError, unexpected_type};
pub use expression::{Expression, MAX_SOURCE};
pub use functions::{function_names, is_function};
pub use markers::{expression_in, expression_start};
pub use meter::{MAX_EVALUATION_DEPTH, MAX_MEMORY, MAX_PAD, MAX_RESULT, MAX_STEPS};
pub use reads::{Member, Reads};
pub use refused::{Dialect, REFUSED, Refused};
pub use session::{Session, States};
pub use template::JsonataTemplate;
