//! What nobody asked to be told is told to nobody: the server as a process, with everything that it can be told to
//! write, and executions that are full of secrets.

use crate::support::Shell;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// In every payload, cause, token and header of this test, and nowhere else.
const SECRET: &str = "hunter2-do-not-tell";

/// Keeps whatever is posted to it, heads and bodies.
fn receiver() -> (String, Arc<Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let kept = Arc::new(Mutex::new(String::new()));
    let keeps = kept.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let keeps = keeps.clone();
            std::thread::spawn(move || converse(stream.unwrap(), &keeps));
        }
    });
    (url, kept)
}

fn converse(stream: TcpStream, kept: &Mutex<String>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    loop {
        let (mut length, mut line) = (0, String::new());
        while line != "\r\n" {
            line.clear();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            kept.lock().unwrap().push_str(&line);
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        kept.lock().unwrap().push_str(&String::from_utf8(body).unwrap());
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
    }
}

fn exchange(address: &str, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let authorization = format!("Authorization: Bearer {SECRET}");
    let rest = format!("Host: localhost\r\n{authorization}\r\nConnection: close\r\nContent-Length: {}", body.len());
    write!(stream, "{head}\r\n{rest}\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

fn call(address: &str, operation: &str, body: &Value) -> Value {
    let head = format!("POST / HTTP/1.1\r\nX-Amz-Target: AWSStepFunctions.{operation}");
    serde_json::from_str(&exchange(address, &head, &body.to_string())).unwrap()
}

/// Runs what is full of secrets; gives all that the process told, by where it told it, and how many executions ended.
fn told(more: &[&str]) -> Vec<(&'static str, String)> {
    let shell = Shell::new().file("token", SECRET);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(shell.path("token"), std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let ((webhook, posted), (collector, traces)) = (receiver(), receiver());
    let webhook = format!("{webhook}/status");
    let mut arguments = vec!["serve", "--listen", "127.0.0.1:0", "--memory", "--token-file", "token"];
    arguments.extend(["--events", &webhook, "--otlp", &collector, "--logs", "logs"]);
    arguments.extend(more);
    let mut child = shell.start(&arguments);
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    output.read_line(&mut first).unwrap();
    let address = first.split("http://").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let input = json!({"password": SECRET}).to_string();
    let task = json!({"Type": "Task", "End": true,
        "Resource": "arn:aws:states:us-east-1:000000000000:activity:a"});
    let definitions = [
        ("echo", json!({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}})),
        (
            "fails",
            json!({"StartAt": "F", "States": {
            "F": {"Type": "Fail", "Error": "Refused", "CausePath": "$.password"}}}),
        ),
        (
            "breaks",
            json!({"StartAt": "C", "States": {
            "C": {"Type": "Pass", "InputPath": "$.password.inner", "End": true}}}),
        ),
        ("asks", json!({"StartAt": "T", "States": {"T": task}})),
    ];
    call(&address, "CreateActivity", &json!({"name": "a"}));
    let group = json!({"logGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:g:*"});
    for (name, definition) in &definitions {
        for kind in ["STANDARD", "EXPRESS"] {
            if (*name, kind) == ("asks", "EXPRESS") {
                continue;
            }
            let level = if *name == "echo" || *name == "asks" { "ALL" } else { "OFF" };
            let machine = call(
                &address,
                "CreateStateMachine",
                &json!({
                    "name": format!("{name}-{kind}"), "definition": definition.to_string(), "type": kind,
                    "roleArn": "arn:aws:iam::000000000000:role/r",
                    "loggingConfiguration": {"level": level, "includeExecutionData": false,
                        "destinations": [{"cloudWatchLogsLogGroup": group}]},
                }),
            );
            let start = json!({"stateMachineArn": machine["stateMachineArn"], "input": input});
            assert!(call(&address, "StartExecution", &start)["executionArn"].is_string(), "{machine}");
        }
    }
    let activity = json!({"activityArn": "arn:aws:states:us-east-1:000000000000:activity:a", "workerName": "w"});
    let work = call(&address, "GetActivityTask", &activity);
    assert!(work["input"].as_str().unwrap().contains(SECRET), "{work}");
    let token = work["taskToken"].as_str().unwrap().to_owned();
    let failed = json!({"taskToken": token, "error": "Refused", "cause": SECRET});
    assert_eq!(call(&address, "SendTaskFailure", &failed), json!({}));
    // A refusal names what is wrong, not what was said.
    call(&address, "StartExecution", &json!({"stateMachineArn": SECRET, "input": SECRET}));
    let begun = Instant::now();
    let metrics = loop {
        let metrics = exchange(&address, "GET /metrics HTTP/1.1", "");
        let ended = metrics.lines().filter(|line| line.starts_with("aslx_executions_ended_total"));
        let ended: u64 = ended.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum();
        if ended == 7 {
            break metrics;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{metrics}");
        std::thread::sleep(Duration::from_millis(10));
    };
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    let mut out = first;
    output.read_to_string(&mut out).unwrap();
    assert!(child.wait().unwrap().success());
    let text = |kept: Arc<Mutex<String>>| kept.lock().unwrap().clone();
    let everything = [
        ("stdout", out),
        ("stderr", shell.read("stderr")),
        ("metrics", metrics),
        ("events", text(posted)),
        ("traces", text(traces)),
        ("logs", shell.read("logs")),
    ];
    for (place, text) in &everything {
        assert!(!text.contains(&token), "the task's token in {place}: {text}");
    }
    everything.into()
}

#[test]
fn secrets_are_told_to_nobody() {
    let told = told(&[]);
    for (place, text) in &told {
        // Who sets a level asks for causes, as on AWS.
        let causes = format!("\"cause\":\"{SECRET}\"");
        let text = if *place == "logs" { text.replace(&causes, "") } else { text.clone() };
        assert!(!text.contains(SECRET), "in {place}: {text}");
    }
    let place = |name: &str| &told.iter().find(|(place, _)| *place == name).unwrap().1;
    // It is not that nothing was told.
    assert_eq!(place("stdout").lines().count(), 8, "{}", place("stdout"));
    assert_eq!(place("stderr"), "");
    assert_eq!(place("events").matches("Execution Status Change").count(), 8);
    assert_eq!(place("traces").matches("aslx.execution.arn").count(), 7);
    assert!(place("traces").contains("\"Refused\"") && place("logs").contains("ActivityFailed"));
}

/// The same finds what it looks for when it is asked to be told.
#[test]
fn who_asks_is_told() {
    let told = told(&["--event-payloads", "--otlp-payloads", "-q"]);
    let place = |name: &str| &told.iter().find(|(place, _)| *place == name).unwrap().1;
    assert!(place("events").contains(SECRET) && place("traces").contains(SECRET));
    for name in ["stdout", "stderr", "metrics"] {
        assert!(!place(name).contains(SECRET), "{name}");
    }
}
