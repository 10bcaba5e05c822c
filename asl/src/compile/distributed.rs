//! The fields of a distributed Map: where its items come from, how they are batched, where the results go.

use super::Compiler;
use super::fields::{Field, Fields};
use crate::catalogue::{MapResource, parse_map_resource};
use crate::diagnostic::{Diagnostic, code};
use crate::program::{
    Distributed, InputType, ItemBatcher, ItemReader, ManifestType, Payload, ReaderConfig, ResultWriter, Transformation,
};
use crate::syntax::{NodeKind, has_placeholder};
use std::sync::Arc;

/// Characters that a label may not have, besides blanks and control characters.
const NOT_IN_LABELS: &str = "?*<>{}[]:;,\\|^~$#%&`\"";

/// Characters that a label may have at most.
const MAX_LABEL: usize = 40;

/// Bytes that the input of a child execution may have.
const MAX_BATCH_BYTES: u64 = 262_144;

impl Compiler<'_> {
    /// The fields that only a distributed Map has. How many failures it tolerates is read by the caller: an inline Map
    /// accepts those fields too.
    pub(super) fn distributed_fields(&mut self, fields: &mut Fields<'_>, express: bool) -> Distributed {
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
        let label = fields.take("Label").and_then(|field| self.label(&field));
        let reader = fields.take("ItemReader").and_then(|field| self.item_reader(&field));
        let batcher = fields.take("ItemBatcher").and_then(|field| self.item_batcher(&field));
        let writer = fields.take("ResultWriter").and_then(|field| self.result_writer(&field));
        Distributed {
            express,
            label,
            reader,
            batcher,
            writer,
            tolerated_failure_count: None,
            tolerated_failure_percentage: None,
        }
    }

    /// Legal on AWS, but not here.
    fn not_yet(&mut self, field: &Field<'_>, what: &str, instead: &str) {
        let message = format!("{what}, which this version does not support");
        self.report(Diagnostic::error(code::NOT_SUPPORTED, &field.pointer, field.node.span, message).help(instead));
    }

    fn label(&mut self, field: &Field<'_>) -> Option<Arc<str>> {
        let label = self.settled_text(field)?;
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
                return Some(label.clone());
            }
        };
        self.report(Diagnostic::error(code::INVALID_LABEL, &field.pointer, field.node.span, problem));
        None
    }

    /// `Resource` of a reader or a writer.
    fn map_resource(
        &mut self,
        fields: &mut Fields<'_>,
        fits: fn(MapResource) -> bool,
    ) -> Option<(MapResource, Arc<str>)> {
        let field = fields.take("Resource")?;
        let text = self.settled_text(&field)?;
        match parse_map_resource(text) {
            Ok(resource) if fits(resource) => Some((resource, text.clone())),
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
    fn map_parameters(&mut self, fields: &mut Fields<'_>) -> Option<Payload> {
        self.refuse_other_language(fields);
        let field = fields.take(if self.in_jsonata { "Arguments" } else { "Parameters" })?;
        self.object_payload(&field)
    }

    fn item_reader(&mut self, field: &Field<'_>) -> Option<ItemReader> {
        let mut fields = self.fields(field.node, &field.pointer, "`ItemReader`")?;
        self.require(&fields, &["Resource"]);
        let resource = self.map_resource(&mut fields, MapResource::reads);
        let parameters = self.map_parameters(&mut fields);
        let place = fields.take("ReaderConfig");
        let config = place.as_ref().map(|config| self.reader_config(config)).unwrap_or_default();
        self.refuse_unknown(&fields);
        let (kind, resource) = resource?;
        self.reader_fits(kind, &config, place.as_ref().unwrap_or(field));
        Some(ItemReader { resource, parameters, config })
    }

    /// Whether the fields of a reader go together (developer guide, "ItemReader").
    fn reader_fits(&mut self, resource: MapResource, config: &ReaderConfig, field: &Field<'_>) {
        let lists = resource == MapResource::ListObjects;
        let manifest = config.input_type == Some(InputType::Manifest);
        let (what, help) = match (config.input_type, config.manifest) {
            (_, Some(_)) if lists => {
                ("a manifest is one object, but this reader lists objects", "read it with s3:getObject")
            }
            (_, Some(_)) | (Some(InputType::Manifest), _) if config.load_and_flatten => {
                ("a manifest is not loaded and flattened: it is one object", "leave Transformation out")
            }
            (_, None) if config.load_and_flatten && !lists => (
                "LOAD_AND_FLATTEN reads the objects of a listing, but this reader reads one object",
                "list them with s3:listObjectsV2, or leave Transformation out",
            ),
            (None, None) if config.load_and_flatten => {
                ("LOAD_AND_FLATTEN does not know what the objects are", "add InputType")
            }
            (Some(input_type), Some(ManifestType::S3Inventory)) if input_type != InputType::Manifest => {
                ("an S3 inventory is always CSV", "leave InputType out")
            }
            (None, Some(ManifestType::AthenaData)) => {
                ("the format of the data files is not known", "add InputType: CSV, JSONL or PARQUET")
            }
            (Some(_), Some(ManifestType::AthenaData)) if manifest => (
                "InputType says MANIFEST, but here it is the format of the data files",
                "set it to CSV, JSONL or PARQUET",
            ),
            (None, None) if !lists && field.node.get("InputType").is_none() => {
                ("the format of the data set is not known", "add InputType to ReaderConfig")
            }
            _ => return,
        };
        self.report(Diagnostic::error(code::SCHEMA, &field.pointer, field.node.span, what).help(help));
    }

    fn reader_config(&mut self, field: &Field<'_>) -> ReaderConfig {
        let mut config = ReaderConfig::default();
        let Some(mut fields) = self.fields(field.node, &field.pointer, "`ReaderConfig`") else { return config };
        let words: [(&'static str, &[&'static str]); 5] = [
            ("InputType", &["CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"]),
            ("Transformation", &["NONE", "LOAD_AND_FLATTEN"]),
            ("ManifestType", &["S3_INVENTORY", "ATHENA_DATA"]),
            ("CSVDelimiter", &["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"]),
            ("CSVHeaderLocation", &["FIRST_ROW", "GIVEN"]),
        ];
        let mut header_given = false;
        for (name, allowed) in words {
            let Some(field) = fields.take(name) else { continue };
            match self.one_of(&field, allowed) {
                Some("CSV") => config.input_type = Some(InputType::Csv),
                Some("JSON") => config.input_type = Some(InputType::Json),
                Some("JSONL") => config.input_type = Some(InputType::JsonLines),
                Some("PARQUET") => config.input_type = Some(InputType::Parquet),
                Some("MANIFEST") => config.input_type = Some(InputType::Manifest),
                Some("S3_INVENTORY") => config.manifest = Some(ManifestType::S3Inventory),
                Some("ATHENA_DATA") => config.manifest = Some(ManifestType::AthenaData),
                Some("LOAD_AND_FLATTEN") => config.load_and_flatten = true,
                Some("GIVEN") => header_given = true,
                Some("PIPE") => config.csv_delimiter = Some(b'|'),
                Some("SEMICOLON") => config.csv_delimiter = Some(b';'),
                Some("SPACE") => config.csv_delimiter = Some(b' '),
                Some("TAB") => config.csv_delimiter = Some(b'\t'),
                _ => {}
            }
        }
        if let Some(field) = fields.take("CSVHeaders") {
            let texts: Option<Vec<Arc<str>>> = match &field.node.kind {
                NodeKind::Array(items) => items.iter().map(|item| item.as_str().cloned()).collect(),
                _ => None,
            };
            if texts.is_none() {
                self.wrong(&field, "a list of texts");
            }
            config.csv_headers = texts.filter(|_| header_given);
        } else if header_given {
            self.require(&fields, &["CSVHeaders"]);
        }
        if let Some(field) = fields.take("ItemsPointer")
            && let Some(text) = self.text(&field)
        {
            if !text.is_empty() && !text.starts_with('/') && !has_placeholder(text) {
                self.wrong(&field, "a JSON pointer, which begins with `/`");
            }
            config.items_pointer = Some(text.clone());
        }
        self.refuse_other_language(&mut fields);
        config.max_items = self.integer_field(&mut fields, "MaxItems", "MaxItemsPath", 0, u64::MAX);
        self.refuse_unknown(&fields);
        config
    }

    fn item_batcher(&mut self, field: &Field<'_>) -> Option<ItemBatcher> {
        let mut fields = self.fields(field.node, &field.pointer, "`ItemBatcher`")?;
        self.refuse_other_language(&mut fields);
        let limits = ["MaxItemsPerBatch", "MaxItemsPerBatchPath", "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"];
        if !limits.iter().any(|name| fields.has(name)) {
            self.report(
                Diagnostic::error(code::SCHEMA, &fields.pointer, fields.opening(), "a batch has no limit here")
                    .help("add MaxItemsPerBatch or MaxInputBytesPerBatch"),
            );
        }
        let max_items = self.integer_field(&mut fields, "MaxItemsPerBatch", "MaxItemsPerBatchPath", 1, u64::MAX);
        let bytes = ("MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath");
        let max_bytes = self.integer_field(&mut fields, bytes.0, bytes.1, 1, MAX_BATCH_BYTES);
        let input = fields.take("BatchInput").and_then(|field| self.payload(&field));
        self.refuse_unknown(&fields);
        Some(ItemBatcher { max_items, max_bytes, input })
    }

    fn result_writer(&mut self, field: &Field<'_>) -> Option<ResultWriter> {
        let mut fields = self.fields(field.node, &field.pointer, "`ResultWriter`")?;
        let mut writer = ResultWriter { destination: None, transformation: None, json_lines: false };
        let resource = self.map_resource(&mut fields, MapResource::writes);
        let parameters = self.map_parameters(&mut fields);
        if let Some((_, resource)) = resource {
            writer.destination = Some((resource, parameters));
        }
        if let Some(config) = fields.take("WriterConfig")
            && let Some(mut config) = self.fields(config.node, &config.pointer, "`WriterConfig`")
        {
            if let Some(field) = config.take("Transformation") {
                writer.transformation = match self.one_of(&field, &["NONE", "COMPACT", "FLATTEN"]) {
                    Some("NONE") => Some(Transformation::None),
                    Some("COMPACT") => Some(Transformation::Compact),
                    Some("FLATTEN") => Some(Transformation::Flatten),
                    _ => None,
                };
            }
            if let Some(field) = config.take("OutputType") {
                writer.json_lines = self.one_of(&field, &["JSON", "JSONL"]) == Some("JSONL");
                if writer.json_lines && writer.destination.is_none() {
                    self.not_yet(&field, "JSON lines in the state's output", "name a bucket, or use JSON");
                }
            }
            self.refuse_unknown(&config);
        }
        self.refuse_unknown(&fields);
        Some(writer)
    }
}
