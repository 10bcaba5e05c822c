//! Calls. What a function calls last is called by a loop, so that recursion in that place goes on without end.

use super::{Outcome, Run};
use crate::jsonata::fault::Fault;
use crate::jsonata::function::{Callable, Frame, Function};
use crate::jsonata::functions;
use crate::jsonata::syntax::{Kind, Node};
use crate::jsonata::value::Val;
use std::rc::Rc;
use std::sync::Arc;

/// How a function ends: with a value, or with a call.
enum End {
    Value(Val),
    Call { function: Val, arguments: Vec<Val>, name: Arc<str> },
}

impl Run<'_> {
    /// What a call is called by, for the texts of errors.
    fn called(&self, procedure: &Node) -> Arc<str> {
        match &procedure.kind {
            Kind::Variable(symbol) => self.name(*symbol),
            Kind::Path { steps, .. } => match steps.first().map(|step| &step.kind) {
                Some(Kind::Name(name)) => name.clone(),
                _ => "".into(),
            },
            _ => "".into(),
        }
    }

    /// The function, unless nothing is there but a function of this name with a `$`.
    fn procedure(&self, node: &Node, code: &'static str, input: &Val, frame: &Rc<Frame>) -> Outcome {
        let function = self.eval(node, input, frame)?;
        if function.is_undefined() && matches!(node.kind, Kind::Path { .. }) {
            let name = self.called(node);
            let bound = self
                .symbol(&name)
                .is_some_and(|symbol| functions::truth(&self.variable(symbol, frame)).unwrap_or(true));
            if bound || functions::find(&name).is_some() {
                let what = if code == "T1005" { "invoke" } else { "partially apply" };
                return Err(Fault::coded(code, format!("Attempted to {what} a non-function. Did you mean ${name}?")));
            }
        }
        Ok(function)
    }

    /// A call; `first` comes before the other arguments.
    pub(super) fn call(
        &self,
        procedure: &Node,
        arguments: &[Node],
        first: Option<Val>,
        input: &Val,
        frame: &Rc<Frame>,
    ) -> Outcome {
        let function = self.procedure(procedure, "T1005", input, frame)?;
        let mut given = Vec::with_capacity(arguments.len() + 1);
        given.extend(first);
        for argument in arguments {
            given.push(self.eval(argument, input, frame)?);
        }
        if function.is_undefined() && self.full && &*self.called(procedure) == "eval" {
            return self.evaluate_text(&given, input, frame);
        }
        self.apply(&function, given, input).map_err(|fault| fault.named(&self.called(procedure)))
    }

    pub(super) fn partial(
        &self,
        procedure: &Node,
        arguments: &[Option<Node>],
        input: &Val,
        frame: &Rc<Frame>,
    ) -> Outcome {
        let mut given = Vec::with_capacity(arguments.len());
        for argument in arguments {
            given.push(argument.as_ref().map(|argument| self.eval(argument, input, frame)).transpose()?);
        }
        let target = self.procedure(procedure, "T1007", input, frame)?;
        let Val::Function(function) = &target else {
            return Err(Fault::coded("T1008", "Attempted to partially apply a non-function"));
        };
        // Parameters that nothing is said about are missing for good.
        while given.len() < function.arity() {
            given.push(Some(Val::Undefined));
        }
        Function::value(&self.meter, Callable::Partial { target, given: Rc::new(given) })
    }

    /// `left ~> right`
    pub(super) fn pipe(&self, left: &Node, right: &Node, input: &Val, frame: &Rc<Frame>) -> Outcome {
        let first = self.eval(left, input, frame)?;
        if let Kind::Call(procedure, arguments) = &right.kind {
            return self.call(procedure, arguments, Some(first), input, frame);
        }
        let function = self.eval(right, input, frame)?;
        if !matches!(function, Val::Function(_)) {
            let message = "The right side of the function application operator ~> must be a function";
            return Err(Fault::coded("T2006", message));
        }
        if matches!(first, Val::Function(_)) {
            return Function::value(&self.meter, Callable::Chain(first, function));
        }
        self.apply(&function, vec![first], &Val::Null)
    }

    /// The value of a function. `context` stands in for an argument that may be left out.
    pub(in crate::jsonata) fn apply(&self, function: &Val, arguments: Vec<Val>, context: &Val) -> Outcome {
        let mut end = self.enter(function, arguments, context)?;
        loop {
            match end {
                End::Value(value) => return Ok(value),
                End::Call { function, arguments, name } => {
                    end = self.enter(&function, arguments, context).map_err(|fault| fault.named(&name))?;
                }
            }
        }
    }

    fn enter(&self, function: &Val, arguments: Vec<Val>, context: &Val) -> Result<End, Fault> {
        let Val::Function(function) = function else {
            return Err(Fault::coded("T1006", "Attempted to invoke a non-function"));
        };
        self.meter.step(1)?;
        let mut arguments = arguments;
        let signature = match function.kind() {
            Callable::Builtin(builtin) => builtin.signature.as_ref(),
            Callable::Lambda { lambda, .. } => lambda.signature.as_ref(),
            Callable::Transform { .. } => Some(functions::transform_signature()),
            _ => None,
        };
        if let Some(signature) = signature {
            arguments = signature.fit(arguments, context, &self.meter)?;
        }
        self.run(function, arguments)
    }

    /// The same without a look at the arguments.
    fn run(&self, function: &Rc<Function>, mut arguments: Vec<Val>) -> Result<End, Fault> {
        match function.kind() {
            Callable::Gone => Ok(End::Value(Val::Undefined)),
            Callable::Builtin(builtin) => (builtin.run)(self, &arguments).map(End::Value),
            Callable::Lambda { lambda, input, frame } => {
                arguments.resize(lambda.parameters.len().max(arguments.len()), Val::Undefined);
                let bound = lambda.parameters.iter().copied().zip(arguments).collect();
                let inner = Frame::with(&self.meter, Some(frame), bound)?;
                let end = self.within(|| self.last(&lambda.body, input, &inner));
                self.leave(&inner);
                end
            }
            Callable::Partial { target, given } => {
                let mut rest = arguments.into_iter();
                let all = given.iter().map(|argument| match argument {
                    Some(argument) => argument.clone(),
                    None => rest.next().unwrap_or(Val::Undefined),
                });
                let all = all.collect();
                match target {
                    Val::Function(target) => self.within(|| self.run(target, all)),
                    _ => Ok(End::Value(Val::Undefined)),
                }
            }
            Callable::Transform { transform, frame } => {
                self.transform(transform, arguments.first().unwrap_or(&Val::Undefined), frame).map(End::Value)
            }
            Callable::Regex(pattern) => {
                let from = match arguments.get(1) {
                    Some(Val::Number(n)) if *n > 0.0 => *n as usize,
                    _ => 0,
                };
                match arguments.first() {
                    Some(text) if text.text().is_some() => {
                        functions::next_match(self, pattern, text, from, true).map(End::Value)
                    }
                    _ => Ok(End::Value(Val::Undefined)),
                }
            }
            Callable::Next { pattern, text, from } => {
                functions::next_match(self, pattern, text, *from, false).map(End::Value)
            }
            Callable::Chain(first, second) => {
                let value = self.within(|| self.apply(first, arguments, &Val::Null))?;
                Ok(End::Call { function: second.clone(), arguments: vec![value], name: "".into() })
            }
        }
    }

    /// The end of a function whose body this is.
    fn last(&self, node: &Node, input: &Val, frame: &Rc<Frame>) -> Result<End, Fault> {
        // As in the reference implementation, a grouping behind a call in this place does nothing.
        if node.more.is_some() && !(matches!(node.kind, Kind::Call(..)) && node.predicates().is_empty()) {
            return self.eval(node, input, frame).map(End::Value);
        }
        match &node.kind {
            Kind::Condition(condition, then, otherwise) => {
                self.meter.step(1)?;
                if functions::truth(&self.eval(condition, input, frame)?)? {
                    self.last(then, input, frame)
                } else {
                    otherwise.as_ref().map_or(Ok(End::Value(Val::Undefined)), |node| self.last(node, input, frame))
                }
            }
            Kind::Block(items) => {
                self.meter.step(1)?;
                let inner = Frame::new(&self.meter, Some(frame))?;
                let Some((last, before)) = items.split_last() else { return Ok(End::Value(Val::Undefined)) };
                for item in before {
                    self.eval(item, input, &inner)?;
                }
                let end = self.last(last, input, &inner);
                self.leave(&inner);
                end
            }
            Kind::Call(procedure, arguments) => {
                self.meter.step(1)?;
                let function = self.eval(procedure, input, frame)?;
                let given = arguments.iter().map(|argument| self.eval(argument, input, frame));
                let arguments = given.collect::<Result<Vec<_>, _>>()?;
                Ok(End::Call { function, arguments, name: self.called(procedure) })
            }
            _ => self.eval(node, input, frame).map(End::Value),
        }
    }
}
