//! The server's protocol: sequences of requests to a server in this process, and bytes over a connection to it.

mod calls;
mod samples;
mod wire;

use super::corpus::Corpus;
use super::rng::Rng;
use super::targets::hold;
use aslx_engine::runtime::Pace;
use aslx_server::{Limits, Server};
use serde_json::{Value as Json, json};
use std::cell::OnceCell;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// How long the server waits for a client; bytes that are no whole request cost this much.
const PATIENCE: Duration = Duration::from_millis(25);

/// What stands before bytes for a connection.
const WIRE: &str = "bytes ";

/// One sequence of requests; sometimes bytes.
pub(super) fn input(corpus: &Corpus, rng: &mut Rng) -> String {
    if rng.one_in(8) { format!("{WIRE}{}", wire::input(rng)) } else { calls::input(corpus, rng) }
}

/// Plays it against a server of its own, which must be well afterwards.
pub(super) fn played(text: &str) -> Result<bool, String> {
    thread_local!(static RUNTIME: OnceCell<Option<Runtime>> = const { OnceCell::new() });
    RUNTIME.with(|runtime| {
        let runtime = runtime.get_or_init(|| Builder::new_current_thread().enable_all().build().ok());
        let Some(runtime) = runtime else { return Err("there is no runtime".to_owned()) };
        runtime.block_on(against_a_server(text))
    })
}

async fn against_a_server(text: &str) -> Result<bool, String> {
    let limits = Limits { patience: PATIENCE, farewell: Duration::from_millis(100), ..Limits::default() };
    let server = Server::builder().limits(limits).pace(Pace::Virtual).start().await;
    let server = server.map_err(|error| format!("it does not start: {error}"))?;
    let accepted = match text.strip_prefix(WIRE) {
        Some(bytes) => wire::played(&server, bytes).await?,
        None => calls::played(&server, text).await?,
    };
    well(&server).await?;
    server.stop().await;
    Ok(accepted)
}

/// The server does what it did before: it makes an activity and lists it, and knows the machines that it lists.
async fn well(server: &Server) -> Result<(), String> {
    let call = async |operation: &str, body: Json| {
        let response = server.respond(&format!("AWSStepFunctions.{operation}"), body.to_string().as_bytes()).await;
        hold!(response.status == 200, "afterwards {operation} answers {response:?}");
        serde_json::from_str::<Json>(&response.body).map_err(|error| format!("{operation}: {error}"))
    };
    let made = call("CreateActivity", json!({"name": "afterwards"})).await?;
    call("DescribeActivity", json!({"activityArn": made.get("activityArn")})).await?;
    let listed = call("ListStateMachines", json!({"maxResults": 1000})).await?;
    for machine in listed.get("stateMachines").and_then(Json::as_array).into_iter().flatten() {
        let arn = machine.get("stateMachineArn");
        call("DescribeStateMachine", json!({"stateMachineArn": arn})).await?;
        if machine.get("type").is_none_or(|kind| kind != "STANDARD") {
            continue;
        }
        let listed = call("ListExecutions", json!({"stateMachineArn": arn})).await?;
        for execution in listed.get("executions").and_then(Json::as_array).into_iter().flatten().take(3) {
            call("DescribeExecution", json!({"executionArn": execution.get("executionArn")})).await?;
        }
    }
    Ok(())
}
