//! Mocks and calls that do not fit together: a call without an answer, an answer without a call, a name of no state.

use crate::mocks::{Mock, Mocks};
use crate::{Expectation, Failure, Ran};
use aslx_asl::program::StateKind;
use aslx_asl::{Program, did_you_mean};
use aslx_engine::history::view::shorten;
use aslx_engine::layers::{Asked, Times};
use std::collections::BTreeSet;

/// Names in mocks and expectations that no state has, and mocks of states that call nothing.
pub(crate) fn names(mocks: &Mocks, expectations: &[Expectation], program: &Program) -> Vec<Failure> {
    let mut failures = Vec::new();
    let unknown = |state: &str, what: &str| {
        let failure = Failure::new(format!("{what} names `{state}`, and no state has this name"));
        match did_you_mean(state, program.states().map(|(_, state)| &*state.name)) {
            Some(near) => failure.help(format!("did you mean `{near}`?")),
            None => {
                let names: Vec<&str> = program.states().map(|(_, state)| &*state.name).collect();
                failure.help(format!("the states are {}", shorten(&names.join(", "), 200)))
            }
        }
    };
    for (state, list) in mocks.states() {
        let place = list.first().and_then(|mock| mock.place.as_ref());
        // A default may be for another definition of the file.
        let required = list.iter().any(|mock| mock.required);
        match program.state_named(state) {
            None if required => failures.push(unknown(state, "a mock").or_at(place)),
            Some((_, found)) if required && !calls_something(&found.kind) => {
                let kind = found.kind.type_name();
                let failure = Failure::new(format!("the mock for {state} is never asked for: it is a {kind} state"));
                failures.push(
                    failure.or_at(place).help("only Task states, and the readers of distributed Maps, call something"),
                );
            }
            _ => {}
        }
    }
    for Expectation { check, place } in expectations {
        let missing = check.states().into_iter().filter(|state| program.state_named(state).is_none());
        failures.extend(missing.map(|state| unknown(state, "an expectation").or_at(place.as_ref())));
    }
    failures
}

fn calls_something(kind: &StateKind) -> bool {
    match kind {
        StateKind::Task(_) => true,
        StateKind::Map(map) => map.distributed.is_some(),
        _ => false,
    }
}

/// Calls for which there was no answer; the first of each state.
pub(crate) fn missing(ran: &Ran) -> Vec<Failure> {
    let mut told = BTreeSet::new();
    let without = ran.asked.iter().filter(|asked| asked.answer.is_none());
    without.filter(|asked| told.insert(asked.state.clone())).map(|asked| without_answer(asked, ran)).collect()
}

fn without_answer(asked: &Asked, ran: &Ran) -> Failure {
    let state = &asked.state;
    let input = format!("it was called with {}", shorten(&asked.input.to_json(), 200));
    let Some(list) = ran.mocks.of(state) else {
        return Failure::new(format!("{state} is called and has no mock"))
            .line(input)
            .help(format!("add to `mocks`: `{state}: {{return: …}}`, or `{state}: {{call: real}}`"));
    };
    let inside = asked.iteration.map(|index| format!(" in iteration {index}")).unwrap_or_default();
    let title = format!("call {} of {state}{inside} has no answer", asked.call);
    let failure = Failure::new(title).lines(ran.story(state)).line(input);
    let not_meant: Vec<String> = list.iter().filter_map(not_meant).collect();
    let failure = match list.len() {
        1 => failure.line("its list has one answer"),
        count => failure.line(format!("its list has {count} answers")),
    };
    failure
        .lines(not_meant)
        .or_at(list.last().and_then(|mock| mock.place.as_ref()))
        .help("add an answer to the list, or `times: always` to its last one")
}

/// Which calls an answer is meant for, if not for all.
fn not_meant(mock: &Mock) -> Option<String> {
    let answer = &mock.answer;
    let mut limits = Vec::new();
    if let Some(index) = answer.iteration {
        limits.push(format!("iteration {index}"));
    }
    if let Some(calls) = &answer.calls {
        limits.push(match (calls.start(), calls.end()) {
            (from, to) if from == to => format!("attempt {from}"),
            (from, &u32::MAX) => format!("attempts from {from} on"),
            (from, to) => format!("attempts {from} to {to}"),
        });
    }
    if let Some(input) = &answer.input {
        limits.push(format!("inputs that include {}", shorten(&input.to_json(), 80)));
    }
    let place = mock.place.as_ref().map(|place| format!(" at {place}")).unwrap_or_default();
    (!limits.is_empty()).then(|| format!("the one{place} is for {}", limits.join(" and ")))
}

/// Answers that nobody asked for.
pub(crate) fn unused(ran: &Ran) -> Vec<Failure> {
    let mut failures = Vec::new();
    for (state, list) in ran.mocks.states() {
        for (number, mock) in list.iter().enumerate() {
            let given = ran.asked.iter().filter(|asked| &*asked.state == state && asked.answer == Some(number)).count();
            let given = u32::try_from(given).unwrap_or(u32::MAX);
            if given >= mock.least() {
                continue;
            }
            let which = if list.len() == 1 {
                format!("the mock for {state}")
            } else {
                format!("mock {} for {state}", number + 1)
            };
            let title = match (given, mock.answer.times) {
                (0, _) => format!("{which} was never used"),
                (_, Times::Exactly(times)) => format!("{which} was used {given} of {times} times"),
                (_, Times::Always) => continue,
            };
            let failure = Failure::new(title).lines(ran.story(state));
            let failure = match ran.calls(state).len() {
                0 => failure.line(format!("{state} was not called, the way was {}", ran.states().join(" → "))),
                _ => failure.lines(not_meant(mock)),
            };
            failures.push(failure.or_at(mock.place.as_ref()).help("remove it, or say `optional: true`"));
        }
    }
    failures
}
