//! Which step a `%` means.

use super::SyntaxError;
use super::process::{Processor, no_parent};
use super::tree::{Kind, Node};

impl Processor {
    /// Looks for the steps of what the last step of this path leaves open.
    pub(super) fn resolve(&mut self, path: &mut Node) -> Result<(), SyntaxError> {
        let Kind::Path { steps, .. } = &mut path.kind else { return Ok(()) };
        let Some((last, before)) = steps.split_last_mut() else { return Ok(()) };
        let mut open = Vec::new();
        for slot in last.open_slots() {
            let mut left = before.len();
            while self.level(slot) > 0 {
                if left == 0 {
                    open.push(slot);
                    break;
                }
                left -= 1;
                // Steps that bind a variable share their input with the one before.
                while left > 0
                    && before.get(left).is_some_and(|step| step.focus().is_some())
                    && before.get(left - 1).is_some_and(|step| step.focus().is_some())
                {
                    left -= 1;
                }
                if let Some(step) = before.get_mut(left) {
                    self.seek(step, slot)?;
                }
            }
        }
        if !open.is_empty() {
            path.more().seeking.extend(open);
        }
        Ok(())
    }

    fn level(&self, slot: usize) -> u32 {
        self.slots.get(slot).map_or(0, |slot| slot.level)
    }

    /// Steps outwards through this node.
    pub(super) fn seek(&mut self, node: &mut Node, slot: usize) -> Result<(), SyntaxError> {
        match &mut node.kind {
            Kind::Name(_) | Kind::Wildcard => {
                let Some(state) = self.slots.get_mut(slot) else { return Ok(()) };
                state.level = state.level.saturating_sub(1);
                if state.level == 0 {
                    // A second `%` for the same step goes by the name of the first.
                    let earlier = node.more.as_ref().and_then(|more| more.ancestor);
                    let label = earlier.and_then(|earlier| self.slots.get(earlier)).map(|earlier| earlier.label);
                    if let (Some(label), Some(state)) = (label, self.slots.get_mut(slot)) {
                        state.label = label;
                    }
                    node.more().ancestor = Some(slot);
                    node.tuple = true;
                }
                Ok(())
            }
            Kind::Parent(_) => {
                if let Some(state) = self.slots.get_mut(slot) {
                    state.level += 1;
                }
                Ok(())
            }
            Kind::Block(items) => {
                if let Some(last) = items.last_mut() {
                    self.seek(last, slot)?;
                    node.tuple = true;
                }
                Ok(())
            }
            Kind::Path { steps, .. } => {
                node.tuple = true;
                for (number, step) in steps.iter_mut().rev().enumerate() {
                    if number > 0 && self.level(slot) == 0 {
                        break;
                    }
                    self.seek(step, slot)?;
                }
                Ok(())
            }
            _ => Err(no_parent(node.at)),
        }
    }
}
