//! The functions that Step Functions adds to JSONata, and those whose result must not depend on chance or clock.

use super::convert::Known;
use super::draws::Draws;
use super::meter::{self, Meter};
use crate::Timestamp;
use crate::value::Value;
use jsonata_core::evaluator::{Evaluator, EvaluatorError};
use jsonata_core::value::JValue;
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};
use std::cell::RefCell;
use std::rc::Rc;

/// Items that `$range` may make.
const MAX_RANGE: usize = 1_000;

/// Functions of JSONata 2.0 itself.
const STANDARD: [&str; 63] = [
    "abs",
    "append",
    "assert",
    "average",
    "base64decode",
    "base64encode",
    "boolean",
    "ceil",
    "clone",
    "contains",
    "count",
    "decodeUrl",
    "decodeUrlComponent",
    "distinct",
    "each",
    "encodeUrl",
    "encodeUrlComponent",
    "error",
    "exists",
    "filter",
    "floor",
    "formatBase",
    "formatInteger",
    "formatNumber",
    "fromMillis",
    "join",
    "keys",
    "length",
    "lookup",
    "lowercase",
    "map",
    "match",
    "max",
    "merge",
    "millis",
    "min",
    "not",
    "now",
    "number",
    "pad",
    "parseInteger",
    "power",
    "random",
    "reduce",
    "replace",
    "reverse",
    "round",
    "shuffle",
    "sift",
    "single",
    "sort",
    "split",
    "spread",
    "sqrt",
    "string",
    "substring",
    "substringAfter",
    "substringBefore",
    "sum",
    "toMillis",
    "trim",
    "type",
    "uppercase",
];

/// Functions that are ours: those of Step Functions, and standard ones with a source of time or chance.
const OURS: [&str; 9] = ["hash", "millis", "now", "parse", "partition", "random", "range", "shuffle", "uuid"];

/// Whether a function has this name (without `$`).
pub fn is_function(name: &str) -> bool {
    name == "zip" || STANDARD.binary_search(&name).is_ok() || OURS.contains(&name)
}

/// Names of all functions, without `$`, in no order: for suggestions.
pub fn function_names() -> impl Iterator<Item = &'static str> {
    STANDARD.into_iter().chain(["zip"]).chain(OURS.into_iter().filter(|name| STANDARD.binary_search(name).is_err()))
}

/// Whether a function draws from the environment.
pub(super) fn draws(name: &str) -> bool {
    matches!(name, "random" | "shuffle" | "uuid")
}

/// What the functions of one evaluation share.
pub(super) struct Shared {
    pub(super) meter: Meter,
    pub(super) known: Rc<RefCell<Known>>,
    pub(super) draws: RefCell<Draws>,
    pub(super) now: Timestamp,
}

type Outcome = Result<JValue, EvaluatorError>;

/// A function of ours of this name.
pub(super) fn register(evaluator: &mut Evaluator, name: &str, shared: &Rc<Shared>) -> Result<(), EvaluatorError> {
    let shared = Rc::clone(shared);
    match name {
        "hash" => evaluator.register_fn(name, hash),
        "parse" => evaluator.register_fn(name, parse),
        "partition" => evaluator.register_fn(name, partition),
        "range" => evaluator.register_fn(name, range),
        "random" => evaluator.register_fn_override(name, move |args: &[JValue]| random(args, &shared)),
        "uuid" => evaluator.register_fn(name, move |args: &[JValue]| match args {
            [] => Ok(JValue::string(shared.draws.borrow_mut().uuid())),
            _ => Err(argument(1, "uuid")),
        }),
        "shuffle" => evaluator.register_fn_override(name, move |args: &[JValue]| match args {
            [JValue::Array(list)] => {
                let mut items = list.to_vec();
                shared.draws.borrow_mut().shuffle(&mut items);
                Ok(JValue::array(items))
            }
            [JValue::Undefined] => Ok(JValue::Undefined),
            [other] => Ok(JValue::array(vec![other.clone()])),
            _ => Err(argument(1, "shuffle")),
        }),
        "now" => evaluator.register_fn_override(name, move |args: &[JValue]| now(args, &shared)),
        "millis" => {
            let millis = shared.now.as_millis() as f64;
            evaluator.register_fn_override(name, move |_: &[JValue]| Ok(JValue::Number(millis)))
        }
        _ => Ok(()),
    }
}

pub(super) fn coded(code: &str, message: impl std::fmt::Display) -> EvaluatorError {
    EvaluatorError::EvaluationError(format!("{code}: {message}"))
}

fn argument(index: usize, function: &str) -> EvaluatorError {
    coded("T0410", format_args!("Argument {index} of function \"{function}\" does not match function signature"))
}

fn whole(args: &[JValue], at: usize, function: &str) -> Result<f64, EvaluatorError> {
    match args.get(at) {
        Some(JValue::Number(n)) if n.is_finite() => Ok(n.floor()),
        _ => Err(argument(at + 1, function)),
    }
}

/// Parts of this many items. A value that is no list is a list of one.
fn partition(args: &[JValue]) -> Outcome {
    if args.len() > 2 {
        return Err(argument(3, "partition"));
    }
    let single;
    let items = match args.first() {
        None | Some(JValue::Undefined) => return Ok(JValue::Undefined),
        Some(JValue::Array(list)) => list.as_slice(),
        Some(other) => {
            single = [other.clone()];
            &single
        }
    };
    let size = whole(args, 1, "partition")?;
    if size < 1.0 {
        return Err(coded("D3141", "The second argument of the partition function must be a positive number"));
    }
    let size = if size >= items.len() as f64 { items.len().max(1) } else { size as usize };
    Ok(JValue::array(items.chunks(size).map(|part| JValue::cons(part.to_vec())).collect()))
}

/// From the first to the last number, both included. A sequence: one item alone is that item.
fn range(args: &[JValue]) -> Outcome {
    if args.len() > 3 {
        return Err(argument(4, "range"));
    }
    if args.iter().any(JValue::is_undefined) {
        return Ok(JValue::Undefined);
    }
    let (first, last, step) = (whole(args, 0, "range")?, whole(args, 1, "range")?, whole(args, 2, "range")?);
    if step == 0.0 {
        return Err(coded("D3141", "The third argument of the range function must not be 0"));
    }
    let count = ((last - first) / step).floor() + 1.0;
    if count > MAX_RANGE as f64 {
        return Err(coded("D3141", format_args!("The range function must not make more than {MAX_RANGE} items")));
    }
    let items = (0..count.max(0.0) as usize).map(|n| JValue::Number(first + n as f64 * step)).collect();
    Ok(JValue::sequence(items).unwrap_sequence())
}

/// Of the text in UTF-8, as `States.Hash`.
fn hash(args: &[JValue]) -> Outcome {
    if args.len() > 2 {
        return Err(argument(3, "hash"));
    }
    let data = match args.first() {
        Some(JValue::Undefined) => return Ok(JValue::Undefined),
        Some(JValue::String(text)) => text.as_bytes(),
        _ => return Err(argument(1, "hash")),
    };
    let Some(JValue::String(algorithm)) = args.get(1) else { return Err(argument(2, "hash")) };
    let digest = match &**algorithm {
        "MD5" => Md5::digest(data).to_vec(),
        "SHA-1" => Sha1::digest(data).to_vec(),
        "SHA-256" => Sha256::digest(data).to_vec(),
        "SHA-384" => Sha384::digest(data).to_vec(),
        "SHA-512" => Sha512::digest(data).to_vec(),
        other => return Err(coded("D3141", format_args!("Unknown algorithm \"{other}\" for the hash function"))),
    };
    Ok(JValue::string(digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}

/// The value of a JSON text.
fn parse(args: &[JValue]) -> Outcome {
    match args {
        [JValue::Undefined] => Ok(JValue::Undefined),
        [JValue::String(text)] => match Value::parse(text) {
            Ok(value) => Ok(Known::default().value_in(&value)),
            Err(error) => Err(coded("D3141", format_args!("The argument of the parse function is not JSON: {error}"))),
        },
        [] | [_] => Err(argument(1, "parse")),
        _ => Err(argument(2, "parse")),
    }
}

/// At least 0, below 1. With a seed always the same.
fn random(args: &[JValue], shared: &Shared) -> Outcome {
    match args {
        [] | [JValue::Undefined] => Ok(JValue::Number(shared.draws.borrow_mut().fraction())),
        [JValue::Number(seed)] => Ok(JValue::Number(Draws::new(seed.to_bits(), 0).fraction())),
        [_] => Err(argument(1, "random")),
        _ => Err(argument(2, "random")),
    }
}

/// The time of the evaluation, as ISO 8601 or in a picture.
fn now(args: &[JValue], shared: &Shared) -> Outcome {
    if args.is_empty() {
        return Ok(JValue::string(shared.now.to_string()));
    }
    let tree = jsonata_core::parser::parse("$fromMillis($millis, $picture, $zone)")
        .map_err(|error| coded("D1001", error.to_string()))?;
    let mut context = jsonata_core::evaluator::Context::new();
    context.bind("millis".to_owned(), JValue::Number(shared.now.as_millis() as f64));
    context.bind("picture".to_owned(), args.first().cloned().unwrap_or(JValue::Undefined));
    context.bind("zone".to_owned(), args.get(1).cloned().unwrap_or(JValue::Undefined));
    Evaluator::with_context(context).evaluate(&tree, &JValue::Undefined)
}

/// Whether an evaluation may not go on: what a function made, or is about to make, is too much.
pub(super) fn room(bytes: usize) -> Result<(), EvaluatorError> {
    if bytes > meter::MAX_TEXT { Err(meter::exceeded()) } else { Ok(()) }
}

/// Whether a function of this name is one that [`register`] gives.
pub(super) fn is_ours(name: &str) -> bool {
    OURS.contains(&name)
}
