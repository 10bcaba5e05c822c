//! Functions of lists.

use super::{at, basic, text};
use crate::jsonata::fault::Fault;
use crate::jsonata::run::{Outcome, Run};
use crate::jsonata::syntax::deep;
use crate::jsonata::value::{Building, Val};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};

pub(super) fn count(_: &Run<'_>, arguments: &[Val]) -> Outcome {
    Ok(Val::Number(at(arguments, 0).items().map_or(0.0, |items| items.len() as f64)))
}

pub(super) fn append(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let (first, second) = (at(arguments, 0), at(arguments, 1));
    if first.is_undefined() {
        return Ok(second);
    }
    if second.is_undefined() {
        return Ok(first);
    }
    let length = |value: &Val| value.items().map_or(1, |items| items.len());
    let mut list = Building::sized(&run.meter, length(&first) + length(&second))?;
    list.append(&first)?;
    list.append(&second)?;
    Ok(list.list())
}

pub(super) fn reverse(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let list = at(arguments, 0);
    let Some(items) = list.items().filter(|items| items.len() > 1) else { return Ok(list) };
    run.meter.step(items.len())?;
    let mut reversed = Building::sized(&run.meter, items.len())?;
    items.iter().rev().try_for_each(|item| reversed.push(item))?;
    Ok(reversed.list())
}

pub(super) fn shuffle(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let list = at(arguments, 0);
    let Some(items) = list.items().filter(|items| items.len() > 1) else { return Ok(list) };
    run.meter.step(items.len())?;
    let mut shuffled = Building::sized(&run.meter, items.len())?;
    items.iter().try_for_each(|item| shuffled.push(item))?;
    run.draws.borrow_mut().shuffle(shuffled.items_mut());
    Ok(shuffled.list())
}

pub(super) fn zip(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let length = arguments.iter().map(|list| list.items().map_or(0, |items| items.len())).min().unwrap_or(0);
    let mut zipped = Building::new(&run.meter)?;
    for place in 0..length {
        run.meter.step(1 + arguments.len())?;
        let items = arguments.iter().filter_map(|list| list.items()?.get(place));
        zipped.push(Building::of(&run.meter, items)?.list())?;
    }
    Ok(zipped.list())
}

pub(super) fn sort(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let list = at(arguments, 0);
    let Some(items) = list.items().filter(|items| items.len() > 1) else { return Ok(list) };
    run.meter.step(items.len())?;
    let mut sorted = Building::sized(&run.meter, items.len())?;
    items.iter().try_for_each(|item| sorted.push(item))?;
    let comparator = at(arguments, 1);
    if comparator.is_undefined() {
        let numbers = items.iter().all(|item| matches!(item, Val::Number(_)));
        if !numbers && !items.iter().all(|item| item.text().is_some()) {
            let message = "The single argument form of the sort function can only be applied to an array of strings or \
                           an array of numbers.  Use the second argument to specify a comparison function";
            return Err(Fault::coded("D3070", message));
        }
        run.merge_sort(sorted.items_mut(), &mut |a, b| match (a, b) {
            (Val::Number(a), Val::Number(b)) => Ok(a > b),
            _ => {
                let (a, b) = (a.text().unwrap_or_default(), b.text().unwrap_or_default());
                run.meter.read(a.len().min(b.len()))?;
                Ok(text::order(a, b) == Ordering::Greater)
            }
        })?;
    } else {
        run.merge_sort(sorted.items_mut(), &mut |a, b| {
            basic::truth(&run.apply(&comparator, vec![a.clone(), b.clone()], &Val::Null)?)
        })?;
    }
    Ok(sorted.list())
}

/// Each value once. Values are compared with those of the same hash only.
pub(super) fn distinct(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let list = at(arguments, 0);
    let Some(items) = list.items().filter(|items| items.len() > 1) else { return Ok(list) };
    let hashes = foldhash::fast::FixedState::default();
    let mut seen: HashMap<u64, Vec<usize>, foldhash::fast::RandomState> = HashMap::default();
    let mut found = Building::new(&run.meter)?;
    let mut ticket = crate::jsonata::meter::Ticket::new(&run.meter, 0)?;
    for item in items.iter() {
        ticket.grow(64)?;
        let mut hasher = hashes.build_hasher();
        hash(run, &item, &mut hasher, 0)?;
        let places = seen.entry(hasher.finish()).or_default();
        let mut known = false;
        for place in places.iter() {
            if let Some(other) = found.items().get(*place)
                && basic::equal(run, &item, other, 0)?
            {
                known = true;
                break;
            }
        }
        if !known {
            places.push(found.len());
            found.push(item)?;
        }
    }
    Ok(if list.flags().sequence { found.sequence() } else { found.list() })
}

/// Equal values have equal hashes: the order of members does not count.
fn hash(run: &Run<'_>, value: &Val, hasher: &mut impl Hasher, depth: usize) -> Result<(), Fault> {
    run.meter.step(1)?;
    match value {
        Val::Bool(b) => b.hash(hasher),
        // Both zeros are equal.
        Val::Number(n) => (n + 0.0).to_bits().hash(hasher),
        Val::Text(_) | Val::Made(_) => {
            let text = value.text().unwrap_or_default();
            run.meter.read(text.len())?;
            text.hash(hasher);
        }
        _ => {
            let depth = super::deeper(depth)?;
            if let Some(items) = value.items() {
                2_u8.hash(hasher);
                for item in items.iter() {
                    deep(|| hash(run, &item, hasher, depth))?;
                }
            } else if let Some(fields) = value.fields() {
                let mut all = 0_u64;
                for (name, member) in fields.iter() {
                    let mut own = foldhash::fast::FixedState::default().build_hasher();
                    name.hash(&mut own);
                    deep(|| hash(run, &member, &mut own, depth))?;
                    all = all.wrapping_add(own.finish());
                }
                all.hash(hasher);
            }
        }
    }
    Ok(())
}
