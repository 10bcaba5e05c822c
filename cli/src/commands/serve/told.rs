//! What is told to other servers: status events to a webhook, traces to a collector.

use super::ServeArguments;
use super::local::Collector;
use crate::error::CommandError;
use aslx_server::{Endpoint, ServerBuilder, TraceOptions};
use std::path::Path;

/// Where a collector on this machine listens.
const COLLECTOR: &str = "http://127.0.0.1:4318";

/// Where status events go.
pub(super) enum Events<'a> {
    File(&'a Path),
    Webhook(&'a str),
}

/// A URL, or else a file.
pub(super) fn events(arguments: &ServeArguments) -> Option<Events<'_>> {
    let given = arguments.events.as_deref()?;
    Some(match given.split_once("://") {
        Some(_) => Events::Webhook(given),
        None => Events::File(Path::new(given)),
    })
}

/// The same server, telling what it was asked to tell.
///
/// Errors: a URL that nothing can be posted to, an option without the one that it belongs to.
pub(super) fn tell(builder: ServerBuilder, arguments: &ServeArguments) -> Result<ServerBuilder, CommandError> {
    let mut builder = builder.event_payloads(arguments.event_payloads);
    if let Some(Events::Webhook(url)) = events(arguments) {
        builder = builder.webhook(endpoint("--events", url)?);
    }
    if let Some(url) = &arguments.otlp {
        let known = Collector::read();
        let url = url.clone().or(known.endpoint).unwrap_or_else(|| COLLECTOR.to_owned());
        let mut collector = endpoint("--otlp", &url)?;
        for (name, value) in known.headers {
            // The value may be a secret.
            let usage = |why: String| CommandError::usage(format!("`OTEL_EXPORTER_OTLP_HEADERS`: {why}"));
            collector = collector.header(&name, &value).map_err(usage)?;
        }
        let options = TraceOptions::to(collector).with_payloads(arguments.otlp_payloads).as_aws(arguments.otlp_as_aws);
        builder = builder.traces(options);
    }
    Ok(builder)
}

fn endpoint(option: &str, url: &str) -> Result<Endpoint, CommandError> {
    Endpoint::parse(url).map_err(|why| CommandError::usage(format!("`{option}`: {why}")))
}
