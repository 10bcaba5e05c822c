//! Text to words.

use super::{MAX_LENGTH, wrong};
use crate::error::Result;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A name as written: an attribute, a function or a keyword.
    Word(String),
    /// `#name`
    Name(String),
    /// `:value`
    Value(String),
    /// An index in brackets.
    Number(usize),
    /// `=`, `<>`, `(` and so on.
    Sign(&'static str),
}

const SIGNS: [&str; 15] = ["<>", "<=", ">=", "=", "<", ">", "(", ")", ",", ".", "[", "]", "+", "-", ":"];

pub(super) fn tokens(text: &str) -> Result<Vec<Token>> {
    if text.len() > MAX_LENGTH {
        return wrong(format_args!("it is longer than {MAX_LENGTH} bytes"));
    }
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '#' | ':' => {
                let length = 1 + word_length(rest.get(1..).unwrap_or_default());
                if length == 1 {
                    return wrong(format_args!("`{first}` without a name"));
                }
                let word = rest.get(..length).unwrap_or_default().to_owned();
                (if first == '#' { Token::Name(word) } else { Token::Value(word) }, length)
            }
            '0'..='9' => {
                let length = rest.bytes().take_while(u8::is_ascii_digit).count();
                match rest.get(..length).unwrap_or_default().parse() {
                    Ok(n) => (Token::Number(n), length),
                    Err(_) => return wrong("an index is too large"),
                }
            }
            c if c.is_ascii_alphabetic() || c == '_' => {
                let length = word_length(rest);
                (Token::Word(rest.get(..length).unwrap_or_default().to_owned()), length)
            }
            other => match SIGNS.into_iter().find(|s| rest.starts_with(s)) {
                Some(sign) => (Token::Sign(sign), sign.len()),
                None => return wrong(format_args!("`{}` has no meaning in it", other.escape_debug())),
            },
        };
        tokens.push(token);
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    Ok(tokens)
}

fn word_length(text: &str) -> usize {
    text.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count()
}
