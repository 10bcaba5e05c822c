//! How much an evaluation has made.
//!
//! The library bounds time and depth; memory it does not. The tree of an expression is rewritten (`guard`) so that
//! what makes texts and lists tells this meter. Texts and lists that are no longer used are forgotten at intervals, so
//! that a long `$reduce` over small values is not taken for a hoard.

use jsonata_core::evaluator::EvaluatorError;
use jsonata_core::value::{JArray, JMap, JValue};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

/// Characters that one `$pad` may add.
pub const MAX_PAD: usize = 262_144;
/// Items that a sequence may have.
pub const MAX_SEQUENCE: usize = 262_144;
/// Levels of evaluation within evaluation: about a third as many calls.
pub const MAX_EVALUATION_DEPTH: usize = 6_000;
/// Milliseconds that an evaluation may take.
pub const MAX_MILLIS: u64 = 600;
/// Bytes of the JSON text of a result.
pub const MAX_RESULT: usize = 16 * 1024 * 1024;
/// Bytes of one text.
pub(super) const MAX_TEXT: usize = 12 * 1024 * 1024;
/// Distinct items that `$distinct` may find: it compares each with each.
pub(super) const MAX_DISTINCT: usize = 12_000;
/// Matches that `$match` may find.
pub(super) const MAX_MATCHES: usize = 20_000;
/// Containers and scalars of a value that is kept, shared parts counted each time they occur.
const MAX_NODES: usize = 1_000_000;
/// Bytes of texts that are in use.
const MAX_LIVE_TEXT: usize = 16 * 1024 * 1024;
/// Items and members that are in use.
const MAX_LIVE_SLOTS: usize = 500_000;
/// Items of all ranges together.
const MAX_RANGED: usize = 1_000_000;
/// How many bytes or items are made before what is no longer used is forgotten.
const TEXT_INTERVAL: usize = 4 * 1024 * 1024;
const SLOT_INTERVAL: usize = 100_000;
/// Shorter texts and lists are not counted: a sequence of them is bounded by its length.
const SMALL_TEXT: usize = 64;
const SMALL_LIST: usize = 16;
/// Lists that are looked at only the next time.
const YOUNG: usize = 4;

/// What a guard function says to stop an evaluation; [`super::messages`] knows it.
pub(super) const MEMORY: &str = "!memory";

pub(super) fn exceeded() -> EvaluatorError {
    EvaluatorError::EvaluationError(MEMORY.to_owned())
}

/// Counts for one evaluation.
#[derive(Default)]
pub(super) struct Meter {
    texts: RefCell<Vec<Weak<str>>>,
    new_text: Cell<usize>,
    lists: RefCell<Vec<JArray>>,
    /// Items of lists that were found in use.
    lasting: Cell<usize>,
    ranged: Cell<usize>,
    objects: RefCell<Vec<Weak<JMap>>>,
    new_slots: Cell<usize>,
    visited: Cell<usize>,
    /// What earlier arguments of a call under way said, innermost call last.
    pub(super) pending: RefCell<Vec<Pending>>,
}

/// Of a call whose arguments are being evaluated.
pub(super) enum Pending {
    /// `a..`
    RangeFrom(Option<f64>),
    /// `$join(list, …`: texts and their bytes.
    Join(usize, usize),
    /// `$replace(text, …`
    ReplaceIn(Option<Rc<str>>),
    /// `$replace(text, pattern, …`
    ReplacePattern(Option<Rc<str>>, JValue),
    /// `$pad(text, …`: its characters.
    Pad(usize),
    /// `$formatInteger(number, …`
    Integer(f64),
}

impl Meter {
    /// Counts a value that an operation has just made.
    pub(super) fn made(&self, value: &JValue) -> Result<(), EvaluatorError> {
        match value {
            JValue::String(text) => self.text(text),
            JValue::Array(list) => self.list(list),
            JValue::Object(object) => self.object(object),
            _ => Ok(()),
        }
    }

    fn text(&self, text: &Rc<str>) -> Result<(), EvaluatorError> {
        if text.len() < SMALL_TEXT {
            return Ok(());
        }
        if text.len() > MAX_TEXT {
            return Err(exceeded());
        }
        let mut texts = self.texts.borrow_mut();
        texts.push(Rc::downgrade(text));
        self.new_text.set(self.new_text.get() + text.len());
        if self.new_text.get() < TEXT_INTERVAL {
            return Ok(());
        }
        self.new_text.set(0);
        let mut live: Vec<Rc<str>> = texts.iter().filter_map(Weak::upgrade).collect();
        live.sort_by_key(|text| text.as_ptr() as usize);
        live.dedup_by_key(|text| text.as_ptr() as usize);
        *texts = live.iter().map(Rc::downgrade).collect();
        let bytes: usize = live.iter().map(|text| text.len() + 16).sum();
        if bytes > MAX_LIVE_TEXT { Err(exceeded()) } else { Ok(()) }
    }

    fn list(&self, list: &JArray) -> Result<(), EvaluatorError> {
        if list.len() > MAX_SEQUENCE {
            return Err(exceeded());
        }
        if list.len() >= SMALL_LIST {
            self.lists.borrow_mut().push(list.clone());
            self.slots(list.len())
        } else {
            Ok(())
        }
    }

    fn object(&self, object: &Rc<JMap>) -> Result<(), EvaluatorError> {
        if object.len() >= SMALL_LIST {
            self.objects.borrow_mut().push(Rc::downgrade(object));
            self.slots(object.len())
        } else {
            Ok(())
        }
    }

    fn slots(&self, made: usize) -> Result<(), EvaluatorError> {
        self.new_slots.set(self.new_slots.get() + made);
        if self.new_slots.get() < SLOT_INTERVAL {
            return Ok(());
        }
        self.new_slots.set(0);
        self.look_through_lists();
        let mut objects = self.objects.borrow_mut();
        objects.retain(|object| object.strong_count() > 0);
        let live =
            self.lasting.get() + objects.iter().filter_map(Weak::upgrade).map(|object| 2 * object.len()).sum::<usize>();
        if live > MAX_LIVE_SLOTS { Err(exceeded()) } else { Ok(()) }
    }

    /// Counts the list that `[a..b]` is about to make, as one that lasts: it is not seen when it is made.
    pub(super) fn range(&self, items: usize) -> Result<(), EvaluatorError> {
        self.ranged.set(self.ranged.get() + items);
        if self.ranged.get() > MAX_RANGED { Err(exceeded()) } else { Ok(()) }
    }

    /// Forgets lists that are no longer used. A list that nobody else holds can be changed in place; one that is used
    /// is copied first, and counts as used from then on. The youngest are left for the next time: they are in use now,
    /// but what they are the last steps of (a `$reduce`) will soon drop them.
    fn look_through_lists(&self) {
        let mut lists = self.lists.borrow_mut();
        let start = lists.len().saturating_sub(YOUNG);
        let young = lists.split_off(start);
        let mut old = std::mem::replace(&mut *lists, young);
        old.retain(|list| !lists.iter().any(|young| JArray::ptr_eq(list, young)));
        old.sort_by_key(|list| list.as_ptr() as usize);
        old.dedup_by(|a, b| JArray::ptr_eq(a, b));
        for mut list in old {
            let before = list.as_ptr();
            if !std::ptr::eq(before, list.make_mut().as_ptr()) {
                self.lasting.set(self.lasting.get() + list.len());
            }
        }
    }

    /// Counts a value that will be kept (bound to a variable, returned by a function), by what it would be written out.
    pub(super) fn kept(&self, value: &JValue, known: &dyn Fn(&JValue) -> bool) -> Result<(), EvaluatorError> {
        self.made(value)?;
        let mut nodes = 0;
        self.nodes(value, known, &mut nodes)
    }

    fn nodes(&self, value: &JValue, known: &dyn Fn(&JValue) -> bool, nodes: &mut usize) -> Result<(), EvaluatorError> {
        *nodes += 1;
        if *nodes > MAX_NODES {
            return Err(exceeded());
        }
        self.visited.set(self.visited.get() + 1);
        match value {
            JValue::Array(list) if !known(value) => {
                for item in list {
                    jsonata_core::value::with_stack(|| self.nodes(item, known, nodes))?;
                }
            }
            JValue::Object(object) if !known(value) => {
                for member in object.values() {
                    jsonata_core::value::with_stack(|| self.nodes(member, known, nodes))?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Bytes of the text that `$string` makes of this, as far as the limit.
    pub(super) fn written(value: &JValue, left: &mut usize) -> Result<(), EvaluatorError> {
        let size = match value {
            JValue::String(text) => text.len() + 2,
            JValue::Array(list) => {
                for item in list {
                    jsonata_core::value::with_stack(|| Meter::written(item, left))?;
                }
                list.len() + 1
            }
            JValue::Object(object) => {
                for (name, member) in object.iter() {
                    *left = left.checked_sub(name.len() + 4).ok_or_else(exceeded)?;
                    jsonata_core::value::with_stack(|| Meter::written(member, left))?;
                }
                2
            }
            _ => 4,
        };
        *left = left.checked_sub(size).ok_or_else(exceeded)?;
        Ok(())
    }
}
