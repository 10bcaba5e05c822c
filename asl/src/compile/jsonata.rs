//! States in JSONata: this version does not run them, but checks all of them that is not an expression.

use super::Compiler;
use super::fields::{Field, Fields};
use super::machine::{Here, MAX_SECONDS};
use crate::diagnostic::{Diagnostic, code};
use crate::syntax::{Member, NodeKind, has_placeholder};
use crate::time::parse_rfc3339;

impl Compiler<'_> {
    pub(super) fn jsonata_state(&mut self, fields: &mut Fields<'_>, member: &Member, kind: &str, here: &Here<'_>) {
        // Once is enough: most such definitions are in JSONata as a whole.
        if !self.jsonata_told {
            self.jsonata_told = true;
            let message = format!("the state `{}` is written in JSONata, which this version does not run", member.name);
            self.report(
                Diagnostic::error(code::NOT_SUPPORTED, &fields.pointer, member.name_span, message)
                    .help("JSONPath states are supported"),
            );
        }
        self.refuse_jsonpath_fields(fields);
        if kind != "Fail" {
            fields.take("Output");
        }
        if !matches!(kind, "Succeed" | "Fail") {
            self.jsonata_assign(fields);
        }
        match kind {
            "Succeed" => self.ends(here.id),
            "Fail" => {
                self.ends(here.id);
                for name in ["Error", "Cause"] {
                    if let Some(field) = fields.take(name) {
                        self.text(&field);
                    }
                }
            }
            "Choice" => self.jsonata_choice(fields, here),
            _ => {
                self.next(fields, here);
            }
        }
        match kind {
            "Wait" => self.jsonata_wait(fields),
            "Task" => self.jsonata_task(fields),
            "Parallel" => {
                fields.take("Arguments");
                self.branches(fields, here);
            }
            "Map" => self.jsonata_map(fields, here),
            _ => {}
        }
        if matches!(kind, "Task" | "Parallel" | "Map") {
            self.retriers(fields);
            self.catchers(fields, |this, entry| this.jsonata_catcher(entry, here));
        }
        self.refuse_unknown(fields);
    }

    fn jsonata_assign(&mut self, fields: &mut Fields<'_>) {
        let Some(field) = fields.take("Assign") else { return };
        match &field.node.kind {
            NodeKind::Object(members) => {
                for member in members {
                    self.variable(member, &field.pointer);
                }
            }
            _ => self.wrong(&field, "an object"),
        }
    }

    fn jsonata_catcher(&mut self, mut fields: Fields<'_>, here: &Here<'_>) -> Option<()> {
        self.error_equals(&mut fields);
        self.refuse_jsonpath_fields(&mut fields);
        fields.take("Output");
        self.jsonata_assign(&mut fields);
        if self.require(&fields, &["Next"])
            && let Some(field) = fields.take("Next")
        {
            self.transition(&field, here);
        }
        self.refuse_unknown(&fields);
        Some(())
    }

    fn jsonata_choice(&mut self, fields: &mut Fields<'_>, here: &Here<'_>) {
        if let Some(field) = fields.take("Default") {
            self.transition(&field, here);
        }
        self.require(fields, &["Choices"]);
        if let Some(list) = fields.take("Choices")
            && matches!(&list.node.kind, NodeKind::Array(items) if items.is_empty())
        {
            self.empty(&list);
        }
        self.entries(fields, "Choices", |this, mut rule| {
            this.refuse_jsonpath_fields(&mut rule);
            this.require(&rule, &["Condition", "Next"]);
            if let Some(field) = rule.take("Condition")
                && !matches!(field.node.kind, NodeKind::Bool(_))
                && !is_expression(&field)
            {
                this.wrong(&field, "an expression \"{% … %}\", true or false");
            }
            rule.take("Output");
            this.jsonata_assign(&mut rule);
            if let Some(field) = rule.take("Next") {
                this.transition(&field, here);
            }
            this.refuse_unknown(&rule);
            Some(())
        });
    }

    fn jsonata_wait(&mut self, fields: &mut Fields<'_>) {
        let (seconds, timestamp) = (fields.take("Seconds"), fields.take("Timestamp"));
        self.exclusive(seconds.as_ref(), timestamp.as_ref());
        if let Some(field) = seconds {
            self.integer_or_expression(&field, 0);
        } else if timestamp.is_none() {
            self.report(
                Diagnostic::error(
                    code::SCHEMA,
                    &fields.pointer,
                    fields.opening(),
                    "a Wait state says how long it waits",
                )
                .help("add Seconds or Timestamp"),
            );
        }
        if let Some(field) = timestamp
            && !is_expression(&field)
            && let Some(text) = self.settled_text(&field)
            && parse_rfc3339(text).is_none()
        {
            self.bad_timestamp(&field, text);
        }
    }

    fn jsonata_task(&mut self, fields: &mut Fields<'_>) {
        self.require(fields, &["Resource"]);
        let integration = fields.take("Resource").and_then(|field| self.resource(&field));
        if let Some(arguments) = fields.take("Arguments")
            && let Some(integration) = &integration
        {
            self.call_parameters(integration, &arguments);
        }
        for name in ["TimeoutSeconds", "HeartbeatSeconds"] {
            if let Some(field) = fields.take(name) {
                self.integer_or_expression(&field, 1);
            }
        }
        if let Some(field) = fields.take("Credentials")
            && let NodeKind::Object(_) = &field.node.kind
        {
            self.role_arn(&field);
        }
    }

    fn jsonata_map(&mut self, fields: &mut Fields<'_>, here: &Here<'_>) {
        if let Some(field) = fields.take("Items")
            && !matches!(field.node.kind, NodeKind::Array(_) | NodeKind::Object(_))
            && !is_expression(&field)
        {
            self.wrong(&field, "a list, an object or an expression \"{% … %}\"");
        }
        fields.take("ItemSelector");
        for name in ["MaxConcurrency", "ToleratedFailureCount"] {
            if let Some(field) = fields.take(name)
                && !is_expression(&field)
            {
                self.integer(&field, 0, u64::MAX);
            }
        }
        if let Some(field) = fields.take("ToleratedFailurePercentage")
            && !is_expression(&field)
        {
            self.percentage(&field);
        }
        self.processor(fields, here);
    }

    fn integer_or_expression(&mut self, field: &Field<'_>, min: u64) {
        if !is_expression(field) {
            self.integer(field, min, MAX_SECONDS);
        }
    }
}

/// Whether a field holds `{% … %}`, or something that is still to come.
fn is_expression(field: &Field<'_>) -> bool {
    field.node.as_str().is_some_and(|text| (text.starts_with("{%") && text.ends_with("%}")) || has_placeholder(text))
}
