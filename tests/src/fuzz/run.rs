//! Executions: entries in a random order and at random times, then the same journal once more.

use super::mutate::scalar;
use super::rng::Rng;
use super::targets::hold;
use aslx_asl::{CompileOptions, MachineType, Program, Timestamp, Value};
use aslx_engine::Data;
use aslx_engine::interpreter::{Action, Interpreter, Step};
use aslx_engine::journal::{
    Entry, EntryKind, ExecutionNames, SEMANTICS, Seed, Started, TaskId, TaskResult, TimerId, Tracing,
};
use aslx_engine::task::FailedAt;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Entries of one execution, its start included.
const ENTRIES: usize = 60;

/// `Resumed` entries among them: each is up to a thousand transitions.
const TURNS: usize = 3;

/// What an execution waits for.
#[derive(Default)]
struct Open {
    tasks: Vec<TaskId>,
    runs: Vec<TaskId>,
    timers: BTreeMap<TimerId, Timestamp>,
    go_on: bool,
}

/// Compiles, runs and replays a definition.
pub(super) fn played(text: &str, rng: &mut Rng) -> Result<bool, String> {
    let machine_type = if rng.one_in(4) { MachineType::Express } else { MachineType::Standard };
    let options = CompileOptions { machine_type, allow_unresolved: rng.one_in(3), ..CompileOptions::default() };
    let Ok(program) = Program::compile(text, &options) else { return Ok(false) };
    let program = Arc::new(program);
    let started = Started {
        names: ExecutionNames::local("fuzz", "case"),
        machine_type,
        synchronous: rng.one_in(5),
        processor: None,
        input: payload(rng),
        program: program.hash().into(),
        missing_activities: Vec::new(),
        tracing: Tracing::default(),
        semantics: SEMANTICS,
        seed: Seed([rng.below(256) as u8; 16]),
    };
    let mut now = Timestamp::from_millis(1_772_366_400_000);
    let mut journal = vec![Entry { at: now, kind: EntryKind::Started(Box::new(started)) }];
    let mut interpreter = Interpreter::new(program.clone());
    let mut step = Step::with_history();
    let mut open = Open::default();
    let mut turns = 0;
    while let Some(entry) = journal.last() {
        interpreter.apply(entry, &mut step).map_err(|why| format!("an entry was refused: {why}"))?;
        note(&mut open, &step);
        step.actions.clear();
        if interpreter.outcome().is_some() || journal.len() > ENTRIES {
            break;
        }
        hold!(!interpreter.outstanding().is_empty(), "it waits for nothing and has no end");
        let Some((at, kind)) = next(rng, &mut open, now) else { break };
        turns += usize::from(kind == EntryKind::Resumed);
        if turns > TURNS {
            break;
        }
        now = now.max(at);
        journal.push(Entry { at: now, kind });
    }
    if interpreter.outcome().is_some() {
        hold!(interpreter.outstanding().is_empty(), "it has ended and waits for something");
    }
    for (at, event) in step.events.iter().enumerate() {
        hold!(event.id == at as u64 + 1, "event {} is numbered {}", at + 1, event.id);
        hold!(event.previous_event_id < event.id, "event {} follows {}", event.id, event.previous_event_id);
    }
    let mut again = Step::with_history();
    let replayed = Interpreter::replay(program, &journal, &mut again).map_err(|why| format!("not replayed: {why}"))?;
    hold!(replayed.digest() == interpreter.digest(), "replayed it does other things");
    hold!(replayed.outcome() == interpreter.outcome(), "replayed it ends otherwise");
    hold!(again.events == step.events, "replayed it has another history");
    Ok(true)
}

fn note(open: &mut Open, step: &Step) {
    for action in &step.actions {
        match action {
            Action::StartTask { task, .. } => open.tasks.push(*task),
            Action::CancelTask { task } => open.tasks.retain(|other| other != task),
            Action::StartMapRun { run, .. } => open.runs.push(*run),
            Action::CancelMapRun { run } => open.runs.retain(|other| other != run),
            Action::SetTimer { timer, due, .. } => drop(open.timers.insert(*timer, *due)),
            Action::CancelTimer { timer } => drop(open.timers.remove(timer)),
            Action::Continue => open.go_on = true,
            Action::Finish(_) => {}
        }
    }
}

/// What happens next: something that is waited for, at times something that no longer is, seldom a stop.
fn next(rng: &mut Rng, open: &mut Open, now: Timestamp) -> Option<(Timestamp, EntryKind)> {
    if rng.one_in(120) {
        return Some((now, EntryKind::StopRequested { error: Some("Stop".into()), cause: None }));
    }
    if rng.one_in(200) {
        return Some((now, EntryKind::MachineDeleted));
    }
    if rng.one_in(60) {
        let task = TaskId(rng.below(9) as u64);
        return Some((now, EntryKind::TaskEnded { task, result: result(rng) }));
    }
    if open.go_on {
        open.go_on = false;
        return Some((now, EntryKind::Resumed));
    }
    let later = now.plus_millis(rng.below(5_000) as i64);
    if let Some(at) = (!open.tasks.is_empty()).then(|| rng.below(open.tasks.len()))
        && (open.timers.is_empty() || !rng.one_in(8))
        && let Some(task) = open.tasks.get(at).copied()
    {
        return Some(match rng.below(6) {
            0 => (later, EntryKind::TaskStarted { task, worker: rng.one_in(3).then(|| "worker".into()) }),
            1 => (later, EntryKind::TaskSubmitted { task, output: payload(rng) }),
            _ => {
                open.tasks.remove(at);
                (later, EntryKind::TaskEnded { task, result: result(rng) })
            }
        });
    }
    if let Some(run) = open.runs.pop() {
        return Some((later, EntryKind::MapRunEnded { run, result: result(rng) }));
    }
    let (timer, due) = open.timers.iter().min_by_key(|(timer, due)| (**due, **timer)).map(|(t, d)| (*t, *d))?;
    open.timers.remove(&timer);
    Some((due, EntryKind::TimerFired { timer }))
}

fn result(rng: &mut Rng) -> TaskResult {
    if !rng.one_in(3) {
        return TaskResult::Succeeded(payload(rng));
    }
    let errors = [
        "States.Timeout",
        "States.TaskFailed",
        "A",
        "Lambda.Unknown",
        "",
        "States.DataLimitExceeded",
        "States.Runtime",
    ];
    let error = (!rng.one_in(8)).then(|| rng.word(&errors).into());
    let cause = if rng.one_in(200) { Some("x".repeat(300_000).into()) } else { Some("{\"a\":1}".into()) };
    let at =
        *rng.pick(&[FailedAt::Run, FailedAt::Start, FailedAt::Schedule, FailedAt::Submit]).unwrap_or(&FailedAt::Run);
    TaskResult::Failed { error, cause: cause.filter(|_| !rng.one_in(8)), at }
}

fn payload(rng: &mut Rng) -> Data {
    match rng.below(8) {
        0 => Data::from(Value::from(scalar(rng))),
        1 if rng.one_in(40) => Data::from(Value::from("x".repeat(262_100 + rng.below(100)))),
        1 => Data::parse("{ \"a\" : [1.0, 2e3] }").unwrap_or_default(),
        2 => Data::from(Value::array(
            (0..rng.below(40)).map(|n| Value::from(scalar(rng)).at(n).cloned().unwrap_or_default()).collect(),
        )),
        _ => {
            let names =
                ["a", "b", "items", "x", "n", "e", "r", "id", "s", "k", "job", "when", "role", "Error", "Payload"];
            let count = rng.below(8);
            let members = (0..count).map(|_| {
                let value = match rng.below(5) {
                    0 => Value::array(vec![Value::from(1i64), Value::from("b"), Value::empty_object()]),
                    1 => Value::from_pairs([("a", Value::from(scalar(rng))), ("n", Value::from(7i64))]),
                    2 => Value::from(rng.below(100)),
                    _ => Value::from(scalar(rng)),
                };
                (rng.word(&names).to_owned(), value)
            });
            Data::from(Value::from_pairs(members.collect::<Vec<_>>()))
        }
    }
}
