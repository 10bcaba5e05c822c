//! The program that is killed, from outside.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

pub(super) struct Process {
    child: Child,
    requests: ChildStdin,
    answers: Receiver<String>,
}

impl Process {
    pub(super) fn start(program: &Path, directory: &Path) -> Process {
        let mut child =
            Command::new(program).arg(directory).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (sender, answers) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in out.split(b'\n').map_while(Result::ok) {
                // A line that was cut by the kill is none.
                if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                    return;
                }
            }
        });
        let requests = child.stdin.take().unwrap();
        Process { child, requests, answers }
    }

    /// Sends a request; it may be lost with the process.
    pub(super) fn ask(&mut self, request: &str) {
        let _ = writeln!(self.requests, "{request}");
    }

    /// The next answer; `None` when the time has come or the process has gone.
    pub(super) fn answer(&mut self, until: Instant) -> Option<String> {
        let left = until.saturating_duration_since(Instant::now());
        self.answers.recv_timeout(left).ok()
    }

    /// Kills it, and gives what it had said by then.
    pub(super) fn kill(&mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.answers.iter().collect()
    }
}
