//! What tasks do: the image pipeline's tasks as plain async functions over small ports, the ports' offline
//! implementations, and a [`tower::Service`] that the engine calls.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! use aslx_tasks::OfflineTasks;
//! # let folder = tempfile::tempdir().unwrap();
//! # let data = folder.path();
//! let tasks = OfflineTasks::new(data).strict(true).build();
//! assert!(tasks.can_run("arn:aws:lambda:us-east-1:123456789012:function:image-pipeline-thumbnail").is_ok());
//! tasks.ports().bucket.put("images", "uploads/1/photo.jpg", b"no photo".to_vec(), "image/jpeg").await.unwrap();
//! # });
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing))]

mod dataset;
pub mod error;
pub mod handlers;
pub mod offline;
pub mod picture;
mod pictures;
pub mod ports;
mod service;

pub use dataset::Datasets;
pub use error::{ErrorName, TaskError};
pub use handlers::{Handler, Ports, Settings};
pub use pictures::Pictures;
pub use service::{CannotRun, OfflineTasks, TaskService};
