//! GetExecutionHistory.

use super::start::failed;
use super::{Answer, Api};
use crate::error::ApiError;
use crate::page::Wanted;
use crate::request::Request;
use crate::shapes::{Shape, without_data};
use serde_json::Value;

impl Api {
    pub(super) async fn get_execution_history(&self, request: Request<'_>) -> Answer {
        let arn = request.required("executionArn");
        let summary = self.standard_summary(arn).await?;
        let reverse = request.flag("reverseOrder").unwrap_or(false);
        let with_data = request.flag("includeExecutionData").unwrap_or(true);
        let wanted = Wanted::of(request, &format!("GetExecutionHistory {arn} {reverse}"), self.now())?;
        let mut events = self.events(arn).await?;
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
    pub(crate) async fn events(&self, arn: &str) -> Result<Vec<Value>, ApiError> {
        self.engine.events(arn).await.map_err(failed)
    }
}
