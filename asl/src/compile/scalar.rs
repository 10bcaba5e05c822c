//! Fields that hold one value: texts, numbers, flags, paths.

use super::Compiler;
use super::fields::{Field, Fields};
use crate::diagnostic::{Diagnostic, code};
use crate::path::{Path, PathError, ReferencePath, Selector};
use crate::program::{IntegerField, Pick, ResultPath, TextField};
use crate::syntax::{NodeKind, Span, has_placeholder};
use std::sync::Arc;

impl Compiler<'_> {
    /// Reports that a field holds something else than it should.
    pub(super) fn wrong(&mut self, field: &Field<'_>, expected: &str) {
        let found = match &field.node.kind {
            NodeKind::String(s) if s.len() <= 40 => format!("\"{s}\""),
            NodeKind::Number(n) => n.to_string(),
            NodeKind::Bool(b) => b.to_string(),
            NodeKind::Null => "null".to_owned(),
            _ => field.node.type_name().to_owned(),
        };
        self.report(Diagnostic::error(
            code::SCHEMA,
            &field.pointer,
            field.node.span,
            format!("`{}` is {expected}, found `{found}`", field.name),
        ));
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
            Ok(path) => Some(path),
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
            within(field, error.offset()),
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

    /// `Name` as a number or `NamePath` as a path to one, not both.
    pub(super) fn integer_or_path(
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
            return self.integer(&field, min, max).map(IntegerField::Literal);
        }
        self.reference(&path?).map(IntegerField::Path)
    }

    /// `Name` as a text or `NamePath` as a path or intrinsic function, not both.
    pub(super) fn text_or_path(
        &mut self,
        fields: &mut Fields<'_>,
        name: &'static str,
        path_name: &'static str,
    ) -> Option<TextField> {
        let (literal, path) = (fields.take(name), fields.take(path_name));
        self.exclusive(literal.as_ref(), path.as_ref());
        if let Some(field) = literal {
            return self.text(&field).cloned().map(TextField::Literal);
        }
        let field = path?;
        let text = self.settled_text(&field)?;
        match Selector::parse(text) {
            Ok(selector) => Some(TextField::Select(selector)),
            Err(error) => {
                self.bad_selector(&field, &error, &field.pointer);
                None
            }
        }
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

/// The part of a quoted text from this byte of its content on. Exact while the text has no escapes before it.
pub(super) fn within(field: &Field<'_>, offset: usize) -> Span {
    let span = field.node.span;
    let start = (span.start + 1 + offset).min(span.end.saturating_sub(1)).max(span.start);
    Span { start, end: span.end.saturating_sub(1).max(start + 1) }
}
