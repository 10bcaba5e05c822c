//! A definition's text and its tree.

use super::align;
use super::node::{Node, Span};
use super::{reader, yaml};
use crate::diagnostic::Diagnostic;
use std::sync::Arc;

/// What a definition is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON, as Step Functions takes it.
    Json,
    /// YAML 1.2, as SAM projects write it.
    Yaml,
}

impl Format {
    /// The format that a file's name tells, or else the one that its text looks like.
    pub fn of(file: &str, text: &str) -> Format {
        let ending = file.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        match ending.as_deref() {
            Some("json" | "asl") if looks_like_json(text) => Format::Json,
            Some("yaml" | "yml") => Format::Yaml,
            Some("json") => Format::Json,
            _ if looks_like_json(text) => Format::Json,
            _ => Format::Yaml,
        }
    }
}

/// Whether the first character is one with which a JSON value begins.
fn looks_like_json(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    text.is_empty() || text.starts_with(['{', '[', '"'])
}

/// A definition's text and its tree.
#[derive(Debug, Clone)]
pub struct Document {
    text: Arc<str>,
    format: Format,
    root: Node,
}

impl Document {
    /// Reads a JSON text. Errors: one diagnostic with the place where the text stops being JSON.
    pub fn parse(text: &str) -> Result<Document, Diagnostic> {
        let root = reader::read(text)?;
        Ok(Document { text: text.into(), format: Format::Json, root })
    }

    /// Reads a YAML text: YAML 1.2 with its core schema, and CloudFormation's `!Sub`, `!GetAtt` and `!Ref`, which
    /// become `${…}` placeholders. Errors: one diagnostic with the place.
    pub fn parse_yaml(text: &str) -> Result<Document, Diagnostic> {
        let root = yaml::read(text)?;
        Ok(Document { text: text.into(), format: Format::Yaml, root })
    }

    /// Reads the text of a file, as JSON or as YAML by the file's name.
    pub fn read(file: &str, text: &str) -> Result<Document, Diagnostic> {
        match Format::of(file, text) {
            Format::Json => Document::parse(text),
            Format::Yaml => Document::parse_yaml(text),
        }
    }

    /// The text as it was given.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// What it is written in.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The outermost value.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// The outermost value, to change it.
    pub(super) fn root_mut(&mut self) -> &mut Node {
        &mut self.root
    }

    /// Where a part of a text value stands in the source: bytes `from` up to `to` of the value of this node, escapes
    /// and folded lines counted as written. The whole node where that cannot be told, as after a substitution.
    pub fn span_within(&self, node: &Node, from: usize, to: usize) -> Span {
        let Some(decoded) = node.as_str() else { return node.span };
        align::part(&self.text, node.span, decoded, from, to).unwrap_or(node.span)
    }

    /// Whether a value stood in the source as a bare `${Name}`, without quotes: then it is not only a text.
    pub(super) fn is_bare(text: &str, span: Span) -> bool {
        text.get(span.start..).is_some_and(|rest| rest.starts_with("${"))
    }

    /// Whether this text value came from a `${Name}` in quotes.
    pub(crate) fn is_substituted(&self, node: &Node) -> bool {
        let source = self.text.get(node.span.start..node.span.end).unwrap_or("");
        super::has_placeholder(source) && !node.as_str().is_some_and(|text| super::has_placeholder(text))
    }
}
