//! Everything of a program that tests can reach.

use super::kind::Kind;
use aslx_asl::Program;
use aslx_asl::graph::{EdgeKind, Graph, NodeKind};
use aslx_asl::program::{Effect, ErrorPattern, Next, State, StateId, StateKind};
use aslx_asl::syntax::{LineIndex, Node};
use aslx_engine::interpreter::Waypoint;
use std::collections::HashMap;
use std::ops::RangeInclusive;

/// Something that tests can reach.
#[derive(Debug, Clone)]
pub struct Item {
    /// What it is.
    pub kind: Kind,
    /// The state that it is, or belongs to; `None` for the time limit of the state machine.
    pub state: Option<StateId>,
    /// What people call it: `ChargeCard Retry[2] (Throttled)`.
    pub label: String,
    /// What never happened if it was not reached: `never retried`.
    pub missed: &'static str,
    /// JSON pointer of it in the definition.
    pub pointer: String,
    /// Its lines in the definition, from 1.
    pub lines: RangeInclusive<usize>,
    /// What reaches it.
    pub waypoint: Waypoint,
    /// It is a transition that a rule, `Default` or a catcher leads to: missing one is told by missing the other.
    pub is_implied: bool,
}

/// All items of a program, state by state in the order of the definition.
pub(super) fn items(program: &Program) -> Vec<Item> {
    let mut collector =
        Collector { program, lines: LineIndex::new(program.text()), labels: labels(program), items: Vec::new() };
    collector.machine();
    for (id, state) in program.states() {
        collector.state(id, state);
    }
    collector.items
}

/// The conditions and error names on the ways of a program, as its picture has them.
fn labels(program: &Program) -> HashMap<(StateId, EdgeKind), String> {
    let graph = Graph::of(program);
    let inner = graph.inner();
    inner
        .edge_indices()
        .filter_map(|edge| {
            let (from, _) = inner.edge_endpoints(edge)?;
            let NodeKind::State { id, .. } = graph.node(from).kind else { return None };
            let edge = inner.edge_weight(edge)?;
            Some(((id, edge.kind), edge.label.clone()))
        })
        .collect()
}

struct Collector<'p> {
    program: &'p Program,
    lines: LineIndex<'p>,
    labels: HashMap<(StateId, EdgeKind), String>,
    items: Vec<Item>,
}

impl Collector<'_> {
    fn node(&self, pointer: &str) -> Option<&Node> {
        self.program.document().root().pointer(pointer)
    }

    fn range(&self, start: usize, end: usize) -> RangeInclusive<usize> {
        let last = end.saturating_sub(1).max(start);
        self.lines.place(start).line..=self.lines.place(last).line
    }

    fn add(&mut self, kind: Kind, state: Option<StateId>, pointer: String, label: String, waypoint: Waypoint) {
        let lines = self.node(&pointer).map_or(1..=1, |node| self.range(node.span.start, node.span.end));
        let missed = match waypoint {
            Waypoint::Entered(_) => "never entered",
            Waypoint::Left(..) | Waypoint::Rule(..) | Waypoint::Default(_) => "never taken",
            Waypoint::Retried(..) => "never retried",
            Waypoint::Exhausted(..) if kind == Kind::Retrier => "never matched",
            Waypoint::Exhausted(..) => "never exhausted",
            Waypoint::Caught(..) => "never caught",
            Waypoint::TimedOut(_) | Waypoint::HeartbeatMissed(_) | Waypoint::MachineTimedOut => "never timed out",
        };
        self.items.push(Item { kind, state, label, missed, pointer, lines, waypoint, is_implied: false });
    }

    /// The time limit of the state machine.
    fn machine(&mut self) {
        if self.program.timeout_seconds().is_some() {
            let label = "the state machine's TimeoutSeconds".to_owned();
            self.add(Kind::Timeout, None, "/TimeoutSeconds".to_owned(), label, Waypoint::MachineTimedOut);
        }
    }

    fn state(&mut self, id: StateId, state: &State) {
        let pointer = &state.pointer;
        self.add(Kind::State, Some(id), pointer.clone(), state.name.to_string(), Waypoint::Entered(id));
        // A state begins at its name, which stands before its value.
        let start = self.lines.place(state.span.start).line;
        if let Some(item) = self.items.last_mut() {
            item.lines = start.min(*item.lines.start())..=*item.lines.end();
        }
        let own = match &state.kind {
            StateKind::Pass(next) => Some(*next),
            StateKind::Wait(_, next) => Some(*next),
            StateKind::Succeed | StateKind::Fail(_) | StateKind::Choice(_) => None,
            StateKind::Task(_) | StateKind::Parallel(_) | StateKind::Map(_) => effect(state).map(|effect| effect.next),
        };
        if let Some(next) = own {
            let field = if next == Next::End { "End" } else { "Next" };
            self.transition(id, state, next, format!("{pointer}/{field}"), false);
        }
        if let StateKind::Choice(choice) = &state.kind {
            for (number, rule) in choice.rules.iter().enumerate() {
                let at = format!("{pointer}/Choices/{number}");
                let label = self.named(state, &format!("Choices[{number}]"), (id, EdgeKind::Choice(number)));
                self.add(Kind::Rule, Some(id), at.clone(), label, Waypoint::Rule(id, number));
                self.transition(id, state, Next::State(rule.next), format!("{at}/Next"), true);
            }
            if let Some(default) = choice.default {
                let at = format!("{pointer}/Default");
                let label = format!("{} Default", state.name);
                self.add(Kind::Rule, Some(id), at.clone(), label, Waypoint::Default(id));
                self.transition(id, state, Next::State(default), at, true);
            }
        }
        if let StateKind::Task(task) = &state.kind {
            let clocks = [
                (task.timeout.is_some(), "TimeoutSeconds", Waypoint::TimedOut(id)),
                (task.heartbeat.is_some(), "HeartbeatSeconds", Waypoint::HeartbeatMissed(id)),
            ];
            for (_, field, waypoint) in clocks.into_iter().filter(|(given, ..)| *given) {
                let literal = format!("{pointer}/{field}");
                let at = if self.node(&literal).is_some() { literal } else { format!("{literal}Path") };
                self.add(Kind::Timeout, Some(id), at, format!("{} {field}", state.name), waypoint);
            }
        }
        if let Some(effect) = effect(state) {
            self.errors(id, state, effect);
        }
    }

    /// Retriers and catchers.
    fn errors(&mut self, id: StateId, state: &State, effect: &Effect) {
        for (number, retrier) in effect.retry.iter().enumerate() {
            let at = format!("{}/Retry/{number}", state.pointer);
            let label = format!("{} Retry[{number}] ({})", state.name, names(&retrier.errors));
            if retrier.max_attempts == 0 {
                self.add(Kind::Retrier, Some(id), at, label, Waypoint::Exhausted(id, number));
            } else {
                self.add(Kind::Retrier, Some(id), at.clone(), label.clone(), Waypoint::Retried(id, number));
                self.add(Kind::Exhaustion, Some(id), at, label, Waypoint::Exhausted(id, number));
            }
        }
        for (number, catcher) in effect.catch.iter().enumerate() {
            let at = format!("{}/Catch/{number}", state.pointer);
            let label = format!("{} Catch[{number}] ({})", state.name, names(&catcher.errors));
            self.add(Kind::Catcher, Some(id), at.clone(), label, Waypoint::Caught(id, number));
            self.transition(id, state, Next::State(catcher.next), format!("{at}/Next"), true);
        }
    }

    /// A way to another state is one item, however many rules and catchers lead there.
    fn transition(&mut self, id: StateId, state: &State, next: Next, pointer: String, is_implied: bool) {
        let waypoint = Waypoint::Left(id, next);
        if self.items.iter().rev().take_while(|item| item.state == Some(id)).any(|item| item.waypoint == waypoint) {
            return;
        }
        let target = match next {
            Next::State(next) => &self.program.state(next).name,
            Next::End => "end",
        };
        self.add(Kind::Transition, Some(id), pointer, format!("{} → {target}", state.name), waypoint);
        if let Some(item) = self.items.last_mut() {
            item.is_implied = is_implied;
        }
    }

    fn named(&self, state: &State, field: &str, way: (StateId, EdgeKind)) -> String {
        match self.labels.get(&way).filter(|label| !label.is_empty()) {
            Some(label) => format!("{} {field} ({label})", state.name),
            None => format!("{} {field}", state.name),
        }
    }
}

fn names(errors: &[ErrorPattern]) -> String {
    // Long lists are told by their first.
    let shown = if errors.len() > 2 { 1 } else { errors.len() };
    let mut names: Vec<&str> = errors.iter().map(ErrorPattern::name).take(shown).collect();
    if shown < errors.len() {
        names.push("…");
    }
    names.join(", ")
}

pub(crate) fn effect(state: &State) -> Option<&Effect> {
    match &state.kind {
        StateKind::Task(task) => Some(&task.effect),
        StateKind::Parallel(parallel) => Some(&parallel.effect),
        StateKind::Map(map) => Some(&map.effect),
        _ => None,
    }
}
