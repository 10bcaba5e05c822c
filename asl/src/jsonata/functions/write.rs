//! Values as texts.

use super::{deeper, finite};
use crate::jsonata::fault::Fault;
use crate::jsonata::meter::MAX_MEMORY;
use crate::jsonata::number;
use crate::jsonata::run::Run;
use crate::jsonata::syntax::deep;
use crate::jsonata::value::Val;

/// Bytes of one text: it is held twice while it grows.
pub(super) const MAX_TEXT: usize = MAX_MEMORY / 3;

/// Fails if a text of this many bytes is too long.
pub(super) fn room(bytes: usize) -> Result<(), Fault> {
    if bytes > MAX_TEXT { Err(Fault::Memory) } else { Ok(()) }
}

/// Appends what `$string` gives.
pub(in crate::jsonata) fn write(run: &Run<'_>, value: &Val, out: &mut String) -> Result<(), Fault> {
    if let Some(text) = value.text() {
        room(out.len() + text.len())?;
        out.push_str(text);
        return run.meter.read(text.len());
    }
    match value {
        Val::Function(_) => Ok(()),
        Val::Number(n) if !n.is_finite() => {
            Err(Fault::coded("D3001", "Attempting to invoke string function on Infinity or NaN"))
        }
        other => json(run, other, out, None, 0),
    }
}

/// A value as the texts of errors show it.
pub(in crate::jsonata) fn shown(run: &Run<'_>, value: &Val) -> String {
    let mut out = String::new();
    match value {
        Val::Undefined => "undefined".to_owned(),
        Val::Number(n) if !n.is_finite() => "null".to_owned(),
        value => match json(run, value, &mut out, None, 0) {
            Ok(()) => out,
            Err(_) => "…".to_owned(),
        },
    }
}

/// Appends JSON; `indent` is how far the value is indented where lines are broken.
pub(super) fn json(
    run: &Run<'_>,
    value: &Val,
    out: &mut String,
    indent: Option<usize>,
    depth: usize,
) -> Result<(), Fault> {
    run.meter.step(1)?;
    room(out.len())?;
    let inner = indent.map(|indent| indent + 2);
    let line = |out: &mut String, indent: Option<usize>| {
        if let Some(indent) = indent {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
        }
    };
    match value {
        Val::Null | Val::Undefined | Val::Tuples(_) => out.push_str("null"),
        Val::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Val::Number(n) if n.is_nan() => out.push_str("null"),
        Val::Number(n) => out.push_str(&number::text(number::rounded(finite(*n)?))),
        Val::Function(_) => out.push_str("\"\""),
        Val::Text(_) | Val::Made(_) => quote(run, value.text().unwrap_or_default(), out)?,
        Val::Array(_) | Val::List(_) => {
            let depth = deeper(depth)?;
            let items = value.items();
            let (mut empty, outer) = (true, value.flags().outer);
            if outer && let Some(only) = items.and_then(|items| items.first()) {
                return json(run, &only, out, indent, depth);
            }
            out.push('[');
            for item in items.into_iter().flat_map(|items| items.iter()) {
                if !std::mem::replace(&mut empty, false) {
                    out.push(',');
                }
                line(out, inner);
                deep(|| json(run, &item, out, inner, depth))?;
            }
            if !empty {
                line(out, indent);
            }
            out.push(']');
        }
        Val::Map(_) | Val::Record(_) => {
            let depth = deeper(depth)?;
            let mut empty = true;
            out.push('{');
            for (name, member) in value.fields().into_iter().flat_map(|fields| fields.iter()) {
                if member.is_undefined() {
                    continue;
                }
                if !std::mem::replace(&mut empty, false) {
                    out.push(',');
                }
                line(out, inner);
                quote(run, name, out)?;
                out.push_str(if indent.is_some() { ": " } else { ":" });
                deep(|| json(run, &member, out, inner, depth))?;
            }
            if !empty {
                line(out, indent);
            }
            out.push('}');
        }
    }
    Ok(())
}

fn quote(run: &Run<'_>, text: &str, out: &mut String) -> Result<(), Fault> {
    run.meter.read(text.len())?;
    room(out.len() + text.len())?;
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    Ok(())
}
