//! Every operation of the API, called by AWS's own client for Rust against a server in this process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod activities;
mod checking;
mod executions;
mod machines;
mod map_runs;
mod signatures;

use aslx_server::{Access, Server};
use aws_sdk_sfn::Client;
use aws_sdk_sfn::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_sfn::config::{BehaviorVersion, ConfigBag, Credentials, Intercept, Region, RuntimeComponents};
use aws_sdk_sfn::error::BoxError;
use aws_sdk_sfn::types::{ExecutionStatus, StateMachineType};
use std::time::Duration;

/// A server of its own for a test, and a client of it.
struct Place {
    client: Client,
    _server: Server,
}

const ROLE: &str = "arn:aws:iam::000000000000:role/any";
const ECHO: &str = r#"{"StartAt": "Echo", "States": {"Echo": {"Type": "Pass", "End": true}}}"#;

/// The client puts `sync-` before the host of two operations, and no name server knows that of an address.
#[derive(Debug)]
struct NoPrefix;

impl Intercept for NoPrefix {
    fn name(&self) -> &'static str {
        "NoPrefix"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let address = context.request().uri().replacen("//sync-", "//", 1);
        Ok(context.request_mut().set_uri(address)?)
    }
}

impl Place {
    async fn new() -> Place {
        Place::with(Access::Open, "test").await
    }

    /// A server with this access, and a client with this secret.
    async fn with(access: Access, secret: &str) -> Place {
        let server = Server::builder().access(access).start().await.expect("a server on a free port");
        let config = aws_sdk_sfn::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("test", secret, None, None, "tests"))
            .endpoint_url(server.url())
            .interceptor(NoPrefix)
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        Place { client: Client::from_conf(config), _server: server }
    }

    /// Makes a standard state machine; gives its ARN.
    async fn machine(&self, name: &str, definition: &str) -> String {
        self.machine_of(name, definition, StateMachineType::Standard).await
    }

    async fn machine_of(&self, name: &str, definition: &str, kind: StateMachineType) -> String {
        let request = self.client.create_state_machine().name(name).definition(definition).role_arn(ROLE);
        let made = request.r#type(kind).send().await.expect("a state machine");
        made.state_machine_arn
    }

    /// Starts an execution; gives its ARN.
    async fn start(&self, machine: &str, input: &str) -> String {
        let started = self.client.start_execution().state_machine_arn(machine).input(input).send().await;
        started.expect("an execution").execution_arn
    }

    /// Waits until an execution is as it should be.
    async fn until(&self, execution: &str, status: ExecutionStatus) {
        for _ in 0..2_000 {
            let seen = self.client.describe_execution().execution_arn(execution).send().await.expect("a description");
            if seen.status == status {
                return;
            }
            assert_eq!(seen.status, ExecutionStatus::Running, "{:?} {:?}", seen.error, seen.cause);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{execution} did not become {status}");
    }
}
