//! Plans: which way each Choice is to go, and which errors are to happen.

use super::choose::Way;
use crate::coverage::{Item, effect};
use aslx_asl::program::{Catcher, ErrorPattern, Fail, MachineId, Next, Program, StateId, StateKind, TextField};
use aslx_engine::interpreter::Waypoint;
use aslx_engine::layers::Answer;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What an error of no particular name is called.
const SOME_ERROR: &str = "MadeUp.Error";

/// Where a test is to go.
#[derive(Debug, Clone)]
pub(super) struct Goals {
    program: Arc<Program>,
    /// The ways of Choice states; the flag says that the test is about it.
    pub(super) ways: BTreeMap<StateId, (Way, bool)>,
    /// What Task states answer before they succeed.
    pub(super) troubles: BTreeMap<String, Vec<Answer>>,
}

/// A way out of a state.
#[derive(Clone, Copy)]
enum Exit {
    Plain,
    Chosen(Way),
    Caught(usize),
}

impl Goals {
    /// Straight to the end: every Choice goes the way that is nearest to one.
    pub(super) fn of(program: &Arc<Program>) -> Goals {
        let mut goals = Goals { program: program.clone(), ways: BTreeMap::new(), troubles: BTreeMap::new() };
        let distances = goals.distances_to_ends();
        for (id, state) in program.states() {
            let StateKind::Choice(_) = &state.kind else { continue };
            let far = |target: &StateId| distances.get(target).copied().unwrap_or(usize::MAX);
            let best = goals.exits(id).into_iter().filter_map(|(exit, target)| match (exit, target) {
                (Exit::Chosen(way), Some(target)) => Some((far(&target), way)),
                _ => None,
            });
            if let Some((_, way)) = best.min_by_key(|(far, _)| *far) {
                goals.ways.insert(id, (way, false));
            }
        }
        goals
    }

    /// Adds what leads to an item; `false` if no plan is known.
    pub(super) fn aim_at(&mut self, item: &Item) -> bool {
        match item.waypoint {
            Waypoint::Entered(state) | Waypoint::Left(state, _) => self.reach(state),
            Waypoint::Rule(state, number) => self.reach(state) && self.choose(state, Way::Rule(number)),
            Waypoint::Default(state) => self.reach(state) && self.choose(state, Way::Default),
            Waypoint::Caught(state, number) => self.reach(state) && self.catch(state, number),
            Waypoint::Retried(state, number) | Waypoint::Exhausted(state, number) => {
                self.reach(state) && self.retry(state, number)
            }
            Waypoint::TimedOut(state) => self.reach(state) && self.trouble(state, vec![Answer::times_out()]),
            Waypoint::HeartbeatMissed(state) => {
                self.reach(state) && self.trouble(state, vec![Answer::misses_heartbeat()])
            }
            Waypoint::MachineTimedOut => self.take_too_long(),
        }
    }

    fn choose(&mut self, state: StateId, way: Way) -> bool {
        self.ways.insert(state, (way, true));
        true
    }

    fn trouble(&mut self, state: StateId, answers: Vec<Answer>) -> bool {
        let name = self.program.state(state).name.to_string();
        self.troubles.entry(name).or_insert(answers);
        true
    }

    /// The ways out of a state, with where they lead; `None` is the end of its machine.
    fn exits(&self, id: StateId) -> Vec<(Exit, Option<StateId>)> {
        let state = self.program.state(id);
        let plain = |next: Next| match next {
            Next::State(next) => (Exit::Plain, Some(next)),
            Next::End => (Exit::Plain, None),
        };
        let mut exits = match &state.kind {
            StateKind::Pass(next) => vec![plain(*next)],
            StateKind::Wait(_, next) => vec![plain(*next)],
            StateKind::Succeed => vec![(Exit::Plain, None)],
            StateKind::Fail(_) => Vec::new(),
            StateKind::Choice(choice) => {
                let rules = choice.rules.iter().enumerate();
                let rules = rules.map(|(number, rule)| (Exit::Chosen(Way::Rule(number)), Some(rule.next)));
                rules.chain(choice.default.map(|next| (Exit::Chosen(Way::Default), Some(next)))).collect()
            }
            StateKind::Task(_) | StateKind::Parallel(_) | StateKind::Map(_) => {
                effect(state).map(|effect| plain(effect.next)).into_iter().collect()
            }
        };
        if let Some(effect) = effect(state) {
            let caught = effect.catch.iter().enumerate();
            exits.extend(caught.map(|(number, catcher)| (Exit::Caught(number), Some(catcher.next))));
        }
        exits
    }

    /// Steps from each state to the end of its machine, errors and Fail states left aside.
    fn distances_to_ends(&self) -> BTreeMap<StateId, usize> {
        let mut distances = BTreeMap::new();
        loop {
            let before = distances.len();
            let mut found = Vec::new();
            for (id, _) in self.program.states().filter(|(id, _)| !distances.contains_key(id)) {
                let steps = self.exits(id).into_iter().filter_map(|(exit, target)| match (exit, target) {
                    (Exit::Caught(_), _) => None,
                    (_, None) => Some(1),
                    (_, Some(target)) => distances.get(&target).map(|steps| steps + 1),
                });
                found.extend(steps.min().map(|steps| (id, steps)));
            }
            distances.extend(found);
            if distances.len() == before {
                return distances;
            }
        }
    }

    /// Whether an execution can come to a state again after it has left it.
    pub(super) fn is_in_loop(&self, id: StateId) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![id];
        while let Some(here) = open.pop() {
            let next = self.exits(here).into_iter().filter_map(|(_, target)| target);
            open.extend(next.filter(|target| seen.insert(*target)));
        }
        seen.contains(&id)
    }

    /// Plans the way from the start to a state, with as few errors as possible.
    fn reach(&mut self, target: StateId) -> bool {
        let program = self.program.clone();
        let machine = program.machine(program.state(target).machine);
        if let Some(owner) = machine.owner
            && !self.reach(owner)
        {
            return false;
        }
        // Costs from the start, and how each state is come to.
        let mut come: BTreeMap<StateId, (usize, Option<(StateId, Exit)>)> =
            BTreeMap::from([(machine.start, (0, None))]);
        for _ in 0..machine.states.len() {
            for id in &machine.states {
                let Some((cost, _)) = come.get(id).copied() else { continue };
                for (exit, next) in self.exits(*id) {
                    let Some(next) = next else { continue };
                    let cost = cost + if matches!(exit, Exit::Caught(_)) { 1_000 } else { 1 };
                    if come.get(&next).is_none_or(|(known, _)| cost < *known) {
                        come.insert(next, (cost, Some((*id, exit))));
                    }
                }
            }
        }
        let mut here = target;
        while let Some((_, Some((from, exit)))) = come.get(&here).copied() {
            let planned = match exit {
                Exit::Plain => true,
                Exit::Chosen(way) => self.choose(from, way),
                Exit::Caught(number) => self.catch(from, number),
            };
            if !planned {
                return false;
            }
            here = from;
        }
        here == machine.start
    }

    /// Plans an error that this catcher takes.
    fn catch(&mut self, state: StateId, number: usize) -> bool {
        let program = self.program.clone();
        let Some(effect) = effect(program.state(state)) else { return false };
        let Some(catcher) = effect.catch.get(number) else { return false };
        let before: Vec<&[ErrorPattern]> = effect.catch.iter().take(number).map(|c: &Catcher| &*c.errors).collect();
        self.fail(state, &catcher.errors, &before)
    }

    /// Plans an error that this retrier takes.
    fn retry(&mut self, state: StateId, number: usize) -> bool {
        let program = self.program.clone();
        let Some(effect) = effect(program.state(state)) else { return false };
        let Some(retrier) = effect.retry.get(number) else { return false };
        let before: Vec<&[ErrorPattern]> = effect.retry.iter().take(number).map(|r| &*r.errors).collect();
        if let StateKind::Task(_) = program.state(state).kind {
            let error = pick(&retrier.errors, &before);
            return error.is_some_and(|error| self.trouble(state, vec![Answer::throws(error, "made up")]));
        }
        self.fail(state, &retrier.errors, &before)
    }

    /// Plans that a state fails with an error that is one of these, and none of those before, however often it is
    /// tried.
    fn fail(&mut self, state: StateId, errors: &[ErrorPattern], before: &[&[ErrorPattern]]) -> bool {
        let Some(error) = pick(errors, before) else { return false };
        let program = self.program.clone();
        if let StateKind::Task(task) = &program.state(state).kind {
            let retried = task.effect.retry.iter().any(|retrier| matches(&retrier.errors, &error));
            let answer = Answer::throws(error, "made up");
            return self.trouble(state, vec![if retried { answer.always() } else { answer }]);
        }
        for inner in self.inside(state) {
            let mut plan = self.clone();
            let failed = match &program.state(inner).kind {
                StateKind::Task(task) => {
                    !task.effect.catch.iter().any(|catcher| matches(&catcher.errors, &error))
                        && plan.reach(inner)
                        && plan.trouble(inner, vec![Answer::throws(error.clone(), "made up").always()])
                }
                StateKind::Fail(Fail { error: Some(TextField::Literal(name)), .. }) => {
                    matches(errors, name) && !before.iter().any(|errors| matches(errors, name)) && plan.reach(inner)
                }
                _ => false,
            };
            if failed {
                *self = plan;
                return true;
            }
        }
        false
    }

    /// The states inside a Parallel or Map, those of its own machines first.
    fn inside(&self, state: StateId) -> Vec<StateId> {
        let machines: Vec<MachineId> = match &self.program.state(state).kind {
            StateKind::Parallel(parallel) => parallel.branches.clone(),
            StateKind::Map(map) => vec![map.processor],
            _ => Vec::new(),
        };
        let own: Vec<StateId> = machines.iter().flat_map(|id| self.program.machine(*id).states.clone()).collect();
        let deeper: BTreeSet<StateId> = own.iter().flat_map(|state| self.inside(*state)).collect();
        own.into_iter().chain(deeper).collect()
    }

    /// The first task of the machine takes longer than the machine may.
    fn take_too_long(&mut self) -> bool {
        let Some(limit) = self.program.timeout_seconds() else { return false };
        let program = self.program.clone();
        let slow = program.root().states.iter().find(|id| match &program.state(**id).kind {
            StateKind::Task(task) => task.timeout.is_none() && task.heartbeat.is_none(),
            _ => false,
        });
        let Some(slow) = slow.copied() else { return false };
        let answer = Answer::returns("too late").taking(std::time::Duration::from_secs(limit + 1));
        self.reach(slow) && self.trouble(slow, vec![answer])
    }
}

/// An error name that is one of these, and none of those before.
fn pick(errors: &[ErrorPattern], before: &[&[ErrorPattern]]) -> Option<String> {
    let name = |pattern: &ErrorPattern| match pattern {
        ErrorPattern::All | ErrorPattern::TaskFailed => SOME_ERROR.to_owned(),
        named => named.name().to_owned(),
    };
    let fits = |name: &String| name != "States.Runtime" && !before.iter().any(|errors| matches(errors, name));
    errors.iter().map(name).find(fits)
}

fn matches(errors: &[ErrorPattern], name: &str) -> bool {
    errors.iter().any(|pattern| pattern.matches(name, true, false))
}
