//! From a case and what the subject made of it to a verdict.

mod calls;
mod setting;

use crate::case::{Body, Case, ExecutionCase, Expected};
use crate::compare::{Bindings, canonical_event, difference, history_difference, json_or_text, normalise};
use crate::subject::{Observed, Session, Subject};
use serde_json::{Value, json};

/// Plays a case. The error says why it failed.
pub fn judge(case: &Case, subject: &dyn Subject) -> Result<(), String> {
    match &case.body {
        Body::Execution(case) => {
            let observed = subject.execute(case).map_err(|why| why.to_string())?;
            execution(case, observed)
        }
        Body::Validation(validation) => calls::validation(validation, &mut *session(case, subject)?),
        Body::Api(api) => calls::api(api, &mut *session(case, subject)?),
    }
}

fn session(case: &Case, subject: &dyn Subject) -> Result<Box<dyn Session>, String> {
    subject.session(&setting::of(case)).map_err(|why| why.to_string())
}

/// Status, output, error and cause must be as recorded, then the history if there is one, then the calls of the tasks.
pub fn execution(case: &ExecutionCase, observed: Observed) -> Result<(), String> {
    let Expected { status, output, error, cause, history } = &case.expect;
    let mut bindings = Bindings::new();
    if *status != observed.status {
        let why = [observed.error, observed.cause].into_iter().flatten().collect::<Vec<_>>().join(": ");
        let why = if why.is_empty() { why } else { format!(" ({why})") };
        return Err(format!("status: expected {status}, got {}{why}", observed.status));
    }
    let text = |text: Option<String>| text.map(Value::String);
    let cause_given = text(observed.cause).map(|cause| normalise(json!([{ "cause": cause }])));
    let cause_given = cause_given.and_then(|around| around.pointer("/0/cause").cloned());
    for (what, want, got) in [
        ("output", output, text(observed.output).map(json_or_text)),
        ("error", error, text(observed.error)),
        ("cause", cause, cause_given),
    ] {
        match (want, got) {
            (None, None) => {}
            (Some(want), Some(got)) => {
                if let Some(found) = difference(want, &got, &mut bindings) {
                    return Err(format!("{what}: {found}"));
                }
            }
            (Some(_), None) => return Err(format!("{what}: missing")),
            (None, Some(got)) => return Err(format!("{what}: not expected, got {got}")),
        }
    }
    if let Some(want) = history {
        let got: Vec<Value> = observed.history.into_iter().map(canonical_event).collect();
        if let Some(found) = history_difference(want, &got, case.sorted, &mut bindings) {
            return Err(format!("history: {found}"));
        }
    }
    match observed.surprises.into_iter().next() {
        Some(surprise) => Err(surprise),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Answer, read_file};
    use crate::subject::Reply;

    fn case(expect: Value) -> Box<ExecutionCase> {
        let file = json!({"group": "g", "cases": [{
            "name": "n", "kind": "execution", "type": "STANDARD", "api": "StartExecution", "definition": {}, "input": {},
            "expect": expect,
        }]});
        match read_file(&file).unwrap().unwrap().remove(0).body {
            Body::Execution(case) => case,
            _ => panic!("another kind"),
        }
    }

    fn failed(error: &str, cause: &str) -> Observed {
        Observed {
            status: "FAILED".into(),
            error: Some(error.into()),
            cause: Some(cause.into()),
            ..Observed::default()
        }
    }

    #[test]
    fn an_execution_is_compared_member_by_member() {
        let want = case(json!({"status": "FAILED", "error": "E", "cause": {"a": "<x>"}}));
        assert_eq!(execution(&want, failed("E", "{\"a\": 1}")), Ok(()));
        assert_eq!(execution(&want, failed("F", "{\"a\": 1}")), Err("error: expected \"E\", got \"F\"".into()));
        assert_eq!(execution(&want, failed("E", "{}")), Err("cause: missing `a`".into()));
        let no_cause = Observed { cause: None, ..failed("E", "") };
        assert_eq!(execution(&want, no_cause), Err("cause: missing".into()));
        let want = case(json!({"status": "SUCCEEDED", "output": {"a": 1}}));
        assert_eq!(execution(&want, failed("E", "c")), Err("status: expected SUCCEEDED, got FAILED (E: c)".into()));
        let done =
            |output: &str| Observed { status: "SUCCEEDED".into(), output: Some(output.into()), ..Observed::default() };
        assert_eq!(execution(&want, done("{\"a\" : 1.0}")), Ok(()));
        assert_eq!(execution(&want, done("{\"a\":2}")), Err("output: a: expected 1, got 2".into()));
        let surprised = Observed { surprises: vec!["oh".into()], ..done("{\"a\":1}") };
        assert_eq!(execution(&want, surprised), Err("oh".into()));
        let extra = Observed { error: Some("E".into()), ..done("{\"a\":1}") };
        assert_eq!(execution(&want, extra), Err("error: not expected, got \"E\"".into()));
    }

    #[test]
    fn wildcards_are_one_text_from_the_output_to_the_history() {
        let event =
            |output: &str| json!({"id": 1, "previousEventId": 0, "type": "T", "tEventDetails": {"output": output}});
        let want = case(json!({"status": "SUCCEEDED", "output": "<uuid:1>", "history": [event("<uuid:1>")]}));
        let done = |text: &str| Observed {
            status: "SUCCEEDED".into(),
            output: Some("\"a\"".into()),
            history: vec![event(text)],
            ..Observed::default()
        };
        assert_eq!(execution(&want, done("\"a\"")), Ok(()));
        assert!(execution(&want, done("\"b\"")).is_err());
    }

    #[test]
    fn errors_of_validations_are_compared_in_either_form() {
        let case = |expect: Value| -> Answer {
            let file = json!({"group": "g", "cases": [{
                "name": "n", "kind": "validation", "operation": "CreateStateMachine", "definition": {}, "expect": expect,
            }]});
            match read_file(&file).unwrap().unwrap().remove(0).body {
                Body::Validation(case) => case.expect,
                _ => panic!("another kind"),
            }
        };
        let reply = || Reply::Error { code: "C".into(), message: "M: 'x'".into() };
        let coded = case(json!({"error": {"Code": "C", "Message": "M: 'x'"}}));
        assert_eq!(calls::answered("CreateStateMachine", &coded, reply()), Ok(()));
        let text = "An error occurred (C) when calling the CreateStateMachine operation: M: 'x'";
        let printed = case(json!({"error": {"exception": "C", "text": text}}));
        assert_eq!(calls::answered("CreateStateMachine", &printed, reply()), Ok(()));
        assert!(
            calls::answered("CreateStateMachine", &printed, Reply::Error { code: "C".into(), message: "N".into() })
                .is_err()
        );
        let response = case(json!({"response": {"result": "OK", "diagnostics": []}}));
        let got = json!({"result": "OK", "diagnostics": []});
        assert_eq!(calls::answered("CreateStateMachine", &response, Reply::Response(got)), Ok(()));
        let why = "expected a response, got the error C: M: 'x'";
        assert_eq!(calls::answered("CreateStateMachine", &response, reply()), Err(why.into()));
    }
}
