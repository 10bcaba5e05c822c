//! Values while an expression is evaluated.
//!
//! What comes from outside stays as it is and is shared: [`Val::Array`], [`Val::Map`], [`Val::Text`]. So nothing is
//! converted to be read, and a container that an expression only passes on comes out as the very one that went in.

use super::fault::Fault;
use super::function::Function;
use super::meter::{HEAD, MEMBER, Meter, SLOT, TEXT, Ticket};
use super::syntax::Symbol;
use crate::value::{Array, Members, Object, Value};
use indexmap::IndexMap;
use std::rc::Rc;
use std::sync::Arc;

#[derive(Debug, Clone)]
pub(super) enum Val {
    Undefined,
    Null,
    Bool(bool),
    Number(f64),
    /// From outside or from the expression.
    Text(Arc<str>),
    /// Made by the evaluation.
    Made(Rc<Made>),
    /// From outside.
    Array(Arc<Array>),
    /// Made.
    List(Rc<List>),
    /// From outside.
    Map(Arc<Object>),
    /// Made.
    Record(Rc<Record>),
    Function(Rc<Function>),
    /// Values with what was bound on the way to them; only within paths.
    Tuples(Rc<Tuples>),
}

#[derive(Debug)]
pub(super) struct Made {
    text: Box<str>,
    _ticket: Ticket,
}

/// A list that was made.
#[derive(Debug)]
pub(super) struct List {
    items: Vec<Val>,
    pub(super) flags: Flags,
    functions: bool,
    ticket: Ticket,
}

/// What a list is to the rules of paths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Flags {
    /// What a path or a function found: one item alone stands for itself.
    pub(super) sequence: bool,
    /// But stays a list.
    pub(super) keep: bool,
    /// Built as a step: not flattened.
    pub(super) cons: bool,
    /// Holds the input, which is a list itself.
    pub(super) outer: bool,
}

/// Members of an object that was made.
pub(super) type Entries = IndexMap<Arc<str>, Val, foldhash::fast::RandomState>;

/// An object that was made.
#[derive(Debug)]
pub(super) struct Record {
    members: Entries,
    functions: bool,
    ticket: Ticket,
}

/// Values on a path and what was bound on the way.
#[derive(Debug)]
pub(super) struct Tuples {
    pub(super) items: Vec<Tuple>,
    ticket: Ticket,
}

#[derive(Debug, Clone)]
pub(super) struct Tuple {
    pub(super) value: Val,
    pub(super) bound: Vec<(Symbol, Val)>,
}

impl Drop for List {
    fn drop(&mut self) {
        self.ticket.meter().discard(self.items.drain(..));
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.ticket.meter().discard(self.members.drain(..).map(|(_, value)| value));
    }
}

impl Drop for Tuples {
    fn drop(&mut self) {
        let values = self
            .items
            .drain(..)
            .flat_map(|tuple| std::iter::once(tuple.value).chain(tuple.bound.into_iter().map(|(_, value)| value)));
        self.ticket.meter().discard(values);
    }
}

impl Tuples {
    pub(super) fn new(meter: &Rc<Meter>) -> Result<Tuples, Fault> {
        Ok(Tuples { items: Vec::new(), ticket: Ticket::new(meter, HEAD)? })
    }

    pub(super) fn push(&mut self, tuple: Tuple) -> Result<(), Fault> {
        self.ticket.grow(2 * SLOT + tuple.bound.len() * 2 * SLOT + HEAD)?;
        self.items.push(tuple);
        Ok(())
    }
}

impl From<&Value> for Val {
    fn from(value: &Value) -> Val {
        match value {
            Value::Null => Val::Null,
            Value::Bool(b) => Val::Bool(*b),
            Value::Number(n) => Val::Number(n.as_f64().unwrap_or(0.0)),
            Value::String(text) => Val::Text(text.clone()),
            Value::Array(array) => Val::Array(array.clone()),
            Value::Object(object) => Val::Map(object.clone()),
        }
    }
}

/// The items of a list of either kind.
#[derive(Clone, Copy)]
pub(super) enum Items<'v> {
    Made(&'v [Val]),
    Given(&'v [Value]),
}

impl<'v> Items<'v> {
    pub(super) fn len(self) -> usize {
        match self {
            Items::Made(items) => items.len(),
            Items::Given(items) => items.len(),
        }
    }

    pub(super) fn get(self, at: usize) -> Option<Val> {
        match self {
            Items::Made(items) => items.get(at).cloned(),
            Items::Given(items) => items.get(at).map(Val::from),
        }
    }

    pub(super) fn first(self) -> Option<Val> {
        self.get(0)
    }

    pub(super) fn iter(self) -> impl DoubleEndedIterator<Item = Val> + 'v {
        let (made, given) = match self {
            Items::Made(items) => (items, &[][..]),
            Items::Given(items) => (&[][..], items),
        };
        made.iter().cloned().chain(given.iter().map(Val::from))
    }
}

/// The members of an object of either kind.
#[derive(Clone, Copy)]
pub(super) enum Fields<'v> {
    Made(&'v Entries),
    Given(&'v Members),
}

impl<'v> Fields<'v> {
    pub(super) fn len(self) -> usize {
        match self {
            Fields::Made(members) => members.len(),
            Fields::Given(members) => members.len(),
        }
    }

    pub(super) fn get(self, name: &str) -> Option<Val> {
        match self {
            Fields::Made(members) => members.get(name).cloned(),
            Fields::Given(members) => members.get(name).map(Val::from),
        }
    }

    pub(super) fn iter(self) -> impl Iterator<Item = (&'v Arc<str>, Val)> {
        let (made, given) = match self {
            Fields::Made(members) => (Some(members), None),
            Fields::Given(members) => (None, Some(members)),
        };
        let made = made.into_iter().flatten().map(|(name, value)| (name, value.clone()));
        made.chain(given.into_iter().flatten().map(|(name, value)| (name, Val::from(value))))
    }
}

impl Val {
    pub(super) fn is_undefined(&self) -> bool {
        matches!(self, Val::Undefined)
    }

    /// Whether dropping it may drop more.
    pub(super) fn is_made(&self) -> bool {
        matches!(self, Val::List(_) | Val::Record(_) | Val::Function(_) | Val::Tuples(_) | Val::Made(_))
    }

    /// Whether there is a function in it.
    pub(super) fn has_functions(&self) -> bool {
        match self {
            Val::Function(_) => true,
            Val::List(list) => list.functions,
            Val::Record(record) => record.functions,
            _ => false,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Val::Text(text) => Some(text),
            Val::Made(made) => Some(&made.text),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Val::Number(n) => Some(*n),
            _ => None,
        }
    }

    pub(super) fn items(&self) -> Option<Items<'_>> {
        match self {
            Val::Array(array) => Some(Items::Given(array.items())),
            Val::List(list) => Some(Items::Made(&list.items)),
            _ => None,
        }
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self, Val::Array(_) | Val::List(_))
    }

    pub(super) fn fields(&self) -> Option<Fields<'_>> {
        match self {
            Val::Map(object) => Some(Fields::Given(object.members())),
            Val::Record(record) => Some(Fields::Made(&record.members)),
            _ => None,
        }
    }

    /// What the list is to the rules of paths.
    pub(super) fn flags(&self) -> Flags {
        match self {
            Val::List(list) => list.flags,
            _ => Flags::default(),
        }
    }

    /// A text that was made.
    pub(super) fn made(meter: &Rc<Meter>, text: impl Into<Box<str>>) -> Result<Val, Fault> {
        let text = text.into();
        let ticket = Ticket::new(meter, TEXT + text.len())?;
        meter.read(text.len())?;
        Ok(Val::Made(Rc::new(Made { text, _ticket: ticket })))
    }

    /// The text as the name of a member.
    pub(super) fn name(&self) -> Option<Arc<str>> {
        match self {
            Val::Text(text) => Some(text.clone()),
            Val::Made(made) => Some(Arc::from(&*made.text)),
            _ => None,
        }
    }

    /// Where a container's content lies: whether two are the same one.
    pub(super) fn address(&self) -> Option<usize> {
        match self {
            Val::Array(array) => Some(Arc::as_ptr(array) as usize),
            Val::List(list) => Some(Rc::as_ptr(list) as usize),
            Val::Map(object) => Some(Arc::as_ptr(object) as usize),
            Val::Record(record) => Some(Rc::as_ptr(record) as usize),
            Val::Function(function) => Some(Rc::as_ptr(function) as usize),
            _ => None,
        }
    }
}

/// A list under construction.
#[derive(Debug)]
pub(super) struct Building {
    items: Vec<Val>,
    functions: bool,
    ticket: Ticket,
}

impl Building {
    pub(super) fn new(meter: &Rc<Meter>) -> Result<Building, Fault> {
        Ok(Building { items: Vec::new(), functions: false, ticket: Ticket::new(meter, HEAD)? })
    }

    /// With room for this many.
    pub(super) fn sized(meter: &Rc<Meter>, items: usize) -> Result<Building, Fault> {
        let ticket = Ticket::new(meter, items.saturating_mul(SLOT).saturating_add(HEAD))?;
        Ok(Building { items: Vec::with_capacity(items), functions: false, ticket })
    }

    pub(super) fn of(meter: &Rc<Meter>, items: impl IntoIterator<Item = Val>) -> Result<Building, Fault> {
        let mut building = Building::new(meter)?;
        items.into_iter().try_for_each(|item| building.push(item))?;
        Ok(building)
    }

    pub(super) fn push(&mut self, item: Val) -> Result<(), Fault> {
        if self.items.len() == self.items.capacity() {
            let more = self.items.len().max(4);
            self.ticket.grow(more * SLOT)?;
            self.items.reserve_exact(more);
        }
        self.functions |= item.has_functions();
        self.items.push(item);
        Ok(())
    }

    /// All items of a list, or the value itself.
    pub(super) fn append(&mut self, value: &Val) -> Result<(), Fault> {
        let Some(items) = value.items() else { return self.push(value.clone()) };
        let room = self.items.capacity() - self.items.len();
        if items.len() > room {
            let more = (items.len() - room).max(self.items.len());
            self.ticket.grow(more.saturating_mul(SLOT))?;
            self.items.reserve_exact(self.items.capacity() - self.items.len() + more);
        }
        self.ticket.meter().step(items.len())?;
        items.iter().try_for_each(|item| self.push(item))
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn items_mut(&mut self) -> &mut Vec<Val> {
        &mut self.items
    }

    pub(super) fn items(&self) -> &[Val] {
        &self.items
    }

    pub(super) fn with(self, flags: Flags) -> Val {
        Val::List(Rc::new(List { items: self.items, flags, functions: self.functions, ticket: self.ticket }))
    }

    /// A plain list.
    pub(super) fn list(self) -> Val {
        self.with(Flags::default())
    }

    /// What was found: one item alone will stand for itself.
    pub(super) fn sequence(self) -> Val {
        self.with(Flags { sequence: true, ..Flags::default() })
    }
}

/// An object under construction.
#[derive(Debug)]
pub(super) struct Forming {
    members: Entries,
    functions: bool,
    ticket: Ticket,
}

impl Forming {
    pub(super) fn new(meter: &Rc<Meter>) -> Result<Forming, Fault> {
        Ok(Forming { members: Entries::default(), functions: false, ticket: Ticket::new(meter, HEAD + MEMBER)? })
    }

    pub(super) fn insert(&mut self, name: Arc<str>, value: Val) -> Result<(), Fault> {
        if self.members.len() == self.members.capacity() {
            let more = self.members.len().max(2);
            self.ticket.grow(more * MEMBER)?;
            self.members.reserve_exact(more);
        }
        self.functions |= value.has_functions();
        self.members.insert(name, value);
        Ok(())
    }

    /// The same for a name that has its own memory.
    pub(super) fn insert_named(&mut self, name: &Val, value: Val) -> Result<(), Fault> {
        if let Val::Made(made) = name {
            self.ticket.grow(made.text.len() + 16)?;
        }
        match name.name() {
            Some(name) => self.insert(name, value),
            None => Ok(()),
        }
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.members.shift_remove(name);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(super) fn record(self) -> Val {
        Val::Record(Rc::new(Record { members: self.members, functions: self.functions, ticket: self.ticket }))
    }
}
