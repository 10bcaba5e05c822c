//! Our value to the library's and back.
//!
//! A container that an expression passes through untouched comes out as the very one that went in: shared, not copied,
//! with its numbers as they were written (integers beyond 2^53 too). Every number that an expression looked at on its
//! own is a binary64 number and prints without a decimal point where it is whole.

use super::error::EvaluationError;
use super::meter::MAX_RESULT;
use crate::value::{MAX_DEPTH, Members, Value};
use indexmap::IndexMap;
use jsonata_core::value::{JArray, JMap, JValue, with_stack};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// The containers that were converted, by the address of what they became.
///
/// An address stays taken while this lives: whoever owns it also owns the converted values.
#[derive(Default)]
pub(super) struct Known {
    containers: HashMap<usize, Value, foldhash::fast::RandomState>,
}

impl Known {
    /// Whether this container is one that went in.
    pub(super) fn contains(&self, value: &JValue) -> bool {
        address(value).is_some_and(|address| self.containers.contains_key(&address))
    }

    /// The library's value.
    pub(super) fn value_in(&mut self, value: &Value) -> JValue {
        let converted = match value {
            Value::Null => return JValue::Null,
            Value::Bool(b) => return JValue::Bool(*b),
            Value::Number(n) => return JValue::Number(n.as_f64().unwrap_or(0.0)),
            Value::String(s) => return JValue::String(Rc::from(&**s)),
            Value::Array(array) => {
                let mut flat = true;
                let items = array.items().iter().map(|item| {
                    flat &= !matches!(item, Value::Array(_));
                    with_stack(|| self.value_in(item))
                });
                let items = items.collect();
                JValue::Array(JArray::new_flat(items, flat))
            }
            Value::Object(object) => {
                let mut members = IndexMap::with_capacity(object.members().len());
                for (name, member) in object.members() {
                    members.insert(name.to_string(), with_stack(|| self.value_in(member)));
                }
                JValue::Object(Rc::new(JMap::from(members)))
            }
        };
        if let Some(address) = address(&converted) {
            self.containers.insert(address, value.clone());
        }
        converted
    }

    /// Our value. Errors: undefined, a function, a number that JSON cannot write, more than [`MAX_RESULT`] bytes of
    /// JSON, deeper than a payload may be.
    pub(super) fn value_out(&self, value: &JValue) -> Result<Value, EvaluationError> {
        if value.is_undefined() {
            return Err(EvaluationError::Undefined);
        }
        let mut left = MAX_RESULT;
        self.out(value, 0, &mut left)
    }

    fn out(&self, value: &JValue, depth: usize, left: &mut usize) -> Result<Value, EvaluationError> {
        let converted = match value {
            JValue::Null | JValue::Undefined => Value::Null,
            JValue::Bool(b) => Value::Bool(*b),
            JValue::Number(n) => number(*n)?,
            JValue::String(s) => Value::String(Arc::from(&**s)),
            JValue::Array(array) => {
                if let Some(known) = self.known(value) {
                    known
                } else {
                    let depth = deeper(depth)?;
                    let items = array.iter().filter(|item| !item.is_undefined());
                    Value::array(
                        items.map(|item| with_stack(|| self.out(item, depth, left))).collect::<Result<_, _>>()?,
                    )
                }
            }
            JValue::Object(object) => {
                if let Some(known) = self.known(value) {
                    known
                } else {
                    let depth = deeper(depth)?;
                    let mut members = Members::with_capacity_and_hasher(object.len(), Default::default());
                    for (name, member) in object.iter().filter(|(_, member)| !member.is_undefined()) {
                        members.insert(Arc::from(name.as_str()), with_stack(|| self.out(member, depth, left))?);
                    }
                    Value::object(members)
                }
            }
            JValue::Lambda(_) | JValue::Builtin { .. } | JValue::Regex { .. } => {
                return Err(EvaluationError::UnsupportedType);
            }
        };
        let size = match &converted {
            Value::Array(_) | Value::Object(_) => 32,
            scalar => scalar.json_len(),
        };
        *left = left.checked_sub(size).ok_or(EvaluationError::Memory)?;
        Ok(converted)
    }

    fn known(&self, value: &JValue) -> Option<Value> {
        self.containers.get(&address(value)?).cloned()
    }
}

fn deeper(depth: usize) -> Result<usize, EvaluationError> {
    if depth < MAX_DEPTH { Ok(depth + 1) } else { Err(EvaluationError::Memory) }
}

/// Where the content of a container lies; `None` for scalars and for empty arrays, which have no place of their own.
fn address(value: &JValue) -> Option<usize> {
    match value {
        JValue::Array(array) if !array.is_empty() => Some(array.as_ptr() as usize),
        JValue::Object(object) => Some(Rc::as_ptr(object) as usize),
        _ => None,
    }
}

/// A number as JSON: whole numbers without a decimal point.
fn number(n: f64) -> Result<Value, EvaluationError> {
    if n.trunc() == n && n.abs() < 9_007_199_254_740_992.0 {
        // The range was just checked.
        return Ok(Value::from(n as i64));
    }
    if n.trunc() == n && (0.0..18_446_744_073_709_551_616.0).contains(&n) {
        return Ok(Value::Number((n as u64).into()));
    }
    if n.trunc() == n && (-9_223_372_036_854_775_808.0..0.0).contains(&n) {
        return Ok(Value::from(n as i64));
    }
    match serde_json::Number::from_f64(n) {
        Some(n) => Ok(Value::Number(n)),
        None => Err(EvaluationError::failed("D1001", "Number out of range: null")),
    }
}

/// A number on its own as an expression gives it back: `1.0` as `1`.
pub(super) fn scalar(value: &Value) -> Value {
    match value {
        Value::Number(n) if n.is_f64() => n.as_f64().and_then(|n| number(n).ok()).unwrap_or_else(|| value.clone()),
        other => other.clone(),
    }
}
