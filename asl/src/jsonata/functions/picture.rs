//! Numbers and times by pictures. The pictures are the work of the crate `jsonata-core`; what it would take from a
//! clock is given to it.

use super::{at, number, text};
use crate::jsonata::fault::Fault;
use crate::jsonata::messages;
use crate::jsonata::run::{Outcome as Found, Run};
use crate::jsonata::value::Val;
use jsonata_core::ast::AstNode;
use jsonata_core::evaluator::{Context, Evaluator};
use jsonata_core::value::JValue;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

/// Bytes of a picture.
const MAX_PICTURE: usize = 1_000;
/// Larger numbers are not written as words or letters: they grow without end.
const MAX_WORDED: f64 = 1e120;
/// The same in Roman digits.
const MAX_ROMAN: f64 = 1e5;
/// What one of these functions costs.
const STEPS: usize = 200;

/// A call of the crate, parsed once.
struct Call(Option<AstNode>);

impl Call {
    fn new(source: &str) -> Call {
        Call(jsonata_core::parser::parse(source).ok())
    }

    fn run(&self, run: &Run<'_>, arguments: [JValue; 3]) -> Found {
        run.meter.step(STEPS)?;
        let Some(tree) = &self.0 else { return Ok(Val::Undefined) };
        let shown = match arguments.first() {
            Some(JValue::String(text)) => crate::Value::from(&**text).to_json(),
            _ => String::new(),
        };
        let mut context = Context::new();
        for (name, argument) in ["a", "b", "c"].into_iter().zip(arguments) {
            context.bind(name.to_owned(), argument);
        }
        let mut evaluator = Evaluator::with_context(context);
        // The crate is known not to panic on what was tried; if it does, the execution fails and not the process.
        let outcome = catch_unwind(AssertUnwindSafe(|| evaluator.evaluate(tree, &JValue::Undefined)));
        match outcome {
            Ok(Ok(JValue::Number(n))) => Ok(Val::Number(n)),
            Ok(Ok(JValue::String(text))) => Val::made(&run.meter, &*text),
            Ok(Ok(_)) => Ok(Val::Undefined),
            Ok(Err(error)) => Err(messages::fault(error.message(), &shown)),
            Err(_) => Err(Fault::coded("D3136", "The picture could not be used")),
        }
    }
}

fn given(arguments: &[Val], place: usize) -> JValue {
    match arguments.get(place) {
        Some(Val::Number(n)) => JValue::Number(*n),
        Some(value) => value.text().map_or(JValue::Undefined, JValue::string),
        None => JValue::Undefined,
    }
}

fn check_picture(arguments: &[Val], place: usize) -> Result<(), Fault> {
    if text(arguments, place).is_some_and(|picture| picture.len() > MAX_PICTURE) { Err(Fault::Memory) } else { Ok(()) }
}

pub(super) fn format_number(run: &Run<'_>, arguments: &[Val]) -> Found {
    let Some(n) = number(arguments, 0) else { return Ok(Val::Undefined) };
    check_picture(arguments, 1)?;
    run.meter.step(STEPS)?;
    let options = at(arguments, 2);
    let options = options.fields().map(|fields| {
        let members = fields.iter().take(32);
        JValue::object(
            members
                .map(|(name, value)| (name.to_string(), value.text().map_or(JValue::Undefined, JValue::string)))
                .collect(),
        )
    });
    let picture = text(arguments, 1).unwrap_or_default();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        jsonata_core::functions::numeric::format_number(n, picture, options.as_ref())
    }));
    match outcome {
        Ok(Ok(JValue::String(text))) => Val::made(&run.meter, &*text),
        Ok(Ok(_)) => Ok(Val::Undefined),
        Ok(Err(error)) => Err(messages::fault(&error.to_string(), "")),
        Err(_) => Err(Fault::coded("D3085", "The picture could not be used")),
    }
}

pub(super) fn format_integer(run: &Run<'_>, arguments: &[Val]) -> Found {
    static CALL: LazyLock<Call> = LazyLock::new(|| Call::new("$formatInteger($a, $b)"));
    let Some(n) = number(arguments, 0) else { return Ok(Val::Undefined) };
    check_picture(arguments, 1)?;
    let bound = match text(arguments, 1).and_then(|picture| picture.chars().next()) {
        Some('I' | 'i') => MAX_ROMAN,
        _ => MAX_WORDED,
    };
    if n.abs() > bound {
        return Err(Fault::Memory);
    }
    CALL.run(run, [given(arguments, 0), given(arguments, 1), JValue::Undefined])
}

pub(super) fn parse_integer(run: &Run<'_>, arguments: &[Val]) -> Found {
    static CALL: LazyLock<Call> = LazyLock::new(|| Call::new("$parseInteger($a, $b)"));
    let Some(digits) = text(arguments, 0) else { return Ok(Val::Undefined) };
    check_picture(arguments, 0)?;
    check_picture(arguments, 1)?;
    run.meter.read(64 * digits.len())?;
    if digits.is_empty() {
        let roman = text(arguments, 1).is_some_and(|picture| picture.starts_with(['I', 'i']));
        return Ok(Val::Number(if roman { 0.0 } else { f64::NAN }));
    }
    CALL.run(run, [given(arguments, 0), given(arguments, 1), JValue::Undefined])
}

pub(super) fn from_millis(run: &Run<'_>, arguments: &[Val]) -> Found {
    static CALL: LazyLock<Call> = LazyLock::new(|| Call::new("$fromMillis($a, $b, $c)"));
    if number(arguments, 0).is_none() {
        return Ok(Val::Undefined);
    }
    check_picture(arguments, 1)?;
    check_picture(arguments, 2)?;
    CALL.run(run, [given(arguments, 0), given(arguments, 1), given(arguments, 2)])
}

/// The time of the evaluation, as ISO 8601 or in a picture.
pub(super) fn now(run: &Run<'_>, arguments: &[Val]) -> Found {
    if at(arguments, 0).is_undefined() && at(arguments, 1).is_undefined() {
        return Val::made(&run.meter, run.now.to_string());
    }
    let millis = Val::Number(run.now.as_millis() as f64);
    from_millis(run, &[millis, at(arguments, 0), at(arguments, 1)])
}

pub(super) fn to_millis(run: &Run<'_>, arguments: &[Val]) -> Found {
    static CALL: LazyLock<Call> = LazyLock::new(|| Call::new("$toMillis($a, $b)"));
    let Some(time) = text(arguments, 0) else { return Ok(Val::Undefined) };
    check_picture(arguments, 0)?;
    check_picture(arguments, 1)?;
    let Some(picture) = text(arguments, 1) else {
        return CALL.run(run, [JValue::string(time), JValue::Undefined, JValue::Undefined]);
    };
    // What a picture leaves out in front is taken from the time of the evaluation.
    let (missing_picture, missing) = missing(picture, &run.now.to_string());
    let time = JValue::string(missing + time);
    CALL.run(run, [time, JValue::string(missing_picture + picture), JValue::Undefined])
}

/// A picture of what this one leaves out before its first part, and the time `now` in it.
fn missing(picture: &str, now: &str) -> (String, String) {
    let parts: Vec<char> = picture
        .replace("[[", "")
        .split('[')
        .skip(1)
        .filter_map(|part| part.split(']').next()?.trim_start().chars().next())
        .collect();
    let has = |any: &str| parts.iter().any(|part| any.contains(*part));
    if parts.is_empty() || has("YXxWwF") {
        return (String::new(), String::new());
    }
    let cut = |to: usize| now.get(..to).unwrap_or_default().to_owned() + " ";
    if has("Md") {
        ("[Y0001] ".to_owned(), cut(4))
    } else if has("D") {
        ("[Y0001]-[M01] ".to_owned(), cut(7))
    } else if has("Hh") {
        ("[Y0001]-[M01]-[D01] ".to_owned(), cut(10))
    } else if has("m") {
        ("[Y0001]-[M01]-[D01]T[H01] ".to_owned(), cut(13))
    } else if has("s") {
        ("[Y0001]-[M01]-[D01]T[H01]:[m01] ".to_owned(), cut(16))
    } else if has("f") {
        ("[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01] ".to_owned(), cut(19))
    } else {
        (String::new(), String::new())
    }
}
