//! How much an evaluation may do and make, counted.
//!
//! Nothing here looks at a clock or at what the machine has: steps and bytes are counted by fixed prices, so that the
//! same expression over the same data ends the same everywhere. Whatever an evaluation makes holds a [`Ticket`] for its
//! bytes and gives them back when it is dropped.

use super::fault::Fault;
use super::value::Val;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Characters that one `$pad` may add: AWS's bound.
pub const MAX_PAD: usize = 262_144;
/// Bytes that an evaluation may hold at a time.
pub const MAX_MEMORY: usize = 28 * 1024 * 1024;
/// Steps that an evaluation may take: a node of the expression evaluated once is one, as is an item or a few dozen
/// bytes that a function handles.
pub const MAX_STEPS: u64 = 6_000_000;
/// Nodes under evaluation within one another: about a third as many calls.
pub const MAX_EVALUATION_DEPTH: usize = 6_000;
/// Bytes that a result may take.
pub const MAX_RESULT: usize = 12 * 1024 * 1024;
/// Levels of a value that is walked through.
pub(super) const MAX_VALUE_DEPTH: usize = 2_000;

/// Bytes that one item of a list costs.
pub(super) const SLOT: usize = 24;
/// Bytes of a member of an object.
pub(super) const MEMBER: usize = 72;
/// Bytes of any value that is made, besides its content.
pub(super) const HEAD: usize = 96;
/// Bytes of a text that is made, besides its content.
pub(super) const TEXT: usize = 64;
/// Bytes of a text that are handled in one step.
const BYTES_PER_STEP: usize = 64;

/// The counts of one evaluation.
#[derive(Debug)]
pub(super) struct Meter {
    steps: Cell<u64>,
    held: Cell<usize>,
    /// What is to be dropped while something else is being dropped: values can nest deeper than a stack.
    trash: RefCell<Vec<Val>>,
    dropping: Cell<bool>,
}

impl Meter {
    pub(super) fn new(steps: u64) -> Rc<Meter> {
        Rc::new(Meter {
            steps: Cell::new(steps),
            held: Cell::new(0),
            trash: RefCell::default(),
            dropping: Cell::new(false),
        })
    }

    /// Takes steps.
    pub(super) fn step(&self, steps: usize) -> Result<(), Fault> {
        let left = self.steps.get().checked_sub(steps as u64).ok_or(Fault::Steps)?;
        self.steps.set(left);
        Ok(())
    }

    /// Takes the steps for this many bytes of text.
    pub(super) fn read(&self, bytes: usize) -> Result<(), Fault> {
        self.step(bytes / BYTES_PER_STEP)
    }

    fn take(&self, bytes: usize) -> Result<(), Fault> {
        let held = self.held.get().checked_add(bytes).filter(|held| *held <= MAX_MEMORY).ok_or(Fault::Memory)?;
        self.held.set(held);
        Ok(())
    }

    /// Drops these without using the stack for what is inside them.
    pub(super) fn discard(&self, values: impl Iterator<Item = Val>) {
        let values = values.filter(Val::is_made);
        if self.dropping.replace(true) {
            self.trash.borrow_mut().extend(values);
            return;
        }
        values.for_each(drop);
        loop {
            let next = self.trash.borrow_mut().pop();
            if next.is_none() {
                break;
            }
        }
        self.dropping.set(false);
    }
}

/// Bytes that something holds.
#[derive(Debug)]
pub(super) struct Ticket {
    meter: Rc<Meter>,
    bytes: usize,
}

impl Ticket {
    pub(super) fn new(meter: &Rc<Meter>, bytes: usize) -> Result<Ticket, Fault> {
        meter.take(bytes)?;
        Ok(Ticket { meter: Rc::clone(meter), bytes })
    }

    pub(super) fn grow(&mut self, bytes: usize) -> Result<(), Fault> {
        self.meter.take(bytes)?;
        self.bytes += bytes;
        Ok(())
    }

    pub(super) fn meter(&self) -> &Rc<Meter> {
        &self.meter
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.meter.held.set(self.meter.held.get().saturating_sub(self.bytes));
    }
}
