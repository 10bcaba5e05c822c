//! Claim: of several executions about one version of an object, one works.
//!
//! Events come at least once, so two executions may be about the same upload. The first to write the claim has it;
//! the claim remembers its execution, so a retry of that execution passes. The version is that of the object as it
//! is now, which is what would be worked on, whichever event said so.

use super::image_input::ImageInput;
use super::ports::Ports;
use crate::error::{ErrorName, Result, TaskError};
use crate::ports::{Attribute, Expression, Item, Write};
use serde::{Deserialize, Serialize};

/// The input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClaimInput {
    /// The bucket.
    pub bucket: String,
    /// The key of the photo.
    pub key: String,
    /// The id of the photo.
    pub image_id: String,
    /// ARN of the execution that wants to work.
    pub execution: String,
}

/// The output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claimed {
    /// The key of the claim's row: bucket, key and version.
    pub claim_id: String,
    /// The version of the object that was claimed.
    pub version: String,
}

/// Claims the object as it is now for an execution. Fails with `AlreadyClaimed` when another execution has the claim
/// and did not give it back.
pub async fn claim(ports: &Ports, input: ClaimInput) -> Result<Claimed> {
    let ClaimInput { bucket, key, image_id, execution } = input;
    let image = ImageInput { bucket, key, image_id };
    image.check()?;
    let version = ports.bucket.head(&image.bucket, &image.key).await?.version;
    let claim_id = format!("{}/{}@{version}", image.bucket, image.key);
    let item = Item::from([
        ("claimId".to_owned(), Attribute::text(&claim_id)),
        ("imageId".to_owned(), Attribute::text(&image.image_id)),
        ("execution".to_owned(), Attribute::text(&execution)),
        ("claimedAt".to_owned(), Attribute::text(ports.surroundings.now().to_string())),
        ("state".to_owned(), Attribute::text("claimed")),
    ]);
    let condition = Expression::new("attribute_not_exists(claimId) OR #execution = :me OR #state = :released")
        .name("#execution", "execution")
        .name("#state", "state")
        .value(":me", Attribute::text(&execution))
        .value(":released", Attribute::text("released"));
    let table = ports.settings.claims_table.clone();
    match ports.table.put(Write { table, item, condition: Some(condition) }).await {
        Ok(_) => Ok(Claimed { claim_id, version }),
        Err(e) if e.name() == ErrorName::ConditionalCheckFailed => {
            let message = format!("another execution has claimed `{}` in this version, `{version}`", image.key);
            Err(TaskError::new(ErrorName::AlreadyClaimed, message))
        }
        Err(e) => Err(e),
    }
}
