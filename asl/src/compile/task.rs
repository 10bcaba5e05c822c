//! Task states.

use super::Compiler;
use super::fields::{Field, Fields};
use super::machine::{Here, MAX_SECONDS};
use crate::catalogue::{Integration, parse_resource};
use crate::diagnostic::{Diagnostic, code};
use crate::program::{IntegerField, Task, Template};
use crate::syntax::{NodeKind, has_placeholder};

impl Compiler<'_> {
    pub(super) fn task(&mut self, fields: &mut Fields<'_>, here: &Here<'_>) -> Option<Task> {
        let resource = fields.take("Resource");
        let integration = resource.as_ref().and_then(|field| self.resource(field));
        if resource.is_none() {
            self.require(fields, &["Resource"]);
        }
        let parameters = fields.take("Parameters").and_then(|f| self.template(&f));
        let effect = self.effect(fields, here, parameters);
        let timeout = self.integer_or_path(fields, "TimeoutSeconds", "TimeoutSecondsPath", 1, MAX_SECONDS);
        let heartbeat_field = ["HeartbeatSeconds", "HeartbeatSecondsPath"].into_iter().find(|name| fields.has(name));
        let heartbeat = self.integer_or_path(fields, "HeartbeatSeconds", "HeartbeatSecondsPath", 1, MAX_SECONDS);
        if let (Some(IntegerField::Literal(timeout)), Some(IntegerField::Literal(beat)), Some(name)) =
            (&timeout, &heartbeat, heartbeat_field)
            && beat >= timeout
            && let Some(field) = fields.take(name)
        {
            self.wrong(&field, &format!("smaller than TimeoutSeconds, which is {timeout}"));
        }
        let credentials = fields.take("Credentials").and_then(|f| self.credentials(&f));
        let resource = resource?.node.as_str()?.clone();
        Some(Task { effect: effect?, resource, integration, timeout, heartbeat, credentials })
    }

    fn resource(&mut self, field: &Field<'_>) -> Option<Integration> {
        let text = self.text(field)?;
        if has_placeholder(text) {
            return None;
        }
        let integration = match parse_resource(text) {
            Ok(integration) => integration,
            Err(error) => {
                let mut diagnostic = Diagnostic::error(
                    code::SCHEMA,
                    &field.pointer,
                    field.node.span,
                    format!("`{text}` is no resource that a Task can call: {error}"),
                )
                .aws(
                    format!(
                        "The resource provided {text} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region."
                    ),
                    &field.pointer,
                );
                if let Some(help) = error.help() {
                    diagnostic = diagnostic.help(help);
                }
                self.report(diagnostic);
                return None;
            }
        };
        if self.is_express()
            && let Some(refused) = integration.refused_by_express()
        {
            let message = format!("an Express state machine has no {refused}");
            let (what, blanks) = match refused {
                "activities" => ("Activity ARN".to_owned(), ""),
                // AWS's own text has two blanks before "at" for callbacks (recorded).
                ".waitForTaskToken" => (format!("'{refused}' service integration"), " "),
                _ => (format!("'{refused}' service integration"), ""),
            };
            self.report(
                Diagnostic::error(code::SCHEMA, &field.pointer, field.node.span, message)
                    .help("use a Standard state machine, or call the service without waiting")
                    .aws(format!("Express state machine does not support {what}{blanks}"), &field.pointer),
            );
        }
        Some(integration)
    }

    fn credentials(&mut self, field: &Field<'_>) -> Option<Template> {
        let NodeKind::Object(members) = &field.node.kind else {
            self.wrong(field, "an object with `RoleArn`");
            return None;
        };
        if !members.iter().any(|m| matches!(&*m.name, "RoleArn" | "RoleArn.$")) {
            self.report(
                Diagnostic::error(code::SCHEMA, &field.pointer, field.node.span, "`RoleArn` is missing here")
                    .aws("The field 'RoleArn' is required but was missing", &field.pointer),
            );
            return None;
        }
        self.object_template(field)
    }
}
