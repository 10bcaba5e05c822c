//! The items of a distributed Map, from the bucket: what `ItemReader` asks for.

use super::aws::cannot_run;
use crate::error::{ErrorName, TaskError};
use crate::handlers::Ports;
use aslx_asl::Value;
use aslx_engine::map_run::{ReadRequest, read_items};
use aslx_engine::task::{TaskFailure, TaskRequest};

/// Bytes that a data set may have here. It is held in memory; AWS reads up to 10 GB.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// Reads the items of an object, or lists the objects of a bucket as items.
pub(super) async fn read(ports: &Ports, request: &TaskRequest, listing: bool) -> Result<Value, TaskFailure> {
    if request.input.get("ReaderConfig").is_none() {
        return Err(cannot_run("a data set is only read for a distributed Map"));
    }
    let (read, limit) = ReadRequest::from_task(&request.resource, &request.input);
    let text = |name: &str| read.parameters.get(name).and_then(Value::as_str).unwrap_or_default();
    let (bucket, key, prefix) = (text("Bucket"), text("Key"), text("Prefix"));
    if !listing {
        let object = ports.bucket.get(bucket, key, MAX_BYTES).await.map_err(|error| failed(&error))?;
        let body = object.body.clone();
        // Megabytes of text take a while: other tasks go on meanwhile.
        let items = tokio::task::spawn_blocking(move || read_items(&body, &read, limit)).await;
        let items = items.map_err(|error| TaskFailure::new(FAILED, format!("the reader ended early: {error}")))?;
        return items.map(Value::array).map_err(|error| TaskFailure::new(FAILED, error.to_string()));
    }
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    let keys = ports.bucket.list(bucket, prefix).await.map_err(|error| failed(&error))?;
    let mut items = Vec::with_capacity(keys.len().min(limit));
    for key in keys.iter().take(limit) {
        let info = match ports.bucket.head(bucket, key).await {
            Ok(info) => info,
            // Deleted since it was listed.
            Err(error) if error.name() == ErrorName::ObjectNotFound => continue,
            Err(error) => return Err(failed(&error)),
        };
        items.push(Value::from_pairs([
            ("Etag", Value::from(format!("\"{}\"", info.version))),
            ("LastModified", Value::from(info.last_modified.as_seconds())),
            ("Key", Value::from(key.as_str())),
            ("Size", Value::from(info.size)),
            ("StorageClass", Value::from("STANDARD")),
        ]));
    }
    Ok(Value::array(items))
}

/// The name under which a Retry or Catch finds a data set that cannot be read.
const FAILED: &str = "States.ItemReaderFailed";

fn failed(error: &TaskError) -> TaskFailure {
    TaskFailure::new(FAILED, error.message())
}
