//! The way to an attribute, also within maps and lists.

use crate::ports::{Attribute, Item};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    /// The attribute of the row.
    pub name: String,
    /// The steps into it.
    pub steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Member(String),
    Index(usize),
}

impl Path {
    /// The value there.
    pub(super) fn read<'i>(&self, item: &'i Item) -> Option<&'i Attribute> {
        let mut here = item.get(&self.name)?;
        for step in &self.steps {
            here = match (step, here) {
                (Step::Member(name), Attribute::M(members)) => members.get(name)?,
                (Step::Index(index), Attribute::L(items)) => items.get(*index)?,
                _ => return None,
            };
        }
        Some(here)
    }

    /// Sets the value there; beyond the end of a list it is appended. `false`: what it should be in is not there.
    pub(super) fn write(&self, item: &mut Item, value: Attribute) -> bool {
        let Some((last, before)) = self.steps.split_last() else {
            item.insert(self.name.clone(), value);
            return true;
        };
        match (last, self.container(item, before)) {
            (Step::Member(name), Some(Attribute::M(members))) => {
                members.insert(name.clone(), value);
                true
            }
            (Step::Index(index), Some(Attribute::L(items))) => {
                match items.get_mut(*index) {
                    Some(old) => *old = value,
                    None => items.push(value),
                }
                true
            }
            _ => false,
        }
    }

    /// Removes the value there, if there is one. `false`: what it should be in is not there.
    pub(super) fn remove(&self, item: &mut Item) -> bool {
        let Some((last, before)) = self.steps.split_last() else {
            item.remove(&self.name);
            return true;
        };
        match (last, self.container(item, before)) {
            (Step::Member(name), Some(Attribute::M(members))) => {
                members.remove(name);
                true
            }
            (Step::Index(index), Some(Attribute::L(items))) => {
                if *index < items.len() {
                    items.remove(*index);
                }
                true
            }
            _ => false,
        }
    }

    fn container<'i>(&self, item: &'i mut Item, steps: &[Step]) -> Option<&'i mut Attribute> {
        let mut here = item.get_mut(&self.name)?;
        for step in steps {
            here = match (step, here) {
                (Step::Member(name), Attribute::M(members)) => members.get_mut(name)?,
                (Step::Index(index), Attribute::L(items)) => items.get_mut(*index)?,
                _ => return None,
            };
        }
        Some(here)
    }
}
