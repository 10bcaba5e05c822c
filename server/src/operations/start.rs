//! Starting executions.

use super::machines::{no_version, refuse_deleting};
use super::{Answer, Api, Caller};
use crate::arn::{MachineArn, check_name, execution_kind};
use crate::error::ApiError;
use crate::random;
use crate::registry::{Machine, Revision};
use crate::request::Request;
use crate::shapes::Shape;
use aslx_asl::{MachineType, Program, Timestamp};
use aslx_engine::journal::{ExecutionNames, Seed, Tracing};
use aslx_engine::layers::Answers;
use aslx_engine::runtime::{EngineError, ExecutionHandle, StartRequest};
use aslx_engine::{Data, PAYLOAD_LIMIT};
use serde_json::json;
use std::sync::Arc;

/// Milliseconds to which a bill is rounded up.
const BILLED_MILLIS: i64 = 100;

/// What a start leads to.
struct Target {
    machine: Arc<Machine>,
    revision: Arc<Revision>,
    version: Option<Arc<str>>,
    alias: Option<Arc<str>>,
    /// What follows `#`: a test case of a mock file, in the way of Step Functions Local.
    test_case: Option<Arc<str>>,
}

impl Api {
    pub(super) async fn start_execution(&self, request: Request<'_>, caller: Caller) -> Answer {
        let target = self.target(request.required("stateMachineArn")).await?;
        let (machine, seed) = (target.machine.clone(), caller.seed);
        let (execution, started) = match self.start(request, target, false, caller).await {
            Ok(handle) => (handle.execution().clone(), handle.started()),
            Err(error) if error.code() == "ExecutionAlreadyExists" => {
                let name = request.text("name").map_or("", |name| name);
                let kind = execution_kind(machine.machine_type);
                let execution = self.account.arn(kind, format_args!("{}:{name}", machine.name));
                let started = self.started_before(&execution, seed).await.ok_or(error)?;
                (execution, started)
            }
            Err(error) => return Err(error),
        };
        Ok(Shape::new().text("executionArn", &execution).time("startDate", started).into())
    }

    /// When an execution was started with this seed, if it was: by the same task, before the server was restarted.
    async fn started_before(&self, execution: &str, seed: Option<Seed>) -> Option<Timestamp> {
        let started = self.started(execution).await.ok()?;
        let summary = self.engine.store().summary(execution).await.ok()?;
        (Some(started.seed) == seed).then_some(summary.started)
    }

    pub(super) async fn start_sync_execution(&self, request: Request<'_>, caller: Caller) -> Answer {
        let target = self.target(request.required("stateMachineArn")).await?;
        if target.machine.machine_type != MachineType::Express {
            return Err(unsupported_type());
        }
        let machine = target.machine.arn.clone();
        let handle = self.start(request, target, true, caller).await?;
        let execution = handle.execution().clone();
        let finished = handle.wait().await.map_err(failed)?;
        let outcome = &finished.outcome;
        let name = execution.rsplit(':').nth(1).unwrap_or_default();
        let lasted = finished.stopped.as_millis().saturating_sub(finished.started.as_millis()).max(1);
        let billed = (lasted + BILLED_MILLIS - 1) / BILLED_MILLIS * BILLED_MILLIS;
        let shape = Shape::new()
            .text("executionArn", &execution)
            .text("stateMachineArn", &machine)
            .text("name", name)
            .time("startDate", finished.started)
            .time("stopDate", finished.stopped)
            .text("status", outcome.status.name())
            .maybe("traceHeader", request.text("traceHeader"))
            .with("billingDetails", json!({"billedMemoryUsedInMB": 64, "billedDurationInMilliseconds": billed}));
        if metadata_only(request) {
            return Ok(shape.into());
        }
        Ok(shape
            .maybe("error", outcome.error.as_ref())
            .maybe("cause", outcome.cause.as_ref())
            .text("input", request.text("input").map_or("{}", |input| input))
            .with("inputDetails", json!({"included": true}))
            .maybe("output", outcome.output.as_ref().map(Data::text))
            .with("outputDetails", json!({"included": true}))
            .into())
    }

    async fn target(&self, text: &str) -> Result<Target, ApiError> {
        let (text, test_case) = match text.split_once('#') {
            Some((arn, test_case)) => (arn, Some(test_case.into())),
            None => (text, None),
        };
        let arn = MachineArn::parse(text)?.unlabelled()?;
        let machine = self.registry.machine(arn.machine).await.ok_or_else(|| ApiError::no_machine(text))?;
        let (version, alias) = match (arn.qualifier, arn.version()) {
            (None, _) => (None, None),
            (Some(_), Some(version)) => (Some(version), None),
            (Some(name), None) => {
                let alias = machine.alias(name).ok_or_else(|| ApiError::no_machine(text))?;
                let mut drawn = i64::try_from(random::below(100)?).unwrap_or(0);
                let chosen = alias.routes.iter().find(|route| {
                    drawn -= route.weight;
                    drawn < 0
                });
                (chosen.map(|route| route.version), Some(machine.alias_arn(name)))
            }
        };
        let revision = match version {
            Some(version) => machine.version(version).map(|(_, revision)| revision).ok_or_else(|| no_version(text))?,
            None => machine.revision().ok_or_else(|| ApiError::no_machine(text))?,
        };
        refuse_deleting(&machine)?;
        let (revision, version) = (revision.clone(), version.map(|number| machine.version_arn(number)));
        Ok(Target { machine, revision, version, alias, test_case })
    }

    async fn start(
        &self,
        request: Request<'_>,
        target: Target,
        synchronous: bool,
        caller: Caller,
    ) -> Result<ExecutionHandle, ApiError> {
        let Target { machine, revision, version, alias, test_case } = target;
        if !synchronous {
            self.rates.start(machine.machine_type)?;
        }
        if machine.machine_type == MachineType::Standard {
            self.check_room().await?;
        }
        let name = match request.text("name") {
            Some(name) => {
                check_name(name)?;
                name.clone()
            }
            None => random::uuid()?.into(),
        };
        let input = input(request)?;
        let program = self.programs.compile(&revision.definition, machine.machine_type)?;
        let answers = test_case.as_ref().map(|case| self.tasks.answers(&machine.name, case, &program));
        let answers = answers.transpose().map_err(ApiError::validation)?;
        self.check_runnable(&program, answers.as_ref())?;
        let kind = execution_kind(machine.machine_type);
        let execution_arn = match machine.machine_type {
            MachineType::Standard => self.account.arn(kind, format_args!("{}:{name}", machine.name)),
            MachineType::Express => self.account.arn(kind, format_args!("{}:{name}:{}", machine.name, random::uuid()?)),
        };
        let names = ExecutionNames {
            execution_arn: execution_arn.clone(),
            execution_name: name,
            machine_arn: machine.arn.clone(),
            machine_name: machine.name.clone(),
            role_arn: revision.role.clone(),
            version_arn: version,
            alias_arn: alias,
        };
        let mocked = match (answers, &test_case) {
            (Some(answers), Some(case)) => self.mock(&execution_arn, &machine.name, case, answers).await?,
            _ => false,
        };
        let machine_type = machine.machine_type;
        let tracing = Tracing { header: request.text("traceHeader").cloned(), caller: caller.trace.map(Into::into) };
        let seed = caller.seed.map_or_else(|| random::bits().map(Seed), Ok)?;
        let request = StartRequest { names, machine_type, synchronous, input, seed, tracing };
        let started = self.engine.start(program, request).await.map_err(failed);
        if mocked && started.is_err() {
            self.unmock(&execution_arn).await;
        }
        started
    }

    /// Refuses one execution more than may be open.
    async fn check_room(&self) -> Result<(), ApiError> {
        let open = self.engine.store().count_open().await.map_err(|error| ApiError::internal(error.to_string()))?;
        let most = self.limits.open_executions;
        if open < most {
            return Ok(());
        }
        let message = format!("Execution Limit Exceeded: '{most} executions are open'");
        Err(ApiError::new("ExecutionLimitExceeded", message))
    }

    /// Refuses a program with a task that nobody does here, before its first state runs.
    fn check_runnable(&self, program: &Program, answers: Option<&Answers>) -> Result<(), ApiError> {
        let missing = self.tasks.missing(program, answers);
        if missing.is_empty() {
            return Ok(());
        }
        Err(ApiError::validation(format!("this definition cannot run here: {}", missing.join("; "))))
    }
}

/// The input: any JSON value, `{}` if none is given.
pub(crate) fn input(request: Request<'_>) -> Result<Data, ApiError> {
    let text = request.text("input").map_or("{}", |input| input);
    let refused =
        |why: &str| ApiError::new("InvalidExecutionInput", format!("Invalid State Machine Execution Input: '{why}'"));
    if text.trim().is_empty() {
        return Err(refused("Invalid execution input."));
    }
    if text.len() > PAYLOAD_LIMIT {
        return Err(refused(&format!("the input has more than {PAYLOAD_LIMIT} bytes")));
    }
    Data::parse(text).map_err(|error| match aslx_asl::syntax::json_complaint(text) {
        Some(complaint) => refused(&complaint),
        None => refused(&error.to_string()),
    })
}

pub(super) fn unsupported_type() -> ApiError {
    ApiError::new("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")
}

pub(super) fn metadata_only(request: Request<'_>) -> bool {
    request.text("includedData").is_some_and(|data| &**data == "METADATA_ONLY")
}

/// What the engine refused, in the API's words.
pub(super) fn failed(error: EngineError) -> ApiError {
    match error {
        EngineError::AlreadyExists { execution } => {
            ApiError::new("ExecutionAlreadyExists", format!("Execution Already Exists: '{execution}'"))
        }
        EngineError::NotFound { execution } => no_execution(&execution),
        EngineError::Stopped => ApiError::protocol(503, "ServiceUnavailableException", "the server is stopping"),
        error => ApiError::internal(error.to_string()),
    }
}

pub(super) fn no_execution(arn: &str) -> ApiError {
    ApiError::new("ExecutionDoesNotExist", format!("Execution Does Not Exist: '{arn}'"))
}
