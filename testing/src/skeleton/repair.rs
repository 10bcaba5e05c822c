//! What has to be made up differently, as an execution shows.

use super::choose::{Nothing, Way, decide, settle, tokens};
use super::expressions;
use super::goals::Goals;
use super::world::{Source, World, walk};
use aslx_asl::program::{Flow, PathUse, Pick, Program, State, StateKind};
use aslx_asl::{Scope, Value};
use aslx_engine::history::EventKind;
use aslx_engine::runtime::Finished;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// Remembers what has been tried.
#[derive(Default)]
pub(super) struct Repairs {
    /// How many other values a state's path has been given.
    variants: BTreeMap<(String, Vec<String>), usize>,
}

impl Repairs {
    /// Changes one thing; `false` if there is nothing to change, or nobody knows what.
    pub(super) fn repair(&mut self, program: &Program, finished: &Finished, goals: &Goals, world: &mut World) -> bool {
        let visits = visits(finished);
        // Later visits are answered as if all went well.
        let is_first = |index: usize, state: &str| !visits.iter().take(index).any(|(before, _)| before == state);
        let mut firsts = visits.iter().enumerate().filter(|(index, (state, _))| is_first(*index, state));
        firsts.any(|(_, (state, input))| steer(program, state, input, goals, world))
            || self.mend(program, finished, &visits, world)
    }

    /// A state failed because something is missing in its input, or has another type.
    fn mend(&mut self, program: &Program, finished: &Finished, visits: &[(String, Json)], world: &mut World) -> bool {
        let Some(name) = failed_state(finished, visits) else { return false };
        let Some((id, state)) = program.state_named(&name) else { return false };
        let Some((_, raw)) = visits.iter().rev().find(|(visited, _)| *visited == name) else { return false };
        if state.flow.as_paths().is_none() {
            return mend_expressions(program, state, raw, world);
        }
        let mut candidates: Vec<(Option<Source>, Json, Vec<String>, &PathUse)> = Vec::new();
        let input = effective(&state.flow, raw);
        for used in program.paths().iter().filter(|used| used.state == id) {
            let Some(path) = tokens(&used.path) else { continue };
            let field = used.field(&state.pointer);
            let (source, seen) = match field.split('/').next().unwrap_or_default() {
                "InputPath" => (None, raw.clone()),
                "Choices" => continue,
                "ResultSelector" if matches!(state.kind, StateKind::Task(_)) => {
                    let source = Source::Result(name.clone());
                    let result = world.of(&source);
                    (Some(source), result)
                }
                _ => (None, input.clone()),
            };
            candidates.push((source, seen, path, used));
        }
        for (source, seen, path, used) in &candidates {
            let value = || first_value(used, used.field(&state.pointer));
            if walk(seen, path).is_none() && put(world, source.as_ref(), seen, path, value()) {
                return true;
            }
        }
        // All is there: something has the wrong type, most likely for an intrinsic function.
        let is_computed = |used: &PathUse| {
            let field = program.document().root().pointer(&used.pointer).and_then(|node| node.as_str());
            field.is_some_and(|text| text.starts_with("States."))
        };
        if candidates.iter().any(|(.., used)| is_computed(used)) {
            candidates.retain(|(.., used)| is_computed(used));
        }
        candidates.iter().any(|(source, seen, path, _)| {
            let tries = self.variants.entry((name.clone(), path.clone())).or_default();
            let other = variants().into_iter().nth(*tries);
            *tries += 1;
            other.is_some_and(|other| put(world, source.as_ref(), seen, path, other))
        })
    }
}

/// What an expression may have missed.
fn mend_expressions(program: &Program, state: &State, raw: &Json, world: &mut World) -> bool {
    let mut texts = Vec::new();
    if let Some(node) = program.document().root().pointer(&state.pointer) {
        expressions::of_state(node, &mut texts);
    }
    texts.iter().any(|text| {
        let missing = |path: &Vec<String>| walk(raw, path).is_none();
        let missing: Vec<_> = expressions::reads(text, "$states.input").into_iter().filter(missing).collect();
        let is_put = missing.iter().any(|path| put(world, None, raw, path, None));
        is_put || {
            let source = Source::Result(state.name.to_string());
            let result = world.of(&source);
            let missing = expressions::reads(text, "$states.result");
            let mut missing = missing.into_iter().filter(|path| walk(&result, path).is_none());
            missing.any(|path| put(world, Some(&source), &result, &path, None))
        }
    })
}

fn put(world: &mut World, source: Option<&Source>, seen: &Json, path: &[String], value: Option<Json>) -> bool {
    let value = value.unwrap_or_else(|| world.text());
    match source {
        Some(source) => world.put_at(source, path, Some(value)),
        None => world.put(seen, path, Some(value)),
    }
}

/// Makes a Choice go its way.
fn steer(program: &Program, state: &str, raw: &Json, goals: &Goals, world: &mut World) -> bool {
    let Some((id, state)) = program.state_named(state) else { return false };
    let StateKind::Choice(choice) = &state.kind else { return false };
    let Some((wanted, is_aim)) = goals.ways.get(&id).copied() else { return false };
    let input = effective(&state.flow, raw);
    let decided = decide(choice, &input);
    if decided == Some(wanted) {
        return false;
    }
    let changes = match settle(program, state, choice, &input, wanted) {
        Some(changes) => changes,
        // Any other way will do, if the case is not about this one.
        None if is_aim || decided.is_some() => return false,
        None => {
            let rules = (0..choice.rules.len()).map(Way::Rule);
            let ways = rules.chain(choice.default.map(|_| Way::Default));
            ways.filter_map(|way| settle(program, state, choice, &input, way)).next().unwrap_or_default()
        }
    };
    let mut changed = false;
    for (path, value) in changes {
        changed |= world.put(&input, &path, value);
    }
    changed
}

/// The states that were entered, with their inputs.
fn visits(finished: &Finished) -> Vec<(String, Json)> {
    let visit = |kind: &EventKind| match kind {
        EventKind::StateEntered { name, input, .. } => {
            let input = serde_json::from_str(&input.value().to_json()).ok()?;
            Some((name.to_string(), input))
        }
        _ => None,
    };
    finished.history.iter().filter_map(|event| visit(&event.kind)).collect()
}

/// Whether an execution failed because an expression did.
pub(super) fn failed_to_evaluate(finished: &Finished) -> bool {
    matches!(
        finished.outcome.error.as_deref(),
        Some(
            "States.QueryEvaluationError"
                | "States.Runtime"
                | "States.ParameterPathFailure"
                | "States.ResultPathMatchFailure"
                | "States.IntrinsicFailure"
        )
    )
}

/// The state whose expressions failed, if that is why the execution ended.
fn failed_state(finished: &Finished, visits: &[(String, Json)]) -> Option<String> {
    if !failed_to_evaluate(finished) {
        return None;
    }
    let cause = finished.outcome.cause.as_deref().unwrap_or_default();
    let named =
        cause.split_once("executing the state '").and_then(|(_, rest)| Some(rest.split_once('\'')?.0.to_owned()));
    named.or_else(|| visits.last().map(|(state, _)| state.clone()))
}

/// The input after InputPath.
fn effective(flow: &Flow, raw: &Json) -> Json {
    match flow.as_paths().map(|flow| &flow.input_path) {
        Some(Pick::Path(path)) => {
            let input = Value::parse(&raw.to_string()).unwrap_or_default();
            let found = path.evaluate(&Scope { input: &input, env: &Nothing });
            found.ok().and_then(|found| serde_json::from_str(&found.to_json()).ok()).unwrap_or(Json::Null)
        }
        _ => raw.clone(),
    }
}

/// What a field most likely wants; `None` is any text.
fn first_value(used: &PathUse, field: &str) -> Option<Json> {
    let name = field.rsplit('/').next().unwrap_or(field);
    match name {
        "ItemsPath" => Some(json!([{ "_": format!("made-up {}", used.pointer) }])),
        "TimestampPath" => Some(json!("2025-01-01T00:00:00Z")),
        name if name.ends_with("SecondsPath") || name.ends_with("CountPath") || name.starts_with("Max") => {
            Some(json!(1))
        }
        _ => None,
    }
}

/// Values of other types, in the order in which they are tried.
fn variants() -> [Option<Json>; 6] {
    [
        Some(json!("made-up/up/text")),
        Some(json!(1)),
        Some(json!(["made-up"])),
        Some(json!("{}")),
        Some(json!({ "made-up": "made-up" })),
        Some(json!([1, 2])),
    ]
}
