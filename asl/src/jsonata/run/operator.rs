//! Operators between two values.

use super::{Outcome, Run};
use crate::jsonata::fault::Fault;
use crate::jsonata::function::Frame;
use crate::jsonata::functions::{self, shown};
use crate::jsonata::syntax::{Node, Operator};
use crate::jsonata::value::{Building, Val};
use std::cmp::Ordering;
use std::rc::Rc;

/// Items that a range may have in the reference implementation.
const MAX_RANGE: f64 = 1e7;

impl Run<'_> {
    pub(super) fn binary(
        &self,
        operator: Operator,
        left: &Node,
        right: &Node,
        input: &Val,
        frame: &Rc<Frame>,
    ) -> Outcome {
        let left = self.eval(left, input, frame)?;
        match operator {
            Operator::And => {
                return Ok(Val::Bool(functions::truth(&left)? && functions::truth(&self.eval(right, input, frame)?)?));
            }
            Operator::Or => {
                return Ok(Val::Bool(functions::truth(&left)? || functions::truth(&self.eval(right, input, frame)?)?));
            }
            _ => {}
        }
        let right = self.eval(right, input, frame)?;
        match operator {
            Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Modulo => {
                arithmetic(operator, &left, &right)
            }
            Operator::Equal | Operator::NotEqual => {
                if left.is_undefined() || right.is_undefined() {
                    return Ok(Val::Bool(false));
                }
                let equal = functions::equal(self, &left, &right, 0)?;
                Ok(Val::Bool(equal == (operator == Operator::Equal)))
            }
            Operator::Concatenate => {
                let mut text = String::new();
                for value in [&left, &right] {
                    if !value.is_undefined() {
                        functions::write(self, value, &mut text)?;
                    }
                }
                Val::made(&self.meter, text)
            }
            Operator::Range => self.range(&left, &right),
            Operator::In => self.includes(&left, &right),
            comparison => self.comparison(comparison, &left, &right),
        }
    }

    fn comparison(&self, operator: Operator, left: &Val, right: &Val) -> Outcome {
        let comparable = |value: &Val| value.is_undefined() || value.number().is_some() || value.text().is_some();
        if !comparable(left) || !comparable(right) {
            let message = format!(
                "The expressions either side of operator \"{}\" must evaluate to numeric or string values",
                operator.text()
            );
            return Err(Fault::coded("T2010", message));
        }
        if left.is_undefined() || right.is_undefined() {
            return Ok(Val::Undefined);
        }
        let ordering = match (left, right) {
            (Val::Number(a), Val::Number(b)) => a.partial_cmp(b),
            _ => match (left.text(), right.text()) {
                (Some(a), Some(b)) => {
                    self.meter.read(a.len().min(b.len()))?;
                    Some(functions::text_order(a, b))
                }
                _ => {
                    let message = format!(
                        "The values {} and {} either side of operator \"{}\" must be of the same data type",
                        shown(self, left),
                        shown(self, right),
                        operator.text()
                    );
                    return Err(Fault::coded("T2009", message));
                }
            },
        };
        Ok(Val::Bool(ordering.is_some_and(|ordering| match operator {
            Operator::Less => ordering == Ordering::Less,
            Operator::LessOrEqual => ordering != Ordering::Greater,
            Operator::Greater => ordering == Ordering::Greater,
            _ => ordering != Ordering::Less,
        })))
    }

    fn includes(&self, left: &Val, right: &Val) -> Outcome {
        if left.is_undefined() || right.is_undefined() {
            return Ok(Val::Bool(false));
        }
        let same = |item: &Val| match (item, left) {
            (Val::Null, Val::Null) => true,
            (Val::Bool(a), Val::Bool(b)) => a == b,
            (Val::Number(a), Val::Number(b)) => a == b,
            (a, b) => match (a.text(), b.text()) {
                (Some(a), Some(b)) => a == b,
                _ => a.address().is_some() && a.address() == b.address(),
            },
        };
        let Some(items) = right.items() else { return Ok(Val::Bool(same(right))) };
        self.meter.step(items.len())?;
        Ok(Val::Bool(items.iter().any(|item| same(&item))))
    }

    fn range(&self, left: &Val, right: &Val) -> Outcome {
        let whole = |value: &Val, code: &'static str, side: &str| match value {
            Val::Undefined => Ok(None),
            Val::Number(n) if n.is_finite() && n.trunc() == *n => Ok(Some(*n)),
            _ => {
                let message = format!("The {side} side of the range operator (..) must evaluate to an integer");
                Err(Fault::coded(code, message))
            }
        };
        let (first, last) = (whole(left, "T2003", "left")?, whole(right, "T2004", "right")?);
        let (Some(first), Some(last)) = (first, last) else { return Ok(Val::Undefined) };
        if first > last {
            return Ok(Val::Undefined);
        }
        let size = last - first + 1.0;
        if size > MAX_RANGE {
            let message = format!(
                "The size of the sequence allocated by the range operator (..) must not exceed 1e7.  Attempted to \
                 allocate {}.",
                crate::jsonata::number::text(size)
            );
            return Err(Fault::coded("D2014", message));
        }
        // At most ten million.
        let count = size as usize;
        self.meter.step(count / 4)?;
        let mut list = Building::sized(&self.meter, count)?;
        for number in 0..count {
            list.push(Val::Number(first + number as f64))?;
        }
        Ok(list.sequence())
    }
}

fn arithmetic(operator: Operator, left: &Val, right: &Val) -> Outcome {
    let number = |value: &Val, code: &'static str, side: &str| match value {
        Val::Undefined => Ok(None),
        Val::Number(n) if !n.is_nan() => functions::finite(*n).map(Some),
        _ => {
            let message = format!("The {side} side of the \"{}\" operator must evaluate to a number", operator.text());
            Err(Fault::coded(code, message))
        }
    };
    let (left, right) = (number(left, "T2001", "left")?, number(right, "T2002", "right")?);
    let (Some(a), Some(b)) = (left, right) else { return Ok(Val::Undefined) };
    Ok(Val::Number(match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide => a / b,
        _ => a % b,
    }))
}
