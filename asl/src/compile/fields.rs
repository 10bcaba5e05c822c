//! The members of an object, read by name; what nobody asked for is unknown.

use super::Compiler;
use crate::diagnostic::{Diagnostic, code, pointer_to};
use crate::suggest::did_you_mean;
use crate::syntax::{Member, Node, NodeKind, Span, has_placeholder};
use std::collections::HashMap;
use std::sync::Arc;

/// A member: its value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Field<'n> {
    pub(super) name: Arc<str>,
    pub(super) node: &'n Node,
    pub(super) name_span: Span,
    pub(super) pointer: String,
}

/// The members of an object, and which of them have been asked for.
pub(super) struct Fields<'n> {
    pub(super) pointer: String,
    pub(super) span: Span,
    members: &'n [Member],
    asked: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    /// The field of this name, which from now on is a known one.
    pub(super) fn take(&mut self, name: &'static str) -> Option<Field<'n>> {
        self.asked.push(name);
        let member = self.members.iter().rev().find(|m| &*m.name == name)?;
        Some(self.field(member))
    }

    /// Whether there is such a member; it stays unknown.
    pub(super) fn has(&self, name: &str) -> bool {
        self.members.iter().any(|m| &*m.name == name)
    }

    /// All members as fields.
    pub(super) fn all(&self) -> impl Iterator<Item = Field<'n>> {
        self.members.iter().map(|m| self.field(m))
    }

    /// The place of an opening brace: the whole object would be a page.
    pub(super) fn opening(&self) -> Span {
        Span { start: self.span.start, end: (self.span.start + 1).min(self.span.end) }
    }

    fn field(&self, member: &'n Member) -> Field<'n> {
        Field {
            name: member.name.clone(),
            node: &member.value,
            name_span: member.name_span,
            pointer: pointer_to(&self.pointer, &member.name),
        }
    }

    /// The members that nobody asked for.
    pub(super) fn unknown(&self) -> impl Iterator<Item = Field<'n>> {
        self.members.iter().filter(|m| !self.asked.contains(&&*m.name)).map(|m| self.field(m))
    }
}

impl Compiler<'_> {
    /// The members of an object. Reports anything else, and members that are named twice.
    pub(super) fn fields<'n>(&mut self, node: &'n Node, pointer: &str, what: &str) -> Option<Fields<'n>> {
        let NodeKind::Object(members) = &node.kind else {
            if node.as_str().is_some_and(|text| has_placeholder(text)) {
                return None;
            }
            let message = format!("{what} is an object, found {} {}", article(node), node.type_name());
            self.report(Diagnostic::error(code::SCHEMA, pointer, node.span, message));
            return None;
        };
        let mut last: HashMap<&str, usize> = HashMap::with_capacity(members.len());
        for (index, member) in members.iter().enumerate() {
            last.insert(&member.name, index);
        }
        for (index, member) in members.iter().enumerate() {
            if last.get(&*member.name) != Some(&index) {
                let message = format!("`{}` is named twice, this one is lost", member.name);
                let place = pointer_to(pointer, &member.name);
                self.report(
                    Diagnostic::warning(code::DUPLICATE_KEY, &place, member.name_span, message)
                        .help("remove one of them; the last one counts"),
                );
            }
        }
        Some(Fields { pointer: pointer.to_owned(), span: node.span, members, asked: vec!["Comment"] })
    }

    /// Reports the members that nobody asked for, with what might have been meant.
    pub(super) fn refuse_unknown(&mut self, fields: &Fields<'_>) {
        let mut unknown = fields.unknown().peekable();
        if unknown.peek().is_none() {
            return;
        }
        let known: Vec<&str> = fields.asked.iter().copied().filter(|name| !fields.has(name)).collect();
        for field in unknown {
            let mut diagnostic = Diagnostic::error(
                code::SCHEMA,
                &field.pointer,
                field.name_span,
                format!("there is no field `{}` here", field.name),
            )
            .aws(format!("Field '{}' is not supported", field.name), &fields.pointer);
            if let Some(meant) = did_you_mean(&field.name, known.iter().copied()) {
                diagnostic = diagnostic.help(format!("did you mean `{meant}`?"));
            } else if let Some(home) = where_it_belongs(&field.name) {
                diagnostic = diagnostic.help(home);
            }
            self.report(diagnostic);
        }
    }

    /// Reports fields that must be there: AWS names them in one message.
    pub(super) fn require(&mut self, fields: &Fields<'_>, names: &[&str]) -> bool {
        let missing: Vec<&str> = names.iter().copied().filter(|name| !fields.has(name)).collect();
        if missing.is_empty() {
            return true;
        }
        let listed = missing.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ");
        let verb = if missing.len() == 1 { "is" } else { "are" };
        self.report(
            Diagnostic::error(code::SCHEMA, &fields.pointer, fields.opening(), format!("{listed} {verb} missing here"))
                .aws(format!("These fields are required: [{}]", missing.join(", ")), &fields.pointer),
        );
        false
    }
}

pub(super) fn article(node: &Node) -> &'static str {
    match node.kind {
        NodeKind::Array(_) | NodeKind::Object(_) => "an",
        _ => "a",
    }
}

/// A hint for fields that exist elsewhere in the language.
fn where_it_belongs(name: &str) -> Option<&'static str> {
    Some(match name {
        "ResultSelector" | "Retry" | "Catch" => "only Task, Parallel and Map states have it",
        "Parameters" => "only Pass, Task, Parallel and Map states have it",
        "Result" => "only Pass states have it",
        "Next" | "End" => "Choice, Succeed and Fail states have neither Next nor End",
        "TimeoutSeconds" | "HeartbeatSeconds" => "only Task states, and TimeoutSeconds the whole machine, have it",
        _ => return None,
    })
}
