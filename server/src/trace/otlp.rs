//! Spans as OTLP has them, in its JSON form. The encoding is fixed by the protocol: ids are hexadecimal, 64-bit numbers
//! are texts. A test reads it with OpenTelemetry's own types.

use super::context::{Context, Identity};
use aslx_asl::{MachineType, Timestamp};
use aslx_engine::Data;
use aslx_engine::history::view::{Payload, RunSpan, RunStatus, SpanKey, SpanSubject, VisitStatus};
use aslx_engine::journal::{ExecutionNames, Started};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

const INTERNAL: u8 = 1;
const SERVER: u8 = 2;
const CLIENT: u8 = 3;

/// Spans of one state machine.
pub(super) struct Spans {
    /// ARN of the state machine, and what is known of it.
    pub(super) machine: Arc<str>,
    pub(super) resource: Json,
    pub(super) spans: Vec<Json>,
}

/// What is told of an execution besides its tree.
pub(super) struct Execution<'e> {
    pub(super) started: &'e Started,
    pub(super) identity: Identity<'e>,
    pub(super) context: Context,
    /// The span of a map run that it is a child of.
    pub(super) within: Option<super::context::SpanId>,
    /// Inputs, outputs and causes, if they are asked for.
    pub(super) payloads: bool,
    pub(super) output: Option<&'e Data>,
}

/// The body of a request: spans of one state machine.
pub(super) fn request(resource: &Json, spans: &[Json]) -> Json {
    let scope = json!({"name": "aslx", "version": env!("CARGO_PKG_VERSION")});
    json!({"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": scope, "spans": spans}]}]})
}

/// A state machine is a service: that is how tools list them.
pub(super) fn resource(names: &ExecutionNames) -> Json {
    let part = |n: usize| names.machine_arn.split(':').nth(n).unwrap_or_default();
    let attributes = Attributes::new()
        .text("service.name", &names.machine_name)
        .text("service.namespace", "aslx")
        .text("cloud.provider", "aws")
        .text("cloud.region", part(3))
        .text("cloud.account.id", part(4))
        .text("aws.step_functions.state_machine.arn", &names.machine_arn);
    json!({"attributes": attributes.0})
}

impl Execution<'_> {
    /// A span in the form of the protocol.
    pub(super) fn span(&self, span: &RunSpan) -> Json {
        let names = &self.started.names;
        let id = self.identity.span(span.key);
        let mut attributes = Attributes::new();
        let (mut name, mut kind) = (String::new(), INTERNAL);
        let (mut events, mut links) = (Vec::new(), Vec::new());
        let mut failed = span.error.is_some();
        match &span.subject {
            SpanSubject::Execution(status) => {
                (name, kind) = (names.machine_name.to_string(), SERVER);
                failed = *status != RunStatus::Succeeded;
                attributes = attributes
                    .text("aslx.execution.arn", &names.execution_arn)
                    .text("aslx.execution.name", &names.execution_name)
                    .text("aslx.execution.status", status.word())
                    .text("aslx.state_machine.type", machine_type(self.started.machine_type))
                    .text("aslx.xray.trace_id", &self.context.trace.of_xray());
                if let Some(through) = names.alias_arn.as_ref().or(names.version_arn.as_ref()) {
                    attributes = attributes.text("aslx.state_machine.qualified_arn", through);
                }
                if let SpanKey::Execution { redrive } = span.key
                    && redrive > 0
                {
                    attributes = attributes.number("aslx.redrive_count", redrive);
                    let before = self.identity.span(SpanKey::Execution { redrive: redrive - 1 });
                    links.push(json!({"traceId": self.context.trace.to_string(), "spanId": before.to_string()}));
                }
                if self.payloads {
                    attributes = attributes.text("aslx.input", &self.started.input.text());
                    if let Some(output) = self.output {
                        attributes = attributes.text("aslx.output", &output.text());
                    }
                }
            }
            SpanSubject::State { name: state, state: kind, status, items, input } => {
                state.as_ref().clone_into(&mut name);
                // What was caught is an error of the attempt, not of the state.
                failed = matches!(status, VisitStatus::Failed | VisitStatus::Aborted);
                attributes = attributes
                    .text("aslx.state.name", state)
                    .text("aslx.state.type", kind.name())
                    .text("aslx.state.status", status.word());
                if let Some(items) = items {
                    attributes = attributes.number("aslx.map.items", *items);
                }
                if let Some(input) = input.as_ref().filter(|_| self.payloads) {
                    attributes = attributes.text("aslx.input", &Payload::text(input));
                }
            }
            SpanSubject::Attempt { resource, number, delay } => {
                (name, kind) = (short(resource).to_owned(), CLIENT);
                attributes = attributes.text("aslx.task.resource", resource).number("aslx.task.attempt", *number);
                if resource.contains(":activity:") {
                    attributes = attributes.text("aws.step_functions.activity.arn", resource);
                }
                if let Some(delay) = delay {
                    attributes = attributes.number("aslx.retry.delay_ms", *delay);
                    events.push(json!({"timeUnixNano": nanos(span.begun), "name": "retry"}));
                }
            }
            SpanSubject::Branch { index, attempt } => {
                name = format!("branch {index}");
                attributes = attributes.number("aslx.branch.index", *index).number("aslx.attempt", *attempt);
            }
            SpanSubject::Iteration { index, attempt } => {
                name = format!("iteration {index}");
                attributes = attributes.number("aslx.iteration.index", *index).number("aslx.attempt", *attempt);
            }
            SpanSubject::MapRun { arn } => {
                "map run".clone_into(&mut name);
                attributes = attributes.text("aslx.map_run.arn", arn);
            }
        }
        let error = span.error.as_ref().and_then(|error| error.error.as_deref());
        if let Some(error) = error {
            attributes = attributes.text("error.type", error);
        }
        if let Some(cause) = span.error.as_ref().and_then(|error| error.cause.as_deref()).filter(|_| self.payloads) {
            attributes = attributes.text("exception.message", cause);
        }
        let mut told = Map::new();
        told.insert("traceId".into(), self.context.trace.to_string().into());
        told.insert("spanId".into(), id.to_string().into());
        let parent = match span.parent {
            Some(parent) => Some(self.identity.span(parent)),
            None => self.within.or(self.context.parent),
        };
        if let Some(parent) = parent {
            told.insert("parentSpanId".into(), parent.to_string().into());
        }
        told.insert("name".into(), name.into());
        told.insert("kind".into(), kind.into());
        told.insert("startTimeUnixNano".into(), nanos(span.begun).into());
        told.insert("endTimeUnixNano".into(), nanos(span.ended).into());
        told.insert("attributes".into(), attributes.0.into());
        told.insert("events".into(), events.into());
        told.insert("links".into(), links.into());
        told.insert(
            "status".into(),
            if failed { json!({"code": 2, "message": error.unwrap_or_default()}) } else { json!({}) },
        );
        Json::Object(told)
    }
}

fn machine_type(machine_type: MachineType) -> &'static str {
    match machine_type {
        MachineType::Standard => "STANDARD",
        MachineType::Express => "EXPRESS",
    }
}

/// `lambda:invoke`, and of an ARN its last part.
fn short(resource: &str) -> &str {
    if resource.starts_with("arn:") { resource.rsplit(':').next().unwrap_or(resource) } else { resource }
}

fn nanos(at: Timestamp) -> String {
    (i128::from(at.as_millis().max(0)) * 1_000_000).to_string()
}

struct Attributes(Vec<Json>);

impl Attributes {
    fn new() -> Attributes {
        Attributes(Vec::new())
    }

    fn text(mut self, key: &str, value: &str) -> Attributes {
        self.0.push(json!({"key": key, "value": {"stringValue": value}}));
        self
    }

    fn number(mut self, key: &str, value: impl std::fmt::Display) -> Attributes {
        self.0.push(json!({"key": key, "value": {"intValue": value.to_string()}}));
        self
    }
}
