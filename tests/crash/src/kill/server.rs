//! Clients of the server: each request of the session is a call of its API.

use super::http::Connection;
use super::{ACTIVITY, INPUT, KINDS, Kind, MACHINES, definition};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::BufRead;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Connections, and the workers of the activity besides them.
const CLIENTS: usize = 8;
const WORKERS: usize = 2;

/// Time until something that is not so far is asked again.
const LATER: Duration = Duration::from_millis(100);

/// What was acknowledged, by every life of the server.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Machines and the activity that were made.
    made: Mutex<BTreeSet<&'static str>>,
    /// Times that were told: of starts, stops and redrives.
    told: Mutex<HashMap<String, Json>>,
}

impl Notes {
    /// Notes what was told, or says that it was told otherwise before.
    fn tell(&self, request: &str, time: &Json) -> Result<(), String> {
        let mut told = self.told.lock().unwrap();
        match told.get(request) {
            Some(before) if before != time => Err(format!("{request}: first {before}, then {time}")),
            _ => {
                told.insert(request.to_owned(), time.clone());
                Ok(())
            }
        }
    }

    fn check(&self, request: &str, time: &Json) -> Result<(), String> {
        match self.told.lock().unwrap().get(request) {
            Some(before) if before != time => Err(format!("{request}: {before} was acknowledged, now it is {time}")),
            _ => Ok(()),
        }
    }
}

#[derive(Default)]
struct Line {
    requests: Mutex<BTreeMap<(Option<Instant>, u64), String>>,
    bell: Condvar,
    number: AtomicU64,
    gone: AtomicBool,
}

impl Line {
    fn push(&self, when: Option<Instant>, request: &str) {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        self.requests.lock().unwrap().insert((when, number), request.to_owned());
        self.bell.notify_one();
    }

    /// The next one that is due; `None` when the server has gone.
    fn next(&self) -> Option<String> {
        let mut requests = self.requests.lock().unwrap();
        while !self.gone.load(Ordering::Relaxed) {
            let now = Instant::now();
            if let Some(first) = requests.first_entry()
                && first.key().0.is_none_or(|when| when <= now)
            {
                return Some(first.remove());
            }
            requests = self.bell.wait_timeout(requests, LATER / 2).unwrap().0;
        }
        None
    }
}

/// One life of the server.
pub(super) struct Server {
    line: Arc<Line>,
    reader: Option<JoinHandle<()>>,
}

impl Server {
    /// Reads what the server says; once it is ready, clients call it.
    pub(super) fn listen(out: impl BufRead + Send + 'static, answers: Sender<String>, notes: Arc<Notes>) -> Server {
        let line = Arc::new(Line::default());
        let there = line.clone();
        let reader = std::thread::spawn(move || {
            let mut clients = Vec::new();
            for told in out.split(b'\n').map_while(Result::ok) {
                let told = String::from_utf8_lossy(&told).into_owned();
                match told.strip_prefix("ready ").and_then(|address| address.parse().ok()) {
                    Some(address) => clients = begin(address, &there, &answers, &notes),
                    None => drop(answers.send(told)),
                }
            }
            there.gone.store(true, Ordering::Relaxed);
            there.bell.notify_all();
            for client in clients {
                client.join().unwrap();
            }
        });
        Server { line, reader: Some(reader) }
    }

    pub(super) fn ask(&mut self, request: &str) {
        self.line.push(None, request);
    }

    /// The server is dead: waits for the clients to see it.
    pub(super) fn hang_up(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
    }
}

fn begin(address: SocketAddr, line: &Arc<Line>, answers: &Sender<String>, notes: &Arc<Notes>) -> Vec<JoinHandle<()>> {
    let client = |name: String| {
        let (line, answers, notes) = (line.clone(), answers.clone(), notes.clone());
        Client { connection: Connection::new(address), line, answers, notes, name }
    };
    let mut first = client("first".into());
    std::iter::once(std::thread::spawn(move || first.prepare()))
        .chain(
            (0..CLIENTS).map(|n| client(format!("client {n}"))).map(|mut one| std::thread::spawn(move || one.serve())),
        )
        .chain(
            (0..WORKERS).map(|n| client(format!("worker {n}"))).map(|mut one| std::thread::spawn(move || one.work())),
        )
        .collect()
}

struct Client {
    connection: Connection,
    line: Arc<Line>,
    answers: Sender<String>,
    notes: Arc<Notes>,
    name: String,
}

/// The server went away: nobody knows what it has done.
struct Gone;

type Called = Result<Result<Json, (String, Json)>, Gone>;

/// What comes of a request: an answer, or nothing so far.
type Answered = Result<Option<String>, Gone>;

impl Client {
    /// Calls until there is an answer, or the server has gone. What is asked twice must count once.
    fn call(&mut self, operation: &str, body: &Json) -> Called {
        loop {
            match self.connection.call(operation, body) {
                Ok(answer) => return Ok(answer),
                Err(_) if self.line.gone.load(Ordering::Relaxed) => return Err(Gone),
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    fn say(&self, line: String) {
        // Nobody listens at the end.
        let _ = self.answers.send(line);
    }

    /// Makes the machines and the activity, unless that was acknowledged; then the session may begin.
    fn prepare(&mut self) {
        for kind in KINDS {
            let body = json!({ "name": kind.name(), "definition": definition(kind).to_string(), "publish": true,
                               "roleArn": "arn:aws:iam::000000000000:role/any" });
            if self.make(kind.name(), "CreateStateMachine", &body).is_err() {
                return;
            }
        }
        if self.make(ACTIVITY, "CreateActivity", &json!({ "name": "work" })).is_ok() {
            self.say("ready".into());
        }
    }

    fn make(&mut self, what: &'static str, operation: &str, body: &Json) -> Result<(), Gone> {
        if self.notes.made.lock().unwrap().contains(what) {
            return Ok(());
        }
        match self.call(operation, body)? {
            Ok(_) => drop(self.notes.made.lock().unwrap().insert(what)),
            Err((_, error)) => self.say(format!("failed make {what}: {error}")),
        }
        Ok(())
    }

    fn serve(&mut self) {
        while let Some(request) = self.line.next() {
            match self.answer(&request) {
                Ok(Some(answer)) => self.say(answer),
                Ok(None) => self.line.push(Some(Instant::now() + LATER), &request),
                Err(Gone) => return,
            }
        }
    }

    /// Takes the tasks of the activity.
    fn work(&mut self) {
        let body = json!({ "activityArn": ACTIVITY, "workerName": self.name });
        while !self.line.gone.load(Ordering::Relaxed) {
            match self.call("GetActivityTask", &body) {
                Ok(Ok(task)) => {
                    if let (Some(token), Some(input)) = (task["taskToken"].as_str(), task["input"].as_str()) {
                        let input: Json = serde_json::from_str(input).unwrap();
                        self.say(format!("token {} {token}", input["name"].as_str().unwrap()));
                    }
                }
                // It has not been made yet.
                Ok(Err(_)) => std::thread::sleep(Duration::from_millis(20)),
                Err(Gone) => return,
            }
        }
    }

    fn answer(&mut self, request: &str) -> Answered {
        let (verb, object) = request.split_once(' ').unwrap();
        let answered = match (verb, Kind::of(object)) {
            ("start", Some(Kind::Registry)) => self.register(object)?,
            ("end", Some(Kind::Registry)) => self.registered(object)?.map(Some),
            ("start", Some(kind)) => self.start(kind, object)?,
            ("end", Some(kind)) => self.ended(kind, object)?,
            ("stop", Some(kind)) => {
                let body = json!({ "executionArn": execution(kind, object), "error": "Enough" });
                self.timed("StopExecution", &body, "stopDate", request)?.map(|()| Some(format!("stopped {object}")))
            }
            ("redrive", Some(kind)) => self.redrive(kind, object)?,
            ("tag", _) => {
                let body = json!({ "resourceArn": format!("{MACHINES}{object}"),
                                   "tags": [{ "key": "name", "value": object }] });
                self.done("TagResource", &body, &[])?.map(|_| Some(format!("tagged {object}")))
            }
            ("alias", _) => {
                let route = json!({ "stateMachineVersionArn": format!("{MACHINES}{object}:1"), "weight": 100 });
                let body = json!({ "name": "live", "routingConfiguration": [route] });
                let made = self.done("CreateStateMachineAlias", &body, &["ConflictException"])?;
                made.map(|_| Some(format!("aliased {object}")))
            }
            ("answer" | "again", _) => {
                let body = json!({ "taskToken": object, "output": "\"answered\"" });
                let late = self.done("SendTaskSuccess", &body, &["TaskTimedOut", "TaskDoesNotExist"])?;
                late.map(|late| Some(format!("{} {object}", if late { "late" } else { "answered" })))
            }
            _ => Err("nobody knows how".to_owned()),
        };
        Ok(answered.unwrap_or_else(|fault| Some(format!("failed {request}: {fault}"))))
    }

    /// Calls; gives whether one of these errors came.
    fn done(&mut self, operation: &str, body: &Json, known: &[&str]) -> Result<Result<bool, String>, Gone> {
        Ok(match self.call(operation, body)? {
            Ok(_) => Ok(false),
            Err((code, _)) if known.contains(&&*code) => Ok(true),
            Err((_, error)) => Err(error.to_string()),
        })
    }

    /// Calls, and notes the time that is told.
    fn timed(&mut self, operation: &str, body: &Json, member: &str, request: &str) -> Result<Result<(), String>, Gone> {
        Ok(match self.call(operation, body)? {
            Ok(answer) => self.notes.tell(request, &answer[member]),
            // It was started in an earlier life, and has ended since.
            Err((code, _)) if code == "ExecutionAlreadyExists" => Ok(()),
            Err((_, error)) => Err(error.to_string()),
        })
    }

    fn start(&mut self, kind: Kind, name: &str) -> Result<Result<Option<String>, String>, Gone> {
        // Some through their version.
        let version = if name.ends_with(['0', '2', '4', '6', '8']) { ":1" } else { "" };
        let machine = format!("{MACHINES}{}{version}", kind.name());
        let body = json!({ "stateMachineArn": machine, "name": name, "input": INPUT });
        let started = self.timed("StartExecution", &body, "startDate", &format!("start {name}"))?;
        Ok(started.map(|()| Some(format!("started {name}"))))
    }

    fn redrive(&mut self, kind: Kind, name: &str) -> Result<Result<Option<String>, String>, Gone> {
        let arn = execution(kind, name);
        match self.call("DescribeExecution", &json!({ "executionArn": arn }))? {
            Ok(one) if one["status"] == "RUNNING" && one["redriveCount"] == 0 => return Ok(Ok(None)),
            Ok(_) => {}
            Err((_, error)) => return Ok(Err(error.to_string())),
        }
        let body = json!({ "executionArn": arn, "clientToken": name });
        let redriven = self.timed("RedriveExecution", &body, "redriveDate", &format!("redrive {name}"))?;
        Ok(redriven.map(|()| Some(format!("redriven {name}"))))
    }

    /// How an execution has ended, if it has; what was acknowledged must be in it.
    fn ended(&mut self, kind: Kind, name: &str) -> Result<Result<Option<String>, String>, Gone> {
        let arn = execution(kind, name);
        let one = match self.call("DescribeExecution", &json!({ "executionArn": arn }))? {
            Ok(one) if one["status"] == "RUNNING" => return Ok(Ok(None)),
            Ok(one) => one,
            Err((_, error)) => return Ok(Err(error.to_string())),
        };
        let times = [("start", "startDate"), ("stop", "stopDate"), ("redrive", "redriveDate")];
        for (verb, member) in times {
            if let Err(fault) = self.notes.check(&format!("{verb} {name}"), &one[member]) {
                return Ok(Err(fault));
            }
        }
        let events = match kind {
            // Long: its last event says how many there are.
            Kind::Loop => self.history(&arn, json!({ "maxResults": 1, "reverseOrder": true }), true)?,
            _ => self.history(&arn, json!({ "maxResults": 1000 }), false)?,
        };
        let how = json!({ "status": one["status"], "output": one["output"], "error": one["error"], "events": events });
        Ok(Ok(Some(format!("ended {name} {how}"))))
    }

    fn history(&mut self, arn: &str, mut body: Json, last: bool) -> Result<Json, Gone> {
        body["executionArn"] = arn.into();
        body["includeExecutionData"] = false.into();
        let Ok(answer) = self.call("GetExecutionHistory", &body)? else { return Ok(Json::Null) };
        let events = answer["events"].as_array().cloned().unwrap_or_default();
        if last {
            return Ok(events.first().map_or(Json::Null, |event| event["id"].clone()));
        }
        let mut types: Vec<&str> = events.iter().filter_map(|event| event["type"].as_str()).collect();
        types.sort_unstable();
        Ok(types.into())
    }

    fn register(&mut self, name: &str) -> Result<Result<Option<String>, String>, Gone> {
        let body = json!({ "name": name, "definition": definition(Kind::Registry).to_string(), "publish": true,
                           "roleArn": "arn:aws:iam::000000000000:role/any" });
        let made = self.done("CreateStateMachine", &body, &[])?;
        let activity = self.done("CreateActivity", &json!({ "name": name }), &[])?;
        Ok(made.and(activity).map(|_| Some(format!("started {name}"))))
    }

    /// What there is of a machine.
    fn registered(&mut self, name: &str) -> Result<Result<String, String>, Gone> {
        let arn = format!("{MACHINES}{name}");
        let activity = arn.replace(":stateMachine:", ":activity:");
        let questions = [
            ("DescribeStateMachine", json!({ "stateMachineArn": arn }), &["name", "status", "definition"][..]),
            ("ListTagsForResource", json!({ "resourceArn": arn }), &["tags"]),
            ("ListStateMachineVersions", json!({ "stateMachineArn": arn }), &["stateMachineVersions"]),
            (
                "DescribeStateMachineAlias",
                json!({ "stateMachineAliasArn": format!("{arn}:live") }),
                &["routingConfiguration"],
            ),
            ("DescribeActivity", json!({ "activityArn": activity }), &["name"]),
        ];
        let mut found = Vec::new();
        for (operation, body, members) in questions {
            match self.call(operation, &body)? {
                Ok(answer) => found.extend(members.iter().map(|member| answer[member].clone())),
                Err((_, error)) => return Ok(Err(error.to_string())),
            }
        }
        // When a version was made is another time in each session.
        for version in found.iter_mut().filter_map(Json::as_array_mut).flatten() {
            if let Some(version) = version.as_object_mut() {
                version.remove("creationDate");
            }
        }
        Ok(Ok(format!("ended {name} {}", json!({ "status": "REGISTERED", "found": found }))))
    }
}

fn execution(kind: Kind, name: &str) -> String {
    format!("arn:aws:states:us-east-1:000000000000:execution:{}:{name}", kind.name())
}
