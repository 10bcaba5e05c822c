//! Reading one case file.

use super::marks;
use super::model::{
    Answer, ApiCall, ApiCase, Body, Call, Case, ExecutionCase, Expected, Language, MachineType, Outcome, Start, Step,
    Thrown, ValidationCase,
};
use super::told;
use serde_json::{Map, Value};

/// Why a case cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {what}")]
pub struct CaseError {
    name: String,
    what: String,
}

type Read<T> = Result<T, String>;

/// Reads the cases of a file; `None` if it holds no list of cases.
pub fn read_file(file: &Value) -> Option<Result<Vec<Case>, CaseError>> {
    let cases = file.get("cases")?.as_array()?;
    let group = file.get("group").and_then(Value::as_str).unwrap_or("none");
    let recorded = file.get("recorded_from_aws").and_then(Value::as_str).and_then(day);
    Some(cases.iter().map(|case| read_case(case, group, recorded.as_deref())).collect())
}

fn read_case(case: &Value, group: &str, recorded: Option<&str>) -> Result<Case, CaseError> {
    let name = case.get("name").and_then(Value::as_str).unwrap_or("a case without a name").to_owned();
    let read = || -> Read<Case> {
        let members = case.as_object().ok_or("not an object")?;
        let body = match text(members, "kind")? {
            "execution" => Body::Execution(Box::new(execution(members)?)),
            "validation" => Body::Validation(Box::new(validation(members)?)),
            "api" => Body::Api(api(members)?),
            other => return Err(format!("unknown kind `{other}`")),
        };
        let language = if says_jsonata(case) { Language::Jsonata } else { Language::Jsonpath };
        let recorded = recorded.map(str::to_owned);
        let services = members.get("other_services").and_then(Value::as_array).into_iter().flatten();
        let services = services.filter_map(Value::as_str).map(str::to_owned).collect();
        Ok(Case { name: name.clone(), group: group.to_owned(), recorded, services, language, body })
    };
    read().map_err(|what| CaseError { name: name.clone(), what })
}

fn says_jsonata(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(key, value)| match (key.as_str(), value) {
            ("QueryLanguage", Value::String(language)) => language == "JSONata",
            ("definition_text", Value::String(text)) => {
                serde_json::from_str(text).is_ok_and(|definition| says_jsonata(&definition))
            }
            _ => says_jsonata(value),
        }),
        Value::Array(items) => items.iter().any(says_jsonata),
        _ => false,
    }
}

fn execution(case: &Map<String, Value>) -> Read<ExecutionCase> {
    let expect = object(case, "expect")?;
    let history = expect.get("history").and_then(Value::as_array).cloned();
    let mut tasks = tasks(case)?;
    for (_, calls) in &mut tasks {
        marks::restore(calls, history.as_deref().unwrap_or_default());
    }
    if tasks.is_empty()
        && let Some(definition) = case.get("definition")
    {
        tasks.extend(told::by_the_output(definition, expect));
    }
    Ok(ExecutionCase {
        machine_type: match text(case, "type")? {
            "STANDARD" => MachineType::Standard,
            "EXPRESS" => MachineType::Express,
            other => return Err(format!("unknown type `{other}`")),
        },
        start: match text(case, "api")? {
            "StartExecution" => Start::Asynchronous,
            "StartSyncExecution" => Start::Synchronous,
            other => return Err(format!("unknown api `{other}`")),
        },
        definition: text_or_json(case, "definition_text", "definition")?,
        input: text_or_json(case, "input_text", "input")?,
        tasks,
        resources: case.get("resources").and_then(Value::as_object).cloned().unwrap_or_default(),
        sorted: case.get("history_order").and_then(Value::as_str) == Some("sorted"),
        expect: Expected {
            status: text(expect, "status")?.to_owned(),
            output: expect.get("output").cloned(),
            error: expect.get("error").cloned(),
            cause: expect.get("cause").cloned(),
            history,
        },
    })
}

fn tasks(case: &Map<String, Value>) -> Read<Vec<(String, Vec<Call>)>> {
    let Some(tasks) = case.get("tasks") else { return Ok(Vec::new()) };
    let tasks = tasks.as_object().ok_or("`tasks` is not an object")?;
    let calls = |(state, calls): (&String, &Value)| {
        let calls = calls.as_array().ok_or_else(|| format!("the calls of `{state}` are not a list"))?;
        Ok((state.clone(), calls.iter().map(call).collect::<Read<_>>()?))
    };
    tasks.iter().map(calls).collect()
}

fn call(call: &Value) -> Read<Call> {
    let members = call.as_object().ok_or("a call is not an object")?;
    let thrown = match members.get("Throw") {
        Some(thrown) => Some(Thrown { error: text_in(thrown, "Error")?, cause: text_in(thrown, "Cause")? }),
        None => None,
    };
    let outcome = match (mark(members, "never_started"), mark(members, "timed_out"), thrown, members.get("Return")) {
        (Some(event), _, thrown, _) => NeverStarted::from(event).outcome(thrown.unwrap_or_default()),
        (None, Some(_), _, _) => Outcome::TimedOut,
        (None, None, Some(thrown), _) => Outcome::Throw(thrown),
        (None, None, None, Some(result)) => Outcome::Return(result.clone()),
        (None, None, None, None) => Outcome::Silence,
    };
    let iteration = members.get("iteration").and_then(Value::as_u64).and_then(|index| usize::try_from(index).ok());
    Ok(Call {
        resource: text(members, "resource")?.to_owned(),
        input: members.get("input").cloned(),
        iteration,
        submitted: members.get("submitted").cloned(),
        outcome,
    })
}

/// The mark says `true`, or the type of the event.
struct NeverStarted(Option<String>);

impl From<&Value> for NeverStarted {
    fn from(mark: &Value) -> NeverStarted {
        NeverStarted(mark.as_str().map(str::to_owned))
    }
}

impl NeverStarted {
    fn outcome(self, thrown: Thrown) -> Outcome {
        Outcome::NeverStarted(thrown, self.0)
    }
}

/// A mark that is there and is not `false`.
fn mark<'a>(call: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    call.get(key).filter(|mark| !matches!(mark, Value::Bool(false) | Value::Null))
}

fn validation(case: &Map<String, Value>) -> Read<ValidationCase> {
    let expect = answer(object(case, "expect")?)?;
    Ok(ValidationCase {
        operation: text(case, "operation")?.to_owned(),
        definition: text_or_json(case, "definition_text", "definition")?,
        params: case.get("params").and_then(Value::as_object).cloned().unwrap_or_default(),
        without_role: case.get("without_role").and_then(Value::as_bool).unwrap_or_default(),
        expect,
    })
}

fn error_answer(error: &Map<String, Value>) -> Answer {
    match error.get("text") {
        Some(Value::String(text)) => Answer::Printed(text.clone()),
        _ => {
            let member = |key: &str| error.get(key).cloned().unwrap_or_default();
            Answer::Error { code: member("Code"), message: member("Message") }
        }
    }
}

fn api(case: &Map<String, Value>) -> Read<ApiCase> {
    let steps = case.get("steps").and_then(Value::as_array).ok_or("no steps")?;
    Ok(ApiCase { steps: steps.iter().map(step).collect::<Read<_>>()? })
}

fn step(step: &Value) -> Read<Step> {
    let members = step.as_object().ok_or("a step is not an object")?;
    if let Some(execution) = members.get("await").and_then(Value::as_str) {
        return Ok(Step::Await(execution.to_owned()));
    }
    let has_definition = members.contains_key("definition") || members.contains_key("definition_text");
    Ok(Step::Call(Box::new(ApiCall {
        operation: text(members, "call")?.to_owned(),
        request: members.get("params").and_then(Value::as_object).cloned().unwrap_or_default(),
        definition: has_definition.then(|| text_or_json(members, "definition_text", "definition")).transpose()?,
        expect: members.get("expect").and_then(Value::as_object).map(answer).transpose()?,
        fails: members.get("fails").and_then(Value::as_bool).unwrap_or_default(),
    })))
}

fn answer(expect: &Map<String, Value>) -> Read<Answer> {
    match (expect.get("response"), expect.get("error")) {
        (Some(response), _) => Ok(Answer::Response(response.clone())),
        (None, Some(Value::Object(error))) => Ok(error_answer(error)),
        _ => Err("`expect` has neither a response nor an error".to_owned()),
    }
}

/// `22-06-2023, 13:48:15` as `2023-06-22`.
fn day(recorded: &str) -> Option<String> {
    let mut parts = recorded.split(',').next()?.splitn(3, '-');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    Some(format!("{year}-{month}-{day}"))
}

fn object<'a>(members: &'a Map<String, Value>, key: &str) -> Read<&'a Map<String, Value>> {
    members.get(key).and_then(Value::as_object).ok_or_else(|| format!("`{key}` is missing or is not an object"))
}

fn text<'a>(members: &'a Map<String, Value>, key: &str) -> Read<&'a str> {
    members.get(key).and_then(Value::as_str).ok_or_else(|| format!("`{key}` is missing or is not a text"))
}

/// A member that may be missing; a value that was read from a JSON text is given back as text.
fn text_in(value: &Value, key: &str) -> Read<Option<String>> {
    match value.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Object(object)) if object.len() == 1 && object.contains_key("$json_text") => {
            Ok(object.get("$json_text").map(Value::to_string))
        }
        Some(other) => Ok(Some(other.to_string())),
    }
}

fn text_or_json(members: &Map<String, Value>, as_text: &str, as_json: &str) -> Read<String> {
    match (members.get(as_text), members.get(as_json)) {
        (Some(Value::String(text)), _) => Ok(text.clone()),
        (_, Some(value)) => Ok(value.to_string()),
        _ => Err(format!("neither `{as_json}` nor `{as_text}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(case: Value) -> Result<Case, CaseError> {
        let file = json!({"group": "g", "cases": [case]});
        read_file(&file).unwrap().map(|mut cases| cases.remove(0))
    }

    fn outcome(call: Value) -> Outcome {
        super::call(&call).unwrap().outcome
    }

    #[test]
    fn marks_of_calls() {
        let thrown = |error: Option<&str>, cause: Option<&str>| Thrown {
            error: error.map(str::to_owned),
            cause: cause.map(str::to_owned),
        };
        let call = |extra: Value| {
            let mut call = json!({"resource": "lambda:invoke"});
            call.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            outcome(call)
        };
        assert_eq!(call(json!({})), Outcome::Silence);
        assert_eq!(call(json!({"Return": null})), Outcome::Return(Value::Null));
        assert_eq!(call(json!({"Throw": {}})), Outcome::Throw(thrown(None, None)));
        assert_eq!(call(json!({"Throw": {"Error": "E"}})), Outcome::Throw(thrown(Some("E"), None)));
        assert_eq!(call(json!({"Throw": {"Error": "E"}, "timed_out": true})), Outcome::TimedOut);
        assert_eq!(
            call(json!({"Throw": {"Cause": {"$json_text": {"a": 1}}}, "never_started": "TaskStartFailed"})),
            Outcome::NeverStarted(thrown(None, Some("{\"a\":1}")), Some("TaskStartFailed".into()))
        );
    }

    #[test]
    fn the_language_is_found_anywhere() {
        let case = |definition: Value| {
            let case = json!({"name": "n", "kind": "validation", "operation": "TestState", "definition": definition,
                "expect": {"response": {}}});
            read(case).unwrap().language
        };
        assert_eq!(case(json!({"Comment": "JSONata"})), Language::Jsonpath);
        assert_eq!(case(json!({"QueryLanguage": "JSONPath"})), Language::Jsonpath);
        assert_eq!(case(json!({"States": {"A": {"QueryLanguage": "JSONata"}}})), Language::Jsonata);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let error = |case: Value| read(case).unwrap_err().to_string();
        assert_eq!(error(json!({"name": "n"})), "n: `kind` is missing or is not a text");
        assert_eq!(error(json!({"name": "n", "kind": "dance"})), "n: unknown kind `dance`");
        assert_eq!(
            error(json!({"name": "n", "kind": "validation", "expect": {}})),
            "n: `expect` has neither a response nor an error"
        );
        assert!(read_file(&json!([])).is_none());
    }

    #[test]
    fn a_null_input_is_an_input() {
        let case = json!({"name": "n", "kind": "execution", "type": "EXPRESS", "api": "StartSyncExecution",
            "definition": {}, "input": null, "expect": {"status": "SUCCEEDED", "output": null}});
        let Body::Execution(case) = read(case).unwrap().body else { panic!("another kind") };
        assert_eq!((case.input.as_str(), case.expect.output), ("null", Some(Value::Null)));
    }
}
