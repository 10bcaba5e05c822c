//! The guard functions that `guard` writes into a tree.

use super::functions::{Shared, coded, room};
use super::meter::{self, MAX_DISTINCT, MAX_MATCHES, MAX_PAD, MAX_SEQUENCE, MAX_TEXT, Meter, Pending};
use jsonata_core::evaluator::{Evaluator, EvaluatorError};
use jsonata_core::functions::string::build_regex;
use jsonata_core::value::{JArray, JValue};
use std::collections::HashSet;
use std::rc::Rc;

type Outcome = Result<JValue, EvaluatorError>;
type Watch = fn(&Shared, &[JValue]) -> Outcome;

/// All of them.
const WATCHES: [(&str, Watch); 19] = [
    ("!concat", concat),
    ("!distinct", distinct),
    ("!from", from),
    ("!in", replace_in),
    ("!integer", integer),
    ("!join", join),
    ("!join1", join_one),
    ("!joined", joined),
    ("!kept", kept),
    ("!made", made),
    ("!matched", matched),
    ("!padded", padded),
    ("!pattern", pattern),
    ("!picture", picture),
    ("!replacement", replacement),
    ("!string", string),
    ("!to", to),
    ("!width", width),
    ("!width1", width_alone),
];

/// The guard function of this name.
pub(super) fn register(evaluator: &mut Evaluator, name: &str, shared: &Rc<Shared>) -> Result<(), EvaluatorError> {
    let Some((_, run)) = WATCHES.iter().find(|(watch, _)| *watch == name) else { return Ok(()) };
    let shared = Rc::clone(shared);
    evaluator.register_fn(name, move |args: &[JValue]| run(&shared, args))
}

fn first(args: &[JValue]) -> JValue {
    args.first().cloned().unwrap_or(JValue::Undefined)
}

fn made(shared: &Shared, args: &[JValue]) -> Outcome {
    let value = first(args);
    shared.meter.made(&value)?;
    Ok(value)
}

fn kept(shared: &Shared, args: &[JValue]) -> Outcome {
    let value = first(args);
    let known = shared.known.borrow();
    if !known.contains(&value) {
        shared.meter.kept(&value, &|part| known.contains(part))?;
    }
    Ok(value)
}

fn concat(shared: &Shared, args: &[JValue]) -> Outcome {
    let mut text = String::new();
    for arg in args {
        match arg {
            JValue::String(part) => text.push_str(part),
            JValue::Undefined => {}
            other => {
                Meter::written(other, &mut MAX_TEXT.clone())?;
                if let JValue::String(part) = jsonata_core::functions::string::string(other, None)? {
                    text.push_str(&part);
                }
            }
        }
        room(text.len())?;
    }
    let text = JValue::string(text);
    shared.meter.made(&text)?;
    Ok(text)
}

fn string(_: &Shared, args: &[JValue]) -> Outcome {
    let value = first(args);
    Meter::written(&value, &mut MAX_TEXT.clone())?;
    Ok(value)
}

fn padded(shared: &Shared, args: &[JValue]) -> Outcome {
    let text = first(args);
    let characters = text.as_str().map_or(0, |text| text.chars().count());
    shared.meter.pending.borrow_mut().push(Pending::Pad(characters));
    Ok(text)
}

/// How many characters `$pad` adds.
fn width(shared: &Shared, args: &[JValue]) -> Outcome {
    let width = first(args);
    if let Some(Pending::Pad(characters)) = shared.meter.pending.borrow_mut().pop()
        && let JValue::Number(n) = width
        && n.abs() - characters as f64 > MAX_PAD as f64
    {
        return Err(meter::exceeded());
    }
    Ok(width)
}

/// The same, where the text is the context.
fn width_alone(_: &Shared, args: &[JValue]) -> Outcome {
    match first(args) {
        JValue::Number(n) if n.abs() > MAX_PAD as f64 => Err(meter::exceeded()),
        width => Ok(width),
    }
}

fn from(shared: &Shared, args: &[JValue]) -> Outcome {
    shared.meter.pending.borrow_mut().push(Pending::RangeFrom(args.first().and_then(JValue::as_f64)));
    Ok(first(args))
}

fn to(shared: &Shared, args: &[JValue]) -> Outcome {
    let from = shared.meter.pending.borrow_mut().pop();
    if let (Some(Pending::RangeFrom(Some(from))), Some(JValue::Number(to))) = (from, args.first()) {
        let count = to - from + 1.0;
        if count > 1e7 {
            return Err(coded(
                "D2014",
                format_args!(
                    "The size of the sequence allocated by the range operator (..) must not exceed 1e6.  Attempted \
                     to allocate {count}."
                ),
            ));
        }
        if count > MAX_SEQUENCE as f64 {
            return Err(meter::exceeded());
        }
        if count > 0.0 {
            shared.meter.range(count as usize)?;
        }
    }
    Ok(first(args))
}

fn measure_texts(list: &JValue) -> (usize, usize) {
    match list {
        JValue::Array(items) => {
            (items.len(), items.iter().filter_map(JValue::as_str).fold(0, |sum, text| sum.saturating_add(text.len())))
        }
        JValue::String(text) => (1, text.len()),
        _ => (0, 0),
    }
}

fn join_one(_: &Shared, args: &[JValue]) -> Outcome {
    let list = first(args);
    room(measure_texts(&list).1)?;
    Ok(list)
}

fn join(shared: &Shared, args: &[JValue]) -> Outcome {
    let list = first(args);
    let (count, bytes) = measure_texts(&list);
    shared.meter.pending.borrow_mut().push(Pending::Join(count, bytes));
    Ok(list)
}

fn joined(shared: &Shared, args: &[JValue]) -> Outcome {
    let separator = first(args);
    if let Some(Pending::Join(count, bytes)) = shared.meter.pending.borrow_mut().pop() {
        room(bytes.saturating_add(count.saturating_mul(measure_texts(&separator).1)))?;
    }
    Ok(separator)
}

fn replace_in(shared: &Shared, args: &[JValue]) -> Outcome {
    let text = first(args);
    shared.meter.pending.borrow_mut().push(Pending::ReplaceIn(text.as_rc_str().cloned()));
    Ok(text)
}

fn pattern(shared: &Shared, args: &[JValue]) -> Outcome {
    let pattern = first(args);
    let mut pending = shared.meter.pending.borrow_mut();
    if let Some(Pending::ReplaceIn(text)) = pending.pop() {
        pending.push(Pending::ReplacePattern(text, pattern.clone()));
    }
    Ok(pattern)
}

/// A match is an object with a function in it: large.
fn matched(shared: &Shared, args: &[JValue]) -> Outcome {
    let pattern = first(args);
    if let (Some(Pending::ReplaceIn(Some(text))), JValue::Regex { pattern, flags }) =
        (shared.meter.pending.borrow_mut().pop(), &pattern)
        && text.len() > MAX_MATCHES
        && build_regex(pattern, flags).is_ok_and(|regex| regex.find_iter(&text).nth(MAX_MATCHES).is_some())
    {
        return Err(meter::exceeded());
    }
    Ok(pattern)
}

/// Counts what `$replace` will make, where it could be much.
fn replacement(shared: &Shared, args: &[JValue]) -> Outcome {
    let replacement = first(args);
    let asked = shared.meter.pending.borrow_mut().pop();
    let (Some(Pending::ReplacePattern(Some(text), pattern)), JValue::String(with)) = (asked, &replacement) else {
        return Ok(replacement);
    };
    if (text.len() + 1).saturating_mul(with.len()) <= MAX_TEXT / 4 {
        return Ok(replacement);
    }
    let found = match &pattern {
        JValue::String(part) if !part.is_empty() => text.matches(&**part).count(),
        JValue::Regex { pattern, flags } => {
            build_regex(pattern, flags).map_or(text.len(), |regex| regex.find_iter(&text).count())
        }
        _ => 0,
    };
    let groups = with.bytes().filter(|byte| *byte == b'$').count();
    let bytes = found.saturating_mul(with.len()).saturating_add((groups + 1).saturating_mul(text.len()));
    room(bytes)?;
    Ok(replacement)
}

fn integer(shared: &Shared, args: &[JValue]) -> Outcome {
    let number = args.first().and_then(JValue::as_f64).unwrap_or(0.0);
    shared.meter.pending.borrow_mut().push(Pending::Integer(number));
    Ok(first(args))
}

/// Roman numerals are as long as the number is large; words of huge numbers are thousands of thousands.
fn picture(shared: &Shared, args: &[JValue]) -> Outcome {
    let picture = first(args);
    if let Some(Pending::Integer(number)) = shared.meter.pending.borrow_mut().pop() {
        let text = picture.as_str().unwrap_or("");
        let limit = match text.chars().next() {
            Some('I' | 'i') => 1e7,
            _ => 1e120,
        };
        if number.abs() > limit || text.len() > 10_000 {
            return Err(meter::exceeded());
        }
    }
    Ok(picture)
}

/// Takes repeated scalars out, so that the comparison of each with each is left with few.
fn distinct(_: &Shared, args: &[JValue]) -> Outcome {
    let value = first(args);
    let JValue::Array(list) = &value else { return Ok(value) };
    if list.len() < 64 {
        return Ok(value);
    }
    let mut texts: HashSet<&str, foldhash::fast::RandomState> = HashSet::default();
    let mut numbers: HashSet<u64, foldhash::fast::RandomState> = HashSet::default();
    let items: Vec<JValue> = list
        .iter()
        .filter(|item| match item {
            JValue::String(text) => texts.insert(text),
            JValue::Number(n) => numbers.insert((n + 0.0).to_bits()),
            _ => true,
        })
        .cloned()
        .collect();
    if items.len() > MAX_DISTINCT {
        return Err(meter::exceeded());
    }
    if items.len() == list.len() {
        return Ok(value);
    }
    let kept: JArray = list.with_items(items);
    Ok(JValue::Array(kept))
}
