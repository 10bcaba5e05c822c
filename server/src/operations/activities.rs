//! Activities: create, describe, delete, list. (Handing out their tasks is the engine's.)

use super::machines::check_encryption;
use super::{Answer, Api};
use crate::arn::{Arn, check_name};
use crate::error::ApiError;
use crate::page::Wanted;
use crate::registry::Activity;
use crate::request::Request;
use crate::shapes::{self, Shape, encryption_shape};
use serde_json::{Value, json};
use std::sync::Arc;

impl Api {
    /// The activity of an ARN. Errors: `InvalidArn`, `ActivityDoesNotExist`.
    pub(super) async fn activity(&self, text: &str) -> Result<Arc<Activity>, ApiError> {
        let arn = Arn::of(text, &["activity"])?;
        let contents = self.registry.read().await;
        let found = contents.activities.get(arn.rest).filter(|activity| &*activity.arn == text);
        found.cloned().ok_or_else(|| no_activity(text))
    }

    pub(super) async fn create_activity(&self, request: Request<'_>) -> Answer {
        let name = request.required("name");
        check_name(name)?;
        let encryption = request.structure("encryptionConfiguration").map(shapes::encryption).unwrap_or_default();
        check_encryption(&encryption)?;
        let tags = shapes::tags(request);
        super::tags::check_tags(&tags, name)?;
        let change = self.registry.change().await;
        let known = self.registry.read().await.activities.get(name).cloned();
        let activity = match known {
            Some(known) if known.encryption != encryption => {
                let message = format!("Activity Already Exists: '{}'", known.arn);
                return Err(ApiError::new("ActivityAlreadyExists", message));
            }
            Some(known) => Activity::clone(&known),
            None => {
                let arn = self.account.arn("activity", name);
                let activity = Activity { arn, name: name.into(), created: self.now(), encryption, tags };
                change.put_activity(activity.clone()).await?;
                self.engine.activities().create(&activity.arn);
                activity
            }
        };
        Ok(Shape::new().text("activityArn", &activity.arn).time("creationDate", activity.created).into())
    }

    pub(super) async fn describe_activity(&self, request: Request<'_>) -> Answer {
        let activity = self.activity(request.required("activityArn")).await?;
        Ok(listed(&activity).with("encryptionConfiguration", encryption_shape(&activity.encryption)).into())
    }

    pub(super) async fn delete_activity(&self, request: Request<'_>) -> Answer {
        let arn = Arn::of(request.required("activityArn"), &["activity"])?;
        let change = self.registry.change().await;
        if self.activity(arn.text).await.is_ok() {
            change.remove_activity(arn.rest).await?;
            self.engine.activities().delete(arn.text);
        }
        Ok(json!({}))
    }

    pub(super) async fn list_activities(&self, request: Request<'_>) -> Answer {
        let wanted = Wanted::of(request, "ListActivities", self.now())?;
        let contents = self.registry.read().await;
        let place = |activity: &&Arc<Activity>| activity.name.to_string();
        let after = |activity: &&Arc<Activity>, place: &str| &*activity.name > place;
        let (page, token) = wanted.cut(contents.activities.values(), place, after);
        let items: Vec<Value> = page.into_iter().map(|activity| listed(activity).into()).collect();
        Ok(Shape::new().with("activities", items).maybe("nextToken", token).into())
    }
}

fn listed(activity: &Activity) -> Shape {
    Shape::new().text("activityArn", &activity.arn).text("name", &activity.name).time("creationDate", activity.created)
}

pub(super) fn no_activity(arn: &str) -> ApiError {
    ApiError::new("ActivityDoesNotExist", format!("Activity Does Not Exist: '{arn}'"))
}
