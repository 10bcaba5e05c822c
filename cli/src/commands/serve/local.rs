//! The environment variables of Step Functions Local, and those of OpenTelemetry.

use super::ServeArguments;
use crate::error::CommandError;
use aslx_asl::catalogue::{Integration, parse_resource};
use std::net::{SocketAddr, ToSocketAddrs, UdpSocket};
use std::path::PathBuf;

/// What Step Functions Local reads from its environment and this program uses too. Options of the command go before.
#[derive(Debug, Default)]
pub(super) struct Environment {
    /// `SFN_MOCK_CONFIG`
    pub(super) mock_config: Option<PathBuf>,
    /// `AWS_ACCOUNT_ID`
    pub(super) account: Option<String>,
    /// `AWS_DEFAULT_REGION`
    pub(super) region: Option<String>,
    /// `WAIT_TIME_SCALE` is 0.
    pub(super) waits_are_jumped: bool,
    /// Where services answer that are not this server.
    pub(super) endpoints: Vec<Endpoint>,
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, as far as they are set.
    #[cfg(feature = "aws")]
    pub(super) keys: [Option<String>; 3],
}

/// A service is said to answer there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub(super) variable: &'static str,
    /// As resources name it.
    pub(super) service: &'static str,
    pub(super) address: String,
}

/// Variables by which Step Functions Local is told where services are, and one more, for EventBridge.
const ENDPOINTS: [(&str, &str); 10] = [
    ("LAMBDA_ENDPOINT", "lambda"),
    ("SNS_ENDPOINT", "sns"),
    ("SQS_ENDPOINT", "sqs"),
    ("DYNAMODB_ENDPOINT", "dynamodb"),
    ("BATCH_ENDPOINT", "batch"),
    ("ECS_ENDPOINT", "ecs"),
    ("GLUE_ENDPOINT", "glue"),
    ("SAGE_MAKER_ENDPOINT", "sagemaker"),
    ("EVENTS_ENDPOINT", "events"),
    ("STEP_FUNCTIONS_ENDPOINT", STEP_FUNCTIONS),
];

/// Step Functions, as resources name it.
pub(super) const STEP_FUNCTIONS: &str = "states";

impl Environment {
    /// Errors: a variable that this program cannot do what it says with.
    #[expect(clippy::disallowed_methods, reason = "a drop-in for Step Functions Local is told things in its way")]
    pub(super) fn read(arguments: &ServeArguments) -> Result<Environment, CommandError> {
        Environment::of(arguments.listen, |name| std::env::var(name).ok())
    }

    /// An empty variable is one that is not set: files with variables often have such lines.
    fn of(listen: SocketAddr, variable: impl Fn(&str) -> Option<String>) -> Result<Environment, CommandError> {
        let variable = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let endpoints = ENDPOINTS.iter().filter_map(|&(name, service)| {
            let address = variable(name)?;
            let is_here = service == STEP_FUNCTIONS && is_here(&address, listen);
            (!is_here).then_some(Endpoint { variable: name, service, address })
        });
        let environment = Environment {
            mock_config: variable("SFN_MOCK_CONFIG").map(PathBuf::from),
            account: variable("AWS_ACCOUNT_ID"),
            region: variable("AWS_DEFAULT_REGION"),
            waits_are_jumped: match variable("WAIT_TIME_SCALE").map(|text| text.trim().parse::<f64>()) {
                None | Some(Ok(1.0)) => false,
                Some(Ok(0.0)) => true,
                Some(_) => {
                    let error = CommandError::usage("`WAIT_TIME_SCALE` is neither 0 nor 1");
                    return Err(error.help("0 jumps over waits, as --clock virtual does"));
                }
            },
            endpoints: endpoints.collect(),
            #[cfg(feature = "aws")]
            keys: ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"].map(variable),
        };
        if let Some(account) = &environment.account
            && !(account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()))
        {
            return Err(CommandError::usage(format!("`AWS_ACCOUNT_ID` is `{account}`, and not twelve digits")));
        }
        Ok(environment)
    }
}

/// The variable that says where tasks with this resource are done.
pub(super) fn variable_of(resource: &str) -> Option<&'static str> {
    let service = match parse_resource(resource).ok()? {
        Integration::Lambda(_) => "lambda",
        Integration::Optimized { service, .. } => service,
        _ => return None,
    };
    ENDPOINTS.iter().find(|(_, known)| *known == service).map(|(variable, _)| *variable)
}

/// Whether an address is that of this server: its port, on an address of this machine. Suites written for Step
/// Functions Local tell it so where nested workflows are to be found.
fn is_here(address: &str, listen: SocketAddr) -> bool {
    let rest = address.trim().trim_end_matches('/');
    let Some(authority) = rest.strip_prefix("http://").filter(|rest| !rest.contains('/')) else { return false };
    let Some((host, Ok(port))) = authority.rsplit_once(':').map(|(host, port)| (host, port.parse::<u16>())) else {
        return false;
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let of_this_machine = |found: SocketAddr| UdpSocket::bind((found.ip(), 0)).is_ok();
    port == listen.port() && (host, port).to_socket_addrs().is_ok_and(|mut found| found.any(of_this_machine))
}

/// What OpenTelemetry's variables say of a collector. They are read when traces are asked for, and turn nothing on.
pub(super) struct Collector {
    /// `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, else `OTEL_EXPORTER_OTLP_ENDPOINT` with the path for traces.
    pub(super) endpoint: Option<String>,
    /// `OTEL_EXPORTER_OTLP_TRACES_HEADERS`, else `OTEL_EXPORTER_OTLP_HEADERS`.
    pub(super) headers: Vec<(String, String)>,
}

impl Collector {
    #[expect(clippy::disallowed_methods, reason = "the variables by which every exporter of OpenTelemetry is set up")]
    pub(super) fn read() -> Collector {
        let given = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let base =
            || given("OTEL_EXPORTER_OTLP_ENDPOINT").map(|base| format!("{}/v1/traces", base.trim_end_matches('/')));
        let headers = given("OTEL_EXPORTER_OTLP_TRACES_HEADERS").or_else(|| given("OTEL_EXPORTER_OTLP_HEADERS"));
        Collector {
            endpoint: given("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT").or_else(base),
            headers: pairs(&headers.unwrap_or_default()),
        }
    }
}

/// `name=value,name=value`, as W3C Baggage has it; blanks in values are `%20`.
fn pairs(text: &str) -> Vec<(String, String)> {
    let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().replace("%20", " "))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Environment, String> {
        let variable = |name: &str| Some(variables.iter().find(|(known, _)| *known == name)?.1.to_owned());
        Environment::of(([127, 0, 0, 1], 8083).into(), variable).map_err(|error| format!("{error:?}"))
    }

    #[test]
    fn variables_say_what_options_say() {
        let read_ =
            read(&[("AWS_ACCOUNT_ID", "123456789012"), ("AWS_DEFAULT_REGION", "eu-west-1"), ("SQS_ENDPOINT", "")]);
        let environment = read_.unwrap();
        assert_eq!(environment.account.as_deref(), Some("123456789012"));
        assert_eq!(environment.region.as_deref(), Some("eu-west-1"));
        assert_eq!(environment.endpoints, []);
        assert!(read(&[("AWS_ACCOUNT_ID", "me")]).unwrap_err().contains("twelve digits"));
    }

    #[test]
    fn waits_are_jumped_or_not() {
        assert!(read(&[("WAIT_TIME_SCALE", "0")]).unwrap().waits_are_jumped);
        assert!(!read(&[("WAIT_TIME_SCALE", "1.0")]).unwrap().waits_are_jumped);
        assert!(read(&[("WAIT_TIME_SCALE", "0.5")]).unwrap_err().contains("neither 0 nor 1"));
    }

    #[test]
    fn the_server_knows_its_own_address() {
        let endpoints = |address| read(&[("STEP_FUNCTIONS_ENDPOINT", address)]).unwrap().endpoints.len();
        for own in ["http://localhost:8083", "http://127.0.0.1:8083/", "http://[::1]:8083"] {
            assert_eq!(endpoints(own), 0, "{own}");
        }
        // 192.0.2.0/24 is of no machine.
        for other in ["http://localhost:8084", "http://192.0.2.1:8083", "https://localhost:8083", "localhost"] {
            assert_eq!(endpoints(other), 1, "{other}");
        }
    }

    #[test]
    fn resources_have_variables() {
        assert_eq!(variable_of("arn:aws:lambda:us-east-1:1:function:f"), Some("LAMBDA_ENDPOINT"));
        assert_eq!(variable_of("arn:aws:states:::sqs:sendMessage.waitForTaskToken"), Some("SQS_ENDPOINT"));
        assert_eq!(variable_of("arn:aws:states:::aws-sdk:sqs:sendMessage"), None);
        assert_eq!(variable_of("arn:aws:states:::athena:startQueryExecution"), None);
    }
}
