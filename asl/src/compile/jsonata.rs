//! States in JSONata: what is other than in JSONPath.

use super::Compiler;
use super::expression::{Sees, is_expression};
use super::fields::{Field, Fields};
use super::machine::{Here, MAX_SECONDS};
use crate::diagnostic::{Diagnostic, code};
use crate::jsonata::JsonataTemplate;
use crate::program::{
    CatchFlow, Catcher, Condition, Flow, Items, JsonataExit, JsonataFlow, Next, StateKind, Wait, When,
};
use crate::syntax::NodeKind;
use crate::time::parse_rfc3339;
use crate::value::Value;

impl Compiler<'_> {
    pub(super) fn jsonata_state(
        &mut self,
        fields: &mut Fields<'_>,
        kind: &str,
        here: &Here<'_>,
    ) -> Option<(Flow, StateKind)> {
        self.refuse_jsonpath_fields(fields);
        let sees = if matches!(kind, "Task" | "Parallel" | "Map") { Sees::Result } else { Sees::Input };
        let exit = JsonataExit {
            output: if kind == "Fail" { None } else { self.output(fields, sees) },
            assign: if matches!(kind, "Succeed" | "Fail") { None } else { self.jsonata_assign(fields, sees) },
        };
        let arguments = match kind {
            "Task" | "Parallel" => fields.take("Arguments").map(|field| self.jsonata_template(&field, Sees::Input)),
            _ => None,
        };
        let kind = self.kind(fields, kind, here)?;
        Some((Flow::Jsonata(Box::new(JsonataFlow { arguments, exit })), kind))
    }

    fn output(&mut self, fields: &mut Fields<'_>, sees: Sees) -> Option<JsonataTemplate> {
        fields.take("Output").map(|field| self.jsonata_template(&field, sees))
    }

    fn jsonata_assign(&mut self, fields: &mut Fields<'_>, sees: Sees) -> Option<JsonataTemplate> {
        let field = fields.take("Assign")?;
        let NodeKind::Object(members) = &field.node.kind else {
            self.wrong(&field, "an object");
            return None;
        };
        for member in members {
            self.variable(member, &field.pointer);
        }
        Some(self.jsonata_template(&field, sees))
    }

    pub(super) fn jsonata_catcher(&mut self, mut fields: Fields<'_>, here: &Here<'_>) -> Option<Catcher> {
        let errors = self.error_equals(&mut fields);
        self.refuse_jsonpath_fields(&mut fields);
        let output = self.output(&mut fields, Sees::Error);
        let assign = self.jsonata_assign(&mut fields, Sees::Error);
        let next = self.required_transition(&mut fields, here);
        self.refuse_unknown(&fields);
        let flow = CatchFlow::Jsonata(JsonataExit { output, assign });
        Some(Catcher { errors: errors?, flow, next: next? })
    }

    /// What a rule says besides `Next`.
    pub(super) fn condition(&mut self, fields: &mut Fields<'_>) -> Option<When> {
        self.refuse_jsonpath_fields(fields);
        self.require(fields, &["Condition"]);
        let condition = fields.take("Condition").and_then(|field| match field.node.kind {
            NodeKind::Bool(holds) => Some(Condition::Literal(holds)),
            // Still to come.
            NodeKind::String(_) if is_expression(&field) && self.is_unresolved(&field) => {
                Some(Condition::Literal(true))
            }
            NodeKind::String(_) if is_expression(&field) => self.expression_field(&field).map(Condition::Expression),
            _ => {
                self.wrong(&field, "an expression \"{% … %}\", true or false");
                None
            }
        });
        let output = self.output(fields, Sees::Input);
        let assign = self.jsonata_assign(fields, Sees::Input);
        self.refuse_unknown(fields);
        Some(When::Condition { condition: condition?, exit: JsonataExit { output, assign } })
    }

    pub(super) fn jsonata_wait(&mut self, fields: &mut Fields<'_>, here: &Here<'_>) -> Option<(Wait, Next)> {
        let next = self.next(fields, here);
        let (seconds, timestamp) = (fields.take("Seconds"), fields.take("Timestamp"));
        self.exclusive(seconds.as_ref(), timestamp.as_ref());
        let wait = match (seconds, timestamp) {
            (Some(field), None) if self.is_unresolved(&field) => Wait::Seconds(0),
            (Some(field), None) if is_expression(&field) => Wait::SecondsExpression(self.expression_field(&field)?),
            (Some(field), None) => Wait::Seconds(self.integer(&field, 0, MAX_SECONDS)?),
            (None, Some(field)) if self.is_unresolved(&field) => Wait::Seconds(0),
            (None, Some(field)) if is_expression(&field) => Wait::TimestampExpression(self.expression_field(&field)?),
            (None, Some(field)) => {
                let text = self.text(&field)?;
                let Some(instant) = parse_rfc3339(text) else {
                    self.bad_timestamp(&field, text);
                    return None;
                };
                Wait::Timestamp(instant.ceil_millis())
            }
            (Some(_), Some(_)) => return None,
            (None, None) => {
                self.report(
                    Diagnostic::error(
                        code::SCHEMA,
                        &fields.pointer,
                        fields.opening(),
                        "a Wait state says how long it waits",
                    )
                    .help("add Seconds or Timestamp"),
                );
                return None;
            }
        };
        Some((wait, next?))
    }

    /// `Items`: a list, or an expression that gives one. (AWS takes an object at creation, and fails on it: recorded.)
    pub(super) fn jsonata_items(&mut self, fields: &mut Fields<'_>) -> Option<Items> {
        let Some(field) = fields.take("Items") else { return Some(Items::Input) };
        if self.is_unresolved(&field) {
            return Some(Items::Template(JsonataTemplate::Literal(Value::array(Vec::new()))));
        }
        if !matches!(field.node.kind, NodeKind::Array(_) | NodeKind::Object(_)) && !is_expression(&field) {
            self.wrong(&field, "a list, an object or an expression \"{% … %}\"");
            return None;
        }
        Some(Items::Template(self.jsonata_template(&field, Sees::Input)))
    }

    /// Whether a field holds a placeholder without a value, where that is allowed.
    pub(super) fn is_unresolved(&self, field: &Field<'_>) -> bool {
        field.node.as_str().is_some_and(|text| crate::syntax::has_placeholder(text))
    }
}
