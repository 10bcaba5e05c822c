//! Reading a filter, `[?(…)]`.

use super::error::PathError;
use super::filter::{Filter, Operand, Operator};
use super::parse::Parser;
use super::segment::Body;
use crate::Value;

/// Parentheses, negations and array literals within one another.
const MAX_DEPTH: usize = 32;

/// Symbol and operator; a longer symbol stands before its beginning.
const SYMBOLS: &[(&str, Operator)] = &[
    ("===", Operator::Same),
    ("!==", Operator::NotSame),
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

/// Operators that are words; Jayway takes them in either case.
const WORDS: &[(&str, Operator)] = &[
    ("in", Operator::In),
    ("nin", Operator::NotIn),
    ("contains", Operator::Contains),
    ("size", Operator::Size),
    ("empty", Operator::Empty),
    ("subsetof", Operator::SubsetOf),
    ("anyof", Operator::AnyOf),
    ("noneof", Operator::NoneOf),
    ("all", Operator::All),
];

impl Parser<'_> {
    /// The expression inside `[?(` and `)]`.
    pub(super) fn filter(&mut self) -> Result<Filter, PathError> {
        self.any_of(0)
    }

    fn any_of(&mut self, depth: usize) -> Result<Filter, PathError> {
        let mut parts = vec![self.all_of(depth)?];
        while self.blanks().take("||") {
            parts.push(self.all_of(depth)?);
        }
        Ok(single(parts, Filter::Any))
    }

    fn all_of(&mut self, depth: usize) -> Result<Filter, PathError> {
        let mut parts = vec![self.test(depth)?];
        while self.blanks().take("&&") {
            parts.push(self.test(depth)?);
        }
        Ok(single(parts, Filter::All))
    }

    fn test(&mut self, depth: usize) -> Result<Filter, PathError> {
        if depth >= MAX_DEPTH {
            return Err(self.error("the filter is nested too deep"));
        }
        self.blanks();
        if self.take("!") {
            return Ok(Filter::Not(Box::new(self.test(depth + 1)?)));
        }
        if self.take("(") {
            let inner = self.any_of(depth + 1)?;
            self.blanks().expect(")", "expected `)` in the filter")?;
            return Ok(inner);
        }
        let start = self.at();
        let left = self.operand(depth)?;
        match self.operator()? {
            Some(operator) => {
                self.blanks();
                let place = self.at();
                let right = self.operand(depth)?;
                check_right(operator, &right).map_err(|message| PathError::new(place, message))?;
                Ok(Filter::Compare(left, operator, right))
            }
            None => match &left {
                Operand::Node(body) | Operand::Document(body) if body.is_definite() => Ok(Filter::Exists(left)),
                Operand::Literal(_) => Err(PathError::new(start, "a value alone is not a condition")),
                _ => Err(PathError::new(start, "a condition that asks for existence needs a path to one node")),
            },
        }
    }

    fn operator(&mut self) -> Result<Option<Operator>, PathError> {
        self.blanks();
        if self.rest().starts_with("=~") {
            return Err(self.error("regular expressions (`=~`) are not supported in filters"));
        }
        for (symbol, operator) in SYMBOLS {
            if self.take(symbol) {
                return Ok(Some(*operator));
            }
        }
        let length = self.rest().find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest().len());
        let Some(word) = self.rest().get(..length).filter(|word| !word.is_empty()) else {
            return if self.rest().starts_with([')', '&', '|']) {
                Ok(None)
            } else {
                Err(self.error("expected an operator in the filter"))
            };
        };
        match WORDS.iter().find(|row| row.0.eq_ignore_ascii_case(word)) {
            Some((word, operator)) => {
                self.skip(word.len());
                Ok(Some(*operator))
            }
            None => {
                let names: Vec<&str> = WORDS.iter().map(|row| row.0).collect();
                let help = format!("operators that are words: {}", names.join(", "));
                Err(self.error(format!("unknown operator `{word}` in the filter")).with_help(help))
            }
        }
    }

    fn operand(&mut self, depth: usize) -> Result<Operand, PathError> {
        self.blanks();
        if self.take("@") {
            return Ok(Operand::Node(Body::new(self.segments()?)));
        }
        if self.rest().starts_with('$') {
            if !self.root_is_input() {
                let message = "`$` in a filter is supported only in a path that begins with `$.` or `$[`";
                return Err(self.error(message));
            }
            self.skip(1);
            if !self.rest().starts_with(['.', '[', ' ', ')', '=', '!', '<', '>', '&', '|']) {
                return Err(self.error("only `@` and `$` can begin a path inside a filter"));
            }
            return Ok(Operand::Document(Body::new(self.segments()?)));
        }
        self.literal(depth).map(Operand::Literal)
    }

    fn literal(&mut self, depth: usize) -> Result<Value, PathError> {
        self.blanks();
        let start = self.at();
        if let Some(quote) = self.rest().chars().next().filter(|c| matches!(c, '\'' | '"')) {
            return Ok(Value::from(self.quoted(quote, true)?));
        }
        if self.take("[") {
            if depth >= MAX_DEPTH {
                return Err(self.error("the list is nested too deep"));
            }
            let mut items = Vec::new();
            if !self.blanks().take("]") {
                loop {
                    items.push(self.literal(depth + 1)?);
                    if self.blanks().take("]") {
                        break;
                    }
                    self.expect(",", "expected `,` or `]` in the list")?;
                }
            }
            return Ok(Value::array(items));
        }
        if self.rest().starts_with('{') {
            return Err(self.error("objects are not supported in filters"));
        }
        if self.rest().starts_with('/') {
            return Err(self.error("regular expressions are not supported in filters"));
        }
        let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        let length = self.rest().find(|c| !word(c)).unwrap_or(self.rest().len());
        let text = self.rest().get(..length).unwrap_or_default();
        let value = match text {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            "null" => Some(Value::Null),
            _ => Value::parse(text).ok().filter(|v| matches!(v, Value::Number(_))),
        };
        match value {
            Some(value) => {
                self.skip(length);
                Ok(value)
            }
            None => Err(PathError::new(
                start,
                "expected a path, a text in quotes, a number, `true`, `false`, `null` or a list",
            )),
        }
    }
}

fn single(mut parts: Vec<Filter>, wrap: fn(Vec<Filter>) -> Filter) -> Filter {
    match parts.len() {
        1 => parts.pop().unwrap_or_else(|| wrap(Vec::new())),
        _ => wrap(parts),
    }
}

/// What an operator asks of its right side, where that can be seen from the text.
fn check_right(operator: Operator, right: &Operand) -> Result<(), &'static str> {
    let Operand::Literal(value) = right else { return Ok(()) };
    match operator {
        Operator::In | Operator::NotIn | Operator::SubsetOf | Operator::AnyOf | Operator::NoneOf | Operator::All
            if value.as_array().is_none() =>
        {
            Err("this operator needs a list on its right")
        }
        Operator::Size if value.as_f64().is_none() => Err("`size` needs a number on its right"),
        Operator::Empty if value.as_bool().is_none() => Err("`empty` needs `true` or `false` on its right"),
        _ => Ok(()),
    }
}
