//! Functions as values, and the variables that they see.

use super::fault::Fault;
use super::functions::Builtin;
use super::meter::{HEAD, Meter, SLOT, Ticket};
use super::pattern::Pattern;
use super::syntax::{Lambda, Symbol, Transform};
use super::value::Val;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

/// A function.
#[derive(Debug)]
pub(super) struct Function {
    kind: Callable,
    _ticket: Ticket,
}

#[derive(Debug, Clone)]
pub(super) enum Callable {
    /// What is left of a function while it is dropped.
    Gone,
    Builtin(&'static Builtin),
    Lambda {
        lambda: Arc<Lambda>,
        input: Val,
        frame: Rc<Frame>,
    },
    /// Some arguments given; the others come with the call.
    Partial {
        target: Val,
        given: Rc<Vec<Option<Val>>>,
    },
    Transform {
        transform: Arc<Transform>,
        frame: Rc<Frame>,
    },
    Regex(Arc<Pattern>),
    /// The next match of a pattern in this text, from this byte on.
    Next {
        pattern: Arc<Pattern>,
        text: Val,
        from: usize,
    },
    /// The second after the first.
    Chain(Val, Val),
}

impl Function {
    pub(super) fn value(meter: &Rc<Meter>, kind: Callable) -> Result<Val, Fault> {
        let given = if let Callable::Partial { given, .. } = &kind { given.len() } else { 0 };
        let ticket = Ticket::new(meter, HEAD + given * SLOT)?;
        Ok(Val::Function(Rc::new(Function { kind, _ticket: ticket })))
    }

    pub(super) fn kind(&self) -> &Callable {
        &self.kind
    }

    /// How many arguments it takes: functions that call others look at it.
    pub(super) fn arity(&self) -> usize {
        match &self.kind {
            Callable::Gone => 0,
            Callable::Builtin(builtin) => builtin.arity,
            Callable::Lambda { lambda, .. } => lambda.parameters.len(),
            Callable::Partial { given, .. } => given.iter().filter(|argument| argument.is_none()).count(),
            Callable::Transform { .. } | Callable::Chain(..) => 1,
            Callable::Regex(_) => 2,
            Callable::Next { .. } => 0,
        }
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let meter = Rc::clone(self._ticket.meter());
        match std::mem::replace(&mut self.kind, Callable::Gone) {
            Callable::Lambda { input, .. } => meter.discard(std::iter::once(input)),
            Callable::Chain(first, second) => meter.discard([first, second].into_iter()),
            Callable::Partial { target, given } => {
                let given = Rc::try_unwrap(given).unwrap_or_default();
                meter.discard(given.into_iter().flatten().chain([target]));
            }
            _ => {}
        }
    }
}

/// Variables, and those around them.
#[derive(Debug)]
pub(super) struct Frame {
    inner: RefCell<Variables>,
    parent: Option<Rc<Frame>>,
    /// A function is bound in it: it may hold itself.
    functions: Cell<bool>,
}

#[derive(Debug)]
struct Variables {
    bound: Vec<(Symbol, Val)>,
    ticket: Ticket,
}

impl Frame {
    pub(super) fn new(meter: &Rc<Meter>, parent: Option<&Rc<Frame>>) -> Result<Rc<Frame>, Fault> {
        Frame::with(meter, parent, Vec::new())
    }

    pub(super) fn with(
        meter: &Rc<Meter>,
        parent: Option<&Rc<Frame>>,
        bound: Vec<(Symbol, Val)>,
    ) -> Result<Rc<Frame>, Fault> {
        let ticket = Ticket::new(meter, HEAD + 2 * SLOT * bound.len())?;
        let inner = RefCell::new(Variables { bound, ticket });
        Ok(Rc::new(Frame { inner, parent: parent.cloned(), functions: Cell::new(false) }))
    }

    /// The value of a variable that this frame or one around it binds.
    pub(super) fn find(&self, symbol: Symbol) -> Option<Val> {
        let mut frame = self;
        loop {
            let inner = frame.inner.borrow();
            if let Some((_, value)) = inner.bound.iter().rev().find(|(bound, _)| *bound == symbol) {
                return Some(value.clone());
            }
            drop(inner);
            frame = frame.parent.as_deref()?;
        }
    }

    /// Binds a variable. Whether this is the first function in the frame.
    pub(super) fn bind(&self, symbol: Symbol, value: Val) -> Result<bool, Fault> {
        let functions = value.has_functions();
        let mut inner = self.inner.borrow_mut();
        let mut old = Val::Undefined;
        match inner.bound.iter_mut().find(|(bound, _)| *bound == symbol) {
            Some((_, slot)) => old = std::mem::replace(slot, value),
            None => {
                inner.ticket.grow(2 * SLOT)?;
                inner.bound.push((symbol, value));
            }
        }
        drop(inner);
        // Not while the frame is borrowed: dropping may reach it again.
        drop(old);
        Ok(functions && !self.functions.replace(true))
    }

    /// Forgets all variables: functions in them may hold the frame.
    pub(super) fn clear(&self) {
        let bound = std::mem::take(&mut self.inner.borrow_mut().bound);
        drop(bound);
    }

    /// Whether only functions in the frame itself still hold it, and nobody else holds those.
    pub(super) fn is_forgotten(frame: &Rc<Frame>) -> bool {
        if !frame.functions.get() {
            return false;
        }
        let inner = frame.inner.borrow();
        let own = inner.bound.iter().filter(|(_, value)| match value {
            Val::Function(function) => {
                Rc::strong_count(function) == 1
                    && matches!(function.kind(), Callable::Lambda { frame: held, .. } if Rc::ptr_eq(held, frame))
            }
            _ => false,
        });
        own.count() + 1 == Rc::strong_count(frame)
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        let inner = self.inner.get_mut();
        let meter = Rc::clone(inner.ticket.meter());
        meter.discard(inner.bound.drain(..).map(|(_, value)| value));
    }
}
