//! Map states.

use super::Compiler;
use super::expression::is_expression;
use super::fields::{Field, Fields};
use super::machine::Here;
use crate::diagnostic::{Diagnostic, code};
use crate::path::Path;
use crate::program::{Distributed, Items, MachineId, Map, Payload, PercentageField};

/// Fields that only a distributed Map has.
const DISTRIBUTED_ONLY: [&str; 4] = ["ItemReader", "ItemBatcher", "ResultWriter", "Label"];

/// What runs for every item.
pub(super) struct Processor {
    pub(super) machine: MachineId,
    pub(super) distributed: Option<Distributed>,
}

impl Compiler<'_> {
    pub(super) fn map(&mut self, fields: &mut Fields<'_>, here: &Here<'_>) -> Option<Map> {
        let item_selector = self.item_selector(fields);
        let effect = self.effect(fields, here);
        let items = match self.in_jsonata {
            true => self.jsonata_items(fields),
            false => self.path_items(fields),
        };
        let max_concurrency = self.integer_field(fields, "MaxConcurrency", "MaxConcurrencyPath", 0, u64::MAX);
        let count = self.integer_field(fields, "ToleratedFailureCount", "ToleratedFailureCountPath", 0, u64::MAX);
        let percentage = self.tolerated_percentage(fields);
        let Processor { machine: processor, distributed } = self.processor(fields, here)?;
        let distributed = distributed.map(|distributed| {
            Box::new(Distributed {
                tolerated_failure_count: count,
                tolerated_failure_percentage: percentage,
                ..distributed
            })
        });
        Some(Map { effect: effect?, items: items?, item_selector, max_concurrency, processor, distributed })
    }

    fn path_items(&mut self, fields: &mut Fields<'_>) -> Option<Items> {
        let path = match fields.take("ItemsPath") {
            Some(field) => self.reference(&field),
            None => Path::parse("$").ok(),
        };
        path.map(Items::Path)
    }

    /// `ItemProcessor` or `Iterator`, and the fields that depend on its mode.
    fn processor(&mut self, fields: &mut Fields<'_>, here: &Here<'_>) -> Option<Processor> {
        let given: Vec<Field<'_>> = DISTRIBUTED_ONLY.into_iter().filter_map(|name| fields.take(name)).collect();
        let (processor, old) = (fields.take("ItemProcessor"), fields.take("Iterator"));
        self.exclusive(processor.as_ref(), old.as_ref());
        let Some(field) = processor.or(old) else {
            self.require(fields, &["ItemProcessor"]);
            return None;
        };
        let mut inner = self.fields(field.node, &field.pointer, "an item processor")?;
        // Old definitions that were changed by hand have it in an Iterator too, and AWS runs them (recorded).
        let config = inner.take("ProcessorConfig").and_then(|config| self.processor_config(&config));
        let machine = self.machine(inner, Some(here.id));
        let distributed = match config {
            Some(express) => {
                self.distributed.insert(machine);
                Some(self.distributed_fields(fields, express))
            }
            None => {
                self.refuse_distributed_fields(fields, given);
                None
            }
        };
        Some(Processor { machine, distributed })
    }

    fn refuse_distributed_fields(&mut self, fields: &Fields<'_>, given: Vec<Field<'_>>) {
        for field in given {
            let message = format!("`{}` belongs to a distributed Map", field.name);
            self.report(
                Diagnostic::error(code::SCHEMA, &field.pointer, field.name_span, message)
                    .help(
                        "add \"ProcessorConfig\": {\"Mode\": \"DISTRIBUTED\", …} to ItemProcessor, or remove the field",
                    )
                    .aws(format!("Field '{}' is not supported", field.name), &fields.pointer),
            );
        }
    }

    /// `ItemSelector`, or the `Parameters` of old definitions.
    fn item_selector(&mut self, fields: &mut Fields<'_>) -> Option<Payload> {
        let (selector, old) = (fields.take("ItemSelector"), fields.take("Parameters"));
        self.exclusive(selector.as_ref(), old.as_ref());
        let field = selector.or(old)?;
        self.object_payload(&field)
    }

    fn tolerated_percentage(&mut self, fields: &mut Fields<'_>) -> Option<PercentageField> {
        let literal = fields.take("ToleratedFailurePercentage");
        let path = fields.take("ToleratedFailurePercentagePath");
        self.exclusive(literal.as_ref(), path.as_ref());
        if let Some(field) = literal {
            if self.in_jsonata && is_expression(&field) && !self.is_unresolved(&field) {
                return self.expression_field(&field).map(PercentageField::Expression);
            }
            return self.percentage(&field).map(PercentageField::Literal);
        }
        self.reference(&path?).map(PercentageField::Path)
    }

    fn percentage(&mut self, field: &Field<'_>) -> Option<f64> {
        let percentage = self.number(field, 0.0)?;
        if percentage > 100.0 {
            self.wrong(field, "between 0 and 100");
            return None;
        }
        Some(percentage)
    }

    /// Whether the children are Express executions, if the items are to run as executions of their own.
    fn processor_config(&mut self, config: &Field<'_>) -> Option<bool> {
        let mut fields = self.fields(config.node, &config.pointer, "`ProcessorConfig`")?;
        let mode = fields.take("Mode").and_then(|field| self.one_of(&field, &["INLINE", "DISTRIBUTED"]));
        let execution_type = fields.take("ExecutionType").and_then(|f| self.one_of(&f, &["STANDARD", "EXPRESS"]));
        let distributed = mode == Some("DISTRIBUTED");
        if distributed {
            self.require(&fields, &["ExecutionType"]);
        }
        self.refuse_unknown(&fields);
        distributed.then_some(execution_type == Some("EXPRESS"))
    }

    /// One of a few words.
    pub(super) fn one_of(&mut self, field: &Field<'_>, words: &[&'static str]) -> Option<&'static str> {
        let text = self.settled_text(field)?;
        let found = words.iter().copied().find(|word| **word == **text);
        if found.is_none() {
            let listed: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
            self.wrong(field, &listed.join(" or "));
        }
        found
    }
}
