//! Map runs, and redriving executions.

use super::start::failed;
use super::{Answer, Api};
use crate::arn::Arn;
use crate::error::ApiError;
use crate::page::Wanted;
use crate::request::Request;
use crate::shapes::Shape;
use aslx_engine::map_run::{RunLimits, Tally};
use aslx_engine::runtime::{MapRunDetails, RedriveError};
use aslx_engine::store::{JournalKind, Listing, Scope, StoreError, Summary};
use serde_json::{Value, json};

impl Api {
    /// What the store shows of a map run. Errors: `InvalidArn`, `ResourceNotFound`.
    pub(super) async fn map_run(&self, text: &str) -> Result<Summary, ApiError> {
        Arn::of(text, &["mapRun"])?;
        let missing = || ApiError::new("ResourceNotFound", format!("Resource not found: '{text}'")).about(text);
        match self.engine.store().summary(text).await {
            Ok(summary) if summary.kind == JournalKind::MapRun => Ok(summary),
            Ok(_) | Err(StoreError::NotFound(_)) => Err(missing()),
            Err(error) => Err(ApiError::internal(error.to_string())),
        }
    }

    pub(super) async fn describe_map_run(&self, request: Request<'_>) -> Answer {
        let arn = request.required("mapRunArn");
        let summary = self.map_run(arn).await?;
        let details = details(arn, &summary)?;
        let shape = Shape::new()
            .text("mapRunArn", arn)
            .maybe("executionArn", summary.parent.as_ref())
            .text("status", summary.status.name())
            .time("startDate", summary.started)
            .maybe_time("stopDate", summary.stopped)
            .with("maxConcurrency", details.max_concurrency)
            .with("toleratedFailurePercentage", details.tolerated_failure_percentage)
            .with("toleratedFailureCount", details.tolerated_failure_count)
            .with("itemCounts", self.counts(&details.item_counts))
            .with("executionCounts", self.counts(&details.execution_counts));
        Ok(if self.since.redrive() {
            shape.with("redriveCount", summary.redrives).maybe_time("redriveDate", summary.redriven).into()
        } else {
            shape.into()
        })
    }

    fn counts(&self, counts: &Tally) -> Value {
        let mut shown = json!({
            "pending": counts.pending,
            "running": counts.running,
            "succeeded": counts.succeeded,
            "failed": counts.failed,
            "timedOut": counts.timed_out,
            "aborted": counts.aborted,
            "total": counts.total,
            "resultsWritten": counts.results_written,
        });
        if let Some(members) = shown.as_object_mut().filter(|_| self.since.redrive()) {
            // Every failed child can be redriven here: none lives on a service that forgets.
            members.insert("failuresNotRedrivable".to_owned(), json!(0));
            members.insert("pendingRedrive".to_owned(), json!(counts.pending_redrive));
        }
        shown
    }

    pub(super) async fn list_map_runs(&self, request: Request<'_>) -> Answer {
        let arn = request.required("executionArn");
        self.summary(arn).await?;
        let wanted = Wanted::of(request, &format!("ListMapRuns {arn}"), self.now())?;
        let after = wanted.after.as_deref().map(|place| place.parse().map_err(|_| ApiError::invalid_token()));
        let listing = Listing {
            kind: JournalKind::MapRun,
            after: after.transpose()?,
            ..Listing::of(Scope::Parent(arn.into()), wanted.limit)
        };
        let page = self.engine.store().list(listing).await.map_err(|error| ApiError::internal(error.to_string()))?;
        let item = |(run, summary): &(std::sync::Arc<str>, Summary)| {
            Shape::new()
                .text("executionArn", arn)
                .text("mapRunArn", run)
                .text("stateMachineArn", &summary.machine)
                .time("startDate", summary.started)
                .maybe_time("stopDate", summary.stopped)
                .into()
        };
        let items: Vec<Value> = page.found.iter().map(item).collect();
        let token = page.next.map(|place| wanted.token(&place.to_string()));
        Ok(Shape::new().with("mapRuns", items).maybe("nextToken", token).into())
    }

    pub(super) async fn update_map_run(&self, request: Request<'_>) -> Answer {
        let arn = request.required("mapRunArn");
        self.map_run(arn).await?;
        let (concurrency, count) = (request.integer("maxConcurrency"), request.integer("toleratedFailureCount"));
        let percentage = request.number("toleratedFailurePercentage");
        if concurrency.is_none() && count.is_none() && percentage.is_none() {
            let message =
                "One of maxConcurrency, toleratedFailureCount or toleratedFailurePercentage must be specified";
            return Err(ApiError::validation(message).because("MISSING_REQUIRED_PARAMETER"));
        }
        let limits = RunLimits {
            max_concurrency: concurrency.and_then(|n| u64::try_from(n).ok()),
            tolerated_count: count.and_then(|n| u64::try_from(n).ok()),
            tolerated_percentage: percentage,
        };
        if self.engine.update_map_run(arn, limits).await.map_err(failed)? {
            return Ok(json!({}));
        }
        Err(ApiError::validation("Map Run has already completed").because("CANNOT_UPDATE_COMPLETED_MAP_RUN"))
    }

    pub(super) async fn redrive_execution(&self, request: Request<'_>) -> Answer {
        let arn = request.required("executionArn");
        let parsed = Arn::of(arn, &["execution"])?;
        if parsed.is_labelled() {
            return Err(ApiError::validation("Labeled Execution ARNs are not supported for this API")
                .because("API_DOES_NOT_SUPPORT_LABELED_ARNS"));
        }
        let summary = self.summary(arn).await?;
        if self.registry.machine(&summary.machine).await.is_none_or(|machine| machine.deleting) {
            return Err(not_redrivable(arn, "State machine is in DELETING status"));
        }
        self.mock_again(arn).await?;
        match self.engine.redrive(arn, request.text("clientToken").cloned()).await {
            Ok(at) => Ok(Shape::new().time("redriveDate", at).into()),
            Err(RedriveError::NotRedrivable { execution, reason }) => Err(not_redrivable(&execution, reason)),
            Err(RedriveError::Engine(error)) => Err(failed(error)),
        }
    }
}

fn not_redrivable(execution: &str, reason: &str) -> ApiError {
    ApiError::new("ExecutionNotRedrivable", format!("Execution {execution} invalid for redrive as: {reason}"))
}

fn details(arn: &str, summary: &Summary) -> Result<MapRunDetails, ApiError> {
    let found = summary.details.as_deref().and_then(MapRunDetails::parse);
    found.ok_or_else(|| ApiError::internal(format!("the counts of `{arn}` cannot be read")))
}
