//! The environment variables of Step Functions Local.

use crate::error::CommandError;
use std::path::PathBuf;

/// What Step Functions Local reads from its environment and this program uses too.
pub(super) struct Environment {
    /// `SFN_MOCK_CONFIG`
    pub(super) mock_config: Option<PathBuf>,
}

/// Variables by which Step Functions Local is told where services are.
const ENDPOINTS: [&str; 10] = [
    "LAMBDA_ENDPOINT",
    "SNS_ENDPOINT",
    "SQS_ENDPOINT",
    "DYNAMODB_ENDPOINT",
    "BATCH_ENDPOINT",
    "ECS_ENDPOINT",
    "GLUE_ENDPOINT",
    "SAGE_MAKER_ENDPOINT",
    "EVENTS_ENDPOINT",
    "STEP_FUNCTIONS_ENDPOINT",
];

impl Environment {
    /// Errors: a variable that this version cannot do what it says with.
    #[expect(clippy::disallowed_methods, reason = "a drop-in for Step Functions Local is told things in its way")]
    pub(super) fn read() -> Result<Environment, CommandError> {
        if let Some(name) = ENDPOINTS.iter().find(|name| std::env::var_os(name).is_some()) {
            let message = format!("`{name}` is set, but calls are not forwarded to endpoints");
            let help = "unset it: tasks run offline, or are mocked with --mocks";
            return Err(CommandError::usage(message).help(help));
        }
        Ok(Environment { mock_config: std::env::var_os("SFN_MOCK_CONFIG").map(PathBuf::from) })
    }
}
