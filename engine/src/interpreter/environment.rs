//! What the expressions of a state can see.

use super::Interpreter;
use super::branch::{Branch, BranchId, Visit};
use super::inspect::Stage;
use crate::data::Data;
use crate::journal::Started;
use aslx_asl::jsonata::{Session, States};
use aslx_asl::program::{StateKind, View};
use aslx_asl::value::{Members, Value};
use aslx_asl::{Environment, Scope};
use std::cell::OnceCell;

/// The surroundings of an evaluation.
pub(super) struct Surroundings<'a> {
    interpreter: &'a Interpreter,
    branch: Option<&'a Branch>,
    visit: &'a Visit,
    /// The item that an item selector is evaluated for, which no branch holds yet.
    item: Option<(usize, &'a Value)>,
    context: OnceCell<Value>,
}

impl Interpreter {
    /// The surroundings of a state that is being visited.
    pub(super) fn surroundings<'a>(&'a self, branch: BranchId, visit: &'a Visit) -> Surroundings<'a> {
        Surroundings {
            interpreter: self,
            branch: self.branches.get(branch),
            visit,
            item: None,
            context: OnceCell::new(),
        }
    }

    fn context(&self, branch: Option<&Branch>, visit: &Visit, item: Option<(usize, &Value)>) -> Value {
        let Some(started) = self.started() else { return Value::empty_object() };
        if let Some(context) = self.watch.as_ref().and_then(|watch| watch.context.as_ref()) {
            return context.clone();
        }
        let mut context = Members::default();
        context.insert("Execution".into(), self.execution_context(started));
        let names = &started.names;
        context.insert(
            "StateMachine".into(),
            Value::from_pairs([("Id", names.machine_arn.clone()), ("Name", names.machine_name.clone())]),
        );
        let state = self.program.state(visit.state);
        let mut in_state = Members::default();
        in_state.insert("Name".into(), state.name.clone().into());
        in_state.insert("EnteredTime".into(), visit.entered_at.to_string().into());
        if matches!(state.kind, StateKind::Task(_) | StateKind::Parallel(_) | StateKind::Map(_)) {
            in_state.insert("RetryCount".into(), visit.retry_count.into());
        }
        context.insert("State".into(), Value::object(in_state));
        let item = item.or_else(|| self.item_of(branch));
        if let Some((index, value)) = item {
            let item = Value::from_pairs([("Index", Value::from(index)), ("Value", value.clone())]);
            context.insert("Map".into(), Value::from_pairs([("Item", item)]));
        }
        if let Some(token) = &visit.token {
            context.insert("Task".into(), Value::from_pairs([("Token", token.clone())]));
        }
        Value::object(context)
    }

    fn execution_context(&self, started: &Started) -> Value {
        let names = &started.names;
        let redrives = (!started.synchronous).then(|| ("RedriveCount", Value::from(self.redrives.count)));
        // Only an inspection may go without a role.
        let role = if names.role_arn.is_empty() { Value::Null } else { names.role_arn.clone().into() };
        let always = [
            ("Id", Value::from(names.execution_arn.clone())),
            ("Input", started.input.value().clone()),
            ("StartTime", self.start_time.to_string().into()),
            ("Name", names.execution_name.clone().into()),
            ("RoleArn", role),
        ];
        let last = self.redrives.last.map(|at| ("RedriveTime", Value::from(at.to_string())));
        Value::from_pairs(always.into_iter().chain(redrives).chain(last))
    }

    /// The item of the innermost iteration around a branch.
    fn item_of<'a>(&'a self, branch: Option<&'a Branch>) -> Option<(usize, &'a Value)> {
        let mut here = branch;
        while let Some(branch) = here {
            if let Some(item) = &branch.item {
                return Some((item.index, &item.value));
            }
            here = branch.parent.and_then(|(parent, _)| self.branches.get(parent));
        }
        None
    }

    /// The index of the innermost iteration around a branch.
    pub(super) fn iteration_of(&self, branch: BranchId) -> Option<usize> {
        self.item_of(self.branches.get(branch)).map(|(index, _)| index)
    }
}

impl<'a> Surroundings<'a> {
    /// The same while an item is selected.
    pub(super) fn with_item(self, index: usize, value: &'a Value) -> Surroundings<'a> {
        Surroundings { item: Some((index, value)), context: OnceCell::new(), ..self }
    }

    /// Notes the data at a stage, if somebody wants to know.
    pub(super) fn note(&self, stage: Stage, data: impl FnOnce() -> Data) {
        if let Some(watch) = &self.interpreter.watch {
            watch.note(stage, data());
        }
    }

    /// `$states` of a state with this input.
    pub(super) fn states<'s>(&self, input: &'s Value) -> States<'s> {
        States { input: Some(input), ..States::default() }
    }

    /// What expressions see.
    pub(super) fn session<'s>(&'s self, states: States<'s>) -> Session<'s> {
        Session::new(states, self, self.interpreter.now)
    }

    /// What fields see that do not depend on the language, with this as `$`. The input of the state is its raw one in
    /// expressions: they know no InputPath.
    pub(super) fn view<'s>(&'s self, input: &'s Value) -> View<'s> {
        View::new(input, self.states(self.visit.raw.value()), self, self.interpreter.now)
    }

    /// An evaluation with this as `$`.
    pub(super) fn scope<'s>(&'s self, input: &'s Value) -> Scope<'s> {
        Scope { input, env: self }
    }
}

impl Environment for Surroundings<'_> {
    fn context(&self) -> &Value {
        self.context.get_or_init(|| self.interpreter.context(self.branch, self.visit, self.item))
    }

    fn variable(&self, name: &str) -> Option<&Value> {
        let mut here = self.branch;
        while let Some(branch) = here {
            if let Some(value) = branch.variables.get(name) {
                return Some(value);
            }
            here = branch.parent.and_then(|(parent, _)| self.interpreter.branches.get(parent));
        }
        None
    }

    fn draw(&self) -> u64 {
        self.interpreter.draws.next()
    }
}
