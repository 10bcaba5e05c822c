//! The ways in which an execution is had.

use super::client::{Client, text};
use super::workloads::Workload;
use serde_json::{Value, json};

/// How an execution is had.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    /// It is started, and kept whatever happens.
    Started,
    /// The same, and looked at until it has ended.
    Durable,
    /// It is an Express execution, and its output is the answer.
    Sync,
}

impl Way {
    pub(crate) fn machine_type(self) -> &'static str {
        match self {
            Way::Started | Way::Durable => "STANDARD",
            Way::Sync => "EXPRESS",
        }
    }

    /// Runs an execution and gives its output, if that is waited for.
    pub(crate) async fn run(self, client: &mut Client, request: &str) -> Option<String> {
        let execution = match self {
            Way::Sync => client.call("StartSyncExecution", request).await,
            Way::Started | Way::Durable => {
                let execution = client.start(request).await;
                if let Way::Started = self {
                    return None;
                }
                client.ended(&execution).await
            }
        };
        assert_eq!(execution["status"], "SUCCEEDED", "{execution}");
        Some(text(&execution["output"]))
    }
}

/// Makes the machine of a workload. Gives the request that starts an execution, and the output that it must have as
/// the server writes it.
pub(crate) async fn prepare(client: &mut Client, workload: &Workload, way: Way) -> (String, String) {
    let machine = client.create("bench", way.machine_type(), &workload.definition).await;
    let request = json!({ "stateMachineArn": machine, "input": workload.input.to_string() }).to_string();
    let waits = if let Way::Sync = way { Way::Sync } else { Way::Durable };
    let output = waits.run(client, &request).await.unwrap();
    assert_eq!(serde_json::from_str::<Value>(&output).unwrap(), workload.output, "{}", workload.name);
    (request, output)
}
