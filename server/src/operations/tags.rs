//! Tags of state machines and activities.

use super::{Answer, Api};
use crate::arn::{Arn, MachineArn};
use crate::error::ApiError;
use crate::registry::{Activity, Machine, Tags};
use crate::request::Request;
use crate::shapes;
use serde_json::{Value, json};
use std::sync::Arc;

/// Tags that a resource may have.
const MOST: usize = 50;

/// What can be tagged.
enum Tagged {
    Machine(Arc<Machine>),
    Activity(Arc<Activity>),
    /// A version: it has no tags.
    Version,
}

impl Api {
    async fn tagged(&self, text: &str) -> Result<Tagged, ApiError> {
        let not_found = || not_found(text);
        let arn = Arn::of(text, &["stateMachine", "activity"])?;
        let contents = self.registry.read().await;
        if arn.kind == "activity" {
            let found = contents.activities.get(arn.rest).filter(|activity| &*activity.arn == text);
            return found.cloned().map(Tagged::Activity).ok_or_else(not_found);
        }
        let arn = MachineArn::parse(text)?;
        let machine = contents.machines.get(arn.name).filter(|machine| *machine.arn == *arn.machine);
        let machine = machine.cloned().ok_or_else(not_found)?;
        match (arn.qualifier, arn.version()) {
            (None, _) => Ok(Tagged::Machine(machine)),
            (Some(_), Some(number)) if machine.versions.contains_key(&number) => Ok(Tagged::Version),
            _ => Err(not_found()),
        }
    }

    pub(super) async fn list_tags(&self, request: Request<'_>) -> Answer {
        let tags = match self.tagged(request.required("resourceArn")).await? {
            Tagged::Machine(machine) => machine.tags.clone(),
            Tagged::Activity(activity) => activity.tags.clone(),
            Tagged::Version => Tags::new(),
        };
        let tags: Vec<Value> = tags.iter().map(|(key, value)| json!({"key": &**key, "value": &**value})).collect();
        Ok(json!({ "tags": tags }))
    }

    pub(super) async fn tag(&self, request: Request<'_>) -> Answer {
        self.retag(request.required("resourceArn"), |tags| tags.extend(shapes::tags(request))).await
    }

    pub(super) async fn untag(&self, request: Request<'_>) -> Answer {
        let keys: Vec<&str> = request.items("tagKeys").iter().filter_map(aslx_asl::Value::as_str).collect();
        self.retag(request.required("resourceArn"), |tags| tags.retain(|key, _| !keys.contains(&&**key))).await
    }

    async fn retag(&self, arn: &str, edit: impl FnOnce(&mut Tags)) -> Answer {
        let change = self.registry.change().await;
        match self.tagged(arn).await? {
            Tagged::Machine(machine) => {
                let mut machine = Machine::clone(&machine);
                edit(&mut machine.tags);
                check_tags(&machine.tags, arn)?;
                change.put_machine(machine).await?;
            }
            Tagged::Activity(activity) => {
                let mut activity = Activity::clone(&activity);
                edit(&mut activity.tags);
                check_tags(&activity.tags, arn)?;
                change.put_activity(activity).await?;
            }
            Tagged::Version => return Err(not_found(arn)),
        }
        Ok(json!({}))
    }
}

fn not_found(arn: &str) -> ApiError {
    ApiError::new("ResourceNotFound", format!("Resource not found: '{arn}'")).about(arn)
}

/// Refuses too many tags, and tags that only AWS sets.
pub(super) fn check_tags(tags: &Tags, resource: &str) -> Result<(), ApiError> {
    if tags.keys().any(|key| key.to_ascii_lowercase().starts_with("aws:")) {
        return Err(ApiError::access_denied("Caller is an end user and not allowed to mutate system tags"));
    }
    if tags.len() > MOST {
        return Err(ApiError::new("TooManyTags", format!("A resource has at most {MOST} tags")).about(resource));
    }
    Ok(())
}
