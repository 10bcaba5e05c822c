//! Our JSONata against the reference implementation, which is written in JavaScript: random expressions and data are
//! evaluated by both, and what differs is made small and reported.
//!
//! - [`generate`] makes cases: a seed and a number give the same one,
//! - [`mod@reference`] runs many of them in one process of node,
//! - [`compare`] says what a difference is, and which ones have a reason,
//! - [`minimise`] makes a case small,
//! - [`corpus`] is what was found and is right: pairs of expression and answer that are replayed without node.

pub mod compare;
pub mod corpus;
pub mod generate;
pub mod minimise;
pub mod reference;

use aslx_asl::Timestamp;
use aslx_asl::jsonata::suite;
use serde_json::Value;

/// The time of all evaluations of ours: 2025-01-01T00:00:00Z. Cases read no clock.
const NOW: i64 = 1_735_689_600_000;

/// An expression and its input.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The expression.
    pub source: String,
    /// The input.
    pub data: Value,
}

/// What came out of a case.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A value.
    Value(Value),
    /// Nothing (undefined).
    Nothing,
    /// The code of an error; empty where there is none.
    Code(String),
}

/// What we make of a case.
pub fn ours(case: &Case) -> Outcome {
    let data = aslx_asl::Value::from(case.data.clone());
    match suite::outcome(&case.source, Some(&data), Timestamp::from_millis(NOW)) {
        Ok(Some(value)) => Outcome::Value((&value).into()),
        Ok(None) => Outcome::Nothing,
        Err(code) => Outcome::Code(code),
    }
}
