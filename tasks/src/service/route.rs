//! What a resource asks for.

use crate::handlers::Handler;
use std::collections::BTreeMap;

/// Functions whose names do not tell their handlers.
pub(super) type Functions = BTreeMap<String, Handler>;

/// Why a resource has no implementation here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct CannotRun {
    reason: String,
}

impl CannotRun {
    fn new(reason: impl Into<String>) -> CannotRun {
        CannotRun { reason: reason.into() }
    }

    /// The reason, for people.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// Where a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    Function(Handler),
    LambdaInvoke {
        callback: bool,
    },
    SnsPublish {
        callback: bool,
    },
    DynamoDb(Action),
    /// The items of a distributed Map, or its results.
    Dataset,
}

/// What is done with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Get,
    Put,
    Update,
    Delete,
}

pub(super) fn route(resource: &str, functions: &Functions) -> Result<Route, CannotRun> {
    let parts: Vec<&str> = resource.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "lambda", _, _, "function", ..] => function(resource, functions).map(Route::Function),
        ["arn", _, "states", "", "", "lambda", "invoke"] => Ok(Route::LambdaInvoke { callback: false }),
        ["arn", _, "states", "", "", "lambda", "invoke.waitForTaskToken"] => Ok(Route::LambdaInvoke { callback: true }),
        ["arn", _, "states", "", "", "sns", "publish"] => Ok(Route::SnsPublish { callback: false }),
        ["arn", _, "states", "", "", "sns", "publish.waitForTaskToken"] => Ok(Route::SnsPublish { callback: true }),
        ["arn", _, "states", "", "", "dynamodb", "getItem"] => Ok(Route::DynamoDb(Action::Get)),
        ["arn", _, "states", "", "", "dynamodb", "putItem"] => Ok(Route::DynamoDb(Action::Put)),
        ["arn", _, "states", "", "", "dynamodb", "updateItem"] => Ok(Route::DynamoDb(Action::Update)),
        ["arn", _, "states", "", "", "dynamodb", "deleteItem"] => Ok(Route::DynamoDb(Action::Delete)),
        ["arn", _, "states", _, _, "s3", "getObject" | "listObjectsV2" | "putObject"] => Ok(Route::Dataset),
        ["arn", _, "states", _, _, "activity", ..] => Err(CannotRun::new(format!(
            "`{resource}` is an activity: it waits for a worker, and none can ask for work here"
        ))),
        ["arn", _, "states", "", "", ..] => Err(CannotRun::new(format!("`{resource}` has no offline implementation"))),
        _ if resource.contains("${") => Err(CannotRun::new(format!("`{resource}` has a name that is not substituted"))),
        _ => Err(CannotRun::new(format!("`{resource}` is not the ARN of a function or of a service integration"))),
    }
}

/// The handler of a function given by ARN, partial ARN or name, each with or without a qualifier.
pub(super) fn function(reference: &str, functions: &Functions) -> Result<Handler, CannotRun> {
    let name = function_name(reference);
    functions.get(name).copied().or_else(|| Handler::of_function(name)).ok_or_else(|| {
        let names: Vec<_> = Handler::ALL.iter().map(|h| h.name()).collect();
        CannotRun::new(format!(
            "there is no handler for function `{name}`: its name ends in none of {}",
            names.join(", ")
        ))
    })
}

/// `arn:aws:lambda:region:account:function:name:qualifier`, `account:function:name` and `name:qualifier` have a name.
fn function_name(reference: &str) -> &str {
    let after = reference.rsplit_once("function:").map_or(reference, |(_, name)| name);
    after.split(':').next().unwrap_or(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_find_their_way() {
        let functions = Functions::from([("Resizer".to_owned(), Handler::Thumbnail)]);
        let to = |resource: &str| route(resource, &functions);
        assert_eq!(to("arn:aws:lambda:us-east-1:123456789012:function:x-flag"), Ok(Route::Function(Handler::Flag)));
        assert_eq!(to("arn:aws-cn:lambda:cn-north-1:1:function:Resizer:PROD"), Ok(Route::Function(Handler::Thumbnail)));
        assert_eq!(to("arn:aws:states:::lambda:invoke"), Ok(Route::LambdaInvoke { callback: false }));
        assert_eq!(to("arn:aws:states:::sns:publish.waitForTaskToken"), Ok(Route::SnsPublish { callback: true }));
        assert_eq!(to("arn:aws:states:::dynamodb:deleteItem"), Ok(Route::DynamoDb(Action::Delete)));
        for (resource, reason) in [
            ("arn:aws:lambda:us-east-1:1:function:other", "there is no handler for function `other`"),
            ("arn:aws:states:::sqs:sendMessage", "has no offline implementation"),
            ("arn:aws:states:::aws-sdk:dynamodb:putItem", "has no offline implementation"),
            ("arn:aws:states:us-east-1:1:activity:a", "waits for a worker"),
            ("${ThumbnailFunctionArn}", "not substituted"),
            ("thumbnail", "is not the ARN"),
            ("", "is not the ARN"),
        ] {
            let error = to(resource).unwrap_err();
            assert!(error.reason().contains(reason), "{error}");
        }
        for reference in ["flag", "flag:PROD", "1:function:flag", "arn:aws:lambda:r:1:function:flag"] {
            assert_eq!(function(reference, &functions), Ok(Handler::Flag), "{reference}");
        }
    }
}
