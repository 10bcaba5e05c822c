//! Where a syntax error is: the library does not say.

use super::error::JsonataError;
use super::expression::tree;
use super::messages;

/// Longer texts are not searched for the place: their errors are at the start.
const MAX_SEARCHED: usize = 4_000;

pub(super) fn located(source: &str, message: String) -> JsonataError {
    let offset = offset(source, &message);
    let (code, message) = messages::syntax(&message);
    JsonataError { code, message, help: None, offset }
}

/// The library reads from left to right and stops at the first error. So the error is at the end of the shortest
/// beginning of the text that has it, too; and an error about the end of the text is there. A text, name or comment
/// without an end begins where the longest beginning without that error ends.
fn offset(source: &str, message: &str) -> usize {
    if source.len() > MAX_SEARCHED {
        return 0;
    }
    let code = |text: &str| tree(text).err().map(|message| kind(&message));
    let wanted = kind(message);
    let ends = || source.char_indices().map(|(at, _)| at);
    if ["S0203", "S0207"].contains(&wanted.as_str()) {
        return source.trim_end().len();
    }
    if ["S0101", "S0105", "S0106", "S0302"].contains(&wanted.as_str()) {
        let before =
            ends().rev().find(|end| source.get(..*end).is_some_and(|text| code(text).as_ref() != Some(&wanted)));
        return before.unwrap_or(0);
    }
    let mut last = 0;
    for end in ends().skip(1) {
        if source.get(..end).is_some_and(|text| code(text).as_ref() == Some(&wanted)) {
            return last;
        }
        last = end;
    }
    last
}

fn kind(message: &str) -> String {
    let (code, text) = messages::syntax(message);
    if code.is_empty() { text } else { code }
}
