//! The fields of a distributed Map: where its items come from, how they are batched, where the results go.

use super::Compiler;
use super::fields::{Field, Fields};
use crate::catalogue::{MapResource, parse_map_resource};
use crate::diagnostic::{Diagnostic, code};
use crate::syntax::{NodeKind, has_placeholder};

/// Characters that a label may not have, besides blanks and control characters.
const NOT_IN_LABELS: &str = "?*<>{}[]:;,\\|^~$#%&`\"";

/// Characters that a label may have at most.
const MAX_LABEL: usize = 40;

/// Bytes that the input of a child execution may have.
const MAX_BATCH_BYTES: u64 = 262_144;

impl Compiler<'_> {
    pub(super) fn distributed_fields(&mut self, fields: &mut Fields<'_>) {
        if self.is_express() {
            self.report(
                Diagnostic::warning(
                    code::SCHEMA,
                    &fields.pointer,
                    fields.opening(),
                    "a distributed Map in an Express state machine",
                )
                .help("only Standard state machines run it"),
            );
        }
        if let Some(field) = fields.take("Label") {
            self.label(&field);
        }
        if let Some(field) = fields.take("ItemReader") {
            self.item_reader(&field);
        }
        if let Some(field) = fields.take("ItemBatcher") {
            self.item_batcher(&field);
        }
        if let Some(field) = fields.take("ResultWriter") {
            self.result_writer(&field);
        }
    }

    fn label(&mut self, field: &Field<'_>) {
        let Some(label) = self.settled_text(field) else { return };
        let refused = label.chars().find(|c| c.is_whitespace() || c.is_control() || NOT_IN_LABELS.contains(*c));
        let problem = match (label.chars().count(), refused) {
            (0, _) => "a label is not empty".to_owned(),
            (length, _) if length > MAX_LABEL => {
                format!("a label has at most {MAX_LABEL} characters, this has {length}")
            }
            (_, Some(c)) => format!("a label cannot have the character `{}`", c.escape_debug()),
            _ => {
                if !self.labels.insert(label.clone()) {
                    let message = format!("another Map has the label `{label}`");
                    self.report(
                        Diagnostic::error(code::DUPLICATE_LABEL, &field.pointer, field.node.span, message)
                            .help("labels are unique over the whole definition"),
                    );
                }
                return;
            }
        };
        self.report(Diagnostic::error(code::INVALID_LABEL, &field.pointer, field.node.span, problem));
    }

    /// `Resource` of a reader or a writer.
    fn map_resource(&mut self, fields: &mut Fields<'_>, fits: fn(MapResource) -> bool) -> Option<MapResource> {
        let field = fields.take("Resource")?;
        let text = self.settled_text(&field)?;
        match parse_map_resource(text) {
            Ok(resource) if fits(resource) => Some(resource),
            other => {
                let why = other.err().map_or("it reads or writes the wrong way".to_owned(), |error| error.to_string());
                self.report(
                    Diagnostic::error(
                        code::SCHEMA,
                        &field.pointer,
                        field.node.span,
                        format!("`{text}` cannot stand here: {why}"),
                    )
                    .help("readers are s3:getObject and s3:listObjectsV2, the writer is s3:putObject"),
                );
                None
            }
        }
    }

    /// `Parameters` of a reader or a writer, or `Arguments` in JSONata.
    fn map_parameters(&mut self, fields: &mut Fields<'_>) {
        if let Some(field) = fields.take("Parameters") {
            self.object_template(&field);
        }
        fields.take("Arguments");
    }

    fn item_reader(&mut self, field: &Field<'_>) {
        let Some(mut fields) = self.fields(field.node, &field.pointer, "`ItemReader`") else { return };
        self.require(&fields, &["Resource"]);
        self.map_resource(&mut fields, MapResource::reads);
        self.map_parameters(&mut fields);
        if let Some(config) = fields.take("ReaderConfig") {
            self.reader_config(&config);
        }
        self.refuse_unknown(&fields);
    }

    fn reader_config(&mut self, field: &Field<'_>) {
        let Some(mut fields) = self.fields(field.node, &field.pointer, "`ReaderConfig`") else { return };
        let words: [(&'static str, &[&'static str]); 5] = [
            ("InputType", &["CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"]),
            ("Transformation", &["NONE", "LOAD_AND_FLATTEN"]),
            ("ManifestType", &["S3_INVENTORY", "ATHENA_DATA"]),
            ("CSVDelimiter", &["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"]),
            ("CSVHeaderLocation", &["FIRST_ROW", "GIVEN"]),
        ];
        let mut header_given = false;
        for (name, allowed) in words {
            if let Some(field) = fields.take(name) {
                header_given |= self.one_of(&field, allowed) == Some("GIVEN");
            }
        }
        if let Some(field) = fields.take("CSVHeaders") {
            let texts = match &field.node.kind {
                NodeKind::Array(items) => items.iter().all(|item| item.as_str().is_some()),
                _ => false,
            };
            if !texts {
                self.wrong(&field, "a list of texts");
            }
        } else if header_given {
            self.require(&fields, &["CSVHeaders"]);
        }
        if let Some(field) = fields.take("ItemsPointer")
            && self
                .text(&field)
                .is_some_and(|text| !text.is_empty() && !text.starts_with('/') && !has_placeholder(text))
        {
            self.wrong(&field, "a JSON pointer, which begins with `/`");
        }
        self.integer_or_path(&mut fields, "MaxItems", "MaxItemsPath", 0, u64::MAX);
        self.refuse_unknown(&fields);
    }

    fn item_batcher(&mut self, field: &Field<'_>) {
        let Some(mut fields) = self.fields(field.node, &field.pointer, "`ItemBatcher`") else { return };
        let limits = ["MaxItemsPerBatch", "MaxItemsPerBatchPath", "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"];
        if !limits.iter().any(|name| fields.has(name)) {
            self.report(
                Diagnostic::error(code::SCHEMA, &fields.pointer, fields.opening(), "a batch has no limit here")
                    .help("add MaxItemsPerBatch or MaxInputBytesPerBatch"),
            );
        }
        self.integer_or_path(&mut fields, "MaxItemsPerBatch", "MaxItemsPerBatchPath", 1, u64::MAX);
        self.integer_or_path(&mut fields, "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath", 1, MAX_BATCH_BYTES);
        if let Some(field) = fields.take("BatchInput") {
            self.template(&field);
        }
        self.refuse_unknown(&fields);
    }

    fn result_writer(&mut self, field: &Field<'_>) {
        let Some(mut fields) = self.fields(field.node, &field.pointer, "`ResultWriter`") else { return };
        self.map_resource(&mut fields, MapResource::writes);
        self.map_parameters(&mut fields);
        if let Some(config) = fields.take("WriterConfig")
            && let Some(mut config) = self.fields(config.node, &config.pointer, "`WriterConfig`")
        {
            if let Some(field) = config.take("Transformation") {
                self.one_of(&field, &["NONE", "COMPACT", "FLATTEN"]);
            }
            if let Some(field) = config.take("OutputType") {
                self.one_of(&field, &["JSON", "JSONL"]);
            }
            self.refuse_unknown(&config);
        }
        self.refuse_unknown(&fields);
    }
}
