//! Base64 and percent signs.

use super::text;
use super::write::room;
use crate::jsonata::fault::Fault;
use crate::jsonata::run::{Outcome, Run};
use crate::jsonata::value::Val;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::fmt::Write as _;

/// Reads with and without `=` at the end.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Of the text's UTF-16 units, the low byte of each: the reference implementation takes texts for bytes here.
pub(super) fn base64encode(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let Some(text) = text(arguments, 0) else { return Ok(Val::Undefined) };
    run.meter.read(2 * text.len())?;
    room(2 * text.len())?;
    let bytes: Vec<u8> = text.encode_utf16().map(|unit| (unit & 0xff) as u8).collect();
    Val::made(&run.meter, LENIENT.encode(bytes))
}

pub(super) fn base64decode(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let Some(text) = text(arguments, 0) else { return Ok(Val::Undefined) };
    run.meter.read(2 * text.len())?;
    room(2 * text.len())?;
    // What is no digit of the code is skipped, and its other alphabet understood; nothing follows a `=`.
    let digits = text.chars().take_while(|c| *c != '=').filter_map(|c| match c {
        '-' => Some('+'),
        '_' => Some('/'),
        c => (c.is_ascii_alphanumeric() || matches!(c, '+' | '/')).then_some(c),
    });
    let mut digits: String = digits.collect();
    if digits.len() % 4 == 1 {
        digits.pop();
    }
    let bytes = LENIENT.decode(digits).unwrap_or_default();
    Val::made(&run.meter, bytes.into_iter().map(char::from).collect::<String>())
}

/// What both functions leave as it is.
const PLAIN: &str = "-_.!~*'()";
/// What `$encodeUrl` leaves, too: it has a meaning in an address.
const RESERVED: &str = ";/?:@&=+$,#";

fn encode(run: &Run<'_>, arguments: &[Val], kept: &str) -> Outcome {
    let Some(text) = text(arguments, 0) else { return Ok(Val::Undefined) };
    run.meter.read(8 * text.len())?;
    room(3 * text.len())?;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || PLAIN.contains(c) || kept.contains(c) {
            out.push(c);
        } else {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                // Writing to a text cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    Val::made(&run.meter, out)
}

pub(super) fn encode_url(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    encode(run, arguments, RESERVED)
}

pub(super) fn encode_url_component(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    encode(run, arguments, "")
}

fn decode(run: &Run<'_>, arguments: &[Val], function: &str, kept: &str) -> Outcome {
    let Some(text) = text(arguments, 0) else { return Ok(Val::Undefined) };
    run.meter.read(8 * text.len())?;
    room(text.len())?;
    match decoded(text, kept) {
        Some(out) => Val::made(&run.meter, out),
        None => {
            let shown = crate::Value::from(text).to_json();
            Err(Fault::coded("D3140", format!("Malformed URL passed to ${function}(): {shown}")))
        }
    }
}

fn decoded(text: &str, kept: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let byte = |at: usize| {
        let digits = text.get(at..at + 3)?.strip_prefix('%')?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        u8::from_str_radix(digits, 16).ok()
    };
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(first) = bytes.get(at) {
        if *first != b'%' {
            let c = text.get(at..)?.chars().next()?;
            out.push(c);
            at += c.len_utf8();
            continue;
        }
        let first = byte(at)?;
        let length = match first {
            0..0x80 => 1,
            0xc0..0xe0 => 2,
            0xe0..0xf0 => 3,
            0xf0..0xf8 => 4,
            _ => return None,
        };
        let encoded = (0..length).map(|number| byte(at + 3 * number)).collect::<Option<Vec<u8>>>()?;
        let c = std::str::from_utf8(&encoded).ok()?.chars().next()?;
        if kept.contains(c) {
            out.push_str(text.get(at..at + 3)?);
        } else {
            out.push(c);
        }
        at += 3 * length;
    }
    Some(out)
}

pub(super) fn decode_url(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    decode(run, arguments, "decodeUrl", RESERVED)
}

pub(super) fn decode_url_component(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    decode(run, arguments, "decodeUrlComponent", "")
}
