//! A folder of data, tasks over it, and short ways to call them.

use aslx_asl::{Timestamp, Value};
use aslx_engine::task::{TaskFailure, TaskReply, TaskRequest};
use aslx_tasks::ports::{FixedSurroundings, Item, item_to_json};
use aslx_tasks::{OfflineTasks, TaskService};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use tower::ServiceExt;

pub(crate) const EXECUTION: &str = "arn:aws:states:us-east-1:123456789012:execution:image-pipeline:one";

pub(crate) struct Bed {
    folder: tempfile::TempDir,
    pub(crate) tasks: TaskService,
}

impl Bed {
    pub(crate) fn new() -> Bed {
        Bed::with(|tasks| tasks)
    }

    pub(crate) fn with(configure: impl FnOnce(OfflineTasks) -> OfflineTasks) -> Bed {
        let folder = tempfile::tempdir().unwrap();
        let surroundings = FixedSurroundings::new(Timestamp::from_millis(1_700_000_000_000));
        let tasks = OfflineTasks::new(folder.path()).surroundings(Arc::new(surroundings));
        Bed { tasks: configure(tasks).build(), folder }
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    pub(crate) async fn put(&self, key: &str, body: Vec<u8>) {
        self.tasks.ports().bucket.put("images", key, body, "image/jpeg").await.unwrap();
    }

    /// Calls a resource.
    pub(crate) async fn task(
        &self,
        resource: &str,
        input: serde_json::Value,
    ) -> Result<serde_json::Value, TaskFailure> {
        let response = self.tasks.clone().oneshot(request(resource, input)).await?;
        match response.reply {
            TaskReply::Done(value) => Ok((&value).into()),
            TaskReply::Submitted(value) => Ok(json!({ "submitted": serde_json::Value::from(&value) })),
            TaskReply::ByToken => Ok(json!("by token")),
        }
    }

    /// Calls the function of a handler.
    pub(crate) async fn function(
        &self,
        handler: &str,
        input: serde_json::Value,
    ) -> Result<serde_json::Value, TaskFailure> {
        self.task(&format!("arn:aws:lambda:us-east-1:123456789012:function:image-pipeline-{handler}"), input).await
    }

    /// A row as plain JSON.
    pub(crate) async fn row(&self, table: &str, key: serde_json::Value) -> Option<serde_json::Value> {
        let key: Item = serde_json::from_value(key).unwrap();
        self.tasks.ports().table.get(table, &key).await.unwrap().as_ref().map(item_to_json)
    }

    pub(crate) async fn image_row(&self, image_id: &str) -> Option<serde_json::Value> {
        self.row("images", json!({ "imageId": { "S": image_id } })).await
    }

    /// The published messages.
    pub(crate) fn outbox(&self) -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(self.path("outbox.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

pub(crate) fn request(resource: &str, input: serde_json::Value) -> TaskRequest {
    TaskRequest {
        execution: EXECUTION.into(),
        event: 0,
        state: "State".into(),
        resource: resource.into(),
        input: Value::from(input),
        retry_count: 0,
        iteration: None,
        token: None,
        timeout_seconds: None,
        heartbeat_seconds: None,
        credentials: None,
        submitted: None,
        withdrawal: Default::default(),
    }
}

/// The input of most tasks.
pub(crate) fn image(id: &str, file: &str) -> serde_json::Value {
    json!({ "bucket": "images", "key": format!("uploads/{id}/{file}"), "imageId": id })
}
