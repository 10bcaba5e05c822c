//! Traces across executions, restarts and other people's traces, and what becomes of them when nobody takes them.

use super::support::{
    Bed, Receiver, attribute, builder, call, ended, machine, machine_with, memory, options, same, shown, start, until,
};
use aslx_server::{Endpoint, Server, TraceOptions};
use opentelemetry_proto::tonic::trace::v1::Span;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const ROOT: &str = "1-5759e988-bd862e3fe1be46a994272793";

fn pass() -> Value {
    json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}})
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn ids(spans: &[Span]) -> Vec<String> {
    let mut ids: Vec<String> =
        spans.iter().map(|span| hexadecimal(&span.trace_id) + &hexadecimal(&span.span_id)).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn an_execution_that_another_one_starts_is_in_its_trace() {
    let bed = Bed::new().await;
    let inner = machine(&bed.server, "inner", pass()).await;
    let call_inner = |resource: &str, next: Value| {
        let mut state = json!({"Type": "Task", "Resource": format!("arn:aws:states:::{resource}"),
            "Parameters": {"StateMachineArn": inner}, "ResultPath": null});
        state.as_object_mut().unwrap().extend(next.as_object().unwrap().clone());
        state
    };
    let outer = machine(
        &bed.server,
        "outer",
        json!({"StartAt": "Wait", "States": {
            "Wait": call_inner("states:startExecution.sync:2", json!({"Next": "Go"})),
            "Go": call_inner("aws-sdk:sfn:startExecution", json!({"End": true})),
        }}),
    )
    .await;
    let execution = start(&bed.server, json!({"stateMachineArn": outer, "name": "o"})).await;
    let described = ended(&bed.server, &execution).await;
    assert_eq!(described["status"], "SUCCEEDED", "{described}");
    // Who is called shows nothing of it.
    let all = call(&bed.server, "ListExecutions", json!({"stateMachineArn": inner})).await;
    assert_eq!(all["executions"].as_array().unwrap().len(), 2);
    for inner in all["executions"].as_array().unwrap() {
        let inner = ended(&bed.server, inner["executionArn"].as_str().unwrap()).await;
        assert!(inner.get("traceHeader").is_none(), "{inner}");
    }
    let told = bed.told().await;
    let inner = |depth: usize| {
        let indent = "  ".repeat(depth);
        format!("{indent}inner @0+0 status=SUCCEEDED\n{indent}  A @0+0 status=SUCCEEDED\n")
    };
    let expected = format!(
        "outer @0+0 status=SUCCEEDED\n  Wait @0+0 status=SUCCEEDED\n    states:startExecution.sync:2 @0+0 attempt=1\n{}  \
         Go @0+0 status=SUCCEEDED\n    aws-sdk:sfn:startExecution @0+0 attempt=1\n{}",
        inner(3),
        inner(3)
    );
    assert_eq!(told, expected);
}

/// Of an Express child only its start and its end are kept.
#[tokio::test]
async fn children_of_a_map_run() {
    for (kind, inside) in [("STANDARD", true), ("EXPRESS", false)] {
        let bed = Bed::new().await;
        let work = json!({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
            "Parameters": {"FunctionName": "f"}});
        let mut processor = json!({"StartAt": "Work", "States": {"Work": work}});
        processor["ProcessorConfig"] = json!({"Mode": "DISTRIBUTED", "ExecutionType": kind});
        let definition = json!({"StartAt": "Each", "States": {"Each": {
            "Type": "Map", "End": true, "Label": "l", "ItemsPath": "$.items", "ItemProcessor": processor}}});
        let machine = machine(&bed.server, "m", definition).await;
        let execution = start(&bed.server, json!({"stateMachineArn": machine, "input": r#"{"items": [1, 2]}"#})).await;
        assert_eq!(ended(&bed.server, &execution).await["status"], "SUCCEEDED");
        let work = "        Work @0+0 status=SUCCEEDED\n          lambda:invoke @0+0 attempt=1\n";
        let child = format!("      m/l @0+0 status=SUCCEEDED\n{}", if inside { work } else { "" });
        let head = "m @0+0 status=SUCCEEDED\n  Each @0+0 status=SUCCEEDED\n    map run @0+0\n";
        assert_eq!(bed.told().await, format!("{head}{child}{child}"));
    }
}

#[tokio::test]
async fn a_trace_that_somebody_else_began() {
    let bed = Bed::new().await;
    let machine = machine(&bed.server, "m", pass()).await;
    let header = format!("Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1");
    let joined = start(&bed.server, json!({"stateMachineArn": machine, "name": "a", "traceHeader": header})).await;
    assert_eq!(ended(&bed.server, &joined).await["traceHeader"], header);
    let left_out = json!({"stateMachineArn": machine, "name": "b", "traceHeader": "Root=not enabled;Sampled=0"});
    let left_out = start(&bed.server, left_out).await;
    ended(&bed.server, &left_out).await;
    bed.server.stop().await;
    let spans = bed.collector.spans();
    assert_eq!(spans.len(), 2);
    assert_eq!(hexadecimal(&spans[0].trace_id), ROOT[2..].replace('-', ""));
    assert_eq!(hexadecimal(&spans[0].parent_span_id), "53995c3f42cd8ad8");
    assert_eq!(attribute(&spans[0], "aslx.xray.trace_id").as_deref(), Some(ROOT));
}

/// The header of the request goes before the member of its body, and only for starts.
#[tokio::test]
async fn a_trace_in_the_head_of_a_request() {
    let bed = Bed::new().await;
    let machine = machine(&bed.server, "m", pass()).await;
    let body = json!({"stateMachineArn": machine, "name": "a", "traceHeader": "Sampled=0"}).to_string();
    let started = post(&bed.server, "StartExecution", &body).await;
    let execution = started["executionArn"].as_str().unwrap();
    assert_eq!(ended(&bed.server, execution).await["traceHeader"], format!("Root={ROOT}"));
    let described = post(&bed.server, "DescribeExecution", &json!({"executionArn": execution}).to_string()).await;
    assert_eq!(described["status"], "SUCCEEDED");
    bed.server.stop().await;
    assert_eq!(hexadecimal(&bed.collector.spans()[0].trace_id), ROOT[2..].replace('-', ""));
}

async fn post(server: &Server, operation: &str, body: &str) -> Value {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let head = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Amz-Target: AWSStepFunctions.{operation}\r\n\
         X-Amzn-Trace-Id: Root={ROOT}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + body).as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test]
async fn what_aws_would_trace() {
    let collector = Receiver::new().await;
    let server = builder().traces(options(&collector).as_aws(true)).start().await.unwrap();
    let plain = machine(&server, "plain", pass()).await;
    let traced = json!({"tracingConfiguration": {"enabled": true}});
    let traced = machine_with(&server, "traced", pass(), traced).await;
    for (machine, name, header) in [
        (&plain, "a", None),
        (&plain, "b", Some(format!("Root={ROOT};Sampled=1"))),
        (&plain, "c", Some("Sampled=1".to_owned())),
        (&traced, "d", None),
        (&traced, "e", Some(format!("Root={ROOT};Sampled=0"))),
    ] {
        let mut request = json!({"stateMachineArn": machine, "name": name});
        if let Some(header) = header {
            request["traceHeader"] = header.into();
        }
        let execution = start(&server, request).await;
        ended(&server, &execution).await;
    }
    let off = json!({"stateMachineArn": traced, "tracingConfiguration": {"enabled": false}});
    call(&server, "UpdateStateMachine", off).await;
    let execution = start(&server, json!({"stateMachineArn": traced, "name": "f"})).await;
    ended(&server, &execution).await;
    server.stop().await;
    let spans = collector.spans();
    let mut names: Vec<String> = spans.iter().filter_map(|span| attribute(span, "aslx.execution.name")).collect();
    names.sort();
    assert_eq!(names, ["b", "d"]);
}

/// What began before a restart is in the trace, with the ids that it would have had without.
#[tokio::test]
async fn a_restart_changes_no_id() {
    let definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Next": "Ask"},
        "Ask": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:a", "End": true},
    }});
    let mut seen = Vec::new();
    for restarts in [false, true] {
        let collector = Receiver::new().await;
        let store = memory();
        let new = || builder().store(store.clone()).traces(options(&collector)).start();
        let mut server: Server = new().await.unwrap();
        call(&server, "CreateActivity", json!({"name": "a"})).await;
        let machine = machine(&server, "m", definition.clone()).await;
        let execution = start(&server, json!({"stateMachineArn": machine, "name": "e"})).await;
        if restarts {
            server.stop().await;
            assert_eq!(collector.spans().len(), 0);
            server = new().await.unwrap();
        }
        let activity = "arn:aws:states:us-east-1:000000000000:activity:a";
        let task = call(&server, "GetActivityTask", json!({"activityArn": activity})).await;
        call(&server, "SendTaskSuccess", json!({"taskToken": task["taskToken"], "output": "{}"})).await;
        ended(&server, &execution).await;
        server.stop().await;
        let spans = collector.spans();
        same(
            &shown(&spans),
            "
            m @0+0 status=SUCCEEDED
              A @0+0 status=SUCCEEDED
              Ask @0+0 status=SUCCEEDED
                a @0+0 attempt=1
            ",
        );
        assert!(spans.iter().all(|span| hexadecimal(&span.trace_id).starts_with("6553f100")));
        seen.push(ids(&spans));
    }
    assert_eq!(seen[0], seen[1]);
}

async fn metric(server: &Server, name: &str) -> u64 {
    let (_, text) = super::figures::metrics(server).await;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ').map(str::to_owned));
    line.unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_collector_that_is_away_holds_nothing_up() {
    // A port on which nobody listens, for now.
    let place = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = place.local_addr().unwrap();
    drop(place);
    let to = TraceOptions::to(Endpoint::parse(&format!("http://{address}")).unwrap());
    let mut server = builder().traces(to).listened_to(aslx_server::Interest::ALL).start().await.unwrap();
    let mut notices = server.notices().unwrap();
    let machine = machine(&server, "m", pass()).await;
    let run = async |name: &str| {
        let execution = start(&server, json!({"stateMachineArn": machine, "name": name})).await;
        assert_eq!(ended(&server, &execution).await["status"], "SUCCEEDED");
    };
    run("a").await;
    run("b").await;
    let trouble = loop {
        if let aslx_server::Notice::Trouble(what) = notices.recv().await.unwrap() {
            break what;
        }
    };
    assert!(trouble.starts_with(&format!("traces cannot be sent to http://{address}/v1/traces: ")), "{trouble}");
    // When it is back it gets what it missed. It is busy at first, and takes it at the third time.
    let listener = TcpListener::bind(address).await.unwrap();
    let collector = Receiver::at(listener, Arc::new(|number| if number < 2 { 503 } else { 200 }));
    collector.until(|collector| collector.posted().len() >= 3).await;
    let posted = collector.posted();
    assert_eq!(posted[0].1, posted[2].1, "the same again");
    run("c").await;
    server.stop().await;
    assert!(collector.posted().len() >= 4 || posted[0].1.contains("\"c\""));
}

#[tokio::test]
async fn what_a_collector_refuses_is_counted() {
    let collector = Receiver::answering(Arc::new(|_| 400)).await;
    let server = builder().traces(options(&collector)).start().await.unwrap();
    let machine = machine(&server, "m", pass()).await;
    let execution = start(&server, json!({"stateMachineArn": machine, "name": "a"})).await;
    ended(&server, &execution).await;
    collector.until(|collector| collector.posted().len() == 1).await;
    for _ in 0..500 {
        if metric(&server, "aslx_spans_dropped_total").await > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(metric(&server, "aslx_spans_dropped_total").await, 2);
    assert_eq!(metric(&server, "aslx_spans_sent_total").await, 0);
    server.stop().await;
    until(|| collector.posted().len() == 1).await;
}
