//! Tasks of services that have an endpoint go there, all others stay.

use super::local::{Environment, STEP_FUNCTIONS, variable_of};
use crate::error::CommandError;
use aslx_engine::task::BoxTaskService;
use aslx_server::Tasks;
use aslx_tasks::TaskService;
use std::sync::Arc;

/// What does the work of tasks.
///
/// Errors: an endpoint cannot be used.
pub(super) fn tasks(offline: TaskService, environment: &Environment, region: &str) -> Result<Tasks, CommandError> {
    let (service, can_run) = services(offline, environment, region)?;
    let can_run = move |resource: &str| can_run(resource).map_err(|reason| with_hint(reason, resource));
    let tasks = Tasks::new(service, Arc::new(can_run));
    let elsewhere = environment.endpoints.iter().any(|endpoint| endpoint.service == STEP_FUNCTIONS);
    Ok(if elsewhere { tasks.step_functions_elsewhere() } else { tasks })
}

/// Names what has to be set so that a task can be done.
fn with_hint(reason: String, resource: &str) -> String {
    match variable_of(resource) {
        Some(variable) if cfg!(feature = "aws") => {
            format!("{reason}; it is called if {variable} says where")
        }
        Some(variable) => {
            format!("{reason}; a program built with `--features aws` calls it if {variable} says where")
        }
        None => reason,
    }
}

type CanRun = Box<dyn Fn(&str) -> Result<(), String> + Send + Sync>;

#[cfg(not(feature = "aws"))]
fn services(
    offline: TaskService,
    environment: &Environment,
    _: &str,
) -> Result<(BoxTaskService, CanRun), CommandError> {
    if let Some(endpoint) = environment.endpoints.first() {
        let message = format!("`{}` is set, but this program was built without calls of services", endpoint.variable);
        let help = "build it with `--features aws`, or unset it: tasks run offline, or are mocked with --mocks";
        return Err(CommandError::usage(message).help(help));
    }
    let known = offline.clone();
    let can_run = move |resource: &str| known.can_run(resource).map_err(|reason| reason.to_string());
    Ok((BoxTaskService::new(offline), Box::new(can_run)))
}

#[cfg(feature = "aws")]
fn services(
    offline: TaskService,
    environment: &Environment,
    region: &str,
) -> Result<(BoxTaskService, CanRun), CommandError> {
    use aslx_aws::{Aws, Credentials, EndpointError};
    use aslx_engine::task::TaskRequest;
    use tower::ServiceExt;

    let mut builder = Aws::builder(region);
    for endpoint in &environment.endpoints {
        builder = builder
            .endpoint(endpoint.service, &endpoint.address)
            .map_err(|error| CommandError::usage(format!("`{}`: {error}", endpoint.variable)))?;
    }
    if let [Some(access_key), Some(secret_key), session_token] = environment.keys.clone() {
        builder = builder.credentials(Credentials::new(access_key, secret_key, session_token));
    }
    let aws = builder.build().map_err(|error| {
        let told = CommandError::usage(error.to_string());
        match error {
            EndpointError::Credentials(_) => told
                .help("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: aws configure export-credentials --format env"),
            _ => told,
        }
    })?;
    let (known, known_aws) = (offline.clone(), aws.clone());
    let can_run = move |resource: &str| match known_aws.takes(resource) {
        true => known_aws.can_run(resource),
        false => known.can_run(resource).map_err(|reason| reason.to_string()),
    };
    let service = tower::service_fn(move |request: TaskRequest| {
        let (offline, aws) = (offline.clone(), aws.clone());
        async move {
            match aws.takes(&request.resource) {
                true => aws.oneshot(request).await,
                false => offline.oneshot(request).await,
            }
        }
    });
    Ok((BoxTaskService::new(service), Box::new(can_run)))
}

#[cfg(test)]
mod tests {
    use super::super::local::Endpoint;
    use super::*;
    use aslx_tasks::OfflineTasks;

    fn made(service: &'static str, address: &str) -> Result<(BoxTaskService, CanRun), CommandError> {
        let endpoint = Endpoint { variable: "THE_ENDPOINT", service, address: address.to_owned() };
        let environment = Environment { endpoints: vec![endpoint], ..Environment::default() };
        services(OfflineTasks::new("nowhere").build(), &environment, "us-east-1")
    }

    const FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:unknown-here";

    #[test]
    #[cfg(feature = "aws")]
    fn what_has_an_endpoint_can_run() {
        let (_, can_run) = made("lambda", "http://127.0.0.1:3001").unwrap();
        assert_eq!(can_run(FUNCTION), Ok(()));
        assert!(can_run("arn:aws:states:::sqs:sendMessage").is_err());
        assert_eq!(can_run("arn:aws:states:::sns:publish"), Ok(()));
        for (address, reason) in [("127.0.0.1:3001", "`THE_ENDPOINT`: "), ("https://x.amazonaws.com", "no credentials")]
        {
            let error = made("lambda", address).map(drop).unwrap_err();
            assert!(format!("{error:?}").contains(reason), "{error:?}");
        }
    }

    #[test]
    #[cfg(not(feature = "aws"))]
    fn an_endpoint_is_refused_without_the_feature() {
        let error = made("lambda", "http://127.0.0.1:3001").map(drop).unwrap_err();
        assert!(format!("{error:?}").contains("`THE_ENDPOINT` is set"), "{error:?}");
    }

    #[test]
    fn a_refusal_names_the_variable() {
        assert!(with_hint("no".into(), FUNCTION).ends_with("LAMBDA_ENDPOINT says where"));
        assert_eq!(with_hint("no".into(), "arn:aws:states:::athena:startQueryExecution"), "no");
    }
}
