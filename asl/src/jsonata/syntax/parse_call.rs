//! Calls and function definitions.

use super::super::signature::Signature;
use super::SyntaxError;
use super::parse::{Parser, Raw, RawKind, raw};
use super::token::Token;

impl Parser<'_> {
    /// What follows `(` behind a value.
    pub(super) fn call(&mut self, procedure: Raw, at: usize) -> Result<Raw, SyntaxError> {
        let mut arguments = Vec::new();
        let mut places = Vec::new();
        while !self.is(")") || !arguments.is_empty() {
            places.push(self.at);
            if self.is("?") {
                self.advance(false)?;
                arguments.push(None);
            } else {
                arguments.push(Some(self.expression(0)?));
            }
            if !self.is(",") {
                break;
            }
            self.advance(false)?;
        }
        self.expect(")", true)?;
        match &procedure.kind {
            RawKind::Leaf(Token::Name(name)) if matches!(&**name, "function" | "\u{3bb}") => {
                self.lambda(arguments, &places, procedure.at)
            }
            _ => {
                let at = if matches!(procedure.kind, RawKind::Leaf(_)) { procedure.at } else { at };
                raw(RawKind::Call(Box::new(procedure), arguments), at)
            }
        }
    }

    fn lambda(&mut self, arguments: Vec<Option<Raw>>, places: &[usize], at: usize) -> Result<Raw, SyntaxError> {
        let mut parameters = Vec::with_capacity(arguments.len());
        for (number, (argument, place)) in arguments.into_iter().zip(places).enumerate() {
            let Some(RawKind::Leaf(Token::Variable(name))) = argument.map(|argument| argument.kind) else {
                let message =
                    format!("Parameter {} of function definition must be a variable name (start with $)", number + 1);
                return Err(SyntaxError::new("S0208", *place, message));
            };
            parameters.push(self.symbol(&name));
        }
        let mut signature = None;
        if self.is("<") {
            signature = Some(self.signature()?);
        }
        self.expect("{", false)?;
        let body = Box::new(self.expression(0)?);
        self.expect("}", false)?;
        raw(RawKind::Lambda { parameters, signature, body }, at)
    }

    fn signature(&mut self) -> Result<Signature, SyntaxError> {
        let start = self.at;
        let mut text = "<".to_owned();
        let mut depth = 1_usize;
        while depth > 0 && !self.is("{") && self.token != Token::End {
            self.advance(false)?;
            if self.is(">") {
                depth -= 1;
            } else if self.is("<") {
                depth += 1;
            }
            text += &self.token.written();
        }
        self.expect(">", false)?;
        Signature::parse(&text).map_err(|error| SyntaxError::new(error.code, start + error.offset, error.message))
    }
}
