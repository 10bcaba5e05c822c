//! A client: one connection that is kept, the little of HTTP that it needs, and what is asked over it.

use serde_json::{Value, json};
use std::fmt::Display;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longer than any execution here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A connection to the server. Whatever is not answered with success ends the bench.
pub(crate) struct Client {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Client {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Client { stream, received: Vec::with_capacity(64 << 10) }
    }

    /// Calls an operation.
    pub(crate) async fn call(&mut self, operation: &str, body: impl Display) -> Value {
        let body = body.to_string();
        let request = format!(
            "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSStepFunctions.{operation}\r\n\
             Content-Type: application/x-amz-json-1.0\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        serde_json::from_slice(self.exchange(&request).await).unwrap()
    }

    /// A figure of `/metrics`, by its name and labels as they stand there.
    pub(crate) async fn metric(&mut self, name: &str) -> usize {
        let page = self.exchange("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        let lines = std::str::from_utf8(page).unwrap().lines();
        let mut figures = lines.filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        figures.next().unwrap().parse().unwrap()
    }

    /// Sends a request and gives the body of its answer.
    async fn exchange(&mut self, request: &str) -> &[u8] {
        self.stream.write_all(request.as_bytes()).await.unwrap();
        self.received.clear();
        let head = loop {
            self.receive().await;
            if let Some(end) = self.received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let (status, length) = understood(&self.received[..head]);
        self.received.reserve((head + length).saturating_sub(self.received.len()));
        while self.received.len() < head + length {
            self.receive().await;
        }
        let body = &self.received[head..];
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(body));
        body
    }

    async fn receive(&mut self) {
        let count = self.stream.read_buf(&mut self.received).await.unwrap();
        assert!(count > 0, "the server has closed the connection");
    }

    /// Makes a state machine and gives its ARN.
    pub(crate) async fn create(&mut self, name: &str, machine_type: &str, definition: &Value) -> String {
        let role = "arn:aws:iam::000000000000:role/any";
        let body = json!({ "name": name, "type": machine_type, "definition": definition.to_string(), "roleArn": role });
        text(&self.call("CreateStateMachine", body).await["stateMachineArn"])
    }

    /// Starts an execution and gives its ARN.
    pub(crate) async fn start(&mut self, request: &str) -> String {
        text(&self.call("StartExecution", request).await["executionArn"])
    }

    /// Looks at an execution until it has ended: at once, after 2 ms, and then less and less often.
    pub(crate) async fn ended(&mut self, execution: &str) -> Value {
        let request = json!({ "executionArn": execution }).to_string();
        let begun = Instant::now();
        let mut pause = Duration::from_millis(2);
        loop {
            let seen = self.call("DescribeExecution", &request).await;
            if seen["status"] != "RUNNING" {
                return seen;
            }
            assert!(begun.elapsed() < PATIENCE, "`{execution}` does not end");
            tokio::time::sleep(pause).await;
            pause = pause.mul_f64(1.5).min(Duration::from_millis(200));
        }
    }
}

/// Status and length of the body, from the head of an answer.
fn understood(head: &[u8]) -> (u16, usize) {
    let head = std::str::from_utf8(head).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
    });
    (status, length.unwrap())
}

/// A text of an answer.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
