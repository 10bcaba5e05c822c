//! Functions of texts.

use super::write::{self, room};
use super::{at, number, text};
use crate::jsonata::fault::Fault;
use crate::jsonata::meter::MAX_PAD;
use crate::jsonata::run::{Outcome, Run};
use crate::jsonata::value::Val;
use std::cmp::Ordering;

/// The order of two texts: by their UTF-16 units, as the reference implementation has it.
pub(in crate::jsonata) fn order(a: &str, b: &str) -> Ordering {
    // Units and bytes disagree only beyond U+FFFF.
    if a.bytes().chain(b.bytes()).any(|byte| byte >= 0xf0) { a.encode_utf16().cmp(b.encode_utf16()) } else { a.cmp(b) }
}

pub(super) fn string(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let value = at(arguments, 0);
    if value.is_undefined() || value.text().is_some() {
        return Ok(value);
    }
    let mut out = String::new();
    let pretty = matches!(arguments.get(1), Some(Val::Bool(true)));
    if pretty && (value.is_list() || value.fields().is_some()) {
        write::json(run, &value, &mut out, Some(0), 0)?;
    } else {
        write::write(run, &value, &mut out)?;
    }
    Val::made(&run.meter, out)
}

/// A function of one text.
fn apply(run: &Run<'_>, arguments: &[Val], function: impl FnOnce(&str) -> String) -> Outcome {
    let Some(text) = text(arguments, 0) else { return Ok(Val::Undefined) };
    run.meter.read(4 * text.len())?;
    room(text.len())?;
    Val::made(&run.meter, function(text))
}

pub(super) fn lowercase(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    apply(run, arguments, str::to_lowercase)
}

pub(super) fn uppercase(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    apply(run, arguments, str::to_uppercase)
}

/// Blanks at the ends away, others one.
pub(super) fn trim(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    apply(run, arguments, |text| {
        let words = text.split([' ', '\t', '\n', '\r']).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join(" ")
    })
}

pub(super) fn length(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let Some(text) = text(arguments, 0) else { return Ok(Val::Undefined) };
    run.meter.read(text.len())?;
    Ok(Val::Number(text.chars().count() as f64))
}

/// Where a number of JavaScript's `slice` points: from the end if it is negative.
fn place(n: f64, length: usize) -> usize {
    let n = if n.is_nan() { 0.0 } else { n.trunc() };
    // Within the length, or cut to it.
    if n < 0.0 { (length as f64 + n).max(0.0) as usize } else { n.min(length as f64) as usize }
}

pub(super) fn substring(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let Some(text) = text(arguments, 0) else { return Ok(Val::Undefined) };
    run.meter.read(2 * text.len())?;
    let length = text.chars().count();
    let mut start = number(arguments, 1).unwrap_or(0.0);
    if length as f64 + start < 0.0 {
        start = 0.0;
    }
    let end = match number(arguments, 2) {
        None => length,
        Some(count) if count <= 0.0 => return Ok(Val::Text("".into())),
        Some(count) => place(if start >= 0.0 { start + count } else { length as f64 + start + count }, length),
    };
    let start = place(start, length);
    let cut = text.chars().skip(start).take(end.saturating_sub(start));
    Val::made(&run.meter, cut.collect::<String>())
}

fn around(run: &Run<'_>, arguments: &[Val], after: bool) -> Outcome {
    let value = at(arguments, 0);
    let (Some(whole), Some(part)) = (value.text(), text(arguments, 1)) else { return Ok(value) };
    run.meter.read(whole.len())?;
    match whole.split_once(part) {
        Some((before, behind)) => Val::made(&run.meter, if after { behind } else { before }),
        None => Ok(value),
    }
}

pub(super) fn substring_before(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    around(run, arguments, false)
}

pub(super) fn substring_after(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    around(run, arguments, true)
}

/// Filled up to a width: behind the text, or before it if the width is negative.
pub(super) fn pad(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let value = at(arguments, 0);
    let Some(whole) = value.text() else { return Ok(Val::Undefined) };
    let width = number(arguments, 1).unwrap_or(0.0).trunc();
    run.meter.read(whole.len())?;
    let missing = width.abs() - whole.chars().count() as f64;
    if missing <= 0.0 || missing.is_nan() {
        return Ok(value);
    }
    if missing > MAX_PAD as f64 {
        return Err(Fault::Memory);
    }
    let filler = text(arguments, 2).filter(|filler| !filler.is_empty()).unwrap_or(" ");
    // Checked to be between 0 and the bound.
    let padding: String = filler.chars().cycle().take(missing as usize).collect();
    run.meter.read(4 * padding.len())?;
    room(whole.len() + padding.len())?;
    Val::made(&run.meter, if width > 0.0 { whole.to_owned() + &padding } else { padding + whole })
}

pub(super) fn join(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let list = at(arguments, 0);
    let Some(items) = list.items() else { return Ok(Val::Undefined) };
    let separator = text(arguments, 1).unwrap_or("");
    let mut out = String::new();
    for (place, item) in items.iter().enumerate() {
        run.meter.step(1)?;
        if place > 0 {
            out.push_str(separator);
        }
        let item = item.text().unwrap_or_default();
        run.meter.read(item.len() + separator.len())?;
        room(out.len() + item.len() + separator.len())?;
        out.push_str(item);
    }
    Val::made(&run.meter, out)
}
