//! Functions of texts.

use super::call::Arguments;
use super::error::Refusal;
use super::template::Template;
use crate::Value;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// Characters that `Base64Encode`, `Base64Decode` and `Hash` take (AWS's developer guide).
const MAX_CHARACTERS: usize = 10_000;

/// Like Java's decoder: padding may be missing.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Numbers, objects and arrays are printed as Java prints them: `{a=1, b=[]}` (recorded).
pub(super) fn format(arguments: &Arguments<'_>) -> Result<Value, Refusal> {
    let values = arguments.all().get(1..).unwrap_or_default();
    let text = match arguments.template() {
        Some(template) => template.fill(values)?,
        None => Template::of_text(arguments.text(0)?).fill(values)?,
    };
    Ok(text.into())
}

/// The second argument is a set of characters; empty parts are dropped (recorded).
pub(super) fn split(arguments: &Arguments<'_>) -> Result<Value, Refusal> {
    let (text, separators) = (arguments.text(0)?, arguments.text(1)?);
    let parts = text.split(|c| separators.contains(c)).filter(|part| !part.is_empty());
    Ok(Value::array(parts.map(Value::from).collect()))
}

pub(super) fn base64_encode(arguments: &Arguments<'_>) -> Result<Value, Refusal> {
    Ok(BASE64.encode(bounded(arguments.text(0)?)?).into())
}

pub(super) fn base64_decode(arguments: &Arguments<'_>) -> Result<Value, Refusal> {
    let text = bounded(arguments.text(0)?)?;
    let bytes = BASE64.decode(text).map_err(|e| Refusal::new(format!("argument 1 is not Base64: {e}")))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned().into())
}

/// Of the text in UTF-8; any other value is hashed as its JSON text.
pub(super) fn hash(arguments: &Arguments<'_>) -> Result<Value, Refusal> {
    let data = match arguments.value(0)? {
        Value::String(text) => text.to_string(),
        other => other.to_json(),
    };
    let data = bounded(&data)?.as_bytes();
    let digest = match arguments.text(1)? {
        "MD5" => Md5::digest(data).to_vec(),
        "SHA-1" => Sha1::digest(data).to_vec(),
        "SHA-256" => Sha256::digest(data).to_vec(),
        "SHA-384" => Sha384::digest(data).to_vec(),
        "SHA-512" => Sha512::digest(data).to_vec(),
        other => return Err(Refusal::new(format!("unknown algorithm '{other}'"))),
    };
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into())
}

/// Java counts a character beyond the basic plane as two.
fn bounded(text: &str) -> Result<&str, Refusal> {
    if text.encode_utf16().count() > MAX_CHARACTERS {
        return Err(Refusal::new(format!("argument 1 has more than {MAX_CHARACTERS} characters")));
    }
    Ok(text)
}
