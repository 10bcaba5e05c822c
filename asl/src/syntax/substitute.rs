//! `${Name}` placeholders, as SAM and CDK write them, in any text of a definition.

use super::node::{Document, Node, NodeKind, Span};
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
    pub fn substitute(&mut self, values: &Substitutions) -> Vec<Diagnostic> {
        let mut missing = Vec::new();
        walk(self.root_mut(), "", values, &mut missing);
        missing
    }
}

fn walk(node: &mut Node, pointer: &str, values: &Substitutions, missing: &mut Vec<Diagnostic>) {
    let span = node.span;
    match &mut node.kind {
        NodeKind::String(text) if has_placeholder(text) => {
            *text = replace(text, pointer, span, values, missing).into();
        }
        NodeKind::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                walk(item, &pointer_to(pointer, &index.to_string()), values, missing);
            }
        }
        NodeKind::Object(members) => {
            for member in members.iter_mut().filter(|m| &*m.name != "Comment") {
                walk(&mut member.value, &pointer_to(pointer, &member.name), values, missing);
            }
        }
        _ => {}
    }
}

fn replace(text: &str, pointer: &str, span: Span, values: &Substitutions, missing: &mut Vec<Diagnostic>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, name, after)) = next_placeholder(rest) {
        out.push_str(before);
        match values.get(name) {
            Some(value) => out.push_str(value),
            None => {
                out.push_str(&format!("${{{name}}}"));
                missing.push(
                    Diagnostic::error(
                        code::UNRESOLVED_SUBSTITUTION,
                        pointer,
                        span,
                        format!("`${{{name}}}` has no value"),
                    )
                    .help(format!("say --set {name}=VALUE, or name it in the [substitutions] of aslx.toml")),
                );
            }
        }
        rest = after;
    }
    out.push_str(rest);
    out
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
}
