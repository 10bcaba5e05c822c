//! Paths into what is not there any more: a result has taken the place of the whole input, or has other members.
//!
//! What is known of the input of each state is worked out along all ways. A path is reported only where it finds
//! nothing on every way that leads to it.

use super::context::{Context, Way, effect, inner, successors};
use super::shape::Shape;
use crate::catalogue::{Integration, Pattern};
use crate::diagnostic::{Diagnostic, code};
use crate::path::{Path, Root};
use crate::program::{
    CatchFlow, Flow, JsonataExit, JsonataFlow, PathUse, Payload, Pick, Program, ResultPath, State, StateId, StateKind,
    Template,
};
use std::collections::{HashSet, VecDeque};

/// A state whose input is still changing after so many visits is given up.
const MAX_VISITS: usize = 6;

/// After so many visits in all, nothing is known of anything: definitions that people write need far fewer.
const MAX_WORK: usize = 30_000;

/// What is known of the input of a state.
#[derive(Debug, Clone, PartialEq)]
struct Input {
    shape: Shape,
    /// The state whose result took the place of everything before, if it is one on all ways.
    replaced_by: Option<StateId>,
}

/// The value at each stage of a state.
struct Stages {
    raw: Shape,
    /// After InputPath.
    effective: Shape,
    /// What `ResultSelector` and `Assign` see.
    result: Shape,
    /// After ResultPath.
    merged: Shape,
    output: Input,
}

pub(super) fn lint(context: &mut Context<'_>) {
    let program = context.program;
    let inputs = inputs(program);
    let mut told: HashSet<(StateId, &str)> = HashSet::new();
    let mut latest: Option<(StateId, Stages, Vec<&Path>)> = None;
    for path in program.paths() {
        let state = program.state(path.state);
        let Some(Some(input)) = inputs.get(path.state.index()) else { continue };
        if *path.path.root() != Root::Input || !path.path.is_definite() {
            continue;
        }
        // The paths of a state follow each other: what is known of it is worked out once.
        if latest.as_ref().is_none_or(|(id, _, _)| *id != path.state) {
            latest = Some((path.state, stages(path.state, state, input), asked_for(state)));
        }
        let Some((_, stages, asked)) = &latest else { continue };
        let Some(searched) = searched(state, path, stages) else { continue };
        let source = path.path.source();
        if searched.at(&path.path).is_some()
            || asked.iter().any(|asked| source.starts_with(asked.source()))
            || !told.insert((path.state, source))
        {
            continue;
        }
        context.found.push(finding(program, path, state, searched, input));
    }
}

fn finding(program: &Program, path: &PathUse, state: &State, searched: &Shape, input: &Input) -> Diagnostic {
    let source = path.path.source();
    let field = path.field(&state.pointer);
    let own = field.starts_with("ResultSelector") || field.starts_with("Assign") || field == "OutputPath";
    let list = *searched == Shape::List;
    let culprit = input.replaced_by.filter(|id| !own && *id != path.state).map(|id| program.state(id));
    let diagnostic =
        Diagnostic::warning(code::LOST_INPUT, &path.pointer, path.span, format!("`{source}` may be missing here"));
    let Some(culprit) = culprit else {
        let help = if list {
            format!("the value that `{source}` is looked for in is a list: begin with `$[0]` or the like")
        } else {
            format!("what `{source}` is looked for in has no such member")
        };
        return diagnostic.help(help);
    };
    let first = path.path.first_step_name().unwrap_or("result");
    let label = match &culprit.kind {
        StateKind::Parallel(_) | StateKind::Map(_) => "its result, a list, replaces the whole state input",
        _ => "its result replaces the whole state input",
    };
    let by_paths = culprit.flow.as_paths().filter(|_| effect(culprit).is_some());
    let no_path = by_paths.is_none_or(|flow| matches!(flow.result_path, ResultPath::Replace));
    let label = if no_path { format!("{label} (no ResultPath)") } else { label.to_owned() };
    let place = match &culprit.kind {
        StateKind::Parallel(_) | StateKind::Map(_) => "$.results",
        _ => "$.result",
    };
    diagnostic
        .related(culprit.span, label)
        .help(format!("add \"ResultPath\": \"{place}\" to {}, or read `{first}` from its result", culprit.name))
}

/// The paths of which a Choice asks whether they are there: it reads them, and what they lead to, with open eyes.
fn asked_for(state: &State) -> Vec<&Path> {
    let StateKind::Choice(choice) = &state.kind else { return Vec::new() };
    let mut paths = Vec::new();
    choice.rules.iter().filter_map(|rule| rule.when.as_test()).for_each(|test| test.paths(&mut paths));
    paths.into_iter().filter(|(_, asked)| *asked).map(|(path, _)| path).collect()
}

/// The value that a path is evaluated on; nothing where that is not followed.
fn searched<'s>(state: &State, path: &PathUse, stages: &'s Stages) -> Option<&'s Shape> {
    let field = path.field(&state.pointer);
    Some(match field.split('/').next().unwrap_or("") {
        "InputPath" | "ErrorPath" | "CausePath" => &stages.raw,
        "OutputPath" => &stages.merged,
        "ResultSelector" | "Assign" => &stages.result,
        "Parameters" | "ItemSelector" | "ItemsPath" | "Choices" | "SecondsPath" | "TimestampPath" => &stages.effective,
        _ => return None,
    })
}

/// What is known of the input of every state; nothing for states that no way leads to.
fn inputs(program: &Program) -> Vec<Option<Input>> {
    let mut known: Vec<Option<Input>> = program.states().map(|_| None).collect();
    let mut visits = vec![0usize; known.len()];
    let mut work_done = 0;
    let anything = Input { shape: Shape::Unknown, replaced_by: None };
    let mut work = VecDeque::from([(program.root().start, anything.clone())]);
    while let Some((id, input)) = work.pop_front() {
        work_done += 1;
        if work_done > MAX_WORK {
            return Vec::new();
        }
        let (Some(slot), Some(visits)) = (known.get_mut(id.index()), visits.get_mut(id.index())) else { continue };
        *visits += 1;
        let merged = match slot.take() {
            None => input,
            Some(before) => {
                let replaced_by = before.replaced_by.filter(|_| before.replaced_by == input.replaced_by);
                let shape = before.shape.clone().or(input.shape);
                let shape = if *visits > MAX_VISITS { Shape::Unknown } else { shape };
                let merged = Input { shape, replaced_by };
                if merged == before {
                    *slot = Some(before);
                    continue;
                }
                merged
            }
        };
        *slot = Some(merged.clone());
        let state = program.state(id);
        let stages = stages(id, state, &merged);
        for (next, way) in successors(state) {
            let output = match way {
                Way::Normal => stages.output.clone(),
                Way::Caught(index) => caught(id, state, index, &merged),
            };
            work.push_back((next, output));
        }
        for machine in inner(state) {
            work.push_back((program.machine(*machine).start, inner_input(id, state, &stages, &merged)));
        }
    }
    known
}

fn stages(id: StateId, state: &State, input: &Input) -> Stages {
    let raw = input.shape.clone();
    let flow = match &state.flow {
        Flow::Paths(flow) => flow,
        Flow::Jsonata(flow) => return jsonata_stages(id, state, flow, input),
    };
    let effective = pick(&flow.input_path, &raw);
    let templated = |template: Option<&Template>| match template {
        Some(template) => Shape::of_template(template, &effective),
        None => effective.clone(),
    };
    let result = match (&state.kind, &flow.result) {
        (StateKind::Pass(_), Some(value)) => Shape::of(value),
        (StateKind::Pass(_), None) => templated(flow.parameters.as_ref()),
        _ => result(state).unwrap_or_else(|| effective.clone()),
    };
    let selected = match &flow.result_selector {
        Some(template) => Shape::of_template(template, &result),
        None => result.clone(),
    };
    let works = result_is_new(state);
    let (merged, replaced_by) = match &flow.result_path {
        ResultPath::Replace if works => (selected, Some(id)),
        ResultPath::Replace => (selected, input.replaced_by),
        ResultPath::Discard => (raw.clone(), input.replaced_by),
        ResultPath::At(path) => (raw.with(path.as_path().steps(), selected), input.replaced_by),
    };
    let output = pick(&flow.output_path, &merged);
    let replaced_by = if matches!(flow.output_path, Pick::All) { replaced_by } else { Some(id) };
    Stages { raw, effective, result, merged, output: Input { shape: output, replaced_by } }
}

/// Of expressions nothing is known; without `Output`, what a state in JSONata hands on is its result or its input.
fn jsonata_stages(id: StateId, state: &State, flow: &JsonataFlow, input: &Input) -> Stages {
    let raw = input.shape.clone();
    let result = result(state).unwrap_or_else(|| raw.clone());
    let output = match (&flow.exit.output, effect(state)) {
        (Some(_), _) => Input { shape: Shape::Unknown, replaced_by: None },
        (None, Some(_)) => Input { shape: result.clone(), replaced_by: Some(id) },
        (None, None) => input.clone(),
    };
    Stages { effective: raw.clone(), raw, result, merged: output.shape.clone(), output }
}

/// What the work of a Task, Parallel or Map gives; nothing for other states.
fn result(state: &State) -> Option<Shape> {
    match &state.kind {
        StateKind::Task(task) => Some(task.integration.as_ref().map_or(Shape::Unknown, answer)),
        StateKind::Parallel(_) => Some(Shape::List),
        StateKind::Map(map) => {
            // What a distributed Map has written elsewhere is not in its result.
            let written = map.distributed.as_ref().is_some_and(|distributed| distributed.writer.is_some());
            Some(if written { Shape::Unknown } else { Shape::List })
        }
        _ => None,
    }
}

/// Whether what a state hands on is other than its input, unless it says so.
fn result_is_new(state: &State) -> bool {
    matches!(state.kind, StateKind::Pass(_)) || effect(state).is_some()
}

fn pick(pick: &Pick, from: &Shape) -> Shape {
    match pick {
        Pick::All => from.clone(),
        Pick::Nothing => Shape::object([]),
        Pick::Path(path) if path.is_definite() => from.at(path).unwrap_or(Shape::Unknown),
        Pick::Path(path) if *path.root() == Root::Input => Shape::List,
        Pick::Path(_) => Shape::Unknown,
    }
}

/// What a call gives.
fn answer(integration: &Integration) -> Shape {
    match integration {
        Integration::Lambda(_) | Integration::Activity { .. } => Shape::Unknown,
        _ if integration.pattern() == Pattern::WaitForTaskToken => Shape::Unknown,
        _ => Shape::answer(),
    }
}

/// What the state sees that a catcher leads to.
fn caught(id: StateId, state: &State, index: usize, input: &Input) -> Input {
    let error = Shape::object([("Error", Shape::Plain), ("Cause", Shape::Plain)]);
    match effect(state).and_then(|effect| effect.catch.get(index)).map(|catcher| &catcher.flow) {
        Some(CatchFlow::Paths { result_path: ResultPath::At(path), .. }) => {
            let shape = input.shape.with(path.as_path().steps(), error);
            Input { shape, replaced_by: input.replaced_by }
        }
        Some(CatchFlow::Paths { result_path: ResultPath::Discard, .. }) => input.clone(),
        Some(CatchFlow::Jsonata(JsonataExit { output: Some(_), .. })) => {
            Input { shape: Shape::Unknown, replaced_by: None }
        }
        _ => Input { shape: error, replaced_by: Some(id) },
    }
}

/// What the first state of a branch, or of an iteration, sees.
fn inner_input(id: StateId, state: &State, stages: &Stages, input: &Input) -> Input {
    let unknown = Input { shape: Shape::Unknown, replaced_by: None };
    let template = match (&state.kind, &state.flow) {
        (StateKind::Parallel(_), Flow::Paths(flow)) => flow.parameters.as_ref(),
        (StateKind::Parallel(_), Flow::Jsonata(flow)) if flow.arguments.is_some() => return unknown,
        (StateKind::Map(map), _) => match &map.item_selector {
            Some(Payload::Paths(template)) if map.distributed.is_none() => Some(template),
            _ => return unknown,
        },
        _ => None,
    };
    match template {
        Some(template) => Input { shape: Shape::of_template(template, &stages.effective), replaced_by: Some(id) },
        None => Input { shape: stages.effective.clone(), replaced_by: input.replaced_by },
    }
}
