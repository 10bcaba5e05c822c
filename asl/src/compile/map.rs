//! Map states.

use super::Compiler;
use super::fields::{Field, Fields};
use super::machine::Here;
use crate::diagnostic::{Diagnostic, code};
use crate::path::Path;
use crate::program::{Items, Map};

/// Fields that only a distributed Map reads; an inline one accepts some and ignores them.
const DISTRIBUTED_ONLY: [&str; 4] = ["ItemReader", "ItemBatcher", "ResultWriter", "Label"];

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
        let distributed: Vec<Field<'_>> = DISTRIBUTED_ONLY.into_iter().filter_map(|name| fields.take(name)).collect();
        let (processor, old) = (fields.take("ItemProcessor"), fields.take("Iterator"));
        self.exclusive(processor.as_ref(), old.as_ref());
        let Some(field) = processor.or(old) else {
            self.require(fields, &["ItemProcessor"]);
            return None;
        };
        let mut machine = self.fields(field.node, &field.pointer, "an item processor")?;
        let config = if &*field.name == "ItemProcessor" { machine.take("ProcessorConfig") } else { None };
        let is_distributed = config.is_some_and(|config| self.processor_config(&config));
        let processor = self.machine(machine, Some(here.id));
        if is_distributed {
            self.refuse_distributed(fields, &field);
            return None;
        }
        for field in distributed {
            let message = format!("`{}` belongs to a distributed Map", field.name);
            self.report(
                Diagnostic::error(code::SCHEMA, &field.pointer, field.name_span, message)
                    .help(
                        "add \"ProcessorConfig\": {\"Mode\": \"DISTRIBUTED\", …} to ItemProcessor, or remove the field",
                    )
                    .aws(format!("Field '{}' is not supported", field.name), &fields.pointer),
            );
        }
        Some(Map { effect: effect?, items: Items::Path(items?), item_selector, max_concurrency, processor })
    }

    /// `ItemSelector`, or the `Parameters` of old definitions.
    fn item_selector(&mut self, fields: &mut Fields<'_>) -> Option<crate::program::Template> {
        let (selector, old) = (fields.take("ItemSelector"), fields.take("Parameters"));
        self.exclusive(selector.as_ref(), old.as_ref());
        let field = selector.or(old)?;
        self.object_template(&field)
    }

    fn tolerated_percentage(&mut self, fields: &mut Fields<'_>) {
        let literal = fields.take("ToleratedFailurePercentage");
        let path = fields.take("ToleratedFailurePercentagePath");
        self.exclusive(literal.as_ref(), path.as_ref());
        if let Some(field) = literal
            && self.number(&field, 0.0).is_some_and(|percentage| percentage > 100.0)
        {
            self.wrong(&field, "between 0 and 100");
        }
        if let Some(field) = path {
            self.reference(&field);
        }
    }

    /// Whether the items are to run as executions of their own.
    fn processor_config(&mut self, config: &Field<'_>) -> bool {
        let Some(mut fields) = self.fields(config.node, &config.pointer, "`ProcessorConfig`") else { return false };
        let (mode, execution_type) = (fields.take("Mode"), fields.take("ExecutionType"));
        let distributed = match mode.as_ref().and_then(|field| self.text(field)).map(|text| &**text) {
            Some("DISTRIBUTED") => true,
            Some("INLINE") | None => false,
            Some(_) => {
                if let Some(mode) = &mode {
                    self.wrong(mode, "\"INLINE\" or \"DISTRIBUTED\"");
                }
                false
            }
        };
        match execution_type.as_ref().and_then(|field| self.text(field)).map(|text| &**text) {
            Some("STANDARD" | "EXPRESS") | None => {}
            Some(_) => {
                if let Some(field) = &execution_type {
                    self.wrong(field, "\"STANDARD\" or \"EXPRESS\"");
                }
            }
        }
        if distributed {
            self.require(&fields, &["ExecutionType"]);
        }
        self.refuse_unknown(&fields);
        distributed
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
