//! What the handlers need from the world, as narrow traits. Each fits an AWS service (S3, DynamoDB, SNS, Rekognition)
//! and has an offline implementation in [`crate::offline`]; which one is used is configuration, the definition does
//! not change.

mod analysis;
mod bucket;
mod surroundings;
mod table;
mod topic;

pub use analysis::{ImageAnalysis, Label, MAX_LABELS, MIN_LABEL_CONFIDENCE, MIN_MODERATION_CONFIDENCE};
pub use bucket::{Bucket, ListPage, Listed, Object, ObjectInfo, ObjectPart, ObjectVersion, Tags, UploadUrl};
pub use surroundings::{FixedSurroundings, RealSurroundings, Surroundings};
pub use table::{Attribute, Expression, Item, Table, Update, Updated, Write, item_to_json};
pub use topic::{Message, Topic};

use std::future::Future;
use std::pin::Pin;

/// What a port's function gives: a future that can move between threads.
pub type PortFuture<'a, T> = Pin<Box<dyn Future<Output = crate::error::Result<T>> + Send + 'a>>;
