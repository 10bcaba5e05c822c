//! A part of a file of results, into the bucket.

use crate::ports::{Bucket, ObjectPart};
use aslx_asl::Value;
use aslx_engine::map_run::WriteTask;
use aslx_engine::task::TaskFailure;

/// Writes the part; gives the bucket's receipt for it.
pub(super) async fn part(bucket: &dyn Bucket, task: WriteTask) -> Result<Value, TaskFailure> {
    let receipt = |receipt: &Value| receipt.as_str().map(str::to_owned);
    let part = ObjectPart {
        bucket: task.bucket.to_string(),
        key: task.key.to_string(),
        content_type: "application/json".to_owned(),
        number: task.part,
        last: task.last,
        receipts: task.receipts.iter().filter_map(receipt).collect(),
        body: task.body.as_bytes().to_vec(),
    };
    let written = bucket.put_part(part).await;
    written.map(Value::from).map_err(|error| {
        let text = error.message();
        TaskFailure::new("States.ResultWriterFailed", text)
    })
}
