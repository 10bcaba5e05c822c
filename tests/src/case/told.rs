//! Answers of tasks that a case leaves out, and that what came of them tells.

use super::model::{Call, Outcome, Thrown};
use serde_json::{Map, Value};

/// The failure of the one task of an execution that caught it and handed on nothing else: its output is that failure.
pub(super) fn by_the_output(definition: &Value, expect: &Map<String, Value>) -> Option<(String, Vec<Call>)> {
    let output = expect.get("output")?.as_object()?;
    let member = |name: &str| output.get(name).and_then(Value::as_str).map(str::to_owned);
    let (Some(error), Some(cause), 2) = (member("Error"), member("Cause"), output.len()) else { return None };
    let states = definition.get("States")?.as_object()?;
    let mut tasks = states.iter().filter(|(_, state)| state.get("Type").is_some_and(|kind| kind == "Task"));
    let (Some((name, task)), None) = (tasks.next(), tasks.next()) else { return None };
    let catchers = task.get("Catch")?.as_array()?;
    if catchers.iter().any(|catcher| catcher.get("ResultPath").is_some()) {
        return None;
    }
    let call = Call {
        resource: task.get("Resource")?.as_str()?.to_owned(),
        input: None,
        iteration: None,
        submitted: None,
        outcome: Outcome::Throw(Thrown { error: Some(error), cause: Some(cause) }),
    };
    Some((name.clone(), vec![call]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_caught_failure_is_told_by_the_output() {
        let task = |more: Value| {
            let mut task =
                json!({"Type": "Task", "Resource": "r", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}]});
            task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({"StartAt": "A", "States": {"A": task, "B": {"Type": "Pass", "End": true}}})
        };
        let expect = |output: Value| Map::from_iter([("output".to_owned(), output)]);
        let told = |definition: &Value, output: Value| by_the_output(definition, &expect(output));
        let (name, calls) = told(&task(json!({})), json!({"Error": "E", "Cause": "c"})).unwrap();
        let thrown = Outcome::Throw(Thrown { error: Some("E".into()), cause: Some("c".into()) });
        assert_eq!((name.as_str(), &calls[0].outcome), ("A", &thrown));
        assert!(told(&task(json!({})), json!({"Error": "E", "Cause": "c", "more": 1})).is_none());
        assert!(told(&task(json!({})), json!({"Error": "E"})).is_none());
        let with_path = task(json!({"Catch": [{"ErrorEquals": ["E"], "Next": "B", "ResultPath": "$.e"}]}));
        assert!(told(&with_path, json!({"Error": "E", "Cause": "c"})).is_none());
        assert!(told(&task(json!({"Catch": null})), json!({"Error": "E", "Cause": "c"})).is_none());
    }
}
