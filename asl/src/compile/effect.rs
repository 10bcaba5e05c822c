//! What Task, Parallel and Map have in common, and Parallel.

use super::Compiler;
use super::fields::{Field, Fields};
use super::machine::{Here, MAX_SECONDS};
use crate::diagnostic::{Diagnostic, code, pointer_to};
use crate::program::{Catcher, Effect, ErrorPattern, MachineId, Parallel, Retrier, Template};
use crate::syntax::{Node, NodeKind};

impl Compiler<'_> {
    /// `parameters` has been read by the caller, as it means something else in a Map.
    pub(super) fn effect(
        &mut self,
        fields: &mut Fields<'_>,
        here: &Here<'_>,
        parameters: Option<Template>,
    ) -> Option<Effect> {
        let result_selector = fields.take("ResultSelector").and_then(|f| self.object_template(&f));
        let result_path = self.result_path(fields);
        let retry = self.entries(fields, "Retry", Self::retrier);
        let catch = self.entries(fields, "Catch", |this, entry| this.catcher(entry, here));
        let next = self.next(fields, here);
        Some(Effect { parameters, result_selector, result_path, retry: retry?, catch: catch?, next: next? })
    }

    /// The entries of a list of objects; an absent list is empty. `None` if one of them is faulty.
    pub(super) fn entries<'n, T>(
        &mut self,
        fields: &mut Fields<'n>,
        name: &'static str,
        mut read: impl FnMut(&mut Self, Fields<'n>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Some(list) = fields.take(name) else { return Some(Vec::new()) };
        let NodeKind::Array(items) = &list.node.kind else {
            self.wrong(&list, "a list");
            return None;
        };
        let mut all = Some(Vec::with_capacity(items.len()));
        for (index, item) in items.iter().enumerate() {
            let pointer = pointer_to(&list.pointer, &index.to_string());
            let entry = self.fields(item, &pointer, &format!("an entry of {name}"));
            let value = entry.and_then(|entry| read(self, entry));
            all = all.zip(value).map(|(mut all, value)| {
                all.push(value);
                all
            });
        }
        all
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
        if let (Some(field), Some(delay), Some(interval)) = (&max_delay, max_delay_seconds, interval_seconds)
            && delay <= interval
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

    fn catcher(&mut self, mut fields: Fields<'_>, here: &Here<'_>) -> Option<Catcher> {
        let errors = self.error_equals(&mut fields);
        let result_path = self.result_path(&mut fields);
        let assign = self.assign(fields.take("Assign"));
        let next = match fields.take("Next") {
            Some(field) => self.transition(&field, here),
            None => {
                self.require(&fields, &["Next"]);
                None
            }
        };
        self.refuse_unknown(&fields);
        Some(Catcher { errors: errors?, result_path, assign, next: next? })
    }

    fn error_equals(&mut self, fields: &mut Fields<'_>) -> Option<Vec<ErrorPattern>> {
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

    /// Reports an empty list.
    pub(super) fn empty(&mut self, field: &Field<'_>) {
        let message = format!("`{}` is empty", field.name);
        self.report(
            Diagnostic::error(code::SCHEMA, &field.pointer, field.node.span, message)
                .aws("Value cannot be empty", &field.pointer),
        );
    }

    pub(super) fn parallel(&mut self, fields: &mut Fields<'_>, here: &Here<'_>) -> Option<Parallel> {
        let parameters = fields.take("Parameters").and_then(|f| self.template(&f));
        let effect = self.effect(fields, here, parameters);
        let Some(field) = fields.take("Branches") else {
            self.require(fields, &["Branches"]);
            return None;
        };
        let NodeKind::Array(items) = &field.node.kind else {
            self.wrong(&field, "a list of machines");
            return None;
        };
        if items.is_empty() {
            self.empty(&field);
        }
        let mut branches: Vec<MachineId> = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let pointer = pointer_to(&field.pointer, &index.to_string());
            if let Some(machine) = self.fields(item, &pointer, "a branch") {
                branches.push(self.machine(machine, Some(here.id)));
            }
        }
        Some(Parallel { effect: effect?, branches })
    }
}
