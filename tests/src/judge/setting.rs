//! What there was around the calls of a case.

use crate::case::{Answer, ApiCase, Body, Case, Step, ValidationCase};
use crate::subject::Setting;
use serde_json::{Map, Value};

/// Fields by which a state shapes the result of its task: where there is one, the output does not tell the result.
const SHAPING: [&str; 5] = ["ResultSelector", "ResultPath", "OutputPath", "Output", "Assign"];

pub(super) fn of(case: &Case) -> Setting {
    let (result, rows) = match &case.body {
        Body::Validation(validation) => (result(validation), None),
        Body::Api(api) => (None, rows(api)),
        Body::Execution(_) => (None, None),
    };
    Setting {
        recorded: case.recorded.clone(),
        log_groups: case.services.iter().any(|service| service == "logs"),
        result,
        rows,
    }
}

/// What the task of a TestState really returned: it was called, and its result is shown, or it is the whole output.
fn result(case: &ValidationCase) -> Option<Value> {
    let Answer::Response(response) = &case.expect else { return None };
    if case.operation != "TestState" || case.params.contains_key("mock") {
        return None;
    }
    let state: Map<String, Value> = serde_json::from_str(&case.definition).ok()?;
    let shown = response.get("inspectionData").and_then(|inspected| inspected.get("result"));
    let whole = || response.get("output").filter(|_| !SHAPING.iter().any(|field| state.contains_key(*field)));
    shown.or_else(whole).cloned()
}

/// How many rows the data set of a distributed Map had: what was in them is not recorded.
fn rows(case: &ApiCase) -> Option<u64> {
    case.steps.iter().find_map(|step| {
        let Step::Call(call) = step else { return None };
        let (true, Some(Answer::Response(response))) = (call.operation == "DescribeMapRun", &call.expect) else {
            return None;
        };
        response.get("itemCounts")?.get("total")?.as_u64()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::read_file;
    use serde_json::json;

    fn setting(case: Value) -> Setting {
        let file = json!({"group": "g", "cases": [case]});
        of(&read_file(&file).unwrap().unwrap().remove(0))
    }

    #[test]
    fn a_real_result_is_told_by_what_came_of_it() {
        let tried = |definition: Value, params: Value, response: Value| {
            setting(json!({"name": "n", "kind": "validation", "operation": "TestState", "definition": definition,
                "params": params, "expect": {"response": response}}))
            .result
        };
        let task = json!({"Type": "Task"});
        assert_eq!(tried(task.clone(), json!({}), json!({"output": 1})), Some(json!(1)));
        let inspected = json!({"output": 1, "inspectionData": {"result": 2}});
        assert_eq!(tried(task.clone(), json!({}), inspected.clone()), Some(json!(2)));
        assert_eq!(tried(task, json!({"mock": {}}), inspected), None);
        let shaped = json!({"Type": "Task", "ResultPath": "$.a"});
        assert_eq!(tried(shaped, json!({}), json!({"output": 1})), None);
    }

    #[test]
    fn rows_and_log_groups() {
        let counts = json!({"response": {"itemCounts": {"total": 2}}});
        let api = json!({"name": "n", "kind": "api", "other_services": ["s3", "logs"],
            "steps": [{"call": "DescribeMapRun", "expect": counts}]});
        let found = setting(api);
        assert_eq!((found.rows, found.log_groups), (Some(2), true));
        let found = setting(json!({"name": "n", "kind": "api", "steps": []}));
        assert_eq!((found.rows, found.log_groups), (None, false));
    }
}
