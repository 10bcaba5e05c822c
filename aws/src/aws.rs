//! The tasks as a [`tower::Service`]: a request goes to the endpoint of its service.

use crate::answer::impossible;
use crate::credentials::Credentials;
use crate::endpoint::{Endpoint, EndpointError};
use crate::http::{Answer, Call, Http, Unanswered};
use crate::service::Service;
use crate::{call, jobs, lambda};
use aslx_asl::catalogue::{Integration, Pattern, parse_resource};
use aslx_engine::task::{TaskFailure, TaskReply, TaskRequest, TaskResponse};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Does the work of tasks at AWS, or at an emulator of it. Cloning is cheap.
#[derive(Clone)]
pub struct Aws {
    endpoints: Arc<BTreeMap<&'static str, Endpoint>>,
    http: Http,
}

/// Which services are called, and how.
pub struct AwsBuilder {
    region: String,
    endpoints: BTreeMap<&'static str, Endpoint>,
    credentials: Option<Credentials>,
}

impl AwsBuilder {
    /// Calls of this service go there. The service has the name that resources give it: `lambda`, `sqs`, `states`.
    ///
    /// # Errors
    ///
    /// If its calls cannot be forwarded, or the endpoint is no address.
    pub fn endpoint(mut self, service: &str, endpoint: &str) -> Result<AwsBuilder, EndpointError> {
        let known = Service::find(service).ok_or_else(|| EndpointError::Service(service.to_owned()))?;
        self.endpoints.insert(known.key, Endpoint::parse(endpoint)?);
        Ok(self)
    }

    /// With what calls are signed. Without, emulators get [`Credentials::dummy`].
    #[must_use]
    pub fn credentials(mut self, credentials: Credentials) -> AwsBuilder {
        self.credentials = Some(credentials);
        self
    }

    /// The service. Nothing is connected before a task is run.
    ///
    /// # Errors
    ///
    /// If AWS itself is to be called without credentials, or with TLS on a machine without certificates.
    pub fn build(self) -> Result<Aws, EndpointError> {
        let credentials = match (self.credentials, self.endpoints.values().find(|endpoint| endpoint.is_aws())) {
            (Some(credentials), _) => credentials,
            (None, None) => Credentials::dummy(),
            (None, Some(endpoint)) => return Err(EndpointError::Credentials(endpoint.as_str().to_owned())),
        };
        let http = Http::new(self.region, credentials, self.endpoints.values())?;
        Ok(Aws { endpoints: Arc::new(self.endpoints), http })
    }
}

/// What a resource asks for.
enum Task {
    Function { arn: String },
    Call { service: &'static Service, action: &'static str, pattern: Pattern },
}

impl Aws {
    /// Calls are signed for this region.
    pub fn builder(region: impl Into<String>) -> AwsBuilder {
        AwsBuilder { region: region.into(), endpoints: BTreeMap::new(), credentials: None }
    }

    /// Whether tasks with this resource are of a service that has an endpoint here.
    pub fn takes(&self, resource: &str) -> bool {
        let integration = parse_resource(resource).ok();
        integration.is_some_and(|integration| match integration {
            Integration::Lambda(_) => self.endpoints.contains_key("lambda"),
            Integration::Optimized { service, .. } => self.endpoints.contains_key(service),
            _ => false,
        })
    }

    /// Whether a task with this resource can be done, or why not.
    pub fn can_run(&self, resource: &str) -> Result<(), String> {
        self.task(resource).map(drop)
    }

    fn task(&self, resource: &str) -> Result<Task, String> {
        let wrong = |why: &str| Err(format!("`{resource}` {why}"));
        let (service, action, pattern) = match parse_resource(resource) {
            Ok(Integration::Lambda(function)) => return Ok(Task::Function { arn: function.arn().to_owned() }),
            Ok(Integration::Optimized { service, action, pattern }) => (service, action, pattern),
            _ => return wrong("is not forwarded"),
        };
        let Some(known) = Service::find(service).filter(|known| self.endpoints.contains_key(known.key)) else {
            return wrong("is of a service without an endpoint");
        };
        let waits = matches!(pattern, Pattern::Sync | Pattern::Sync2);
        if waits && !jobs::is_job(known, action) {
            return wrong("waits for the end of something that cannot be looked at");
        }
        Ok(Task::Call { service: known, action, pattern })
    }

    fn calls_aws(&self, task: &Task) -> bool {
        let key = match task {
            Task::Function { .. } => "lambda",
            Task::Call { service, .. } => service.key,
        };
        self.endpoints.get(key).is_some_and(Endpoint::is_aws)
    }

    pub(crate) fn is_aws(&self, service: &Service) -> bool {
        self.endpoints.get(service.key).is_some_and(Endpoint::is_aws)
    }

    pub(crate) async fn send(&self, service: &Service, call: Call) -> Result<Answer, Unanswered> {
        let endpoint = self.endpoints.get(service.key).ok_or_else(|| "no endpoint is set".to_owned())?;
        self.http.send(endpoint, service.signing_name, call).await
    }

    async fn run(self, request: TaskRequest) -> Result<TaskResponse, TaskFailure> {
        let reply = |reply| Ok(TaskResponse { reply, modelled: None });
        let task = self.task(&request.resource).map_err(impossible)?;
        // An emulator has no roles to take on. AWS would do the task with other rights than the author means.
        if let Some(role) = request.credentials.as_deref().filter(|_| self.calls_aws(&task)) {
            return Err(impossible(format!("the role `{role}` of `Credentials` cannot be taken on here")));
        }
        let (service, action, pattern) = match task {
            Task::Function { arn } => {
                let service = Service::find("lambda").ok_or_else(|| impossible("Lambda is not known"))?;
                return reply(TaskReply::Done(lambda::by_arn(&self, service, &arn, &request.input).await?));
            }
            Task::Call { service, action, pattern } => (service, action, pattern),
        };
        let waits = matches!(pattern, Pattern::Sync | Pattern::Sync2);
        let sync_2 = pattern == Pattern::Sync2;
        match &request.submitted {
            None => {}
            // The message is out; whoever got it answers with its token.
            Some(_) if !waits => return reply(TaskReply::ByToken),
            Some(submitted) => {
                let (input, withdrawal) = (&request.input, &request.withdrawal);
                let ended = jobs::ended(&self, service, action, sync_2, input, submitted, withdrawal).await?;
                return reply(TaskReply::Done(ended));
            }
        }
        let parameters = jobs::prepared(service, waits, &request.input)?;
        let result = match service.key {
            "lambda" => lambda::invoke(&self, service, &parameters).await?,
            _ => call::request(&self, service, action, &parameters).await?,
        };
        if pattern == Pattern::RequestResponse {
            return reply(TaskReply::Done(result));
        }
        jobs::submitted(service, &result)?;
        reply(TaskReply::Submitted(result))
    }
}

impl tower::Service<TaskRequest> for Aws {
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
