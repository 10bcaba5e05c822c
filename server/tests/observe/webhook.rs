//! Status events: their shape, their order, and that each arrives.

use super::figures::metrics;
use super::support::{Receiver, builder, call, ended, machine, machine_with, memory, start, until};
use aslx_engine::store::Store;
use aslx_server::{Endpoint, Notice, Server};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

fn pass() -> Value {
    json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}})
}

fn endpoint(receiver: &Receiver) -> Endpoint {
    Endpoint::parse(&receiver.url).unwrap().or_path("/status")
}

fn told(event: &Value) -> (String, String) {
    let text = |name: &str| event["detail"][name].as_str().unwrap().to_owned();
    (text("name"), text("status"))
}

/// Runs executions of one machine.
async fn run(server: &Server, definition: Value, names: &[&str]) {
    let machine = machine(server, "m", definition).await;
    for name in names {
        let execution =
            start(server, json!({"stateMachineArn": machine, "name": name, "input": r#"{"a": "b"}"#})).await;
        ended(server, &execution).await;
    }
}

#[tokio::test]
async fn the_shape_of_an_event() {
    let receiver = Receiver::new().await;
    let server = builder().event_payloads(true).webhook(endpoint(&receiver)).start().await.unwrap();
    run(&server, pass(), &["e"]).await;
    let fails = json!({"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "c"}}});
    let fails = machine(&server, "fails", fails).await;
    let failed = start(&server, json!({"stateMachineArn": fails, "name": "f"})).await;
    ended(&server, &failed).await;
    server.stop().await;
    let (head, _) = &receiver.posted()[0];
    assert!(head.starts_with("POST /status HTTP/1.1") && head.contains("content-type: application/json"), "{head}");
    let events = receiver.bodies();
    let prefix = "arn:aws:states:us-east-1:000000000000";
    let expected = json!({
        "version": "0",
        "id": events[1]["id"],
        "detail-type": "Step Functions Execution Status Change",
        "source": "aws.states",
        "account": "000000000000",
        "time": "2023-11-14T22:13:20Z",
        "region": "us-east-1",
        "resources": [format!("{prefix}:execution:m:e")],
        "detail": {
            "executionArn": format!("{prefix}:execution:m:e"),
            "stateMachineArn": format!("{prefix}:stateMachine:m"),
            "name": "e",
            "status": "SUCCEEDED",
            "startDate": 1_700_000_000_000_u64,
            "stopDate": 1_700_000_000_000_u64,
            "input": r#"{"a": "b"}"#,
            "output": r#"{"a": "b"}"#,
            "stateMachineVersionArn": null,
            "stateMachineAliasArn": null,
            "redriveCount": 0,
            "redriveDate": null,
            "redriveStatus": "NOT_REDRIVABLE",
            "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
            "inputDetails": {"included": true},
            "outputDetails": {"included": true},
            "error": null,
            "cause": null,
        },
    });
    assert_eq!(events[1], expected);
    let running = &events[0]["detail"];
    assert_eq!(
        (&running["status"], &running["stopDate"], &running["outputDetails"]),
        (&json!("RUNNING"), &Value::Null, &Value::Null)
    );
    assert_ne!(events[0]["id"], events[1]["id"]);
    let failed = &events[3]["detail"];
    assert_eq!(
        (&failed["error"], &failed["cause"], &failed["redriveStatus"]),
        (&json!("E"), &json!("c"), &json!("REDRIVABLE"))
    );
    assert_eq!((&failed["output"], &failed["redriveStatusReason"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn payloads_are_left_out_unless_they_are_asked_for_and_short() {
    let receiver = Receiver::new().await;
    let server = builder().webhook(endpoint(&receiver)).start().await.unwrap();
    let fails = json!({"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "c"}}});
    run(&server, fails, &["e"]).await;
    server.stop().await;
    let detail = &receiver.bodies()[1]["detail"];
    assert_eq!((&detail["input"], &detail["inputDetails"]), (&Value::Null, &json!({"included": false})));
    assert_eq!((&detail["error"], &detail["cause"]), (&json!("E"), &Value::Null));
    // Escaped, a quotation mark is two bytes. The input goes first, the output only if it alone is too long.
    let long = |quotes: usize| {
        json!({"StartAt": "A", "States": {"A": {
        "Type": "Pass", "Result": "\"".repeat(quotes), "End": true}}})
    };
    for (quotes, input, output) in [(10, true, true), (63_487, false, true), (63_488, false, false)] {
        let receiver = Receiver::new().await;
        let server = builder().event_payloads(true).webhook(endpoint(&receiver)).start().await.unwrap();
        run(&server, long(quotes), &["e"]).await;
        server.stop().await;
        let detail = &receiver.bodies()[1]["detail"];
        let included = |name: &str| detail[name]["included"].as_bool().unwrap();
        assert_eq!((included("inputDetails"), included("outputDetails")), (input, output), "{quotes}");
        assert_eq!((detail["input"].is_string(), detail["output"].is_string()), (input, output), "{quotes}");
    }
}

#[tokio::test]
async fn only_standard_executions_and_each_redrive() {
    let receiver = Receiver::new().await;
    let mut server =
        builder().listened_to(aslx_server::Interest::ALL).webhook(endpoint(&receiver)).start().await.unwrap();
    let mut notices = server.notices().unwrap();
    let express = machine_with(&server, "x", pass(), json!({"type": "EXPRESS"})).await;
    call(&server, "StartSyncExecution", json!({"stateMachineArn": express})).await;
    let fails = json!({"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E"}}});
    run(&server, fails, &["e"]).await;
    let execution = json!({"executionArn": "arn:aws:states:us-east-1:000000000000:execution:m:e"});
    call(&server, "RedriveExecution", execution.clone()).await;
    ended(&server, execution["executionArn"].as_str().unwrap()).await;
    server.stop().await;
    let events = receiver.bodies();
    let statuses: Vec<&str> = events.iter().map(|event| event["detail"]["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["RUNNING", "FAILED", "RUNNING", "FAILED"]);
    assert_eq!(events[2]["detail"]["redriveCount"], 1);
    assert!(events[2]["detail"]["redriveDate"].is_u64() && events[2]["detail"]["stopDate"].is_null());
    // Who listens in the process is told the same.
    let mut told = Vec::new();
    while let Ok(notice) = notices.try_recv() {
        if let Notice::Status(event) = notice {
            told.push(serde_json::from_str::<Value>(&event.to_string()).unwrap()["detail"]["status"].clone());
        }
    }
    assert_eq!(told, ["RUNNING", "FAILED", "RUNNING", "FAILED"]);
}

async fn waiting(store: &Arc<dyn Store>) -> usize {
    store.records("server.event", "", None, 1_000).await.unwrap().len()
}

/// A receiver that is busy, answers nonsense for a while, and takes everything in the end: once each, in order.
#[tokio::test]
async fn what_is_not_taken_is_posted_again() {
    let busy = |number: usize| match number {
        1 | 2 => 503,
        4 => 429,
        _ => 204,
    };
    let receiver = Receiver::answering(Arc::new(busy)).await;
    let store = memory();
    let server = builder().store(store.clone()).webhook(endpoint(&receiver)).start().await.unwrap();
    run(&server, pass(), &["a", "b", "c"]).await;
    receiver.until(|receiver| receiver.posted().len() >= 9).await;
    let bodies = receiver.bodies();
    let events: Vec<Value> = (0..bodies.len()).filter(|n| busy(*n) == 204).map(|n| bodies[n].clone()).collect();
    let expected =
        ["a", "b", "c"].map(|name| ["RUNNING", "SUCCEEDED"].map(|status| (name.to_owned(), status.to_owned())));
    assert_eq!(events.iter().map(told).collect::<Vec<_>>(), expected.concat());
    assert_eq!((&bodies[1], &bodies[2]), (&bodies[2], &bodies[3]), "the same, with the same id");
    for _ in 0..500 {
        if waiting(&store).await == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let text = metrics(&server).await.1;
    assert!(text.contains("\naslx_events_posted_total 6\n") && text.contains("\naslx_events_waiting 0\n"), "{text}");
    server.stop().await;
    assert_eq!(waiting(&store).await, 0);
}

#[tokio::test]
async fn what_is_refused_for_ever_is_counted_and_holds_nothing_up() {
    let receiver = Receiver::answering(Arc::new(|number| if number == 0 { 400 } else { 200 })).await;
    let mut server =
        builder().listened_to(aslx_server::Interest::ALL).webhook(endpoint(&receiver)).start().await.unwrap();
    let mut notices = server.notices().unwrap();
    run(&server, pass(), &["a"]).await;
    receiver.until(|receiver| receiver.posted().len() == 2).await;
    let trouble = loop {
        if let Notice::Trouble(what) = notices.recv().await.unwrap() {
            break what;
        }
    };
    assert_eq!(trouble, format!("status events cannot be posted to {}/status: it answered 400", receiver.url));
    assert!(metrics(&server).await.1.contains("\naslx_events_refused_total 1\n"));
    server.stop().await;
}

/// Nobody takes anything before the server ends, also when it is killed: the next one posts what is left, and goes on.
#[tokio::test]
async fn a_restart_delivers_what_was_left() {
    for killed in [false, true] {
        let away = Receiver::answering(Arc::new(|_| 503)).await;
        let store = memory();
        let server = builder().store(store.clone()).webhook(endpoint(&away)).start().await.unwrap();
        run(&server, pass(), &["a", "b"]).await;
        until(|| !away.posted().is_empty()).await;
        if killed {
            drop(server);
        } else {
            server.stop().await;
        }
        assert_eq!(waiting(&store).await, 4);
        let receiver = Receiver::new().await;
        let server = builder().store(store.clone()).webhook(endpoint(&receiver)).start().await.unwrap();
        let machine = "arn:aws:states:us-east-1:000000000000:stateMachine:m";
        let execution = start(&server, json!({"stateMachineArn": machine, "name": "c"})).await;
        ended(&server, &execution).await;
        server.stop().await;
        let expected = ["a", "b", "c"].map(|name| ["RUNNING", "SUCCEEDED"].map(|s| (name.to_owned(), s.to_owned())));
        assert_eq!(receiver.bodies().iter().map(told).collect::<Vec<_>>(), expected.concat());
        assert_eq!(receiver.bodies()[0], away.bodies()[0], "with the id that it had");
        assert_eq!(waiting(&store).await, 0);
    }
}
