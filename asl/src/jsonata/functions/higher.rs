//! Functions that call functions.

use super::{at, basic};
use crate::jsonata::fault::Fault;
use crate::jsonata::run::{Outcome, Run};
use crate::jsonata::value::{Building, Forming, Val};

/// Calls with as many of these as the function takes, at least one.
fn call(run: &Run<'_>, function: &Val, arguments: [&dyn Fn() -> Val; 3]) -> Outcome {
    run.meter.step(1)?;
    let arity = if let Val::Function(function) = function { function.arity() } else { 1 };
    let given = arguments.iter().take(arity.max(1)).map(|argument| argument()).collect();
    run.apply(function, given, &Val::Null)
}

pub(super) fn map(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let (list, function) = (at(arguments, 0), at(arguments, 1));
    let Some(items) = list.items() else { return Ok(Val::Undefined) };
    let mut results = Building::new(&run.meter)?;
    for (place, item) in items.iter().enumerate() {
        let value = call(run, &function, [&|| item.clone(), &|| Val::Number(place as f64), &|| list.clone()])?;
        if !value.is_undefined() {
            results.push(value)?;
        }
    }
    Ok(results.sequence())
}

pub(super) fn filter(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let (list, function) = (at(arguments, 0), at(arguments, 1));
    let Some(items) = list.items() else { return Ok(Val::Undefined) };
    let mut results = Building::new(&run.meter)?;
    for (place, item) in items.iter().enumerate() {
        let value = call(run, &function, [&|| item.clone(), &|| Val::Number(place as f64), &|| list.clone()])?;
        if basic::truth(&value)? {
            results.push(item)?;
        }
    }
    Ok(results.sequence())
}

pub(super) fn single(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let (list, function) = (at(arguments, 0), at(arguments, 1));
    let Some(items) = list.items() else { return Ok(Val::Undefined) };
    let mut found = None;
    for (place, item) in items.iter().enumerate() {
        run.meter.step(1)?;
        let chosen = function.is_undefined()
            || basic::truth(&call(
                run,
                &function,
                [&|| item.clone(), &|| Val::Number(place as f64), &|| list.clone()],
            )?)?;
        if chosen && found.replace(item).is_some() {
            let message = "The $single() function expected exactly 1 matching result.  Instead it matched more.";
            return Err(Fault::coded("D3138", message));
        }
    }
    found.ok_or_else(|| {
        let message = "The $single() function expected exactly 1 matching result.  Instead it matched 0.";
        Fault::coded("D3139", message)
    })
}

pub(super) fn reduce(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let (list, function, start) = (at(arguments, 0), at(arguments, 1), at(arguments, 2));
    let Some(items) = list.items() else { return Ok(Val::Undefined) };
    let arity = if let Val::Function(function) = &function { function.arity() } else { 2 };
    if arity < 2 {
        let message = "The second argument of reduce function must be a function with at least two arguments";
        return Err(Fault::coded("D3050", message));
    }
    let (mut result, skip) = match start {
        Val::Undefined => (items.first().unwrap_or(Val::Undefined), 1),
        start => (start, 0),
    };
    for (place, item) in items.iter().enumerate().skip(skip) {
        run.meter.step(1)?;
        let mut given = vec![std::mem::replace(&mut result, Val::Undefined), item];
        if arity >= 3 {
            given.push(Val::Number(place as f64));
        }
        if arity >= 4 {
            given.push(list.clone());
        }
        result = run.apply(&function, given, &Val::Null)?;
    }
    Ok(result)
}

pub(super) fn each(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let (object, function) = (at(arguments, 0), at(arguments, 1));
    let mut results = Building::new(&run.meter)?;
    for (name, value) in object.fields().into_iter().flat_map(|fields| fields.iter()) {
        let value = call(run, &function, [&|| value.clone(), &|| Val::Text(name.clone()), &|| object.clone()])?;
        if !value.is_undefined() {
            results.push(value)?;
        }
    }
    Ok(results.sequence())
}

pub(super) fn sift(run: &Run<'_>, arguments: &[Val]) -> Outcome {
    let (object, function) = (at(arguments, 0), at(arguments, 1));
    let mut results = Forming::new(&run.meter)?;
    for (name, value) in object.fields().into_iter().flat_map(|fields| fields.iter()) {
        let chosen = call(run, &function, [&|| value.clone(), &|| Val::Text(name.clone()), &|| object.clone()])?;
        if basic::truth(&chosen)? {
            results.insert(name.clone(), value)?;
        }
    }
    Ok(if results.is_empty() { Val::Undefined } else { results.record() })
}
