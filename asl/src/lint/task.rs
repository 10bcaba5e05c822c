//! Calls: their parameters, tokens and heartbeats.

use super::context::Context;
use crate::catalogue::{Integration, Pattern};
use crate::compile::{ParameterFault, kind_in_words, parameter_faults};
use crate::diagnostic::{Diagnostic, code, pointer_to};
use crate::jsonata::Member;
use crate::path::Root;
use crate::program::{QueryLanguage, State, StateId, StateKind, Task};
use crate::syntax::{Node, NodeKind, Span, has_placeholder};
use std::collections::HashSet;

pub(super) fn lint(context: &mut Context<'_>) {
    let program = context.program;
    let tokens = program.paths().iter().filter(|path| {
        *path.path.root() == Root::Context && path.path.first_step_name().is_none_or(|name| name == "Task")
    });
    let handing_on = tokens
        .filter(|path| path.field(&program.state(path.state).pointer).starts_with("Parameters"))
        .map(|path| path.state);
    // An expression that reads the context object may hand on the token.
    let expressions = program.expressions().iter().filter(|expression| {
        let field = expression.pointer.strip_prefix(&*program.state(expression.state).pointer).unwrap_or("");
        field.starts_with("/Arguments")
            && (expression.reads.whole_states || expression.reads.members.contains(&Member::Context))
    });
    let handing_on: HashSet<StateId> = handing_on.chain(expressions.map(|expression| expression.state)).collect();
    for (id, state) in context.program.states() {
        let StateKind::Task(task) = &state.kind else { continue };
        let Some(integration) = &task.integration else { continue };
        let pointer = parameters_of(state);
        if let Some(node) = context.node(&pointer) {
            parameters(context, integration, node, &pointer, state.flow.language());
        }
        token(context, handing_on.contains(&id), state, integration);
        heartbeat(context, state, task, integration);
    }
}

/// The pointer of a call's parameters.
fn parameters_of(state: &State) -> String {
    let name = match state.flow.language() {
        QueryLanguage::JsonPath => "Parameters",
        QueryLanguage::Jsonata => "Arguments",
    };
    pointer_to(&state.pointer, name)
}

/// The parameters of AWS's own integrations. (Those of calls through the SDK are checked when compiling.)
fn parameters(
    context: &mut Context<'_>,
    integration: &Integration,
    node: &Node,
    pointer: &str,
    language: QueryLanguage,
) {
    let NodeKind::Object(members) = &node.kind else { return };
    if matches!(integration, Integration::AwsSdk { .. }) {
        return;
    }
    let Some(known) = integration.parameters() else { return };
    let call = format!("{}:{}", integration.resource_type(), integration.resource());
    for fault in parameter_faults(known, members) {
        context.found.push(match fault {
            ParameterFault::Missing(name) => {
                let span = Span { start: node.span.start, end: node.span.start + 1 };
                let message = format!("`{name}` is missing here: `{call}` needs it");
                let help = match language {
                    QueryLanguage::JsonPath => format!("add \"{name}\" or \"{name}.$\""),
                    QueryLanguage::Jsonata => format!("add \"{name}\""),
                };
                Diagnostic::warning(code::PARAMETER_MISSING, pointer, span, message).help(help)
            }
            ParameterFault::Unknown { member, meant } => {
                let name = member.name.strip_suffix(".$").unwrap_or(&member.name);
                let message = format!("`{call}` has no parameter `{name}`");
                let place = pointer_to(pointer, &member.name);
                let help = meant.map_or("remove it".to_owned(), |meant| format!("did you mean `{meant}`?"));
                Diagnostic::warning(code::PARAMETER_UNKNOWN, &place, member.name_span, message).help(help)
            }
            ParameterFault::WrongType { member, kind } => {
                let found = member.value.type_name();
                let message = format!("`{}` is {}, found `{found}`", member.name, kind_in_words(kind));
                let place = pointer_to(pointer, &member.name);
                Diagnostic::warning(code::PARAMETER_TYPE, &place, member.value.span, message)
                    .help("the call fails with what stands here")
            }
        });
    }
}

/// A callback that nobody can make, as the token is not handed on.
fn token(context: &mut Context<'_>, handed_on: bool, state: &State, integration: &Integration) {
    if integration.pattern() != Pattern::WaitForTaskToken {
        return;
    }
    let unresolved = context.node(&parameters_of(state)).is_some_and(holds_placeholder);
    if handed_on || unresolved {
        return;
    }
    let message = format!("`{}` waits for its token, but hands it to nobody", state.name);
    let help = match state.flow.language() {
        QueryLanguage::JsonPath => "add a parameter with \"….$\": \"$$.Task.Token\"",
        QueryLanguage::Jsonata => "add an argument with \"{% $states.context.Task.Token %}\"",
    };
    let pointer = format!("{}/Resource", state.pointer);
    context.warn(code::TASK_TOKEN_UNUSED, &pointer, message, help);
}

/// Whether a computed value is still to come.
fn holds_placeholder(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Array(items) => items.iter().any(holds_placeholder),
        NodeKind::Object(members) => members.iter().any(|member| {
            let text = member.value.as_str().filter(|text| member.name.ends_with(".$") || text.starts_with("{%"));
            text.is_some_and(|text| has_placeholder(text)) || holds_placeholder(&member.value)
        }),
        _ => false,
    }
}

fn heartbeat(context: &mut Context<'_>, state: &State, task: &Task, integration: &Integration) {
    let beats =
        matches!(integration, Integration::Activity { .. }) || integration.pattern() == Pattern::WaitForTaskToken;
    if task.heartbeat.is_none() || beats {
        return;
    }
    for name in ["HeartbeatSeconds", "HeartbeatSecondsPath"] {
        if let Some(span) = context.name_span(&state.pointer, name) {
            let pointer = pointer_to(&state.pointer, name);
            context.found.push(
                Diagnostic::warning(code::HEARTBEAT_IGNORED, &pointer, span, format!("`{name}` does nothing here"))
                    .help("only activities and .waitForTaskToken send heartbeats: use TimeoutSeconds"),
            );
        }
    }
}
