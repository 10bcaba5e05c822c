//! Functions of arrays.

use super::call::Arguments;
use super::error::Refusal;
use super::math::rounded;
use crate::Value;

/// Items that `States.ArrayRange` may make (AWS's developer guide).
const MAX_RANGE: usize = 1_000;

pub(super) fn array(arguments: &Arguments<'_>) -> Result<Value, Refusal> {
    Ok(Value::array(arguments.all().to_vec()))
}

pub(super) fn contains(arguments: &Arguments<'_>) -> Result<Value, Refusal> {
    let wanted = arguments.value(1)?;
    Ok(arguments.array(0)?.contains(wanted).into())
}

pub(super) fn get_item(arguments: &Arguments<'_>) -> Result<Value, Refusal> {
    let items = arguments.array(0)?;
    let index = arguments.number(1)?;
    let whole = index.as_i64().or_else(|| index.as_f64().filter(|d| d.trunc() == *d).map(|d| d as i64));
    let item = whole.and_then(|index| items.get(usize::try_from(index).ok()?));
    item.cloned().ok_or_else(|| Refusal::new(format!("the array has {} items, there is none at {index}", items.len())))
}

pub(super) fn length(arguments: &Arguments<'_>) -> Result<Value, Refusal> {
    Ok(arguments.array(0)?.len().into())
}

pub(super) fn partition(arguments: &Arguments<'_>) -> Result<Value, Refusal> {
    let items = arguments.array(0)?;
    let size = rounded(arguments, 1)?;
    match usize::try_from(size) {
        Ok(size) if size > 0 => Ok(Value::array(items.chunks(size).map(|part| Value::array(part.to_vec())).collect())),
        _ => Err(Refusal::new(format!("argument 2 must be greater than 0, but was {size}"))),
    }
}

/// From the first to the last number, both included; a negative step counts down.
pub(super) fn range(arguments: &Arguments<'_>) -> Result<Value, Refusal> {
    let (first, last, step) = (rounded(arguments, 0)?, rounded(arguments, 1)?, rounded(arguments, 2)?);
    if step == 0 {
        return Err(Refusal::new("argument 3 must not be 0"));
    }
    let mut items = Vec::new();
    let mut next = first;
    while if step > 0 { next <= last } else { next >= last } {
        if items.len() == MAX_RANGE {
            return Err(Refusal::new(format!("the range has more than {MAX_RANGE} items")));
        }
        items.push(Value::from(next));
        next += step;
    }
    Ok(Value::array(items))
}

/// The first of equal items stays.
pub(super) fn unique(arguments: &Arguments<'_>) -> Result<Value, Refusal> {
    let mut seen: Seen<'_> = Seen::default();
    let items = arguments.array(0)?.iter().filter(|item| seen.is_new(item)).cloned().collect();
    Ok(Value::array(items))
}

/// Items seen so far, found by the length of their text so that large arrays do not take quadratic time.
#[derive(Default)]
struct Seen<'v> {
    by_key: std::collections::BTreeMap<(&'static str, String), Vec<&'v Value>>,
}

impl<'v> Seen<'v> {
    fn is_new(&mut self, item: &'v Value) -> bool {
        // Equal numbers may be written differently (1 and 1.0), so containers are told apart by their size only.
        let key = match item {
            Value::String(text) => text.to_string(),
            Value::Number(_) => item.as_f64().unwrap_or_default().to_string(),
            Value::Array(array) => array.items().len().to_string(),
            Value::Object(object) => object.members().len().to_string(),
            Value::Null | Value::Bool(_) => String::new(),
        };
        let bucket = self.by_key.entry((item.type_name(), key)).or_default();
        let new = !bucket.contains(&item);
        if new {
            bucket.push(item);
        }
        new
    }
}
