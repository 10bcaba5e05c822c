//! What an evaluation found, as a value of the execution.
//!
//! A container that came from outside goes out as the very one that came in: shared, not copied, with its numbers as
//! they were written (integers beyond 2^53 too). Every number that an expression looked at on its own is a binary64
//! number and prints without a decimal point where it is whole.

use super::error::EvaluationError;
use super::fault::Fault;
use super::meter::{HEAD, MAX_RESULT, SLOT};
use super::number;
use super::syntax::deep;
use super::value::Val;
use crate::value::{MAX_DEPTH, Members, Value};
use std::sync::Arc;

/// The value. Errors: undefined, a function, a number that JSON cannot write, more than [`MAX_RESULT`] bytes, deeper
/// than a payload may be.
pub(super) fn value(value: &Val) -> Result<Value, EvaluationError> {
    if value.is_undefined() {
        return Err(EvaluationError::Undefined);
    }
    let mut left = MAX_RESULT;
    out(value, 0, &mut left)
}

fn out(value: &Val, depth: usize, left: &mut usize) -> Result<Value, EvaluationError> {
    let size = match value {
        Val::Made(_) => HEAD + value.text().map_or(0, str::len),
        Val::List(_) | Val::Record(_) => HEAD,
        _ => SLOT,
    };
    *left = left.checked_sub(size).ok_or(EvaluationError::Memory)?;
    Ok(match value {
        Val::Null | Val::Undefined => Value::Null,
        Val::Bool(b) => Value::Bool(*b),
        Val::Number(n) => {
            number::json(*n).ok_or_else(|| Fault::coded("D1001", "Number out of range: null").into_error())?
        }
        Val::Text(text) => Value::String(text.clone()),
        Val::Made(_) => Value::from(value.text().unwrap_or_default()),
        Val::Array(array) => Value::Array(array.clone()),
        Val::Map(object) => Value::Object(object.clone()),
        Val::List(_) => {
            let depth = deeper(depth)?;
            let items = value.items().into_iter().flat_map(|items| items.iter());
            let items = items.filter(|item| !item.is_undefined());
            Value::array(items.map(|item| deep(|| out(&item, depth, left))).collect::<Result<_, _>>()?)
        }
        Val::Record(_) => {
            let depth = deeper(depth)?;
            let fields = value.fields();
            let count = fields.map_or(0, |fields| fields.len());
            let mut members = Members::with_capacity_and_hasher(count, Default::default());
            for (name, member) in fields.into_iter().flat_map(|fields| fields.iter()) {
                if member.is_undefined() {
                    continue;
                }
                *left = left.checked_sub(HEAD).ok_or(EvaluationError::Memory)?;
                members.insert(Arc::clone(name), deep(|| out(&member, depth, left))?);
            }
            Value::object(members)
        }
        Val::Function(_) | Val::Tuples(_) => return Err(EvaluationError::UnsupportedType),
    })
}

fn deeper(depth: usize) -> Result<usize, EvaluationError> {
    if depth < MAX_DEPTH { Ok(depth + 1) } else { Err(EvaluationError::Memory) }
}
