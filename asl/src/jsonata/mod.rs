//! JSONata, as Step Functions runs it.
//!
//! [`Expression::parse`] reads the text between `{%` and `%}` once. A [`Session`] holds what the expressions of one
//! state see (`$states`, variables, the time, draws) and converts it once for all of them; [`Expression::evaluate`]
//! gives the value. Expressions that only name a value are answered without any conversion, so that what a state only
//! passes on stays as it was, integers beyond 2^53 included.
//!
//! The language itself is the crate `jsonata-core`. Around it: the functions of Step Functions, the dialect
//! ([`REFUSED`]), the texts of the reference implementation, and bounds on time, depth and memory. Memory is bounded by
//! rewriting the tree so that what makes texts and lists is counted; see `meter`.

mod convert;
mod draws;
mod error;
mod expression;
mod facts;
mod functions;
mod guard;
mod markers;
mod messages;
mod meter;
mod position;
mod reads;
mod reference;
mod refused;
mod session;
#[doc(hidden)]
pub mod suite;
mod template;
mod walk;
mod watch;

#[cfg(test)]
mod tests;

pub use error::{EvaluationError, JsonataError, unexpected_type};
pub use expression::{Expression, MAX_SOURCE};
pub use functions::{function_names, is_function};
pub use markers::{expression_in, expression_start};
pub use meter::{MAX_EVALUATION_DEPTH, MAX_MILLIS, MAX_PAD, MAX_RESULT, MAX_SEQUENCE};
pub use reads::{Member, Reads};
pub use refused::{Dialect, REFUSED, Refused};
pub use session::{Session, States};
pub use template::JsonataTemplate;
