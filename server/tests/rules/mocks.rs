//! Executions as test cases of a mock file, in the way of Step Functions Local.

use crate::support::{Place, text};
use aslx_engine::runtime::Pace;
use aslx_engine::store::{MemoryStore, Store};
use aslx_engine::task::{BoxTaskService, TaskRequest, TaskResponse};
use aslx_server::{Server, Tasks};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The states whose real tasks were called.
type Called = Arc<Mutex<Vec<String>>>;

/// Tasks whose results are the names of their states.
fn real(mocks: &Value) -> (Tasks, Called) {
    let called = Called::default();
    let log = called.clone();
    let service = tower::service_fn(move |request: TaskRequest| {
        log.lock().unwrap().push(request.state.to_string());
        std::future::ready(Ok(TaskResponse::done(aslx_asl::Value::from(&*request.state))))
    });
    let tasks = Tasks::new(BoxTaskService::new(service), Arc::new(|_| Ok(())));
    (tasks.mocked(&mocks.to_string()).unwrap(), called)
}

async fn place(mocks: Value) -> (Place, Called) {
    let (tasks, called) = real(&mocks);
    (Place::of(Server::builder().tasks(tasks).pace(Pace::Virtual)).await, called)
}

fn file(cases: Value, responses: Value) -> Value {
    json!({"StateMachines": {"order": {"TestCases": cases}}, "MockedResponses": responses})
}

fn task(more: Value) -> Value {
    let mut state = json!({"Type": "Task", "Resource": "arn:aws:states:::dynamodb:getItem", "End": true,
        "Parameters": {"TableName": "t", "Key": {"id": {"S": "1"}}}});
    for (name, value) in more.as_object().unwrap() {
        state[name] = value.clone();
    }
    state
}

fn definition(states: Value) -> String {
    let first = states.as_object().unwrap().keys().next().unwrap().clone();
    json!({"StartAt": first, "States": states}).to_string()
}

async fn start(place: &Place, machine: &str, case: &str) -> Value {
    let execution = place.start(&format!("{machine}#{case}")).await;
    place.ended(&execution).await
}

fn output(ended: &Value) -> Value {
    assert_eq!(ended["status"], "SUCCEEDED", "{ended}");
    serde_json::from_str(ended["output"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn each_call_has_the_answer_of_its_number() {
    let responses = json!({
        "Slow": {
            "0": {"Throw": {"Error": "Throttled", "Cause": "slow down"}},
            "1-2": {"Throw": {"Error": "Busy", "Cause": "later"}},
            "3": {"Return": {"id": 7}},
        },
        "Denied": {"0": {"Throw": {"Error": "Denied", "Cause": "not yours"}}},
    });
    let cases = json!({"Retried": {"Get": "Slow"}, "Caught": {"Get": "Denied"}, "Real": {}});
    let (place, called) = place(file(cases, responses)).await;
    let get = task(json!({
        "Retry": [{"ErrorEquals": ["Throttled", "Busy"], "IntervalSeconds": 600, "MaxAttempts": 3}],
        "Catch": [{"ErrorEquals": ["Denied"], "Next": "Instead"}],
    }));
    let get = match get {
        Value::Object(mut members) => {
            members.remove("End");
            members.insert("Next".into(), "Other".into());
            Value::Object(members)
        }
        other => other,
    };
    let pass = json!({"Type": "Pass", "End": true});
    let states = json!({"Get": get, "Other": task(json!({"ResultPath": "$.other"})), "Instead": pass});
    let machine = place.machine("order", &definition(states)).await;

    // Other is not mocked: its real task is called.
    assert_eq!(output(&start(&place, &machine, "Retried").await), json!({"id": 7, "other": "Other"}));
    assert_eq!(*called.lock().unwrap(), ["Other"]);
    // The next execution begins at the first answer again.
    assert_eq!(output(&start(&place, &machine, "Retried").await)["id"], 7);
    let caught = output(&start(&place, &machine, "Caught").await);
    assert_eq!(caught, json!({"Error": "Denied", "Cause": "not yours"}));
    called.lock().unwrap().clear();
    place.ended(&place.start(&machine).await).await;
    assert_eq!(*called.lock().unwrap(), ["Get", "Other"]);
}

#[tokio::test]
async fn more_calls_than_answers_fail() {
    let responses = json!({"Once": {"0": {"Throw": {"Error": "Busy", "Cause": ""}}}});
    let (place, called) = place(file(json!({"C": {"Get": "Once"}}), responses)).await;
    let retry = json!({"Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 600, "MaxAttempts": 3}]});
    let machine = place.machine("order", &definition(json!({"Get": task(retry)}))).await;
    let ended = start(&place, &machine, "C").await;
    assert_eq!((&ended["status"], &ended["error"]), (&json!("FAILED"), &json!("Mock.NoAnswer")));
    assert!(ended["cause"].as_str().unwrap().contains("call 2 of state `Get`"), "{ended}");
    assert!(called.lock().unwrap().is_empty());
}

#[tokio::test]
async fn jobs_callbacks_and_activities_are_mocked_too() {
    let responses = json!({"Job": {"0": {"Return": {"Status": "SUCCEEDED"}}}, "Token": {"0": {"Return": "back"}},
        "Worker": {"0": {"Throw": {"Error": "Lazy", "Cause": "no"}}}});
    let cases = json!({"C": {"Job": "Job", "Token": "Token", "Worker": "Worker"}});
    let (place, called) = place(file(cases, responses)).await;
    let activity = text(&place.call("CreateActivity", json!({"name": "a"})).await["activityArn"]);
    let states = json!({
        "Job": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "ResultPath": "$.job",
            "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:none"}, "Next": "Token"},
        "Token": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "ResultPath": "$.token",
            "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"}, "Next": "Worker"},
        "Worker": {"Type": "Task", "Resource": activity, "End": true,
            "Catch": [{"ErrorEquals": ["Lazy"], "ResultPath": "$.worker", "Next": "Done"}]},
        "Done": {"Type": "Succeed"},
    });
    let machine = place.machine("order", &definition(states)).await;
    let expected = json!({"job": {"Status": "SUCCEEDED"}, "token": "back", "worker": {"Error": "Lazy", "Cause": "no"}});
    assert_eq!(output(&start(&place, &machine, "C").await), expected);
    assert!(called.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_the_file_does_not_have_is_told() {
    let responses = json!({"One": {"0": {"Return": 1}}});
    let (place, _) = place(file(json!({"Good": {"Get": "One"}, "Wrong": {"Git": "One"}}), responses)).await;
    let machine = place.machine("order", &definition(json!({"Get": task(json!({}))}))).await;
    let other = place.machine("others", &definition(json!({"Get": task(json!({}))}))).await;
    let refused = |arn: String| place.refused("StartExecution", json!({"stateMachineArn": arn}));
    let unknown = "ValidationException: the mock configuration has no test case `Goof`, did you mean `Good`? of the state \
                   machine `order`";
    assert_eq!(refused(format!("{machine}#Goof")).await, unknown);
    let nowhere = "ValidationException: the mock configuration has no state machine `others`, only `order`";
    assert_eq!(refused(format!("{other}#Good")).await, nowhere);
    let state = "ValidationException: the state machine `order` has no state named `Git`";
    assert_eq!(
        refused(format!("{machine}#Good")).await,
        state,
        "the whole file is looked at, as far as it is this machine's"
    );
    // Nothing was started.
    let listed = place.call("ListExecutions", json!({"stateMachineArn": machine})).await;
    assert_eq!(listed["executions"], json!([]));
}

#[test]
fn mistakes_of_the_file_have_places() {
    let text = "{\n  \"StateMachines\": {\"m\": {\"TestCases\": {\"C\": {\"Get\": \"Onee\"}}}},\n  \"MockedResponses\": \
                {\"One\": {\"1\": {\"Retrun\": 1}}}\n}";
    let wrong = Tasks::none().mocked(text).err().unwrap();
    let told: Vec<String> = wrong.iter().map(|diagnostic| diagnostic.message().to_owned()).collect();
    assert_eq!(
        told,
        [
            "the first answer is for call \"0\", found `1`",
            "no member is called `Retrun` here",
            "an answer has `Return` or `Throw`, this one has neither",
            "`MockedResponses` has no response `Onee`",
        ]
    );
}

#[tokio::test]
async fn express_executions_are_mocked() {
    let (place, called) = place(file(json!({"C": {"Get": "One"}}), json!({"One": {"0": {"Return": 1}}}))).await;
    let machine = place.express("order", &definition(json!({"Get": task(json!({}))}))).await;
    for _ in 0..2 {
        let answer = place.call("StartSyncExecution", json!({"stateMachineArn": format!("{machine}#C")})).await;
        assert_eq!((&answer["status"], &answer["output"]), (&json!("SUCCEEDED"), &json!("1")));
    }
    assert!(called.lock().unwrap().is_empty());
}

#[tokio::test]
async fn children_of_a_map_run_share_the_answers() {
    let responses = json!({"Each": {"0-2": {"Return": "mocked"}, "3": {"Throw": {"Error": "Bad", "Cause": "4th"}}}});
    for kind in ["STANDARD", "EXPRESS"] {
        let (place, called) = place(file(json!({"C": {"Work": "Each"}}), responses.clone())).await;
        let each = json!({"Type": "Map", "Label": "Each", "ItemsPath": "$.n", "MaxConcurrency": 1,
            "ToleratedFailureCount": 1, "End": true, "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": kind},
                "StartAt": "Work", "States": {"Work": task(json!({}))}}});
        let machine = place.machine("order", &definition(json!({"Each": each}))).await;
        let request = json!({"stateMachineArn": format!("{machine}#C"), "input": r#"{"n": [1, 2, 3, 4]}"#});
        let execution = text(&place.call("StartExecution", request).await["executionArn"]);
        let ended = place.ended(&execution).await;
        assert_eq!(output(&ended), json!(["mocked", "mocked", "mocked"]), "{kind}");
        assert!(called.lock().unwrap().is_empty(), "{kind}");
    }
}

#[tokio::test]
async fn a_nested_execution_is_a_test_case_of_its_own() {
    let (place, called) = place(file(json!({"C": {"Get": "One"}}), json!({"One": {"0": {"Return": 1}}}))).await;
    let machine = place.machine("order", &definition(json!({"Get": task(json!({}))}))).await;
    let call = json!({"Call": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": true,
        "Parameters": {"StateMachineArn": format!("{machine}#C")}, "OutputPath": "$.Output"}});
    let outer = place.machine("outer", &definition(call)).await;
    let execution = place.start(&outer).await;
    assert_eq!(output(&place.ended(&execution).await), 1);
    assert!(called.lock().unwrap().is_empty());
}

/// Gets three answers in a loop, with pauses.
fn looping(seconds: u32) -> String {
    let mut work = task(json!({"ResultPath": "$.n"}));
    work.as_object_mut().unwrap().remove("End");
    work["Next"] = "Enough".into();
    let enough = json!({"Type": "Choice", "Default": "Pause", "Choices": [{"Variable": "$.n", "NumericEquals": 3, "Next": "Done"}]});
    let pause = json!({"Type": "Wait", "Seconds": seconds, "Next": "Work"});
    definition(json!({"Work": work, "Enough": enough, "Pause": pause, "Done": {"Type": "Succeed"}}))
}

#[tokio::test]
async fn answers_outlive_the_server_and_its_file() {
    let responses = json!({"Three": {"0": {"Return": 1}, "1": {"Return": 2}, "2": {"Return": 3}}});
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let (tasks, _) = real(&file(json!({"C": {"Work": "Three"}}), responses));
    let before = Place::of(Server::builder().store(store.clone()).tasks(tasks)).await;
    let machine = before.machine("order", &looping(1)).await;
    let execution = before.start(&format!("{machine}#C")).await;
    let entered =
        |history: &Value| history["events"].as_array().unwrap().iter().any(|e| e["type"] == "WaitStateEntered");
    before.until("GetExecutionHistory", json!({"executionArn": execution}), entered).await;
    before.server.stop().await;

    // The file has other answers now.
    let (tasks, called) = real(&file(json!({"D": {}}), json!({})));
    let after = Place::of(Server::builder().store(store).tasks(tasks)).await;
    assert_eq!(output(&after.ended(&execution).await), json!({"n": 3}));
    assert!(called.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_redrive_goes_on_with_the_next_answer() {
    let responses = json!({"Second": {"0": {"Throw": {"Error": "Bad", "Cause": ""}}, "1": {"Return": "good"}}});
    let (place, called) = place(file(json!({"C": {"Get": "Second"}}), responses)).await;
    let machine = place.machine("order", &definition(json!({"Get": task(json!({}))}))).await;
    let execution = place.start(&format!("{machine}#C")).await;
    assert_eq!(place.ended(&execution).await["error"], "Bad");
    // What was kept of it in memory goes a moment after its end.
    tokio::time::sleep(Duration::from_millis(50)).await;
    place.call("RedriveExecution", json!({"executionArn": execution})).await;
    assert_eq!(output(&place.ended(&execution).await), "good");
    assert!(called.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_same_start_again_changes_no_answers() {
    let responses =
        json!({"Three": {"0": {"Return": 1}, "1": {"Return": 2}, "2": {"Return": 3}}, "Nine": {"0": {"Return": 9}}});
    let (tasks, _) = real(&file(json!({"C": {"Work": "Three"}, "D": {"Work": "Nine"}}), responses));
    let place = Place::of(Server::builder().tasks(tasks)).await;
    let machine = place.machine("order", &looping(1)).await;
    let request = |case: &str| json!({"stateMachineArn": format!("{machine}#{case}"), "name": "one"});
    let first = place.call("StartExecution", request("C")).await;
    assert_eq!(place.call("StartExecution", request("D")).await, first);
    let ended = place.ended(&text(&first["executionArn"])).await;
    assert_eq!(output(&ended), json!({"n": 3}));
    let refused = place.refused("StartExecution", request("D")).await;
    assert!(refused.starts_with("ExecutionAlreadyExists"), "{refused}");
}

#[tokio::test]
async fn what_is_kept_goes_with_the_execution() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let mocks = file(json!({"C": {"Get": "One"}}), json!({"One": {"0": {"Return": 1}}}));
    let open = async || Place::of(Server::builder().store(store.clone()).tasks(real(&mocks).0)).await;
    let before = open().await;
    let machine = before.machine("order", &definition(json!({"Get": task(json!({}))}))).await;
    let execution = before.start(&format!("{machine}#C")).await;
    before.ended(&execution).await;
    before.server.stop().await;
    let kept = async || store.record("server.mocked", &execution).await.unwrap().is_some();
    let between = open().await;
    assert!(kept().await, "it may be redriven");
    between.call("DeleteStateMachine", json!({"stateMachineArn": machine})).await;
    between.gone(&execution).await;
    between.server.stop().await;
    open().await;
    assert!(!kept().await);
}
