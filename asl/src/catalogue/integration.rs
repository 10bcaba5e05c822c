use super::table::{Action, SDK_PREFIX, Service};
use super::{Parameters, Pattern};
use std::borrow::Cow;
use std::sync::Arc;

/// What a Task calls.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Integration {
    /// A Lambda function by its own ARN. (`lambda:invoke` is an optimised integration.)
    Lambda(FunctionArn),
    /// An activity: a worker somewhere asks for the task.
    Activity {
        /// The activity's ARN.
        arn: Arc<str>,
    },
    /// An integration that Step Functions made for the service: `arn:aws:states:::sqs:sendMessage`.
    Optimized {
        /// `sqs`
        service: &'static str,
        /// `sendMessage`
        action: &'static str,
        /// When the call counts as done.
        pattern: Pattern,
    },
    /// Any call of the AWS SDK: `arn:aws:states:::aws-sdk:sqs:sendMessage`.
    AwsSdk {
        /// `sqs`
        service: &'static str,
        /// `sendMessage`
        action: &'static str,
        /// When the call counts as done.
        pattern: Pattern,
    },
    /// An HTTP endpoint: `arn:aws:states:::http:invoke`.
    HttpInvoke,
}

impl Integration {
    /// `resourceType` of the history: `lambda`, `sqs`, `aws-sdk:dynamodb`, `http`, `activity`.
    pub fn resource_type(&self) -> Cow<'static, str> {
        match self {
            Integration::Lambda(_) => Cow::Borrowed("lambda"),
            Integration::Activity { .. } => Cow::Borrowed("activity"),
            Integration::Optimized { service, .. } => Cow::Borrowed(service),
            Integration::AwsSdk { .. } => match self.service() {
                Some(service) => Cow::Borrowed(service.key()),
                None => Cow::Borrowed("aws-sdk"),
            },
            Integration::HttpInvoke => Cow::Borrowed("http"),
        }
    }

    /// `resource` of the history: the action with its pattern, `sendMessage.waitForTaskToken`; for a function or an
    /// activity its ARN.
    pub fn resource(&self) -> Cow<'_, str> {
        match self {
            Integration::Lambda(function) => Cow::Borrowed(function.arn()),
            Integration::Activity { arn } => Cow::Borrowed(arn),
            Integration::Optimized { action, pattern, .. } | Integration::AwsSdk { action, pattern, .. } => {
                match pattern {
                    Pattern::RequestResponse => Cow::Borrowed(action),
                    _ => Cow::Owned(format!("{action}{pattern}")),
                }
            }
            Integration::HttpInvoke => Cow::Borrowed("invoke"),
        }
    }

    /// When the call counts as done. An activity has no other way than its token, but counts as request-response here.
    pub fn pattern(&self) -> Pattern {
        match self {
            Integration::Optimized { pattern, .. } | Integration::AwsSdk { pattern, .. } => *pattern,
            Integration::Lambda(_) | Integration::Activity { .. } | Integration::HttpInvoke => Pattern::RequestResponse,
        }
    }

    /// Whether an Express state machine may have it.
    pub fn express_allows(&self) -> bool {
        self.refused_by_express().is_none()
    }

    /// What an Express state machine does not have: `activities`, or the pattern's suffix.
    pub fn refused_by_express(&self) -> Option<&'static str> {
        match (self, self.pattern()) {
            (Integration::Activity { .. }, _) => Some("activities"),
            (_, Pattern::RequestResponse) => None,
            (_, pattern) => Some(pattern.suffix()),
        }
    }

    /// The service in the catalogue; none for functions and activities.
    pub fn service(&self) -> Option<Service> {
        match self {
            Integration::Lambda(_) | Integration::Activity { .. } => None,
            Integration::Optimized { service, .. } => Service::find(service),
            Integration::AwsSdk { service, .. } => Service::find(&format!("{SDK_PREFIX}{service}")),
            Integration::HttpInvoke => Service::find("http"),
        }
    }

    /// The action in the catalogue; none for functions and activities.
    pub fn action(&self) -> Option<Action> {
        match self {
            Integration::Lambda(_) | Integration::Activity { .. } => None,
            Integration::Optimized { action, .. } | Integration::AwsSdk { action, .. } => {
                self.service()?.action(action)
            }
            Integration::HttpInvoke => self.service()?.action("invoke"),
        }
    }

    /// The parameters that the call takes. Nothing if any input will do (a function, an activity) or if the catalogue
    /// does not know.
    pub fn parameters(&self) -> Option<Parameters> {
        self.action()?.parameters()
    }

    /// What the names of its errors begin with: `Lambda`, `DynamoDB`, `DynamoDb`. An activity names its own.
    pub fn error_prefix(&self) -> Option<&'static str> {
        match self {
            Integration::Lambda(_) => Some("Lambda"),
            Integration::Activity { .. } => None,
            _ => self.service().map(Service::error_prefix),
        }
    }
}

/// The ARN of a Lambda function, perhaps with a version or alias.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FunctionArn(Arc<str>);

impl FunctionArn {
    /// Reads `arn:aws:lambda:REGION:ACCOUNT:function:NAME` and an optional `:QUALIFIER`.
    pub fn parse(text: &str) -> Option<FunctionArn> {
        let function = FunctionArn(Arc::from(text));
        let parts: Vec<&str> = text.split(':').collect();
        // Region and account may be empty: authors deploy `arn:aws:lambda:::function:name`.
        let complete = matches!(
            parts.as_slice(),
            ["arn", partition, "lambda", _, _, "function", rest @ ..]
                if is_partition(partition) && (1..=2).contains(&rest.len()) && rest.iter().all(|part| !part.is_empty())
        );
        (complete && !text.contains(char::is_whitespace)).then_some(function)
    }

    /// The whole text.
    pub fn arn(&self) -> &str {
        &self.0
    }

    /// The region, perhaps empty.
    pub fn region(&self) -> &str {
        self.part(3)
    }

    /// The account, perhaps empty.
    pub fn account(&self) -> &str {
        self.part(4)
    }

    /// The name of the function.
    pub fn name(&self) -> &str {
        self.part(6)
    }

    /// The version or alias, if the ARN has one.
    pub fn qualifier(&self) -> Option<&str> {
        self.0.split(':').nth(7)
    }

    fn part(&self, index: usize) -> &str {
        self.0.split(':').nth(index).unwrap_or_default()
    }
}

/// `aws`, `aws-cn`, `aws-us-gov` and their like.
pub(super) fn is_partition(text: &str) -> bool {
    let mut parts = text.split('-');
    parts.next() == Some("aws") && parts.all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase()))
}
