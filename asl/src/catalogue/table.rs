//! The two tables, searched in place.

use super::{Parameters, Pattern};

const SERVICES: &str = include_str!("../../data/services.txt");
const ACTIONS: &str = include_str!("../../data/actions.txt");

/// What separates the services that are called by the name of an SDK.
pub(super) const SDK_PREFIX: &str = "aws-sdk:";

/// A service of the catalogue. The same AWS service may be there twice: `sqs` and `aws-sdk:sqs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    key: &'static str,
    error_prefix: &'static str,
    client_name: &'static str,
    cli_name: &'static str,
    actions: &'static str,
}

impl Service {
    /// The service that a resource calls `key`: `dynamodb` is the optimised integration, `aws-sdk:dynamodb` the SDK's.
    pub fn find(key: &str) -> Option<Service> {
        Service::from_line(find_line(body(SERVICES), key, service_key)?)
    }

    /// All services, by key.
    pub fn all() -> impl Iterator<Item = Service> {
        body(SERVICES).lines().filter_map(Service::from_line)
    }

    fn from_line(line: &'static str) -> Option<Service> {
        let mut fields = line.split(' ');
        let (key, error_prefix) = (fields.next()?, fields.next()?);
        let (client_name, cli_name) = (fields.next()?, fields.next()?);
        let offset: usize = fields.next()?.parse().ok()?;
        let length: usize = fields.next()?.parse().ok()?;
        let actions = ACTIONS.get(offset..offset.checked_add(length)?)?;
        Some(Service { key, error_prefix, client_name, cli_name, actions })
    }

    /// As in a resource and in `resourceType` of the history: `sqs`, `aws-sdk:sqs`.
    pub fn key(self) -> &'static str {
        self.key
    }

    /// The last part of the key.
    pub fn name(self) -> &'static str {
        self.key.strip_prefix(SDK_PREFIX).unwrap_or(self.key)
    }

    /// Whether it is called through the SDK, with no optimisation.
    pub fn is_sdk(self) -> bool {
        self.key.starts_with(SDK_PREFIX)
    }

    /// What the names of its errors begin with: `DynamoDB` for the optimised integration, `DynamoDb` for the SDK's.
    pub fn error_prefix(self) -> &'static str {
        self.error_prefix
    }

    /// What the cause of an error calls the service: `AmazonDynamoDBv2`, `DynamoDb`.
    pub fn client_name(self) -> Option<&'static str> {
        known(self.client_name)
    }

    /// The service in the AWS CLI: `logs` for `aws-sdk:cloudwatchlogs`.
    pub fn cli_name(self) -> Option<&'static str> {
        known(self.cli_name)
    }

    /// The error for a code of which the SDK has no exception class: `DynamoDB.AmazonDynamoDBException`,
    /// `DynamoDb.DynamoDbException`.
    pub fn general_error(self) -> Option<String> {
        let class = self.client_name()?;
        let class = if self.is_sdk() { class } else { class.strip_suffix("v2").unwrap_or(class) };
        Some(format!("{}.{class}Exception", self.error_prefix))
    }

    /// The action with exactly this name.
    pub fn action(self, name: &str) -> Option<Action> {
        Some(Action::from_line(find_line(self.actions, name, action_key)?))
    }

    /// All actions, by name; also those which the service has but Step Functions refuses.
    pub fn actions(self) -> impl Iterator<Item = Action> {
        self.actions.lines().map(Action::from_line)
    }
}

/// An action of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Action {
    name: &'static str,
    patterns: &'static str,
    parameters: &'static str,
}

impl Action {
    fn from_line(line: &'static str) -> Action {
        let (head, parameters) = line.split_once(' ').unwrap_or((line, ""));
        let (name, patterns) = head.split_once(':').unwrap_or((head, "rt"));
        Action { name, patterns, parameters }
    }

    /// As in a resource: `putItem`.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Whether Step Functions has this action with this pattern.
    pub fn allows(self, pattern: Pattern) -> bool {
        self.patterns.contains(pattern.letter())
    }

    /// Whether Step Functions does not have this action at all, for example because it streams.
    pub fn is_refused(self) -> bool {
        self.patterns.is_empty()
    }

    /// The top-level parameters, if they are known.
    pub fn parameters(self) -> Option<Parameters> {
        Parameters::from_table(self.parameters)
    }
}

fn known(name: &'static str) -> Option<&'static str> {
    (name != "-").then_some(name)
}

/// The table without its first line, which names version and source.
fn body(text: &'static str) -> &'static str {
    text.split_once('\n').map_or("", |(_, body)| body)
}

fn service_key(line: &str) -> &str {
    line.split(' ').next().unwrap_or(line)
}

fn action_key(line: &str) -> &str {
    line.split([' ', ':']).next().unwrap_or(line)
}

/// The line with this key, in lines that are sorted by key.
fn find_line(mut text: &'static str, key: &str, key_of: fn(&str) -> &str) -> Option<&'static str> {
    while !text.is_empty() {
        let (before, rest) = split_at_line(text, text.len() / 2)?;
        let line_len = rest.find('\n').unwrap_or(rest.len());
        let (line, after) = rest.split_at_checked(line_len)?;
        match key.cmp(key_of(line)) {
            std::cmp::Ordering::Equal => return Some(line),
            std::cmp::Ordering::Less => text = before,
            std::cmp::Ordering::Greater => text = after.strip_prefix('\n').unwrap_or(after),
        }
    }
    None
}

/// Splits before the line that holds the byte `at`.
fn split_at_line(text: &'static str, at: usize) -> Option<(&'static str, &'static str)> {
    let start = text.get(..at)?.rfind('\n').map_or(0, |newline| newline + 1);
    text.split_at_checked(start)
}
