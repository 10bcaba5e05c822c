//! Paths: each step is applied to each value that the step before found.

use super::{Outcome, Run};
use crate::jsonata::fault::Fault;
use crate::jsonata::function::Frame;
use crate::jsonata::functions;
use crate::jsonata::syntax::{Kind, Node, Stage, deep};
use crate::jsonata::value::{Building, Flags, Tuples, Val};
use std::rc::Rc;

/// What a step found.
enum Found {
    Nothing,
    One(Val),
    /// The items of this list, whatever the list was before.
    Items(Val),
    /// This very list.
    Whole(Val),
}

impl Run<'_> {
    pub(super) fn path(&self, node: &Node, steps: &[Node], keep: bool, input: &Val, frame: &Rc<Frame>) -> Outcome {
        let mut found = match steps.first() {
            Some(Node { kind: Kind::Variable(_), .. }) => Found::One(input.clone()),
            _ if input.is_list() => Found::Items(input.clone()),
            _ => Found::One(input.clone()),
        };
        let mut tuples: Option<Tuples> = None;
        for (number, step) in steps.iter().enumerate() {
            if step.tuple || tuples.is_some() {
                tuples = Some(self.tuple_step(step, &found.values(&self.meter)?, tuples, frame)?);
                continue;
            }
            let next = if number == 0 && step.cons {
                Found::Whole(self.eval(step, input, frame)?)
            } else {
                self.step(step, &found, frame, number + 1 == steps.len())?
            };
            if next.is_empty() {
                found = if matches!(next, Found::Whole(_)) { next } else { Found::Nothing };
                break;
            }
            if step.focus().is_none() {
                found = next;
            }
        }
        if let Some(tuples) = tuples {
            return self.end_of_tuples(node, tuples, keep, frame);
        }
        if let Some(group) = node.group() {
            let list = found.into_sequence(self)?;
            let value = self.group(group, &list, frame)?;
            return self.normal(value, keep);
        }
        match found {
            Found::Nothing => Ok(Val::Undefined),
            Found::One(value) if !keep => Ok(value),
            Found::Whole(value) if keep && value.flags().cons => {
                let flags = Flags { sequence: true, keep: true, ..Flags::default() };
                Ok(Building::of(&self.meter, [value])?.with(flags))
            }
            Found::Whole(value) => self.normal(value, keep),
            other => {
                let list = other.into_sequence(self)?;
                self.normal(list, keep)
            }
        }
    }

    fn end_of_tuples(&self, node: &Node, tuples: Tuples, keep: bool, frame: &Rc<Frame>) -> Outcome {
        if let Some(group) = node.group() {
            let value = self.group(group, &Val::Tuples(Rc::new(tuples)), frame)?;
            return self.normal(value, keep);
        }
        if node.tuple {
            return Ok(Val::Tuples(Rc::new(tuples)));
        }
        let list = Building::of(&self.meter, tuples.items.iter().map(|tuple| tuple.value.clone()))?;
        self.normal(list.sequence(), keep)
    }

    fn step(&self, step: &Node, from: &Found, frame: &Rc<Frame>, last: bool) -> Result<Found, Fault> {
        if let Kind::Sort(terms) = &step.kind {
            let values = from.values(&self.meter)?;
            let mut value = self.sort(terms, &values, frame)?;
            // One value alone is still what a step found, and not a list that was sorted.
            if step.stages().is_none()
                && !matches!(from, Found::Whole(_))
                && value.items().is_some_and(|items| items.len() < 2)
            {
                return Ok(Found::Items(value));
            }
            for stage in step.stages().unwrap_or_default() {
                if let Stage::Filter(filter) = stage {
                    value = self.filter(filter, &value, frame)?;
                }
            }
            return Ok(Found::Whole(value));
        }
        let items = match from {
            Found::Nothing => return Ok(Found::Nothing),
            Found::One(value) => {
                let value = self.step_value(step, value, frame)?;
                return Ok(if value.is_undefined() {
                    Found::Nothing
                } else if value.is_list() && last && !value.flags().sequence {
                    Found::Whole(value)
                } else if value.is_list() && !value.flags().cons {
                    Found::Items(value)
                } else {
                    Found::One(value)
                });
            }
            Found::Items(list) | Found::Whole(list) => list,
        };
        let Some(items) = items.items() else { return Ok(Found::Nothing) };
        let mut results = Building::new(&self.meter)?;
        let mut flat = true;
        for item in items.iter() {
            let value = self.step_value(step, &item, frame)?;
            if !value.is_undefined() {
                flat &= !value.is_list();
                results.push(value)?;
            }
        }
        if last
            && let ([only], true) = (results.items(), results.len() == 1)
            && only.is_list()
            && !only.flags().sequence
        {
            return Ok(Found::Whole(only.clone()));
        }
        if flat {
            return Ok(Found::Items(results.sequence()));
        }
        let mut sequence = Building::new(&self.meter)?;
        for value in results.items() {
            if value.flags().cons {
                sequence.push(value.clone())?;
            } else {
                sequence.append(value)?;
            }
        }
        Ok(Found::Items(sequence.sequence()))
    }

    /// What a step makes of one value.
    fn step_value(&self, step: &Node, input: &Val, frame: &Rc<Frame>) -> Outcome {
        let mut value = match &step.kind {
            Kind::Name(name) if step.predicates().is_empty() && step.group().is_none() => {
                self.meter.step(1)?;
                match input.fields() {
                    Some(fields) => fields.get(name).unwrap_or(Val::Undefined),
                    None => {
                        let found = functions::lookup(self, input, name)?;
                        self.normal(found, step.keep_array)?
                    }
                }
            }
            _ => self.eval(step, input, frame)?,
        };
        for stage in step.stages().unwrap_or_default() {
            if let Stage::Filter(filter) = stage {
                value = self.filter(filter, &value, frame)?;
            }
        }
        Ok(value)
    }

    /// The items for which the predicate holds, or whose numbers it gives.
    pub(super) fn filter(&self, predicate: &Node, input: &Val, frame: &Rc<Frame>) -> Outcome {
        if let Val::Tuples(tuples) = input {
            return Ok(Val::Tuples(Rc::new(self.filter_tuples(predicate, tuples, frame)?)));
        }
        let single = [input.clone()];
        let items = input.items().unwrap_or(crate::jsonata::value::Items::Made(&single));
        if let Kind::Number(n) = predicate.kind
            && predicate.more.is_none()
        {
            self.meter.step(1)?;
            let item = index(n, items.len()).and_then(|at| items.get(at));
            return match item {
                None | Some(Val::Undefined) => Ok(Building::new(&self.meter)?.sequence()),
                Some(item) if item.is_list() => Ok(item),
                Some(item) => Ok(Building::of(&self.meter, [item])?.sequence()),
            };
        }
        let mut results = Building::new(&self.meter)?;
        for (at, item) in items.iter().enumerate() {
            let chosen = self.eval(predicate, &item, frame)?;
            for _ in 0..self.times(&chosen, at, items.len())? {
                results.push(item.clone())?;
            }
        }
        Ok(results.sequence())
    }

    /// How often the value of a predicate chooses the item at this place.
    pub(super) fn times(&self, chosen: &Val, at: usize, length: usize) -> Result<usize, Fault> {
        if let Val::Number(n) = chosen
            && !n.is_nan()
        {
            return Ok(usize::from(index(functions::finite(*n)?, length) == Some(at)));
        }
        if let Some(items) = chosen.items() {
            self.meter.step(items.len())?;
            if items.iter().all(|item| matches!(item, Val::Number(_))) {
                let numbers = items.iter().filter_map(|item| item.number());
                return Ok(numbers.filter(|n| index(*n, length) == Some(at)).count());
            }
        }
        Ok(usize::from(functions::truth(chosen)?))
    }

    pub(super) fn wildcard(&self, input: &Val) -> Outcome {
        let first;
        let mut input = input;
        if input.flags().outer
            && let Some(item) = input.items().and_then(|items| items.first())
        {
            first = item;
            input = &first;
        }
        let mut results = Building::new(&self.meter)?;
        let mut add = |value: Val| {
            self.meter.step(1)?;
            if value.is_list() { self.flatten(&value, &mut results, 0) } else { results.push(value) }
        };
        if let Some(fields) = input.fields() {
            fields.iter().try_for_each(|(_, value)| add(value))?;
        } else if let Some(items) = input.items() {
            items.iter().try_for_each(add)?;
        }
        Ok(results.sequence())
    }

    fn flatten(&self, value: &Val, results: &mut Building, depth: usize) -> Result<(), Fault> {
        self.meter.step(1)?;
        let Some(items) = value.items() else { return results.push(value.clone()) };
        let depth = functions::deeper(depth)?;
        items.iter().try_for_each(|item| deep(|| self.flatten(&item, results, depth)))
    }

    pub(super) fn descendants(&self, input: &Val) -> Outcome {
        if input.is_undefined() {
            return Ok(Val::Undefined);
        }
        let mut results = Building::new(&self.meter)?;
        self.descend(input, &mut results, 0)?;
        Ok(results.sequence())
    }

    fn descend(&self, value: &Val, results: &mut Building, depth: usize) -> Result<(), Fault> {
        self.meter.step(1)?;
        let depth = functions::deeper(depth)?;
        match value.items() {
            Some(items) => items.iter().try_for_each(|item| deep(|| self.descend(&item, results, depth))),
            None => {
                results.push(value.clone())?;
                match value.fields() {
                    Some(fields) => {
                        fields.iter().try_for_each(|(_, member)| deep(|| self.descend(&member, results, depth)))
                    }
                    None => Ok(()),
                }
            }
        }
    }
}

/// The place that a number means, counted from the end if it is negative.
fn index(n: f64, length: usize) -> Option<usize> {
    let floor = n.floor();
    let at = if floor < 0.0 { length as f64 + floor } else { floor };
    // Larger than any list, or checked to be whole and not negative.
    (at >= 0.0 && at < length as f64).then_some(at as usize)
}

impl Found {
    fn is_empty(&self) -> bool {
        match self {
            Found::Nothing => true,
            Found::One(_) => false,
            Found::Items(list) | Found::Whole(list) => match list.items() {
                Some(items) => items.len() == 0,
                None => list.is_undefined(),
            },
        }
    }

    /// As a list.
    fn values(&self, meter: &Rc<crate::jsonata::meter::Meter>) -> Outcome {
        match self {
            Found::Nothing => Ok(Building::new(meter)?.sequence()),
            Found::One(value) => Ok(Building::of(meter, [value.clone()])?.sequence()),
            Found::Items(list) | Found::Whole(list) => Ok(list.clone()),
        }
    }

    fn into_sequence(self, run: &Run<'_>) -> Outcome {
        match self {
            Found::Items(list) if list.flags() != (Flags { sequence: true, ..Flags::default() }) => {
                let mut sequence = Building::new(&run.meter)?;
                sequence.append(&list)?;
                Ok(sequence.sequence())
            }
            other => other.values(&run.meter),
        }
    }
}
