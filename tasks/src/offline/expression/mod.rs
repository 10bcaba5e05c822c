//! DynamoDB's condition and update expressions: text → syntax → evaluation against a row.

mod condition;
mod lexer;
mod parser;
mod path;
mod update;

pub(super) use condition::holds;
pub(super) use update::updated;

use crate::error::{Result, TaskError};

/// Bytes that an expression may have.
const MAX_LENGTH: usize = 4096;
/// Parentheses within parentheses, and chains of NOT.
const MAX_DEPTH: usize = 100;

/// An expression that is not in order.
fn wrong<T>(message: impl std::fmt::Display) -> Result<T> {
    Err(TaskError::input(format!("the expression is not in order: {message}")))
}
