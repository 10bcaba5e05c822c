//! Retriers and catchers: those that never match, those that repeat what cannot succeed, and those that are missing.

use super::context::{Context, Way, effect, successors};
use crate::catalogue::{Integration, Pattern, Service};
use crate::diagnostic::code;
use crate::program::{ErrorPattern, Fail, MachineId, State, StateId, StateKind, TextField};
use crate::suggest::did_you_mean;
use std::collections::HashSet;

/// The reserved names that a state can fail with.
const RAISED: [&str; 12] = [
    "States.ALL",
    "States.TaskFailed",
    "States.Timeout",
    "States.HeartbeatTimeout",
    "States.Permissions",
    "States.DataLimitExceeded",
    "States.ReferencePathConflict",
    "States.QueryEvaluationError",
    "States.ExceedToleratedFailureThreshold",
    "States.ItemReaderFailed",
    "States.ResultWriterFailed",
    "States.Http.Socket",
];

/// The reserved names in AWS's guide for which its service raises another error, and which.
const NOT_RAISED: [(&str, &str); 5] = [
    ("States.BranchFailed", "a Parallel fails with the error of its branch"),
    ("States.NoChoiceMatched", "the service raises `States.Runtime`, which nothing catches"),
    ("States.ParameterPathFailure", "the service raises `States.Runtime`, which nothing catches"),
    ("States.IntrinsicFailure", "the service raises `States.Runtime`, which nothing catches"),
    ("States.ResultPathMatchFailure", "the service raises `States.ReferencePathConflict`"),
];

/// Errors that come again however often the same is tried.
const PERMANENT: [&str; 8] = [
    "States.Permissions",
    "States.DataLimitExceeded",
    "States.ReferencePathConflict",
    "AccessDeniedException",
    "ValidationException",
    "InvalidParameterException",
    "InvalidParameterValueException",
    "ConditionalCheckFailedException",
];

pub(super) fn lint(context: &mut Context<'_>) {
    let program = context.program;
    // AWS says that names of one's own may not begin with `States.`, and lets Fail states raise them.
    let own: HashSet<&str> = program
        .states()
        .filter_map(|(_, state)| match &state.kind {
            StateKind::Fail(Fail { error: Some(TextField::Literal(name)), .. }) => Some(&**name),
            _ => None,
        })
        .collect();
    for (_, state) in program.states() {
        let Some(effect) = effect(state) else { continue };
        let retry: Vec<&[ErrorPattern]> = effect.retry.iter().map(|retrier| retrier.errors.as_slice()).collect();
        let catch: Vec<&[ErrorPattern]> = effect.catch.iter().map(|catcher| catcher.errors.as_slice()).collect();
        never_matching(context, state, "Retry", &retry, &own);
        never_matching(context, state, "Catch", &catch, &own);
        for (index, retrier) in effect.retry.iter().enumerate().filter(|(_, retrier)| retrier.max_attempts > 0) {
            for (at, pattern) in retrier.errors.iter().enumerate() {
                let name = pattern.name();
                let last = name.rsplit('.').next().unwrap_or(name);
                if PERMANENT.iter().any(|permanent| *permanent == name || *permanent == last) {
                    let pointer = format!("{}/Retry/{index}/ErrorEquals/{at}", state.pointer);
                    let message = format!("`{name}` comes again however often this is tried");
                    context.warn(code::PERMANENT_ERROR_RETRIED, &pointer, message, "catch it instead");
                }
            }
        }
    }
    for (id, _) in program.machines() {
        missing_catch(context, id);
    }
}

fn never_matching(
    context: &mut Context<'_>,
    state: &State,
    list: &str,
    entries: &[&[ErrorPattern]],
    own: &HashSet<&str>,
) {
    for (index, entry) in entries.iter().enumerate() {
        for (at, pattern) in entry.iter().enumerate().filter(|(_, pattern)| !own.contains(pattern.name())) {
            let before = entries.get(..index).unwrap_or(&[]);
            let twice = entry.get(..at).unwrap_or(&[]).contains(pattern);
            let Some((why, help)) = reason(state, pattern, before, twice, list) else { continue };
            let pointer = format!("{}/{list}/{index}/ErrorEquals/{at}", state.pointer);
            let message = format!("`{}` never matches here: {why}", pattern.name());
            context.warn(code::NEVER_MATCHES, &pointer, message, help);
        }
    }
}

/// Why an entry of `ErrorEquals` never matches, and what to do.
fn reason(
    state: &State,
    pattern: &ErrorPattern,
    before: &[&[ErrorPattern]],
    twice: bool,
    list: &str,
) -> Option<(String, String)> {
    let remove = || "remove it".to_owned();
    let name = pattern.name();
    if twice {
        return Some(("it is named twice".to_owned(), remove()));
    }
    if name == "States.Runtime" {
        return Some(("such errors are neither retried nor caught".to_owned(), remove()));
    }
    if let Some((_, why)) = NOT_RAISED.iter().find(|(other, _)| *other == name) {
        return Some(((*why).to_owned(), remove()));
    }
    for (index, entry) in before.iter().enumerate() {
        if entry.contains(pattern) {
            return Some((format!("{list}[{index}] takes it already"), remove()));
        }
        let specific = matches!(pattern, ErrorPattern::Name(_));
        if specific && entry.contains(&ErrorPattern::TaskFailed) {
            let help = format!("move it before {list}[{index}]");
            return Some((format!("`States.TaskFailed` in {list}[{index}] takes every error but timeouts"), help));
        }
    }
    if let Some(meant) = slip(name) {
        return Some(("there is no such error".to_owned(), format!("did you mean `{meant}`?")));
    }
    if name.starts_with("States.") && !RAISED.contains(&name) && !name.starts_with("States.Http.StatusCode.") {
        return Some(("there is no such error, and no other may begin with `States.`".to_owned(), remove()));
    }
    let StateKind::Task(task) = &state.kind else { return None };
    match name {
        "States.ExceedToleratedFailureThreshold" | "States.ItemReaderFailed" | "States.ResultWriterFailed" => {
            return Some(("only a distributed Map fails with it".to_owned(), remove()));
        }
        "States.HeartbeatTimeout" if task.heartbeat.is_none() => {
            return Some((
                "the task has no HeartbeatSeconds".to_owned(),
                "add HeartbeatSeconds, or remove it".to_owned(),
            ));
        }
        _ => {}
    }
    let integration = task.integration.as_ref()?;
    foreign(integration, name)
}

/// The reserved name that another one is a slip of.
fn slip(name: &str) -> Option<&'static str> {
    if RAISED.contains(&name) {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    if matches!(lower.as_str(), "all" | "*" | "states.*") {
        return Some("States.ALL");
    }
    (lower.starts_with("states.") || lower.starts_with("state."))
        .then(|| did_you_mean(name, RAISED.into_iter()))
        .flatten()
        .and_then(|meant| RAISED.into_iter().find(|raised| *raised == meant))
}

/// Whether an error has the name of another service than the one that is called. Functions, workers and whoever sends
/// a token back may name their errors as they like.
fn foreign(integration: &Integration, name: &str) -> Option<(String, String)> {
    let own = match integration {
        Integration::Optimized { service: "lambda", .. } | Integration::Lambda(_) | Integration::Activity { .. } => {
            return None;
        }
        _ if integration.pattern() == Pattern::WaitForTaskToken => return None,
        _ => integration.error_prefix()?,
    };
    let (prefix, _) = name.split_once('.')?;
    if prefix == "States" || prefix.eq_ignore_ascii_case(own) {
        return None;
    }
    let known = Service::all().any(|service| service.error_prefix() == prefix);
    known.then(|| (format!("this task calls {own}"), format!("its errors begin with `{own}.`")))
}

/// A Task without Catch beside others that all have one.
fn missing_catch(context: &mut Context<'_>, machine: MachineId) {
    let program = context.program;
    let catches_all = |state: &State| {
        effect(state).is_some_and(|effect| {
            let patterns = effect.catch.iter().flat_map(|catcher| &catcher.errors);
            patterns.into_iter().any(|p| matches!(p, ErrorPattern::All | ErrorPattern::TaskFailed))
        })
    };
    // An error goes outwards to the first state that catches it.
    let mut owner = program.machine(machine).owner;
    while let Some(id) = owner {
        let state = program.state(id);
        if catches_all(state) {
            return;
        }
        owner = program.machine(state.machine).owner;
    }
    let normal = without_catches(context, machine);
    let tasks: Vec<&State> = program
        .machine(machine)
        .states
        .iter()
        .filter(|id| normal.contains(id))
        .map(|id| program.state(*id))
        .filter(|state| matches!(state.kind, StateKind::Task(_)))
        .collect();
    let bare = |state: &State| effect(state).is_some_and(|effect| effect.catch.is_empty());
    let missing: Vec<&State> = tasks.iter().copied().filter(|state| bare(state)).collect();
    let caught = tasks.iter().filter(|state| catches_all(state)).count();
    // One or two forgotten among many: fewer say nothing about what the author wants.
    if missing.is_empty() || caught < 2 || missing.len() * 2 > caught {
        return;
    }
    for state in missing {
        let message = format!("nothing catches the errors of `{}`, as the other tasks around it do", state.name);
        let help = "add a Catch, or silence this if the execution is to fail here";
        context.warn_state(code::MISSING_CATCH, state, message, help);
    }
}

/// The states that a way without errors leads to.
fn without_catches(context: &Context<'_>, machine: MachineId) -> HashSet<StateId> {
    let mut found = HashSet::new();
    let mut work = vec![context.program.machine(machine).start];
    while let Some(id) = work.pop() {
        if found.insert(id) {
            let next = successors(context.program.state(id));
            work.extend(next.into_iter().filter(|(_, way)| *way == Way::Normal).map(|(next, _)| next));
        }
    }
    found
}
