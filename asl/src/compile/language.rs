//! Fields of the other query language.

use super::Compiler;
use super::fields::Fields;
use crate::diagnostic::{Diagnostic, code};
use crate::program::QueryLanguage;

/// Fields that only states in JSONata have.
const JSONATA_ONLY: [&str; 4] = ["Arguments", "Output", "Items", "Condition"];

/// Fields that only states in JSONPath have; of a Choice rule also the operators, which are reported as a whole.
const JSONPATH_ONLY: [&str; 20] = [
    "InputPath",
    "Parameters",
    "Result",
    "ResultSelector",
    "ResultPath",
    "OutputPath",
    "ItemsPath",
    "SecondsPath",
    "TimestampPath",
    "TimeoutSecondsPath",
    "HeartbeatSecondsPath",
    "MaxConcurrencyPath",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentagePath",
    "ErrorPath",
    "CausePath",
    "MaxItemsPath",
    "MaxItemsPerBatchPath",
    "MaxInputBytesPerBatchPath",
    "Variable",
];

impl Compiler<'_> {
    /// Reports fields of the language in which the state is not.
    pub(super) fn refuse_other_language(&mut self, fields: &mut Fields<'_>) {
        match self.in_jsonata {
            true => self.refuse_jsonpath_fields(fields),
            false => self.refuse_jsonata_fields(fields),
        }
    }

    /// Reports fields that belong to JSONata in a state in JSONPath.
    pub(super) fn refuse_jsonata_fields(&mut self, fields: &mut Fields<'_>) {
        self.refuse_fields(fields, &JSONATA_ONLY, QueryLanguage::JsonPath);
    }

    /// Reports fields that belong to JSONPath in a state in JSONata.
    pub(super) fn refuse_jsonpath_fields(&mut self, fields: &mut Fields<'_>) {
        self.refuse_fields(fields, &JSONPATH_ONLY, QueryLanguage::Jsonata);
    }

    fn refuse_fields(&mut self, fields: &mut Fields<'_>, names: &[&'static str], here: QueryLanguage) {
        let other = match here {
            QueryLanguage::JsonPath => QueryLanguage::Jsonata,
            QueryLanguage::Jsonata => QueryLanguage::JsonPath,
        };
        for name in names {
            if !fields.has(name) {
                continue;
            }
            let Some(field) = fields.take(name) else { continue };
            let message = format!("`{name}` belongs to {other}, this state is written in {here}");
            self.report(
                Diagnostic::error(code::SCHEMA, &field.pointer, field.name_span, message).help(instead(name)).aws(
                    format!(
                        "The QueryLanguage is set to '{here}', but field '{name}' is only supported for the \
                             '{other}' QueryLanguage"
                    ),
                    &fields.pointer,
                ),
            );
        }
    }
}

/// What the state's own language has in place of a field.
fn instead(name: &str) -> &'static str {
    match name {
        "Arguments" => "write Parameters, or add \"QueryLanguage\": \"JSONata\"",
        "Output" => "write ResultSelector, ResultPath and OutputPath, or add \"QueryLanguage\": \"JSONata\"",
        "Items" => "write ItemsPath, or add \"QueryLanguage\": \"JSONata\"",
        "Condition" => "write Variable and an operator, or add \"QueryLanguage\": \"JSONata\"",
        "Variable" => "write \"Condition\": \"{% … %}\"",
        "Parameters" => "write Arguments",
        "Result" | "ResultSelector" | "ResultPath" | "OutputPath" => "write Output",
        "InputPath" => "use $states.input in the expressions",
        "ItemsPath" => "write Items",
        _ => "write the field without `Path`, with \"{% … %}\" as value",
    }
}
