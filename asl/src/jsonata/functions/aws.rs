//! The functions that Step Functions adds to JSONata.

use super::{at, number, text};
use crate::jsonata::draws::Draws;
use crate::jsonata::fault::{Fault, What};
use crate::jsonata::run::{Outcome, Run};
use crate::jsonata::value::{Building, Flags, Val};
use crate::value::Value;
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

/// Items that `$range` may make.
const MAX_RANGE: usize = 1_000;

fn failed(message: impl Into<String>) -> Fault {
    Fault::coded("D3141", message)
}

/// A number without its fraction; it has to be there.
fn whole(arguments: &[Val], place: usize) -> Result<f64, Fault> {
    match number(arguments, place) {
        Some(n) if n.is_finite() => Ok(n.floor()),
        _ => Err(Fault::argument("T0410", place + 1, What::Type)),
    }
}

/// Parts of this many items. A value that is no list is a list of one.
pub(super) fn partition(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let list = at(arguments, 0);
    let Some(items) = list.items() else { return Ok(Val::Undefined) };
    let size = whole(arguments, 1)?;
    if size < 1.0 {
        return Err(failed("The second argument of the partition function must be a positive number"));
    }
    // At least 1, and no more than there are.
    let size = size.min(items.len().max(1) as f64) as usize;
    let mut parts = Building::new(&run.meter)?;
    for start in (0..items.len()).step_by(size) {
        run.meter.step(1 + size)?;
        let part = (start..items.len().min(start + size)).filter_map(|place| items.get(place));
        let part = Building::of(&run.meter, part)?;
        parts.push(part.with(Flags { cons: true, ..Flags::default() }))?;
    }
    Ok(parts.list())
}

/// From the first to the last number, both included. A sequence: one item alone is that item.
pub(super) fn range(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    if arguments.iter().take(3).any(Val::is_undefined) {
        return Ok(Val::Undefined);
    }
    let (first, last, step) = (whole(arguments, 0)?, whole(arguments, 1)?, whole(arguments, 2)?);
    if step == 0.0 {
        return Err(failed("The third argument of the range function must not be 0"));
    }
    let count = ((last - first) / step).floor() + 1.0;
    if count > MAX_RANGE as f64 {
        return Err(failed(format!("The range function must not make more than {MAX_RANGE} items")));
    }
    // At most the bound.
    let numbers = (0..count.max(0.0) as usize).map(|n| Val::Number(first + n as f64 * step));
    run.meter.step(count.max(0.0) as usize)?;
    Ok(Building::of(&run.meter, numbers)?.sequence())
}

/// Of the text in UTF-8, as `States.Hash`.
pub(super) fn hash(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let Some(data) = text(arguments, 0) else { return Ok(Val::Undefined) };
    let Some(algorithm) = text(arguments, 1) else { return Err(Fault::argument("T0410", 2, What::Type)) };
    run.meter.read(8 * data.len() + 1_000)?;
    let data = data.as_bytes();
    let digest = match algorithm {
        "MD5" => Md5::digest(data).to_vec(),
        "SHA-1" => Sha1::digest(data).to_vec(),
        "SHA-256" => Sha256::digest(data).to_vec(),
        "SHA-384" => Sha384::digest(data).to_vec(),
        "SHA-512" => Sha512::digest(data).to_vec(),
        other => return Err(failed(format!("Unknown algorithm \"{other}\" for the hash function"))),
    };
    Val::made(&run.meter, digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// The value of a JSON text.
pub(super) fn parse(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let Some(text) = text(arguments, 0) else { return Ok(Val::Undefined) };
    run.meter.read(32 * text.len())?;
    let value = Value::parse(text)
        .map_err(|error| failed(format!("The argument of the parse function is not JSON: {error}")))?;
    // Held like everything else that is made: the text stands for what the value takes.
    super::basic::copy_in(run, &value)
}

/// At least 0, below 1. With a seed always the same.
pub(super) fn random(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    Ok(Val::Number(match number(arguments, 0) {
        None => run.draws.borrow_mut().fraction(),
        Some(seed) => Draws::new(seed.to_bits(), 0).fraction(),
    }))
}

pub(super) fn uuid(run: &Run<'_>, _: &[Val]) -> Outcome {
    let uuid = run.draws.borrow_mut().uuid();
    Val::made(&run.meter, uuid)
}
