//! The list of executions: of all state machines at once, which no operation of the API gives.

use super::parameter;
use crate::error::ApiError;
use crate::operations::{Api, listed, type_name};
use aslx_engine::interpreter::Status;
use aslx_engine::store::{JournalKind, Listing, Page, Scope, StoreError, Summary};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Executions in a page unless the query says otherwise, and at the most.
const LIMIT: (usize, usize) = (50, 1_000);

/// A page of executions, newest first, where the next one begins, and all state machines.
///
/// `machine`, `run` (children of a map run), `status` and `name` (whole, or an ARN) choose; `after` is the `next` of
/// the page before.
pub(super) async fn executions(api: &Api, query: &str) -> Result<Json, ApiError> {
    let machines: Vec<(Arc<str>, Json)> = {
        let contents = api.registry.read().await;
        let told = contents.machines.values().filter(|machine| !machine.deleting);
        let told = told.map(|machine| {
            let kind = type_name(machine.machine_type);
            (machine.arn.clone(), json!({"arn": &*machine.arn, "name": &*machine.name, "type": kind}))
        });
        told.collect()
    };
    let page = match parameter(query, "name") {
        Some(name) => Page { found: named(api, query, &name, &machines).await?, next: None },
        None => api.engine.store().list(listing(query)?).await.map_err(broken)?,
    };
    // Of an Express execution there is a trace while it runs, and nothing to show.
    let shown = page.found.iter().filter(|(arn, _)| !arn.contains(":express:"));
    Ok(json!({
        "executions": shown.map(|(arn, summary)| listed(arn, summary)).collect::<Json>(),
        "next": page.next.map(|place| place.to_string()),
        "machines": machines.into_iter().map(|(_, machine)| machine).collect::<Json>(),
    }))
}

fn listing(query: &str) -> Result<Listing, ApiError> {
    let scope = match (parameter(query, "run"), parameter(query, "machine")) {
        (Some(run), _) => Scope::Parent(run.into()),
        (None, Some(machine)) => Scope::Machine(machine.into()),
        (None, None) => Scope::All,
    };
    let limit = parameter(query, "limit").map_or(Ok(LIMIT.0), |text| text.parse());
    let limit = limit.map_err(|_| ApiError::validation("`limit` is no number"))?.clamp(1, LIMIT.1);
    let after = parameter(query, "after").map(|place| place.parse()).transpose().map_err(ApiError::validation)?;
    Ok(Listing { status: status(query)?, after, ..Listing::of(scope, limit) })
}

fn status(query: &str) -> Result<Option<Status>, ApiError> {
    let Some(word) = parameter(query, "status") else { return Ok(None) };
    let all = [Status::Running, Status::Succeeded, Status::Failed, Status::TimedOut, Status::Aborted];
    let found = all.into_iter().find(|status| status.name() == word);
    found.map(Some).ok_or_else(|| ApiError::validation(format!("there is no status `{word}`")))
}

/// The executions of a name, of each machine at most one; or the one of an ARN.
async fn named(
    api: &Api,
    query: &str,
    name: &str,
    machines: &[(Arc<str>, Json)],
) -> Result<Vec<(Arc<str>, Summary)>, ApiError> {
    let (status, machine) = (status(query)?, parameter(query, "machine"));
    let arns: Vec<String> = if name.starts_with("arn:") {
        vec![name.to_owned()]
    } else {
        let of = |arn: &str| format!("{}:{name}", arn.replacen(":stateMachine:", ":execution:", 1));
        machines
            .iter()
            .filter(|(arn, _)| machine.as_deref().is_none_or(|one| one == &**arn))
            .map(|(arn, _)| of(arn))
            .collect()
    };
    let mut found = Vec::new();
    for arn in arns {
        match api.engine.store().summary(&arn).await {
            Ok(summary) if summary.kind == JournalKind::Execution && status.is_none_or(|one| one == summary.status) => {
                found.push((arn.into(), summary));
            }
            Ok(_) | Err(StoreError::NotFound(_)) => {}
            Err(error) => return Err(broken(error)),
        }
    }
    found.sort_by_key(|(_, summary)| std::cmp::Reverse(summary.started));
    Ok(found)
}

fn broken(error: StoreError) -> ApiError {
    ApiError::internal(error.to_string())
}
