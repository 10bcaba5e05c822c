//! What came of the attempts of a state: retried by which retrier, taken by which catcher, or by none.

use crate::Ran;
use aslx_asl::Program;
use aslx_asl::program::{Effect, ErrorPattern, State, StateKind};
use aslx_engine::history::view::{RunTree, StateVisit, VisitStatus, duration, shorten};
use aslx_engine::layers::{AnswerKind, Asked};
use std::collections::HashMap;

/// Lines that are shown of a story.
const LINES: usize = 12;

/// What an attempt ended with, and what came of it.
struct Line {
    attempt: String,
    ended: String,
    then: String,
}

pub(crate) fn of(state: &str, ran: &Ran) -> Vec<String> {
    let Some((_, state)) = ran.program.state_named(state) else { return Vec::new() };
    let visits: Vec<StateVisit> = ran.visits(&state.name).collect();
    let mut lines = Vec::new();
    let mut calls: HashMap<Option<u64>, usize> = HashMap::new();
    for (number, visit) in visits.iter().enumerate() {
        let prefix = match visit.iteration {
            _ if visits.len() == 1 => String::new(),
            Some(index) => format!("iteration {index}, "),
            None => format!("visit {}, ", number + 1),
        };
        let before = calls.entry(visit.iteration).or_default();
        lines.extend(visit_lines(&prefix, state, visit, *before, ran));
        *before += visit.tries.len();
    }
    if visits.is_empty() {
        lines.extend(ran.asked.iter().filter(|asked| asked.state == state.name).map(|asked| call_line(asked, ran)));
    }
    let attempt = lines.iter().map(|line| line.attempt.chars().count()).max().unwrap_or_default();
    let ended = lines.iter().map(|line| line.ended.chars().count()).max().unwrap_or_default();
    let more = lines.len().saturating_sub(LINES);
    let text = |line: &Line| format!("{:attempt$}  {:ended$}  {}", line.attempt, line.ended, line.then);
    let mut told: Vec<String> = lines.iter().take(LINES).map(|line| text(line).trim_end().to_owned()).collect();
    if more > 0 {
        told.push(format!("… and {more} more"));
    }
    told
}

/// A call of a child of a map run, whose history is not at hand.
fn call_line(asked: &Asked, ran: &Ran) -> Line {
    let attempt = match asked.iteration {
        Some(index) => format!("item {index}, attempt {}", asked.call),
        None => format!("attempt {}", asked.call),
    };
    let ended = match ran.mock_of(asked).map(|mock| &mock.answer.kind) {
        Some(AnswerKind::Throw { error, .. }) => error.clone(),
        Some(AnswerKind::Return(_)) => "succeeded".to_owned(),
        Some(AnswerKind::TimeOut | AnswerKind::MissHeartbeat) => "States.Timeout".to_owned(),
        Some(AnswerKind::CallReal) => "called".to_owned(),
        None => "no answer".to_owned(),
    };
    Line { attempt, ended, then: String::new() }
}

/// `before`: attempts of earlier visits in the same iteration.
fn visit_lines(prefix: &str, state: &State, visit: &StateVisit, before: usize, ran: &Ran) -> Vec<Line> {
    let effect = effect(&state.kind);
    let mut used = vec![0u64; effect.map_or(0, |effect| effect.retry.len())];
    let mut lines = Vec::new();
    for (index, attempt) in visit.tries.iter().enumerate() {
        let name = format!("{prefix}attempt {}", index + 1);
        let next = visit.tries.get(index + 1);
        let Some(error) = &attempt.error else {
            let ended = if attempt.ended.is_some() { "succeeded" } else { "given up" };
            lines.push(Line { attempt: name, ended: ended.to_owned(), then: String::new() });
            continue;
        };
        let error = error.error.as_deref().unwrap_or("(no name)");
        let heartbeat =
            error == "States.Timeout" && missed_heartbeat(&state.name, visit.iteration, before + index + 1, ran);
        let then = match effect {
            _ if error == "States.Runtime" => "cannot be retried or caught".to_owned(),
            None => String::new(),
            Some(effect) => {
                let from_task = matches!(state.kind, StateKind::Task(_));
                let waited = next.map(|next| next.at.as_millis() - attempt.ended.unwrap_or(attempt.at).as_millis());
                follow(effect, error, (from_task, heartbeat), waited, &mut used, &ran.program)
            }
        };
        lines.push(Line { attempt: name, ended: error.to_owned(), then });
    }
    let failed_later = visit.tries.last().is_none_or(|last| last.error.is_none());
    if let Some(error) = visit.error.as_ref().filter(|_| failed_later && visit.status != VisitStatus::Succeeded) {
        let ended = error.error.as_deref().unwrap_or("(no name)").to_owned();
        let then = shorten(error.cause.as_deref().unwrap_or_default(), 160);
        lines.push(Line { attempt: format!("{prefix}the state"), ended, then });
    }
    lines
}

/// Whether the answer to this call of a state in an iteration was a missed heartbeat.
fn missed_heartbeat(state: &str, iteration: Option<u64>, call: usize, ran: &Ran) -> bool {
    let iteration = iteration.and_then(|index| usize::try_from(index).ok());
    let is_it = |asked: &&Asked| {
        &*asked.state == state && asked.iteration == iteration && usize::try_from(asked.call) == Ok(call)
    };
    let answer = ran.asked.iter().find(is_it).and_then(|asked| ran.mock_of(asked));
    answer.is_some_and(|mock| mock.answer.kind == AnswerKind::MissHeartbeat)
}

/// What the state made of an error. `waited`: milliseconds until the next attempt, if there was one.
fn follow(
    effect: &Effect,
    error: &str,
    (from_task, heartbeat): (bool, bool),
    waited: Option<i64>,
    used: &mut [u64],
    program: &Program,
) -> String {
    let matches = |errors: &[ErrorPattern]| errors.iter().any(|e| e.matches(error, from_task, heartbeat));
    let retrier = effect.retry.iter().zip(used).enumerate().find(|(_, (retrier, _))| matches(&retrier.errors));
    let refused = match (retrier, waited) {
        (Some((index, (_, used))), Some(waited)) => {
            *used += 1;
            return format!("retried by Retry[{index}] after {}", duration(waited));
        }
        (Some((index, (retrier, _))), None) if retrier.max_attempts == 0 => {
            format!("Retry[{index}] says not to retry, ")
        }
        (Some((index, _)), None) => format!("Retry[{index}] has no attempt left, "),
        (None, _) => String::new(),
    };
    match effect.catch.iter().enumerate().find(|(_, catcher)| matches(&catcher.errors)) {
        Some((index, catcher)) => {
            format!("{refused}taken by Catch[{index}] → {}", program.state(catcher.next).name)
        }
        None if refused.is_empty() => "no retrier or catcher takes it".to_owned(),
        None => format!("{refused}no catcher takes it"),
    }
}

fn effect(kind: &StateKind) -> Option<&Effect> {
    match kind {
        StateKind::Task(task) => Some(&task.effect),
        StateKind::Parallel(parallel) => Some(&parallel.effect),
        StateKind::Map(map) => Some(&map.effect),
        _ => None,
    }
}

/// The states that took the longest by the model's clock, without those that only hold others.
pub(crate) fn longest(tree: &RunTree) -> Vec<String> {
    let mut visits: Vec<(i64, String)> = tree
        .visits()
        .filter(|visit| !visit.holds_others)
        .filter_map(|visit| {
            let took = visit.ended?.as_millis() - visit.entered.as_millis();
            let attempts = if visit.attempts > 1 { format!(" in {} attempts", visit.attempts) } else { String::new() };
            (took > 0).then(|| (took, format!("{} took {}{attempts}", visit.state, duration(took))))
        })
        .collect();
    visits.sort_by_key(|(took, _)| -*took);
    visits.into_iter().take(5).map(|(_, text)| text).collect()
}
