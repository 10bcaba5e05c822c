//! Variables: their names, their scopes, and whether they are there when they are read.

use super::Compiler;
use crate::diagnostic::{Diagnostic, code, pointer_to};
use crate::path::Root;
use crate::program::{MachineId, Next, Program, State, StateId, StateKind};
use crate::syntax::{Member, Span};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A variable that a state assigns.
pub(super) struct Assigned {
    state: StateId,
    name: Arc<str>,
    pointer: String,
    span: Span,
}

impl Compiler<'_> {
    /// A member of `Assign`.
    pub(super) fn variable(&mut self, member: &Member, pointer: &str) {
        let name = member.name.strip_suffix(".$").unwrap_or(&member.name);
        let pointer = pointer_to(pointer, &member.name);
        let mut chars = name.chars();
        let starts = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
        let problem = if name == "states" {
            "`states` is reserved".to_owned()
        } else if name.chars().count() > 80 {
            format!("a variable name has at most 80 characters, `{name}` has {}", name.chars().count())
        } else if !starts || !chars.all(|c| c.is_alphanumeric() || c == '_') {
            format!("`{name}` is no variable name: letters, digits and `_`, a letter first")
        } else {
            let (state, span) = (self.current, member.name_span);
            self.assigned.push(Assigned { state, name: name.into(), pointer, span });
            return;
        };
        self.report(Diagnostic::error(code::SCHEMA, &pointer, member.name_span, problem));
    }

    /// Reports variables of a branch or an item processor that have the name of one outside: AWS refuses it, whichever
    /// is assigned first. (A distributed Map sees no variables from outside.)
    pub(super) fn check_shadowing(&mut self) {
        let machine_of = |state: StateId| self.heads.get(state.index()).map(|head| head.machine);
        let mut names: HashMap<(MachineId, &str), &Assigned> = HashMap::new();
        for assigned in &self.assigned {
            if let Some(machine) = machine_of(assigned.state) {
                names.entry((machine, &assigned.name)).or_insert(assigned);
            }
        }
        let mut found = Vec::new();
        for assigned in &self.assigned {
            let mut around = machine_of(assigned.state);
            while let Some(machine) = around {
                if self.distributed.contains(&machine) {
                    break;
                }
                around = self.machines.get(machine.index()).and_then(|m| m.owner).and_then(machine_of);
                let Some(outer) = around.and_then(|machine| names.get(&(machine, &*assigned.name))) else { continue };
                let state = self.heads.get(outer.state.index()).map_or("", |head| &head.name);
                let message = format!("`{}` is a variable outside of this branch or iteration", assigned.name);
                found.push(
                    Diagnostic::error(code::SCHEMA, &assigned.pointer, assigned.span, message)
                        .related(outer.span, format!("`{state}` assigns it here"))
                        .help("a variable cannot be assigned from within: give this one another name"),
                );
                break;
            }
        }
        for diagnostic in found {
            self.report(diagnostic);
        }
    }
}

/// Which variables are assigned for sure: a bit for each.
#[derive(Clone, PartialEq)]
struct Known(Vec<u64>);

impl Known {
    fn with(&self, variables: impl Iterator<Item = usize>) -> Known {
        let mut known = self.clone();
        for variable in variables {
            if let Some(word) = known.0.get_mut(variable / 64) {
                *word |= 1 << (variable % 64);
            }
        }
        known
    }

    fn and(&self, other: &Known) -> Known {
        Known(self.0.iter().zip(&other.0).map(|(one, other)| one & other).collect())
    }

    fn has(&self, variable: usize) -> bool {
        self.0.get(variable / 64).is_some_and(|word| word & (1 << (variable % 64)) != 0)
    }
}

/// A variable where it is read.
struct Read<'p> {
    state: StateId,
    name: &'p Arc<str>,
    pointer: &'p str,
    span: Span,
}

/// Where variables are read, in either language.
fn reads(program: &Program) -> Vec<Read<'_>> {
    let by_paths = program.paths().iter().filter_map(|path| match path.path.root() {
        Root::Variable(name) => Some(Read { state: path.state, name, pointer: &path.pointer, span: path.span }),
        _ => None,
    });
    let by_expressions = program.expressions().iter().flat_map(|expression| {
        let (state, pointer) = (expression.state, expression.pointer.as_str());
        expression.variables.iter().map(move |(name, span)| Read { state, name, pointer, span: *span })
    });
    by_paths.chain(by_expressions).collect()
}

/// Warns of variables that are read where some way leads without their being assigned.
pub(super) fn possibly_undefined(program: &Program) -> Vec<Diagnostic> {
    let reads = reads(program);
    if reads.is_empty() {
        return Vec::new();
    }
    let mut numbers: HashMap<Arc<str>, usize> = HashMap::new();
    let mut anywhere: HashSet<(MachineId, Arc<str>)> = HashSet::new();
    for (_, state) in program.states() {
        for name in ways(state).into_iter().flat_map(|(_, names)| names) {
            let next = numbers.len();
            numbers.entry(name.clone()).or_insert(next);
            anywhere.insert((state.machine, name));
        }
    }
    let known = at_entry(program, &numbers);
    let mut found = Vec::new();
    for Read { state, name, pointer, span } in reads {
        // Not reached at all: that is told elsewhere.
        let Some(Some(known)) = known.get(state.index()) else { continue };
        if numbers.get(name).is_some_and(|number| known.has(*number)) {
            continue;
        }
        let mut scopes = std::iter::successors(Some(program.state(state).machine), |machine| {
            program.machine(*machine).owner.map(|owner| program.state(owner).machine)
        });
        let message = if scopes.any(|machine| anywhere.contains(&(machine, name.clone()))) {
            format!("the variable `{name}` may not be assigned here")
        } else {
            format!("no state assigns the variable `{name}` where it can be read from here")
        };
        found.push(
            Diagnostic::warning(code::POSSIBLY_UNDEFINED_VARIABLE, pointer, span, message)
                .help("a state on every way to here must assign it; one in a branch or an iteration does not count"),
        );
    }
    found
}

/// For every state, the variables that are assigned on every way to it; nothing for states that no way leads to.
fn at_entry(program: &Program, numbers: &HashMap<Arc<str>, usize>) -> Vec<Option<Known>> {
    let mut known: Vec<Option<Known>> = program.states().map(|_| None).collect();
    let nothing = Known(vec![0; numbers.len().div_ceil(64)]);
    let mut work = vec![(program.root().start, nothing.clone())];
    while let Some((id, at_hand)) = work.pop() {
        let Some(slot) = known.get_mut(id.index()) else { continue };
        let merged = match slot {
            None => at_hand,
            Some(before) => {
                let both = before.and(&at_hand);
                if both == *before {
                    continue;
                }
                both
            }
        };
        *slot = Some(merged.clone());
        let state = program.state(id);
        for (next, assigned) in ways(state) {
            if let Some(next) = next {
                work.push((next, merged.with(assigned.iter().filter_map(|name| numbers.get(name).copied()))));
            }
        }
        let inner: &[MachineId] = match &state.kind {
            StateKind::Parallel(parallel) => &parallel.branches,
            StateKind::Map(map) => std::slice::from_ref(&map.processor),
            _ => &[],
        };
        // The child executions of a distributed Map see no variables from outside.
        let apart = matches!(&state.kind, StateKind::Map(map) if map.distributed.is_some());
        let at_start = if apart { &nothing } else { &merged };
        work.extend(inner.iter().map(|machine| (program.machine(*machine).start, at_start.clone())));
    }
    known
}

/// The ways out of a state, each with the variables that are assigned on it.
fn ways(state: &State) -> Vec<(Option<StateId>, Vec<Arc<str>>)> {
    let on_exit = || state.flow.assigned();
    let to = |next: Next| match next {
        Next::State(id) => Some(id),
        Next::End => None,
    };
    let effect = match &state.kind {
        StateKind::Pass(next) => return vec![(to(*next), on_exit())],
        StateKind::Wait(_, next) => return vec![(to(*next), on_exit())],
        StateKind::Succeed | StateKind::Fail(_) => return Vec::new(),
        StateKind::Choice(choice) => {
            let rules = choice.rules.iter().map(|rule| (Some(rule.next), rule.when.assigned()));
            return rules.chain(choice.default.map(|next| (Some(next), on_exit()))).collect();
        }
        StateKind::Task(task) => &task.effect,
        StateKind::Parallel(parallel) => &parallel.effect,
        StateKind::Map(map) => &map.effect,
    };
    let caught = effect.catch.iter().map(|catcher| (Some(catcher.next), catcher.flow.assigned()));
    std::iter::once((to(effect.next), on_exit())).chain(caught).collect()
}
