//! Pages of lists: tokens lead on, go with the question that they were given for, and grow old.

use crate::support::{ECHO, Place, WAIT, text};
use serde_json::{Value, json};

const BAD: &str = "InvalidToken: Invalid Token: 'Invalid token'";

fn with(request: &Value, more: Value) -> Value {
    let mut request = request.clone();
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    request
}

#[tokio::test]
async fn every_list_has_pages() {
    let place = Place::new().await;
    let arn = place.machine_with("a", WAIT, json!({"publish": true})).await;
    place.call("UpdateStateMachine", json!({"stateMachineArn": arn, "definition": ECHO, "publish": true})).await;
    place.machine("b", ECHO).await;
    place.call("CreateActivity", json!({"name": "x"})).await;
    place.call("CreateActivity", json!({"name": "y"})).await;
    let execution = place.start(&arn).await;
    place.start(&arn).await;
    place.ended(&execution).await;
    for name in ["p", "q"] {
        let route = json!([{"stateMachineVersionArn": format!("{arn}:1"), "weight": 100}]);
        place.call("CreateStateMachineAlias", json!({"name": name, "routingConfiguration": route})).await;
    }
    let of_machine = json!({"stateMachineArn": arn});
    let lists = [
        ("ListStateMachines", json!({}), "stateMachines"),
        ("ListActivities", json!({}), "activities"),
        ("ListExecutions", of_machine.clone(), "executions"),
        ("ListStateMachineVersions", of_machine.clone(), "stateMachineVersions"),
        ("ListStateMachineAliases", of_machine.clone(), "stateMachineAliases"),
        ("GetExecutionHistory", json!({"executionArn": execution}), "events"),
    ];
    let mut tokens = Vec::new();
    for (operation, request, items) in &lists {
        let whole = place.call(operation, request.clone()).await;
        assert!(whole.get("nextToken").is_none(), "{operation}");
        let (mut found, mut page) = (Vec::new(), with(request, json!({"maxResults": 1})));
        loop {
            let answer = place.call(operation, page.clone()).await;
            assert_eq!(answer[items].as_array().unwrap().len(), 1, "{operation}");
            found.extend(answer[items].as_array().unwrap().iter().cloned());
            match answer.get("nextToken") {
                Some(token) => page = with(&page, json!({"nextToken": token})),
                None => break,
            }
        }
        assert_eq!(&Value::Array(found), &whole[items], "{operation}");
        assert_eq!(place.call(operation, with(request, json!({"maxResults": 0}))).await, whole, "{operation}");
        let too_many = place.refused(operation, with(request, json!({"maxResults": 1001}))).await;
        assert!(too_many.ends_with("Member must have value less than or equal to 1000"), "{operation}: {too_many}");
        assert_eq!(place.refused(operation, with(request, json!({"nextToken": "bm8"}))).await, BAD, "{operation}");
        let first = place.call(operation, with(request, json!({"maxResults": 1}))).await;
        tokens.push(text(&first["nextToken"]));
    }
    // A token is for one question.
    for ((operation, request, _), token) in lists.iter().zip(tokens.iter().cycle().skip(1)) {
        assert_eq!(place.refused(operation, with(request, json!({"nextToken": token}))).await, BAD, "{operation}");
    }
    let filtered = with(&of_machine, json!({"statusFilter": "RUNNING", "nextToken": tokens[2]}));
    assert_eq!(place.refused("ListExecutions", filtered).await, BAD);
    let reversed = json!({"executionArn": execution, "reverseOrder": true, "nextToken": tokens[5]});
    assert_eq!(place.refused("GetExecutionHistory", reversed).await, BAD);
    // It is good for a day.
    place.clock.hours(23);
    for ((operation, request, _), token) in lists.iter().zip(&tokens) {
        place.call(operation, with(request, json!({"nextToken": token}))).await;
    }
    place.clock.hours(2);
    for ((operation, request, _), token) in lists.iter().zip(&tokens) {
        assert_eq!(place.refused(operation, with(request, json!({"nextToken": token}))).await, BAD, "{operation}");
    }
}

#[tokio::test]
async fn machines_and_activities_are_listed_by_name() {
    let place = Place::new().await;
    for name in ["b", "C", "a", "ä"] {
        place.machine(name, ECHO).await;
        place.call("CreateActivity", json!({"name": name})).await;
    }
    for (operation, items) in [("ListStateMachines", "stateMachines"), ("ListActivities", "activities")] {
        let listed = place.call(operation, json!({})).await;
        let names: Vec<String> = listed[items].as_array().unwrap().iter().map(|item| text(&item["name"])).collect();
        assert_eq!(names, ["C", "a", "b", "ä"], "{operation}");
    }
}
