//! `$eval`, which Step Functions does not have: only for the suite of the reference implementation.

use super::{Outcome, Run};
use crate::jsonata::fault::Fault;
use crate::jsonata::function::Frame;
use crate::jsonata::refused::Dialect;
use crate::jsonata::syntax;
use crate::jsonata::value::{Building, Flags, Val};
use std::rc::Rc;

impl Run<'_> {
    /// The value of the expression that the first argument is, with the second as its input.
    pub(super) fn evaluate_text(&self, arguments: &[Val], input: &Val, frame: &Rc<Frame>) -> Outcome {
        let Some(source) = arguments.first().and_then(Val::text) else { return Ok(Val::Undefined) };
        self.meter.step(source.len())?;
        let mut input = match arguments.get(1) {
            None | Some(Val::Undefined) => input.clone(),
            Some(given) => given.clone(),
        };
        if input.is_list() && !input.flags().sequence {
            let flags = Flags { sequence: true, outer: true, ..Flags::default() };
            input = Building::of(&self.meter, [input])?.with(flags);
        }
        let (symbols, labels) = (self.symbols.borrow().clone(), self.labels.borrow().clone());
        let tree = syntax::parse_after(source, Dialect::Full, symbols, labels).map_err(|error| {
            let message = crate::Value::from(error.message).to_json();
            Fault::coded("D3120", format!("Syntax error in expression passed to function eval: {message}"))
        })?;
        self.globals.borrow_mut().resize(tree.symbols.len(), None);
        *self.symbols.borrow_mut() = tree.symbols;
        *self.labels.borrow_mut() = tree.labels;
        self.eval(&tree.root, &input, frame).map_err(|fault| match fault {
            Fault::Coded(_) => {
                let message = crate::Value::from(fault.into_error().to_string()).to_json();
                let message = format!("Dynamic error evaluating the expression passed to function eval: {message}");
                Fault::coded("D3121", message)
            }
            bound => bound,
        })
    }
}
