//! The run itself.

use super::batch::{Batch, batches};
use super::{ItemSource, MapRunRequest, ReadRequest, Snapshot};
use crate::draws::Draws;
use crate::interpreter::{Outcome, Status};
use crate::journal::{ExecutionNames, SEMANTICS, Started};
use crate::{Data, PAYLOAD_LIMIT};
use aslx_asl::program::{StateKind, Transformation};
use aslx_asl::value::MAX_DEPTH;
use aslx_asl::{Environment, Failure, MachineType, Program, Scope, Value};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// A map run while it runs.
pub struct MapRun {
    request: MapRunRequest,
    program: Arc<Program>,
    draws: Draws,
    /// Children that have not been started, in the order of their items.
    waiting: VecDeque<(usize, Batch)>,
    running: BTreeMap<usize, u64>,
    outputs: BTreeMap<usize, Value>,
    counts: RunCounts,
    ready: bool,
    broken: Option<(Arc<str>, Arc<str>)>,
}

/// Items of a run, by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunCounts {
    /// All of them.
    pub total: u64,
    /// Their child succeeded.
    pub succeeded: u64,
    /// Their child failed.
    pub failed: u64,
    /// Their child timed out.
    pub timed_out: u64,
}

/// A child to be started.
#[derive(Debug)]
pub struct Child {
    /// Its number in the run.
    pub index: usize,
    /// What it is started with.
    pub started: Box<Started>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub enum RunResult {
    /// With the results of the state.
    Succeeded(Data),
    /// With an error.
    Failed {
        /// Error name.
        error: Arc<str>,
        /// What happened.
        cause: Arc<str>,
    },
}

impl MapRun {
    /// A run that has not yet been told its items, unless they are those of the state.
    pub fn new(program: Arc<Program>, mut request: MapRunRequest) -> MapRun {
        let given = match &mut request.source {
            ItemSource::Items(items) => Some(std::mem::take(items)),
            ItemSource::Reader(_) => None,
        };
        let mut run = MapRun {
            draws: Draws::new(request.seed),
            request,
            program,
            waiting: VecDeque::new(),
            running: BTreeMap::new(),
            outputs: BTreeMap::new(),
            counts: RunCounts::default(),
            ready: false,
            broken: None,
        };
        if let Some(items) = given {
            run.take_items(items);
        }
        run
    }

    /// What is to be read before children can be started.
    pub fn read(&self) -> Option<&ReadRequest> {
        match &self.request.source {
            ItemSource::Reader(read) if !self.ready => Some(read),
            _ => None,
        }
    }

    /// How many items are wanted at the most.
    pub fn max_items(&self) -> Option<u64> {
        self.request.max_items
    }

    /// The items, read.
    pub fn take_items(&mut self, mut items: Vec<Value>) {
        self.ready = true;
        if let Some(limit) = self.request.max_items {
            items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        }
        self.counts.total = items.len() as u64;
        match self.select(items) {
            Ok(items) => self.waiting = batches(items, self.request.batch.as_ref()).into_iter().enumerate().collect(),
            Err(failure) => self.broken = Some((failure.error.into(), failure.detail.into())),
        }
    }

    /// The items could not be read.
    pub fn reading_failed(&mut self, error: &str, cause: &str) {
        self.ready = true;
        self.broken = Some((error.into(), cause.into()));
    }

    fn select(&self, items: Vec<Value>) -> Result<Vec<Value>, Failure> {
        let StateKind::Map(map) = &self.program.state(self.request.state).kind else { return Ok(items) };
        let Some(selector) = &map.item_selector else { return Ok(items) };
        let source = self.source_name();
        let select = |(index, item)| {
            let context = item_context(&self.request.snapshot.context, index, item, &source);
            let env = Surroundings { snapshot: &self.request.snapshot, context, draws: &self.draws };
            selector.evaluate(&Scope { input: &self.request.snapshot.input, env: &env })
        };
        items.into_iter().enumerate().map(select).collect()
    }

    /// `$$.Map.Item.Source` (developer guide, "Context object").
    fn source_name(&self) -> String {
        match &self.request.source {
            ItemSource::Items(_) => "STATE_DATA".to_owned(),
            ItemSource::Reader(read) => {
                let text = |name| read.parameters.get(name).and_then(Value::as_str).map(str::to_owned);
                let bucket = text("Bucket").unwrap_or_default();
                match text("Key") {
                    Some(key) => format!("S3://{bucket}/{key}"),
                    None => format!("S3://{bucket}"),
                }
            }
        }
    }

    /// The next child, if there is one and room for it.
    pub fn next_child(&mut self) -> Option<Child> {
        if self.broken.is_some() || self.running.len() >= self.request.max_concurrency {
            return None;
        }
        let (index, (input, count)) = self.waiting.pop_front()?;
        self.running.insert(index, count);
        let seed = self.draws.seed();
        let machine = &self.request.child_machine;
        let parent = &self.request.parent;
        let prefix = parent.machine_arn.split(":stateMachine:").next().unwrap_or_default();
        let name = self.draws.uuid();
        let execution_arn = match self.request.child_type {
            MachineType::Standard => format!("{prefix}:execution:{machine}:{name}"),
            MachineType::Express => format!("{prefix}:express:{machine}:{name}:{}", self.draws.uuid()),
        };
        let names = ExecutionNames {
            execution_arn: execution_arn.into(),
            execution_name: name.into(),
            machine_arn: format!("{prefix}:stateMachine:{machine}").into(),
            machine_name: machine.clone(),
            role_arn: parent.role_arn.clone(),
            version_arn: None,
            alias_arn: None,
        };
        let started = Started {
            names,
            machine_type: self.request.child_type,
            synchronous: false,
            processor: Some(self.program.state(self.request.state).name.clone()),
            input,
            program: self.program.hash().into(),
            semantics: SEMANTICS,
            seed,
        };
        Some(Child { index, started: Box::new(started) })
    }

    /// A child ended.
    pub fn child_ended(&mut self, index: usize, outcome: &Outcome) {
        let Some(count) = self.running.remove(&index) else { return };
        match (outcome.status, &outcome.output) {
            (Status::Succeeded, output) => {
                self.counts.succeeded += count;
                self.outputs.insert(index, output.as_ref().map(|o| o.value().clone()).unwrap_or_default());
            }
            (Status::TimedOut, _) => self.counts.timed_out += count,
            _ => self.counts.failed += count,
        }
        if self.broken.is_none() && self.too_many_failed() {
            self.broken = Some((
                "States.ExceedToleratedFailureThreshold".into(),
                "The specified tolerated failure threshold was exceeded".into(),
            ));
        }
    }

    fn too_many_failed(&self) -> bool {
        let failed = self.counts.failed + self.counts.timed_out;
        let by_count = self.request.tolerated_count.is_some_and(|tolerated| failed > tolerated);
        let share = failed as f64 * 100.0 / self.counts.total.max(1) as f64;
        by_count || self.request.tolerated_percentage.is_some_and(|tolerated| share > tolerated)
    }

    /// How the run ended; `None` while children run or wait. A run that failed ends at once: what still runs is to be
    /// stopped.
    pub fn result(&self) -> Option<RunResult> {
        if let Some((error, cause)) = &self.broken {
            return Some(RunResult::Failed { error: error.clone(), cause: cause.clone() });
        }
        if !self.ready || !self.running.is_empty() || !self.waiting.is_empty() {
            return None;
        }
        let flatten = self.request.write.as_ref().is_some_and(|w| w.transformation == Some(Transformation::Flatten));
        let mut results = Vec::with_capacity(self.outputs.len());
        for output in self.outputs.values() {
            match output.as_array() {
                Some(items) if flatten => results.extend(items.iter().cloned()),
                _ => results.push(output.clone()),
            }
        }
        let results = Value::array(results);
        if results.json_len() > PAYLOAD_LIMIT || results.depth() > MAX_DEPTH {
            let name = &self.program.state(self.request.state).name;
            let cause = format!(
                "The state/task '{name}' returned a result with a size exceeding the maximum number of bytes service limit."
            );
            return Some(RunResult::Failed { error: "States.DataLimitExceeded".into(), cause: cause.into() });
        }
        Some(RunResult::Succeeded(results.into()))
    }

    /// The items so far, by what became of them.
    pub fn counts(&self) -> RunCounts {
        self.counts
    }
}

fn item_context(parent: &Value, index: usize, item: Value, source: &str) -> Value {
    let item = Value::from_pairs([("Index", Value::from(index)), ("Value", item), ("Source", Value::from(source))]);
    parent.with_member("Map", Value::from_pairs([("Item", item)])).unwrap_or_default()
}

/// What an item selector sees.
struct Surroundings<'a> {
    snapshot: &'a Snapshot,
    context: Value,
    draws: &'a Draws,
}

impl Environment for Surroundings<'_> {
    fn context(&self) -> &Value {
        &self.context
    }
    fn variable(&self, name: &str) -> Option<&Value> {
        self.snapshot.variables.get(name)
    }
    fn draw(&self) -> u64 {
        self.draws.next()
    }
}
