//! Fields that hold one value: texts, numbers, flags, paths.

use super::Compiler;
use super::expression::is_expression;
use super::fields::{Field, Fields};
use crate::diagnostic::{Diagnostic, code};
use crate::path::{Path, PathError, ReferencePath, Selector};
use crate::program::{IntegerField, PathUse, Pick, ResultPath, TextField};
use crate::syntax::{Node, NodeKind, Span, has_placeholder};
use std::sync::Arc;

/// In longer texts paths have no place of their own: looking for each would take its time.
const MAX_UNDERLINED: usize = 4096;

impl Compiler<'_> {
    /// Reports that a field holds something else than it should; not if what it holds is still to come.
    pub(super) fn wrong(&mut self, field: &Field<'_>, expected: &str) {
        let found = match &field.node.kind {
            NodeKind::String(s) if has_placeholder(s) => return,
            NodeKind::String(s) if s.chars().count() <= 40 => format!("\"{s}\""),
            NodeKind::Number(n) => n.to_string(),
            NodeKind::Bool(b) => b.to_string(),
            NodeKind::Null => "null".to_owned(),
            _ => field.node.type_name().to_owned(),
        };
        let message = format!("`{}` is {expected}, found `{found}`", field.name);
        let mut diagnostic = Diagnostic::error(code::SCHEMA, &field.pointer, field.node.span, message);
        if self.document.is_substituted(field.node) {
            diagnostic = diagnostic.help(
                "a placeholder in quotes stays a text, whatever its value: write it without quotes, which JSON files \
                 for DefinitionUri may do",
            );
        } else if field.node.as_str().is_some_and(|text| text.starts_with("{%")) {
            diagnostic = diagnostic.help("`{% … %}` belongs to states with \"QueryLanguage\": \"JSONata\"");
        }
        self.report(diagnostic);
    }

    /// A text.
    pub(super) fn text<'n>(&mut self, field: &Field<'n>) -> Option<&'n Arc<str>> {
        let text = field.node.as_str();
        if text.is_none() {
            self.wrong(field, "a text");
        }
        text
    }

    /// A text that holds no unresolved placeholder; `None` without a report if it does, where that is allowed.
    pub(super) fn settled_text<'n>(&mut self, field: &Field<'n>) -> Option<&'n Arc<str>> {
        self.text(field).filter(|text| !has_placeholder(text))
    }

    /// A flag.
    pub(super) fn flag(&mut self, field: &Field<'_>) -> Option<bool> {
        match field.node.kind {
            NodeKind::Bool(b) => Some(b),
            _ => {
                self.wrong(field, "true or false");
                None
            }
        }
    }

    /// A whole number within limits, both inclusive. A placeholder in its place counts as the minimum.
    pub(super) fn integer(&mut self, field: &Field<'_>, min: u64, max: u64) -> Option<u64> {
        if let NodeKind::String(text) = &field.node.kind
            && has_placeholder(text)
        {
            return Some(min);
        }
        let NodeKind::Number(number) = &field.node.kind else {
            self.wrong(field, "a whole number");
            return None;
        };
        let whole =
            number.as_u64().or_else(|| number.as_f64().filter(|f| f.fract() == 0.0 && *f >= 0.0).map(|f| f as u64));
        match whole {
            Some(n) if n >= min && n <= max => Some(n),
            Some(n) if n > max => {
                self.out_of_range(field, &format!("at most {max}"), &format!("Maximum value is {max}"));
                None
            }
            None if number.as_f64().is_some_and(|f| f >= 0.0) => {
                self.wrong(field, "a whole number");
                None
            }
            _ => {
                self.out_of_range(field, &format!("at least {min}"), &format!("Minimum value is {min}"));
                None
            }
        }
    }

    fn out_of_range(&mut self, field: &Field<'_>, limit: &str, aws: &str) {
        let NodeKind::Number(number) = &field.node.kind else { return };
        let message = format!("`{}` is {limit}, found `{number}`", field.name);
        self.report(Diagnostic::error(code::SCHEMA, &field.pointer, field.node.span, message).aws(aws, &field.pointer));
    }

    /// A number of at least `min`.
    pub(super) fn number(&mut self, field: &Field<'_>, min: f64) -> Option<f64> {
        match &field.node.kind {
            NodeKind::Number(n) => match n.as_f64() {
                Some(f) if f >= min => Some(f),
                _ => {
                    self.out_of_range(field, &format!("at least {min}"), &format!("Minimum value is {min:?}"));
                    None
                }
            },
            _ => {
                self.wrong(field, "a number");
                None
            }
        }
    }

    /// A path of any kind.
    pub(super) fn path(&mut self, field: &Field<'_>) -> Option<Path> {
        let text = self.settled_text(field)?;
        match Path::parse(text) {
            Ok(path) => {
                self.note(field.node, &field.pointer, &path, 0);
                Some(path)
            }
            Err(error) => {
                self.bad_path(field, &error, "a JSONPath");
                None
            }
        }
    }

    /// A path that names one place.
    pub(super) fn reference(&mut self, field: &Field<'_>) -> Option<Path> {
        let path = self.path(field)?;
        if path.is_reference() {
            return Some(path);
        }
        let message = format!("`{}` names one place, `{}` may find several", field.name, path.source());
        self.report(
            Diagnostic::error(code::SCHEMA, &field.pointer, field.node.span, message)
                .help("a reference path has no `*`, `..`, `@`, `,`, `:` or `?`")
                .aws("Value is not a Reference Path", &field.pointer),
        );
        None
    }

    pub(super) fn bad_path(&mut self, field: &Field<'_>, error: &PathError, expected: &str) {
        let mut diagnostic = Diagnostic::error(
            code::SCHEMA,
            &field.pointer,
            self.rest_of(field, error.offset()),
            format!("`{}` is {expected}: {}", field.name, error.message()),
        )
        .aws("Value is not a valid JSONPath", &field.pointer);
        if let Some(help) = error.help() {
            diagnostic = diagnostic.help(help);
        }
        self.report(diagnostic);
    }

    /// `InputPath`, `OutputPath`: a path or `null`.
    pub(super) fn pick(&mut self, fields: &mut Fields<'_>, name: &'static str) -> Pick {
        let Some(field) = fields.take(name) else { return Pick::All };
        if field.node.kind == NodeKind::Null {
            return Pick::Nothing;
        }
        match self.path(&field) {
            Some(path) if path.is_identity() => Pick::All,
            Some(path) => Pick::Path(path),
            None => Pick::All,
        }
    }

    /// `ResultPath`: a reference path or `null`.
    pub(super) fn result_path(&mut self, fields: &mut Fields<'_>) -> ResultPath {
        let Some(field) = fields.take("ResultPath") else { return ResultPath::Replace };
        if field.node.kind == NodeKind::Null {
            return ResultPath::Discard;
        }
        let Some(text) = self.settled_text(&field) else { return ResultPath::Replace };
        if &**text == "$" {
            return ResultPath::Replace;
        }
        match ReferencePath::parse(text) {
            Ok(path) => ResultPath::At(path),
            Err(error) => {
                self.bad_path(&field, &error, "a place in the state's input");
                ResultPath::Replace
            }
        }
    }

    /// `Name` as a number or `NamePath` as a path to one, not both; in JSONata `Name` as a number or an expression.
    pub(super) fn integer_field(
        &mut self,
        fields: &mut Fields<'_>,
        name: &'static str,
        path_name: &'static str,
        min: u64,
        max: u64,
    ) -> Option<IntegerField> {
        let (literal, path) = (fields.take(name), fields.take(path_name));
        self.exclusive(literal.as_ref(), path.as_ref());
        if let Some(field) = literal {
            if self.in_jsonata && is_expression(&field) && !self.is_unresolved(&field) {
                return self.expression_field(&field).map(IntegerField::Expression);
            }
            return self.integer(&field, min, max).map(IntegerField::Literal);
        }
        self.reference(&path?).map(IntegerField::Path)
    }

    /// `Name` as a text or `NamePath` as a path or intrinsic function, not both; in JSONata `Name` as a text or an
    /// expression.
    pub(super) fn text_field(
        &mut self,
        fields: &mut Fields<'_>,
        name: &'static str,
        path_name: &'static str,
    ) -> Option<TextField> {
        let (literal, path) = (fields.take(name), fields.take(path_name));
        self.exclusive(literal.as_ref(), path.as_ref());
        if let Some(field) = literal {
            if self.in_jsonata {
                if is_expression(&field) && !self.is_unresolved(&field) {
                    return self.expression_field(&field).map(TextField::Expression);
                }
                return self.text(&field).cloned().map(TextField::Literal);
            }
            self.looks_like_path_field(&field, path_name);
            return self.text(&field).cloned().map(TextField::Literal);
        }
        let field = path?;
        let text = self.settled_text(&field)?;
        match Selector::parse(text) {
            Ok(selector) => {
                self.note_all(&field, &selector);
                self.names_one_text(&field, &selector).then_some(TextField::Select(selector))
            }
            Err(error) => {
                self.bad_selector(&field, &error, &field.pointer);
                None
            }
        }
    }

    /// `ErrorPath` and `CausePath` take paths to one place and functions that give a text.
    fn names_one_text(&mut self, field: &Field<'_>, selector: &Selector) -> bool {
        const GIVE_TEXT: [&str; 7] =
            ["Format", "JsonToString", "ArrayGetItem", "Base64Encode", "Base64Decode", "Hash", "UUID"];
        let (message, help) = match selector {
            Selector::Path(path) if path.is_reference() => return true,
            Selector::Path(path) => (
                format!("`{}` names one place, `{}` may find several", field.name, path.source()),
                "a reference path has no `*`, `..`, `@`, `,`, `:` or `?`".to_owned(),
            ),
            Selector::Intrinsic(call) => {
                let name = call.function_name();
                if GIVE_TEXT.contains(&name.trim_start_matches("States.")) {
                    return true;
                }
                (
                    format!("`{}` is a text, `{name}` gives none", field.name),
                    format!("the functions here are States.{}", GIVE_TEXT.join(", States.")),
                )
            }
        };
        self.report(Diagnostic::error(code::SCHEMA, &field.pointer, field.node.span, message).help(help));
        false
    }

    /// Notes a path that begins at this byte of the text of a node.
    fn note(&mut self, node: &Node, pointer: &str, path: &Path, offset: usize) {
        let length = node.as_str().map_or(0, |text| text.len());
        let span = match length {
            0..=MAX_UNDERLINED => self.document.span_within(node, offset, offset + path.source().len()),
            _ => node.span,
        };
        let span =
            if offset == 0 && node.as_str().is_some_and(|text| **text == *path.source()) { node.span } else { span };
        self.paths.push(PathUse { state: self.current, pointer: pointer.to_owned(), span, path: path.clone() });
    }

    /// Notes the paths of a selector.
    pub(super) fn note_all(&mut self, field: &Field<'_>, selector: &Selector) {
        let Some(text) = field.node.as_str() else { return };
        let mut from = 0;
        for path in selector.paths() {
            let rest = text.get(from..).unwrap_or("");
            let at = from + rest.find(path.source()).unwrap_or(0);
            self.note(field.node, &field.pointer, path, at);
            from = at + path.source().len();
        }
    }

    /// The source of a field's text from this byte of it on.
    pub(super) fn rest_of(&self, field: &Field<'_>, offset: usize) -> Span {
        self.document.span_within(field.node, offset, usize::MAX)
    }

    /// Reports two fields of which only one may be there.
    pub(super) fn exclusive(&mut self, one: Option<&Field<'_>>, other: Option<&Field<'_>>) {
        if let (Some(one), Some(other)) = (one, other) {
            let message = format!("`{}` and `{}` exclude each other", one.name, other.name);
            self.report(
                Diagnostic::error(code::SCHEMA, &other.pointer, other.name_span, message).help("keep one of them"),
            );
        }
    }
}
