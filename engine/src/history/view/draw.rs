//! The tree of an execution as text.

use super::lines::{Line, Note, Row, Tone, lay_out};
use super::model::{Attempt, Lane, LaneId, Mark, RunStatus, RunTree, Visit, VisitId};
use super::words::{count, duration, message_of, shorten, times};
use crate::history::StateType;
use aslx_asl::Timestamp;
use std::sync::Arc;

/// Iterations of a Map up to this number are all shown; of more, those that failed and some that still run.
const ITERATIONS_SHOWN: usize = 5;

/// Characters of indentation after which what is inside is left out.
const DEEPEST: usize = 240;

/// Visits of one sequence that are shown at its begin and at its end, when it is a long loop.
const VISITS_SHOWN: usize = 12;

/// Characters of a cause that are shown.
const CAUSE_SHOWN: usize = 160;

impl RunTree {
    /// The tree as text, every line at most `width` columns wide, with ANSI colours if wanted. `now` gives the time
    /// that running states have taken so far.
    pub fn render(&self, width: usize, colour: bool, now: Timestamp) -> String {
        let mut rows = Vec::new();
        if let Some(lane) = self.lane(LaneId(0)) {
            self.lane_rows(lane, "", "", None, now, &mut rows);
        }
        lay_out(&rows, width, colour)
    }

    /// How the execution stands in one line: `SUCCEEDED in 2.3 s`, with error and cause if it failed.
    pub fn summary(&self, width: usize, colour: bool, now: Timestamp) -> String {
        let mut line = Line::new(width, colour);
        let tone = match self.status {
            RunStatus::Running => Tone::Active,
            RunStatus::Succeeded => Tone::Good,
            _ => Tone::Bad,
        };
        line.toned(tone, self.status.word());
        if let Some(started) = self.started {
            let took = self.ended.unwrap_or(now).as_millis().saturating_sub(started.as_millis());
            match (self.status, self.modelled) {
                (RunStatus::Running, _) => line.plain(&format!(" for {}", duration(took))),
                (_, false) => line.plain(&format!(" in {}", duration(took))),
                (_, true) => {
                    let work = self.work();
                    line.plain(&format!(" in {}", duration(work)));
                    if took > work {
                        line.toned(Tone::Quiet, &format!(" (modelled time {})", duration(took)));
                    }
                }
            }
        }
        match self.redrives {
            0 => {}
            number => line.plain(&format!(", redriven {}", times(number))),
        }
        if self.status != RunStatus::Succeeded
            && let Some(text) = words_of(self.error.error.as_ref(), self.error.cause.as_ref())
        {
            line.plain("   ");
            line.toned(Tone::Bad, &text);
        }
        line.finish()
    }

    /// One sequence. `first` leads its first line, `rest` the others; `label` names an iteration.
    fn lane_rows(
        &self,
        lane: &Lane,
        first: &str,
        rest: &str,
        label: Option<&str>,
        now: Timestamp,
        rows: &mut Vec<Row>,
    ) {
        let label = label.unwrap_or("");
        let blank = " ".repeat(label.chars().count());
        let (first, rest) = (format!("{first}{label}"), format!("{rest}{blank}"));
        let shown = |index: usize| {
            lane.visits.len() <= 2 * VISITS_SHOWN + 1
                || index < VISITS_SHOWN
                || index + VISITS_SHOWN >= lane.visits.len()
        };
        let mut hidden: Vec<&Visit> = Vec::new();
        for (index, id) in lane.visits.iter().enumerate() {
            let Some(visit) = self.visit(*id) else { continue };
            if !shown(index) {
                hidden.push(visit);
                continue;
            }
            if !hidden.is_empty() {
                rows.push(Row { indent: rest.clone(), name: left_out(&hidden), ..Row::default() });
                hidden.clear();
            }
            let indent = if index == 0 { &first } else { &rest };
            rows.push(self.visit_row(*id, visit, indent, now));
            self.inner_rows(visit, &format!("{rest}  "), now, rows);
        }
        if lane.visits.is_empty() {
            rows.push(Row {
                indent: first,
                mark: Some(lane.mark),
                name: if lane.mark == Mark::Running { "starts" } else { "nothing was started" }.to_owned(),
                ..Row::default()
            });
        }
    }

    /// The branches or iterations of a visit.
    fn inner_rows(&self, visit: &Visit, indent: &str, now: Timestamp, rows: &mut Vec<Row>) {
        let lanes: Vec<&Lane> = visit.lanes.iter().filter_map(|id| self.lane(*id)).collect();
        if indent.len() > DEEPEST && !lanes.is_empty() {
            rows.push(Row { indent: indent.to_owned(), name: "…".to_owned(), ..Row::default() });
            return;
        }
        let shown: Vec<&Lane> = match visit.state {
            StateType::Map if lanes.len() > ITERATIONS_SHOWN => some_of(&lanes),
            _ => lanes.clone(),
        };
        let digits = shown.iter().filter_map(|lane| lane.index).max().map_or(0, |index| index.to_string().len());
        let summary = (shown.len() < lanes.len()).then(|| summary_of(&lanes));
        let last = shown.len() + usize::from(summary.is_some());
        for (number, lane) in shown.iter().enumerate() {
            let is_last = number + 1 == last;
            let (first, rest) = if is_last { ("└ ", "  ") } else { ("├ ", "│ ") };
            let label = lane.index.map(|index| format!("#{index:<digits$} "));
            let (first, rest) = (format!("{indent}{first}"), format!("{indent}{rest}"));
            self.lane_rows(lane, &first, &rest, label.as_deref(), now, rows);
        }
        if let Some(name) = summary {
            rows.push(Row { indent: format!("{indent}└ "), name, ..Row::default() });
        }
    }

    fn visit_row(&self, id: VisitId, visit: &Visit, indent: &str, now: Timestamp) -> Row {
        Row {
            indent: indent.to_owned(),
            mark: Some(visit.mark),
            name: visit.name.to_string(),
            middle: middle(visit),
            time: self.time_of(id, visit, now).map(duration).unwrap_or_default(),
            notes: self.notes(visit),
        }
    }

    /// Milliseconds to show for a visit; nothing for states that take no time.
    pub(super) fn time_of(&self, id: VisitId, visit: &Visit, now: Timestamp) -> Option<i64> {
        let timed = matches!(visit.state, StateType::Task | StateType::Wait | StateType::Parallel | StateType::Map);
        if self.modelled && visit.state != StateType::Wait && !visit.open() {
            return timed.then(|| self.work_in(id, visit));
        }
        let end = visit.ended.unwrap_or(now);
        let millis = end.as_millis().saturating_sub(visit.entered.as_millis());
        (timed || millis > 0).then_some(millis)
    }

    /// What is remarkable about a visit.
    pub(super) fn notes(&self, visit: &Visit) -> Vec<Note> {
        let mut notes = Vec::new();
        let modelled = if self.modelled { " (modelled)" } else { "" };
        let retries: Vec<_> = visit.attempts.iter().zip(visit.attempts.iter().skip(1)).collect();
        if !retries.is_empty() {
            let mut errors: Vec<&str> = Vec::new();
            let mut waits: Vec<String> = Vec::new();
            for (before, after) in &retries {
                // The error of a Fail state shows only when it ends the execution.
                let error = before.error.as_ref().and_then(|error| error.error.as_deref());
                errors.extend(error.filter(|error| !errors.contains(error)));
                waits.push(duration(pause(before, after)));
            }
            let waits = if waits.len() > 6 { format!("{} in all", total(&retries)) } else { waits.join(", ") };
            let colon = if errors.is_empty() { "" } else { ": " };
            let (number, errors) = (times(retries.len()), errors.join(", "));
            let text = format!("retried {number}{colon}{errors}, waited {waits}{modelled}");
            notes.push(Note { tone: Tone::Doubtful, text });
        }
        if visit.state == StateType::Wait && self.modelled {
            notes.push(Note { tone: Tone::Quiet, text: "modelled".to_owned() });
        }
        if visit.map_run.is_some() {
            notes.push(Note { tone: Tone::Quiet, text: "distributed".to_owned() });
        }
        match visit.mark {
            Mark::Caught => {
                let error = visit.error.as_ref().and_then(|error| error.error.as_deref());
                let error = error.map(|error| format!(": {error}")).unwrap_or_default();
                let next = visit.next.as_ref().map(|next| format!(" → {next}")).unwrap_or_default();
                notes.push(Note { tone: Tone::Doubtful, text: format!("caught{error}{next}") });
            }
            // What is around the innermost failure only repeats it.
            Mark::Failed if visit.culprit.is_none() => {
                let error = visit.error.as_ref();
                let text = error.and_then(|error| words_of(error.error.as_ref(), error.cause.as_ref()));
                notes.extend(text.map(|text| Note { tone: Tone::Bad, text }));
            }
            Mark::Running if visit.error.is_some() && !visit.is_container() => {
                let error = visit.error.as_ref().and_then(|error| error.error.as_deref()).unwrap_or("an error");
                notes.push(Note { tone: Tone::Doubtful, text: format!("after {error}") });
            }
            Mark::Aborted => notes.push(Note { tone: Tone::Quiet, text: "given up".to_owned() }),
            _ => {}
        }
        notes
    }

    /// Milliseconds in which some task was at work.
    fn work(&self) -> i64 {
        self.lane(LaneId(0)).map_or(0, |lane| {
            let mut spans = Vec::new();
            lane.visits.iter().for_each(|id| self.stretches(*id, &mut spans));
            union(spans)
        })
    }

    fn work_in(&self, id: VisitId, _: &Visit) -> i64 {
        let mut spans = Vec::new();
        self.stretches(id, &mut spans);
        union(spans)
    }

    fn stretches(&self, id: VisitId, spans: &mut Vec<(i64, i64)>) {
        let mut rest = vec![id];
        while let Some(visit) = rest.pop().and_then(|id| self.visit(id)) {
            if visit.is_container() {
                rest.extend(visit.lanes.iter().filter_map(|id| self.lane(*id)).flat_map(|lane| lane.visits.iter()));
                continue;
            }
            for attempt in &visit.attempts {
                let end = attempt.ended.or(visit.ended).unwrap_or(attempt.at);
                spans.push((attempt.at.as_millis(), end.as_millis()));
            }
        }
    }
}

/// How long these spans are together, counting overlaps once.
fn union(mut spans: Vec<(i64, i64)>) -> i64 {
    spans.sort_unstable();
    let (mut sum, mut reached) = (0, i64::MIN);
    for (start, end) in spans {
        sum += end.saturating_sub(start.max(reached)).max(0);
        reached = reached.max(end);
    }
    sum
}

fn pause(before: &Attempt, after: &Attempt) -> i64 {
    after.at.as_millis().saturating_sub(before.ended.unwrap_or(after.at).as_millis())
}

fn total(retries: &[(&Attempt, &Attempt)]) -> String {
    duration(retries.iter().map(|(before, after)| pause(before, after)).sum())
}

fn middle(visit: &Visit) -> String {
    match visit.state {
        StateType::Choice => visit.next.as_ref().map(|next| format!("→ {next}")).unwrap_or_default(),
        _ if visit.attempts.len() > 1 => count(visit.attempts.len(), "attempt", "attempts"),
        StateType::Map if visit.map_run.is_none() => {
            visit.length.map(|items| count(items as usize, "item", "items")).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// `Error: cause`, shortened; of a Lambda function's cause the message.
pub(super) fn words_of(error: Option<&Arc<str>>, cause: Option<&Arc<str>>) -> Option<String> {
    let cause = cause.map(|cause| shorten(without_preamble(&message_of(cause)), CAUSE_SHOWN));
    match (error, cause.filter(|cause| !cause.is_empty())) {
        (Some(error), Some(cause)) => Some(format!("{error}: {cause}")),
        (Some(error), None) => Some(error.to_string()),
        (None, cause) => cause,
    }
}

/// AWS begins the cause of a runtime error with the state and its event, which the tree shows already.
fn without_preamble(cause: &str) -> &str {
    let preamble = cause.strip_prefix("An error occurred while executing the state '");
    let rest = preamble.and_then(|rest| rest.split_once("(entered at the event id #"));
    rest.and_then(|(_, rest)| rest.split_once("). ")).map_or(cause, |(_, rest)| rest)
}

/// Of many iterations: the failed and, as far as there is room, the running ones.
fn some_of<'l>(lanes: &[&'l Lane]) -> Vec<&'l Lane> {
    let of = |mark: Mark| lanes.iter().copied().filter(move |lane| lane.mark == mark);
    let mut shown: Vec<_> = of(Mark::Failed).take(ITERATIONS_SHOWN).collect();
    let room = ITERATIONS_SHOWN.saturating_sub(shown.len()).min(3);
    shown.extend(of(Mark::Running).take(room));
    shown.sort_by_key(|lane| lane.index);
    shown
}

/// `95 succeeded, 4 running, 1 failed`.
fn summary_of(lanes: &[&Lane]) -> String {
    let named =
        [(Mark::Done, "succeeded"), (Mark::Running, "running"), (Mark::Failed, "failed"), (Mark::Aborted, "given up")];
    let parts: Vec<_> = named
        .into_iter()
        .map(|(mark, word)| (lanes.iter().filter(|lane| lane.mark == mark).count(), word))
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    parts.join(", ")
}

/// `… 972 more: Count ×486, Again ×486`.
fn left_out(visits: &[&Visit]) -> String {
    let mut names: Vec<(&str, usize)> = Vec::new();
    for visit in visits {
        match names.iter_mut().find(|(name, _)| *name == &*visit.name) {
            Some((_, number)) => *number += 1,
            None => names.push((&visit.name, 1)),
        }
    }
    let more = names.len().saturating_sub(4);
    let mut parts: Vec<_> = names.iter().take(4).map(|(name, number)| format!("{name} ×{number}")).collect();
    if more > 0 {
        parts.push(format!("{more} other states"));
    }
    format!("… {} more: {}", visits.len(), parts.join(", "))
}
