//! Journals of executions that somebody outside takes part in: made by the engine, kept like the others.

use crate::journals::{folder, keep};
use crate::support::{block, program};
use aslx_engine::interpreter::{Action, Interpreter, Step};
use aslx_engine::journal::{Entry, SEMANTICS, Seed, read_journal};
use aslx_engine::map_run::{MapRun, MapRunEntry};
use aslx_engine::runtime::{Engine, Pace, StartRequest};
use aslx_engine::store::{JournalKind, Listing, MemoryStore, Scope, Store};
use aslx_engine::task::{BoxTaskService, TaskFailure, TaskReply, TaskRequest, TaskResponse};
use aslx_engine::{Data, SystemClock};
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const ACTIVITY: &str = "arn:aws:states:us-east-1:000000000000:activity:work";

pub(crate) const DRIVEN: [&str; 4] = ["callbacks", "activities", "redrive", "distributed"];

/// Tokens by the state that waits for them.
type Tokens = Arc<Mutex<HashMap<String, String>>>;

/// Functions echo; `breaks` fails until the execution was redriven, `one` for the third item until then.
fn service(tokens: Tokens, redriven: Arc<Mutex<bool>>) -> BoxTaskService {
    BoxTaskService::new(tower::service_fn(move |request: TaskRequest| {
        let third = request.input.to_json().contains(r#""index":2"#);
        let breaks = request.resource.ends_with("breaks") || (request.resource.ends_with("one") && third);
        let reply = match (&request.token, &request.submitted) {
            (Some(token), None) if request.activity().is_none() => {
                tokens.lock().unwrap().insert(request.state.to_string(), token.to_string());
                Ok(TaskReply::Submitted("sent".into()))
            }
            (Some(_), _) => Ok(TaskReply::ByToken),
            (None, _) if breaks && !*redriven.lock().unwrap() => Err(TaskFailure::new("Broken", "made up")),
            (None, _) => Ok(TaskReply::Done(request.input.clone())),
        };
        // So that what runs side by side answers in one order.
        async move {
            tokio::time::sleep(Duration::from_millis(if breaks { 30 } else { 5 })).await;
            reply.map(|reply| TaskResponse { reply, modelled: None })
        }
    }))
}

/// Makes the files of a journal that has none yet.
pub(crate) fn bless(name: &str) {
    if folder().join(format!("v{SEMANTICS}/{name}.journal.jsonl")).exists() {
        return;
    }
    let text = fs::read_to_string(folder().join(format!("v{SEMANTICS}/{name}.asl.json"))).unwrap();
    let definition: Json = serde_json::from_str(&text).unwrap();
    block(async {
        let (tokens, redriven) = (Tokens::default(), Arc::default());
        let store = Arc::new(MemoryStore::new());
        let service = service(tokens.clone(), Arc::clone(&redriven));
        let engine = Engine::builder(store.clone(), Arc::new(SystemClock), service).pace(Pace::Virtual).build();
        engine.activities().create(ACTIVITY);
        let input = Data::parse(r#"{ "items": ["a", "b", "c", "d"] }"#).unwrap();
        let request = StartRequest::new(name, "golden", input, Seed([42; 16]));
        let handle = engine.start(program(&definition), request).await.unwrap();
        let arn = handle.execution().clone();
        match name {
            "callbacks" => answer(&engine, &tokens).await,
            "activities" => work(&engine).await,
            _ => {
                engine.wait(&arn).await.unwrap();
                *redriven.lock().unwrap() = true;
                engine.redrive(&arn, Some("again".into())).await.unwrap();
            }
        }
        engine.wait(&arn).await.unwrap();
        keep(name, &journal(&store, &arn).await, &engine.history(&arn).await.unwrap());
        let runs = listed(&store, &arn, JournalKind::MapRun).await;
        let [run] = &runs[..] else { return };
        let entries: Vec<MapRunEntry> = store.journal(run).await.unwrap().lines.decode().unwrap();
        let path = |ending: &str| folder().join(format!("v{SEMANTICS}/{name}.{ending}"));
        fs::write(path("run.jsonl"), store.journal(run).await.unwrap().lines.text()).unwrap();
        let replayed =
            MapRun::replay(program(&definition), request_of(&definition, &journal(&store, &arn).await), &entries);
        fs::write(path("run.json"), told(&replayed)).unwrap();
        let children = listed(&store, run, JournalKind::Execution).await;
        for number in 0..replayed.counts().executions.total {
            let child = replayed.identity(number).0.execution_arn;
            assert!(children.contains(&child));
            let history = engine.history(&child).await.unwrap();
            keep(&format!("{name}.child-{number}"), &journal(&store, &child).await, &history);
        }
    });
}

async fn journal(store: &MemoryStore, arn: &str) -> Vec<Entry> {
    store.journal(arn).await.unwrap().entries(arn).unwrap()
}

async fn listed(store: &MemoryStore, parent: &Arc<str>, kind: JournalKind) -> Vec<Arc<str>> {
    let mut listing = Listing::of(Scope::Parent(parent.clone()), 100);
    listing.kind = kind;
    store.list(listing).await.unwrap().found.into_iter().map(|(arn, _)| arn).collect()
}

async fn answer(engine: &Engine, tokens: &Tokens) {
    while tokens.lock().unwrap().len() < 3 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let token = |state: &str| tokens.lock().unwrap()[state].clone();
    engine.task_heartbeat(&token("Silent")).await.unwrap();
    engine.task_succeeded(&token("Good"), r#"{ "yes": 1 }"#).await.unwrap();
    engine.task_failed(&token("Bad"), Some("No".into()), Some("made up".into())).await.unwrap();
}

async fn work(engine: &Engine) {
    let lease = async || engine.activity_task(ACTIVITY, Some("worker".into()), Duration::from_secs(9)).await;
    let first = lease().await.unwrap().unwrap();
    engine.task_failed(&first.token, Some("Again".into()), None).await.unwrap();
    let second = lease().await.unwrap().unwrap();
    engine.task_succeeded(&second.token, r#"{"n":2}"#).await.unwrap();
    // The worker of this one is too late.
    lease().await.unwrap().unwrap();
    let last = lease().await.unwrap().unwrap();
    engine.task_succeeded(&last.token, "3").await.unwrap();
}

/// What an execution asked its map run for.
fn request_of(definition: &Json, journal: &[Entry]) -> aslx_engine::map_run::MapRunRequest {
    let (mut interpreter, mut step) = (Interpreter::new(program(definition)), Step::new());
    for entry in journal {
        step.clear();
        interpreter.apply(entry, &mut step).unwrap();
        for action in step.actions.drain(..) {
            if let Action::StartMapRun { request, .. } = action {
                return *request;
            }
        }
    }
    panic!("there is no map run");
}

/// What is promised of a map run: its counts, and the names of its children.
fn told(run: &MapRun) -> String {
    let counts = run.counts();
    let names: Vec<_> = (0..counts.executions.total).map(|child| run.identity(child).0.execution_arn).collect();
    let told = json!({ "redrives": run.redrives(), "items": counts.items, "executions": counts.executions,
                       "children": names });
    format!("{}\n", serde_json::to_string_pretty(&told).unwrap())
}

#[test]
fn kept_map_runs_replay_to_what_they_were() {
    let mut replayed = 0;
    for semantics in 1..=SEMANTICS {
        let versions = folder().join(format!("v{semantics}"));
        for entry in fs::read_dir(&versions).unwrap() {
            let path = entry.unwrap().path();
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            let Some(name) = file.strip_suffix(".run.jsonl") else { continue };
            let read = |ending: &str| fs::read_to_string(versions.join(format!("{name}.{ending}"))).unwrap();
            let definition: Json = serde_json::from_str(&read("asl.json")).unwrap();
            let parent = read_journal(read("journal.jsonl").as_bytes()).unwrap();
            let text = read("run.jsonl");
            let entries: Vec<MapRunEntry> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            let again: Vec<String> = entries.iter().map(|entry| serde_json::to_string(entry).unwrap()).collect();
            assert_eq!(again, text.lines().collect::<Vec<_>>(), "{file} is written otherwise than it was read");
            let run = MapRun::replay(program(&definition), request_of(&definition, &parent), &entries);
            assert_eq!(told(&run), read("run.json"), "{name}");
            replayed += 1;
        }
    }
    assert!(replayed > 0);
}
