//! What a handler is given beside its input.

use crate::pictures::Pictures;
use crate::ports::{Bucket, ImageAnalysis, Surroundings, Table, Topic};
use std::sync::Arc;

/// The ports, whichever implementation they have. Cloning is cheap.
#[derive(Clone)]
pub struct Ports {
    /// Where photos and thumbnails are.
    pub bucket: Arc<dyn Bucket>,
    /// Where rows about photos are.
    pub table: Arc<dyn Table>,
    /// Where messages go.
    pub topic: Arc<dyn Topic>,
    /// Who looks at photos.
    pub analysis: Arc<dyn ImageAnalysis>,
    /// Photos of the bucket, decoded.
    pub pictures: Arc<Pictures>,
    /// The time, and fresh ids.
    pub surroundings: Arc<dyn Surroundings>,
    /// Names of things.
    pub settings: Arc<Settings>,
}

/// Names that the handlers use and no input tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The table of photos; its key is `imageId`.
    pub images_table: String,
    /// The table of claims; its key is `claimId`.
    pub claims_table: String,
    /// The bucket into which photos are uploaded.
    pub upload_bucket: String,
    /// ARN of the topic for messages about photos.
    pub topic_arn: String,
}

impl Default for Settings {
    /// Tables `images` and `claims`, bucket `images`, a topic `image-events` of the account that documentation uses.
    fn default() -> Settings {
        Settings {
            images_table: "images".to_owned(),
            claims_table: "claims".to_owned(),
            upload_bucket: "images".to_owned(),
            topic_arn: "arn:aws:sns:us-east-1:123456789012:image-events".to_owned(),
        }
    }
}
