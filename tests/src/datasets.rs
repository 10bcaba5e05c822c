//! The objects that a case says were in S3 buckets, for the item readers of distributed Maps.

use aslx_asl::Value;
use aslx_engine::task::{TaskFailure, TaskRequest};
use aslx_tasks::Datasets as Service;
use aslx_tasks::offline::MemoryBucket;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// The buckets of a case, behind the service that reads and writes them.
#[derive(Clone)]
pub(crate) struct Datasets {
    service: Service,
}

impl Datasets {
    /// The objects of a case.
    pub(crate) fn of(resources: &Map<String, Json>) -> Datasets {
        let bucket = MemoryBucket::new();
        for (name, objects) in resources.get("s3").and_then(Json::as_object).into_iter().flatten() {
            for (key, text) in objects.as_object().into_iter().flatten() {
                bucket.insert(name, key, text.as_str().unwrap_or_default());
            }
        }
        Datasets { service: Service::new(Arc::new(bucket)) }
    }

    /// Whether a map run asks.
    pub(crate) fn concerns(&self, request: &TaskRequest) -> bool {
        request.resource.contains(":states:::s3:") && request.input.get("MapRunArn").is_some()
    }

    /// What a map run asks for.
    pub(crate) async fn answer(&self, request: &TaskRequest) -> Result<Value, TaskFailure> {
        self.service.answer(request).await
    }
}
