//! Paths whose values carry what was bound on the way: `@$x`, `#$i` and `%`.

use super::Run;
use crate::jsonata::fault::Fault;
use crate::jsonata::function::Frame;
use crate::jsonata::syntax::{Kind, Node, Stage, Symbol};
use crate::jsonata::value::{Tuple, Tuples, Val};
use std::rc::Rc;

fn set(bound: &mut Vec<(Symbol, Val)>, symbol: Symbol, value: Val) {
    match bound.iter_mut().find(|(known, _)| *known == symbol) {
        Some((_, slot)) => *slot = value,
        None => bound.push((symbol, value)),
    }
}

impl Run<'_> {
    /// A frame with what a tuple binds.
    pub(super) fn tuple_frame(&self, tuple: &Tuple, frame: &Rc<Frame>) -> Result<Rc<Frame>, Fault> {
        Frame::with(&self.meter, Some(frame), tuple.bound.clone())
    }

    /// A step from these tuples, or from these values if there are none yet.
    pub(super) fn tuple_step(
        &self,
        step: &Node,
        values: &Val,
        tuples: Option<Tuples>,
        frame: &Rc<Frame>,
    ) -> Result<Tuples, Fault> {
        if let Kind::Sort(terms) = &step.kind {
            let sorted = match tuples {
                Some(tuples) => self.sort_tuples(terms, tuples, frame)?,
                None => {
                    let sorted = self.sort(terms, values, frame)?;
                    let mut tuples = Tuples::new(&self.meter)?;
                    let index = step.more.as_ref().and_then(|more| more.index);
                    for (at, value) in sorted.items().into_iter().flat_map(|items| items.iter()).enumerate() {
                        let bound = index.map(|symbol| (symbol, Val::Number(at as f64)));
                        tuples.push(Tuple { value, bound: bound.into_iter().collect() })?;
                    }
                    tuples
                }
            };
            return self.tuple_stages(step, sorted, frame);
        }
        let from = match tuples {
            Some(tuples) => tuples,
            None => {
                let mut tuples = Tuples::new(&self.meter)?;
                for value in values.items().into_iter().flat_map(|items| items.iter()) {
                    tuples.push(Tuple { value, bound: Vec::new() })?;
                }
                tuples
            }
        };
        let mut results = Tuples::new(&self.meter)?;
        for tuple in &from.items {
            let inner = self.tuple_frame(tuple, frame)?;
            let found = self.eval(step, &tuple.value, &inner)?;
            match &found {
                Val::Undefined => {}
                Val::Tuples(found) => {
                    for one in &found.items {
                        let mut bound = tuple.bound.clone();
                        one.bound.iter().for_each(|(symbol, value)| set(&mut bound, *symbol, value.clone()));
                        results.push(Tuple { value: one.value.clone(), bound })?;
                    }
                }
                found => match found.items() {
                    Some(items) => {
                        for (at, value) in items.iter().enumerate() {
                            results.push(self.step_tuple(step, tuple, value, at))?;
                        }
                    }
                    None => results.push(self.step_tuple(step, tuple, found.clone(), 0))?,
                },
            }
        }
        self.tuple_stages(step, results, frame)
    }

    /// The tuple for the value that a step found at this place.
    fn step_tuple(&self, step: &Node, from: &Tuple, value: Val, at: usize) -> Tuple {
        let mut tuple = from.clone();
        let Some(more) = &step.more else {
            tuple.value = value;
            return tuple;
        };
        match more.focus {
            Some(symbol) => set(&mut tuple.bound, symbol, value),
            None => tuple.value = value,
        }
        if let Some(symbol) = more.index {
            set(&mut tuple.bound, symbol, Val::Number(at as f64));
        }
        if let Some(label) = more.ancestor.and_then(|slot| self.labels.borrow().get(slot).copied()) {
            set(&mut tuple.bound, label, from.value.clone());
        }
        tuple
    }

    fn tuple_stages(&self, step: &Node, mut tuples: Tuples, frame: &Rc<Frame>) -> Result<Tuples, Fault> {
        for stage in step.stages().unwrap_or_default() {
            match stage {
                Stage::Filter(filter) => tuples = self.filter_tuples(filter, &tuples, frame)?,
                Stage::Index(symbol) => {
                    let mut numbered = Tuples::new(&self.meter)?;
                    for (at, mut tuple) in std::mem::take(&mut tuples.items).into_iter().enumerate() {
                        set(&mut tuple.bound, *symbol, Val::Number(at as f64));
                        numbered.push(tuple)?;
                    }
                    tuples = numbered;
                }
            }
        }
        Ok(tuples)
    }

    pub(super) fn filter_tuples(&self, predicate: &Node, tuples: &Tuples, frame: &Rc<Frame>) -> Result<Tuples, Fault> {
        let mut results = Tuples::new(&self.meter)?;
        for (at, tuple) in tuples.items.iter().enumerate() {
            let inner = self.tuple_frame(tuple, frame)?;
            let chosen = self.eval(predicate, &tuple.value, &inner)?;
            for _ in 0..self.times(&chosen, at, tuples.items.len())? {
                results.push(tuple.clone())?;
            }
        }
        Ok(results)
    }
}
