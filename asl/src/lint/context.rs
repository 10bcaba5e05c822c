//! What all lints need: the program, places in its text, the ways between its states.

use crate::diagnostic::Diagnostic;
use crate::program::{Effect, MachineId, Next, Program, State, StateId, StateKind};
use crate::syntax::{Node, Span};

/// A program and what has been found in it so far.
pub(super) struct Context<'p> {
    pub(super) program: &'p Program,
    pub(super) found: Vec<Diagnostic>,
}

/// How a state is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// By its `Next`, by a rule or by `Default`.
    Normal,
    /// By the catcher of this number.
    Caught(usize),
}

impl<'p> Context<'p> {
    pub(super) fn new(program: &'p Program) -> Context<'p> {
        Context { program, found: Vec::new() }
    }

    /// The node that a pointer leads to.
    pub(super) fn node(&self, pointer: &str) -> Option<&'p Node> {
        self.program.document().root().pointer(pointer)
    }

    /// Reports what stands at a pointer; what is not there is not reported.
    pub(super) fn warn(&mut self, code: &'static str, pointer: &str, message: String, help: impl Into<String>) {
        if let Some(node) = self.node(pointer) {
            self.found.push(Diagnostic::warning(code, pointer, node.span, message).help(help));
        }
    }

    /// Reports a state as a whole: its name is underlined.
    pub(super) fn warn_state(&mut self, code: &'static str, state: &State, message: String, help: impl Into<String>) {
        self.found.push(Diagnostic::warning(code, &state.pointer, state.span, message).help(help));
    }

    /// The name of the member that a pointer leads to.
    pub(super) fn name_span(&self, parent: &str, name: &str) -> Option<Span> {
        match &self.node(parent)?.kind {
            crate::syntax::NodeKind::Object(members) => {
                members.iter().rev().find(|member| &*member.name == name).map(|member| member.name_span)
            }
            _ => None,
        }
    }
}

/// What can be retried and caught, if the state has that.
pub(super) fn effect(state: &State) -> Option<&Effect> {
    match &state.kind {
        StateKind::Task(task) => Some(&task.effect),
        StateKind::Parallel(parallel) => Some(&parallel.effect),
        StateKind::Map(map) => Some(&map.effect),
        _ => None,
    }
}

/// The machines within a state.
pub(super) fn inner(state: &State) -> &[MachineId] {
    match &state.kind {
        StateKind::Parallel(parallel) => &parallel.branches,
        StateKind::Map(map) => std::slice::from_ref(&map.processor),
        _ => &[],
    }
}

/// The states that may follow a state in its machine.
pub(super) fn successors(state: &State) -> Vec<(StateId, Way)> {
    let normal = |next: Next| match next {
        Next::State(id) => vec![(id, Way::Normal)],
        Next::End => Vec::new(),
    };
    match &state.kind {
        StateKind::Pass(next) => normal(*next),
        StateKind::Wait(_, next) => normal(*next),
        StateKind::Succeed | StateKind::Fail(_) => Vec::new(),
        StateKind::Choice(choice) => {
            choice.rules.iter().map(|rule| rule.next).chain(choice.default).map(|id| (id, Way::Normal)).collect()
        }
        StateKind::Task(_) | StateKind::Parallel(_) | StateKind::Map(_) => {
            let Some(effect) = effect(state) else { return Vec::new() };
            let caught = effect.catch.iter().enumerate().map(|(index, catcher)| (catcher.next, Way::Caught(index)));
            normal(effect.next).into_iter().chain(caught).collect()
        }
    }
}
