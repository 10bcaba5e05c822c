//! The client: starts, answers and stops, whatever happens to the program.

use super::process::{Lives, Process};
use super::{Disturbance, Kind, Program};
use crate::Numbers;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::time::{Duration, Instant};

/// What a session is to do.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// After so many lives of the program it is killed; one more is undisturbed.
    pub kills: usize,
    /// Executions that are started in each life.
    pub per_life: usize,
    /// What is drawn follows from it.
    pub seed: u64,
}

impl Plan {
    /// Of a usual size.
    pub fn of(kills: usize, seed: u64) -> Plan {
        Plan { kills, per_life: 24, seed }
    }
}

/// When nothing has ended for so long, the rest never will. A machine that is slow has no other end than a fast one.
const PATIENCE: Duration = Duration::from_secs(60);

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
    /// Time from the last kill until everything had ended.
    pub settled: Duration,
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

/// Runs the executions of a plan in a directory of their own.
pub fn session(program: &Program, directory: &Path, plan: Plan, disturbance: Disturbance) -> Session {
    let begun = Instant::now();
    let (mut all, kinds) = (Lives::new(program, directory, disturbance), program.kinds());
    let mut client = Client {
        session: Session::default(),
        numbers: Numbers(plan.seed),
        process: all.start(),
        ready: false,
        later: Vec::new(),
        open: BTreeMap::new(),
        acknowledged: BTreeSet::new(),
        tokens: HashMap::new(),
    };
    let mut names = Vec::new();
    let mut born = begun;
    for life in 0..=plan.kills {
        // Some die before they are ready, some in full work.
        let lasts = Duration::from_millis(client.numbers.below(800));
        let lot: Vec<String> =
            (0..plan.per_life).map(|n| format!("{}-{life}-{n}", kinds[n % kinds.len()].name())).collect();
        let now = Instant::now();
        for name in &lot {
            let when = now + Duration::from_millis(client.numbers.below(250));
            client.later.push((when, format!("start {name}")));
        }
        names.extend(lot);
        if life == plan.kills {
            break;
        }
        client.live(born, Instant::now() + lasts);
        if disturbance != Disturbance::None {
            // What it had said counts.
            let said = client.process.kill();
            said.iter().for_each(|line| client.hear(line));
            if disturbance == Disturbance::Power {
                all.lose_power(&mut client.numbers);
            }
            born = Instant::now();
            client.process = all.start();
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
                match Kind::of(rest) {
                    Some(Kind::Stopped) => self.soon(format!("stop {rest}"), 500),
                    Some(Kind::Redriven) => self.soon(format!("redrive {rest}"), 500),
                    Some(Kind::Registry) => self.soon(format!("tag {rest}"), 500),
                    _ => {}
                }
            }
            "redriven" => self.acknowledge(format!("redrive {rest}")),
            "tagged" => {
                self.acknowledge(format!("tag {rest}"));
                self.soon(format!("alias {rest}"), 500);
            }
            "aliased" => self.acknowledge(format!("alias {rest}")),
            "token" => self.token(rest),
            // What was answered and acknowledged is refused the second time.
            "late" if self.open.remove(&format!("again {rest}")).is_some() => {}
            "answered" if self.open.remove(&format!("again {rest}")).is_some() => {
                self.session.faults.push(format!("an answer was accepted twice: {rest}"));
            }
            "late" => {
                let request = format!("answer {rest}");
                // It reached its task in an earlier life, which could not tell.
                if self.open.get(&request).is_none_or(|lives| *lives < 2) {
                    self.session.faults.push(format!("the task of a token ended before it was answered: {rest}"));
                }
                self.acknowledge(request);
            }
            "answered" => self.acknowledge(format!("answer {rest}")),
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
        if self.acknowledged.contains(&request) && Kind::of(name) == Some(Kind::Activity) {
            // It was on its way to the worker, perhaps. But it must not count again.
            self.soon(format!("again {token}"), 1);
        } else if self.acknowledged.contains(&request) {
            self.session.faults.push(format!("`{name}` asks again for what was answered and acknowledged"));
        }
        self.soon(request, 500);
    }

    /// Waits for the end of everything.
    fn finish(&mut self, names: &[String], born: Instant) {
        let begun = Instant::now();
        let mut news = Instant::now();
        // Everything must be asked for before the ends are.
        let mut open = usize::MAX;
        while !(self.later.is_empty() && self.open.is_empty()) && news.elapsed() < PATIENCE {
            self.live(born, Instant::now() + Duration::from_millis(50));
            if self.open.len() + self.later.len() != open {
                (open, news) = (self.open.len() + self.later.len(), Instant::now());
            }
        }
        for name in names {
            self.process.ask(&format!("end {name}"));
        }
        let mut left = names.len();
        while left > 0 && news.elapsed() < PATIENCE {
            // A token may be told late, and its answer is due a little later still.
            if let Some(line) = self.process.answer(Instant::now() + Duration::from_millis(50)) {
                if line.starts_with("ended ") || line.starts_with("failed end ") {
                    left -= 1;
                    news = Instant::now();
                }
                self.hear(&line);
            }
            self.send_due();
        }
        self.session.settled = begun.elapsed();
        self.process.kill();
    }
}
