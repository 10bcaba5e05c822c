//! Versions.

use super::machines::refuse_deleting;
use super::{Answer, Api};
use crate::arn::MachineArn;
use crate::error::ApiError;
use crate::page::Wanted;
use crate::registry::Machine;
use crate::request::Request;
use crate::shapes::Shape;
use serde_json::json;

impl Api {
    pub(super) async fn publish_version(&self, request: Request<'_>) -> Answer {
        let text = request.required("stateMachineArn");
        let arn = MachineArn::parse(text)?.unlabelled()?;
        let change = self.registry.change().await;
        let mut machine = match self.registry.machine(arn.machine).await {
            Some(machine) if arn.qualifier.is_none() => Machine::clone(&machine),
            _ => return Err(ApiError::no_machine(text)),
        };
        refuse_deleting(&machine)?;
        let current = machine.revision().and_then(|revision| revision.id.clone());
        let current = current.as_deref().unwrap_or("INITIAL");
        if let Some(given) = request.text("revisionId").filter(|given| &***given != current) {
            let message = format!(
                "Failed to publish the State Machine version for revision {given}. The current State Machine revision is {current}."
            );
            return Err(ApiError::new("ConflictException", message));
        }
        let (number, created) = machine.publish(request.text("description").cloned(), self.now())?;
        let shape = Shape::new()
            .time("creationDate", created)
            .text("stateMachineVersionArn", &machine.version_arn(number))
            .into();
        change.put_machine(machine).await?;
        Ok(shape)
    }

    pub(super) async fn list_versions(&self, request: Request<'_>) -> Answer {
        let text = request.required("stateMachineArn");
        let arn = MachineArn::parse(text)?;
        let wanted = Wanted::of(request, &format!("ListStateMachineVersions {}", arn.machine), self.now())?;
        let machine = self.registry.machine(arn.machine).await.ok_or_else(|| ApiError::no_machine(text))?;
        let newest_first = machine.versions.iter().rev();
        let place = |version: &(&u64, _)| version.0.to_string();
        let after = |version: &(&u64, _), place: &str| place.parse().is_ok_and(|last: u64| *version.0 < last);
        let (page, token) = wanted.cut(newest_first, place, after);
        let item = |(number, version): (&u64, &crate::registry::Version)| {
            Shape::new()
                .text("stateMachineVersionArn", &machine.version_arn(*number))
                .time("creationDate", version.created)
                .into()
        };
        let items: Vec<serde_json::Value> = page.into_iter().map(item).collect();
        Ok(Shape::new().with("stateMachineVersions", items).maybe("nextToken", token).into())
    }

    pub(super) async fn delete_version(&self, request: Request<'_>) -> Answer {
        let text = request.required("stateMachineVersionArn");
        let arn = MachineArn::parse(text)?.unlabelled()?;
        let number = arn.version().ok_or_else(|| ApiError::invalid_arn(format!("Invalid ARN prefix: {text}")))?;
        let change = self.registry.change().await;
        let Some(machine) = self.registry.machine(arn.machine).await else { return Ok(json!({})) };
        let routed = machine.aliases.iter().filter(|alias| alias.routes.iter().any(|route| route.version == number));
        let routed: Vec<&str> = routed.map(|alias| &*alias.name).collect();
        if !routed.is_empty() {
            let message = format!(
                "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [{}]",
                routed.join(", ")
            );
            return Err(ApiError::new("ConflictException", message));
        }
        let mut machine = Machine::clone(&machine);
        if machine.versions.remove(&number).is_some() {
            change.put_machine(machine).await?;
        }
        Ok(json!({}))
    }
}
