//! The protocol over a socket, and whatever bytes come.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use aslx_engine::store::MemoryStore;
use aslx_server::{Access, Server, ServerError};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn sent(server: &Server, request: String) -> String {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn post(target: &str, body: &str) -> String {
    let head =
        "POST / HTTP/1.1\r\nHost: sync-localhost\r\nConnection: close\r\nContent-Type: application/x-amz-json-1.0";
    format!("{head}\r\nX-Amz-Target: {target}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

async fn call(server: &Server, operation: &str, request: Value) -> Value {
    let response = server.respond(&format!("AWSStepFunctions.{operation}"), request.to_string().as_bytes()).await;
    serde_json::from_str(&response.body).unwrap()
}

#[tokio::test]
async fn requests_over_a_socket() {
    let server = Server::builder().request_limit(1_000).start().await.unwrap();
    let answer = sent(&server, post("AWSStepFunctions.ListActivities", "{}")).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with(r#"{"activities":[]}"#), "{answer}");
    assert!(answer.contains("x-amzn-requestid: ") && answer.contains("application/x-amz-json-1.0"), "{answer}");
    let answer = sent(&server, post("AWSStepFunctions.Nothing", "{}")).await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("UnknownOperationException"), "{answer}");
    let answer = sent(&server, post("AWSStepFunctions.ListActivities", &"x".repeat(2_000))).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let answer = sent(&server, get("/healthz")).await;
    assert!(answer.ends_with("ok\n"), "{answer}");
    assert!(sent(&server, get("/metrics")).await.contains("aslx_executions_open 0"));
    assert!(sent(&server, get("/..%2f..%2fetc/passwd")).await.starts_with("HTTP/1.1 404"));
    server.stop().await;
}

#[tokio::test]
async fn others_are_kept_out() {
    let everywhere = "0.0.0.0:0".parse().unwrap();
    let refused = Server::builder().listen(everywhere).start().await.err();
    assert!(matches!(refused, Some(ServerError::Unprotected(_))));
    let server = Server::builder().access(Access::Token("secret".into())).start().await.unwrap();
    let answer = sent(&server, post("AWSStepFunctions.ListActivities", "{}")).await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("MissingAuthenticationTokenException"), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn a_restart_knows_everything() {
    let store = Arc::new(MemoryStore::new());
    let server = Server::builder().store(store.clone()).start().await.unwrap();
    let definition = r#"{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 1000, "End": true}}}"#;
    let role = "arn:aws:iam::000000000000:role/r";
    let request = json!({"name": "m", "definition": definition, "roleArn": role, "publish": true});
    let machine = call(&server, "CreateStateMachine", request.clone()).await;
    let started = call(&server, "StartExecution", json!({"stateMachineArn": machine["stateMachineVersionArn"]})).await;
    server.stop().await;
    let server = Server::builder().store(store).start().await.unwrap();
    assert_eq!(call(&server, "CreateStateMachine", request).await, machine);
    let execution = json!({"executionArn": started["executionArn"]});
    let described = call(&server, "DescribeExecution", execution.clone()).await;
    assert_eq!((&described["status"], &described["startDate"]), (&json!("RUNNING"), &started["startDate"]));
    let stopped = call(&server, "StopExecution", execution.clone()).await;
    let described = call(&server, "DescribeExecution", execution).await;
    assert_eq!((&described["status"], &described["stopDate"]), (&json!("ABORTED"), &stopped["stopDate"]));
    server.stop().await;
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "arn:aws:states:us-east-1:0:(stateMachine|execution|express|mapRun|activity):[a-z/:0-9]{0,8}"
            .prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::hash_map("(name|definition|stateMachineArn|input|[a-z]{1,4})", inner, 0..4)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_request_has_an_answer(value in json_value(), cut in any::<prop::sample::Index>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = Server::builder().start().await.unwrap();
            let table = include_str!("../data/operations.txt");
            let operations = table.lines().filter_map(|line| line.strip_prefix("op ")).filter(|op| *op != "GetActivityTask");
            for operation in operations {
                let members = table.lines().skip_while(|line| *line != format!("op {operation}")).skip(1);
                let members = members.take_while(|line| !line.starts_with("op ") && !line.starts_with("struct "));
                let request: Value = members.map(|line| (line.split(' ').next().unwrap().to_owned(), value.clone())).collect();
                let text = request.to_string();
                let half = text.as_bytes()[..cut.index(text.len())].to_vec();
                for body in [value.to_string().into_bytes(), text.into_bytes(), half] {
                    let response = server.respond(&format!("AWSStepFunctions.{operation}"), &body).await;
                    let answer: Value = serde_json::from_str(&response.body).unwrap();
                    let error = answer["__type"].as_str().is_some_and(|name| name.contains('#'));
                    assert!(response.status == 200 || (error && response.status == 400), "{operation}: {response:?}");
                }
            }
            server.stop().await;
        });
    }
}
