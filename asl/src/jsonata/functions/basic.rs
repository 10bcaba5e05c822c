//! Truth, equality, members, copies; and functions that fit nowhere else.

use super::{at, deeper, finite, text};
use crate::jsonata::fault::Fault;
use crate::jsonata::number::rounded;
use crate::jsonata::run::{Outcome, Run};
use crate::jsonata::syntax::deep;
use crate::jsonata::value::{Building, Forming, Val};

/// Whether a value counts as true. Nothing does not.
pub(in crate::jsonata) fn truth(value: &Val) -> Result<bool, Fault> {
    truth_at(value, 0)
}

fn truth_at(value: &Val, depth: usize) -> Result<bool, Fault> {
    Ok(match value {
        Val::Bool(b) => *b,
        Val::Number(n) => !n.is_nan() && finite(*n)? != 0.0,
        Val::Text(text) => !text.is_empty(),
        Val::Made(_) => value.text().is_some_and(|text| !text.is_empty()),
        _ => {
            if let Some(items) = value.items() {
                let depth = deeper(depth)?;
                for item in items.iter() {
                    if deep(|| truth_at(&item, depth))? {
                        return Ok(true);
                    }
                }
                return Ok(false);
            }
            value.fields().is_some_and(|fields| fields.len() > 0)
        }
    })
}

/// Whether two values are the same all the way down; the order of members does not count.
pub(in crate::jsonata) fn equal(run: &Run<'_>, a: &Val, b: &Val, depth: usize) -> Result<bool, Fault> {
    run.meter.step(1)?;
    match (a, b) {
        (Val::Null, Val::Null) | (Val::Undefined, Val::Undefined) => return Ok(true),
        (Val::Bool(a), Val::Bool(b)) => return Ok(a == b),
        (Val::Number(a), Val::Number(b)) => return Ok(a == b),
        _ => {}
    }
    if let (Some(a), Some(b)) = (a.text(), b.text()) {
        run.meter.read(a.len().min(b.len()))?;
        return Ok(a == b);
    }
    if a.address().is_some() && a.address() == b.address() {
        return Ok(true);
    }
    let depth = deeper(depth)?;
    if let (Some(a), Some(b)) = (a.items(), b.items()) {
        if a.len() != b.len() {
            return Ok(false);
        }
        for (a, b) in a.iter().zip(b.iter()) {
            if !deep(|| equal(run, &a, &b, depth))? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    if let (Some(a), Some(b)) = (a.fields(), b.fields()) {
        if a.len() != b.len() {
            return Ok(false);
        }
        for (name, a) in a.iter() {
            match b.get(name) {
                Some(b) if deep(|| equal(run, &a, &b, depth))? => {}
                _ => return Ok(false),
            }
        }
        return Ok(true);
    }
    Ok(false)
}

/// The member of this name, of each item if the value is a list.
pub(in crate::jsonata) fn lookup(run: &Run<'_>, value: &Val, name: &str) -> Outcome {
    if let Some(fields) = value.fields() {
        return Ok(fields.get(name).unwrap_or(Val::Undefined));
    }
    if !value.is_list() {
        return Ok(Val::Undefined);
    }
    let mut found = Building::new(&run.meter)?;
    members(run, value, name, &mut found, 0)?;
    Ok(found.sequence())
}

fn members(run: &Run<'_>, value: &Val, name: &str, found: &mut Building, depth: usize) -> Result<(), Fault> {
    let Some(items) = value.items() else { return Ok(()) };
    let depth = deeper(depth)?;
    run.meter.step(items.len() / 2)?;
    for item in items.iter() {
        if let Some(fields) = item.fields() {
            if let Some(member) = fields.get(name) {
                found.append(&member)?;
            }
        } else if item.is_list() {
            deep(|| members(run, &item, name, found, depth))?;
        }
    }
    Ok(())
}

/// The value made anew, as if it were written and read again.
pub(in crate::jsonata) fn copy(run: &Run<'_>, value: &Val, depth: usize) -> Outcome {
    run.meter.step(1)?;
    if let Val::Number(n) = value {
        return finite(*n).map(|n| Val::Number(rounded(n)));
    }
    let depth = deeper(depth)?;
    if let Some(items) = value.items() {
        let mut list = Building::sized(&run.meter, items.len())?;
        for item in items.iter() {
            let copied = deep(|| copy(run, &item, depth))?;
            list.push(if copied.is_undefined() { Val::Null } else { copied })?;
        }
        return Ok(list.list());
    }
    if let Some(fields) = value.fields() {
        let mut object = Forming::new(&run.meter)?;
        for (name, member) in fields.iter() {
            let copied = deep(|| copy(run, &member, depth))?;
            if !copied.is_undefined() {
                object.insert(name.clone(), copied)?;
            }
        }
        return Ok(object.record());
    }
    Ok(match value {
        Val::Function(_) => Val::Text("".into()),
        other => other.clone(),
    })
}

/// A value from outside made anew: it is held by this evaluation alone.
pub(super) fn copy_in(run: &Run<'_>, value: &crate::Value) -> Outcome {
    run.meter.step(1)?;
    match value {
        crate::Value::Array(array) => {
            let mut list = Building::sized(&run.meter, array.items().len())?;
            array.items().iter().try_for_each(|item| list.push(deep(|| copy_in(run, item))?))?;
            Ok(list.list())
        }
        crate::Value::Object(object) => {
            let mut record = Forming::new(&run.meter)?;
            for (name, member) in object.members() {
                let name = Val::made(&run.meter, &**name)?;
                record.insert_named(&name, deep(|| copy_in(run, member))?)?;
            }
            Ok(record.record())
        }
        crate::Value::String(text) => Val::made(&run.meter, &**text),
        scalar => Ok(Val::from(scalar)),
    }
}

pub(super) fn clone(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    copy(run, &at(arguments, 0), 0)
}

pub(super) fn boolean(_: &Run<'_>, arguments: &[Val]) -> Outcome {
    match at(arguments, 0) {
        Val::Undefined => Ok(Val::Undefined),
        value => truth(&value).map(Val::Bool),
    }
}

pub(super) fn not(_: &Run<'_>, arguments: &[Val]) -> Outcome {
    match at(arguments, 0) {
        Val::Undefined => Ok(Val::Undefined),
        value => Ok(Val::Bool(!truth(&value)?)),
    }
}

pub(super) fn exists(_: &Run<'_>, arguments: &[Val]) -> Outcome {
    Ok(Val::Bool(!at(arguments, 0).is_undefined()))
}

pub(super) fn type_name(_: &Run<'_>, arguments: &[Val]) -> Outcome {
    let name = match at(arguments, 0) {
        Val::Undefined | Val::Tuples(_) => return Ok(Val::Undefined),
        Val::Null => "null",
        Val::Bool(_) => "boolean",
        Val::Number(n) => {
            finite(n)?;
            "number"
        }
        Val::Text(_) | Val::Made(_) => "string",
        Val::Array(_) | Val::List(_) => "array",
        Val::Map(_) | Val::Record(_) => "object",
        Val::Function(_) => "function",
    };
    Ok(Val::Text(name.into()))
}

/// The time of the evaluation.
pub(super) fn millis(run: &Run<'_>, _: &[Val]) -> Outcome {
    // Milliseconds stay below 2^53 for 285,000 years.
    Ok(Val::Number(run.now.as_millis() as f64))
}

pub(super) fn error(_: &Run<'_>, arguments: &[Val]) -> Outcome {
    let message = text(arguments, 0).filter(|message| !message.is_empty());
    Err(Fault::coded("D3137", message.unwrap_or("$error() function evaluated")))
}

pub(super) fn assert(_: &Run<'_>, arguments: &[Val]) -> Outcome {
    if truth(&at(arguments, 0))? {
        return Ok(Val::Undefined);
    }
    let message = text(arguments, 1).filter(|message| !message.is_empty());
    Err(Fault::coded("D3141", message.unwrap_or("$assert() statement failed")))
}
