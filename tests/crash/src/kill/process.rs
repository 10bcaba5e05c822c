//! The program that is killed, from outside.

use super::server::{Notes, Server};
use super::{Disturbance, ENGINES, KINDS, Kind};
use crate::Numbers;
use crate::power::{after_power_failure, begin_with};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

/// A program that can be started and killed.
#[derive(Debug, Clone)]
pub enum Program {
    /// The engine: requests and answers are lines.
    Engine(PathBuf),
    /// The server: requests and answers go over its API.
    Server(PathBuf),
}

impl Program {
    /// What it can run.
    pub fn kinds(&self) -> &'static [Kind] {
        match self {
            Program::Engine(_) => ENGINES,
            Program::Server(_) => &KINDS,
        }
    }
}

/// What one session knows of its program from life to life.
pub(super) struct Lives {
    program: Program,
    /// Where the first one has its files; each power failure leaves another directory in it.
    directory: PathBuf,
    failures: usize,
    disturbance: Disturbance,
    notes: Arc<Notes>,
}

impl Lives {
    pub(super) fn new(program: &Program, directory: &Path, disturbance: Disturbance) -> Lives {
        let (program, directory, notes) = (program.clone(), directory.to_owned(), Arc::default());
        Lives { program, directory, failures: 0, disturbance, notes }
    }

    /// Makes the files anew as a disk without power could have them.
    pub(super) fn lose_power(&mut self, numbers: &mut Numbers) {
        let before = self.files();
        self.failures += 1;
        let after = self.files();
        after_power_failure(&before, &after, numbers).unwrap();
        begin_with(&after).unwrap();
        std::fs::remove_dir_all(before).unwrap();
    }

    fn files(&self) -> PathBuf {
        match self.disturbance {
            Disturbance::Power => self.directory.join(self.failures.to_string()),
            _ => self.directory.clone(),
        }
    }

    pub(super) fn start(&self) -> Process {
        let (sender, answers) = channel();
        let (Program::Engine(path) | Program::Server(path)) = &self.program;
        let mut command = Command::new(path);
        command.arg(self.files());
        if self.disturbance == Disturbance::Power {
            command.arg("lossy");
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let talk = match &self.program {
            Program::Engine(_) => {
                std::thread::spawn(move || lines(out, &sender));
                Talk::Lines(child.stdin.take().unwrap())
            }
            Program::Server(_) => Talk::Http(Server::listen(out, sender, self.notes.clone())),
        };
        Process { child, talk, answers }
    }
}

fn lines(out: impl BufRead, answers: &Sender<String>) {
    for line in out.split(b'\n').map_while(Result::ok) {
        // A line that was cut by the kill is none.
        if answers.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
            return;
        }
    }
}

/// One life of the program.
pub(super) struct Process {
    child: Child,
    talk: Talk,
    answers: Receiver<String>,
}

enum Talk {
    Lines(ChildStdin),
    Http(Server),
}

impl Process {
    /// Sends a request; it may be lost with the process.
    pub(super) fn ask(&mut self, request: &str) {
        match &mut self.talk {
            Talk::Lines(requests) => {
                let _ = writeln!(requests, "{request}");
            }
            Talk::Http(server) => server.ask(request),
        }
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
        if let Talk::Http(server) = &mut self.talk {
            server.hang_up();
        }
        self.answers.iter().collect()
    }
}
