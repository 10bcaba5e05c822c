//! Signatures of functions: which arguments they take.
//!
//! Written as in JSONata: `<s-nn?:s>`. An argument is a letter for its type, `m` for one that is missing.

use super::fault::{Fault, What};
use super::meter::Meter;
use super::value::{Building, Val};
use std::rc::Rc;

/// What a function takes.
#[derive(Debug, Clone)]
pub(super) struct Signature {
    parameters: Vec<Parameter>,
}

#[derive(Debug, Clone)]
struct Parameter {
    /// Letters that it takes.
    accepts: String,
    repeat: Repeat,
    /// The context is taken where no argument is given.
    context: bool,
    array: bool,
    subtype: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repeat {
    Once,
    Optional,
    Many,
}

/// What is wrong with a signature.
#[derive(Debug)]
pub(super) struct SignatureError {
    pub(super) code: &'static str,
    pub(super) message: &'static str,
    pub(super) offset: usize,
}

/// The letter of a value.
fn letter(value: &Val) -> char {
    match value {
        Val::Undefined | Val::Tuples(_) => 'm',
        Val::Null => 'l',
        Val::Bool(_) => 'b',
        Val::Number(_) => 'n',
        Val::Text(_) | Val::Made(_) => 's',
        Val::Array(_) | Val::List(_) => 'a',
        Val::Map(_) | Val::Record(_) => 'o',
        Val::Function(_) => 'f',
    }
}

/// The place of the bracket that closes the one before `from`.
fn closing(text: &[char], from: usize, open: char, close: char) -> usize {
    let mut depth = 1;
    for (at, c) in text.iter().enumerate().skip(from) {
        if *c == close {
            depth -= 1;
            if depth == 0 {
                return at;
            }
        } else if *c == open {
            depth += 1;
        }
    }
    text.len()
}

impl Signature {
    /// No arguments.
    pub(super) fn none() -> Signature {
        Signature { parameters: Vec::new() }
    }

    /// Reads a signature with its `<` and `>`.
    pub(super) fn parse(text: &str) -> Result<Signature, SignatureError> {
        let text: Vec<char> = text.chars().collect();
        let slice = |from: usize, to: usize| text.get(from..to).unwrap_or_default().iter().collect::<String>();
        let mut parameters: Vec<Parameter> = Vec::new();
        let mut at = 1;
        while let Some(symbol) = text.get(at).copied() {
            let accepts = match symbol {
                ':' => break,
                's' | 'n' | 'b' | 'l' | 'o' => format!("{symbol}m"),
                'a' | 'x' => "asnblfom".to_owned(),
                'f' => "f".to_owned(),
                'j' => "asnblom".to_owned(),
                '(' => {
                    let end = closing(&text, at + 1, '(', ')');
                    let choice = slice(at + 1, end);
                    if choice.contains('<') {
                        let message = "Choice groups containing parameterized types are not supported";
                        return Err(SignatureError { code: "S0402", message, offset: at });
                    }
                    at = end;
                    choice + "m"
                }
                '<' => {
                    let end = closing(&text, at + 1, '<', '>');
                    match parameters.last_mut() {
                        Some(last) if last.array || last.accepts == "f" => last.subtype = Some(slice(at + 1, end)),
                        _ => {
                            let message = "Type parameters can only be applied to functions and arrays";
                            return Err(SignatureError { code: "S0401", message, offset: at });
                        }
                    }
                    at = end + 1;
                    continue;
                }
                other => {
                    if let Some(last) = parameters.last_mut() {
                        match other {
                            '-' => (last.context, last.repeat) = (true, Repeat::Optional),
                            '?' => last.repeat = Repeat::Optional,
                            '+' => last.repeat = Repeat::Many,
                            _ => {}
                        }
                    }
                    at += 1;
                    continue;
                }
            };
            let array = symbol == 'a';
            parameters.push(Parameter { accepts, repeat: Repeat::Once, context: false, array, subtype: None });
            at += 1;
        }
        Ok(Signature { parameters })
    }

    /// How many arguments each parameter gets, as many as possible for those in front. `whole`: all have to go.
    fn shares(parameters: &[Parameter], given: &[char], whole: bool) -> Option<Vec<usize>> {
        let Some((first, rest)) = parameters.split_first() else {
            return (!whole || given.is_empty()).then(Vec::new);
        };
        let fitting = given.iter().take_while(|c| first.accepts.contains(**c)).count();
        let (least, most) = match first.repeat {
            Repeat::Once => (1, 1),
            Repeat::Optional => (0, 1),
            Repeat::Many => (1, fitting),
        };
        (least..=most.min(fitting)).rev().find_map(|share| {
            let mut shares = Signature::shares(rest, given.get(share..)?, whole)?;
            shares.insert(0, share);
            Some(shares)
        })
    }

    /// The arguments as the function takes them: the context filled in, single values as lists.
    pub(super) fn fit(&self, arguments: Vec<Val>, context: &Val, meter: &Rc<Meter>) -> Result<Vec<Val>, Fault> {
        let given: Vec<char> = arguments.iter().map(letter).collect();
        let Some(shares) = Signature::shares(&self.parameters, &given, true) else {
            return Err(self.mismatch(&given));
        };
        let mut fitted = Vec::with_capacity(arguments.len().max(self.parameters.len()));
        let mut left = arguments.into_iter();
        let mut number = 0;
        for (parameter, share) in self.parameters.iter().zip(shares) {
            if share == 0 {
                if parameter.context {
                    if !parameter.accepts.contains(letter(context)) {
                        return Err(Fault::argument("T0411", number + 1, What::Context));
                    }
                    fitted.push(context.clone());
                } else {
                    fitted.push(left.next().unwrap_or(Val::Undefined));
                    number += 1;
                }
                continue;
            }
            for argument in left.by_ref().take(share) {
                number += 1;
                fitted.push(if parameter.array {
                    as_list(parameter, argument, share, number, meter)?
                } else {
                    argument
                });
            }
        }
        Ok(fitted)
    }

    fn mismatch(&self, given: &[char]) -> Fault {
        let mut good = 0;
        for count in 1..=self.parameters.len() {
            match Signature::shares(self.parameters.get(..count).unwrap_or_default(), given, false) {
                Some(shares) => good = shares.iter().sum(),
                None => break,
            }
        }
        Fault::argument("T0410", good + 1, What::Type)
    }
}

fn as_list(parameter: &Parameter, argument: Val, share: usize, number: usize, meter: &Rc<Meter>) -> Result<Val, Fault> {
    let own = letter(&argument);
    if own == 'm' {
        return Ok(argument);
    }
    if let Some(subtype) = &parameter.subtype {
        let fits = match argument.items() {
            Some(items) => items.first().is_none_or(|first| {
                let of = letter(&first);
                subtype.starts_with(of) && items.iter().all(|item| letter(&item) == of)
            }),
            None => share == 1 && subtype.len() == 1 && subtype.starts_with(own),
        };
        if !fits {
            let of = match subtype.as_str() {
                "a" => "\"arrays\"",
                "b" => "\"booleans\"",
                "f" => "\"functions\"",
                "n" => "\"numbers\"",
                "o" => "\"objects\"",
                "s" => "\"strings\"",
                _ => "undefined",
            };
            return Err(Fault::argument("T0412", number, What::ArrayOf(of)));
        }
    }
    if own == 'a' { Ok(argument) } else { Building::of(meter, [argument]).map(Building::list) }
}
