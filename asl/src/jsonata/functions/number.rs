//! Functions of numbers.

use super::{at, finite, number as argument};
use crate::jsonata::fault::Fault;
use crate::jsonata::number as written;
use crate::jsonata::run::{Outcome, Run};
use crate::jsonata::value::Val;

/// A function of one number.
fn apply(arguments: &[Val], function: impl FnOnce(f64) -> f64) -> Outcome {
    Ok(argument(arguments, 0).map_or(Val::Undefined, |n| Val::Number(function(n))))
}

pub(super) fn abs(_: &Run<'_>, arguments: &[Val]) -> Outcome {
    apply(arguments, f64::abs)
}

pub(super) fn floor(_: &Run<'_>, arguments: &[Val]) -> Outcome {
    apply(arguments, f64::floor)
}

pub(super) fn ceil(_: &Run<'_>, arguments: &[Val]) -> Outcome {
    apply(arguments, f64::ceil)
}

pub(super) fn sqrt(_: &Run<'_>, arguments: &[Val]) -> Outcome {
    match argument(arguments, 0) {
        Some(n) if n < 0.0 => {
            let n = written::text(n);
            Err(Fault::coded("D3060", format!("The sqrt function cannot be applied to a negative number: {n}")))
        }
        _ => apply(arguments, f64::sqrt),
    }
}

pub(super) fn power(_: &Run<'_>, arguments: &[Val]) -> Outcome {
    let Some(base) = argument(arguments, 0) else { return Ok(Val::Undefined) };
    let exponent = argument(arguments, 1).unwrap_or(f64::NAN);
    let result = if base.abs() == 1.0 && exponent.is_infinite() { f64::NAN } else { base.powf(exponent) };
    if result.is_finite() {
        return Ok(Val::Number(result));
    }
    let shown = |n: f64| if n.is_nan() { "undefined".to_owned() } else { written::text(n) };
    Err(Fault::coded(
        "D3061",
        format!(
            "The power function has resulted in a value that cannot be represented as a JSON number: base={}, \
             exponent={}",
            shown(base),
            shown(exponent)
        ),
    ))
}

pub(super) fn round(_: &Run<'_>, arguments: &[Val]) -> Outcome {
    let precision = argument(arguments, 1).unwrap_or(0.0);
    apply(arguments, |n| rounded(n, precision))
}

/// The number with its decimal point moved.
fn shifted(n: f64, by: f64) -> f64 {
    let text = written::text(n);
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent = exponent.parse::<f64>().unwrap_or(0.0) + by;
    format!("{digits}e{exponent}").parse().unwrap_or(f64::NAN)
}

/// Rounded half to even, to this many decimals.
fn rounded(n: f64, precision: f64) -> f64 {
    let moved = if precision == 0.0 { n } else { shifted(n, precision) };
    let mut result = (moved + 0.5).floor();
    // The sum above may have been rounded itself.
    if result - moved > 0.5 {
        result -= 1.0;
    }
    if (result - moved).abs() == 0.5 && (result % 2.0).abs() == 1.0 {
        result -= 1.0;
    }
    if precision != 0.0 {
        result = shifted(result, -precision);
    }
    if result == 0.0 { 0.0 } else { result }
}

fn fold(run: &Run<'_>, arguments: &[Val], function: impl Fn(f64, f64) -> f64) -> Result<Option<(f64, usize)>, Fault> {
    let list = at(arguments, 0);
    let Some(items) = list.items() else { return Ok(None) };
    run.meter.step(items.len() / 4)?;
    let mut numbers = items.iter().filter_map(|item| item.number());
    let Some(first) = numbers.next() else { return Ok(None) };
    Ok(Some((numbers.fold(first, function), items.len())))
}

pub(super) fn sum(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    if !at(arguments, 0).is_list() {
        return Ok(Val::Undefined);
    }
    Ok(Val::Number(fold(run, arguments, |a, b| a + b)?.map_or(0.0, |(sum, _)| sum)))
}

pub(super) fn average(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let sum = fold(run, arguments, |a, b| a + b)?;
    Ok(sum.map_or(Val::Undefined, |(sum, count)| Val::Number(sum / count as f64)))
}

pub(super) fn max(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    Ok(fold(run, arguments, f64::max)?.map_or(Val::Undefined, |(n, _)| Val::Number(n)))
}

pub(super) fn min(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    Ok(fold(run, arguments, f64::min)?.map_or(Val::Undefined, |(n, _)| Val::Number(n)))
}

/// The number that a value is or a text says.
pub(super) fn number(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let value = at(arguments, 0);
    let number = match &value {
        Val::Undefined => return Ok(Val::Undefined),
        Val::Number(n) => Some(*n),
        Val::Bool(b) => Some(f64::from(u8::from(*b))),
        value => value.text().and_then(read),
    };
    number.map(Val::Number).ok_or_else(|| {
        let shown = super::shown(run, &value);
        Fault::coded("D3030", format!("Unable to cast value to a number: {shown}"))
    })
}

fn read(text: &str) -> Option<f64> {
    let radix = |digits: &str, radix: u32| {
        let mut n = 0.0_f64;
        for digit in digits.chars() {
            n = n * f64::from(radix) + f64::from(digit.to_digit(radix)?);
        }
        (!digits.is_empty()).then_some(n)
    };
    match text.get(..2) {
        Some("0x" | "0X") => return radix(text.get(2..)?, 16),
        Some("0o" | "0O") => return radix(text.get(2..)?, 8),
        Some("0b" | "0B") => return radix(text.get(2..)?, 2),
        _ => {}
    }
    let bytes = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = digits(0);
    if end == 0 {
        return None;
    }
    if bytes.get(end) == Some(&b'.') {
        let fraction = digits(end + 1);
        if fraction == 0 {
            return None;
        }
        end += 1 + fraction;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent == 0 {
            return None;
        }
        end += 1 + sign + exponent;
    }
    if end != bytes.len() {
        return None;
    }
    text.parse::<f64>().ok().filter(|n| n.is_finite())
}

/// A whole number in another base.
pub(super) fn format_base(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let Some(value) = argument(arguments, 0) else { return Ok(Val::Undefined) };
    let value = rounded(finite(value)?, 0.0);
    let radix = argument(arguments, 1).map_or(10.0, |radix| rounded(radix, 0.0));
    if !(2.0..=36.0).contains(&radix) {
        let radix = written::text(radix);
        let message = format!("The radix of the formatBase function must be between 2 and 36.  It was given {radix}");
        return Err(Fault::coded("D3100", message));
    }
    if radix == 10.0 || value.abs() >= 2f64.powi(126) {
        return Val::made(&run.meter, written::text(value));
    }
    // Between 2 and 36, and below 2^126.
    let (radix, mut left) = (radix as u32, value.abs() as u128);
    let mut digits = Vec::new();
    while left > 0 || digits.is_empty() {
        digits.extend(char::from_digit((left % u128::from(radix)) as u32, radix));
        left /= u128::from(radix);
    }
    if value < 0.0 {
        digits.push('-');
    }
    Val::made(&run.meter, digits.iter().rev().collect::<String>())
}
