//! The data flow of a state in JSONPath; Wait and Fail.

use super::Compiler;
use super::fields::{Field, Fields};
use super::machine::{Here, MAX_SECONDS};
use crate::diagnostic::{Diagnostic, code};
use crate::program::{Fail, Flow, Next, PathFlow, StateKind, Wait};
use crate::syntax::has_placeholder;
use crate::time::parse_rfc3339;

impl Compiler<'_> {
    pub(super) fn path_state(
        &mut self,
        fields: &mut Fields<'_>,
        kind: &str,
        here: &Here<'_>,
    ) -> Option<(Flow, StateKind)> {
        self.refuse_jsonata_fields(fields);
        let mut flow = PathFlow::default();
        if kind != "Fail" {
            flow.input_path = self.pick(fields, "InputPath");
            flow.output_path = self.pick(fields, "OutputPath");
        }
        if !matches!(kind, "Succeed" | "Fail") {
            flow.assign = self.assign(fields.take("Assign"));
        }
        if matches!(kind, "Pass" | "Task" | "Parallel") {
            flow.parameters = fields.take("Parameters").and_then(|field| self.template(&field));
        }
        if kind == "Pass"
            && let Some(field) = fields.take("Result")
        {
            self.static_result(field.node, &field.pointer);
            flow.result = Some(field.node.to_value()).filter(|value| !value.is_null());
        }
        if matches!(kind, "Task" | "Parallel" | "Map") {
            flow.result_selector = fields.take("ResultSelector").and_then(|field| self.object_template(&field));
        }
        if matches!(kind, "Pass" | "Task" | "Parallel" | "Map") {
            flow.result_path = self.result_path(fields);
        }
        let kind = self.kind(fields, kind, here)?;
        Some((Flow::Paths(Box::new(flow)), kind))
    }

    pub(super) fn wait(&mut self, fields: &mut Fields<'_>, here: &Here<'_>) -> Option<(Wait, Next)> {
        let next = self.next(fields, here);
        const NAMES: [&str; 4] = ["Seconds", "SecondsPath", "Timestamp", "TimestampPath"];
        let given: Vec<_> = NAMES.into_iter().filter_map(|name| fields.take(name)).collect();
        let [field] = given.as_slice() else {
            match given.as_slice() {
                [one, other, ..] => self.exclusive(Some(one), Some(other)),
                _ => {
                    self.report(
                        Diagnostic::error(
                            code::SCHEMA,
                            &fields.pointer,
                            fields.opening(),
                            "a Wait state says how long it waits",
                        )
                        .help("add one of Seconds, SecondsPath, Timestamp and TimestampPath"),
                    );
                }
            }
            return None;
        };
        let wait = match &*field.name {
            "Seconds" => Wait::Seconds(self.integer(field, 0, MAX_SECONDS)?),
            "SecondsPath" => Wait::SecondsPath(self.reference(field)?),
            "TimestampPath" => Wait::TimestampPath(self.reference(field)?),
            _ => {
                let text = self.text(field)?;
                match parse_rfc3339(text) {
                    Some(instant) => Wait::Timestamp(instant.ceil_millis()),
                    None if has_placeholder(text) => Wait::Seconds(0),
                    None => {
                        self.bad_timestamp(field, text);
                        return None;
                    }
                }
            }
        };
        Some((wait, next?))
    }

    pub(super) fn bad_timestamp(&mut self, field: &Field<'_>, text: &str) {
        let message = format!("`{text}` is no RFC 3339 timestamp");
        self.report(
            Diagnostic::error(code::SCHEMA, &field.pointer, field.node.span, message)
                .help("write it like 2026-03-14T01:59:00Z, with `T` and `Z` or an offset")
                .aws("String does not match RFC3339 timestamp", &field.pointer),
        );
    }

    pub(super) fn fail(&mut self, fields: &mut Fields<'_>) -> Fail {
        let error = self.text_field(fields, "Error", "ErrorPath");
        let cause = self.text_field(fields, "Cause", "CausePath");
        Fail { error, cause }
    }
}
