//! The client: starts, answers and stops, whatever happens to the program.

use super::process::Process;
use super::{KINDS, Kind};
use crate::Numbers;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::time::{Duration, Instant};

/// Executions that are started in each life of the program.
pub(super) const PER_LIFE: usize = 24;

/// Until then everything must have ended after the last kill.
const PATIENCE: Duration = Duration::from_secs(180);

/// How an execution ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending(pub serde_json::Value);

/// What became of a session.
#[derive(Debug, Default)]
pub struct Session {
    /// How each execution ended, by its name.
    pub endings: BTreeMap<String, Ending>,
    /// What must not have happened.
    pub faults: Vec<String>,
    /// Acknowledged starts, answers and stops.
    pub acknowledged: usize,
    /// Requests that were sent again because nobody had acknowledged them.
    pub repeated: usize,
    /// Tokens that were told again after a restart.
    pub redelivered: usize,
    /// Times from the start of the program until it was ready.
    pub ready: Vec<Duration>,
}

/// Requests that wait for their answer, or for their time.
struct Client {
    session: Session,
    numbers: Numbers,
    process: Process,
    ready: bool,
    /// Requests to be sent, by their time.
    later: Vec<(Instant, String)>,
    /// Sent in some life of the program, and not yet acknowledged; in how many lives.
    open: BTreeMap<String, u32>,
    acknowledged: BTreeSet<String>,
    tokens: HashMap<String, String>,
}

/// Runs `lives` lots of executions; after each but the last the program is killed. With no kills, all run undisturbed.
pub fn session(program: &Path, directory: &Path, lives: usize, kills: bool, seed: u64) -> Session {
    let begun = Instant::now();
    let mut client = Client {
        session: Session::default(),
        numbers: Numbers(seed),
        process: Process::start(program, directory),
        ready: false,
        later: Vec::new(),
        open: BTreeMap::new(),
        acknowledged: BTreeSet::new(),
        tokens: HashMap::new(),
    };
    let mut names = Vec::new();
    let mut born = begun;
    for life in 0..lives {
        let last = life + 1 == lives;
        // Some die before they are ready, some in full work.
        let lasts = Duration::from_millis(client.numbers.below(800));
        let lot: Vec<String> = (0..PER_LIFE).map(|n| format!("{}-{life}-{n}", KINDS[n % KINDS.len()].name())).collect();
        let now = Instant::now();
        for name in &lot {
            let when = now + Duration::from_millis(client.numbers.below(250));
            client.later.push((when, format!("start {name}")));
        }
        names.extend(lot);
        if last {
            break;
        }
        client.live(born, Instant::now() + lasts);
        if kills {
            // What it had said counts.
            let said = client.process.kill();
            said.iter().for_each(|line| client.hear(line));
            born = Instant::now();
            client.process = Process::start(program, directory);
            client.ready = false;
        }
    }
    client.live(born, Instant::now() + Duration::from_millis(10));
    client.finish(&names, born);
    client.session
}

impl Client {
    /// Talks with the program until the time has come.
    fn live(&mut self, born: Instant, until: Instant) {
        while Instant::now() < until {
            let next = self.later.iter().map(|(when, _)| *when).min().filter(|_| self.ready);
            let wake = next.map_or(until, |next| next.min(until));
            if let Some(line) = self.process.answer(wake) {
                if line == "ready" {
                    self.ready = true;
                    self.session.ready.push(born.elapsed());
                    self.repeat();
                } else {
                    self.hear(&line);
                }
            }
            if self.ready {
                self.send_due();
            }
        }
    }

    /// Asks again for all that was not acknowledged.
    fn repeat(&mut self) {
        for (request, lives) in &mut self.open {
            self.process.ask(request);
            *lives += 1;
            self.session.repeated += 1;
        }
    }

    fn send_due(&mut self) {
        let now = Instant::now();
        let (due, later) = std::mem::take(&mut self.later).into_iter().partition(|(when, _)| *when <= now);
        self.later = later;
        let due: Vec<(Instant, String)> = due;
        for (_, request) in due {
            self.process.ask(&request);
            *self.open.entry(request).or_default() += 1;
        }
    }

    fn soon(&mut self, request: String, at_most_millis: u64) {
        let when = Instant::now() + Duration::from_millis(self.numbers.below(at_most_millis));
        if !self.open.contains_key(&request) && !self.acknowledged.contains(&request) {
            self.later.retain(|(_, other)| *other != request);
            self.later.push((when, request));
        }
    }

    fn acknowledge(&mut self, request: String) {
        self.open.remove(&request);
        if self.acknowledged.insert(request) {
            self.session.acknowledged += 1;
        }
    }

    fn hear(&mut self, line: &str) {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "ready" => {}
            "started" => {
                self.acknowledge(format!("start {rest}"));
                if Kind::of(rest) == Some(Kind::Stopped) {
                    self.soon(format!("stop {rest}"), 500);
                }
            }
            "token" => self.token(rest),
            "answered" => self.acknowledge(format!("answer {rest}")),
            "late" => {
                let request = format!("answer {rest}");
                // It reached its task in an earlier life, which could not tell.
                if self.open.get(&request).is_none_or(|lives| *lives < 2) {
                    self.session.faults.push(format!("the task of a token ended before it was answered: {rest}"));
                }
                self.acknowledge(request);
            }
            "stopped" => self.acknowledge(format!("stop {rest}")),
            "ended" => {
                // A line that was cut is said again.
                if let Some((name, how)) = rest.split_once(' ')
                    && let Ok(how) = serde_json::from_str(how)
                {
                    self.session.endings.insert(name.to_owned(), Ending(how));
                }
            }
            _ => {
                // It was refused: asking again would not help.
                self.open.remove(rest.split(": ").next().unwrap_or(rest));
                self.session.faults.push(line.to_owned());
            }
        }
    }

    fn token(&mut self, rest: &str) {
        let Some((name, token)) = rest.split_once(' ') else { return };
        match self.tokens.insert(token.to_owned(), name.to_owned()) {
            None => {}
            Some(before) if before == name => self.session.redelivered += 1,
            Some(before) => self.session.faults.push(format!("`{before}` and `{name}` have the same token")),
        }
        if Kind::of(name) == Some(Kind::Stopped) {
            return;
        }
        let request = format!("answer {token}");
        if self.acknowledged.contains(&request) {
            self.session.faults.push(format!("`{name}` asks again for what was answered and acknowledged"));
        }
        self.soon(request, 500);
    }

    /// Waits for the end of everything.
    fn finish(&mut self, names: &[String], born: Instant) {
        let until = Instant::now() + PATIENCE;
        // Everything must be asked for before the ends are.
        while !(self.later.is_empty() && self.open.is_empty()) && Instant::now() < until {
            self.live(born, Instant::now() + Duration::from_millis(50));
        }
        for name in names {
            self.process.ask(&format!("end {name}"));
        }
        let mut left = names.len();
        while left > 0
            && let Some(line) = self.process.answer(until)
        {
            left -= usize::from(line.starts_with("ended ") || line.starts_with("failed end "));
            self.hear(&line);
            self.send_due();
        }
        self.process.kill();
    }
}
