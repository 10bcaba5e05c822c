//! TestState: one state, tried alone. The engine inspects it; here is what may be asked, and the shape of the answer.

mod context;
mod mock;
mod results;
mod subject;
mod trial;

use crate::error::ApiError;
use crate::operations::{Answer, Api};
use crate::request::Request;
use crate::shapes::Shape;
use aslx_asl::program::StateId;
use aslx_asl::value::Members;
use aslx_asl::{Program, Value};
use aslx_engine::Data;
use aslx_engine::interpreter::inspect::{Report, Setup, Stage};
use aslx_engine::journal::Seed;
use mock::Mock;
use serde_json::{Value as Json, json};
use subject::Subject;

impl Api {
    pub(crate) async fn test_state(&self, request: Request<'_>) -> Answer {
        let subject = Subject::find(request)?;
        let program = self.programs.compile(&subject.definition, aslx_asl::MachineType::Standard)?;
        let mock = Mock::of(request, &subject, &program)?;
        if mock.is_none() && subject.is_container() {
            let message = "TestState API does not support Map or Parallel states. Supported state types include: \
                           [Task, Wait, Pass, Succeed, Fail, Choice]";
            return Err(ApiError::new("InvalidDefinition", message));
        }
        if mock.is_none() && subject.kind() == "Task" && !request.has("roleArn") {
            return Err(ApiError::validation("RoleArn must be specified when testing a Task state"));
        }
        let input = crate::operations::execution_input(request)?;
        let variables = variables(request)?;
        let context = match request.text("context") {
            Some(text) => context::given(text, &subject)?,
            None => context::generated(&self.account, request, &input, &subject, self.now())?,
        };
        let missing = || ApiError::validation("State not found in definition");
        let setup = Setup::new(program.clone(), &subject.name, input).ok_or_else(missing)?;
        let state = setup.state;
        let seed = Seed(crate::random::bits()?);
        let setup = Setup { variables, context: Some(context), now: self.now(), seed, ..setup };
        let report = self.try_state(trial::configured(request, setup), mock).await?;
        let level = request.text("inspectionLevel").map_or("INFO", |level| level);
        let shape = Shape::new()
            .maybe("output", report.output.as_ref().map(Data::text))
            .maybe("error", report.error.as_ref())
            .maybe("cause", report.cause.as_ref())
            .maybe("nextState", report.next.as_ref())
            .text("status", report.ending.name());
        if level == "INFO" {
            return Ok(shape.into());
        }
        Ok(shape.with("inspectionData", inspected(&report, &program, state, request)).into())
    }
}

/// `inspectionData`
fn inspected(report: &Report, program: &Program, state: StateId, request: Request<'_>) -> Json {
    let mut shape = Shape::new();
    for (stage, data) in report.shown(program, state) {
        // Lists of items are shown with blanks between them (noted at AWS).
        let items = [Stage::AfterItemsPath, Stage::AfterItemsPointer, Stage::AfterItemSelector];
        shape = match data.value().as_array().filter(|_| items.contains(&stage)) {
            Some(items) => {
                let items: Vec<String> = items.iter().map(Value::to_json).collect();
                shape.with(stage.name(), format!("[{}]", items.join(", ")))
            }
            None => shape.text(stage.name(), &data.text()),
        };
    }
    if let Some(limits) = &report.limits {
        shape = shape.with("maxConcurrency", limits.max_concurrency);
        if let Some(count) = limits.tolerated_count {
            shape = shape.with("toleratedFailureCount", count);
        }
        if let Some(percentage) = limits.tolerated_percentage {
            shape = shape.with("toleratedFailurePercentage", percentage);
        }
    }
    if request.has("variables") || !report.variables.is_empty() {
        shape = shape.text("variables", &Value::object(report.variables.clone()).to_json());
    }
    let details = match (report.catcher, report.retrier, report.backoff_millis) {
        (Some(index), ..) => json!({"catchIndex": index}),
        (None, Some((index, _)), Some(millis)) => {
            json!({"retryIndex": index, "retryBackoffIntervalSeconds": (millis + 999) / 1000})
        }
        (None, Some((index, _)), None) => json!({"retryIndex": index}),
        (None, None, _) => return shape.into(),
    };
    shape.with("errorDetails", details).into()
}

fn variables(request: Request<'_>) -> Result<Members, ApiError> {
    let Some(text) = request.text("variables") else { return Ok(Members::default()) };
    let value = Value::parse(text).ok();
    let members = value.as_ref().and_then(Value::as_object).cloned();
    members.ok_or_else(|| ApiError::validation("Variables must be a valid JSON object"))
}
