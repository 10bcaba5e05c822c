//! Payload templates.

use super::Compiler;
use super::fields::Field;
use crate::diagnostic::{Diagnostic, code, pointer_to};
use crate::path::{Path, Selector, SelectorError, hash_map_order};
use crate::program::Template;
use crate::syntax::{Member, Node, NodeKind, has_placeholder};
use crate::value::Value;
use std::collections::HashSet;
use std::sync::Arc;

impl Compiler<'_> {
    /// A template in a field whose top must be an object.
    pub(super) fn object_template(&mut self, field: &Field<'_>) -> Option<Template> {
        if !matches!(field.node.kind, NodeKind::Object(_)) {
            self.wrong(field, "an object");
            return None;
        }
        self.template(field)
    }

    /// A template in a field: any JSON, computed where a name ends in `.$`.
    pub(super) fn template(&mut self, field: &Field<'_>) -> Option<Template> {
        Some(self.template_node(field.node, &field.pointer))
    }

    /// `Assign`: an object of variables.
    pub(super) fn assign(&mut self, field: Option<Field<'_>>) -> Option<Template> {
        let field = field?;
        let template = self.object_template(&field)?;
        if let NodeKind::Object(members) = &field.node.kind {
            for member in members {
                self.variable(member, &field.pointer);
            }
        }
        Some(template)
    }

    fn template_node(&mut self, node: &Node, pointer: &str) -> Template {
        match &node.kind {
            NodeKind::Object(members) => self.template_object(members, pointer),
            NodeKind::Array(items) => {
                let items: Vec<Template> = items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| self.template_node(item, &pointer_to(pointer, &index.to_string())))
                    .collect();
                fold(items, Template::Array, Value::array)
            }
            _ => Template::Literal(node.to_value()),
        }
    }

    fn template_object(&mut self, members: &[Member], pointer: &str) -> Template {
        // AWS puts out plain members first, as written, and then the computed ones in the order of a Java HashMap
        // (recorded).
        let mut out: Vec<(Arc<str>, Template)> = Vec::with_capacity(members.len());
        let mut computed: Vec<(Arc<str>, Template)> = Vec::new();
        let names: HashSet<&str> = members.iter().map(|member| &*member.name).collect();
        for member in members {
            let place = pointer_to(pointer, &member.name);
            let Some(name) = member.name.strip_suffix(".$") else {
                self.looks_like_path(member, &place);
                out.push((member.name.clone(), self.template_node(&member.value, &place)));
                continue;
            };
            if names.contains(name) {
                let message = format!("`{name}` and `{}` are the same member", member.name);
                self.report(
                    Diagnostic::error(code::SCHEMA, &place, member.name_span, message).help("keep one of them"),
                );
            }
            let name_span = member.name_span;
            let field = Field { name: member.name.clone(), node: &member.value, name_span, pointer: place };
            computed.push((name.into(), self.selected(&field, pointer)));
        }
        hash_map_order(&mut computed);
        out.append(&mut computed);
        if out.iter().all(|(_, t)| matches!(t, Template::Literal(_))) {
            let literal = |t| if let Template::Literal(value) = t { value } else { Value::Null };
            return Template::Literal(Value::object(out.into_iter().map(|(name, t)| (name, literal(t))).collect()));
        }
        Template::Object(out)
    }

    /// The value of a member whose name ends in `.$`.
    fn selected(&mut self, field: &Field<'_>, container: &str) -> Template {
        let Some(text) = field.node.as_str() else {
            let message = format!(
                "`{}` is a text with a path or an intrinsic function, found {}",
                field.name,
                field.node.type_name()
            );
            self.report(
                Diagnostic::error(code::SCHEMA, &field.pointer, field.node.span, message)
                    .help(format!("without `.$`, `{}` may be any JSON", field.name.trim_end_matches(".$")))
                    .aws(not_a_selector(&field.name), container),
            );
            return Template::Literal(Value::Null);
        };
        if has_placeholder(text) {
            return Template::Literal(Value::Null);
        }
        match Selector::parse(text) {
            Ok(selector) => {
                self.note_all(field, &selector);
                Template::Select { field: field.name.clone(), selector }
            }
            Err(error) => {
                self.bad_selector(field, &error, container);
                Template::Literal(Value::Null)
            }
        }
    }

    /// Reports what is no path and no intrinsic function, at the byte where it stops being one.
    pub(super) fn bad_selector(&mut self, field: &Field<'_>, error: &SelectorError, location: &str) {
        let message = format!("`{}` is a path or an intrinsic function: {}", field.name, error.message());
        let mut diagnostic =
            Diagnostic::error(code::SCHEMA, &field.pointer, self.rest_of(field, error.offset()), message)
                .aws(not_a_selector(&field.name), location);
        if let Some(help) = error.help() {
            diagnostic = diagnostic.help(help);
        }
        self.report(diagnostic);
    }

    /// Warns of a text like `$.x` under a name without `.$`.
    fn looks_like_path(&mut self, member: &Member, pointer: &str) {
        let Some(text) = member.value.as_str() else { return };
        let Some(what) = looks_computed(text) else { return };
        let name = &member.name;
        self.report(
            Diagnostic::warning(
                code::NO_DOLLAR,
                pointer,
                member.value.span,
                format!("`{}` looks like {what}, but is a text here", shortened(text)),
            )
            .help(format!("write `{name}.$` to evaluate it"))
            .aws(
                format!(
                    "The value of '{name}' looks like a JSONPath. Instead of '{name}', use '{name}.$' to evaluate it as a JSONPath at runtime."
                ),
                pointer,
            ),
        );
    }

    /// Warns of a text like `$.x` in a field that has a form with `Path`.
    pub(super) fn looks_like_path_field(&mut self, field: &Field<'_>, path_name: &str) {
        let Some(text) = field.node.as_str() else { return };
        let Some(what) = looks_computed(text) else { return };
        let name = &field.name;
        self.report(
            Diagnostic::warning(
                code::NO_PATH,
                &field.pointer,
                field.node.span,
                format!("`{}` looks like {what}, but is a text here", shortened(text)),
            )
            .help(format!("write `{path_name}` to evaluate it"))
            .aws(
                format!(
                    "The value of '{name}' looks like a JSONPath. Instead of '{name}', use '{path_name}' to evaluate it as a JSONPath at runtime."
                ),
                &field.pointer,
            ),
        );
    }

    /// Warns of paths in a `Result`, which is taken as it is.
    pub(super) fn static_result(&mut self, node: &Node, pointer: &str) {
        match &node.kind {
            NodeKind::String(text) if looks_computed(text).is_some() => {
                let message =
                    format!("`{}` stays a text: the Result of a Pass state is taken as it is", shortened(text));
                self.report(
                    Diagnostic::warning(code::PASS_RESULT_IS_STATIC, pointer, node.span, message)
                        .help("write Parameters instead of Result, and a name that ends in `.$`"),
                );
            }
            NodeKind::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.static_result(item, &pointer_to(pointer, &index.to_string()));
                }
            }
            NodeKind::Object(members) => {
                for member in members {
                    self.static_result(&member.value, &pointer_to(pointer, &member.name));
                }
            }
            _ => {}
        }
    }
}

/// What a text looks like that would be computed elsewhere.
fn looks_computed(text: &str) -> Option<&'static str> {
    if ["$.", "$$.", "$["].iter().any(|start| text.starts_with(start)) && Path::parse(text).is_ok() {
        return Some("a path");
    }
    (text.starts_with("States.") && Selector::parse(text).is_ok()).then_some("a call of an intrinsic function")
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= 60 { text.to_owned() } else { text.chars().take(57).chain("…".chars()).collect() }
}

fn not_a_selector(name: &str) -> String {
    format!("The value for the field '{name}' must be a valid JSONPath or a valid intrinsic function call")
}

/// A list of literals is a literal.
fn fold(items: Vec<Template>, computed: fn(Vec<Template>) -> Template, literal: fn(Vec<Value>) -> Value) -> Template {
    if items.iter().all(|t| matches!(t, Template::Literal(_))) {
        let values = items.into_iter().map(|t| if let Template::Literal(v) = t { v } else { Value::Null });
        return Template::Literal(literal(values.collect()));
    }
    computed(items)
}
