//! Which handler a function is: one program, the handler chosen by name.

use super::{analyse, claim, flag, mark_failed, notify, ports::Ports, thumbnail, upload};
use crate::error::{Result, TaskError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The handlers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Handler {
    /// [`upload()`](super::upload())
    Upload,
    /// [`claim()`](super::claim())
    Claim,
    /// [`thumbnail()`](super::thumbnail())
    Thumbnail,
    /// [`analyse()`](super::analyse())
    Analyse,
    /// [`flag()`](super::flag())
    Flag,
    /// [`notify()`](super::notify())
    Notify,
    /// [`mark_failed()`](super::mark_failed())
    MarkFailed,
}

impl Handler {
    /// Every handler.
    pub const ALL: [Handler; 7] = [
        Handler::Upload,
        Handler::Claim,
        Handler::Thumbnail,
        Handler::Analyse,
        Handler::Flag,
        Handler::Notify,
        Handler::MarkFailed,
    ];

    /// The name.
    pub const fn name(self) -> &'static str {
        match self {
            Handler::Upload => "upload",
            Handler::Claim => "claim",
            Handler::Thumbnail => "thumbnail",
            Handler::Analyse => "analyse",
            Handler::Flag => "flag",
            Handler::Notify => "notify",
            Handler::MarkFailed => "mark-failed",
        }
    }

    /// The handler with this name (`analyze` is `analyse`).
    pub fn named(name: &str) -> Option<Handler> {
        let name = if name == "analyze" { "analyse" } else { name };
        Handler::ALL.into_iter().find(|h| h.name() == name)
    }

    /// The handler of a function: the one whose name the function's name is, or ends in after a hyphen
    /// (`image-pipeline-mark-failed` is `mark-failed`).
    pub fn of_function(function: &str) -> Option<Handler> {
        let ends = function.match_indices('-').filter_map(|(at, _)| function.get(at + 1..));
        std::iter::once(function).chain(ends).find_map(Handler::named)
    }

    /// Runs the handler on an event. Fails with `InvalidInput` when the event is not what the handler takes.
    pub async fn handle(self, ports: &Ports, event: Value) -> Result<Value> {
        match self {
            Handler::Upload => output(upload::upload(ports, &event).await),
            Handler::Claim => output(claim::claim(ports, input(event)?).await),
            Handler::Thumbnail => output(thumbnail::thumbnail(ports, input(event)?).await),
            Handler::Analyse => output(analyse::analyse(ports, input(event)?).await),
            Handler::Flag => output(flag::flag(ports, input(event)?).await),
            Handler::Notify => output(notify::notify(ports, input(event)?).await),
            Handler::MarkFailed => output(mark_failed::mark_failed(ports, input(event)?).await),
        }
    }
}

fn input<T: DeserializeOwned>(event: Value) -> Result<T> {
    serde_json::from_value(event).map_err(|e| TaskError::input(format!("the input is not what the task takes: {e}")))
}

fn output<T: Serialize>(result: Result<T>) -> Result<Value> {
    serde_json::to_value(result?).map_err(|e| TaskError::storage("the output is not JSON", e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_functions_name_tells_its_handler() {
        for (function, handler) in [
            ("thumbnail", Some(Handler::Thumbnail)),
            ("image-pipeline-analyze", Some(Handler::Analyse)),
            ("prod-mark-failed", Some(Handler::MarkFailed)),
            ("failed", None),
            ("", None),
            ("thumbnail-old", None),
            ("mythumbnail", None),
        ] {
            assert_eq!(Handler::of_function(function), handler, "{function}");
        }
    }
}
