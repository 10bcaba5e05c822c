//! Why a task did not do its work: named, permanent and transient apart.

use aslx_engine::task::TaskFailure;

/// The names under which tasks fail. Retry and Catch match on them; a definition lists the permanent ones in a
/// retrier with `MaxAttempts` 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorName {
    /// The input of the task, or a name in it, cannot be worked with.
    InvalidInput,
    /// There is no such object in the bucket, or no such bucket.
    ObjectNotFound,
    /// The object was written again while it was being read.
    ObjectChanged,
    /// More pixels, bytes or memory than a picture may have: also what a decompression bomb gives.
    ImageTooLarge,
    /// Not a picture, or of a format that is not read here.
    UnsupportedImageFormat,
    /// The picture is damaged, or ends too early.
    CorruptImage,
    /// The recorded analysis beside a photo is not what the image analysis answers.
    InvalidRecording,
    /// Another execution works on this version of the object, or has done so.
    AlreadyClaimed,
    /// There is no such table.
    TableNotFound,
    /// The condition of a conditional write is false.
    ConditionalCheckFailed,
    /// There is no such topic.
    TopicNotFound,
    /// A bucket, a table or a topic could not be read or written this time.
    StorageUnavailable,
    /// A service asks to be called less often.
    Throttled,
}

impl ErrorName {
    /// Every name.
    pub const ALL: [ErrorName; 13] = [
        ErrorName::InvalidInput,
        ErrorName::ObjectNotFound,
        ErrorName::ObjectChanged,
        ErrorName::ImageTooLarge,
        ErrorName::UnsupportedImageFormat,
        ErrorName::CorruptImage,
        ErrorName::InvalidRecording,
        ErrorName::AlreadyClaimed,
        ErrorName::TableNotFound,
        ErrorName::ConditionalCheckFailed,
        ErrorName::TopicNotFound,
        ErrorName::StorageUnavailable,
        ErrorName::Throttled,
    ];

    /// The name as a state machine sees it.
    pub const fn as_str(self) -> &'static str {
        match self {
            ErrorName::InvalidInput => "InvalidInput",
            ErrorName::ObjectNotFound => "ObjectNotFound",
            ErrorName::ObjectChanged => "ObjectChanged",
            ErrorName::ImageTooLarge => "ImageTooLarge",
            ErrorName::UnsupportedImageFormat => "UnsupportedImageFormat",
            ErrorName::CorruptImage => "CorruptImage",
            ErrorName::InvalidRecording => "InvalidRecording",
            ErrorName::AlreadyClaimed => "AlreadyClaimed",
            ErrorName::TableNotFound => "TableNotFound",
            ErrorName::ConditionalCheckFailed => "ConditionalCheckFailed",
            ErrorName::TopicNotFound => "TopicNotFound",
            ErrorName::StorageUnavailable => "StorageUnavailable",
            ErrorName::Throttled => "Throttled",
        }
    }

    /// Whether the same input fails in the same way again, so that a retry is of no use.
    pub const fn is_permanent(self) -> bool {
        !matches!(self, ErrorName::StorageUnavailable | ErrorName::Throttled)
    }
}

/// A task's failure: a name for the state machine and a message for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", name.as_str())]
pub struct TaskError {
    name: ErrorName,
    message: String,
}

impl TaskError {
    /// A failure of this name. The message is lower case, without a final period, with user values in backticks.
    pub fn new(name: ErrorName, message: impl Into<String>) -> TaskError {
        TaskError { name, message: message.into() }
    }

    /// The input cannot be worked with.
    pub fn input(message: impl Into<String>) -> TaskError {
        TaskError::new(ErrorName::InvalidInput, message)
    }

    /// A file or a service did not answer as it should, this time.
    pub fn storage(what: impl std::fmt::Display, cause: impl std::fmt::Display) -> TaskError {
        TaskError::new(ErrorName::StorageUnavailable, format!("{what}: {cause}"))
    }

    /// The name.
    pub fn name(&self) -> ErrorName {
        self.name
    }

    /// What happened.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether a retry is of no use.
    pub fn is_permanent(&self) -> bool {
        self.name.is_permanent()
    }

    /// The failure as Step Functions reports that of a function: the name as error, and as cause the text
    /// `{"errorType":…,"errorMessage":…}` which the function's runtime answers.
    pub fn into_function_failure(self) -> TaskFailure {
        let cause = serde_json::json!({ "errorType": self.name.as_str(), "errorMessage": self.message });
        TaskFailure::new(self.name.as_str(), cause.to_string())
    }
}

/// What tasks and ports answer.
pub type Result<T> = std::result::Result<T, TaskError>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_carries_the_name_and_what_the_runtime_answers() {
        let failure = TaskError::new(ErrorName::CorruptImage, "it says \"no\"").into_function_failure();
        assert_eq!(failure.error, "CorruptImage");
        assert_eq!(failure.cause.as_deref(), Some(r#"{"errorType":"CorruptImage","errorMessage":"it says \"no\""}"#));
    }

    #[test]
    fn only_storage_and_throttling_are_worth_a_retry() {
        let transient: Vec<_> =
            ErrorName::ALL.into_iter().filter(|n| !n.is_permanent()).map(ErrorName::as_str).collect();
        assert_eq!(transient, ["StorageUnavailable", "Throttled"]);
    }
}
