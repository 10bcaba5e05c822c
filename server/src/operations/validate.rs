//! ValidateStateMachineDefinition.

use crate::definition::judge;
use crate::request::Request;
use aslx_asl::MachineType;
use serde_json::Value as Json;

/// Diagnostics that are given unless the caller says so.
const MOST: usize = 100;

pub(super) fn validate(request: Request<'_>) -> Json {
    let most = request.integer("maxResults").and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0);
    let warnings_too = request.text("severity").is_some_and(|severity| &**severity == "WARNING");
    judge(request.required("definition"), machine_type(request), warnings_too, most.unwrap_or(MOST))
}

/// The member `type`.
pub(super) fn machine_type(request: Request<'_>) -> MachineType {
    match request.text("type") {
        Some(name) if &**name == "EXPRESS" => MachineType::Express,
        _ => MachineType::Standard,
    }
}
