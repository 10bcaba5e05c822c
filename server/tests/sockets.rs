//! Limits and oddities of HTTP, through raw sockets: whatever a client sends or does not send, it is answered or let
//! go, and others are served.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods)]

use aslx_server::{Access, Credentials, Limits, Server};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const LIST: &str = "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSStepFunctions.ListActivities\r\n";

/// Short enough for a test, long enough for a busy machine.
const PATIENCE: Duration = Duration::from_millis(700);

async fn server(limits: Limits) -> Server {
    Server::builder().limits(limits).threads(2).start().await.unwrap()
}

fn hasty() -> Limits {
    Limits { patience: PATIENCE, ..Limits::default() }
}

async fn open(server: &Server, sent: impl AsRef<[u8]>) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    // The server need not read it all.
    let _ = stream.write_all(sent.as_ref()).await;
    stream
}

/// All that the server sends until it closes. A connection that is reset has ended too.
async fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = async {
        let mut part = [0; 4096];
        while let Ok(n @ 1..) = stream.read(&mut part).await {
            bytes.extend_from_slice(&part[..n]);
        }
    };
    tokio::time::timeout(Duration::from_secs(10), read).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

async fn sent(server: &Server, bytes: impl AsRef<[u8]>) -> String {
    rest(open(server, bytes).await).await
}

async fn call(server: &Server, operation: &str, request: Value) -> Value {
    let response = server.respond(&format!("AWSStepFunctions.{operation}"), request.to_string().as_bytes()).await;
    serde_json::from_str(&response.body).unwrap()
}

fn statuses(answer: &str) -> Vec<&str> {
    answer.split("HTTP/1.1 ").skip(1).map(|part| &part[..3]).collect()
}

#[tokio::test]
async fn slow_clients_are_let_go() {
    let server = server(hasty()).await;
    let begun = Instant::now();
    let (nothing, head, body, idle) = tokio::join!(
        async { rest(open(&server, "").await).await },
        async { rest(open(&server, "POST / HTTP/1.1\r\nHost: local").await).await },
        async { rest(open(&server, format!("{LIST}Content-Length: 10\r\n\r\n{{")).await).await },
        async { rest(open(&server, format!("{LIST}Content-Length: 2\r\n\r\n{{}}")).await).await },
    );
    assert!(nothing.is_empty() || nothing.starts_with("HTTP/1.1 408"), "{nothing}");
    assert!(head.is_empty() || head.starts_with("HTTP/1.1 408"), "{head}");
    assert!(body.starts_with("HTTP/1.1 408") && body.contains("RequestTimeoutException"), "{body}");
    assert_eq!(statuses(&idle), ["200"], "an idle connection is closed");
    assert!(begun.elapsed() >= PATIENCE && begun.elapsed() < PATIENCE * 6, "{:?}", begun.elapsed());
    server.stop().await;
}

#[tokio::test]
async fn a_drop_now_and_then_is_not_enough() {
    let server = server(hasty()).await;
    let mut stream = open(&server, "").await;
    let begun = Instant::now();
    for byte in LIST.bytes().cycle() {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if stream.write_all(&[byte]).await.is_err() || begun.elapsed() > PATIENCE * 6 {
            break;
        }
    }
    assert!(begun.elapsed() < PATIENCE * 4, "{:?}", begun.elapsed());
    server.stop().await;
}

#[tokio::test]
async fn an_answer_that_nobody_takes_is_given_up() {
    let server = server(Limits { connections: 1, ..hasty() }).await;
    let definition =
        json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "Comment": "x".repeat(900_000), "End": true}}});
    let machine =
        json!({"name": "m", "definition": definition.to_string(), "roleArn": "arn:aws:iam::000000000000:role/r"});
    let arn = call(&server, "CreateStateMachine", machine).await["stateMachineArn"].clone();
    let body = json!({"stateMachineArn": arn}).to_string();
    let describe = LIST.replace("ListActivities", "DescribeStateMachine");
    let one = format!("{describe}Content-Length: {}\r\n\r\n{body}", body.len());
    let begun = Instant::now();
    // Twenty answers of 900 kB, none of which is read: more than the machine holds for a socket.
    let _deaf = open(&server, one.repeat(20)).await;
    let other = sent(&server, format!("{LIST}Connection: close\r\nContent-Length: 2\r\n\r\n{{}}")).await;
    assert_eq!(statuses(&other), ["200"], "its place is free for another");
    let waited = begun.elapsed();
    assert!(waited >= PATIENCE && waited < PATIENCE * 9, "{waited:?}");
    server.stop().await;
}

#[tokio::test]
async fn connections_wait_for_a_place() {
    let server = server(Limits { connections: 2, patience: Duration::from_secs(20), ..Limits::default() }).await;
    let (first, _second) = (open(&server, "").await, open(&server, "").await);
    let request = format!("{LIST}Connection: close\r\nContent-Length: 2\r\n\r\n{{}}");
    let third = open(&server, &request).await;
    let mut third = tokio::spawn(rest(third));
    assert!(tokio::time::timeout(Duration::from_millis(300), &mut third).await.is_err(), "there is no place yet");
    drop(first);
    assert_eq!(statuses(&third.await.unwrap()), ["200"]);
    server.stop().await;
}

#[tokio::test]
async fn larger_bodies_wait_for_room() {
    let limits = Limits { body: 200_000, bodies: 200_000, patience: Duration::from_secs(2), ..Limits::default() };
    let server = server(limits).await;
    let large = |length: usize| format!("{LIST}Connection: close\r\nContent-Length: {length}\r\n\r\n");
    // One takes all the room, and sends nothing.
    let mut first = open(&server, large(150_000)).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let second = tokio::spawn(rest(open(&server, large(150_000) + &" ".repeat(150_000)).await));
    // Small ones do not wait.
    let small = tokio::time::timeout(Duration::from_secs(1), sent(&server, large(2) + "{}")).await.unwrap();
    assert_eq!(statuses(&small), ["200"]);
    assert!(!second.is_finished());
    first.write_all(" ".repeat(150_000).as_bytes()).await.unwrap();
    assert_eq!(statuses(&rest(first).await), ["400"]);
    assert_eq!(statuses(&second.await.unwrap()), ["400"]);
    server.stop().await;
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let server = server(Limits { body: 1_000, ..hasty() }).await;
    let long = sent(&server, format!("{LIST}Content-Length: 1001\r\n\r\n{}", "x".repeat(1001))).await;
    assert_eq!(statuses(&long), ["413"]);
    let endless = sent(&server, format!("{LIST}Content-Length: 18446744073709551615\r\n\r\n")).await;
    assert!(["400", "413", "431"].contains(&statuses(&endless)[0]), "{endless}");
    let chunks = format!(
        "{LIST}Transfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n",
        format!("1f4\r\n{}\r\n", "x".repeat(500)).repeat(3)
    );
    assert_eq!(statuses(&sent(&server, chunks).await), ["413"]);
    let header = sent(&server, format!("{LIST}X: {}\r\nContent-Length: 2\r\n\r\n{{}}", "x".repeat(1_000_000))).await;
    assert!(header.is_empty() || statuses(&header) == ["431"], "{header}");
    let headers = "X: y\r\n".repeat(1_000);
    assert_eq!(statuses(&sent(&server, format!("{LIST}{headers}Content-Length: 2\r\n\r\n{{}}")).await), ["431"]);
    let address = format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "x".repeat(1_000_000));
    let address = sent(&server, address).await;
    assert!(address.is_empty() || ["414", "431"].contains(&statuses(&address)[0]), "{address}");
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let server = Server::builder().start().await.unwrap();
    let deep = format!("{{\"maxResults\":{}}}", deep(100_000));
    let deep = sent(&server, format!("{LIST}Connection: close\r\nContent-Length: {}\r\n\r\n{deep}", deep.len())).await;
    assert!(deep.starts_with("HTTP/1.1 400") && deep.contains("SerializationException"), "{deep}");
    server.stop().await;
}

/// Two readings of one request are how requests are smuggled past somebody in between.
#[tokio::test]
async fn no_request_has_two_readings() {
    let server = server(hasty()).await;
    let hidden = format!("{LIST}Content-Length: 2\r\n\r\n{{}}");
    let both = format!("{LIST}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}");
    assert!(statuses(&sent(&server, both).await).len() == 1, "nothing comes after it");
    for head in [
        "Content-Length: 2\r\nContent-Length: 3",
        "Content-Length: +2",
        "Content-Length: 2, 3",
        "Content-Length: 0x2",
        "Content-Length: -1",
        "Transfer-Encoding: gzip, identity",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding : chunked",
        "Content-Length : 2",
        " folded: x",
        "X\0Y: z",
    ] {
        let answer = sent(&server, format!("{LIST}{head}\r\n\r\n{{}}{hidden}")).await;
        assert_eq!(statuses(&answer), ["400"], "{head}: {answer}");
    }
    for chunk in [
        "zz\r\n{}\r\n0\r\n\r\n",
        "2;\n{}\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\n{}",
        "2\r\n{}xx0\r\n\r\n",
        "-2\r\n{}\r\n0\r\n\r\n",
    ] {
        let answer = sent(&server, format!("{LIST}Transfer-Encoding: chunked\r\n\r\n{chunk}{hidden}")).await;
        let statuses = statuses(&answer);
        assert!(statuses.len() <= 1 && statuses.first() != Some(&"200"), "{chunk:?}: {answer}");
    }
    server.stop().await;
}

#[tokio::test]
async fn other_kinds_of_http() {
    let server = server(hasty()).await;
    let old = sent(&server, LIST.replace("1.1\r\nHost: localhost", "1.0") + "Content-Length: 2\r\n\r\n{}").await;
    assert!(old.starts_with("HTTP/1.0 200"), "{old}");
    let old = sent(&server, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").await;
    assert!(old.starts_with("HTTP/1.0 400") || old.starts_with("HTTP/1.1 400"), "{old}");
    let two = sent(&server, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await;
    assert!(!two.contains(" 200 "), "{two}");
    let up = format!(
        "{LIST}Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nContent-Length: 2\r\n\r\n{{}}"
    );
    assert!(sent(&server, up).await.starts_with("HTTP/1.1 200"), "an upgrade is passed over");
    let websocket = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    assert!(!sent(&server, websocket).await.contains(" 101 "));
    let rubbish: [&[u8]; 5] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"\0\0\0\0",
        b"\xff\xfe HTTP/1.1\r\n\r\n",
    ];
    for bytes in rubbish {
        assert!(!sent(&server, bytes).await.contains(" 200 "), "{bytes:?}");
    }
    let continued =
        open(&server, format!("{LIST}Expect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n")).await;
    let (mut reader, mut writer) = continued.into_split();
    let mut first = [0; 25];
    reader.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 100 Continue\r\n\r\n");
    writer.write_all(b"{}").await.unwrap();
    assert_eq!(statuses(&rest(reader.reunite(writer).unwrap()).await), ["200"]);
    for method in ["PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH", "QUERY"] {
        let path = if method == "CONNECT" { "a:1" } else { "/" };
        let answer =
            sent(&server, format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).await;
        assert_eq!(statuses(&answer), ["405"], "{answer}");
        assert!(!answer.to_lowercase().contains("access-control-"), "no other origin is let in");
    }
    server.stop().await;
}

#[tokio::test]
async fn bodies_that_are_no_requests() {
    let server = server(hasty()).await;
    let post = |headers: &str, body: &[u8]| {
        let head = format!("{LIST}{headers}Connection: close\r\nContent-Length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    };
    let bodies: [&[u8]; 8] = [b"", b"[]", b"null", b"{", b"{\"a\":1}x", b"\xff\xfe{}", b"{\"\xc3\x28\":1}", b"a=b"];
    for body in bodies {
        let answer = sent(&server, post("", body)).await;
        assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("SerializationException"), "{body:?}: {answer}");
    }
    let packed = sent(&server, post("Content-Encoding: gzip\r\n", b"\x1f\x8b\x08\0")).await;
    assert!(packed.contains("SerializationException") && packed.contains("compressed"), "{packed}");
    for kind in ["application/json", "application/x-amz-json-1.1", "text/plain", "", "\u{fc}"] {
        let answer = sent(&server, post(&format!("Content-Type: {kind}\r\n"), b"{}")).await;
        assert_eq!(statuses(&answer), ["200"], "{kind}: the target is what counts");
    }
    // What a form of a web page can send has no target.
    let form = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
    assert!(sent(&server, form).await.contains("UnknownOperationException"));
    let foreign = sent(&server, post("Origin: http://evil.example\r\n", b"{}")).await;
    assert!(foreign.starts_with("HTTP/1.1 403") && !foreign.to_lowercase().contains("access-control-"), "{foreign}");
    assert_eq!(statuses(&sent(&server, post("Origin: http://localhost\r\n", b"{}")).await), ["200"]);
    for path in
        ["/etc/passwd", "/../../etc/passwd", "/console/../../Cargo.toml", "/console/%2e%2e/x", "//", "/buckets/a"]
    {
        let answer =
            sent(&server, format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).await;
        assert_eq!(statuses(&answer), ["404"], "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn strangers_cannot_make_the_server_take_in_bodies() {
    let access = Access::Signed(Credentials::of("key", "secret"));
    let server = Server::builder().access(access).start().await.unwrap();
    // The answer comes although the body never does, and nobody is told to go on.
    let answer = rest(open(&server, format!("{LIST}Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n")).await).await;
    assert_eq!(statuses(&answer), ["400"]);
    assert!(answer.contains("MissingAuthenticationTokenException") && !answer.contains("secret"), "{answer}");
    for path in ["/", "/metrics", "/healthz", "/console/page.js"] {
        let answer =
            sent(&server, format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).await;
        assert_eq!(statuses(&answer), ["400"], "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn too_many_calls_are_throttled() {
    let server = server(Limits { requests_per_second: Some(20), ..Limits::default() }).await;
    let mut refused = 0;
    for _ in 0..60 {
        let response = server.respond("AWSStepFunctions.ListActivities", b"{}").await;
        if response.status != 200 {
            refused += 1;
            assert_eq!(response.status, 400);
            let expected =
                json!({"__type": "com.amazon.coral.availability#ThrottlingException", "message": "Rate exceeded"});
            assert_eq!(serde_json::from_str::<Value>(&response.body).unwrap(), expected);
        }
    }
    assert!((20..=40).contains(&refused), "{refused} of 60 were refused");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(call(&server, "ListActivities", json!({})).await["activities"].is_array());
    server.stop().await;
}

#[tokio::test]
async fn operations_have_the_rates_of_aws_if_asked() {
    let server = server(Limits { aws_rates: true, ..Limits::default() }).await;
    let mut accepted = 0;
    for _ in 0..160 {
        let answer = call(&server, "CreateActivity", json!({"name": "a"})).await;
        accepted += usize::from(answer["activityArn"].is_string());
    }
    // A hundred at once, one more per second.
    assert!((100..140).contains(&accepted), "{accepted}");
    assert!(call(&server, "ListActivities", json!({})).await["activities"].is_array(), "others are not concerned");
    server.stop().await;
}

#[tokio::test]
async fn only_so_many_executions_are_open() {
    let server = server(Limits { open_executions: 3, ..Limits::default() }).await;
    let definition =
        json!({"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 600, "End": true}}}).to_string();
    let machine = json!({"name": "m", "definition": definition, "roleArn": "arn:aws:iam::000000000000:role/r"});
    let arn = call(&server, "CreateStateMachine", machine).await["stateMachineArn"].clone();
    let start = || call(&server, "StartExecution", json!({"stateMachineArn": arn}));
    let first = start().await["executionArn"].clone();
    assert!(start().await["executionArn"].is_string() && start().await["executionArn"].is_string());
    let refused = start().await;
    assert_eq!(refused["__type"], "com.amazonaws.swf.service.v2.model#ExecutionLimitExceeded");
    call(&server, "StopExecution", json!({"executionArn": first})).await;
    assert!(start().await["executionArn"].is_string(), "there is room for one again");
    server.stop().await;
}

async fn poll(server: &Server, arn: &Value) -> TcpStream {
    let body = json!({"activityArn": arn}).to_string();
    let head = LIST.replace("ListActivities", "GetActivityTask");
    open(server, format!("{head}Connection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())).await
}

#[tokio::test]
async fn a_worker_that_hung_up_gets_no_task() {
    let server = server(Limits { activity_pollers: 2, ..Limits::default() }).await;
    let arn = call(&server, "CreateActivity", json!({"name": "a"})).await["activityArn"].clone();
    let (first, second) = (poll(&server, &arn).await, poll(&server, &arn).await);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let refused = rest(poll(&server, &arn).await).await;
    assert!(refused.starts_with("HTTP/1.1 400") && refused.contains("ActivityWorkerLimitExceeded"), "{refused}");
    drop((first, second));
    tokio::time::sleep(Duration::from_millis(200)).await;
    let definition =
        json!({"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": arn, "End": true}}}).to_string();
    let machine = json!({"name": "m", "definition": definition, "roleArn": "arn:aws:iam::000000000000:role/r"});
    let machine = call(&server, "CreateStateMachine", machine).await["stateMachineArn"].clone();
    call(&server, "StartExecution", json!({"stateMachineArn": machine, "input": "{\"n\":1}"})).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let task = tokio::time::timeout(Duration::from_secs(5), rest(poll(&server, &arn).await)).await.unwrap();
    assert!(task.contains("taskToken") && task.contains("{\\\"n\\\":1}"), "{task}");
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_stops_keeps_nobody_waiting() {
    let server = server(Limits { farewell: Duration::from_secs(1), ..Limits::default() }).await;
    let arn = call(&server, "CreateActivity", json!({"name": "a"})).await["activityArn"].clone();
    let definition =
        json!({"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 200, "End": true}}}).to_string();
    let machine = json!({"name": "m", "type": "EXPRESS", "definition": definition, "roleArn": "arn:aws:iam::000000000000:role/r"});
    let machine = call(&server, "CreateStateMachine", machine).await["stateMachineArn"].clone();
    let body = json!({"stateMachineArn": machine}).to_string();
    let head = LIST.replace("ListActivities", "StartSyncExecution");
    let sync = open(&server, format!("{head}Content-Length: {}\r\n\r\n{body}", body.len())).await;
    let (worker, idle, half) = (poll(&server, &arn).await, open(&server, "").await, open(&server, LIST).await);
    let address = server.address();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let begun = Instant::now();
    server.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    let worker = rest(worker).await;
    assert!(worker.starts_with("HTTP/1.1 200") && worker.ends_with("\r\n\r\n{}"), "no task: {worker}");
    let sync = rest(sync).await;
    assert!(sync.starts_with("HTTP/1.1 503") && sync.contains("ServiceUnavailableException"), "{sync}");
    assert!(rest(idle).await.is_empty() && rest(half).await.is_empty());
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}
