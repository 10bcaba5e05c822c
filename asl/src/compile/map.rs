//! Map states.

use super::Compiler;
use super::fields::{Field, Fields};
use super::machine::Here;
use crate::diagnostic::{Diagnostic, code};
use crate::path::Path;
use crate::program::{Items, MachineId, Map, Template};

/// Fields that only a distributed Map has.
const DISTRIBUTED_ONLY: [&str; 4] = ["ItemReader", "ItemBatcher", "ResultWriter", "Label"];

/// What runs for every item.
pub(super) struct Processor {
    pub(super) machine: MachineId,
    pub(super) distributed: bool,
}

impl Compiler<'_> {
    pub(super) fn map(&mut self, fields: &mut Fields<'_>, here: &Here<'_>) -> Option<Map> {
        let item_selector = self.item_selector(fields);
        let effect = self.effect(fields, here, None);
        let items = match fields.take("ItemsPath") {
            Some(field) => self.reference(&field),
            None => Path::parse("$").ok(),
        };
        let max_concurrency = self.integer_or_path(fields, "MaxConcurrency", "MaxConcurrencyPath", 0, u64::MAX);
        self.integer_or_path(fields, "ToleratedFailureCount", "ToleratedFailureCountPath", 0, u64::MAX);
        self.tolerated_percentage(fields);
        let processor = self.processor(fields, here)?;
        if processor.distributed {
            return None;
        }
        let (items, processor) = (Items::Path(items?), processor.machine);
        Some(Map { effect: effect?, items, item_selector, max_concurrency, processor, distributed: None })
    }

    /// `ItemProcessor` or `Iterator`, and the fields that depend on its mode.
    pub(super) fn processor(&mut self, fields: &mut Fields<'_>, here: &Here<'_>) -> Option<Processor> {
        let given: Vec<Field<'_>> = DISTRIBUTED_ONLY.into_iter().filter_map(|name| fields.take(name)).collect();
        let (processor, old) = (fields.take("ItemProcessor"), fields.take("Iterator"));
        self.exclusive(processor.as_ref(), old.as_ref());
        let Some(field) = processor.or(old) else {
            self.require(fields, &["ItemProcessor"]);
            return None;
        };
        let mut inner = self.fields(field.node, &field.pointer, "an item processor")?;
        let config = if &*field.name == "ItemProcessor" { inner.take("ProcessorConfig") } else { None };
        let distributed = config.is_some_and(|config| self.processor_config(&config));
        let machine = self.machine(inner, Some(here.id));
        // The states of the processor have been compiled in between.
        self.current = here.id;
        if distributed {
            self.distributed.insert(machine);
            self.distributed_fields(fields);
            self.refuse_distributed(fields, &field);
        } else {
            self.refuse_distributed_fields(fields, given);
        }
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
    fn item_selector(&mut self, fields: &mut Fields<'_>) -> Option<Template> {
        let (selector, old) = (fields.take("ItemSelector"), fields.take("Parameters"));
        self.exclusive(selector.as_ref(), old.as_ref());
        let field = selector.or(old)?;
        self.object_template(&field)
    }

    fn tolerated_percentage(&mut self, fields: &mut Fields<'_>) {
        let literal = fields.take("ToleratedFailurePercentage");
        let path = fields.take("ToleratedFailurePercentagePath");
        self.exclusive(literal.as_ref(), path.as_ref());
        if let Some(field) = literal {
            self.percentage(&field);
        }
        if let Some(field) = path {
            self.reference(&field);
        }
    }

    pub(super) fn percentage(&mut self, field: &Field<'_>) {
        if self.number(field, 0.0).is_some_and(|percentage| percentage > 100.0) {
            self.wrong(field, "between 0 and 100");
        }
    }

    /// Whether the items are to run as executions of their own.
    fn processor_config(&mut self, config: &Field<'_>) -> bool {
        let Some(mut fields) = self.fields(config.node, &config.pointer, "`ProcessorConfig`") else { return false };
        let mode = fields.take("Mode").and_then(|field| self.one_of(&field, &["INLINE", "DISTRIBUTED"]));
        if let Some(field) = fields.take("ExecutionType") {
            self.one_of(&field, &["STANDARD", "EXPRESS"]);
        }
        let distributed = mode == Some("DISTRIBUTED");
        if distributed {
            self.require(&fields, &["ExecutionType"]);
        }
        self.refuse_unknown(&fields);
        distributed
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

    fn refuse_distributed(&mut self, fields: &Fields<'_>, processor: &Field<'_>) {
        self.report(
            Diagnostic::error(
                code::NOT_SUPPORTED,
                &fields.pointer,
                processor.name_span,
                "this is a distributed Map, which this version does not run",
            )
            .help("inline Maps are supported: \"Mode\": \"INLINE\""),
        );
    }
}
