//! The tasks as a [`tower::Service`]: a request goes to a handler or to a port, by its resource.
//!
//! | resource | goes to |
//! |---|---|
//! | `arn:aws:lambda:…:function:<name>` | the handler that [`Handler::of_function`](crate::handlers::Handler::of_function) tells |
//! | `arn:aws:states:::lambda:invoke` | the same, by `FunctionName` |
//! | `arn:aws:states:::sns:publish` | the topic |
//! | `arn:aws:states:::dynamodb:getItem`, `putItem`, `updateItem`, `deleteItem` | the table |
//! | `arn:aws:states:::s3:getObject`, `listObjectsV2`, `putObject` | the bucket, for a distributed Map ([`crate::Datasets`]) |
//!
//! For everything else [`TaskService::can_run`] gives the reason why not, before anything has run.

mod aws;
mod dynamodb;
mod lambda;
mod offline;
mod route;
mod sns;
mod tasks;

pub use offline::OfflineTasks;
pub use route::CannotRun;
pub use tasks::TaskService;
