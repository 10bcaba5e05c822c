//! `|pattern|update, delete|`: a copy in which what the pattern finds is changed.

use super::{Outcome, Run};
use crate::jsonata::fault::Fault;
use crate::jsonata::function::Frame;
use crate::jsonata::functions;
use crate::jsonata::syntax::{Transform, deep};
use crate::jsonata::value::{Building, Forming, Val};
use std::collections::HashMap;
use std::rc::Rc;

/// What has taken the place of an object of the copy, by the address of that object.
type Changed = HashMap<usize, Val, foldhash::fast::RandomState>;

impl Run<'_> {
    pub(super) fn transform(&self, transform: &Transform, value: &Val, frame: &Rc<Frame>) -> Outcome {
        if value.is_undefined() {
            return Ok(Val::Undefined);
        }
        if let Some(clone) = self.symbol("clone").and_then(|symbol| frame.find(symbol))
            && !matches!(clone, Val::Function(_))
        {
            let message = "The transform expression clones the input object using the $clone() function.  This has \
                           been overridden in the current scope by a non-function.";
            return Err(Fault::coded("T2013", message));
        }
        let copy = functions::copy(self, value, 0)?;
        let found = self.eval(&transform.pattern, &copy, frame)?;
        let mut changed = Changed::default();
        let single = [found.clone()];
        let items = found.items().unwrap_or(crate::jsonata::value::Items::Made(&single));
        for target in items.iter().filter(|target| !target.is_undefined()) {
            self.change(transform, &target, frame, &mut changed)?;
        }
        self.resolved(&copy, &changed, 0)
    }

    fn change(
        &self,
        transform: &Transform,
        target: &Val,
        frame: &Rc<Frame>,
        changed: &mut Changed,
    ) -> Result<(), Fault> {
        let mut now = self.resolved(target, changed, 0)?;
        let update = self.eval(&transform.update, &now, frame)?;
        if !update.is_undefined() {
            let Some(fields) = update.fields() else {
                let message = format!(
                    "The insert/update clause of the transform expression must evaluate to an object: {}",
                    functions::shown(self, &update)
                );
                return Err(Fault::coded("T2011", message));
            };
            if let (Some(old), Some(address)) = (now.fields(), target.address()) {
                let mut object = Forming::new(&self.meter)?;
                self.meter.step(old.len() + fields.len())?;
                for (name, value) in old.iter().chain(fields.iter()) {
                    object.insert(name.clone(), value)?;
                }
                now = object.record();
                changed.insert(address, now.clone());
            }
        }
        let Some(delete) = &transform.delete else { return Ok(()) };
        let deletions = self.eval(delete, &now, frame)?;
        if deletions.is_undefined() {
            return Ok(());
        }
        let single = [deletions.clone()];
        let names = deletions.items().unwrap_or(crate::jsonata::value::Items::Made(&single));
        if names.iter().any(|name| name.text().is_none()) {
            let message = format!(
                "The delete clause of the transform expression must evaluate to a string or array of strings: {}",
                functions::shown(self, &deletions)
            );
            return Err(Fault::coded("T2012", message));
        }
        if let (Some(old), Some(address)) = (now.fields(), target.address()) {
            let mut object = Forming::new(&self.meter)?;
            self.meter.step(old.len() + names.len())?;
            old.iter().try_for_each(|(name, value)| object.insert(name.clone(), value))?;
            names.iter().for_each(|name| object.remove(name.text().unwrap_or_default()));
            changed.insert(address, object.record());
        }
        Ok(())
    }

    /// The value with all changes in it.
    fn resolved(&self, value: &Val, changed: &Changed, depth: usize) -> Outcome {
        if changed.is_empty() || !(value.is_list() || value.fields().is_some()) {
            return Ok(value.clone());
        }
        self.meter.step(1)?;
        let depth = functions::deeper(depth)?;
        let value = value.address().and_then(|address| changed.get(&address)).unwrap_or(value);
        let mut same = true;
        let mut inner = |part: Val| -> Outcome {
            let resolved = deep(|| self.resolved(&part, changed, depth))?;
            same &= resolved.address() == part.address();
            Ok(resolved)
        };
        let rebuilt = if let Some(items) = value.items() {
            let mut list = Building::new(&self.meter)?;
            items.iter().try_for_each(|item| inner(item).and_then(|item| list.push(item)))?;
            list.with(value.flags())
        } else if let Some(fields) = value.fields() {
            let mut object = Forming::new(&self.meter)?;
            fields
                .iter()
                .try_for_each(|(name, part)| inner(part).and_then(|part| object.insert(name.clone(), part)))?;
            object.record()
        } else {
            return Ok(value.clone());
        };
        Ok(if same { value.clone() } else { rebuilt })
    }
}
