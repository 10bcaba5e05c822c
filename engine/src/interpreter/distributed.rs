//! Distributed Map, from the side of the parent: a run is started, and has ended.

use super::action::Action;
use super::branch::{BranchId, Cut, Phase, Visit};
use super::failure::Fault;
use super::fields::{integer, not_negative, percentage};
use super::map::{concurrency, items};
use super::step::Moved;
use super::{Interpreter, OpenRun, Step};
use crate::history::{ErrorDetails, EventKind};
use crate::journal::{TaskId, TaskResult};
use crate::map_run::{BatchLimits, ItemSource, MAX_CONCURRENCY, MapRunRequest, ReadRequest, Snapshot, WriteRequest};
use aslx_asl::program::{Distributed, IntegerField, ItemReader, Map, Payload, View};
use aslx_asl::value::Members;
use aslx_asl::{Environment, Failure, MachineType, Value};

/// Items that a run has at the most; a larger MaxItems counts as this (recorded).
const RUN_ITEMS: u64 = 100_000_000;

impl Interpreter {
    /// Evaluates everything that the run needs, and asks for it.
    pub(super) fn start_run(
        &mut self,
        id: BranchId,
        visit: Box<Visit>,
        map: &Map,
        distributed: &Distributed,
        step: &mut Step,
    ) -> Moved {
        let given = {
            let env = self.surroundings(id, &visit);
            let view = env.view(visit.input.value());
            concurrency(map, &view, MAX_CONCURRENCY).and_then(|limit| {
                let items = if distributed.reader.is_some() { Vec::new() } else { items(map, &view, &env)? };
                Ok((limit, items))
            })
        };
        let (max_concurrency, items) = match given {
            Ok(given) => given,
            Err(failure) => return self.fail_evaluation(id, visit, failure, step),
        };
        self.follow(id, EventKind::MapStateStarted { length: items.len() as u64 }, step);
        let request = match self.run_request(id, &visit, map, distributed, items, max_concurrency) {
            Ok(request) => request,
            Err(failure) => return self.fail_evaluation(id, visit, failure, step),
        };
        let started = self.follow(id, EventKind::MapRunStarted { arn: request.arn.clone() }, step);
        let run = TaskId(self.next_task);
        self.next_task += 1;
        let request = Box::new(request);
        step.actions.push(Action::StartMapRun { run, request: request.clone(), redrives: 0 });
        self.runs.insert(run, OpenRun { branch: id, request, redrives: 0 });
        self.set_phase(id, Phase::InRun(visit, run, started));
        Moved::Stopped
    }

    fn run_request(
        &self,
        id: BranchId,
        visit: &Visit,
        map: &Map,
        distributed: &Distributed,
        items: Vec<Value>,
        max_concurrency: usize,
    ) -> Result<MapRunRequest, Failure> {
        let env = self.surroundings(id, visit);
        let view = env.view(visit.input.value());
        let (tolerated_count, tolerated_percentage) = tolerated(distributed, &view)?;
        let (source, max_items) = match &distributed.reader {
            None => (ItemSource::Items(items), None),
            Some(reader) => {
                let max_items = max_items(reader.config.max_items.as_ref(), &view)?;
                (ItemSource::Reader(read_request(reader, &view)?), max_items)
            }
        };
        let batch = match &distributed.batcher {
            None => None,
            Some(batcher) => Some(BatchLimits {
                max_items: optional(batcher.max_items.as_ref(), "ItemBatcher/MaxItemsPerBatch", &view)?,
                max_bytes: optional(batcher.max_bytes.as_ref(), "ItemBatcher/MaxInputBytesPerBatch", &view)?,
                input: batcher
                    .input
                    .as_ref()
                    .map(|input| input.evaluate("ItemBatcher/BatchInput", &view))
                    .transpose()?,
            }),
        };
        let write = match &distributed.writer {
            None => None,
            Some(writer) => {
                let parameters = |payload: &Option<Payload>| match payload {
                    Some(payload) => payload.evaluate("ResultWriter/Arguments", &view),
                    None => Ok(Value::empty_object()),
                };
                let destination = match &writer.destination {
                    Some((resource, payload)) => Some((resource.clone(), parameters(payload)?)),
                    None => None,
                };
                Some(WriteRequest { destination, transformation: writer.transformation, json_lines: writer.json_lines })
            }
        };
        let parent = match self.started() {
            Some(started) => started.names.clone(),
            None => return Err(Failure::runtime("The execution has not been started.")),
        };
        let label = match &distributed.label {
            Some(label) => label.to_string(),
            None => self.draws.uuid(),
        };
        let child_machine = format!("{}/{label}", parent.machine_name);
        let prefix = parent.machine_arn.split(":stateMachine:").next().unwrap_or_default();
        let seed = self.draws.seed();
        Ok(MapRunRequest {
            arn: format!("{prefix}:mapRun:{child_machine}:{}", self.draws.uuid()).into(),
            child_machine: child_machine.into(),
            parent,
            state: visit.state,
            processor: map.processor,
            child_type: if distributed.express { MachineType::Express } else { MachineType::Standard },
            source,
            max_items,
            snapshot: Snapshot {
                input: visit.input.value().clone(),
                context: env.context().clone(),
                variables: self.visible_variables(id),
                now: self.now(),
            },
            batch,
            max_concurrency,
            tolerated_count,
            tolerated_percentage,
            write,
            seed,
        })
    }

    /// All variables that a branch can see, inner ones before outer ones.
    fn visible_variables(&self, id: BranchId) -> Members {
        let mut visible = Members::default();
        let mut here = self.branches.get(id);
        while let Some(branch) = here {
            for (name, value) in &branch.variables {
                if !visible.contains_key(name) {
                    visible.insert(name.clone(), value.clone());
                }
            }
            here = branch.parent.and_then(|(parent, _)| self.branches.get(parent));
        }
        visible
    }

    /// The run has ended.
    pub(super) fn run_ended(&mut self, run: TaskId, result: &TaskResult, step: &mut Step) {
        let Some(open) = self.runs.remove(&run) else { return };
        let id = open.branch;
        let Some(branch) = self.branches.get_mut(id) else { return };
        let (visit, started) = match std::mem::replace(&mut branch.phase, Phase::Moving) {
            Phase::InRun(visit, _, started) => (visit, started),
            phase => {
                branch.phase = phase;
                return;
            }
        };
        match result {
            TaskResult::Succeeded(results) => {
                let succeeded = self.emit(started, EventKind::MapRunSucceeded, step);
                self.emit(succeeded, EventKind::MapStateSucceeded, step);
                // What the state leaves with follows the start of the run (recorded since November 2024).
                self.set_last(id, started);
                let moved = self.leave_with_result(id, visit, results.clone(), step);
                if let Moved::On = moved {
                    self.ready.push_back(id);
                }
            }
            TaskResult::Failed { error, cause, .. } => {
                let error = ErrorDetails { error: error.clone(), cause: cause.clone() };
                let failed = self.emit(started, EventKind::MapRunFailed(error.clone()), step);
                self.set_last(id, failed);
                if let Some(branch) = self.branches.get_mut(id) {
                    branch.cut = Some(Cut::Ended(run, open.request, open.redrives));
                }
                let fault = Fault { error, from_task: false, heartbeat: false };
                if let Moved::On = self.fail(id, visit, fault, step) {
                    self.ready.push_back(id);
                }
                self.forget_unless_cut(id, &[]);
            }
        }
    }
}

/// The tolerated count and percentage: without either, no failure is tolerated.
fn tolerated(distributed: &Distributed, view: &View<'_>) -> Result<(Option<u64>, Option<f64>), Failure> {
    let count = distributed
        .tolerated_failure_count
        .as_ref()
        .map(|field| not_negative(field, "ToleratedFailureCount", "ToleratedFailureCount cannot be negative.", view));
    let share = distributed.tolerated_failure_percentage.as_ref();
    let share = share.map(|field| percentage(field, "ToleratedFailurePercentage", view));
    Ok(match (count.transpose()?, share.transpose()?) {
        (None, None) => (Some(0), None),
        both => both,
    })
}

fn max_items(field: Option<&IntegerField>, view: &View<'_>) -> Result<Option<u64>, Failure> {
    let Some(field) = field else { return Ok(None) };
    let count = not_negative(field, "ItemReader/ReaderConfig/MaxItems", "field MaxItems must be positive", view)?;
    Ok((count > 0).then_some(count.min(RUN_ITEMS)))
}

fn read_request(reader: &ItemReader, view: &View<'_>) -> Result<ReadRequest, Failure> {
    let parameters = match &reader.parameters {
        Some(payload) => payload.evaluate("ItemReader/Arguments", view)?,
        None => Value::empty_object(),
    };
    let config = &reader.config;
    Ok(ReadRequest {
        resource: reader.resource.clone(),
        parameters,
        input_type: config.input_type,
        manifest: config.manifest,
        load_and_flatten: config.load_and_flatten,
        csv_headers: config.csv_headers.clone(),
        csv_delimiter: config.csv_delimiter.unwrap_or(b','),
        items_pointer: config.items_pointer.clone(),
    })
}

fn optional(field: Option<&IntegerField>, location: &str, view: &View<'_>) -> Result<Option<u64>, Failure> {
    field.map(|field| integer(field, location, view)).transpose()
}
