//! The work of a map run as tasks: what the services that read and write are asked, and what they answer.
//!
//! A request is a [`crate::task::TaskRequest`] like any other, so mocks, limits and traces lie around it too. A
//! reading service that does not know of pages may answer the whole list of items.

use super::{ReadRequest, ResultFile};
use crate::Data;
use aslx_asl::Value;
use aslx_asl::program::{InputType, ManifestType};
use std::sync::Arc;

/// What a reading service is asked.
#[derive(Debug, Clone, PartialEq)]
pub enum ReadTask {
    /// Look through the data set: answered with `{"Total": …, "Pin": …}`.
    Open,
    /// Some of its items: answered with `{"Items": […]}`, at least one, and `"Sources"` where items come from several
    /// objects: `[{"Count": …, "Source": …}]`.
    Page {
        /// Number of the first one.
        from: u64,
        /// How many at the most.
        items: u64,
        /// Bytes of their JSON texts, after which no further one is wanted.
        bytes: u64,
        /// What the answer to `Open` said.
        pin: Data,
    },
}

impl ReadTask {
    /// The task's input.
    pub(super) fn input(&self, run: &str, read: &ReadRequest, max_items: Option<u64>) -> Value {
        let mut members = vec![
            ("Parameters", read.parameters.clone()),
            ("ReaderConfig", config(read, max_items)),
            ("MapRunArn", Value::from(run)),
        ];
        if let ReadTask::Page { from, items, bytes, pin } = self {
            let page = Value::from_pairs([
                ("From", Value::from(*from)),
                ("Items", Value::from(*items)),
                ("Bytes", Value::from(*bytes)),
                ("Pin", pin.value().clone()),
            ]);
            members.push(("Page", page));
        }
        Value::from_pairs(members)
    }

    /// The task in an input, and the run that asks; `None` if it is no reading task's.
    pub fn from_input(input: &Value) -> Option<(ReadTask, Arc<str>)> {
        let Some(Value::String(run)) = input.get("MapRunArn") else { return None };
        let task = match input.get("Page") {
            None => ReadTask::Open,
            Some(page) => ReadTask::Page {
                from: number(page, "From")?,
                items: number(page, "Items")?,
                bytes: number(page, "Bytes")?,
                pin: page.get("Pin")?.clone().into(),
            },
        };
        Some((task, run.clone()))
    }
}

fn number(value: &Value, name: &str) -> Option<u64> {
    value.get(name)?.as_i64().and_then(|number| u64::try_from(number).ok())
}

const INPUT_TYPES: [(InputType, &str); 5] = [
    (InputType::Csv, "CSV"),
    (InputType::Json, "JSON"),
    (InputType::JsonLines, "JSONL"),
    (InputType::Parquet, "PARQUET"),
    (InputType::Manifest, "MANIFEST"),
];

fn config(read: &ReadRequest, max_items: Option<u64>) -> Value {
    let mut config: Vec<(&str, Value)> = Vec::new();
    if let Some((_, name)) = INPUT_TYPES.iter().find(|(input_type, _)| Some(*input_type) == read.input_type) {
        config.push(("InputType", (*name).into()));
    }
    if let Some(manifest) = read.manifest {
        let name = match manifest {
            ManifestType::S3Inventory => "S3_INVENTORY",
            ManifestType::AthenaData => "ATHENA_DATA",
        };
        config.push(("ManifestType", name.into()));
    }
    if read.load_and_flatten {
        config.push(("Transformation", "LOAD_AND_FLATTEN".into()));
    }
    if let Some(headers) = &read.csv_headers {
        config.push(("CSVHeaders", Value::array(headers.iter().cloned().map(Value::from).collect())));
    }
    config.push(("CSVDelimiter", Value::from(char::from(read.csv_delimiter).to_string())));
    if let Some(pointer) = &read.items_pointer {
        config.push(("ItemsPointer", Value::from(pointer.clone())));
    }
    if let Some(max) = max_items {
        config.push(("MaxItems", Value::from(max)));
    }
    Value::from_pairs(config)
}

impl ReadRequest {
    /// The request in the input of a reading task, and the number of items that is wanted at the most.
    pub fn from_task(resource: &Arc<str>, input: &Value) -> (ReadRequest, Option<u64>) {
        let config = |name: &str| input.get("ReaderConfig").and_then(|config| config.get(name));
        let word = |name: &str| config(name).and_then(Value::as_str);
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            _ => None,
        };
        let request = ReadRequest {
            resource: resource.clone(),
            parameters: input.get("Parameters").cloned().unwrap_or_default(),
            input_type: word("InputType")
                .and_then(|word| INPUT_TYPES.iter().find(|(_, name)| *name == word))
                .map(|(input_type, _)| *input_type),
            manifest: word("ManifestType").and_then(|word| match word {
                "S3_INVENTORY" => Some(ManifestType::S3Inventory),
                "ATHENA_DATA" => Some(ManifestType::AthenaData),
                _ => None,
            }),
            load_and_flatten: word("Transformation") == Some("LOAD_AND_FLATTEN"),
            csv_headers: config("CSVHeaders")
                .and_then(Value::as_array)
                .map(|headers| headers.iter().filter_map(text).collect()),
            csv_delimiter: word("CSVDelimiter").and_then(|text| text.bytes().next()).unwrap_or(b','),
            items_pointer: config("ItemsPointer").and_then(text),
        };
        let max_items = input.get("ReaderConfig").and_then(|config| number(config, "MaxItems"));
        (request, max_items)
    }
}

/// What a writing service is asked: to write a part of an object. Parts come one after the other; its answer, the
/// *receipt*, is anything that it needs with the next one.
#[derive(Debug, Clone, PartialEq)]
pub struct WriteTask {
    /// The bucket.
    pub bucket: Arc<str>,
    /// The key of the object.
    pub key: Arc<str>,
    /// Number of the part, from 0.
    pub part: u64,
    /// No further part follows: the object is to appear.
    pub last: bool,
    /// What the parts before were answered with.
    pub receipts: Vec<Value>,
    /// The text of the part.
    pub body: Arc<str>,
}

impl WriteTask {
    pub(super) fn input(&self, run: &str) -> Value {
        Value::from_pairs([
            ("Parameters", Value::from_pairs([("Bucket", self.bucket.clone()), ("Key", self.key.clone())])),
            ("MapRunArn", Value::from(run)),
            ("Part", Value::from(self.part)),
            ("Last", Value::from(self.last)),
            ("Receipts", Value::array(self.receipts.clone())),
            ("Body", Value::from(self.body.clone())),
        ])
    }

    /// The task in an input; `None` if it is no writing task's.
    pub fn from_input(input: &Value) -> Option<WriteTask> {
        let text = |value: Option<&Value>| match value {
            Some(Value::String(text)) => Some(text.clone()),
            _ => None,
        };
        let parameters = input.get("Parameters")?;
        Some(WriteTask {
            bucket: text(parameters.get("Bucket"))?,
            key: text(parameters.get("Key"))?,
            part: number(input, "Part")?,
            last: input.get("Last")?.as_bool()?,
            receipts: input.get("Receipts")?.as_array()?.to_vec(),
            body: text(input.get("Body"))?,
        })
    }
}

impl ResultFile {
    /// Its name below the run's prefix.
    pub(super) fn name(self) -> String {
        match self {
            ResultFile::Succeeded(number) => format!("SUCCEEDED_{number}.json"),
            ResultFile::Failed(number) => format!("FAILED_{number}.json"),
            ResultFile::Pending(number) => format!("PENDING_{number}.json"),
            ResultFile::Manifest => "manifest.json".to_owned(),
        }
    }
}
