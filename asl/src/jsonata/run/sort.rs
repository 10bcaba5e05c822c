//! Sorting: a stable merge that may fail at each comparison.

use super::{Outcome, Run};
use crate::jsonata::fault::Fault;
use crate::jsonata::function::Frame;
use crate::jsonata::functions::{self, shown};
use crate::jsonata::meter::Ticket;
use crate::jsonata::syntax::Node;
use crate::jsonata::value::{Building, Tuple, Tuples, Val};
use std::cmp::Ordering;
use std::rc::Rc;

impl Run<'_> {
    /// `^(…)` on values.
    pub(super) fn sort(&self, terms: &[(bool, Node)], values: &Val, frame: &Rc<Frame>) -> Outcome {
        let Some(items) = values.items().filter(|items| items.len() > 1) else { return Ok(values.clone()) };
        self.meter.step(items.len())?;
        let mut list = Building::sized(&self.meter, items.len())?;
        items.iter().try_for_each(|item| list.push(item))?;
        self.merge_sort(list.items_mut(), &mut |a, b| self.compare(terms, (a, frame), (b, frame)))?;
        Ok(list.list())
    }

    /// The same on values with their variables.
    pub(super) fn sort_tuples(
        &self,
        terms: &[(bool, Node)],
        mut tuples: Tuples,
        frame: &Rc<Frame>,
    ) -> Result<Tuples, Fault> {
        let mut framed: Vec<(Tuple, Rc<Frame>)> = Vec::new();
        for tuple in tuples.items.drain(..) {
            let inner = self.tuple_frame(&tuple, frame)?;
            framed.push((tuple, inner));
        }
        self.merge_sort(&mut framed, &mut |(a, a_frame), (b, b_frame)| {
            self.compare(terms, (&a.value, a_frame), (&b.value, b_frame))
        })?;
        tuples.items = framed.into_iter().map(|(tuple, _)| tuple).collect();
        Ok(tuples)
    }

    /// Whether the first comes after the second.
    fn compare(&self, terms: &[(bool, Node)], a: (&Val, &Rc<Frame>), b: (&Val, &Rc<Frame>)) -> Result<bool, Fault> {
        for (descending, term) in terms {
            let left = self.eval(term, a.0, a.1)?;
            let right = self.eval(term, b.0, b.1)?;
            if left.is_undefined() || right.is_undefined() {
                match (left.is_undefined(), right.is_undefined()) {
                    (true, true) => continue,
                    (missing, _) => return Ok(missing),
                }
            }
            let ordering = match (&left, &right) {
                (Val::Number(a), Val::Number(b)) => a.partial_cmp(b).unwrap_or(Ordering::Greater),
                _ => match (left.text(), right.text()) {
                    (Some(a), Some(b)) => functions::text_order(a, b),
                    _ => return Err(self.not_comparable(&left, &right)),
                },
            };
            match if *descending { ordering.reverse() } else { ordering } {
                Ordering::Equal => {}
                other => return Ok(other == Ordering::Greater),
            }
        }
        Ok(false)
    }

    fn not_comparable(&self, left: &Val, right: &Val) -> Fault {
        let plain = |value: &Val| value.number().is_some() || value.text().is_some();
        if plain(left) && plain(right) {
            let message = format!(
                "Type mismatch when comparing values {} and {} in order-by clause",
                shown(self, left),
                shown(self, right)
            );
            return Fault::coded("T2007", message);
        }
        Fault::coded("T2008", "The expressions within an order-by clause must evaluate to numeric or string values")
    }

    /// Sorts; `after` says whether the first comes after the second.
    pub(in crate::jsonata) fn merge_sort<T>(
        &self,
        items: &mut Vec<T>,
        after: &mut dyn FnMut(&T, &T) -> Result<bool, Fault>,
    ) -> Result<(), Fault> {
        if items.len() < 2 {
            return Ok(());
        }
        let _ticket = Ticket::new(&self.meter, items.len() * std::mem::size_of::<T>().min(64))?;
        let mut right = items.split_off(items.len() / 2);
        self.merge_sort(items, after)?;
        self.merge_sort(&mut right, after)?;
        let left = std::mem::take(items);
        items.reserve_exact(left.len() + right.len());
        let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            self.meter.step(1)?;
            if after(a, b)? {
                items.extend(right.next());
            } else {
                items.extend(left.next());
            }
        }
        items.extend(left);
        items.extend(right);
        Ok(())
    }
}
