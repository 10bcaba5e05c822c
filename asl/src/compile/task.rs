//! Task states.

use super::Compiler;
use super::expression::is_expression;
use super::fields::{Field, Fields, article};
use super::machine::{Here, MAX_SECONDS};
use super::parameters::{ParameterFault, aws_kind, kind_in_words, parameter_faults};
use crate::catalogue::{Integration, ParameterKind, parse_resource};
use crate::diagnostic::{Diagnostic, code, pointer_to};
use crate::program::{IntegerField, Payload, Task};
use crate::syntax::{NodeKind, Span, has_placeholder};

impl Compiler<'_> {
    pub(super) fn task(&mut self, fields: &mut Fields<'_>, here: &Here<'_>) -> Option<Task> {
        let resource = fields.take("Resource");
        let integration = resource.as_ref().and_then(|field| self.resource(field));
        if resource.is_none() {
            self.require(fields, &["Resource"]);
        }
        let parameters = fields.take(if self.in_jsonata { "Arguments" } else { "Parameters" });
        if let (Some(field), Some(integration)) = (&parameters, &integration) {
            self.call_parameters(integration, field);
        }
        let effect = self.effect(fields, here);
        let timeout = self.integer_field(fields, "TimeoutSeconds", "TimeoutSecondsPath", 1, MAX_SECONDS);
        let heartbeat_field = ["HeartbeatSeconds", "HeartbeatSecondsPath"].into_iter().find(|name| fields.has(name));
        let heartbeat = self.integer_field(fields, "HeartbeatSeconds", "HeartbeatSecondsPath", 1, MAX_SECONDS);
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

    /// The parameters of a call through the SDK. (What AWS's own integrations take, AWS checks when it calls.)
    fn call_parameters(&mut self, integration: &Integration, field: &Field<'_>) {
        let NodeKind::Object(members) = &field.node.kind else { return };
        if !matches!(integration, Integration::AwsSdk { .. }) {
            return;
        }
        let Some(known) = integration.parameters() else { return };
        let call = integration.resource();
        for fault in parameter_faults(known, members) {
            self.report(match fault {
                ParameterFault::Missing(name) => {
                    let span = Span { start: field.node.span.start, end: field.node.span.start + 1 };
                    Diagnostic::error(
                        code::SCHEMA,
                        &field.pointer,
                        span,
                        format!("`{name}` is missing here: `{call}` needs it"),
                    )
                    .aws(format!("The field '{name}' is required but was missing"), &field.pointer)
                }
                ParameterFault::Unknown { member, meant } => {
                    let name = member.name.strip_suffix(".$").unwrap_or(&member.name);
                    let message = format!("`{call}` has no parameter `{name}`");
                    let place = pointer_to(&field.pointer, &member.name);
                    let found = Diagnostic::error(code::SCHEMA, &place, member.name_span, message);
                    let words = format!("The field \"{name}\" is not supported by Step Functions.");
                    match meant {
                        Some(meant) => found
                            .help(format!("did you mean `{meant}`?"))
                            .aws(format!("{words} Did you mean '{meant}'?"), &field.pointer),
                        None => found.aws(words, &field.pointer),
                    }
                }
                ParameterFault::WrongType { member, kind } => {
                    let place = pointer_to(&field.pointer, &member.name);
                    let (name, found) = (&member.name, member.value.type_name());
                    let message =
                        format!("`{name}` is {}, found {} {found}", kind_in_words(kind), article(&member.value));
                    let words = format!("The value for the field '{name}' must be {}", aws_kind(kind));
                    // For these AWS's refusal is recorded.
                    let sure = matches!(kind, ParameterKind::String | ParameterKind::Integer);
                    let make = if sure { Diagnostic::error } else { Diagnostic::warning };
                    let code = if sure { code::SCHEMA } else { code::PARAMETER_TYPE };
                    make(code, &place, member.value.span, message).aws(words, &field.pointer)
                }
            });
        }
    }

    fn credentials(&mut self, field: &Field<'_>) -> Option<Payload> {
        match &field.node.kind {
            NodeKind::Object(_) if !self.role_arn(field) => None,
            NodeKind::Object(_) => self.payload(field),
            _ if self.in_jsonata && is_expression(field) => self.payload(field),
            _ => {
                self.wrong(field, "an object with `RoleArn`");
                None
            }
        }
    }

    /// Whether `Credentials` names a role.
    fn role_arn(&mut self, field: &Field<'_>) -> bool {
        let named = ["RoleArn", "RoleArn.$"].iter().any(|name| field.node.get(name).is_some());
        if !named {
            self.report(
                Diagnostic::error(code::SCHEMA, &field.pointer, field.node.span, "`RoleArn` is missing here")
                    .aws("The field 'RoleArn' is required but was missing", &field.pointer),
            );
        }
        named
    }
}
