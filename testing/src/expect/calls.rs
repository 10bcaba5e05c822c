//! How often tasks are called, and with what.

use crate::{Failure, Ran};
use aslx_asl::Value;
use aslx_engine::history::view::shorten;
use aslx_engine::layers::{Match, difference};

pub(super) fn attempts(state: &str, expected: usize, ran: &Ran) -> Option<Failure> {
    let found = ran.attempts(state);
    if found == expected {
        return None;
    }
    let title = format!("expected {state} to be attempted {}, it was attempted {}", times(expected), times(found));
    let failure = Failure::new(title).lines(ran.story(state));
    let failure = failure
        .help(format!("say `attempts: {{{state}: {found}}}` if that is right, else change its mocks or its Retry"));
    Some(match found {
        0 => failure.line(format!("the way was {}", ran.states().join(" → "))),
        _ => failure.lines(ran.last_mock(state)),
    })
}

pub(super) fn calls(state: &str, expected: &[Value], how: Match, ran: &Ran) -> Option<Failure> {
    let found = ran.calls(state);
    for (number, (expected, found)) in expected.iter().zip(&found).enumerate() {
        if let Some(difference) = difference(expected, found, how) {
            let title = format!("call {} of {state} was not made as expected: {difference}", number + 1);
            let failure = Failure::new(title).line(format!("it was called with {}", shorten(&found.to_json(), 300)));
            return Some(failure.help(match how {
                Match::Exact => "say so in `exactCalls` if that is right; `calls` looks only at what it names",
                Match::Partial => "say so in `calls` if that is right, else look at the Parameters of the state",
            }));
        }
    }
    if found.len() == expected.len() {
        return None;
    }
    let title =
        format!("expected {state} to be called {}, it was called {}", times(expected.len()), times(found.len()));
    let help = "the list has an input for each call: `{}` is any object";
    Some(Failure::new(title).lines(ran.story(state)).help(help))
}

fn times(count: usize) -> String {
    match count {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        _ => format!("{count} times"),
    }
}
