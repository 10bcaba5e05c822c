//! Functions of objects.

use super::{at, basic, deeper, text};
use crate::jsonata::fault::Fault;
use crate::jsonata::run::{Outcome, Run};
use crate::jsonata::syntax::deep;
use crate::jsonata::value::{Building, Forming, Val};
use indexmap::IndexSet;
use std::sync::Arc;

type Names = IndexSet<Arc<str>, foldhash::fast::RandomState>;

pub(super) fn keys(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let mut names = Names::default();
    collect(run, &at(arguments, 0), &mut names, 0)?;
    let names = names.into_iter().map(Val::Text);
    Ok(Building::of(&run.meter, names)?.sequence())
}

fn collect(run: &Run<'_>, value: &Val, names: &mut Names, depth: usize) -> Result<(), Fault> {
    if let Some(fields) = value.fields() {
        run.meter.step(fields.len())?;
        names.extend(fields.iter().map(|(name, _)| name.clone()));
    } else if let Some(items) = value.items() {
        let depth = deeper(depth)?;
        run.meter.step(items.len())?;
        items.iter().try_for_each(|item| deep(|| collect(run, &item, names, depth)))?;
    }
    Ok(())
}

pub(super) fn look_up(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    basic::lookup(run, &at(arguments, 0), text(arguments, 1).unwrap_or_default())
}

/// Each member as an object of its own.
pub(super) fn spread(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let value = at(arguments, 0);
    if !value.is_list() && value.fields().is_none() {
        return Ok(value);
    }
    let mut parts = Building::new(&run.meter)?;
    spread_into(run, &value, &mut parts, 0)?;
    // Lists are joined to a plain list; the members of one object are found.
    Ok(if value.is_list() && parts.len() > 0 { parts.list() } else { parts.sequence() })
}

fn spread_into(run: &Run<'_>, value: &Val, parts: &mut Building, depth: usize) -> Result<(), Fault> {
    run.meter.step(1)?;
    if let Some(fields) = value.fields() {
        for (name, member) in fields.iter() {
            run.meter.step(1)?;
            let mut object = Forming::new(&run.meter)?;
            object.insert(name.clone(), member)?;
            parts.push(object.record())?;
        }
    } else if let Some(items) = value.items() {
        let depth = deeper(depth)?;
        items.iter().try_for_each(|item| deep(|| spread_into(run, &item, parts, depth)))?;
    } else if !value.is_undefined() {
        parts.push(value.clone())?;
    }
    Ok(())
}

pub(super) fn merge(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let list = at(arguments, 0);
    let Some(items) = list.items() else { return Ok(Val::Undefined) };
    let mut merged = Forming::new(&run.meter)?;
    for item in items.iter() {
        run.meter.step(1)?;
        for (name, value) in item.fields().into_iter().flat_map(|fields| fields.iter()) {
            run.meter.step(2)?;
            merged.insert(name.clone(), value)?;
        }
    }
    Ok(merged.record())
}
