//! What a case expects.

use super::fields::{Field, Reader};
use super::names;
use crate::expect::{Assertion, AssertionError, Check, Expectation, Leg, Property};
use aslx_asl::syntax::NodeKind;
use aslx_engine::interpreter::Status;
use aslx_engine::layers::Match;
use std::time::Duration;

const STATUSES: [(&str, Status); 4] = [
    ("SUCCEEDED", Status::Succeeded),
    ("FAILED", Status::Failed),
    ("TIMED_OUT", Status::TimedOut),
    ("ABORTED", Status::Aborted),
];

impl Reader<'_> {
    /// The expectations, in the order in which their names are listed in the documentation. `case` names the snapshot
    /// of a history that has no name of its own.
    pub(super) fn expectations(&mut self, field: &Field<'_>, case: &str) -> Vec<Expectation> {
        let Some(mut fields) = self.object(field.node, &field.pointer, "`expect`", names::EXPECT) else {
            return Vec::new();
        };
        let mut list = Vec::new();
        for name in names::EXPECT {
            let Some(field) = fields.take(name) else { continue };
            if *name == "assert" {
                list.extend(self.assertions(&field));
                continue;
            }
            let place = Some(self.place(field.node));
            let checks = self.checks(name, &field, case);
            list.extend(checks.into_iter().map(|check| Expectation { check, place: place.clone() }));
        }
        list
    }

    fn checks(&mut self, name: &str, field: &Field<'_>, case: &str) -> Vec<Check> {
        let check = match name {
            "status" => self.word(field, &STATUSES).map(Check::Status),
            "output" => Some(Check::Output(field.node.to_value(), Match::Exact)),
            "outputIncludes" => Some(Check::Output(field.node.to_value(), Match::Partial)),
            "outputFile" => self.value_in_file(field).map(|value| Check::Output(value, Match::Exact)),
            "error" => self.text(field).map(Check::Error),
            "cause" => self.text(field).map(|text| Check::Cause(text, Match::Exact)),
            "causeIncludes" => self.text(field).map(|text| Check::Cause(text, Match::Partial)),
            "duration" => self.duration_range(field),
            "history" => self.history(field, case),
            "path" => Some(Check::Path(self.legs(field))),
            "attempts" => return self.attempts(field),
            "calls" => return self.calls(field, Match::Partial),
            "exactCalls" => return self.calls(field, Match::Exact),
            _ => None,
        };
        check.into_iter().collect()
    }

    fn attempts(&mut self, field: &Field<'_>) -> Vec<Check> {
        let members = self.members(field);
        let count = |(state, value): (String, Field<'_>)| {
            let count = self.count(&value, "a number of attempts")?;
            Some(Check::Attempts { state, count: usize::try_from(count).ok()? })
        };
        members.into_iter().filter_map(count).collect()
    }

    fn calls(&mut self, field: &Field<'_>, how: Match) -> Vec<Check> {
        let members = self.members(field);
        let calls = |(state, value): (String, Field<'_>)| {
            let inputs = self.items(&value).iter().map(|input| input.node.to_value()).collect();
            Check::Calls { state, inputs, how }
        };
        members.into_iter().map(calls).collect()
    }

    /// A text is a state; an object has a state and the ways inside it.
    fn legs(&mut self, field: &Field<'_>) -> Vec<Leg> {
        let items = self.items(field);
        items.iter().flat_map(|item| self.leg(item)).collect()
    }

    fn leg(&mut self, field: &Field<'_>) -> Vec<Leg> {
        if !matches!(field.node.kind, NodeKind::Object(_)) {
            return self.text(field).map(|name| Leg::state(&name)).into_iter().collect();
        }
        let members = self.members(field);
        let leg = |(state, lanes): (String, Field<'_>)| {
            let lanes = self.items(&lanes).iter().map(|lane| self.legs(lane)).collect();
            Leg { state, lanes: Some(lanes) }
        };
        members.into_iter().map(leg).collect()
    }

    fn assertions(&mut self, field: &Field<'_>) -> Vec<Expectation> {
        let items = match &field.node.kind {
            NodeKind::Array(_) => self.items(field),
            _ => vec![field.clone()],
        };
        let expectation = |item: &Field<'_>| {
            let check = Check::Assertion(self.assertion(item)?);
            Some(Expectation { check, place: Some(self.place(item.node)) })
        };
        items.iter().filter_map(expectation).collect()
    }

    /// A text is a JSONata expression; an object has a path and what is there.
    fn assertion(&mut self, field: &Field<'_>) -> Option<Assertion> {
        if let Some(text) = field.node.as_str() {
            return Assertion::jsonata(text).map_err(|error| self.refused(field, &error)).ok();
        }
        let mut fields = self.object(field.node, &field.pointer, "an assertion", names::ASSERT)?;
        let Some(path_field) = fields.take("path") else {
            let help = "or write a text: a JSONata expression that has to be true";
            self.fault(field.node.span, &field.pointer, "`path` is missing", Some(help));
            return None;
        };
        let path = self.text(&path_field)?;
        let equals = fields.take("equals").map(|value| Property::Is(value.node.to_value(), Match::Exact));
        let includes = fields.take("includes").map(|value| Property::Is(value.node.to_value(), Match::Partial));
        let exists = fields.take("exists").and_then(|value| self.bool(&value)).map(Property::Exists);
        let mut properties = [equals, includes, exists].into_iter().flatten();
        let property = properties.next().unwrap_or(Property::Exists(true));
        if properties.next().is_some() {
            let message = "an assertion has one of `equals`, `includes` and `exists`";
            self.fault(field.node.span, &field.pointer, message, Some("make it several assertions"));
        }
        Assertion::path(&path, property).map_err(|error| self.refused(&path_field, &error)).ok()
    }

    fn refused(&mut self, field: &Field<'_>, error: &AssertionError) {
        self.fault(field.node.span, &field.pointer, &error.message, error.help.as_deref());
    }

    /// One duration, or the least and the most.
    fn duration_range(&mut self, field: &Field<'_>) -> Option<Check> {
        if !matches!(field.node.kind, NodeKind::Object(_)) {
            return self.duration(field).map(|duration| Check::Duration(duration, duration));
        }
        let mut fields = self.object(field.node, &field.pointer, "`duration`", names::DURATION)?;
        let mut bound = |name: &str, otherwise| match fields.take(name) {
            Some(field) => self.duration(&field),
            None => Some(otherwise),
        };
        let least = bound("atLeast", Duration::ZERO)?;
        let most = bound("atMost", Duration::MAX)?;
        Some(Check::Duration(least, most))
    }

    /// `true`: in the folder `snapshots`, under the names of file and case.
    fn history(&mut self, field: &Field<'_>, case: &str) -> Option<Check> {
        match field.node.kind {
            NodeKind::Bool(true) => Some(Check::History(self.snapshot(case))),
            NodeKind::Bool(false) => None,
            _ => self.beside(field).map(Check::History),
        }
    }
}
