//! Answers by state, and the count of those given.

use super::answer::{Answer, Times};
use crate::task::TaskRequest;
use aslx_asl::Value;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

/// What mocked Task states answer: for each a list, in the order of the calls. Plain data; the same answers serve any
/// number of executions, each of which begins at the top of every list.
///
/// A call is an attempt: the first one of a visit, a retry, the next visit in a loop, and a task that is issued again
/// after a restart. It takes the first answer of its state that is meant for it (by iteration, number and input) and
/// has not been given as often as it may.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answers {
    states: BTreeMap<Arc<str>, Vec<Answer>>,
}

impl Answers {
    /// No state is mocked.
    pub fn new() -> Answers {
        Answers::default()
    }

    /// The same with (more) answers of a state.
    #[must_use]
    pub fn state(mut self, name: &str, answers: impl IntoIterator<Item = Answer>) -> Answers {
        self.states.entry(name.into()).or_default().extend(answers);
        self
    }

    /// The names of the mocked states, sorted.
    pub fn states(&self) -> impl Iterator<Item = &str> {
        self.states.keys().map(|name| &**name)
    }

    /// The answers of a state; `None` if it is not mocked.
    pub fn of(&self, state: &str) -> Option<&[Answer]> {
        self.states.get(state).map(Vec::as_slice)
    }
}

/// A call for which there was no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// ARN of the execution.
    pub execution: Arc<str>,
    /// Name of the state.
    pub state: Arc<str>,
    /// Which call of this state it was in its execution and iteration, counted from 1.
    pub call: u32,
    /// Attempts of the same visit before it.
    pub retry_count: u32,
    /// Index in the innermost Map state.
    pub iteration: Option<usize>,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "call {} of state `{}` (retry {}", self.call, self.state, self.retry_count)?;
        if let Some(index) = self.iteration {
            write!(f, ", iteration {index}")?;
        }
        write!(f, ") has no answer: add one to the list of `{}`, or let its last one be given always", self.state)
    }
}

/// An answer that was given less often than it may be. Those that are given always are never unused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unused {
    /// ARN of the execution.
    pub execution: Arc<str>,
    /// Name of the state.
    pub state: Arc<str>,
    /// Place in the state's list.
    pub answer: usize,
    /// How often it could still be given.
    pub left: u32,
}

/// A call that was made, as [`super::AnswersLayer::for_one_execution`] remembers it.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// Name of the state.
    pub state: Arc<str>,
    /// Index in the innermost Map state.
    pub iteration: Option<usize>,
    /// Which call of this state it was in its iteration, counted from 1.
    pub call: u32,
    /// The input of the task.
    pub input: Value,
    /// The place of its answer in the state's list; `None` if there was none, or the state is not mocked.
    pub answer: Option<usize>,
}

/// What has been given to all executions.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// All executions are counted as one.
    together: bool,
    /// Calls are remembered.
    remembers: bool,
    asked: Vec<Asked>,
    executions: HashMap<Arc<str>, HashMap<Arc<str>, StateTally>>,
    /// In the order in which they were first heard of.
    order: Vec<Arc<str>>,
    missing: Vec<Missing>,
}

#[derive(Debug, Default)]
struct StateTally {
    /// Calls by iteration.
    calls: HashMap<Option<usize>, u32>,
    /// How often each answer was given.
    given: Vec<u32>,
    /// Which answer each iteration got last: that of a job which goes on.
    current: HashMap<Option<usize>, usize>,
}

/// What a call gets.
pub(super) enum Choice {
    /// The state is not mocked.
    Real,
    Answer(Answer),
    Missing(Missing),
}

impl Tally {
    pub(super) fn of_one_execution() -> Tally {
        Tally { together: true, remembers: true, ..Tally::default() }
    }

    pub(super) fn going_on() -> Tally {
        Tally { together: true, ..Tally::default() }
    }

    /// A state has made so many calls before.
    pub(super) fn made(&mut self, answers: &Answers, state: &str, calls: u32) {
        let Some(list) = answers.of(state) else { return };
        let tally = self.executions.entry("".into()).or_default().entry(state.into()).or_default();
        tally.calls.insert(None, calls);
        let mut left = calls;
        for answer in list {
            let given = match answer.times {
                Times::Exactly(times) => left.min(times),
                Times::Always => left,
            };
            tally.given.push(given);
            left -= given;
        }
    }

    pub(super) fn choose(&mut self, answers: &Answers, request: &TaskRequest) -> Choice {
        let Some(list) = answers.of(&request.state) else {
            self.note(request, 0, None);
            return Choice::Real;
        };
        let execution: Arc<str> = if self.together { "".into() } else { request.execution.clone() };
        if !self.executions.contains_key(&execution) {
            self.order.push(execution.clone());
        }
        let states = self.executions.entry(execution).or_default();
        let tally = states.entry(request.state.clone()).or_default();
        tally.given.resize(list.len(), 0);
        let iteration = request.iteration;
        if request.submitted.is_some() {
            // The job was submitted by an earlier call, here or before a restart: its answer goes on.
            let call = tally.calls.get(&iteration).copied().unwrap_or(1);
            let first = list.iter().position(|answer| answer.fits(request, call));
            let index = tally.current.get(&iteration).copied().or(first);
            if let Some(answer) = index.and_then(|index| list.get(index)) {
                return Choice::Answer(answer.clone());
            }
        }
        let call = tally.calls.entry(iteration).or_default();
        *call += 1;
        let call = *call;
        let open = list.iter().zip(&mut tally.given).enumerate();
        let mut fitting = open.filter(|(_, (answer, given))| answer.fits(request, call) && answer.has_more(**given));
        if let Some((index, (answer, given))) = fitting.next() {
            *given += 1;
            tally.current.insert(iteration, index);
            let answer = answer.clone();
            self.note(request, call, Some(index));
            return Choice::Answer(answer);
        }
        let missing = Missing {
            execution: request.execution.clone(),
            state: request.state.clone(),
            call,
            retry_count: request.retry_count,
            iteration,
        };
        self.note(request, call, None);
        if self.remembers || !self.together {
            self.missing.push(missing.clone());
        }
        Choice::Missing(missing)
    }

    fn note(&mut self, request: &TaskRequest, call: u32, answer: Option<usize>) {
        // The second call of a job belongs to the first.
        if self.remembers && request.submitted.is_none() {
            let TaskRequest { state, iteration, input, .. } = request;
            self.asked.push(Asked { state: state.clone(), iteration: *iteration, call, input: input.clone(), answer });
        }
    }

    pub(super) fn missing(&self) -> Vec<Missing> {
        self.missing.clone()
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.clone()
    }

    /// Looks at every execution that made a mocked call.
    pub(super) fn unused(&self, answers: &Answers) -> Vec<Unused> {
        let mut unused = Vec::new();
        for execution in &self.order {
            let states = self.executions.get(execution);
            for (state, list) in &answers.states {
                let given = states.and_then(|states| states.get(state)).map_or(&[] as &[u32], |tally| &tally.given);
                for (index, answer) in list.iter().enumerate() {
                    let Times::Exactly(times) = answer.times else { continue };
                    let left = times.saturating_sub(given.get(index).copied().unwrap_or_default());
                    if left > 0 {
                        unused.push(Unused { execution: execution.clone(), state: state.clone(), answer: index, left });
                    }
                }
            }
        }
        unused
    }
}
