//! Functions between JSON values and texts.

use super::call::{Arguments, wrong_type};
use super::error::Refusal;
use crate::Value;
use crate::path::hash_map_order;
use std::borrow::Cow;

/// Shallow: a member of the second object replaces one of the first. AWS knows no deep merge, the third argument
/// must be `false` (AWS's developer guide). Members come in the order of a Java `HashMap` (recorded).
pub(super) fn merge(arguments: &Arguments<'_>) -> Result<Value, Refusal> {
    let object = |at| {
        let value = arguments.value(at)?;
        value.as_object().ok_or_else(|| wrong_type(at, "an object", value))
    };
    let (first, second) = (object(0)?, object(1)?);
    if arguments.value(2)? != &Value::Bool(false) {
        return Err(Refusal::new("argument 3 must be false: there is only a shallow merge"));
    }
    let mut merged = first.clone();
    merged.extend(second.iter().map(|(name, value)| (name.clone(), value.clone())));
    let mut members: Vec<_> = merged.into_iter().collect();
    hash_map_order(&mut members);
    Ok(Value::object(members.into_iter().collect()))
}

pub(super) fn to_string(arguments: &Arguments<'_>) -> Result<Value, Refusal> {
    Ok(arguments.value(0)?.to_json().into())
}

/// A blank text gives `null`, `-0` gives 0 (both recorded).
pub(super) fn from_string(arguments: &Arguments<'_>) -> Result<Value, Refusal> {
    let text = arguments.text(0)?;
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    Value::parse(&without_negative_zeros(text)).map_err(|e| Refusal::new(format!("argument 1 is not JSON: {e}")))
}

/// The integer `-0` is 0 for the Java reader; ours would read it as a binary64 number.
fn without_negative_zeros(text: &str) -> Cow<'_, str> {
    if !text.contains("-0") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let (mut quoted, mut escaped) = (false, false);
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '-' if !quoted && !before.is_ascii_alphanumeric() && chars.peek() == Some(&'0') => {
                let mut after = chars.clone();
                after.next();
                if !after.peek().is_some_and(|c| matches!(c, '.' | 'e' | 'E' | '0'..='9')) {
                    before = c;
                    continue;
                }
            }
            _ => {}
        }
        before = c;
        out.push(c);
    }
    Cow::Owned(out)
}
