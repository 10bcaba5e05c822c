//! Inline Map: a machine for every item, some at a time.

use super::branch::{BranchId, Item, Phase, Visit};
use super::environment::Surroundings;
use super::fields::{at, integer};
use super::inspect::Stage;
use super::step::Moved;
use super::{Interpreter, Step};
use crate::data::Data;
use crate::history::EventKind;
use aslx_asl::jsonata::JsonataTemplate;
use aslx_asl::program::{Items, Map, StateKind, View};
use aslx_asl::{Failure, Value};
use std::collections::BTreeMap;

/// Iterations that an inline Map runs at one time, whatever its MaxConcurrency says (developer guide, "Quotas").
const INLINE_CONCURRENCY: usize = 40;

/// The iterations of a Map while they run.
#[derive(Debug)]
pub(super) struct MapRun {
    items: Vec<Value>,
    inputs: Vec<Data>,
    /// Number of the first iteration that has not been started.
    next: usize,
    limit: usize,
    running: BTreeMap<usize, BranchId>,
    results: Vec<Option<Value>>,
    open: usize,
}

impl MapRun {
    /// How many iterations there are in all.
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// The iterations that have been started and not ended, with their indexes.
    pub(super) fn children(&self) -> Vec<(usize, BranchId)> {
        self.running.iter().map(|(index, id)| (*index, *id)).collect()
    }
}

impl Interpreter {
    /// Reads the items and starts the first iterations.
    pub(super) fn start_map(&mut self, id: BranchId, visit: Box<Visit>, map: &Map, step: &mut Step) -> Moved {
        if let Some(distributed) = &map.distributed {
            return self.start_run(id, visit, map, distributed, step);
        }
        let (limit, items) = match self.map_items(id, &visit, map) {
            Ok(found) => found,
            Err(failure) => return self.fail_evaluation(id, visit, failure, step),
        };
        let started = self.follow(id, EventKind::MapStateStarted { length: items.len() as u64 }, step);
        let inputs = match self.select_items(id, &visit, map, &items) {
            Ok(inputs) => inputs,
            Err(failure) => return self.fail_evaluation(id, visit, failure, step),
        };
        let open = items.len();
        if open == 0 {
            self.set_phase(id, Phase::Joined(visit, Value::array(Vec::new())));
            return Moved::On;
        }
        let results = vec![None; open];
        let mut run = MapRun { items, inputs, next: 0, limit, running: BTreeMap::new(), results, open };
        while run.next < open && run.running.len() < limit {
            self.start_iteration(id, &visit, &mut run, started, step);
        }
        self.set_phase(id, Phase::InMap(visit, run));
        Moved::Stopped
    }

    fn map_items(&self, id: BranchId, visit: &Visit, map: &Map) -> Result<(usize, Vec<Value>), Failure> {
        let env = self.surroundings(id, visit);
        let view = env.view(visit.input.value());
        let limit = concurrency(map, &view, INLINE_CONCURRENCY)?;
        Ok((limit, items(map, &view, &env)?))
    }

    /// The input of every iteration. In a selector `$` is the Map's effective input, not the item.
    fn select_items(&self, id: BranchId, visit: &Visit, map: &Map, items: &[Value]) -> Result<Vec<Data>, Failure> {
        let Some(selector) = &map.item_selector else {
            return Ok(items.iter().cloned().map(Data::from).collect());
        };
        let select = |(index, item)| {
            let env = self.surroundings(id, visit).with_item(index, item);
            selector.evaluate("ItemSelector", &env.view(visit.input.value())).map(Data::from)
        };
        let inputs: Vec<Data> = items.iter().enumerate().map(select).collect::<Result<_, _>>()?;
        let env = self.surroundings(id, visit);
        env.note(Stage::AfterItemSelector, || Value::array(inputs.iter().map(|i| i.value().clone()).collect()).into());
        Ok(inputs)
    }

    fn start_iteration(&mut self, id: BranchId, visit: &Visit, run: &mut MapRun, previous: u64, step: &mut Step) {
        let index = run.next;
        let state = self.program.state(visit.state);
        let StateKind::Map(map) = &state.kind else { return };
        let start = self.program.machine(map.processor).start;
        let (Some(value), Some(input)) = (run.items.get(index), run.inputs.get_mut(index)) else { return };
        run.next += 1;
        let item = Item { index, value: value.clone() };
        let input = std::mem::take(input);
        let event = EventKind::MapIterationStarted { name: state.name.clone(), index: index as u64 };
        let started = self.emit(previous, event, step);
        let child = self.branches.insert(Some((id, index)), started, Some(item), start, input);
        run.running.insert(index, child);
        self.ready.push_back(child);
    }

    /// An iteration has come to its end: its place goes to the next one.
    #[expect(clippy::too_many_arguments, reason = "the parts of one child's end, taken apart by the caller")]
    pub(super) fn iteration_done(
        &mut self,
        id: BranchId,
        visit: Box<Visit>,
        mut run: MapRun,
        index: usize,
        output: Data,
        last: u64,
        step: &mut Step,
    ) {
        let name = self.program.state(visit.state).name.clone();
        let succeeded = self.emit(last, EventKind::MapIterationSucceeded { name, index: index as u64 }, step);
        run.running.remove(&index);
        if let Some(slot) = run.results.get_mut(index)
            && slot.replace(output.value().clone()).is_none()
        {
            run.open -= 1;
        }
        if run.open == 0 {
            let results = Value::array(run.results.into_iter().map(Option::unwrap_or_default).collect());
            self.set_last(id, succeeded);
            self.set_phase(id, Phase::Joined(visit, results));
            self.ready.push_back(id);
            return;
        }
        if run.next < run.items.len() && run.running.len() < run.limit {
            // It follows the last event of the iteration that made room, not that iteration's success (recorded).
            self.start_iteration(id, &visit, &mut run, last, step);
        }
        self.set_phase(id, Phase::InMap(visit, run));
    }
}

/// How many run at one time: the author's limit, at most the service's.
pub(super) fn concurrency(map: &Map, view: &View<'_>, most: usize) -> Result<usize, Failure> {
    let limit = match &map.max_concurrency {
        Some(field) => integer(field, "MaxConcurrency", view)?,
        None => 0,
    };
    Ok(match usize::try_from(limit).unwrap_or(usize::MAX) {
        0 => most,
        limit => limit.min(most),
    })
}

/// The items in the state's input, or those of `Items`.
pub(super) fn items(map: &Map, view: &View<'_>, env: &Surroundings<'_>) -> Result<Vec<Value>, Failure> {
    let (items, refused): (Value, &dyn Fn(&Value) -> Failure) = match &map.items {
        Items::Path(path) => (at(path, view.scope())?, &|_| {
            // A path into the context object is shown as a path in it (recorded).
            let shown = path.source().strip_prefix('$').filter(|inner| inner.starts_with('$'));
            let cause = format!("Reference path \"{}\" must point to array.", shown.unwrap_or(path.source()));
            Failure::runtime(cause).bare()
        }),
        Items::Input => (view.scope().input.clone(), &not_an_array),
        Items::Template(template) => (template.evaluate("Items", view.session())?, &|items| match template {
            JsonataTemplate::Expression(expression) => expression.unexpected_type("Items", "array", items),
            _ => not_an_array(items),
        }),
    };
    let found = items.as_array().map(<[Value]>::to_vec).ok_or_else(|| refused(&items))?;
    env.note(Stage::AfterItemsPath, || items.clone().into());
    Ok(found)
}

fn not_an_array(items: &Value) -> Failure {
    let cause = format!("Map state input must be an array but was: {}", items.to_json());
    Failure::named("States.QueryEvaluationError", cause)
}
