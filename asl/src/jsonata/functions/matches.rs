//! Functions that look for a text, a pattern or what a function of the author finds.

use super::write::room;
use super::{at, number};
use crate::jsonata::fault::Fault;
use crate::jsonata::function::{Callable, Function};
use crate::jsonata::pattern::Pattern;
use crate::jsonata::run::{Outcome, Run};
use crate::jsonata::value::{Building, Forming, Val};
use std::sync::Arc;

/// Units of UTF-16 in this text: how the reference implementation counts places.
fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The byte at which this many units of UTF-16 end.
fn byte_at(text: &str, wanted: usize) -> usize {
    let mut counted = 0;
    for (at, c) in text.char_indices() {
        if counted >= wanted {
            return at;
        }
        counted += c.len_utf16();
    }
    text.len()
}

/// Something that was found.
struct Hit {
    /// Bytes.
    start: usize,
    end: usize,
    /// Units of UTF-16.
    index: usize,
    matched: Val,
    groups: Val,
    /// What a function of the author gave.
    record: Option<Val>,
}

/// What looks for the next one.
enum Search<'s> {
    Regex { pattern: &'s Arc<Pattern>, text: &'s str, from: usize, units: usize, first: bool },
    Function { text: &'s str, next: Option<Val> },
}

impl<'s> Search<'s> {
    fn new(run: &Run<'_>, matcher: &'s Val, value: &Val, text: &'s str) -> Result<Search<'s>, Fault> {
        if let Val::Function(function) = matcher
            && let Callable::Regex(pattern) = function.kind()
        {
            return Ok(Search::Regex { pattern, text, from: 0, units: 0, first: true });
        }
        let first = run.apply(matcher, vec![value.clone()], &Val::Null)?;
        Ok(Search::Function { text, next: Some(first) })
    }

    fn next(&mut self, run: &Run<'_>) -> Result<Option<Hit>, Fault> {
        match self {
            Search::Regex { pattern, text, from, units: counted, first } => {
                let is_first = std::mem::replace(first, false);
                if !is_first && *from >= text.len() {
                    return Ok(None);
                }
                let Some(found) = pattern.find(text, *from, &run.meter)? else { return Ok(None) };
                if !is_first && found.start == found.end {
                    return Err(Fault::coded("D1004", "Regular expression matches zero length string"));
                }
                let slice = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
                let index = *counted + units(slice(*from, found.start));
                *counted = index + units(slice(found.start, found.end));
                *from = found.end;
                let groups = groups(run, text, &found.groups)?;
                let matched = Val::made(&run.meter, slice(found.start, found.end))?;
                Ok(Some(Hit { start: found.start, end: found.end, index, matched, groups, record: None }))
            }
            Search::Function { text, next } => {
                let Some(record) = next.take() else { return Ok(None) };
                let hit = checked(&record)?;
                let Some(fields) = hit else { return Ok(None) };
                let get = |name: &str| fields.fields().and_then(|fields| fields.get(name)).unwrap_or(Val::Undefined);
                let follow = get("next");
                if let Val::Function(_) = follow {
                    *next = Some(run.apply(&follow, Vec::new(), &Val::Null)?);
                }
                let place = |name: &str| get(name).number().map_or(0, |n| n.max(0.0) as usize);
                let (start, matched) = (place("start"), get("match"));
                run.meter.read(2 * text.len())?;
                let from = byte_at(text, start);
                let until = matched.text().map_or(from, |matched| (from + matched.len()).min(text.len()));
                Ok(Some(Hit {
                    start: from,
                    end: until,
                    index: start,
                    matched,
                    groups: get("groups"),
                    record: Some(record),
                }))
            }
        }
    }
}

/// What a function of the author found: nothing, or an object that says where.
fn checked(found: &Val) -> Result<Option<&Val>, Fault> {
    if found.is_undefined() {
        return Ok(None);
    }
    let get = |name: &str| found.fields().and_then(|fields| fields.get(name));
    let fits = get("start").is_some_and(|start| start.number().is_some())
        || get("end").is_some_and(|end| end.number().is_some())
        || get("groups").is_some_and(|groups| groups.is_list())
        || get("next").is_some_and(|next| matches!(next, Val::Function(_)));
    if fits { Ok(Some(found)) } else { Err(Fault::matcher()) }
}

fn groups(run: &Run<'_>, text: &str, groups: &[Option<(usize, usize)>]) -> Outcome {
    let mut list = Building::new(&run.meter)?;
    for group in groups {
        list.push(match group.and_then(|(start, end)| text.get(start..end)) {
            Some(part) => Val::made(&run.meter, part)?,
            None => Val::Undefined,
        })?;
    }
    Ok(list.list())
}

/// What a pattern gives that is called like a function: the match at or behind a place and a function for the next.
pub(in crate::jsonata) fn next_match(
    run: &Run<'_>,
    pattern: &Arc<Pattern>,
    value: &Val,
    from: usize,
    first: bool,
) -> Outcome {
    let Some(text) = value.text() else { return Ok(Val::Undefined) };
    run.meter.read(2 * text.len())?;
    let from = if first { byte_at(text, from) } else { from };
    if !first && from >= text.len() {
        return Ok(Val::Undefined);
    }
    let Some(found) = pattern.find(text, from, &run.meter)? else { return Ok(Val::Undefined) };
    if !first && found.start == found.end {
        return Err(Fault::coded("D1004", "Regular expression matches zero length string"));
    }
    let start = units(text.get(..found.start).unwrap_or_default());
    let matched = text.get(found.start..found.end).unwrap_or_default();
    let mut object = Forming::new(&run.meter)?;
    object.insert("match".into(), Val::made(&run.meter, matched)?)?;
    object.insert("start".into(), Val::Number(start as f64))?;
    object.insert("end".into(), Val::Number((start + units(matched)) as f64))?;
    object.insert("groups".into(), groups(run, text, &found.groups)?)?;
    let next = Callable::Next { pattern: Arc::clone(pattern), text: value.clone(), from: found.end };
    object.insert("next".into(), Function::value(&run.meter, next)?)?;
    Ok(object.record())
}

pub(super) fn contains(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let (value, token) = (at(arguments, 0), at(arguments, 1));
    let Some(whole) = value.text() else { return Ok(Val::Undefined) };
    run.meter.read(whole.len())?;
    if let Some(part) = token.text() {
        return Ok(Val::Bool(whole.contains(part)));
    }
    if token.is_undefined() {
        return Ok(Val::Undefined);
    }
    if let Val::Function(function) = &token
        && let Callable::Regex(pattern) = function.kind()
    {
        return Ok(Val::Bool(pattern.find(whole, 0, &run.meter)?.is_some()));
    }
    let found = run.apply(&token, vec![value.clone()], &Val::Null)?;
    Ok(Val::Bool(checked(&found)?.is_some()))
}

/// How many may be found: all, or as many as this argument says.
fn limit(arguments: &[Val], place: usize, code: &'static str, message: &str) -> Result<f64, Fault> {
    match number(arguments, place) {
        Some(n) if n < 0.0 => Err(Fault::coded(code, message)),
        Some(n) => Ok(n),
        None => Ok(f64::INFINITY),
    }
}

pub(super) fn find_all(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let (value, matcher) = (at(arguments, 0), at(arguments, 1));
    let Some(whole) = value.text() else { return Ok(Val::Undefined) };
    let limit = limit(arguments, 2, "D3040", "Third argument of match function must evaluate to a positive number")?;
    let mut results = Building::new(&run.meter)?;
    if limit <= 0.0 {
        return Ok(results.sequence());
    }
    let mut search = Search::new(run, &matcher, &value, whole)?;
    while (results.len() as f64) < limit
        && let Some(hit) = search.next(run)?
    {
        let mut object = Forming::new(&run.meter)?;
        object.insert("match".into(), hit.matched)?;
        object.insert("index".into(), Val::Number(hit.index as f64))?;
        object.insert("groups".into(), hit.groups)?;
        results.push(object.record())?;
    }
    Ok(results.sequence())
}

pub(super) fn split(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let (value, separator) = (at(arguments, 0), at(arguments, 1));
    let Some(whole) = value.text() else { return Ok(Val::Undefined) };
    let limit = limit(arguments, 2, "D3020", "Third argument of split function must evaluate to a positive number")?;
    let mut parts = Building::new(&run.meter)?;
    let add = |parts: &mut Building, part: &str| -> Result<(), Fault> {
        run.meter.step(1)?;
        parts.push(Val::made(&run.meter, part)?)
    };
    if limit <= 0.0 {
        return Ok(parts.list());
    }
    if let Some(separator) = separator.text() {
        run.meter.read(whole.len())?;
        let limit = limit.trunc();
        if separator.is_empty() {
            let mut buffer = [0; 4];
            for c in whole.chars() {
                if parts.len() as f64 >= limit {
                    break;
                }
                add(&mut parts, c.encode_utf8(&mut buffer))?;
            }
            return Ok(parts.list());
        }
        for part in whole.split(separator) {
            if parts.len() as f64 >= limit {
                break;
            }
            add(&mut parts, part)?;
        }
        return Ok(parts.list());
    }
    let mut search = Search::new(run, &separator, &value, whole)?;
    let mut start = 0;
    while (parts.len() as f64) < limit {
        let Some(hit) = search.next(run)? else {
            add(&mut parts, whole.get(start..).unwrap_or_default())?;
            break;
        };
        add(&mut parts, whole.get(start..hit.start).unwrap_or_default())?;
        start = hit.end;
    }
    Ok(parts.list())
}

pub(super) fn replace(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let (value, pattern, replacement) = (at(arguments, 0), at(arguments, 1), at(arguments, 2));
    let Some(whole) = value.text() else { return Ok(Val::Undefined) };
    if pattern.text() == Some("") {
        return Err(Fault::coded("D3010", "Second argument of replace function cannot be an empty string"));
    }
    let limit = limit(arguments, 3, "D3011", "Fourth argument of replace function must evaluate to a positive number")?;
    if limit <= 0.0 {
        return Ok(value);
    }
    let mut out = String::new();
    let add = |out: &mut String, part: &str| -> Result<(), Fault> {
        run.meter.read(64 + part.len())?;
        room(out.len() + part.len())?;
        out.push_str(part);
        Ok(())
    };
    let (mut start, mut count) = (0, 0.0);
    let slice = |from: usize, to: usize| whole.get(from..to).unwrap_or_default();
    if let Some(part) = pattern.text() {
        let with = replacement.text().ok_or_else(not_a_text)?;
        run.meter.read(whole.len())?;
        for (place, _) in whole.match_indices(part) {
            if count >= limit {
                break;
            }
            add(&mut out, slice(start, place))?;
            add(&mut out, with)?;
            start = place + part.len();
            count += 1.0;
        }
        add(&mut out, slice(start, whole.len()))?;
        return Val::made(&run.meter, out);
    }
    let mut search = Search::new(run, &pattern, &value, whole)?;
    while count < limit
        && let Some(hit) = search.next(run)?
    {
        add(&mut out, slice(start, hit.start))?;
        match replacement.text() {
            Some(with) => {
                run.meter.step(with.len() / 2)?;
                add(&mut out, &substituted(with, &hit))?;
            }
            None => {
                let record = match &hit.record {
                    Some(record) => record.clone(),
                    None => record(run, whole, &hit, &pattern)?,
                };
                let with = run.apply(&replacement, vec![record], &Val::Null)?;
                add(&mut out, with.text().ok_or_else(not_a_text)?)?;
            }
        }
        start = hit.end;
        count += 1.0;
    }
    add(&mut out, slice(start, whole.len()))?;
    Val::made(&run.meter, out)
}

fn not_a_text() -> Fault {
    Fault::coded("D3012", "Attempted to replace a matched string with a non-string value")
}

/// What a function that makes the replacement is given.
fn record(run: &Run<'_>, text: &str, hit: &Hit, matcher: &Val) -> Outcome {
    let mut object = Forming::new(&run.meter)?;
    object.insert("match".into(), hit.matched.clone())?;
    object.insert("start".into(), Val::Number(hit.index as f64))?;
    let length = units(text.get(hit.start..hit.end).unwrap_or_default());
    object.insert("end".into(), Val::Number((hit.index + length) as f64))?;
    object.insert("groups".into(), hit.groups.clone())?;
    if let Val::Function(function) = matcher
        && let Callable::Regex(pattern) = function.kind()
    {
        let next = Callable::Next { pattern: pattern.clone(), text: Val::made(&run.meter, text)?, from: hit.end };
        object.insert("next".into(), Function::value(&run.meter, next)?)?;
    }
    Ok(object.record())
}

/// The replacement with `$0`, `$1` … filled in.
fn substituted(with: &str, hit: &Hit) -> String {
    let groups = hit.groups.items();
    let count = groups.map_or(0, |groups| groups.len());
    let most = if count == 0 { 1 } else { count.ilog10() as usize + 1 };
    let mut out = String::new();
    let mut rest = with;
    while let Some((before, behind)) = rest.split_once('$') {
        out.push_str(before);
        rest = behind;
        if let Some(behind) = rest.strip_prefix('$') {
            out.push('$');
            rest = behind;
            continue;
        }
        if let Some(behind) = rest.strip_prefix('0') {
            out.push_str(hit.matched.text().unwrap_or_default());
            rest = behind;
            continue;
        }
        let digits = |most: usize| rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let read = |digits: usize| rest.get(..digits).and_then(|digits| digits.parse::<usize>().ok());
        let mut index = read(digits(most));
        if most > 1 && index.is_some_and(|index| index > count) {
            index = read(digits(most - 1));
        }
        match index {
            Some(index) => {
                let group = index.checked_sub(1).and_then(|at| groups?.get(at));
                out.push_str(group.as_ref().and_then(Val::text).unwrap_or_default());
                rest = rest.get(index.to_string().len()..).unwrap_or_default();
            }
            None => out.push('$'),
        }
    }
    out + rest
}
