//! JSONata expressions where they stand: read once, every mistake underlined inside its string.

use super::Compiler;
use super::fields::Field;
use crate::diagnostic::{Diagnostic, code, pointer_to};
use crate::jsonata::{Expression, JsonataError, JsonataTemplate, Member, Reads, expression_in, expression_start};
use crate::program::{ExpressionUse, Payload};
use crate::suggest::did_you_mean;
use crate::syntax::{Node, NodeKind, Span, has_placeholder};
use crate::value::Value;

/// Which members of `$states` an expression may read besides `input` and `context`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sees {
    /// None.
    Input,
    /// `$states.result`: `Output` and `Assign` of Task, Parallel and Map.
    Result,
    /// `$states.errorOutput`: `Output` and `Assign` of a catcher.
    Error,
}

impl Sees {
    fn member(self, member: Member) -> bool {
        match member {
            Member::Input | Member::Context => true,
            Member::Result => self == Sees::Result,
            Member::ErrorOutput => self == Sees::Error,
        }
    }
}

/// Whether a field holds `{% … %}`, or something that is still to come.
pub(super) fn is_expression(field: &Field<'_>) -> bool {
    field.node.as_str().is_some_and(|text| expression_in(text).is_some() || has_placeholder(text))
}

impl Compiler<'_> {
    /// A value to be computed, in the language of the state. Only `$states.input` and `$states.context` are there.
    pub(super) fn payload(&mut self, field: &Field<'_>) -> Option<Payload> {
        match self.in_jsonata {
            true => Some(Payload::Jsonata(self.jsonata_template(field, Sees::Input))),
            false => self.template(field).map(Payload::Paths),
        }
    }

    /// The same in a field whose top must be an object, or in JSONata an expression.
    pub(super) fn object_payload(&mut self, field: &Field<'_>) -> Option<Payload> {
        let is_object = matches!(field.node.kind, NodeKind::Object(_));
        if is_object || (self.in_jsonata && is_expression(field)) {
            return self.payload(field);
        }
        self.wrong(field, "an object");
        None
    }

    /// JSON in which some texts are expressions.
    pub(super) fn jsonata_template(&mut self, field: &Field<'_>, sees: Sees) -> JsonataTemplate {
        self.jsonata_node(field.node, &field.pointer, sees)
    }

    fn jsonata_node(&mut self, node: &Node, pointer: &str, sees: Sees) -> JsonataTemplate {
        match &node.kind {
            NodeKind::String(text) if expression_in(text).is_some() => match self.expression(node, pointer, sees) {
                Some(expression) => JsonataTemplate::Expression(Box::new(expression)),
                None => JsonataTemplate::Literal(Value::Null),
            },
            NodeKind::Array(items) => {
                let items: Vec<_> = items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| self.jsonata_node(item, &pointer_to(pointer, &index.to_string()), sees))
                    .collect();
                match items.iter().all(JsonataTemplate::is_literal) {
                    true => JsonataTemplate::Literal(node.to_value()),
                    false => JsonataTemplate::Array(items),
                }
            }
            NodeKind::Object(members) => {
                let members: Vec<_> = members
                    .iter()
                    .map(|member| {
                        let place = pointer_to(pointer, &member.name);
                        (member.name.clone(), self.jsonata_node(&member.value, &place, sees))
                    })
                    .collect();
                match members.iter().all(|(_, template)| template.is_literal()) {
                    true => JsonataTemplate::Literal(node.to_value()),
                    false => JsonataTemplate::Object(members),
                }
            }
            _ => JsonataTemplate::Literal(node.to_value()),
        }
    }

    /// The expression that a field holds. `None` if it holds none, or one that is faulty or still to come.
    pub(super) fn expression_field(&mut self, field: &Field<'_>) -> Option<Box<Expression>> {
        field.node.as_str().filter(|text| expression_in(text).is_some())?;
        self.expression(field.node, &field.pointer, Sees::Input).map(Box::new)
    }

    /// The expression in a text that has the markers. `None` if it is faulty or still to come.
    fn expression(&mut self, node: &Node, pointer: &str, sees: Sees) -> Option<Expression> {
        let text = node.as_str()?;
        let source = expression_in(text)?;
        if has_placeholder(text) {
            return None;
        }
        let place = Place { node, pointer, source, start: expression_start(text) };
        match Expression::parse(source) {
            Ok(expression) => {
                self.judge(&place, expression.reads(), sees);
                Some(expression)
            }
            Err(error) => {
                self.bad_expression(&place, &error);
                None
            }
        }
    }

    /// What is wrong with the text of an expression.
    fn bad_expression(&mut self, place: &Place<'_>, error: &JsonataError) {
        let span = self.token(place, error.offset());
        let mut diagnostic =
            Diagnostic::error(code::SCHEMA, place.pointer, span, format!("no JSONata expression: {error}"));
        if let Some(help) = error.help() {
            diagnostic = diagnostic.help(help);
        }
        self.report(diagnostic);
    }

    /// What is wrong with what an expression reads; and notes it.
    fn judge(&mut self, place: &Place<'_>, reads: &Reads, sees: Sees) {
        for member in reads.members.iter().filter(|member| !sees.member(**member)) {
            let name = member.name();
            let (what, home) = match member {
                Member::ErrorOutput => ("no error", "`Output` and `Assign` of a Catch entry"),
                _ => ("no result", "`Output` and `Assign` of Task, Parallel and Map states"),
            };
            let span = self.name_span(place, &format!("$states.{name}"));
            self.report(
                Diagnostic::error(
                    code::SCHEMA,
                    place.pointer,
                    span,
                    format!("`$states.{name}` is not there: this has {what} to read"),
                )
                .help(format!("only {home} see it")),
            );
        }
        for name in &reads.unknown_members {
            let span = self.name_span(place, &format!("$states.{name}"));
            let known = Member::ALL.map(Member::name);
            let help = match did_you_mean(name, known.into_iter()) {
                Some(meant) => format!("did you mean `$states.{meant}`?"),
                None => "`$states` has input, context, result and errorOutput".to_owned(),
            };
            self.report(
                Diagnostic::warning(
                    code::UNKNOWN_NAME,
                    place.pointer,
                    span,
                    format!("`$states` has no `{name}`: this finds nothing"),
                )
                .help(help),
            );
        }
        for name in &reads.unknown_functions {
            let span = self.name_span(place, &format!("${name}"));
            let help = match did_you_mean(name, crate::jsonata::function_names()) {
                Some(meant) => format!("did you mean `${meant}`?"),
                None => "the execution fails here with States.QueryEvaluationError".to_owned(),
            };
            self.report(
                Diagnostic::warning(code::UNKNOWN_NAME, place.pointer, span, format!("no function `${name}`"))
                    .help(help),
            );
        }
        if reads.implicit_input {
            let span = self.document.span_within(place.node, place.start, place.start + place.source.len());
            self.report(
                Diagnostic::warning(
                    code::NO_IMPLICIT_INPUT,
                    place.pointer,
                    span,
                    "a name without `$`, `$` or `$$` finds nothing here",
                )
                .help("write `$states.input.name` for a member of the state's input, `'name'` for a text"),
            );
        }
        let variables =
            reads.variables.iter().map(|name| (name.as_str().into(), self.name_span(place, &format!("${name}"))));
        let found = ExpressionUse {
            state: self.current,
            pointer: place.pointer.to_owned(),
            variables: variables.collect(),
            reads: reads.clone(),
        };
        self.expressions.push(found);
    }

    /// The source of what begins at this byte of an expression: a word, or one character.
    fn token(&self, place: &Place<'_>, offset: usize) -> Span {
        let rest = place.source.get(offset..).unwrap_or("");
        let word = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$'))).unwrap_or(rest.len());
        let length = word.max(rest.chars().next().map_or(1, char::len_utf8));
        let from = place.start + offset;
        self.document.span_within(place.node, from, from + length)
    }

    /// The source of the first place in an expression where this name stands; the whole expression if it is written in
    /// another way.
    fn name_span(&self, place: &Place<'_>, name: &str) -> Span {
        let ends = |at: &usize| {
            let after = place.source.get(at + name.len()..).and_then(|rest| rest.chars().next());
            !after.is_some_and(|c| c.is_alphanumeric() || c == '_')
        };
        let found = place.source.match_indices(name).map(|(at, _)| at).find(ends);
        let (from, length) = found.map_or((0, place.source.len()), |at| (at, name.len()));
        self.document.span_within(place.node, place.start + from, place.start + from + length)
    }
}

/// Where an expression stands.
struct Place<'n> {
    node: &'n Node,
    pointer: &'n str,
    /// The expression, trimmed.
    source: &'n str,
    /// Bytes of the text before it.
    start: usize,
}
