//! Evaluation: a walk over the tree that counts what it does.

mod call;
mod eval;
mod group;
mod operator;
mod path;
mod sort;
mod transform;
mod tuple;

use super::draws::Draws;
use super::fault::Fault;
use super::function::{Callable, Frame, Function};
use super::functions;
use super::meter::Meter;
use super::syntax::{CONTEXT, Kind, Node, ROOT, Symbol, Tree, deep};
use super::value::{Building, Flags, Val};
use crate::Timestamp;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;

pub(super) type Outcome = Result<Val, Fault>;

/// Where variables come from that the expression does not bind.
pub(super) trait Bindings {
    /// The variable of this name, without `$`.
    fn variable(&self, name: &str) -> Option<Val>;
}

/// Bounds of one run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) steps: u64,
    pub(super) depth: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { steps: super::meter::MAX_STEPS, depth: super::meter::MAX_EVALUATION_DEPTH }
    }
}

/// One evaluation.
pub(super) struct Run<'r> {
    root_node: &'r Node,
    /// Names by symbol, and symbols by slot of a `%`.
    symbols: RefCell<Vec<Arc<str>>>,
    labels: RefCell<Vec<Symbol>>,
    /// Whether `$eval` is there.
    full: bool,
    bindings: &'r dyn Bindings,
    pub(super) meter: Rc<Meter>,
    pub(super) now: Timestamp,
    pub(super) draws: RefCell<Draws>,
    root: Val,
    max_depth: usize,
    depth: Cell<usize>,
    /// By symbol: what was looked up outside.
    globals: RefCell<Vec<Option<Val>>>,
    /// Frames in which functions are bound. They may hold themselves and are cleared in the end.
    frames: RefCell<Vec<Weak<Frame>>>,
}

impl<'r> Run<'r> {
    pub(super) fn new(
        tree: &'r Tree,
        bindings: &'r dyn Bindings,
        root: Val,
        now: Timestamp,
        seed: (u64, u64),
        limits: Limits,
    ) -> Run<'r> {
        Run {
            root_node: &tree.root,
            symbols: RefCell::new(tree.symbols.clone()),
            labels: RefCell::new(tree.labels.clone()),
            full: tree.full,
            bindings,
            meter: Meter::new(limits.steps),
            now,
            draws: RefCell::new(Draws::new(seed.0, seed.1)),
            root,
            max_depth: limits.depth,
            depth: Cell::new(0),
            globals: RefCell::new(vec![None; tree.symbols.len()]),
            frames: RefCell::default(),
        }
    }

    /// The value of the whole expression, given to `take` before everything that was made is dropped.
    pub(super) fn finish<T>(self, take: impl FnOnce(&Run<'r>, Val) -> Result<T, Fault>) -> Result<T, Fault> {
        let result = self.whole().and_then(|value| take(&self, value));
        for frame in self.frames.take().iter().filter_map(Weak::upgrade) {
            frame.clear();
        }
        result
    }

    fn whole(&self) -> Outcome {
        let frame = Frame::new(&self.meter, None)?;
        let mut input = self.root.clone();
        if input.is_list() {
            let flags = Flags { sequence: true, outer: true, ..Flags::default() };
            input = Building::of(&self.meter, [input])?.with(flags);
        }
        self.eval(self.root_node, &input, &frame)
    }

    /// The value of a node. `input` is what `$` stands for.
    pub(super) fn eval(&self, node: &Node, input: &Val, frame: &Rc<Frame>) -> Outcome {
        self.meter.step(1)?;
        if node.more.is_none() {
            match &node.kind {
                Kind::Text(text) => return Ok(Val::Text(text.clone())),
                Kind::Number(n) => return Ok(Val::Number(*n)),
                Kind::Bool(b) => return Ok(Val::Bool(*b)),
                Kind::Null => return Ok(Val::Null),
                _ => {}
            }
        }
        self.within(|| self.value(node, input, frame))
    }

    /// Does something one level further in.
    fn within<T>(&self, inner: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        let depth = self.depth.get();
        if depth >= self.max_depth {
            return Err(Fault::Depth);
        }
        self.depth.set(depth + 1);
        let result = deep(inner);
        self.depth.set(depth);
        result
    }

    fn value(&self, node: &Node, input: &Val, frame: &Rc<Frame>) -> Outcome {
        if let Kind::Path { steps, keep_singleton } = &node.kind {
            return self.path(node, steps, *keep_singleton || node.keep_array, input, frame);
        }
        let mut value = self.plain(node, input, frame)?;
        for predicate in node.predicates() {
            value = self.filter(predicate, &value, frame)?;
        }
        if let Some(group) = node.group() {
            value = self.group(group, &value, frame)?;
        }
        self.normal(value, node.keep_array)
    }

    fn plain(&self, node: &Node, input: &Val, frame: &Rc<Frame>) -> Outcome {
        match &node.kind {
            Kind::Text(text) => Ok(Val::Text(text.clone())),
            Kind::Number(n) => Ok(Val::Number(*n)),
            Kind::Bool(b) => Ok(Val::Bool(*b)),
            Kind::Null => Ok(Val::Null),
            Kind::Name(name) => functions::lookup(self, input, name),
            Kind::Variable(CONTEXT) => Ok(match input {
                Val::List(_) if input.flags().outer => {
                    input.items().and_then(|items| items.first()).unwrap_or(Val::Undefined)
                }
                _ => input.clone(),
            }),
            Kind::Variable(symbol) => Ok(self.variable(*symbol, frame)),
            Kind::Parent(slot) => {
                let label = self.labels.borrow().get(*slot).copied().unwrap_or(CONTEXT);
                Ok(frame.find(label).unwrap_or(Val::Undefined))
            }
            Kind::Regex(pattern) => Function::value(&self.meter, Callable::Regex(pattern.clone())),
            Kind::Wildcard => self.wildcard(input),
            Kind::Descendant => self.descendants(input),
            Kind::Binary(operator, left, right) => self.binary(*operator, left, right, input, frame),
            Kind::Negate(inner) => match self.eval(inner, input, frame)? {
                Val::Undefined => Ok(Val::Undefined),
                Val::Number(n) => functions::finite(n).map(|n| Val::Number(-n)),
                other => Err(Fault::coded(
                    "D1002",
                    format!("Cannot negate a non-numeric value: {}", functions::shown(self, &other)),
                )),
            },
            Kind::Array(items) => self.array(items, node.cons, input, frame),
            Kind::Object(pairs) => self.group(pairs, input, frame),
            Kind::Block(items) => {
                let inner = Frame::new(&self.meter, Some(frame))?;
                let mut value = Val::Undefined;
                for item in items {
                    value = self.eval(item, input, &inner)?;
                }
                self.leave(&inner);
                Ok(value)
            }
            Kind::Bind(symbol, inner) => {
                let value = self.eval(inner, input, frame)?;
                self.bind(frame, *symbol, value.clone())?;
                Ok(value)
            }
            Kind::Condition(condition, then, otherwise) => {
                if functions::truth(&self.eval(condition, input, frame)?)? {
                    self.eval(then, input, frame)
                } else {
                    otherwise.as_ref().map_or(Ok(Val::Undefined), |node| self.eval(node, input, frame))
                }
            }
            Kind::Call(procedure, arguments) => self.call(procedure, arguments, None, input, frame),
            Kind::Partial(procedure, arguments) => self.partial(procedure, arguments, input, frame),
            Kind::Apply(left, right) => self.pipe(left, right, input, frame),
            Kind::Lambda(lambda) => Function::value(
                &self.meter,
                Callable::Lambda { lambda: lambda.clone(), input: input.clone(), frame: Rc::clone(frame) },
            ),
            Kind::Transform(transform) => Function::value(
                &self.meter,
                Callable::Transform { transform: transform.clone(), frame: Rc::clone(frame) },
            ),
            // Steps only.
            Kind::Sort(_) | Kind::Path { .. } => Ok(Val::Undefined),
        }
    }

    /// What was found, as a value: nothing, one item alone, or the list.
    pub(super) fn normal(&self, value: Val, keep: bool) -> Outcome {
        let flags = value.flags();
        if !flags.sequence {
            return Ok(value);
        }
        let Some(items) = value.items() else { return Ok(value) };
        match items.len() {
            0 => Ok(Val::Undefined),
            1 if !(keep || flags.keep) => Ok(items.first().unwrap_or(Val::Undefined)),
            _ if keep && !flags.keep => {
                let kept = Building::of(&self.meter, items.iter())?;
                Ok(kept.with(Flags { keep: true, ..flags }))
            }
            _ => Ok(value),
        }
    }

    fn variable(&self, symbol: Symbol, frame: &Rc<Frame>) -> Val {
        if let Some(value) = frame.find(symbol) {
            return value;
        }
        if symbol == ROOT {
            return self.root.clone();
        }
        self.global(symbol)
    }

    /// A variable from outside or a function of the language.
    fn global(&self, symbol: Symbol) -> Val {
        let at = symbol as usize;
        if let Some(Some(value)) = self.globals.borrow().get(at) {
            return value.clone();
        }
        let name = self.name(symbol);
        let value = self.bindings.variable(&name).or_else(|| {
            let builtin = functions::find(&name)?;
            Function::value(&self.meter, Callable::Builtin(builtin)).ok()
        });
        let value = value.unwrap_or(Val::Undefined);
        if let Some(slot) = self.globals.borrow_mut().get_mut(at) {
            *slot = Some(value.clone());
        }
        value
    }

    /// The name of a variable, without `$`.
    fn name(&self, symbol: Symbol) -> Arc<str> {
        self.symbols.borrow().get(symbol as usize).cloned().unwrap_or_default()
    }

    fn symbol(&self, name: &str) -> Option<Symbol> {
        let at = self.symbols.borrow().iter().position(|symbol| &**symbol == name)?;
        Symbol::try_from(at).ok()
    }

    pub(super) fn bind(&self, frame: &Rc<Frame>, symbol: Symbol, value: Val) -> Result<(), Fault> {
        if frame.bind(symbol, value)? {
            let mut frames = self.frames.borrow_mut();
            // A frame that is gone still takes memory while it is listed.
            if frames.len() == frames.capacity() {
                frames.retain(|frame| frame.strong_count() > 0);
                let room = frames.len().max(64);
                frames.reserve(room);
            }
            frames.push(Rc::downgrade(frame));
        }
        Ok(())
    }

    /// At the end of a block or a call: a function that was bound in it and calls itself would hold it for ever.
    pub(super) fn leave(&self, frame: &Rc<Frame>) {
        if Frame::is_forgotten(frame) {
            frame.clear();
        }
    }

    fn array(&self, items: &[Node], cons: bool, input: &Val, frame: &Rc<Frame>) -> Outcome {
        let mut list = Building::new(&self.meter)?;
        for item in items {
            let value = self.eval(item, input, frame)?;
            if value.is_undefined() {
                continue;
            }
            if matches!(item.kind, Kind::Array(_)) {
                list.push(value)?;
            } else {
                list.append(&value)?;
            }
        }
        Ok(list.with(Flags { cons, ..Flags::default() }))
    }
}
