//! Histories for the tests of the comparison: a small machine that runs made-up workflows in any legal order.

use serde_json::{Value, json};

/// A sequence of numbers that a seed decides.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D)
    }

    /// A number below `sides`.
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % sides
    }
}

#[derive(Debug, Clone)]
pub(super) enum Step {
    Pass(String),
    Parallel(String, Vec<Vec<Step>>),
    Map { name: String, items: usize, at_once: usize, body: Vec<Step> },
}

/// A workflow with `width` branches or iterations side by side at most.
pub(super) fn workflow(dice: &mut Dice, width: usize) -> Vec<Step> {
    let mut named = 0;
    steps(dice, width, 2, &mut named)
}

fn steps(dice: &mut Dice, width: usize, depth: usize, named: &mut usize) -> Vec<Step> {
    (0..=dice.roll(3))
        .map(|_| {
            *named += 1;
            let number = *named;
            match dice.roll(if depth == 0 { 1 } else { 4 }) {
                0 | 1 => Step::Pass(format!("Pass{number}")),
                2 => {
                    let branches = (0..=dice.roll(width)).map(|_| steps(dice, width, depth - 1, named)).collect();
                    Step::Parallel(format!("Parallel{number}"), branches)
                }
                _ => Step::Map {
                    name: format!("Map{number}"),
                    items: dice.roll(5),
                    at_once: 1 + dice.roll(width),
                    body: steps(dice, width, depth - 1, named),
                },
            }
        })
        .collect()
}

/// One thread of the running machine.
struct Line {
    todo: Vec<Step>,
    /// What is left of the step that it is in.
    phase: usize,
    last: u64,
    /// The line that waits for this one.
    parent: Option<usize>,
    /// The iteration of a Map state, with the state's name; it waits until it is told to begin.
    iteration: Option<(String, usize)>,
    waits: bool,
    path: String,
    /// While in a container: its lines, which of them run, and what the last one to end left.
    children: Vec<usize>,
    running: usize,
    joined: u64,
    done: bool,
}

struct Machine {
    lines: Vec<Line>,
    events: Vec<Value>,
}

/// The history of the workflow when chance decides who moves next.
pub(super) fn run(workflow: &[Step], dice: &mut Dice) -> Vec<Value> {
    let mut machine = Machine { lines: Vec::new(), events: Vec::new() };
    machine.emit("ExecutionStarted", 0, json!({}));
    machine.line(workflow, None, None, 0, String::new());
    loop {
        let able: Vec<usize> = (0..machine.lines.len()).filter(|line| machine.able(*line)).collect();
        if able.is_empty() {
            break;
        }
        machine.step(able[dice.roll(able.len())]);
    }
    let last = machine.lines[0].last;
    machine.emit("ExecutionSucceeded", last, json!({"executionSucceededEventDetails": {"output": {"end": true}}}));
    machine.events
}

impl Machine {
    fn emit(&mut self, kind: &str, previous: u64, details: Value) -> u64 {
        let id = self.events.len() as u64 + 1;
        let mut event = json!({"id": id, "previousEventId": previous, "type": kind, "timestamp": id as f64});
        event.as_object_mut().unwrap().extend(details.as_object().unwrap().clone());
        self.events.push(event);
        id
    }

    fn line(
        &mut self,
        todo: &[Step],
        parent: Option<usize>,
        iteration: Option<(String, usize)>,
        last: u64,
        path: String,
    ) {
        let mut todo = todo.to_vec();
        todo.reverse();
        let waits = iteration.is_some();
        self.lines.push(Line {
            todo,
            phase: 0,
            last,
            parent,
            iteration,
            waits,
            path,
            children: vec![],
            running: 0,
            joined: 0,
            done: false,
        });
    }

    /// Whether the line can move: it has something to do, is not waiting for its turn or for lines below it.
    fn able(&self, at: usize) -> bool {
        let line = &self.lines[at];
        if line.done || line.running > 0 {
            return false;
        }
        let Some((_, index)) = &line.iteration else { return !line.todo.is_empty() || line.parent.is_some() };
        // The first iterations begin in order; the others are begun by one that ends and makes room.
        let Some(Step::Map { at_once, .. }) = self.lines[line.parent.unwrap()].todo.last() else { unreachable!() };
        let siblings = &self.lines[line.parent.unwrap()].children;
        let begun = |count: usize| siblings.iter().take(count).all(|sibling| !self.lines[*sibling].waits);
        match line.waits {
            true => index < at_once && begun(*index),
            false => !line.todo.is_empty() || begun(*at_once),
        }
    }

    fn begin(&mut self, at: usize, previous: u64) {
        let (name, index) = self.lines[at].iteration.clone().unwrap();
        let details = json!({"mapIterationStartedEventDetails": {"name": name, "index": index}});
        self.lines[at].last = self.emit("MapIterationStarted", previous, details);
        self.lines[at].waits = false;
    }

    fn step(&mut self, at: usize) {
        if self.lines[at].waits {
            return self.begin(at, self.lines[at].last);
        }
        let (phase, last, path) = (self.lines[at].phase, self.lines[at].last, self.lines[at].path.clone());
        let Some(step) = self.lines[at].todo.last().cloned() else { return self.end(at) };
        let (kind, name) = match &step {
            Step::Pass(name) => ("Pass", name),
            Step::Parallel(name, _) => ("Parallel", name),
            Step::Map { name, .. } => ("Map", name),
        };
        let entered = json!({"stateEnteredEventDetails": {"name": name, "input": {"at": path}}});
        let exited = json!({"stateExitedEventDetails": {"name": name, "output": {"left": path, "state": name}}});
        self.lines[at].phase += 1;
        match (phase, &step) {
            (0, _) => self.lines[at].last = self.emit(&format!("{kind}StateEntered"), last, entered),
            (1, Step::Parallel(_, branches)) => {
                let start = self.emit("ParallelStateStarted", last, json!({}));
                for (index, branch) in branches.iter().enumerate() {
                    self.child(at, branch, None, start, format!("{path}/{name}-{index}"));
                }
                self.lines[at].joined = start;
            }
            (1, Step::Map { items, body, .. }) => {
                let details = json!({"mapStateStartedEventDetails": {"length": items}});
                let start = self.emit("MapStateStarted", last, details);
                for index in 0..*items {
                    self.child(at, body, Some((name.clone(), index)), start, format!("{path}/{name}-{index}"));
                }
                self.lines[at].joined = start;
            }
            (2, Step::Parallel(..) | Step::Map { .. }) => {
                self.emit(&format!("{kind}StateSucceeded"), self.lines[at].joined, json!({}));
            }
            _ => {
                let previous = if matches!(step, Step::Pass(_)) { last } else { self.lines[at].joined };
                let id = self.emit(&format!("{kind}StateExited"), previous, exited);
                let line = &mut self.lines[at];
                (line.last, line.phase, line.children) = (id, 0, vec![]);
                line.todo.pop();
                // A branch ends with its last event; an iteration has an event for its end.
                if line.todo.is_empty() && line.iteration.is_none() {
                    self.end(at);
                }
            }
        }
    }

    fn child(&mut self, at: usize, todo: &[Step], iteration: Option<(String, usize)>, start: u64, path: String) {
        let child = self.lines.len();
        self.line(todo, Some(at), iteration, start, path);
        self.lines[at].children.push(child);
        self.lines[at].running += 1;
    }

    fn end(&mut self, at: usize) {
        self.lines[at].done = true;
        let Some(parent) = self.lines[at].parent else { return };
        let inner = self.lines[at].last;
        let mut last = inner;
        if let Some((name, index)) = self.lines[at].iteration.clone() {
            let details = json!({"mapIterationSucceededEventDetails": {"name": name, "index": index}});
            last = self.emit("MapIterationSucceeded", inner, details);
            let Some(Step::Map { at_once, .. }) = self.lines[parent].todo.last() else { unreachable!() };
            let first_late = self.lines[parent].children.iter().skip(*at_once).find(|line| self.lines[**line].waits);
            if let Some(next) = first_late.copied() {
                self.begin(next, inner);
            }
        }
        self.lines[parent].joined = last;
        self.lines[parent].running -= 1;
    }
}
