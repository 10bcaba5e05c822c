//! The server as a process: it is asked to stop in the middle of work, and nothing that it has acknowledged is missing.

use super::support::Shell;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

const ROLE: &str = "arn:aws:iam::000000000000:role/any";

/// A process that serves, and is killed when a test fails.
struct Process {
    child: Child,
    address: String,
}

impl Process {
    fn start(shell: &Shell, more: &[&str]) -> Process {
        let mut arguments = vec!["serve", "--listen", "127.0.0.1:0", "--data", "data", "-q"];
        arguments.extend(more);
        let mut child = shell.start(&arguments);
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        Process { child, address }
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// The exit code, and how long it took.
    fn ended(&mut self) -> (Option<i32>, Duration) {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(30) {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status.code(), begun.elapsed());
            }
            sleep(Duration::from_millis(5));
        }
        panic!("it does not end");
    }

    fn call(&self, operation: &str, body: &Value) -> Value {
        call(&self.address, operation, body).unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended, or the test has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A request. `None` if there was no whole answer, or none that acknowledges anything.
fn call(address: &str, operation: &str, body: &Value) -> Option<Value> {
    let body = body.to_string();
    let mut stream = TcpStream::connect(address).ok()?;
    let head = "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Amz-Target: AWSStepFunctions";
    write!(stream, "{head}.{operation}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    if head.starts_with("HTTP/1.1 200") { serde_json::from_str(body).ok() } else { None }
}

fn machine(process: &Process, name: &str, kind: &str, state: &Value) -> Value {
    let definition = json!({"StartAt": "A", "States": {"A": state}}).to_string();
    let body = json!({"name": name, "type": kind, "definition": definition, "roleArn": ROLE});
    process.call("CreateStateMachine", &body)["stateMachineArn"].clone()
}

/// Starts executions until nobody answers any more; keeps the ARNs of those that were acknowledged.
fn starter(address: String, machine: Value, kept: Arc<Mutex<Vec<String>>>) -> JoinHandle<()> {
    spawn(move || {
        while let Some(started) = call(&address, "StartExecution", &json!({"stateMachineArn": machine})) {
            kept.lock().unwrap().push(started["executionArn"].as_str().unwrap().to_owned());
        }
    })
}

fn stopped_in_the_middle(signal: &str, twice: bool) {
    let shell = Shell::new();
    let mut process = Process::start(&shell, &[]);
    let activity = process.call("CreateActivity", &json!({"name": "a"}))["activityArn"].clone();
    let idle = process.call("CreateActivity", &json!({"name": "idle"}))["activityArn"].clone();
    let wait = json!({"Type": "Wait", "Seconds": 3600, "End": true});
    let waiting = machine(&process, "waiting", "STANDARD", &wait);
    let task = json!({"Type": "Task", "Resource": activity, "HeartbeatSeconds": 3000, "End": true});
    let working = machine(&process, "working", "STANDARD", &task);
    let sync = machine(&process, "sync", "EXPRESS", &json!({"Type": "Wait", "Seconds": 200, "End": true}));

    let kept = Arc::new(Mutex::new(Vec::new()));
    let mut clients = Vec::new();
    for _ in 0..4 {
        clients.push(starter(process.address.clone(), waiting.clone(), kept.clone()));
    }
    let begun = Instant::now();
    while kept.lock().unwrap().len() < 1_000 && begun.elapsed() < Duration::from_secs(60) {
        sleep(Duration::from_millis(5));
    }
    // A task that a worker has, one that nobody has, workers that wait, and a caller that waits for an execution.
    let taken = process.call("StartExecution", &json!({"stateMachineArn": working}))["executionArn"].clone();
    let token = process.call("GetActivityTask", &json!({"activityArn": activity}))["taskToken"].clone();
    let offered = process.call("StartExecution", &json!({"stateMachineArn": working}))["executionArn"].clone();
    let answered = Arc::new(AtomicBool::new(false));
    for (operation, body) in
        [("GetActivityTask", json!({"activityArn": idle})), ("StartSyncExecution", json!({"stateMachineArn": sync}))]
    {
        let (address, answered) = (process.address.clone(), answered.clone());
        clients.push(spawn(move || {
            let answer = call(&address, operation, &body);
            if operation == "GetActivityTask" {
                answered.store(answer == Some(json!({})), Ordering::Relaxed);
            }
        }));
    }
    sleep(Duration::from_millis(300));
    process.signal(signal);
    if twice {
        sleep(Duration::from_millis(50));
        process.signal(signal);
    }
    let (code, lasted) = process.ended();
    clients.into_iter().for_each(|client| client.join().unwrap());
    if twice {
        assert_eq!(code, Some(1));
        assert!(lasted < Duration::from_secs(2), "{lasted:?}");
    } else {
        assert_eq!(code, Some(0));
        assert!(lasted < Duration::from_secs(7), "{lasted:?}");
        assert!(answered.load(Ordering::Relaxed), "the worker was told that there is no task");
    }

    let process = Process::start(&shell, &[]);
    let kept = kept.lock().unwrap();
    assert!(kept.len() >= 1_000, "{}", kept.len());
    for execution in kept.iter() {
        let described = process.call("DescribeExecution", &json!({"executionArn": execution}));
        assert_eq!(described["status"], "RUNNING", "{execution}");
    }
    // The task that was taken is answered by its token, the other one is offered again.
    process.call("SendTaskSuccess", &json!({"taskToken": token, "output": "1"}));
    let again = process.call("GetActivityTask", &json!({"activityArn": activity}))["taskToken"].clone();
    assert_ne!(again, token);
    process.call("SendTaskSuccess", &json!({"taskToken": again, "output": "2"}));
    for (execution, output) in [(taken, "1"), (offered, "2")] {
        let begun = Instant::now();
        let ended = loop {
            let described = process.call("DescribeExecution", &json!({"executionArn": execution}));
            if described["status"] != "RUNNING" || begun.elapsed() > Duration::from_secs(20) {
                break described;
            }
        };
        assert_eq!((&ended["status"], &ended["output"]), (&json!("SUCCEEDED"), &json!(output)));
    }
}

#[test]
fn sigterm_in_the_middle_of_work_loses_nothing() {
    stopped_in_the_middle("-TERM", false);
}

#[test]
fn a_second_signal_ends_it_at_once_and_loses_nothing() {
    stopped_in_the_middle("-INT", true);
}

#[test]
fn files_of_secrets_that_others_can_read_are_refused() {
    use std::os::unix::fs::PermissionsExt;
    let keys = "[default]\naws_access_key_id = KEY\naws_secret_access_key = hidden\n";
    let shell = Shell::new().file("keys", keys).file("token", "t").file("empty", "[default]\n");
    let mode = |name: &str, mode: u32| {
        std::fs::set_permissions(shell.path(name), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let refused = |arguments: &[&str]| {
        let mut all = vec!["serve", "--memory", "--listen", "127.0.0.1:0"];
        all.extend(arguments);
        let output = shell.output(&all, "");
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    for (option, name) in [("--credentials-file", "keys"), ("--token-file", "token")] {
        for open in [0o644, 0o604, 0o620, 0o602] {
            mode(name, open);
            let told = refused(&[option, name]);
            assert!(told.contains("read or changed by others") && told.contains("chmod 600"), "{told}");
        }
    }
    mode("empty", 0o600);
    let told = refused(&["--credentials-file", "empty"]);
    assert!(told.contains("there is no profile") && !told.contains("hidden"), "{told}");
    assert!(refused(&["--listen", "0.0.0.0:0"]).contains("cannot be used multiple times"));
    let told = shell.output(&["serve", "--memory", "--listen", "0.0.0.0:0"], "");
    assert!(String::from_utf8(told.stderr).unwrap().contains("can be reached by others"));
    mode("keys", 0o640);
    let mut process = Process::start(&shell, &["--credentials-file", "keys", "--limit", "requests-per-second=5"]);
    assert_eq!(call(&process.address, "ListActivities", &json!({})), None, "it is not signed");
    process.signal("-TERM");
    assert_eq!(process.ended().0, Some(0));
}
