//! Executions: describe, list, stop, and the state machine that they run.

use super::machines::shown_definition;
use super::start::{failed, metadata_only, no_execution, unsupported_type};
use super::{Answer, Api};
use crate::arn::{Arn, MachineArn};
use crate::definition::variable_references;
use crate::error::ApiError;
use crate::page::Wanted;
use crate::registry::{Machine, Revision};
use crate::request::Request;
use crate::shapes::Shape;
use aslx_asl::{MachineType, Program};
use aslx_engine::interpreter::{Redrivable, RedriveFacts, Status, redrivable};
use aslx_engine::journal::{Entry, EntryKind, Started};
use aslx_engine::store::{Described, Ended, JournalKind, Listing, Scope, StoreError, Summary};
use serde_json::{Value, json};
use std::sync::Arc;

impl Api {
    /// What the store shows of an execution. Errors: `InvalidArn`, `ExecutionDoesNotExist`.
    pub(super) async fn summary(&self, text: &str) -> Result<Summary, ApiError> {
        self.notice(text)?;
        match self.engine.store().summary(text).await.map_err(|error| not_shown(text, error))? {
            summary if summary.kind == JournalKind::Execution => Ok(summary),
            _ => Err(no_execution(text)),
        }
    }

    /// Somebody asks about an execution. Errors: `InvalidArn`.
    fn notice(&self, text: &str) -> Result<(), ApiError> {
        let arn = Arn::parse(text)?;
        match (arn.kind, arn.is_labelled()) {
            ("execution", _) | ("express", true) => {}
            _ => return Err(arn.wrong_kind()),
        }
        self.engine.noticed(text);
        Ok(())
    }

    /// The same of a Standard execution: what is not for Express ones, children of map runs included.
    pub(super) async fn standard_summary(&self, text: &str) -> Result<Summary, ApiError> {
        Arn::of(text, &["execution"])?;
        self.summary(text).await
    }

    /// What an execution was started with.
    pub(crate) async fn started(&self, execution: &str) -> Result<Box<Started>, ApiError> {
        let broken = |why: String| ApiError::internal(why);
        let opening = self.engine.store().opening(execution).await.map_err(|error| broken(error.to_string()))?;
        match opening.first::<Entry>().map_err(|error| broken(error.to_string()))?.map(|entry| entry.kind) {
            Some(EntryKind::Started(started)) => Ok(started),
            _ => Err(broken(format!("the journal of `{execution}` does not begin with its start"))),
        }
    }

    pub(super) async fn describe_execution(&self, request: Request<'_>) -> Answer {
        let arn = request.required("executionArn");
        self.notice(arn)?;
        let described = self.engine.store().described(arn).await.map_err(|error| not_shown(arn, error))?;
        let Described { summary, opening, ended } = described;
        let Some(opening) = opening else { return Err(no_execution(arn)) };
        let (redrivable, reason) = self.redrivable(arn, &summary).await?;
        let shape = Shape::new()
            .text("executionArn", arn)
            .text("stateMachineArn", &summary.machine)
            .text("name", &summary.name)
            .text("status", summary.status.name())
            .time("startDate", summary.started)
            .maybe_time("stopDate", summary.stopped)
            .maybe("traceHeader", opening.tracing.header.as_ref())
            .maybe("mapRunArn", summary.parent.as_ref())
            .maybe("stateMachineVersionArn", summary.version.as_ref())
            .maybe("stateMachineAliasArn", summary.alias.as_ref())
            .with("redriveCount", summary.redrives)
            .maybe_time("redriveDate", summary.redriven)
            .text("redriveStatus", redrivable)
            .maybe("redriveStatusReason", reason);
        if metadata_only(request) {
            return Ok(shape.into());
        }
        let shape = shape.text("input", &opening.input).with("inputDetails", json!({"included": true}));
        Ok(with_end(shape, summary.status, ended.as_ref()).into())
    }

    /// `redriveStatus`, and why it cannot be redriven.
    async fn redrivable(&self, arn: &str, summary: &Summary) -> Result<(&'static str, Option<&'static str>), ApiError> {
        // Only what ended without success has to be looked at closely; of an Express child there is no history.
        let unsuccessful = !matches!(summary.status, Status::Running | Status::Succeeded);
        let events = if unsuccessful && !arn.contains(":express:") {
            self.engine.describe(arn).await.map_err(failed)?.events
        } else {
            0
        };
        let facts = RedriveFacts {
            status: summary.status,
            start: summary.started,
            stop: summary.stopped,
            events,
            redrives: summary.redrives,
            child: summary.parent.is_some(),
            deleting: self.registry.machine(&summary.machine).await.is_some_and(|machine| machine.deleting),
        };
        Ok(match redrivable(&facts, self.now()) {
            Redrivable::Yes => ("REDRIVABLE", None),
            Redrivable::ByMapRun => ("REDRIVABLE_BY_MAP_RUN", None),
            Redrivable::No(reason) => ("NOT_REDRIVABLE", Some(reason)),
        })
    }

    pub(super) async fn list_executions(&self, request: Request<'_>) -> Answer {
        let (machine, run) = (request.text("stateMachineArn"), request.text("mapRunArn"));
        let scope = match (machine, run) {
            (Some(machine), None) => self.machine_scope(machine).await?,
            (None, Some(run)) => {
                self.map_run(run).await?;
                Scope::Parent(run.clone())
            }
            _ => {
                return Err(ApiError::validation("Must provide exactly one of: [stateMachineArn, mapRunArn]"));
            }
        };
        let redriven = request.text("redriveFilter").map(|filter| &**filter == "REDRIVEN");
        if redriven.is_some() && run.is_none() {
            return Err(ApiError::validation("The redriveFilter can only be used with a mapRunArn"));
        }
        let filter = request.text("statusFilter");
        let question = format!("ListExecutions {machine:?} {run:?} {filter:?} {redriven:?}");
        let wanted = Wanted::of(request, &question, self.now())?;
        let after = wanted.after.as_deref().map(|place| place.parse().map_err(|_| ApiError::invalid_token()));
        let Some(status) = status_filter(filter) else {
            return Ok(json!({"executions": []}));
        };
        let listing = Listing { status, redriven, after: after.transpose()?, ..Listing::of(scope, wanted.limit) };
        let page = self.engine.store().list(listing).await.map_err(|error| ApiError::internal(error.to_string()))?;
        let items: Vec<Value> = page.found.iter().map(|(arn, summary)| listed(arn, summary)).collect();
        let token = page.next.map(|place| wanted.token(&place.to_string()));
        Ok(Shape::new().with("executions", items).maybe("nextToken", token).into())
    }

    async fn machine_scope(&self, text: &Arc<str>) -> Result<Scope, ApiError> {
        let arn = MachineArn::parse(text)?;
        let machine = self.registry.machine(arn.machine).await.ok_or_else(|| ApiError::no_machine(text))?;
        if machine.machine_type == MachineType::Express {
            return Err(unsupported_type());
        }
        let machine_arn = machine.arn.clone();
        Ok(match (arn.qualifier, arn.version()) {
            (None, _) => Scope::Machine(machine_arn),
            (Some(_), Some(_)) => Scope::Version { machine: machine_arn, version: text.clone() },
            (Some(_), None) => Scope::Alias { machine: machine_arn, alias: text.clone() },
        })
    }

    pub(super) async fn stop_execution(&self, request: Request<'_>) -> Answer {
        let arn = request.required("executionArn");
        self.standard_summary(arn).await?;
        let (error, cause) = (request.text("error").cloned(), request.text("cause").cloned());
        let stopped = self.engine.stop(arn, error, cause).await.map_err(failed)?;
        Ok(Shape::new().time("stopDate", stopped).into())
    }

    pub(super) async fn describe_machine_for_execution(&self, request: Request<'_>) -> Answer {
        let arn = request.required("executionArn");
        let summary = self.summary(arn).await?;
        let started = self.started(arn).await?;
        let label = summary.machine.rsplit_once('/').map(|(_, label)| label);
        let found = self.revision_of(&summary, &started).await?;
        let (machine, revision, program) = found.ok_or_else(|| no_execution(arn))?;
        let shape = Shape::new()
            .text("stateMachineArn", &summary.machine)
            .text("name", &machine.name)
            .text("definition", shown_definition(request, &revision))
            .text("roleArn", &revision.role)
            .time("updateDate", revision.updated)
            .configurations(&revision, self.since.of(&program).encryption())
            .maybe("mapRunArn", summary.parent.as_ref())
            .maybe("label", label)
            .maybe("revisionId", revision.id.as_ref());
        Ok(match variable_references(&program) {
            Some(references) => shape.with("variableReferences", references).into(),
            None => shape.into(),
        })
    }
}

impl Api {
    /// What an execution runs: its machine, the revision that it was started with, and that as a program. `None` if
    /// the machine is gone.
    pub(super) async fn revision_of(
        &self,
        summary: &Summary,
        started: &Started,
    ) -> Result<Option<(Arc<Machine>, Arc<Revision>, Arc<Program>)>, ApiError> {
        let owner = summary.machine.rsplit_once('/').map_or(&*summary.machine, |(machine, _)| machine);
        let Some(machine) = self.registry.machine(owner).await else { return Ok(None) };
        let through =
            |version: &Arc<str>| Some(machine.version(MachineArn::parse(version).ok()?.version()?)?.1.clone());
        let revision = match summary.version.as_ref().and_then(through) {
            Some(revision) => Some(revision),
            None => machine.revision_of(&started.program, summary.started).cloned(),
        };
        let Some(revision) = revision else { return Ok(None) };
        let program = self.programs.compile(&revision.definition, machine.machine_type)?;
        Ok(Some((machine, revision, program)))
    }
}

/// What the store says of an execution that it cannot show.
fn not_shown(execution: &str, error: StoreError) -> ApiError {
    match error {
        StoreError::NotFound(_) => no_execution(execution),
        error => ApiError::internal(error.to_string()),
    }
}

fn with_end(shape: Shape, status: Status, ended: Option<&Ended>) -> Shape {
    let Some(ended) = ended else { return shape };
    // An execution that timed out has neither here, though its history may (recorded).
    let told = status != Status::TimedOut;
    let shape = shape
        .maybe("error", ended.error.as_ref().filter(|_| told))
        .maybe("cause", ended.cause.as_ref().filter(|_| told));
    match &ended.output {
        Some(output) => shape.text("output", output).with("outputDetails", json!({"included": true})),
        None => shape,
    }
}

/// `None`: a status that no execution here can have.
fn status_filter(filter: Option<&Arc<str>>) -> Option<Option<Status>> {
    let Some(filter) = filter else { return Some(None) };
    let all = [Status::Running, Status::Succeeded, Status::Failed, Status::TimedOut, Status::Aborted];
    all.into_iter().find(|status| status.name() == &**filter).map(Some)
}

/// An execution as it stands in a list.
pub(crate) fn listed(arn: &str, summary: &Summary) -> Value {
    let shape = Shape::new()
        .text("executionArn", arn)
        .text("stateMachineArn", &summary.machine)
        .text("name", &summary.name)
        .text("status", summary.status.name())
        .time("startDate", summary.started)
        .maybe_time("stopDate", summary.stopped)
        .maybe("mapRunArn", summary.parent.as_ref())
        .maybe("stateMachineVersionArn", summary.version.as_ref())
        .maybe("stateMachineAliasArn", summary.alias.as_ref())
        .with("redriveCount", summary.redrives)
        .maybe_time("redriveDate", summary.redriven);
    match summary.items {
        Some(items) => shape.with("itemCount", items).into(),
        None => shape.into(),
    }
}
