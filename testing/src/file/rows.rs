//! Tables: a case with rows is a case for each row, in which `<column>` stands for what the row has there.

use aslx_asl::syntax::{Member, Node, NodeKind};
use std::sync::Arc;

/// The node with what a row says put in. A text that is nothing but `<column>` becomes the row's value, whatever it is;
/// within a longer text, its text. Names of columns that the row does not have stay as they are.
pub(super) fn fill(node: &Node, row: &[Member]) -> Node {
    let kind = match &node.kind {
        NodeKind::String(text) => match value_of(text, row) {
            Some(value) => return value.clone(),
            None => NodeKind::String(filled(text, row)),
        },
        NodeKind::Array(items) => NodeKind::Array(items.iter().map(|item| fill(item, row)).collect()),
        NodeKind::Object(members) => NodeKind::Object(members.iter().map(|member| fill_member(member, row)).collect()),
        other => other.clone(),
    };
    Node { kind, span: node.span }
}

fn fill_member(member: &Member, row: &[Member]) -> Member {
    Member { name: filled(&member.name, row), name_span: member.name_span, value: fill(&member.value, row) }
}

fn value_of<'r>(text: &str, row: &'r [Member]) -> Option<&'r Node> {
    let name = text.strip_prefix('<')?.strip_suffix('>')?;
    row.iter().find(|column| *column.name == *name).map(|column| &column.value)
}

/// Put in from left to right, once: what a row says is not looked through again.
fn filled(text: &Arc<str>, row: &[Member]) -> Arc<str> {
    if !text.contains('<') {
        return text.clone();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest: &str = text;
    while let Some(at) = rest.find('<') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let column =
            from.find('>').and_then(|end| from.get(..=end)).and_then(|name| Some((name, value_of(name, row)?)));
        let taken = match column {
            Some((name, value)) => {
                match value.as_str() {
                    Some(text) => out.push_str(text),
                    None => out.push_str(&value.to_value().to_json()),
                }
                name.len()
            }
            None => {
                out.push('<');
                1
            }
        };
        rest = from.get(taken..).unwrap_or_default();
    }
    out.push_str(rest);
    out.into()
}
