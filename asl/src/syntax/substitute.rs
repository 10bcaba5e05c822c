//! `${Name}` placeholders, as SAM and CDK write them, in any text of a definition.

use super::document::{Document, Format};
use super::node::{Node, NodeKind, Span};
use super::reader;
use crate::diagnostic::{Diagnostic, code, pointer_to};
use std::collections::BTreeMap;

/// What the placeholders stand for: name to text.
pub type Substitutions = BTreeMap<String, String>;

/// Whether a text still holds a placeholder.
pub fn has_placeholder(text: &str) -> bool {
    next_placeholder(text).is_some()
}

/// The first placeholder: the bytes before it, its name, the bytes after it.
fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(found) = text.get(from..)?.find("${") {
        let open = from + found;
        let rest = text.get(open + 2..)?;
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '-')));
        if let Some(end) = end
            && end > 0
            && rest.get(end..)?.starts_with('}')
        {
            return Some((text.get(..open)?, rest.get(..end)?, rest.get(end + 1..)?));
        }
        from = open + 2;
    }
    None
}

impl Document {
    /// Puts the values in place of their placeholders and tells which placeholders have none. Comments are left alone.
    ///
    /// A placeholder in quotes stays a text whatever its value is, as on AWS, where the replacing comes before the
    /// reading; one without quotes becomes what its value says: a number, a list, an object.
    pub fn substitute(&mut self, values: &Substitutions) -> Vec<Diagnostic> {
        let text = self.text().clone();
        // YAML has no bare ones: there a placeholder is a text in any case.
        let bare = self.format() == Format::Json;
        let mut walk = Walk { text: &text, bare, values, missing: Vec::new() };
        walk.node(self.root_mut(), "");
        walk.missing
    }
}

struct Walk<'d> {
    text: &'d str,
    bare: bool,
    values: &'d Substitutions,
    missing: Vec<Diagnostic>,
}

impl Walk<'_> {
    fn node(&mut self, node: &mut Node, pointer: &str) {
        let span = node.span;
        match &mut node.kind {
            NodeKind::String(text) if has_placeholder(text) => {
                let replaced = self.replace(text, pointer, span);
                node.kind = if self.bare && Document::is_bare(self.text, span) && !has_placeholder(&replaced) {
                    self.read_bare(&replaced, pointer, span)
                } else {
                    NodeKind::String(replaced.into())
                };
            }
            NodeKind::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.node(item, &pointer_to(pointer, &index.to_string()));
                }
            }
            NodeKind::Object(members) => {
                for member in members.iter_mut().filter(|m| &*m.name != "Comment") {
                    self.node(&mut member.value, &pointer_to(pointer, &member.name));
                }
            }
            _ => {}
        }
    }

    /// What a value in place of a bare placeholder becomes.
    fn read_bare(&mut self, value: &str, pointer: &str, span: Span) -> NodeKind {
        match reader::read(value) {
            Ok(mut node) => {
                place(&mut node, span);
                node.kind
            }
            Err(why) => {
                let message = format!("`{value}` in place of this is not JSON: {}", why.message());
                self.missing.push(Diagnostic::error(code::INVALID_JSON, pointer, span, message).help(
                    "write \"${…}\" in quotes for a text, or give a number, true, false, null, a list or an object",
                ));
                NodeKind::String(value.into())
            }
        }
    }

    fn replace(&mut self, text: &str, pointer: &str, span: Span) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, name, after)) = next_placeholder(rest) {
            out.push_str(before);
            match self.values.get(name) {
                Some(value) => out.push_str(value),
                None => {
                    out.push_str(&format!("${{{name}}}"));
                    let message = format!("`${{{name}}}` has no value");
                    self.missing.push(
                        Diagnostic::error(code::UNRESOLVED_SUBSTITUTION, pointer, span, message)
                            .help(format!("say --set {name}=VALUE, or name it in the [substitutions] of aslx.toml")),
                    );
                }
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

/// Gives a whole tree the place of the placeholder that it came from.
fn place(node: &mut Node, span: Span) {
    node.span = span;
    match &mut node.kind {
        NodeKind::Array(items) => items.iter_mut().for_each(|item| place(item, span)),
        NodeKind::Object(members) => {
            for member in members {
                member.name_span = span;
                place(&mut member.value, span);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_replaced_and_the_missing_named() {
        let mut document =
            Document::parse(r#"{"a": ["${X}-${Y}", "$x ${", "${}", "${X"], "Comment": "${Z}"}"#).unwrap();
        let missing = document.substitute(&Substitutions::from([("X".to_owned(), "1".to_owned())]));
        let value = document.root().to_value();
        assert_eq!(value.to_json(), r#"{"a":["1-${Y}","$x ${","${}","${X"],"Comment":"${Z}"}"#);
        let names: Vec<_> = missing.iter().map(|d| (d.message().to_owned(), d.pointer().to_owned())).collect();
        assert_eq!(names, [("`${Y}` has no value".to_owned(), "/a/0".to_owned())]);
    }

    #[test]
    fn quotes_decide_whether_a_value_stays_a_text() {
        let mut document = Document::parse(r#"{"a": "${N}", "b": ${N}, "c": [${L}], "d": ${M}}"#).unwrap();
        let values = [("N", "30"), ("L", "{\"x\": true}")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let missing = document.substitute(&Substitutions::from(values));
        let value = document.root().to_value();
        assert_eq!(value.to_json(), r#"{"a":"30","b":30,"c":[{"x":true}],"d":"${M}"}"#);
        assert_eq!(missing.len(), 1);
    }
}
