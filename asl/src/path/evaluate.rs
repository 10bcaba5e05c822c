//! Evaluation: a walk for paths of plain steps, a search for all others.

use super::error::MissReason;
use super::java::java_text;
use super::segment::{Query, Segment, text_of};
use super::step::Step;
use crate::Value;
use crate::value::Members;
use std::cell::Cell;
use std::sync::Arc;

/// Follows plain steps. Nothing is allocated unless the path misses.
pub(super) fn walk<'v>(steps: &[Step], root: &'v Value) -> Result<&'v Value, MissReason> {
    let mut here = root;
    for (at, step) in steps.iter().enumerate() {
        here = match child(step, here) {
            Some(next) => next,
            None => return Err(miss(steps, at, here)),
        };
    }
    Ok(here)
}

fn child<'v>(step: &Step, value: &'v Value) -> Option<&'v Value> {
    match step {
        Step::Name(name) => value.get(name),
        Step::Index(index) => item(value, *index),
    }
}

/// The item at this place; a negative one counts from the end.
pub(super) fn item(value: &Value, index: i64) -> Option<&Value> {
    let items = value.as_array()?;
    items.get(place(index, items.len())?)
}

pub(super) fn place(index: i64, len: usize) -> Option<usize> {
    match usize::try_from(index) {
        Ok(index) => Some(index),
        Err(_) => len.checked_sub(usize::try_from(index.unsigned_abs()).ok()?),
    }
}

/// AWS's reason why the step at this place found nothing in `here`.
#[cold]
fn miss(steps: &[Step], at: usize, here: &Value) -> MissReason {
    let (before, rest) = steps.split_at(at.min(steps.len()));
    let path = text_of("$", before);
    let last = rest.len() == 1;
    match (rest.first(), here) {
        (Some(Step::Name(_)), Value::Object(_)) if !last => {
            let through = rest.first().map(ToString::to_string).unwrap_or_default();
            MissReason::MissingProperty { path: path + &through }
        }
        (Some(step @ Step::Name(_)), other) if !matches!(other, Value::Object(_)) => {
            MissReason::NotAnObject { property: step.to_string(), path }
        }
        (Some(Step::Index(_)), Value::Null) => MissReason::NullArray { path },
        (Some(Step::Index(_)), other) if !matches!(other, Value::Array(_)) => {
            MissReason::NotAnArray { rest: text_of("", rest), found: java_text(other) }
        }
        _ => MissReason::NoResults { path: text_of("$", steps) },
    }
}

/// Nodes that one evaluation may visit. A payload of 262,144 bytes has fewer; only several `..` in one path, or
/// filters that search again for each node, could visit more.
pub(super) const MAX_VISITS: u32 = 2_000_000;

/// What is left of the visits that an evaluation may make.
pub(super) struct Budget(Cell<u32>);

impl Budget {
    pub(super) fn new() -> Budget {
        Budget(Cell::new(MAX_VISITS))
    }

    /// Takes one visit; false if there is none left.
    fn spend(&self) -> bool {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        left > 0
    }

    fn check(&self) -> Result<(), MissReason> {
        if self.0.get() > 0 { Ok(()) } else { Err(MissReason::TooManyNodes) }
    }
}

impl Query {
    /// Evaluates from `root`; `document` is what `$` means inside a filter.
    pub(super) fn run(&self, root: &Value, document: &Value, budget: &Budget) -> Result<Value, MissReason> {
        let Some((last, before)) = self.segments.split_last() else {
            return Ok(root.clone());
        };
        let through_list = before.iter().any(|s| matches!(s, Segment::Descend));
        if self.definite && !through_list {
            return one(before, last, root);
        }
        let mut search = Search { document, budget, found: Vec::new() };
        match last {
            Segment::Function(function) => {
                search.visit(before, root);
                budget.check()?;
                let found = search.found;
                if through_list {
                    return function.apply(&Value::array(found));
                }
                // After a list of nodes, a function works on each of them.
                found.iter().map(|v| function.apply(v)).collect::<Result<_, _>>().map(Value::array)
            }
            _ => {
                search.visit(&self.segments, root);
                budget.check()?;
                Ok(Value::array(search.found))
            }
        }
    }
}

/// A path to one node that ends with a function or with several names.
fn one(before: &[Segment], last: &Segment, root: &Value) -> Result<Value, MissReason> {
    let steps: Vec<Step> = before
        .iter()
        .filter_map(|segment| match segment {
            Segment::Step(step) => Some(step.clone()),
            _ => None,
        })
        .collect();
    let value = walk(&steps, root).map_err(|reason| match reason {
        // The path does not end where the walk ended.
        MissReason::NoResults { path } if matches!(steps.last(), Some(Step::Name(_))) && found_parent(&steps, root) => {
            MissReason::MissingProperty { path }
        }
        MissReason::NoResults { path } => MissReason::NoResults { path: format!("{path}{last}") },
        other => other,
    })?;
    match (last, value) {
        (Segment::Function(function), _) => function.apply(value),
        (Segment::Names(names), Value::Object(object)) => Ok(merged(names, object.members())),
        _ => Err(MissReason::NotAnObject { property: last.to_string(), path: text_of("$", &steps) }),
    }
}

/// Whether everything but the last step is there.
fn found_parent(steps: &[Step], root: &Value) -> bool {
    steps.split_last().is_some_and(|(_, before)| walk(before, root).is_ok())
}

/// The object of those members that are there.
fn merged(names: &[Arc<str>], members: &Members) -> Value {
    let there = names.iter().filter_map(|name| Some((name.clone(), members.get(&**name)?.clone())));
    Value::object(there.collect())
}

/// A search for every node that a path leads to. What is not there is passed over: AWS gives an empty list for a
/// wildcard or slice of something missing (recorded).
struct Search<'d> {
    document: &'d Value,
    budget: &'d Budget,
    found: Vec<Value>,
}

impl Search<'_> {
    fn visit(&mut self, segments: &[Segment], value: &Value) {
        if !self.budget.spend() {
            return;
        }
        let Some((segment, rest)) = segments.split_first() else {
            self.found.push(value.clone());
            return;
        };
        match segment {
            Segment::Step(step) => {
                if let Some(next) = child(step, value) {
                    self.visit(rest, next);
                }
            }
            Segment::Names(names) => {
                let Some(members) = value.as_object() else { return };
                if rest.is_empty() {
                    self.found.push(merged(names, members));
                    return;
                }
                for next in names.iter().filter_map(|name| members.get(&**name)) {
                    self.visit(rest, next);
                }
            }
            Segment::Indexes(indexes) => {
                for next in indexes.iter().filter_map(|index| item(value, *index)) {
                    self.visit(rest, next);
                }
            }
            Segment::Slice(from, to) => {
                let Some(items) = value.as_array() else { return };
                slice(*from, *to, items, |next| self.visit(rest, next));
            }
            Segment::Wildcard => each(value, |next| self.visit(rest, next)),
            Segment::Filter(filter) => match value {
                // An object is tested itself, not member by member.
                Value::Object(_) if filter.accepts(value, self.document, self.budget) => self.visit(rest, value),
                Value::Array(array) => {
                    for next in array.items() {
                        if filter.accepts(next, self.document, self.budget) {
                            self.visit(rest, next);
                        }
                    }
                }
                _ => {}
            },
            Segment::Descend => self.descend(rest, value),
            // The caller took the function off the end, and it stands nowhere else.
            Segment::Function(_) => {}
        }
    }

    /// Applies the rest of the path to this container and every one below it, parents first. Iterative: values may
    /// be nested a thousand levels deep.
    fn descend(&mut self, rest: &[Segment], value: &Value) {
        let mut open = vec![value];
        while let Some(here) = open.pop() {
            if !self.budget.spend() {
                return;
            }
            let wanted = match rest.first() {
                Some(Segment::Filter(filter)) => filter.accepts(here, self.document, self.budget),
                // An object of several names must have them all.
                Some(Segment::Names(names)) if rest.len() == 1 => names.iter().all(|name| here.get(name).is_some()),
                _ => true,
            };
            if wanted && here.depth() > 0 {
                self.visit(rest, here);
            }
            match here {
                Value::Array(array) => open.extend(array.items().iter().rev().filter(|v| v.depth() > 0)),
                Value::Object(object) => open.extend(object.members().values().rev().filter(|v| v.depth() > 0)),
                _ => {}
            }
        }
    }
}

fn each<'v>(value: &'v Value, visit: impl FnMut(&'v Value)) {
    match value {
        Value::Array(array) => array.items().iter().for_each(visit),
        Value::Object(object) => object.members().values().for_each(visit),
        _ => {}
    }
}

/// Jayway's slices: `[from:]` and `[:to]` count negative places from the end; `[from:to]` compares both ends as they
/// are written, so that `[1:-1]` is empty.
fn slice<'v>(from: Option<i64>, to: Option<i64>, items: &'v [Value], mut visit: impl FnMut(&'v Value)) {
    let len = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let from_end = |n: i64| if n < 0 { len.saturating_add(n) } else { n };
    let (from, to) = match (from, to) {
        (Some(from), Some(to)) => (from, to),
        (Some(from), None) => (from_end(from).max(0), len),
        (None, Some(to)) => (0, from_end(to)),
        (None, None) => (0, len),
    };
    for index in from..to.min(len) {
        if let Some(next) = usize::try_from(index).ok().and_then(|at| items.get(at)) {
            visit(next);
        }
    }
}
