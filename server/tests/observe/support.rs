//! A server, a receiver of what it posts, and traces as text.

use aslx_asl::Timestamp;
use aslx_engine::Clock;
use aslx_engine::runtime::Pace;
use aslx_engine::store::{MemoryStore, Store};
use aslx_engine::task::{BoxTaskService, TaskFailure, TaskRequest, TaskResponse};
use aslx_server::{Endpoint, Server, ServerBuilder, Tasks, TraceOptions};
use futures_util::future::BoxFuture;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::trace::v1::Span;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

pub(crate) const ROLE: &str = "arn:aws:iam::000000000000:role/r";

/// What is done with a request: the status that is answered. The body is kept whatever it is.
type Answer = Arc<dyn Fn(usize) -> u16 + Send + Sync>;

/// A server that keeps what is posted to it.
pub(crate) struct Receiver {
    pub(crate) url: String,
    bodies: Arc<Mutex<Vec<(String, String)>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    pub(crate) async fn new() -> Receiver {
        Receiver::answering(Arc::new(|_| 200)).await
    }

    /// Answers the request of this number, from 0, with a status.
    pub(crate) async fn answering(answer: Answer) -> Receiver {
        Receiver::at(TcpListener::bind("127.0.0.1:0").await.unwrap(), answer)
    }

    pub(crate) fn at(listener: TcpListener, answer: Answer) -> Receiver {
        let url = format!("http://{}", listener.local_addr().unwrap());
        let bodies: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
        let kept = bodies.clone();
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(converse(stream, kept.clone(), answer.clone()));
            }
        });
        Receiver { url, bodies, task }
    }

    /// Heads and bodies of what was posted so far.
    pub(crate) fn posted(&self) -> Vec<(String, String)> {
        self.bodies.lock().unwrap().clone()
    }

    pub(crate) fn bodies(&self) -> Vec<Value> {
        self.posted().iter().map(|(_, body)| serde_json::from_str(body).unwrap()).collect()
    }

    /// All spans that were posted, read by OpenTelemetry's own types.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let requests = self.posted();
        let requests = requests
            .iter()
            .map(|(_, body)| serde_json::from_str::<ExportTraceServiceRequest>(body).expect("a request of OTLP"));
        requests
            .flat_map(|request| request.resource_spans)
            .flat_map(|resource| resource.scope_spans)
            .flat_map(|scope| scope.spans)
            .collect()
    }

    /// Waits until something is so.
    pub(crate) async fn until(&self, is_so: impl Fn(&Receiver) -> bool) {
        until(|| is_so(self)).await;
    }
}

/// Waits until something is so.
pub(crate) async fn until(is_so: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not come to be within 20 s");
}

async fn converse(stream: TcpStream, kept: Arc<Mutex<Vec<(String, String)>>>, answer: Answer) {
    let mut stream = BufReader::new(stream);
    loop {
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return;
            }
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
            head.push_str(&line);
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.unwrap();
        let number = {
            let mut kept = kept.lock().unwrap();
            kept.push((head, String::from_utf8(body).unwrap()));
            kept.len() - 1
        };
        let status = answer(number);
        let response = format!("HTTP/1.1 {status} X\r\nContent-Length: 2\r\n\r\n{{}}");
        if stream.get_mut().write_all(response.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// A server whose traces go to a receiver, in virtual time.
pub(crate) struct Bed {
    pub(crate) server: Server,
    pub(crate) collector: Receiver,
}

/// What a service does with a task.
pub(crate) type Work = fn(&TaskRequest) -> Result<TaskResponse, TaskFailure>;

pub(crate) fn tasks(work: Work) -> Tasks {
    let service = tower::service_fn(move |request: TaskRequest| async move { work(&request) });
    Tasks::new(BoxTaskService::new(service), Arc::new(|_: &str| Ok(())))
}

pub(crate) fn echo(request: &TaskRequest) -> Result<TaskResponse, TaskFailure> {
    Ok(TaskResponse::done(request.input.clone()))
}

/// A clock that stands still: what passes is modelled.
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000)
    }

    fn sleep_until(&self, due: Timestamp) -> BoxFuture<'static, ()> {
        if due > self.now() { Box::pin(std::future::pending()) } else { Box::pin(std::future::ready(())) }
    }
}

pub(crate) fn builder() -> ServerBuilder {
    Server::builder().clock(Arc::new(Still)).pace(Pace::Virtual).tasks(tasks(echo))
}

pub(crate) fn options(collector: &Receiver) -> TraceOptions {
    TraceOptions::to(Endpoint::parse(&collector.url).unwrap())
}

impl Bed {
    pub(crate) async fn new() -> Bed {
        Bed::with(builder()).await
    }

    pub(crate) async fn with(builder: ServerBuilder) -> Bed {
        let collector = Receiver::new().await;
        let server = builder.traces(options(&collector)).start().await.unwrap();
        Bed { server, collector }
    }

    /// The traces of everything that has ended, as text, when the server has stopped.
    pub(crate) async fn told(self) -> String {
        self.server.stop().await;
        shown(&self.collector.spans())
    }
}

pub(crate) async fn call(server: &Server, operation: &str, request: Value) -> Value {
    let response = server.respond(&format!("AWSStepFunctions.{operation}"), request.to_string().as_bytes()).await;
    serde_json::from_str(&response.body).unwrap()
}

/// Makes a state machine; gives its ARN.
pub(crate) async fn machine(server: &Server, name: &str, definition: Value) -> String {
    machine_with(server, name, definition, json!({})).await
}

pub(crate) async fn machine_with(server: &Server, name: &str, definition: Value, more: Value) -> String {
    let mut request = json!({"name": name, "definition": definition.to_string(), "roleArn": ROLE});
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = call(server, "CreateStateMachine", request).await;
    made["stateMachineArn"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
}

/// Starts an execution; gives its ARN.
pub(crate) async fn start(server: &Server, request: Value) -> String {
    let started = call(server, "StartExecution", request).await;
    started["executionArn"].as_str().unwrap_or_else(|| panic!("{started}")).to_owned()
}

/// Waits for the end of an execution.
pub(crate) async fn ended(server: &Server, execution: &str) -> Value {
    for _ in 0..2_000 {
        let described = call(server, "DescribeExecution", json!({"executionArn": execution})).await;
        if described["status"] != "RUNNING" {
            return described;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{execution} has not ended");
}

/// Makes a machine, starts an execution of it and waits for its end.
pub(crate) async fn run(server: &Server, definition: Value) -> Value {
    let machine = machine(server, "m", definition).await;
    let execution = start(server, json!({"stateMachineArn": machine, "name": "e"})).await;
    ended(server, &execution).await
}

pub(crate) fn memory() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new())
}

/// Spans as a forest: name, when they began and how long they took in milliseconds, error, and what else is worth it.
pub(crate) fn shown(spans: &[Span]) -> String {
    let mut text = String::new();
    let ids: HashMap<&[u8], &Span> = spans.iter().map(|span| (&*span.span_id, span)).collect();
    assert_eq!(ids.len(), spans.len(), "an id is given twice");
    let first = spans.iter().map(|span| span.start_time_unix_nano).min().unwrap_or(0);
    let roots = spans.iter().filter(|span| !ids.contains_key(&*span.parent_span_id));
    for root in roots {
        show(root, spans, first, 0, &mut text);
    }
    text
}

fn show(span: &Span, spans: &[Span], first: u64, depth: usize, text: &mut String) {
    let millis = |nanos: u64| nanos / 1_000_000;
    text.push_str(&"  ".repeat(depth));
    text.push_str(&format!(
        "{} @{}+{}",
        span.name,
        millis(span.start_time_unix_nano - first),
        millis(span.end_time_unix_nano - span.start_time_unix_nano)
    ));
    for key in [
        "aslx.execution.status",
        "aslx.state.status",
        "aslx.task.attempt",
        "aslx.retry.delay_ms",
        "aslx.redrive_count",
        "error.type",
    ] {
        if let Some(value) = attribute(span, key) {
            text.push_str(&format!(" {}={value}", key.rsplit('.').next().unwrap()));
        }
    }
    let failed = span.status.as_ref().is_some_and(|status| status.code == 2);
    text.push_str(if failed { " !\n" } else { "\n" });
    let inside = spans.iter().filter(|inner| inner.parent_span_id == span.span_id);
    for inner in inside {
        assert_eq!(inner.trace_id, span.trace_id);
        assert!(inner.start_time_unix_nano >= span.start_time_unix_nano, "{} begins before {}", inner.name, span.name);
        assert!(inner.end_time_unix_nano <= span.end_time_unix_nano, "{} ends after {}", inner.name, span.name);
        show(inner, spans, first, depth + 1, text);
    }
}

pub(crate) fn attribute(span: &Span, key: &str) -> Option<String> {
    let found = span.attributes.iter().find(|attribute| attribute.key == key)?;
    Some(match found.value.as_ref()?.value.as_ref()? {
        Any::StringValue(text) => text.clone(),
        Any::IntValue(number) => number.to_string(),
        other => format!("{other:?}"),
    })
}

/// Compares texts without the indentation that the test's source has.
#[track_caller]
pub(crate) fn same(found: &str, expected: &str) {
    let lines: Vec<&str> = expected.lines().filter(|line| !line.trim().is_empty()).collect();
    let indent = lines.iter().map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let expected: String = lines.iter().map(|line| format!("{}\n", &line[indent..])).collect();
    assert_eq!(found, expected, "\nfound:\n{found}\nexpected:\n{expected}");
}
