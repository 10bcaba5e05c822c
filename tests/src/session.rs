//! The server of this repository as an account: calls go to it as bytes, without a connection.

use crate::subject::{Reply, Session, Setting, Unsupported};
use aslx_asl::Value as Payload;
use aslx_engine::runtime::Pace;
use aslx_engine::task::{BoxTaskService, TaskFailure, TaskReply, TaskRequest, TaskResponse};
use aslx_server::{Server, Tasks};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;

/// The account that the cases use.
pub const ACCOUNT: &str = "111111111111";

/// How long an execution is waited for, in steps of a millisecond. The server keeps virtual time, but for what waits for
/// somebody outside.
const PATIENCE: u32 = 10_000;

/// A server of its own, in memory.
pub struct ServerSession {
    runtime: Runtime,
    server: Option<Server>,
}

impl ServerSession {
    /// Starts one.
    pub fn start(setting: &Setting) -> Result<ServerSession, Unsupported> {
        let failed = |why: &dyn std::fmt::Display| Unsupported(format!("a server that does not start ({why})"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|why| failed(&why))?;
        let mut builder = Server::builder().account(ACCOUNT).pace(Pace::Virtual).tasks(tasks(setting));
        if let Some(day) = &setting.recorded {
            builder = builder.as_of(day);
        }
        if !setting.log_groups {
            builder = builder.log_groups([]);
        }
        let server = runtime.block_on(builder.start()).map_err(|why| failed(&why))?;
        Ok(ServerSession { runtime, server: Some(server) })
    }
}

/// A callback is sent and waits, a data set has rows, and other tasks return what is known of them, or fail.
fn tasks(setting: &Setting) -> Tasks {
    let (result, rows) = (setting.result.clone(), setting.rows);
    let answer = move |request: TaskRequest| {
        let reads = request.resource.contains(":states:::s3:") && request.input.get("MapRunArn").is_some();
        let reply = match (&request.submitted, request.resource.ends_with(".waitForTaskToken")) {
            (None, true) => Ok(TaskReply::Submitted(Payload::empty_object())),
            (Some(_), true) => Ok(TaskReply::ByToken),
            _ => match (rows.filter(|_| reads), &result) {
                (Some(rows), _) => Ok(TaskReply::Done(Payload::from(json!((0..rows).collect::<Vec<_>>())))),
                (None, Some(result)) => Ok(TaskReply::Done(Payload::from(result.clone()))),
                (None, None) => Err(TaskFailure::new("Conformance.NoAnswer", "the case has no answers of tasks")),
            },
        };
        std::future::ready(reply.map(|reply| TaskResponse { reply, modelled: Some(Duration::ZERO) }))
    };
    Tasks::new(BoxTaskService::new(tower::service_fn(answer)), Arc::new(|_| Ok(())))
}

impl Session for ServerSession {
    fn call(&mut self, operation: &str, request: &Map<String, Value>) -> Reply {
        let Some(server) = &self.server else {
            return Reply::Error { code: "Stopped".to_owned(), message: String::new() };
        };
        let body = serde_json::to_vec(request).unwrap_or_default();
        let response = self.runtime.block_on(server.respond(&format!("AWSStepFunctions.{operation}"), &body));
        let body: Value = serde_json::from_str(&response.body).unwrap_or_default();
        if response.status == 200 {
            return Reply::Response(body);
        }
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let code = text("__type").rsplit('#').next().unwrap_or_default().to_owned();
        let message = if body.get("message").is_some() { text("message") } else { text("Message") };
        Reply::Error { code, message }
    }

    fn wait(&mut self, execution: &str) {
        let request = Map::from_iter([("executionArn".to_owned(), json!(execution))]);
        for _ in 0..PATIENCE {
            let Reply::Response(found) = self.call("DescribeExecution", &request) else { return };
            if found.get("status").and_then(Value::as_str) != Some("RUNNING") {
                return;
            }
            self.runtime.block_on(async { tokio::time::sleep(Duration::from_millis(1)).await });
        }
    }
}

impl Drop for ServerSession {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.stop());
        }
    }
}
