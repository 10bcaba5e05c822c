//! Errors of pictures, in the words of the reference implementation: the crate that knows pictures has other words.

use super::fault::Fault;

/// Texts that are always the same.
const FIXED: [(&str, &str); 19] = [
    ("D3001", "Attempting to invoke string function on Infinity or NaN"),
    ("D3080", "The picture string must only contain a maximum of two sub-pictures"),
    ("D3081", "The sub-picture must not contain more than one instance of the 'decimal-separator' character"),
    ("D3082", "The sub-picture must not contain more than one instance of the 'percent' character"),
    ("D3083", "The sub-picture must not contain more than one instance of the 'per-mille' character"),
    ("D3084", "The sub-picture must not contain both a 'percent' and a 'per-mille' character"),
    (
        "D3085",
        "The mantissa part of a sub-picture must contain at least one character that is either an 'optional digit character' or a member of the 'decimal digit family'",
    ),
    (
        "D3086",
        "The sub-picture must not contain a passive character that is preceded by an active character and that is followed by another active character",
    ),
    (
        "D3087",
        "The sub-picture must not contain a 'grouping-separator' character that appears adjacent to a 'decimal-separator' character",
    ),
    ("D3088", "The sub-picture must not contain a 'grouping-separator' at the end of the integer part"),
    ("D3089", "The sub-picture must not contain two adjacent instances of the 'grouping-separator' character"),
    (
        "D3090",
        "The integer part of the sub-picture must not contain a member of the 'decimal digit family' that is followed by an instance of the 'optional digit character'",
    ),
    (
        "D3091",
        "The fractional part of the sub-picture must not contain an instance of the 'optional digit character' that is followed by a member of the 'decimal digit family'",
    ),
    (
        "D3092",
        "A sub-picture that contains a 'percent' or 'per-mille' character must not contain a character treated as an 'exponent-separator'",
    ),
    (
        "D3093",
        "The exponent part of the sub-picture must comprise only of one or more characters that are members of the 'decimal digit family'",
    ),
    ("D3131", "In a decimal digit pattern, all digits must be from the same decimal group"),
    ("D3134", "The timezone integer format specifier cannot have more than four digits"),
    ("D3135", "No matching closing bracket ']' in date/time picture string"),
    ("D3136", "The date/time picture string is missing specifiers required to parse the timestamp"),
];

/// The crate's error. `value` is what the function was given.
pub(super) fn fault(message: &str, value: &str) -> Fault {
    let Some((code, text)) = split(message) else { return Fault::coded("", message) };
    if let Some((code, text)) = FIXED.iter().find(|(known, _)| *known == code) {
        return Fault::coded(code, *text);
    }
    match code {
        "D1001" => Fault::coded("D1001", "Number out of range: null"),
        "D3110" => {
            let message =
                format!("The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given {value}");
            Fault::coded("D3110", message)
        }
        "D3130" => {
            let message = format!(
                "Formatting or parsing an integer as a sequence starting with \"{text}\" is not supported by this \
                 implementation"
            );
            Fault::coded("D3130", message)
        }
        "D3132" => Fault::coded("D3132", format!("Unknown component specifier \"{text}\" in date/time picture string")),
        "D3133" => {
            let message = format!(
                "The 'name' modifier can only be applied to months and days in the date/time picture string, not \
                 \"{text}\""
            );
            Fault::coded("D3133", message)
        }
        _ => Fault::coded("", message),
    }
}

/// The code in a message, wherever it stands, and what follows it.
fn split(message: &str) -> Option<(&str, &str)> {
    let bytes = message.as_bytes();
    let at = bytes.windows(6).position(|window| {
        matches!(window, [letter, digits @ .., b':']
            if letter.is_ascii_uppercase() && digits.iter().all(u8::is_ascii_digit))
    })?;
    Some((message.get(at..at + 5)?, message.get(at + 6..)?.trim_start()))
}
