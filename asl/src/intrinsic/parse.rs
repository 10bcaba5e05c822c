//! Reading a call.

use super::call::{Argument, Call, Intrinsic};
use super::error::IntrinsicError;
use super::table::{FUNCTIONS, Signature};
use super::template::Template;
use crate::Value;
use crate::path::Path;

/// Functions within functions that AWS allows (AWS's developer guide).
const MAX_NESTING: usize = 10;

pub(super) fn intrinsic(text: &str) -> Result<Intrinsic, IntrinsicError> {
    let mut parser = Parser { text, at: 0 };
    parser.blanks();
    let call = parser.call(1)?;
    parser.blanks();
    if !parser.rest().is_empty() {
        return Err(parser.error("unexpected text after the call"));
    }
    Ok(Intrinsic { source: text.into(), call })
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }
    fn error(&self, message: impl Into<String>) -> IntrinsicError {
        IntrinsicError::new(self.at, message)
    }
    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\n', '\r']).len();
    }
    fn take(&mut self, symbol: char) -> bool {
        let there = self.rest().starts_with(symbol);
        if there {
            self.at += symbol.len_utf8();
        }
        there
    }

    fn call(&mut self, level: usize) -> Result<Call, IntrinsicError> {
        let start = self.at;
        if level > MAX_NESTING {
            return Err(self.error(format!("intrinsic functions are nested more than {MAX_NESTING} deep")));
        }
        let word = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
        let length = self.rest().find(|c| !word(c)).unwrap_or(self.rest().len());
        let name = self.rest().get(..length).unwrap_or_default();
        let Some(function) = FUNCTIONS.iter().find(|f| f.name() == name) else {
            return Err(unknown(start, name));
        };
        self.at += length;
        if !self.take('(') {
            return Err(self.error(format!("expected `(` after `{name}`")));
        }
        let mut arguments = Vec::new();
        let mut template = None;
        self.blanks();
        if !self.take(')') {
            loop {
                self.blanks();
                let (argument, text) = self.argument(level)?;
                if arguments.is_empty() && name == "States.Format" {
                    template = text;
                }
                arguments.push(argument);
                self.blanks();
                if self.take(')') {
                    break;
                }
                if !self.take(',') {
                    return Err(self.error("expected `,` or `)`"));
                }
            }
        }
        count(function, arguments.len(), start)?;
        Ok(Call { function, arguments, template })
    }

    /// One argument; for a text in quotes also what it is as a template.
    fn argument(&mut self, level: usize) -> Result<(Argument, Option<Template>), IntrinsicError> {
        match self.rest().chars().next() {
            Some('\'') => {
                let (text, template) = self.quoted()?;
                Ok((Argument::Literal(text.into()), Some(template)))
            }
            Some('$') => Ok((Argument::Path(self.path()?), None)),
            Some('"') => {
                let error = self.error("texts are written in single quotes");
                Err(error.with_help("write `'text'`"))
            }
            Some('-' | '0'..='9') => Ok((Argument::Literal(self.number()?), None)),
            Some('S') => Ok((Argument::Call(self.call(level + 1)?), None)),
            _ => {
                for (word, value) in [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Null)]
                {
                    if let Some(after) = self.rest().strip_prefix(word)
                        && !after.starts_with(|c: char| c.is_alphanumeric() || c == '_')
                    {
                        self.at += word.len();
                        return Ok((Argument::Literal(value), None));
                    }
                }
                let help =
                    "an argument is a text in single quotes, a number, `true`, `false`, `null`, a path or a call";
                Err(self.error("expected an argument").with_help(help))
            }
        }
    }

    /// A text in single quotes. The only escapes are `\'`, `\{`, `\}` and `\\`; AWS refuses any other when the state
    /// machine is created (recorded for `\"`).
    fn quoted(&mut self) -> Result<(String, Template), IntrinsicError> {
        let start = self.at;
        let mut text = String::new();
        let mut template = Template::builder();
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '\'' => {
                    self.at += at + 1;
                    return Ok((text, template.finish()));
                }
                '\\' => match chars.next() {
                    Some((_, next @ ('\'' | '{' | '}' | '\\'))) => {
                        text.push(next);
                        template.plain(next);
                    }
                    Some((_, next)) => {
                        let error = IntrinsicError::new(start + at, format!("unknown escape `\\{next}`"));
                        return Err(error.with_help("escapes in a text are `\\'`, `\\{`, `\\}` and `\\\\`"));
                    }
                    None => break,
                },
                _ => {
                    text.push(c);
                    template.unescaped(c);
                }
            }
        }
        Err(IntrinsicError::new(start, "the closing `'` is missing"))
    }

    /// A path: up to the `,` or `)` that does not belong to it.
    fn path(&mut self) -> Result<Path, IntrinsicError> {
        let (mut brackets, mut parentheses) = (0_usize, 0_usize);
        let mut quote = None;
        let mut escaped = false;
        let mut end = self.rest().len();
        for (at, c) in self.rest().char_indices() {
            match (quote, c) {
                (Some(_), _) if escaped => escaped = false,
                (Some(_), '\\') => escaped = true,
                (Some(q), c) if c == q => quote = None,
                (Some(_), _) => {}
                (None, '\'' | '"') if brackets > 0 => quote = Some(c),
                (None, '[') => brackets += 1,
                (None, ']') => brackets = brackets.saturating_sub(1),
                (None, '(') => parentheses += 1,
                (None, ')') if parentheses > 0 => parentheses -= 1,
                (None, ',' | ')') if brackets == 0 => {
                    end = at;
                    break;
                }
                _ => {}
            }
        }
        let text = self.rest().get(..end).unwrap_or_default();
        let trimmed = text.trim_end_matches([' ', '\t', '\n', '\r']);
        let path = Path::parse(trimmed).map_err(|e| {
            let error = IntrinsicError::new(self.at + e.offset(), e.message());
            match e.help() {
                Some(help) => error.with_help(help),
                None => error,
            }
        })?;
        self.at += trimmed.len();
        Ok(path)
    }

    fn number(&mut self) -> Result<Value, IntrinsicError> {
        let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        let length = self.rest().find(|c| !part(c)).unwrap_or(self.rest().len());
        let text = self.rest().get(..length).unwrap_or_default();
        match Value::parse(text) {
            Ok(value @ Value::Number(_)) => {
                self.at += length;
                Ok(value)
            }
            _ => Err(self.error(format!("`{text}` is not a number"))),
        }
    }
}

fn count(function: &Signature, given: usize, offset: usize) -> Result<(), IntrinsicError> {
    let (least, most) = (function.least(), function.most());
    if given >= least && most.is_none_or(|most| given <= most) {
        return Ok(());
    }
    let wanted = match most {
        Some(most) if most == least => format!("{least}"),
        Some(most) => format!("{least} to {most}"),
        None => format!("at least {least}"),
    };
    let plural = if wanted == "1" || wanted == "at least 1" { "argument" } else { "arguments" };
    let message = format!("`{}` takes {wanted} {plural}, but is given {given}", function.name());
    let usage = format!("usage: `{}({})`", function.name(), function.parameters());
    Err(IntrinsicError::new(offset, message).with_help(usage))
}

fn unknown(offset: usize, name: &str) -> IntrinsicError {
    if name.is_empty() {
        return IntrinsicError::new(offset, "expected an intrinsic function");
    }
    let error = IntrinsicError::new(offset, format!("unknown intrinsic function `{name}`"));
    match crate::did_you_mean(name, FUNCTIONS.iter().map(Signature::name)) {
        Some(near) => error.with_help(format!("did you mean `{near}`?")),
        None => {
            let names: Vec<&str> = FUNCTIONS.iter().map(Signature::name).collect();
            error.with_help(format!("intrinsic functions: {}", names.join(", ")))
        }
    }
}
