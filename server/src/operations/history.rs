//! GetExecutionHistory: by replay while an execution runs, from the sealed history once it has ended.

use super::start::failed;
use super::{Answer, Api};
use crate::error::ApiError;
use crate::page::Wanted;
use crate::request::Request;
use crate::shapes::{Shape, without_data};
use aslx_engine::interpreter::Status;
use serde_json::Value;

impl Api {
    pub(super) async fn get_execution_history(&self, request: Request<'_>) -> Answer {
        let arn = request.required("executionArn");
        let summary = self.standard_summary(arn).await?;
        let reverse = request.flag("reverseOrder").unwrap_or(false);
        let with_data = request.flag("includeExecutionData").unwrap_or(true);
        let wanted = Wanted::of(request, &format!("GetExecutionHistory {arn} {reverse}"), self.now())?;
        let mut events = self.events(arn, summary.status != Status::Running).await?;
        if !self.since.is_today() {
            let started = self.started(arn).await?;
            if let Some((_, _, program)) = self.revision_of(&summary, &started).await? {
                self.since.of(&program).recast(&mut events);
            }
        }
        if reverse {
            events.reverse();
        }
        let id = |event: &Value| event.get("id").and_then(Value::as_u64).unwrap_or(0);
        let after = |event: &Value, place: &str| match place.parse::<u64>() {
            Ok(last) if reverse => id(event) < last,
            Ok(last) => id(event) > last,
            Err(_) => false,
        };
        let (mut page, token) = wanted.cut(events, |event| id(event).to_string(), after);
        if !with_data {
            page.iter_mut().for_each(without_data);
        }
        Ok(Shape::new().with("events", page).maybe("nextToken", token).into())
    }

    /// The events of an execution.
    pub(crate) async fn events(&self, arn: &str, ended: bool) -> Result<Vec<Value>, ApiError> {
        let store = self.engine.store();
        let broken = |error: &dyn std::fmt::Display| ApiError::internal(error.to_string());
        if ended && let Some(sealed) = store.sealed(arn).await.map_err(|error| broken(&error))? {
            return serde_json::from_slice(&sealed).map_err(|error| broken(&error));
        }
        let events = self.engine.history(arn).await.map_err(failed)?;
        let events: Vec<Value> = events.iter().map(aslx_engine::history::HistoryEvent::to_json).collect();
        if ended {
            let bytes = serde_json::to_vec(&events).map_err(|error| broken(&error))?;
            // A cache: where it cannot be kept, the next reader replays again.
            let _ = store.seal(arn, bytes.into()).await;
        }
        Ok(events)
    }
}
