//! The service itself.

use super::route::{CannotRun, Functions, Route, route};
use super::{aws, dynamodb, lambda, sns};
use crate::dataset::Datasets;
use crate::handlers::Ports;
use aslx_asl::Value;
use aslx_engine::task::{TaskFailure, TaskReply, TaskRequest, TaskResponse};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Does the work of Task states. Cloning is cheap.
#[derive(Clone)]
pub struct TaskService {
    ports: Ports,
    functions: Arc<Functions>,
    datasets: Datasets,
}

impl TaskService {
    /// Over these ports. `functions` has the handlers of functions whose names do not tell them.
    pub fn new(ports: Ports, functions: impl IntoIterator<Item = (String, crate::handlers::Handler)>) -> TaskService {
        let datasets = Datasets::new(Arc::clone(&ports.bucket));
        TaskService { ports, functions: Arc::new(functions.into_iter().collect()), datasets }
    }

    /// The ports.
    pub fn ports(&self) -> &Ports {
        &self.ports
    }

    /// Whether a task with this resource can be run, or why not.
    pub fn can_run(&self, resource: &str) -> Result<(), CannotRun> {
        route(resource, &self.functions).map(drop)
    }

    async fn run(self, request: TaskRequest) -> Result<TaskResponse, TaskFailure> {
        if request.submitted.is_some() {
            // The message is out; whoever got it answers with its token.
            return Ok(TaskResponse { reply: TaskReply::ByToken, modelled: None });
        }
        let route = route(&request.resource, &self.functions).map_err(|e| {
            if request.resource.contains(":function:") {
                lambda::not_found(&request.resource, &self.ports.surroundings.new_id())
            } else {
                aws::cannot_run(e.reason())
            }
        })?;
        if route == Route::Dataset {
            return self.datasets.answer(&request).await.map(TaskResponse::done);
        }
        let input = serde_json::Value::from(&request.input);
        let (output, callback) = match route {
            Route::Function(handler) => (lambda::call(&self.ports, handler, input).await?, false),
            Route::LambdaInvoke { callback } => (lambda::invoke(&self.ports, &self.functions, input).await?, callback),
            Route::SnsPublish { callback } => (sns::publish(&self.ports, input).await?, callback),
            Route::Dataset => return Err(aws::cannot_run("a data set is only read for a distributed Map")),
            Route::DynamoDb(action) => (dynamodb::run(&self.ports, action, input).await?, false),
        };
        let output = Value::from(output);
        let reply = if callback { TaskReply::Submitted(output) } else { TaskReply::Done(output) };
        Ok(TaskResponse { reply, modelled: None })
    }
}

impl tower::Service<TaskRequest> for TaskService {
    type Response = TaskResponse;
    type Error = TaskFailure;
    type Future = Pin<Box<dyn Future<Output = Result<TaskResponse, TaskFailure>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TaskFailure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: TaskRequest) -> Self::Future {
        Box::pin(self.clone().run(request))
    }
}
