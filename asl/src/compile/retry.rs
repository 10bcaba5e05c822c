//! `Retry` and `Catch`.

use super::Compiler;
use super::fields::Fields;
use super::machine::{Here, MAX_SECONDS};
use crate::diagnostic::{Diagnostic, code, pointer_to};
use crate::program::{CatchFlow, Catcher, ErrorPattern, Retrier, StateId};
use crate::syntax::{Node, NodeKind};

impl Compiler<'_> {
    pub(super) fn retriers(&mut self, fields: &mut Fields<'_>) -> Option<Vec<Retrier>> {
        let retriers = self.entries(fields, "Retry", Self::retrier);
        self.all_comes_last(fields, "Retry");
        retriers
    }

    pub(super) fn catchers(&mut self, fields: &mut Fields<'_>, here: &Here<'_>) -> Option<Vec<Catcher>> {
        let catchers = self.entries(fields, "Catch", |this, entry| match this.in_jsonata {
            true => this.jsonata_catcher(entry, here),
            false => this.path_catcher(entry, here),
        });
        self.all_comes_last(fields, "Catch");
        catchers
    }

    /// `States.ALL` belongs into the last entry: what follows could never match.
    fn all_comes_last(&mut self, fields: &mut Fields<'_>, name: &'static str) {
        let Some(list) = fields.take(name) else { return };
        let NodeKind::Array(entries) = &list.node.kind else { return };
        for (index, entry) in entries.iter().enumerate().take(entries.len().saturating_sub(1)) {
            let Some(Node { kind: NodeKind::Array(names), .. }) = entry.get("ErrorEquals") else { continue };
            let Some((at, all)) =
                names.iter().enumerate().find(|(_, name)| name.as_str().is_some_and(|name| &**name == "States.ALL"))
            else {
                continue;
            };
            let pointer = [index.to_string().as_str(), "ErrorEquals", at.to_string().as_str()]
                .iter()
                .fold(list.pointer.clone(), |pointer, name| pointer_to(&pointer, name));
            self.report(
                Diagnostic::error(
                    code::SCHEMA,
                    &pointer,
                    all.span,
                    format!("`States.ALL` belongs into the last entry of {name}: the entries after it never match"),
                )
                .help("move this entry to the end"),
            );
        }
    }

    fn retrier(&mut self, mut fields: Fields<'_>) -> Option<Retrier> {
        let errors = self.error_equals(&mut fields);
        let mut integer = |this: &mut Self, name, min, max, default| match fields.take(name) {
            Some(field) => this.integer(&field, min, max),
            None => Some(default),
        };
        let interval_seconds = integer(self, "IntervalSeconds", 1, MAX_SECONDS, 1);
        let max_attempts = integer(self, "MaxAttempts", 0, MAX_SECONDS, 3);
        let max_delay = fields.take("MaxDelaySeconds");
        let max_delay_seconds = max_delay.as_ref().and_then(|f| self.integer(f, 1, 31_622_400));
        let backoff_rate = match fields.take("BackoffRate") {
            Some(field) => self.number(&field, 1.0),
            None => Some(2.0),
        };
        // Whether AWS compares with an interval that is left out is not known.
        if let (Some(field), Some(delay), Some(interval)) = (&max_delay, max_delay_seconds, interval_seconds)
            && delay <= interval
            && fields.has("IntervalSeconds")
        {
            self.wrong(field, &format!("greater than IntervalSeconds, which is {interval}"));
        }
        let mut full_jitter = false;
        if let Some(field) = fields.take("JitterStrategy") {
            match self.text(&field).map(|t| &**t) {
                Some("FULL") => full_jitter = true,
                Some("NONE") | None => {}
                Some(_) => self.wrong(&field, "\"FULL\" or \"NONE\""),
            }
        }
        self.refuse_unknown(&fields);
        Some(Retrier {
            errors: errors?,
            interval_seconds: interval_seconds?,
            max_attempts: max_attempts?,
            backoff_rate: backoff_rate?,
            max_delay_seconds,
            full_jitter,
        })
    }

    fn path_catcher(&mut self, mut fields: Fields<'_>, here: &Here<'_>) -> Option<Catcher> {
        let errors = self.error_equals(&mut fields);
        let result_path = self.result_path(&mut fields);
        let assign = self.assign(fields.take("Assign"));
        let next = self.required_transition(&mut fields, here);
        self.refuse_jsonata_fields(&mut fields);
        self.refuse_unknown(&fields);
        Some(Catcher { errors: errors?, flow: CatchFlow::Paths { result_path, assign }, next: next? })
    }

    /// `Next` of a rule or a catcher.
    pub(super) fn required_transition(&mut self, fields: &mut Fields<'_>, here: &Here<'_>) -> Option<StateId> {
        match fields.take("Next") {
            Some(field) => self.transition(&field, here),
            None => {
                self.require(fields, &["Next"]);
                None
            }
        }
    }

    pub(super) fn error_equals(&mut self, fields: &mut Fields<'_>) -> Option<Vec<ErrorPattern>> {
        let Some(field) = fields.take("ErrorEquals") else {
            self.require(fields, &["ErrorEquals"]);
            return None;
        };
        let NodeKind::Array(items) = &field.node.kind else {
            self.wrong(&field, "a list of error names");
            return None;
        };
        if items.is_empty() {
            self.empty(&field);
            return None;
        }
        let names: Option<Vec<_>> = items.iter().map(Node::as_str).collect();
        let Some(names) = names else {
            self.wrong(&field, "a list of error names");
            return None;
        };
        if names.len() > 1 && names.iter().any(|name| &***name == "States.ALL") {
            self.report(
                Diagnostic::error(
                    code::SCHEMA,
                    &field.pointer,
                    field.node.span,
                    "`States.ALL` stands alone: it matches what the others match",
                )
                .help("remove the other names, or States.ALL"),
            );
        }
        Some(names.into_iter().map(|name| ErrorPattern::new(name)).collect())
    }
}
