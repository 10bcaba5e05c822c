//! The objects that a case says were in S3 buckets, for the item readers of distributed Maps.

use aslx_asl::Value;
use aslx_engine::map_run::{ReadRequest, read_items};
use aslx_engine::task::{TaskFailure, TaskRequest};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Bucket to key to content.
pub(crate) struct Datasets {
    buckets: BTreeMap<String, BTreeMap<String, String>>,
}

impl Datasets {
    /// The objects of a case.
    pub(crate) fn of(resources: &Map<String, Json>) -> Datasets {
        let objects = |objects: &Json| {
            let members = objects.as_object().into_iter().flatten();
            members.filter_map(|(key, text)| Some((key.clone(), text.as_str()?.to_owned()))).collect()
        };
        let buckets = resources.get("s3").and_then(Json::as_object).into_iter().flatten();
        Datasets { buckets: buckets.map(|(name, content)| (name.clone(), objects(content))).collect() }
    }

    /// The items that a reader asks for; `None` if the request is not a reader's.
    pub(crate) fn read(&self, request: &TaskRequest) -> Option<Result<Value, TaskFailure>> {
        let listing = request.resource.ends_with(":s3:listObjectsV2");
        if !(listing || request.resource.ends_with(":s3:getObject")) || request.input.get("ReaderConfig").is_none() {
            return None;
        }
        let (read, limit) = ReadRequest::from_task(&request.resource, &request.input);
        let text = |name: &str| read.parameters.get(name).and_then(Value::as_str).unwrap_or_default();
        let Some(bucket) = self.buckets.get(text("Bucket")) else { return Some(Err(failure("no such bucket"))) };
        let items = if listing {
            let objects = bucket.iter().filter(|(key, _)| key.starts_with(text("Prefix")));
            Ok(objects.map(|(key, content)| listed(key, content)).collect())
        } else {
            match bucket.get(text("Key")) {
                Some(content) => read_items(content.as_bytes(), &read, limit).map_err(|why| failure(&why.to_string())),
                None => Err(failure("no such object")),
            }
        };
        Some(items.map(Value::array))
    }
}

/// An object as a listing shows it (recorded).
fn listed(key: &str, content: &str) -> Value {
    Value::from_pairs([
        ("Etag", Value::from("\"etag\"")),
        ("LastModified", Value::from(1_699_999_999.0)),
        ("Key", Value::from(key)),
        ("Size", Value::from(content.len())),
        ("StorageClass", Value::from("STANDARD")),
    ])
}

fn failure(cause: &str) -> TaskFailure {
    TaskFailure { modelled: Some(Duration::ZERO), ..TaskFailure::new("States.ItemReaderFailed", cause) }
}
