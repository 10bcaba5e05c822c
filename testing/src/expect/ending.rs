//! How an execution ends: status, error, cause, and when.

use crate::{Failure, Ran};
use aslx_engine::history::view::{duration as said, shorten};
use aslx_engine::interpreter::Status;
use aslx_engine::layers::Match;
use std::time::Duration;

/// Characters of a cause that are shown.
const CAUSE: usize = 200;

pub(super) fn status(expected: Status, ran: &Ran) -> Option<Failure> {
    if ran.status() == expected {
        return None;
    }
    let failure = Failure::new(format!("expected status {}, it was {}", expected.name(), ran.status().name()));
    Some(match ran.status() {
        Status::Succeeded => with_output(failure, ran).help("say `status: SUCCEEDED` if that is right"),
        _ => with_error(failure, ran).help(say_error(ran)),
    })
}

/// It is to end with an error, whichever way.
pub(super) fn failed(ran: &Ran) -> Option<Failure> {
    (ran.status() == Status::Succeeded).then(|| {
        let failure = Failure::new("expected an error, the execution succeeded");
        with_output(failure, ran).help("which answer was to fail? a mock that throws makes the error")
    })
}

pub(super) fn error(expected: &str, ran: &Ran) -> Option<Failure> {
    let found = ran.error().unwrap_or_default();
    if found == expected {
        return None;
    }
    let told = if found.is_empty() { "there was none".to_owned() } else { format!("it was `{found}`") };
    Some(with_error(Failure::new(format!("expected error `{expected}`, {told}")), ran).help(say_error(ran)))
}

pub(super) fn cause(expected: &str, how: Match, ran: &Ran) -> Option<Failure> {
    let found = ran.cause().unwrap_or_default();
    let (fits, verb) = match how {
        Match::Exact => (found == expected, "be"),
        Match::Partial => (found.contains(expected), "include"),
    };
    (!fits).then(|| {
        let title = format!("expected the cause to {verb} `{}`", shorten(expected, CAUSE));
        let told =
            if found.is_empty() { "it was empty".to_owned() } else { format!("it was `{}`", shorten(found, CAUSE)) };
        Failure::new(title).line(told).help("say so if that is right; `causeIncludes` looks for a part of the text")
    })
}

pub(super) fn duration(least: Duration, most: Duration, ran: &Ran) -> Option<Failure> {
    let took = ran.duration();
    if (least..=most).contains(&took) {
        return None;
    }
    let say = |duration: Duration| exactly(duration);
    let expected = match (least, most) {
        (least, most) if least == most => say(least),
        (least, Duration::MAX) => format!("at least {}", say(least)),
        (Duration::ZERO, most) => format!("at most {}", say(most)),
        (least, most) => format!("{} to {}", say(least), say(most)),
    };
    let title = format!("expected a modelled duration of {expected}, it was {}", say(took));
    Some(Failure::new(title).lines(ran.waits()).help(format!("say `duration: {}` if that is right", written(took))))
}

/// As a person would say it, with the milliseconds where that leaves something out.
fn exactly(duration: Duration) -> String {
    let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    let rough = said(millis);
    let exact = match millis {
        0..1_000 => true,
        1_000..60_000 => millis % 100 == 0,
        60_000..3_600_000 => millis % 1_000 == 0,
        3_600_000..86_400_000 => millis % 60_000 == 0,
        _ => millis % 3_600_000 == 0,
    };
    if exact { rough } else { format!("{rough} ({millis} ms)") }
}

/// As a test file takes it.
fn written(duration: Duration) -> String {
    let millis = duration.as_millis();
    if millis > 0 && millis.is_multiple_of(100) {
        format!("{} s", duration.as_secs_f64())
    } else {
        format!("{millis} ms")
    }
}

fn say_error(ran: &Ran) -> String {
    match (ran.status(), ran.error()) {
        (Status::Failed, Some(error)) => format!("say `error: {error}` if that is right"),
        (status, _) => format!("say `status: {}` if that is right", status.name()),
    }
}

fn with_output(failure: Failure, ran: &Ran) -> Failure {
    let output = ran.output().map(|output| shorten(&output.to_json(), CAUSE)).unwrap_or_default();
    failure.line(format!("its output is {output}"))
}

fn with_error(failure: Failure, ran: &Ran) -> Failure {
    let failed = ran.failed_state();
    let place = failed.as_deref().map(|state| format!(" in state {state}")).unwrap_or_default();
    let error = ran.error().unwrap_or("no error name");
    let cause = match ran.cause().map(|cause| shorten(cause, CAUSE)) {
        Some(cause) if !cause.is_empty() => format!(": {cause}"),
        _ => String::new(),
    };
    let failure = failure.line(format!("{error}{place}{cause}"));
    match failed {
        // Its error has been told; attempts only are worth a line each.
        Some(state) if ran.attempts(&state) > 0 => failure.lines(ran.story(&state)),
        _ => failure,
    }
}
