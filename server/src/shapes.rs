//! Shapes that several responses share.

use crate::registry::{Encryption, LogLevel, Logging, Revision, Tags};
use crate::request::Request;
use aslx_asl::Timestamp;
use serde_json::{Map, Value, json};

/// The members of a response. What is absent is left out, never `null`.
#[derive(Debug, Default)]
pub(crate) struct Shape(Map<String, Value>);

impl Shape {
    pub(crate) fn new() -> Shape {
        Shape::default()
    }

    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Shape {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    #[must_use]
    pub(crate) fn text(self, name: &str, value: &str) -> Shape {
        self.with(name, value)
    }

    #[must_use]
    pub(crate) fn maybe<T: AsRef<str>>(self, name: &str, value: Option<T>) -> Shape {
        match value {
            Some(value) => self.with(name, value.as_ref()),
            None => self,
        }
    }

    /// Seconds since the Unix epoch, with milliseconds as fraction.
    #[must_use]
    pub(crate) fn time(self, name: &str, at: Timestamp) -> Shape {
        self.with(name, at.as_seconds())
    }

    #[must_use]
    pub(crate) fn maybe_time(self, name: &str, at: Option<Timestamp>) -> Shape {
        match at {
            Some(at) => self.time(name, at),
            None => self,
        }
    }

    /// The configurations of a revision.
    #[must_use]
    pub(crate) fn configurations(self, revision: &Revision, with_encryption: bool) -> Shape {
        let shape = self
            .with("loggingConfiguration", logging_shape(&revision.logging))
            .with("tracingConfiguration", json!({"enabled": revision.tracing}));
        if with_encryption {
            return shape.with("encryptionConfiguration", encryption_shape(&revision.encryption));
        }
        shape
    }
}

impl From<Shape> for Value {
    fn from(shape: Shape) -> Value {
        Value::Object(shape.0)
    }
}

fn logging_shape(logging: &Logging) -> Value {
    let level = match logging.level {
        LogLevel::All => "ALL",
        LogLevel::Error => "ERROR",
        LogLevel::Fatal => "FATAL",
        LogLevel::Off => "OFF",
    };
    let shape = Shape::new().text("level", level).with("includeExecutionData", logging.include_data);
    match &logging.destinations {
        Some(destinations) => {
            let group = |arn: &std::sync::Arc<str>| json!({"cloudWatchLogsLogGroup": {"logGroupArn": &**arn}});
            shape.with("destinations", destinations.iter().map(group).collect::<Vec<_>>()).into()
        }
        None => shape.into(),
    }
}

pub(crate) fn encryption_shape(encryption: &Encryption) -> Value {
    let shape = Shape::new().text("type", &encryption.kind).maybe("kmsKeyId", encryption.key.as_ref());
    match encryption.reuse_seconds {
        Some(seconds) => shape.with("kmsDataKeyReusePeriodSeconds", seconds).into(),
        None => shape.into(),
    }
}

/// `loggingConfiguration` as it was given.
pub(crate) fn logging(given: Request<'_>) -> Logging {
    let level = match given.text("level").map(|level| &**level) {
        Some("ALL") => LogLevel::All,
        Some("ERROR") => LogLevel::Error,
        Some("FATAL") => LogLevel::Fatal,
        _ => LogLevel::Off,
    };
    let group = |item| Request(item).structure("cloudWatchLogsLogGroup")?.text("logGroupArn").cloned();
    let destinations =
        given.has("destinations").then(|| given.items("destinations").iter().filter_map(group).collect());
    Logging { level, include_data: given.flag("includeExecutionData").unwrap_or(false), destinations }
}

/// `encryptionConfiguration` as it was given.
pub(crate) fn encryption(given: Request<'_>) -> Encryption {
    Encryption {
        kind: given.required("type").into(),
        key: given.text("kmsKeyId").cloned(),
        reuse_seconds: given.integer("kmsDataKeyReusePeriodSeconds"),
    }
}

/// `tags` as they were given: of two with one key the later counts.
pub(crate) fn tags(given: Request<'_>) -> Tags {
    let pair = |item| {
        let tag = Request(item);
        Some((tag.text("key")?.clone(), tag.text("value").cloned().unwrap_or_default()))
    };
    given.items("tags").iter().filter_map(pair).collect()
}

/// Takes the payloads out of an event; names, errors and causes stay.
pub(crate) fn without_data(event: &mut Value) {
    let Some(members) = event.as_object_mut() else { return };
    for (_, details) in members.iter_mut().filter(|(name, _)| name.ends_with("EventDetails")) {
        let Some(details) = details.as_object_mut() else { continue };
        for member in ["input", "output", "parameters", "assignedVariables"] {
            details.shift_remove(member);
            details.shift_remove(&format!("{member}Details"));
        }
    }
}
