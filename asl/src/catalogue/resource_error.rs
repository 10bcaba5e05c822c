use std::fmt;

/// A `Resource` that Step Functions does not know. [`fmt::Display`] says what is wrong, [`ResourceError::help`] what to
/// write instead, and [`ResourceError::aws_message`] what AWS says to all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceError {
    resource: Box<str>,
    fault: ResourceFault,
    suggestion: Option<Box<str>>,
}

impl ResourceError {
    pub(super) fn new(resource: &str, fault: ResourceFault, suggestion: Option<String>) -> ResourceError {
        ResourceError { resource: resource.into(), fault, suggestion: suggestion.map(Into::into) }
    }

    /// The text that was not recognised.
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// What is wrong with it.
    pub fn fault(&self) -> &ResourceFault {
        &self.fault
    }

    /// A whole resource that may have been meant.
    pub fn suggestion(&self) -> Option<&str> {
        self.suggestion.as_deref()
    }

    /// What may have been meant, for people.
    pub fn help(&self) -> Option<String> {
        self.suggestion().map(|suggestion| format!("did you mean `{suggestion}`?"))
    }

    /// AWS's own sentence, which is the same for every fault.
    pub fn aws_message(&self) -> String {
        format!(
            "The resource provided {} is not recognized. The value is not a valid resource ARN, or the resource is not \
             available in this region.",
            self.resource
        )
    }
}

impl fmt::Display for ResourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fault.fmt(f)
    }
}

impl std::error::Error for ResourceError {}

/// Why a `Resource` is not recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResourceFault {
    /// It is not an ARN at all.
    NotAnArn,
    /// It is an ARN, but of nothing that a Task can call.
    NotCallable,
    /// There is no such service.
    Service {
        /// The service as written, with `aws-sdk:` where it had that.
        service: String,
    },
    /// The service has no such action.
    Action {
        /// The service.
        service: &'static str,
        /// The action as written.
        action: String,
    },
    /// The service has the action, but Step Functions does not offer it, for example because it streams.
    Refused {
        /// The service.
        service: &'static str,
        /// The action.
        action: &'static str,
    },
    /// The action has no such integration pattern.
    Pattern {
        /// The service.
        service: &'static str,
        /// The action.
        action: &'static str,
        /// What was written after the action, with its period.
        suffix: String,
    },
}

impl fmt::Display for ResourceFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ResourceFault::NotAnArn => f.write_str("a resource is an ARN, such as `arn:aws:states:::lambda:invoke`"),
            ResourceFault::NotCallable => {
                f.write_str("a task calls a Lambda function, an activity or a service integration")
            }
            ResourceFault::Service { service } => write!(f, "there is no integration with a service `{service}`"),
            ResourceFault::Action { service, action } => write!(f, "`{service}` has no action `{action}`"),
            ResourceFault::Refused { service, action } => {
                write!(f, "Step Functions does not support the action `{action}` of `{service}`")
            }
            ResourceFault::Pattern { service, action, suffix } => {
                write!(f, "`{service}:{action}` has no integration pattern `{suffix}`")
            }
        }
    }
}
