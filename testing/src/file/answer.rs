//! Answers of a mocked state.

use super::fields::{Field, Fields, Reader, list};
use super::names;
use crate::Place;
use crate::mocks::Mock;
use aslx_asl::did_you_mean;
use aslx_asl::syntax::NodeKind;
use aslx_engine::layers::{Answer, AnswerKind, Times};
use aslx_engine::task::FailedAt;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Answers that have names.
#[derive(Debug, Clone, Default)]
pub(super) struct Library {
    answers: BTreeMap<String, Draft>,
}

/// An answer whose place has not yet said how often it is given.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    answer: Answer,
    times: Option<Times>,
    required: bool,
}

impl Library {
    pub(super) fn insert(&mut self, name: String, draft: Draft) {
        self.answers.insert(name, draft);
    }
}

impl Draft {
    fn new(kind: AnswerKind) -> Draft {
        Draft { answer: Answer { kind, ..Answer::calls_real() }, times: None, required: true }
    }

    /// `usual`: how often an answer is given here that does not say it.
    fn finish(self, usual: Times, place: Place) -> Mock {
        // Numbers say which calls are meant, in every iteration.
        let usual = if self.answer.calls.is_some() { Times::Always } else { usual };
        let answer = Answer { times: self.times.unwrap_or(usual), ..self.answer };
        Mock { answer, place: Some(place), required: self.required }
    }
}

const WHERE: [(&str, FailedAt); 4] = [
    ("schedule", FailedAt::Schedule),
    ("start", FailedAt::Start),
    ("submit", FailedAt::Submit),
    ("run", FailedAt::Run),
];

/// The fields that say what an answer does: exactly one of them is there.
const DEEDS: [&str; 6] = ["return", "returnFile", "throw", "timeOut", "missHeartbeat", "call"];

impl Reader<'_> {
    /// The answers of a state: a list, each of which is given once unless it says otherwise, or a single one for all
    /// calls.
    pub(super) fn mocks(&mut self, field: &Field<'_>, library: &Library) -> Vec<Mock> {
        match &field.node.kind {
            NodeKind::Array(_) => {
                let items = self.items(field);
                items.into_iter().filter_map(|item| self.mock(&item, library, Times::Exactly(1))).collect()
            }
            _ => self.mock(field, library, Times::Always).into_iter().collect(),
        }
    }

    fn mock(&mut self, field: &Field<'_>, library: &Library, usual: Times) -> Option<Mock> {
        let place = self.place(field.node);
        Some(self.draft(field, library)?.finish(usual, place))
    }

    /// An answer; a text is the name of one.
    pub(super) fn draft(&mut self, field: &Field<'_>, library: &Library) -> Option<Draft> {
        if field.node.as_str().is_some() {
            return self.named(field, library);
        }
        let faults = self.faults();
        let mut fields = self.object(field.node, &field.pointer, "an answer", names::ANSWER)?;
        let base = match fields.take("use") {
            Some(name) => Some(self.named(&name, library)?),
            None => None,
        };
        let deeds: Vec<&str> = DEEDS.into_iter().filter(|name| fields.take(name).is_some()).collect();
        let mut draft = match (deeds.as_slice(), base) {
            ([deed], None) => Draft::new(self.deed(deed, &mut fields)?),
            ([], Some(base)) => base,
            // What it was to do has been told as a name that means nothing.
            ([], None) if self.faults() > faults => return None,
            ([], None) => {
                let help =
                    "it has `return`, `throw`, `timeOut`, `missHeartbeat` or `call: real`, or `use`s a named one";
                self.fault(field.node.span, &field.pointer, "an answer that does nothing", Some(help));
                return None;
            }
            (several, base) => {
                let used = base.is_some().then_some("use");
                let several: Vec<&str> = used.into_iter().chain(several.iter().copied()).collect();
                let message = format!("an answer that does several things: {}", list(&several));
                self.fault(field.node.span, &field.pointer, &message, Some("make it several answers"));
                return None;
            }
        };
        self.conditions(&mut fields, &mut draft);
        Some(draft)
    }

    /// A named answer.
    fn named(&mut self, field: &Field<'_>, library: &Library) -> Option<Draft> {
        let name = self.text(field)?;
        let draft = library.answers.get(&name).cloned();
        if draft.is_none() {
            let help = match did_you_mean(&name, library.answers.keys().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "named answers are in `answers`, here or in an included file".to_owned(),
            };
            let message = format!("no answer has the name `{name}`");
            self.fault(field.node.span, &field.pointer, &message, Some(&help));
        }
        draft
    }

    /// When and how often it is given.
    fn conditions(&mut self, fields: &mut Fields<'_>, draft: &mut Draft) {
        let answer = &mut draft.answer;
        if let Some(field) = fields.take("submitted") {
            answer.submitted = Some(field.node.to_value());
        }
        if let Some(field) = fields.take("takes") {
            answer.modelled = self.duration(&field).or(answer.modelled);
        }
        if let Some(field) = fields.take("when") {
            answer.input = Some(field.node.to_value());
        }
        if let Some(field) = fields.take("iteration") {
            answer.iteration = self.count(&field, "the index of an iteration").and_then(|n| usize::try_from(n).ok());
        }
        if let Some(field) = fields.take("attempts") {
            answer.calls = self.range(&field);
        }
        if let Some(field) = fields.take("optional") {
            draft.required = !self.bool(&field).unwrap_or(false);
        }
        if let Some(field) = fields.take("times") {
            draft.times = self.times(&field);
        }
    }

    fn deed(&mut self, deed: &str, fields: &mut Fields<'_>) -> Option<AnswerKind> {
        let field = fields.take(deed)?;
        match deed {
            "return" => Some(AnswerKind::Return(field.node.to_value())),
            "returnFile" => self.value_in_file(&field).map(AnswerKind::Return),
            "throw" => self.throw(&field),
            "call" => self.word(&field, &[("real", ())]).map(|()| AnswerKind::CallReal),
            _ => match self.bool(&field) {
                Some(true) if deed == "timeOut" => Some(AnswerKind::TimeOut),
                Some(true) => Some(AnswerKind::MissHeartbeat),
                Some(false) => {
                    self.fault(field.node.span, &field.pointer, &format!("`{deed}` is true or not there"), None);
                    None
                }
                None => None,
            },
        }
    }

    /// A text is the name of the error.
    fn throw(&mut self, field: &Field<'_>) -> Option<AnswerKind> {
        if let Some(error) = field.node.as_str() {
            return Some(AnswerKind::Throw { error: error.to_string(), cause: Some(String::new()), at: FailedAt::Run });
        }
        let mut fields = self.object(field.node, &field.pointer, "what is thrown", names::THROW)?;
        let Some(error) = fields.take("error") else {
            self.fault(
                field.node.span,
                &field.pointer,
                "`error` is missing",
                Some("it is what Retry and Catch look at"),
            );
            return None;
        };
        let error = self.text(&error)?;
        let cause = match fields.take("cause") {
            Some(cause) if matches!(cause.node.kind, NodeKind::Null) => None,
            Some(cause) => Some(self.text(&cause)?),
            None => Some(String::new()),
        };
        let at = match fields.take("at") {
            Some(at) => self.word(&at, &WHERE)?,
            None => FailedAt::Run,
        };
        Some(AnswerKind::Throw { error, cause, at })
    }

    fn times(&mut self, field: &Field<'_>) -> Option<Times> {
        if field.node.as_str().is_some_and(|text| &**text == "always") {
            return Some(Times::Always);
        }
        self.count(field, "a number, or `always`").map(Times::Exactly)
    }

    /// `2`, `2-4` or `2-`, counted from 1.
    fn range(&mut self, field: &Field<'_>) -> Option<RangeInclusive<u32>> {
        let number = |text: &str| text.trim().parse::<u32>().ok();
        let range = match field.node.as_str() {
            Some(text) => match text.split_once('-') {
                Some((from, "")) => number(from).map(|from| from..=u32::MAX),
                Some((from, to)) => number(from).zip(number(to)).map(|(from, to)| from..=to),
                None => number(text).map(|at| at..=at),
            },
            None => field.node.to_value().as_i64().and_then(|at| u32::try_from(at).ok()).map(|at| at..=at),
        };
        let range = range.filter(|range| *range.start() >= 1 && range.start() <= range.end());
        if range.is_none() {
            let found = field.node.to_value().to_json();
            let message = format!("expected an attempt or a range of them, found `{found}`");
            let help = "attempts are counted from 1: `2`, `2-4`, or `2-` for all from the second on";
            self.fault(field.node.span, &field.pointer, &message, Some(help));
        }
        range
    }
}
