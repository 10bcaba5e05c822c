//! Many executions wait for somebody outside, the server is killed, and starts again on the same directory.

use super::beginning::memory_at_rest;
use super::client::{Client, text};
use super::process::Server;
use super::together::CLIENTS;
use aslx_benches::Report;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// Executions that are open when the server is killed, beside those of [`BRIEF`].
const OPEN: usize = 100_000;

/// Closed ones beside them: they must cost nothing.
const CLOSED: usize = 20_000;

/// Executions whose time is over soon after the restart: what is armed must ring.
const BRIEF: usize = 50;

const LONG_SECONDS: u64 = 86_400;

const BRIEF_SECONDS: u64 = 15;

/// Whom an execution waits for.
#[derive(Clone, Copy)]
enum Awaited {
    /// Whoever got a message with a token.
    Receiver,
    /// A worker of an activity.
    Worker,
}

pub(crate) async fn measure(report: &mut Report, aslx: &Path) {
    for awaited in [Awaited::Receiver, Awaited::Worker] {
        let data = tempfile::tempdir().unwrap();
        fill(aslx, data.path(), awaited).await;
        reopen(report, aslx, data.path(), awaited).await;
    }
}

impl Awaited {
    fn name(self) -> &'static str {
        match self {
            Awaited::Receiver => "callbacks",
            Awaited::Worker => "workers",
        }
    }

    /// A machine that waits for so long. The time of an activity's task begins when a worker has taken it, so there it
    /// is the whole execution that has a time.
    fn definition(self, activity: &str, seconds: u64) -> Value {
        let mut ask = json!({ "Type": "Task", "End": true,
            "Parameters": { "execution.$": "$$.Execution.Id", "order.$": "$.order" } });
        match self {
            Awaited::Receiver => {
                ask["Resource"] = "arn:aws:states:::sns:publish.waitForTaskToken".into();
                ask["TimeoutSeconds"] = seconds.into();
                ask["Parameters"] = json!({ "TopicArn": "arn:aws:sns:us-east-1:000000000000:orders",
                    "Message": { "execution.$": "$$.Execution.Id", "token.$": "$$.Task.Token" } });
                json!({ "StartAt": "Ask", "States": { "Ask": ask } })
            }
            Awaited::Worker => {
                ask["Resource"] = activity.into();
                json!({ "StartAt": "Ask", "States": { "Ask": ask }, "TimeoutSeconds": seconds })
            }
        }
    }

    /// How an execution ends for which nobody did anything.
    fn timed_out(self) -> &'static str {
        match self {
            Awaited::Receiver => "FAILED",
            Awaited::Worker => "TIMED_OUT",
        }
    }

    /// The ARN and the token of an execution that waits, as whoever is to answer learns them.
    async fn task(self, client: &mut Client, data: &Path, activity: &str) -> (String, String) {
        match self {
            Awaited::Receiver => {
                let messages = std::fs::read_to_string(data.join("outbox.jsonl")).unwrap();
                let line: Value = serde_json::from_str(messages.lines().nth(OPEN / 2).unwrap()).unwrap();
                let message: Value = serde_json::from_str(line["message"].as_str().unwrap()).unwrap();
                (text(&message["execution"]), text(&message["token"]))
            }
            Awaited::Worker => {
                let task = client.call("GetActivityTask", json!({ "activityArn": activity })).await;
                let input: Value = serde_json::from_str(task["input"].as_str().unwrap()).unwrap();
                (text(&input["execution"]), text(&task["taskToken"]))
            }
        }
    }
}

/// Makes a directory with open and closed executions; its server is killed at the end.
async fn fill(aslx: &Path, data: &Path, awaited: Awaited) {
    let server = Server::start(aslx, data);
    let mut client = server.client().await;
    let activity = client.call("CreateActivity", json!({ "name": "work" })).await;
    let activity = activity["activityArn"].as_str().unwrap();
    let nothing = json!({ "StartAt": "Nothing", "States": { "Nothing": { "Type": "Succeed" } } });
    let closed = client.create("closed", "STANDARD", &nothing).await;
    let open = client.create("open", "STANDARD", &awaited.definition(activity, LONG_SECONDS)).await;
    let brief = client.create("brief", "STANDARD", &awaited.definition(activity, BRIEF_SECONDS)).await;

    let begun = Instant::now();
    start_many(&server, &closed, CLOSED).await;
    println!("{CLOSED} closed executions after {:.1} s", begun.elapsed().as_secs_f64());
    start_many(&server, &open, OPEN).await;
    println!("{OPEN} that wait for {} after {:.1} s", awaited.name(), begun.elapsed().as_secs_f64());
    let mut client = quiet(&server).await;
    println!("… at rest after {:.1} s, with {:.0} MB", begun.elapsed().as_secs_f64(), server.memory() / 1e6);
    start_many(&server, &brief, BRIEF).await;
    assert_eq!(client.metric("aslx_executions_open").await, OPEN + BRIEF);
    // What has been asked is noted a moment later; without that it would be asked again.
    tokio::time::sleep(Duration::from_secs(1)).await;
}

/// Starts so many executions from many connections.
async fn start_many(server: &Server, machine: &str, count: usize) {
    let input = json!({ "order": 7 }).to_string();
    let mut lanes = Vec::new();
    for lane in 0..CLIENTS {
        let mut client = server.client().await;
        let (machine, input) = (machine.to_owned(), input.clone());
        lanes.push(tokio::spawn(async move {
            for number in (lane..count).step_by(CLIENTS) {
                let body = json!({ "stateMachineArn": machine, "name": number.to_string(), "input": input });
                client.start(&body.to_string()).await;
            }
        }));
    }
    for lane in lanes {
        lane.await.unwrap();
    }
}

/// The ARN of an execution of [`start_many`].
fn arn(machine: &str, number: usize) -> String {
    format!("arn:aws:states:us-east-1:000000000000:execution:{machine}:{number}")
}

/// Waits until the server has nothing to do. A connection that was silent for so long may be closed: here is a new one.
async fn quiet(server: &Server) -> Client {
    let mut before = f64::MIN;
    loop {
        let now = server.processor_seconds();
        if now - before < 0.03 {
            return server.client().await;
        }
        before = now;
        tokio::time::sleep(Duration::from_millis(1_500)).await;
    }
}

async fn reopen(report: &mut Report, aslx: &Path, data: &Path, awaited: Awaited) {
    let idle = {
        let empty = tempfile::tempdir().unwrap();
        memory_at_rest(&Server::start(aslx, empty.path())).await
    };
    let begun = Instant::now();
    let mut server = Server::start_with(aslx, data, &[]);
    let mut client = server.client().await;
    let seen = client.call("DescribeExecution", json!({ "executionArn": arn("open", OPEN / 3) })).await;
    let answered = begun.elapsed().as_secs_f64() * 1e3;
    assert_eq!(seen["status"], "RUNNING", "{seen}");
    // It says how many there were when all are armed.
    let counts = server.line();
    let armed = begun.elapsed().as_secs_f64() * 1e3;
    let numbers = counts.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse::<usize>().ok());
    assert_eq!(numbers.sum::<usize>(), OPEN + BRIEF, "{counts}");

    let name = |what: &str| format!("server: 100,000 {}, {what}", awaited.name());
    report.figure(&name("first answer"), answered, "ms", 1_000.0);
    report.figure(&name("all timers armed"), armed, "ms", 10_000.0);
    let mut client = quiet(&server).await;
    report.figure(&name("memory of each"), (server.memory() - idle) / OPEN as f64, "bytes", 4_096.0);
    println!("… {:.0} MB at the most; idle it has {:.0} MB", server.peak_memory() / 1e6, idle / 1e6);
    go_on(&mut client, data, awaited).await;
}

/// What was open before the kill goes on: time passes for it, and an answer ends it.
async fn go_on(client: &mut Client, data: &Path, awaited: Awaited) {
    for number in 0..BRIEF {
        let seen = client.ended(&arn("brief", number)).await;
        assert_eq!(seen["status"], awaited.timed_out(), "{seen}");
    }
    assert_eq!(client.metric("aslx_executions_open").await, OPEN);
    let activity = "arn:aws:states:us-east-1:000000000000:activity:work";
    let (execution, token) = awaited.task(client, data, activity).await;
    client.call("SendTaskSuccess", json!({ "taskToken": token, "output": r#"{"done":true}"# })).await;
    let seen = client.ended(&execution).await;
    assert_eq!((&seen["status"], &seen["output"]), (&json!("SUCCEEDED"), &json!(r#"{"done":true}"#)));
    assert_eq!(client.metric("aslx_executions_open").await, OPEN - 1);
}
