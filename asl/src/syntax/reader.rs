//! JSON text to nodes. Numbers and strings are decoded by serde_json; what is added is the place of each value,
//! which a `serde_json::Value` does not keep.

use super::jackson;
use super::node::{Member, Node, NodeKind, Span};
use super::substitute::has_placeholder;
use crate::diagnostic::{Diagnostic, code};
use std::sync::Arc;

/// Nested deeper than this, a definition is refused: every reader of the tree may then recurse.
pub(super) const MAX_DEPTH: usize = 200;

/// AWS's words for a definition that is not an object (recorded for an empty one, where it names no place).
pub(crate) const NOT_AN_OBJECT: &str = "Definition must be a valid JSON object";

/// Reads one JSON value and nothing after it.
pub(super) fn read(text: &str) -> Result<Node, Diagnostic> {
    read_value(text).map_err(|diagnostic| match jackson::complaint(text) {
        _ if text.trim().is_empty() => diagnostic.with_code(code::SCHEMA).aws_without_place(NOT_AN_OBJECT),
        Some((message, location)) => diagnostic.aws(message, &location),
        None => diagnostic,
    })
}

fn read_value(text: &str) -> Result<Node, Diagnostic> {
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0 };
    if text.starts_with('\u{feff}') {
        reader.at = 3;
    }
    reader.skip_blanks();
    if reader.peek().is_none() {
        return Err(
            reader.error("the definition is empty", "a definition is a JSON object with `StartAt` and `States`")
        );
    }
    let node = reader.value(0)?;
    reader.skip_blanks();
    match reader.peek() {
        None => Ok(node),
        Some(_) => Err(reader.error("something stands after the end of the definition", "remove it")),
    }
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// An error at the present place, underlining one character.
    fn error(&self, message: &str, help: &str) -> Diagnostic {
        let width = self.text.get(self.at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        let span = Span { start: self.at, end: self.at + width };
        Diagnostic::error(code::INVALID_JSON, "", span, message).help(help)
    }

    fn found(&self) -> String {
        match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(c) if c.is_control() => format!("found `{}`", c.escape_debug()),
            Some(c) => format!("found `{c}`"),
            None => "the text ends here".to_owned(),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, Diagnostic> {
        if depth > MAX_DEPTH {
            return Err(self
                .error(&format!("nested deeper than {MAX_DEPTH} levels"), "flatten the definition")
                .with_code(code::TOO_DEEPLY_NESTED));
        }
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => NodeKind::String(self.string()?.into()),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", NodeKind::Bool(true))?,
            Some(b'f') => self.word("false", NodeKind::Bool(false))?,
            Some(b'n') => self.word("null", NodeKind::Null)?,
            Some(b'$') => self.bare_placeholder()?,
            _ => return Err(self.error(&format!("a value is expected, {}", self.found()), VALUE_HELP)),
        };
        Ok(Node { kind, span: Span { start, end: self.at } })
    }

    fn word(&mut self, word: &str, kind: NodeKind) -> Result<NodeKind, Diagnostic> {
        if self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            self.at += word.len();
            return Ok(kind);
        }
        Err(self.error(&format!("a value is expected, {}", self.found()), VALUE_HELP))
    }

    /// `${Name}` without quotes, which SAM and CloudFormation replace before anything is read as JSON.
    fn bare_placeholder(&mut self) -> Result<NodeKind, Diagnostic> {
        let rest = self.text.get(self.at..).unwrap_or("");
        let end = rest.find('}').map(|end| end + 1);
        match end.and_then(|end| rest.get(..end)).filter(|text| has_placeholder(text)) {
            Some(text) if text.rfind("${") == Some(0) => {
                self.at += text.len();
                Ok(NodeKind::String(text.into()))
            }
            _ => Err(self.error(&format!("a value is expected, {}", self.found()), VALUE_HELP)),
        }
    }

    fn object(&mut self, depth: usize) -> Result<NodeKind, Diagnostic> {
        self.at += 1;
        let mut members = Vec::new();
        self.skip_blanks();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(NodeKind::Object(members));
        }
        loop {
            self.skip_blanks();
            let start = self.at;
            if self.peek() != Some(b'"') {
                let help =
                    if self.peek() == Some(b'}') { "remove the comma before it" } else { "names are quoted in JSON" };
                return Err(self.error(&format!("the name of a member is expected, {}", self.found()), help));
            }
            let name: Arc<str> = self.string()?.into();
            let name_span = Span { start, end: self.at };
            self.skip_blanks();
            if self.peek() != Some(b':') {
                return Err(
                    self.error(&format!("`:` is expected after a name, {}", self.found()), "write \"name\": value")
                );
            }
            self.at += 1;
            self.skip_blanks();
            let value = self.value(depth + 1)?;
            members.push(Member { name, name_span, value });
            if self.end_of_item(b'}')? {
                return Ok(NodeKind::Object(members));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<NodeKind, Diagnostic> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip_blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(NodeKind::Array(items));
        }
        loop {
            self.skip_blanks();
            items.push(self.value(depth + 1)?);
            if self.end_of_item(b']')? {
                return Ok(NodeKind::Array(items));
            }
        }
    }

    /// Reads the comma or the closing bracket after an item; true at the bracket.
    fn end_of_item(&mut self, close: u8) -> Result<bool, Diagnostic> {
        self.skip_blanks();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(false)
            }
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(true)
            }
            _ => {
                let message = format!("`,` or `{}` is expected, {}", close as char, self.found());
                Err(self.error(&message, "is a comma missing before this?"))
            }
        }
    }

    fn string(&mut self) -> Result<String, Diagnostic> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(0..0x20) => {
                    return Err(self.error(
                        "a line break or control character within a text",
                        "write it as `\\n`, `\\t` or `\\u0000`",
                    ));
                }
                Some(_) => self.at += 1,
                None => {
                    self.at = start;
                    return Err(self.error("this text has no end", "close it with `\"`"));
                }
            }
        }
        self.at += 1;
        let quoted = self.text.get(start..self.at).unwrap_or("");
        serde_json::from_str(quoted).map_err(|_| {
            let span = Span { start, end: self.at };
            Diagnostic::error(code::INVALID_JSON, "", span, "a text with an escape that JSON does not know")
                .help("JSON knows \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hexadecimal digits")
        })
    }

    fn number(&mut self) -> Result<NodeKind, Diagnostic> {
        let start = self.at;
        while matches!(self.peek(), Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')) {
            self.at += 1;
        }
        let digits = self.text.get(start..self.at).unwrap_or("");
        serde_json::from_str(digits).map(NodeKind::Number).map_err(|_| {
            let span = Span { start, end: self.at };
            Diagnostic::error(code::INVALID_JSON, "", span, format!("`{digits}` is not a JSON number"))
                .help("no leading zeros or `+`, digits on both sides of the point")
        })
    }
}

const VALUE_HELP: &str = "a value is an object, an array, a quoted text, a number, true, false or null";
