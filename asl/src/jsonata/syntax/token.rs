//! Tokens.

use super::SyntaxError;
use crate::value::Value;
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Name(Arc<str>),
    /// Without `$`.
    Variable(Arc<str>),
    /// An operator, one of the words `and`, `or` and `in` among them.
    Operator(&'static str),
    Text(Arc<str>),
    Number(f64),
    /// `null`, `true` or `false`.
    Constant(Option<bool>),
    Regex {
        pattern: Arc<str>,
        flags: Arc<str>,
    },
    End,
}

impl Token {
    /// As the texts of errors show it.
    pub(super) fn shown(&self) -> String {
        match self {
            Token::Name(text) | Token::Variable(text) | Token::Text(text) => Value::from(text.clone()).to_json(),
            Token::Operator(text) => format!("\"{text}\""),
            Token::Number(n) => super::super::number::text(*n),
            Token::Constant(None) => "null".to_owned(),
            Token::Constant(Some(value)) => value.to_string(),
            Token::Regex { .. } => "{}".to_owned(),
            Token::End => "\"(end)\"".to_owned(),
        }
    }

    /// As it is part of a signature.
    pub(super) fn written(&self) -> String {
        match self {
            Token::Name(text) | Token::Variable(text) | Token::Text(text) => text.to_string(),
            Token::Operator(text) => (*text).to_owned(),
            other => other.shown(),
        }
    }
}

/// Operators of two characters first.
const OPERATORS: [&str; 35] = [
    "..", ":=", "!=", ">=", "<=", "**", "~>", "?:", "??", ".", "[", "]", "{", "}", "(", ")", ",", "@", "#", ";", ":",
    "?", "+", "-", "*", "/", "%", "|", "=", "<", ">", "^", "&", "!", "~",
];

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}')
}

/// Whether a name ends before this.
fn ends_name(c: char) -> bool {
    is_blank(c) || ".[]{}(),@#;:?+-*/%|=<>^&!~".contains(c)
}

pub(super) struct Lexer<'s> {
    source: &'s str,
    at: usize,
}

impl<'s> Lexer<'s> {
    pub(super) fn new(source: &'s str) -> Lexer<'s> {
        Lexer { source, at: 0 }
    }

    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or("")
    }

    fn skip_blanks(&mut self) -> Result<(), SyntaxError> {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start_matches(is_blank).len();
            let Some(comment) = self.rest().strip_prefix("/*") else { return Ok(()) };
            let Some(end) = comment.find("*/") else {
                return Err(SyntaxError::new("S0106", self.at, "Comment has no closing tag"));
            };
            self.at += end + 4;
        }
    }

    /// The next token and where it begins. `infix`: a value is complete, so that `/` divides.
    pub(super) fn next(&mut self, infix: bool) -> Result<(Token, usize), SyntaxError> {
        self.skip_blanks()?;
        let start = self.at;
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok((Token::End, start)) };
        if first == '/' && !infix {
            return Ok((self.regex()?, start));
        }
        if let Some(operator) = OPERATORS.into_iter().find(|operator| rest.starts_with(operator)) {
            self.at += operator.len();
            return Ok((Token::Operator(operator), start));
        }
        let token = match first {
            '"' | '\'' => self.text(first)?,
            '0'..='9' => self.number()?,
            '`' => {
                let inner = rest.get(1..).unwrap_or("");
                let Some(end) = inner.find('`') else {
                    return Err(SyntaxError::new(
                        "S0105",
                        start,
                        "Quoted property name must be terminated with a backquote (`)",
                    ));
                };
                self.at += end + 2;
                Token::Name(inner.get(..end).unwrap_or("").into())
            }
            _ => {
                let name = rest.get(..rest.find(ends_name).unwrap_or(rest.len())).unwrap_or(rest);
                self.at += name.len();
                match name {
                    "and" => Token::Operator("and"),
                    "or" => Token::Operator("or"),
                    "in" => Token::Operator("in"),
                    "true" => Token::Constant(Some(true)),
                    "false" => Token::Constant(Some(false)),
                    "null" => Token::Constant(None),
                    name => match name.strip_prefix('$') {
                        Some(variable) => Token::Variable(variable.into()),
                        None => Token::Name(name.into()),
                    },
                }
            }
        };
        Ok((token, start))
    }

    fn number(&mut self) -> Result<Token, SyntaxError> {
        let bytes = self.rest().as_bytes();
        let digits = |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
        let is = |at: usize, any: &[u8]| bytes.get(at).is_some_and(|byte| any.contains(byte));
        let mut end = if is(0, b"0") { 1 } else { digits(0) };
        if is(end, b".") && digits(end + 1) > 0 {
            end += 1 + digits(end + 1);
        }
        if is(end, b"eE") {
            let sign = usize::from(is(end + 1, b"+-"));
            let exponent = digits(end + 1 + sign);
            if exponent > 0 {
                end += 1 + sign + exponent;
            }
        }
        let text = self.rest().get(..end).unwrap_or("");
        match text.parse::<f64>() {
            Ok(n) if n.is_finite() => {
                self.at += end;
                Ok(Token::Number(n))
            }
            _ => Err(SyntaxError::new("S0102", self.at, format!("Number out of range: \"{text}\""))),
        }
    }

    fn text(&mut self, quote: char) -> Result<Token, SyntaxError> {
        let start = self.at;
        let mut text = String::new();
        let mut characters = self.rest().char_indices().skip(1);
        while let Some((at, c)) = characters.next() {
            if c == quote {
                self.at = start + at + 1;
                return Ok(Token::Text(text.into()));
            }
            if c != '\\' {
                text.push(c);
                continue;
            }
            match characters.next() {
                Some((_, c @ ('"' | '\\' | '/'))) => text.push(c),
                Some((_, 'b')) => text.push('\u{8}'),
                Some((_, 'f')) => text.push('\u{c}'),
                Some((_, 'n')) => text.push('\n'),
                Some((_, 'r')) => text.push('\r'),
                Some((_, 't')) => text.push('\t'),
                Some((at, 'u')) => {
                    let mut unit = self.unit(start + at + 1)?;
                    characters.nth(3);
                    if (0xd800..0xdc00).contains(&unit)
                        && self.source.get(start + at + 5..start + at + 7) == Some("\\u")
                        && let Ok(low) = self.unit(start + at + 7)
                        && (0xdc00..0xe000).contains(&low)
                    {
                        characters.nth(5);
                        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                    }
                    // Half a pair is no character; a text cannot hold it.
                    text.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                Some((at, c)) => {
                    let shown = Value::from(c.to_string()).to_json();
                    return Err(SyntaxError::new(
                        "S0103",
                        start + at,
                        format!("Unsupported escape sequence: \\{shown}"),
                    ));
                }
                None => break,
            }
        }
        Err(SyntaxError::new("S0101", start, "String literal must be terminated by a matching quote"))
    }

    /// Four hexadecimal digits at this place.
    fn unit(&self, at: usize) -> Result<u32, SyntaxError> {
        let digits = self.source.get(at..at + 4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        digits
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .ok_or_else(|| SyntaxError::new("S0104", at, "The escape sequence \\u must be followed by 4 hex digits"))
    }

    fn regex(&mut self) -> Result<Token, SyntaxError> {
        let start = self.at;
        let body = self.rest().get(1..).unwrap_or("");
        let (mut depth, mut escaped) = (0_i64, false);
        for (at, c) in body.char_indices() {
            match c {
                '/' if depth == 0 && !escaped => {
                    if at == 0 {
                        return Err(SyntaxError::new("S0301", start + 1, "Empty regular expressions are not allowed"));
                    }
                    let behind = body.get(at + 1..).unwrap_or("");
                    let flags = behind.len() - behind.trim_start_matches(['i', 'm']).len();
                    self.at = start + 2 + at + flags;
                    let flags = behind.get(..flags).unwrap_or("");
                    return Ok(Token::Regex { pattern: body.get(..at).unwrap_or("").into(), flags: flags.into() });
                }
                '(' | '[' | '{' if !escaped => depth += 1,
                ')' | ']' | '}' if !escaped => depth -= 1,
                _ => {}
            }
            escaped = c == '\\' && !escaped;
        }
        Err(SyntaxError::new("S0302", start, "No terminating / in regular expression"))
    }
}
