//! What Task, Parallel and Map have in common, and Parallel.

use super::Compiler;
use super::fields::{Field, Fields};
use super::machine::Here;
use crate::diagnostic::{Diagnostic, code, pointer_to};
use crate::program::{Effect, MachineId, Parallel};
use crate::syntax::NodeKind;

impl Compiler<'_> {
    pub(super) fn effect(&mut self, fields: &mut Fields<'_>, here: &Here<'_>) -> Option<Effect> {
        let retry = self.retriers(fields);
        let catch = self.catchers(fields, here);
        let next = self.next(fields, here);
        Some(Effect { retry: retry?, catch: catch?, next: next? })
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

    /// Reports an empty list.
    pub(super) fn empty(&mut self, field: &Field<'_>) {
        let message = format!("`{}` is empty", field.name);
        self.report(
            Diagnostic::error(code::SCHEMA, &field.pointer, field.node.span, message)
                .aws("Value cannot be empty", &field.pointer),
        );
    }

    pub(super) fn parallel(&mut self, fields: &mut Fields<'_>, here: &Here<'_>) -> Option<Parallel> {
        let effect = self.effect(fields, here);
        let branches = self.branches(fields, here);
        Some(Parallel { effect: effect?, branches: branches? })
    }

    fn branches(&mut self, fields: &mut Fields<'_>, here: &Here<'_>) -> Option<Vec<MachineId>> {
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
        // A branch that is a placeholder without a value cannot be run.
        (branches.len() == items.len()).then_some(branches)
    }
}
