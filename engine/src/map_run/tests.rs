//! A driver of the pure type: it keeps the journal, hands out pages, ends children, and can be killed at any entry.

use super::files::Sizes;
use super::*;
use crate::interpreter::Status;
use crate::journal::{ExecutionNames, Seed};
use crate::task::TaskFailure;
use crate::{Data, PAYLOAD_LIMIT};
use aslx_asl::program::{InputType, StateKind, Transformation};
use aslx_asl::value::Members;
use aslx_asl::{CompileOptions, MachineType, Program, Timestamp, Value};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

fn program() -> Arc<Program> {
    let text = r#"{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":{
        "ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
        "StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}}}}"#;
    Arc::new(Program::compile(text, &CompileOptions::default()).unwrap())
}

/// A run over this many numbered items, read by pages.
fn request(program: &Program) -> MapRunRequest {
    let state = program.root().start;
    let StateKind::Map(map) = &program.state(state).kind else { panic!("a Map") };
    MapRunRequest {
        arn: "arn:aws:states:us-east-1:000000000000:mapRun:m/label:run-id".into(),
        child_machine: "m/label".into(),
        parent: ExecutionNames::local("m", "e"),
        state,
        processor: map.processor,
        child_type: MachineType::Standard,
        source: ItemSource::Reader(ReadRequest {
            resource: "arn:aws:states:::s3:getObject".into(),
            parameters: Value::from_pairs([("Bucket", "b"), ("Key", "k")]),
            input_type: Some(InputType::JsonLines),
            manifest: None,
            load_and_flatten: false,
            csv_headers: None,
            csv_delimiter: b',',
            items_pointer: None,
        }),
        max_items: None,
        snapshot: Snapshot {
            input: Value::empty_object(),
            context: Value::empty_object(),
            variables: Members::default(),
            now: Timestamp::default(),
        },
        batch: None,
        max_concurrency: 3,
        tolerated_count: Some(0),
        tolerated_percentage: None,
        write: None,
        seed: Seed([5; 16]),
    }
}

fn to_bucket(transformation: Option<Transformation>) -> Option<WriteRequest> {
    let parameters = Value::from_pairs([("Bucket", "out"), ("Prefix", "jobs")]);
    let destination = Some(("arn:aws:states:::s3:putObject".into(), parameters));
    Some(WriteRequest { destination, transformation, json_lines: false })
}

/// The world around a run.
struct World {
    program: Arc<Program>,
    request: MapRunRequest,
    items: u64,
    sizes: Sizes,
    /// How a child with these items ends.
    ends: fn(&Value) -> Status,
    journal: Vec<MapRunEntry>,
    /// Children by number: their input, and how often they were started.
    children: BTreeMap<u64, (Data, u32)>,
    objects: BTreeMap<String, String>,
    parts: BTreeMap<String, Vec<String>>,
    most_running: usize,
}

impl World {
    fn new(items: u64, change: impl FnOnce(&mut MapRunRequest)) -> World {
        let program = program();
        let mut request = request(&program);
        change(&mut request);
        World {
            program,
            request,
            items,
            sizes: Sizes::default(),
            ends: |_| Status::Succeeded,
            journal: Vec::new(),
            children: BTreeMap::new(),
            objects: BTreeMap::new(),
            parts: BTreeMap::new(),
            most_running: 0,
        }
    }

    fn restart(&self) -> MapRun {
        let mut run = MapRun::with_sizes(self.program.clone(), self.request.clone(), self.sizes);
        self.journal.iter().for_each(|entry| run.apply(entry));
        run
    }

    /// Runs until the end, or until the journal has so many entries.
    fn go(&mut self, until: usize) -> (MapRun, Option<RunResult>) {
        let mut run = self.restart();
        let mut open: VecDeque<u64> = run.running().collect();
        loop {
            while let Some(action) = run.step() {
                if self.journal.len() >= until {
                    return (run, None);
                }
                match action {
                    MapRunAction::Work(work, request) => {
                        let answer = match work {
                            WorkId::Read => Ok(self.read(&request.input)),
                            WorkId::Write => self.write(&request.input),
                        };
                        if let Some(kind) = run.answered(work, answer) {
                            self.record(&mut run, kind);
                        }
                    }
                    MapRunAction::Start(child) => {
                        self.record(&mut run, child.entry());
                        let entry = self.children.entry(child.index).or_insert((child.started.input.clone(), 0));
                        entry.1 += 1;
                        open.push_back(child.index);
                    }
                    MapRunAction::Redrive(child) => {
                        self.record(&mut run, child.entry());
                        self.children.get_mut(&child.index).unwrap().1 += 1;
                        open.push_back(child.index);
                    }
                    MapRunAction::Journal(kind) => self.record(&mut run, kind),
                    MapRunAction::StopChildren => {
                        for child in std::mem::take(&mut open) {
                            self.end(&mut run, child, Some(Status::Aborted));
                        }
                    }
                    MapRunAction::Finish(result) => return (run, Some(result)),
                }
                self.most_running = self.most_running.max(open.len());
            }
            let Some(child) = open.pop_front() else { panic!("the run waits for nothing") };
            self.end(&mut run, child, None);
            if self.journal.len() >= until {
                return (run, None);
            }
        }
    }

    fn record(&mut self, run: &mut MapRun, kind: MapRunEntryKind) {
        let entry = MapRunEntry { at: Timestamp::from_millis(1_000_000), kind };
        run.apply(&entry);
        // As it comes back from a file.
        let text = serde_json::to_string(&entry).unwrap();
        self.journal.push(serde_json::from_str(&text).unwrap());
        assert_eq!(self.journal.last(), Some(&entry));
    }

    fn end(&mut self, run: &mut MapRun, child: u64, status: Option<Status>) {
        let input = self.children[&child].0.clone();
        let status = status.unwrap_or_else(|| (self.ends)(input.value()));
        let succeeded = status == Status::Succeeded;
        let end = ChildEnd {
            status,
            started: Timestamp::from_millis(0),
            input: run.shows_inputs().then(|| input.clone()),
            output: succeeded.then_some(input),
            error: (status == Status::Failed).then(|| "Bad".into()),
            cause: None,
        };
        self.record(run, MapRunEntryKind::ChildEnded { child, end: Box::new(end) });
    }

    fn read(&self, input: &Value) -> Value {
        let (task, run) = ReadTask::from_input(input).unwrap();
        assert_eq!(run, self.request.arn);
        match task {
            ReadTask::Open => {
                Value::from_pairs([("Total", Value::from(self.items)), ("Pin", Value::from_pairs([("ETag", "x")]))])
            }
            ReadTask::Page { from, items, pin, .. } => {
                assert_eq!(pin.value().get("ETag").and_then(Value::as_str), Some("x"));
                let items = (from..(from + items.min(7)).min(self.items)).map(Value::from).collect();
                Value::from_pairs([("Items", Value::array(items))])
            }
        }
    }

    fn write(&mut self, input: &Value) -> Result<Value, TaskFailure> {
        let task = WriteTask::from_input(input).unwrap();
        assert_eq!(&*task.bucket, "out");
        assert_eq!(task.receipts.len() as u64, task.part);
        let parts = self.parts.entry(task.key.to_string()).or_default();
        parts.truncate(task.part as usize);
        assert_eq!(parts.len() as u64, task.part, "parts come in order");
        parts.push(task.body.to_string());
        if task.last {
            let text = self.parts.remove(&*task.key).unwrap().concat();
            self.objects.insert(task.key.to_string(), text);
        }
        Ok(Value::from(task.part))
    }

    fn output(&mut self) -> String {
        match self.go(usize::MAX).1 {
            Some(RunResult::Succeeded(output)) => output.text().to_string(),
            other => panic!("{other:?}"),
        }
    }
}

fn numbers(range: std::ops::Range<u64>) -> String {
    Value::array(range.map(Value::from).collect()).to_json()
}

#[test]
fn items_become_children_in_order_and_within_the_limit() {
    let mut world = World::new(50, |_| {});
    assert_eq!(world.output(), numbers(0..50));
    assert_eq!(world.most_running, 3);
    let (run, _) = world.go(usize::MAX);
    let tally = Tally { succeeded: 50, total: 50, results_written: 50, ..Tally::default() };
    assert_eq!(run.counts(), RunCounts { items: tally, executions: tally });
}

#[test]
fn a_run_that_is_killed_after_any_entry_ends_the_same() {
    let cut_anywhere = |make: fn() -> World| {
        let mut whole = make();
        let result = whole.go(usize::MAX).1;
        for at in 0..whole.journal.len() {
            let mut world = make();
            assert_eq!(world.go(at).1, None);
            let again = world.go(usize::MAX).1;
            assert_eq!(again, result, "killed after {at} entries");
            assert_eq!(world.objects, whole.objects, "killed after {at} entries");
            assert_eq!(world.children, whole.children, "killed after {at} entries: nothing runs twice");
        }
    };
    cut_anywhere(|| World::new(20, |_| {}));
    cut_anywhere(|| {
        World::new(20, |request| {
            request.batch = Some(BatchLimits { max_items: Some(3), max_bytes: None, input: None });
        })
    });
    const SMALL: Sizes = Sizes { file: 1_200, part: 300 };
    cut_anywhere(|| World { sizes: SMALL, ..World::new(20, |request| request.write = to_bucket(None)) });
    cut_anywhere(|| World {
        sizes: SMALL,
        ends: |item| if item.as_i64() > Some(6) { Status::Failed } else { Status::Succeeded },
        ..World::new(20, |request| {
            request.write = to_bucket(None);
            request.tolerated_count = Some(2);
            request.max_concurrency = 1;
        })
    });
}

#[test]
fn too_many_failures_end_the_run_and_what_is_left_is_listed() {
    let mut world = World::new(20, |request| {
        request.write = to_bucket(Some(Transformation::Compact));
        request.tolerated_count = None;
        request.tolerated_percentage = Some(10.0);
        request.max_concurrency = 1;
    });
    world.ends = |item| if item.as_i64() >= Some(5) { Status::Failed } else { Status::Succeeded };
    let (run, result) = world.go(usize::MAX);
    let Some(RunResult::Failed { error, cause }) = result else { panic!("{result:?}") };
    assert_eq!(&*error, "States.ExceedToleratedFailureThreshold");
    assert_eq!(&*cause, "The specified tolerated failure threshold was exceeded");
    // Two of twenty are tolerated, the third is not.
    let counts = run.counts().items;
    assert_eq!((counts.succeeded, counts.failed, counts.pending, counts.total), (5, 3, 12, 20));
    let file = |name: &str| Value::parse(&world.objects[&format!("jobs/run-id/{name}")]).unwrap();
    assert_eq!(file("SUCCEEDED_0.json").to_json(), "[0,1,2,3,4]");
    let statuses = |name: &str| {
        let list = file(name);
        let status = |record: &Value| record.get("Status").unwrap().as_str().unwrap().to_owned();
        list.as_array().unwrap().iter().map(status).collect::<Vec<_>>()
    };
    assert_eq!(statuses("FAILED_0.json"), ["FAILED"; 3]);
    assert_eq!(statuses("PENDING_0.json"), ["PENDING"; 12]);
    let pending = file("PENDING_0.json").at(0).unwrap().to_json();
    assert_eq!(pending, r#"{"Input":"8","InputDetails":{"Included":true},"Status":"PENDING"}"#);
}

#[test]
fn files_are_split_and_the_manifest_names_them() {
    let mut world = World::new(30, |request| request.write = to_bucket(Some(Transformation::Flatten)));
    world.sizes = Sizes { file: 40, part: 10 };
    let output = Value::parse(&world.output()).unwrap();
    let details = r#"{"Bucket":"out","Key":"jobs/run-id/manifest.json"}"#;
    assert_eq!(output.get("ResultWriterDetails").unwrap().to_json(), details);
    let manifest = Value::parse(&world.objects["jobs/run-id/manifest.json"]).unwrap();
    let files = manifest.pointer("/ResultFiles/SUCCEEDED").unwrap().as_array().unwrap();
    let mut all = Vec::new();
    for file in files {
        let text = &world.objects[file.get("Key").unwrap().as_str().unwrap()];
        assert_eq!(file.get("Size").unwrap().as_i64(), Some(text.len() as i64));
        assert!(text.len() <= 40);
        all.extend(Value::parse(text).unwrap().as_array().unwrap().to_vec());
    }
    assert_eq!(files.len(), 3);
    assert_eq!(Value::array(all).to_json(), numbers(0..30));
    assert_eq!(manifest.pointer("/ResultFiles/FAILED").unwrap().to_json(), "[]");
}

#[test]
fn limits_change_while_it_runs() {
    let mut world = World::new(40, |_| {});
    world.ends = |_| Status::Failed;
    let (mut run, _) = world.go(3);
    let limits = RunLimits { max_concurrency: Some(7), tolerated_count: Some(100), tolerated_percentage: None };
    world.record(&mut run, MapRunEntryKind::Changed(limits));
    assert!(matches!(world.go(usize::MAX).1, Some(RunResult::Succeeded(_))));
    assert_eq!(world.most_running, 7);
    // Less than has failed already: the run ends.
    let mut run = world.restart();
    let limits = RunLimits { tolerated_count: Some(1), ..RunLimits::default() };
    world.record(&mut run, MapRunEntryKind::Changed(limits));
    assert!(matches!(run.step(), Some(MapRunAction::Finish(RunResult::Failed { .. }))));
}

#[test]
fn a_redrive_runs_only_what_was_not_successful_or_pending() {
    let mut world = World::new(20, |request| request.max_concurrency = 1);
    world.ends = |item| if item.as_i64() == Some(4) { Status::Failed } else { Status::Succeeded };
    assert!(matches!(world.go(usize::MAX).1, Some(RunResult::Failed { .. })));
    assert_eq!(world.children.len(), 5);
    world.ends = |_| Status::Succeeded;
    let mut run = world.restart();
    world.record(&mut run, MapRunEntryKind::Redriven);
    let counts = run.counts().items;
    assert_eq!((counts.succeeded, counts.failed, counts.pending_redrive, counts.pending), (4, 0, 1, 15));
    assert_eq!(world.output(), numbers(0..20));
    let repeated: Vec<u64> =
        world.children.iter().filter(|(_, child)| child.1 > 1).map(|(number, _)| *number).collect();
    assert_eq!(repeated, [4]);
    assert_eq!(world.restart().counts().items.succeeded, 20);
}

#[test]
fn a_stop_stops_the_children_and_gives_no_result() {
    let mut world = World::new(20, |_| {});
    let (mut run, _) = world.go(3);
    world.record(&mut run, MapRunEntryKind::Stopped);
    assert_eq!(world.go(usize::MAX).1, Some(RunResult::Aborted));
    assert_eq!(world.restart().counts().items.aborted, 2);
}

#[test]
fn results_that_cannot_fit_are_not_kept() {
    let mut world = World::new(3, |_| {});
    let long = Value::from("x".repeat(PAYLOAD_LIMIT / 2));
    let mut run = world.restart();
    world.record(&mut run, MapRunEntryKind::Opened { total: 3, pin: Data::default() });
    for child in 0..3 {
        world.record(&mut run, MapRunEntryKind::ChildStarted { child, items: 1 });
        world.children.insert(child, (Data::from(long.clone()), 1));
        world.end(&mut run, child, None);
    }
    let Some(MapRunAction::Finish(RunResult::Failed { error, .. })) = run.step() else { panic!("too large") };
    assert_eq!(&*error, "States.DataLimitExceeded");
}

#[test]
fn a_reader_may_answer_the_whole_list_and_a_changed_data_set_is_refused() {
    let mut run = World::new(0, |_| {}).restart();
    let Some(MapRunAction::Work(WorkId::Read, _)) = run.step() else { panic!("it reads") };
    let list = |last: u64| Ok(Value::array(vec![1u64.into(), last.into()]));
    let opened = run.answered(WorkId::Read, list(2)).unwrap();
    run.apply(&MapRunEntry { at: Timestamp::from_millis(0), kind: opened.clone() });
    assert!(matches!(run.step(), Some(MapRunAction::Start(_))));
    let again = |last| {
        let mut run = World::new(0, |_| {}).restart();
        run.apply(&MapRunEntry { at: Timestamp::from_millis(0), kind: opened.clone() });
        run.step();
        run.answered(WorkId::Read, list(last))
    };
    assert_eq!(again(2), None);
    let Some(MapRunEntryKind::Failed { error, cause }) = again(3) else { panic!("it changed") };
    assert_eq!(&*error, "States.ItemReaderFailed");
    assert_eq!(&*cause, "The data set has changed since it was opened.");
}
