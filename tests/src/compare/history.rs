//! Comparing two histories.

use super::forest::{Forest, Places};
use super::order;
use super::plain_set;
use super::text::Bindings;
use super::value::difference;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::fmt;

/// Members of an event that have a comparison of their own (ids) or none (time).
const APART: [&str; 3] = ["id", "previousEventId", "timestamp"];

/// What the shape of a history needs of one event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Event<'a> {
    pub(super) id: u64,
    pub(super) previous: u64,
    pub(super) kind: &'a str,
    pub(super) name: &'a str,
    pub(super) index: Option<u64>,
    pub(super) members: &'a Map<String, Value>,
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.kind)?;
        if !self.name.is_empty() {
            write!(f, " of `{}`", self.name)?;
        }
        if let Some(index) = self.index {
            write!(f, " #{index}")?;
        }
        write!(f, " after {}", self.previous)
    }
}

impl<'a> Event<'a> {
    fn read(value: &'a Value) -> Option<Event<'a>> {
        let members = value.as_object()?;
        let details = members.iter().find_map(|(key, value)| value.as_object().filter(|_| is_details(key)));
        let name = details.and_then(|details| details.get("name")?.as_str()).unwrap_or_default();
        let index = details.and_then(|details| details.get("index")?.as_u64());
        let id = members.get("id")?.as_u64()?;
        let previous = members.get("previousEventId")?.as_u64()?;
        let kind = members.get("type")?.as_str()?;
        Some(Event { id, previous, kind, name, index, members })
    }

    /// The event without ids and time, as a value.
    pub(super) fn content(&self) -> Value {
        content(self.members)
    }
}

fn is_details(key: &str) -> bool {
    key.ends_with("EventDetails")
}

/// An event without ids and time.
pub(super) fn content(members: &Map<String, Value>) -> Value {
    let kept = members.iter().filter(|(key, _)| !APART.contains(&key.as_str()));
    Value::Object(kept.map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// Reads a history whose ids must be 1, 2, 3, … and whose events must follow earlier ones: true of every history by
/// itself, whatever it is compared with.
pub(super) fn read(events: &[Value]) -> Result<Vec<Event<'_>>, String> {
    let mut found = Vec::with_capacity(events.len());
    for (event, id) in events.iter().zip(1_u64..) {
        let event = Event::read(event).ok_or_else(|| format!("event {id} is not an event: {event}"))?;
        if event.id != id {
            return Err(format!("event {event}: its id should be {id}"));
        }
        if event.previous >= id {
            return Err(format!("event {event}: that is not an earlier event"));
        }
        found.push(event);
    }
    Ok(found)
}

/// A recorded history in today's form: two of AWS's habits have changed.
fn today<'a>(recorded: &[Event<'a>]) -> Vec<Event<'a>> {
    let mut found: Vec<Event<'a>> = Vec::with_capacity(recorded.len());
    for event in recorded {
        found.push(Event { previous: follows(&found, event), ..*event });
    }
    found
}

/// What an event follows, in today's form.
///
/// The exit of a distributed Map followed the success of its run until September 2024 and follows the run's start since
/// November 2024; both mean the run, and are read as its start. The failure of an evaluation at the entry of a state
/// followed what the entry follows until November 2024 and follows the entry since December 2024; both mean the entry.
fn follows(before: &[Event<'_>], event: &Event<'_>) -> u64 {
    let named = usize::try_from(event.previous).ok().and_then(|id| before.get(id.checked_sub(1)?));
    match (named, event.kind) {
        (Some(success), "MapStateExited") if success.kind == "MapRunSucceeded" => success.previous,
        (_, "EvaluationFailed") => {
            let state =
                event.members.get("evaluationFailedEventDetails").and_then(|details| details.get("state")?.as_str());
            let entry = before.iter().rev().find(|entry| {
                entry.kind.ends_with("StateEntered") && Some(entry.name) == state && entry.previous == event.previous
            });
            entry.map_or(event.previous, |entry| entry.id)
        }
        _ => event.previous,
    }
}

/// Where `got` is not the history that `want` describes, both canonical; `None` if it is. `sorted` says that the
/// recorded events of Parallel states have lost their order and their ids.
pub fn history_difference(want: &[Value], got: &[Value], sorted: bool, bindings: &mut Bindings) -> Option<String> {
    let compared = match read(got) {
        Ok(got) if sorted => plain_set::compare(want, &got, bindings),
        Ok(got) => read(want)
            .map_err(|why| format!("expected history: {why}"))
            .and_then(|want| forest(&today(&want), &got, bindings)),
        Err(why) => Err(why),
    };
    compared.err()
}

fn forest(want: &[Event<'_>], got: &[Event<'_>], bindings: &mut Bindings) -> Result<(), String> {
    let mut places = Places::default();
    let wanted = Forest::of(want);
    let given = Forest::of(got);
    let want_places = places.of(want, &wanted);
    let got_places = places.of(got, &given);
    let where_given: HashMap<usize, usize> = got_places.iter().enumerate().map(|(at, place)| (*place, at)).collect();

    let mut partner = Vec::with_capacity(want.len());
    for (event, place) in want.iter().zip(&want_places) {
        let Some((at, other)) = where_given.get(place).and_then(|at| Some((*at, got.get(*at)?))) else {
            return Err(structure(event, &want_places, got, &got_places));
        };
        if let Some(found) = difference(&event.content(), &other.content(), bindings) {
            let was = if event.id == other.id { String::new() } else { format!(" (got as event {})", other.id) };
            return Err(format!("event {} {}{was}: {found}", event.id, event.kind));
        }
        partner.push(at);
    }
    if let Some(more) = extra(&want_places, got, &got_places) {
        return Err(format!("event {more}: not expected"));
    }
    order::check(want, &wanted, got, &given, &partner)
}

fn structure(missing: &Event<'_>, want_places: &[usize], got: &[Event<'_>], got_places: &[usize]) -> String {
    match extra(want_places, got, got_places) {
        Some(instead) => format!("event {missing}: expected, got {instead}"),
        None => format!("event {missing}: missing"),
    }
}

/// The first event given that has no place in the expected history.
fn extra<'a, 'b>(want_places: &[usize], got: &'a [Event<'b>], got_places: &[usize]) -> Option<&'a Event<'b>> {
    got.iter().zip(got_places).find(|(_, place)| !want_places.contains(place)).map(|(event, _)| event)
}
