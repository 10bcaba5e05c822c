//! Words to syntax. Names and values are looked up here, so that evaluation cannot miss one.

use super::lexer::{Token, tokens};
use super::path::{Path, Step};
use super::{MAX_DEPTH, wrong};
use crate::error::Result;
use crate::ports::{Attribute, Expression};

#[derive(Debug, Clone)]
pub(super) enum Condition {
    Or(Vec<Condition>),
    And(Vec<Condition>),
    Not(Box<Condition>),
    Compare(Operand, Comparison, Operand),
    Between(Operand, Operand, Operand),
    In(Operand, Vec<Operand>),
    Exists(Path),
    NotExists(Path),
    HasType(Path, Operand),
    BeginsWith(Path, Operand),
    Contains(Path, Operand),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone)]
pub(super) enum Operand {
    Path(Path),
    Value(Attribute),
    Size(Path),
    IfNotExists(Path, Box<Operand>),
    Append(Box<Operand>, Box<Operand>),
    Plus(Box<Operand>, Box<Operand>),
    Minus(Box<Operand>, Box<Operand>),
}

/// One change of an update expression.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Set(Path, Operand),
    Remove(Path),
    Add(Path, Attribute),
    Delete(Path, Attribute),
}

pub(super) fn condition(expression: &Expression) -> Result<Condition> {
    let mut parser = Parser::new(expression)?;
    let condition = parser.or(0)?;
    parser.end()?;
    Ok(condition)
}

pub(super) fn changes(expression: &Expression) -> Result<Vec<Change>> {
    let mut parser = Parser::new(expression)?;
    let mut changes = Vec::new();
    loop {
        let Some(Token::Word(clause)) = parser.next() else {
            return wrong("expected `SET`, `REMOVE`, `ADD` or `DELETE`");
        };
        let clause = clause.to_ascii_uppercase();
        loop {
            let path = parser.path()?;
            changes.push(match clause.as_str() {
                "SET" => {
                    parser.sign("=")?;
                    Change::Set(path, parser.sum()?)
                }
                "REMOVE" => Change::Remove(path),
                "ADD" => Change::Add(path, parser.value()?),
                "DELETE" => Change::Delete(path, parser.value()?),
                _ => return wrong(format_args!("`{clause}` is none of `SET`, `REMOVE`, `ADD` and `DELETE`")),
            });
            if !parser.takes(",") {
                break;
            }
        }
        if parser.peek().is_none() {
            return Ok(changes);
        }
    }
}

struct Parser<'e> {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    expression: &'e Expression,
}

impl<'e> Parser<'e> {
    fn new(expression: &'e Expression) -> Result<Parser<'e>> {
        Ok(Parser { tokens: tokens(&expression.text)?.into_iter().peekable(), expression })
    }

    fn next(&mut self) -> Option<Token> {
        self.tokens.next()
    }

    fn peek(&mut self) -> Option<&Token> {
        self.tokens.peek()
    }

    fn takes(&mut self, sign: &'static str) -> bool {
        self.tokens.next_if_eq(&Token::Sign(sign)).is_some()
    }

    fn takes_word(&mut self, keyword: &str) -> bool {
        self.tokens.next_if(|t| matches!(t, Token::Word(w) if w.eq_ignore_ascii_case(keyword))).is_some()
    }

    fn sign(&mut self, sign: &'static str) -> Result<()> {
        if self.takes(sign) { Ok(()) } else { wrong(format_args!("expected `{sign}`")) }
    }

    fn end(&mut self) -> Result<()> {
        if self.peek().is_none() { Ok(()) } else { wrong("something follows its end") }
    }

    fn or(&mut self, depth: usize) -> Result<Condition> {
        let mut any = vec![self.and(depth)?];
        while self.takes_word("OR") {
            any.push(self.and(depth)?);
        }
        Ok(Condition::Or(any))
    }

    fn and(&mut self, depth: usize) -> Result<Condition> {
        let mut all = vec![self.not(depth)?];
        while self.takes_word("AND") {
            all.push(self.not(depth)?);
        }
        Ok(Condition::And(all))
    }

    fn not(&mut self, depth: usize) -> Result<Condition> {
        if depth > MAX_DEPTH {
            return wrong("it is nested too deeply");
        }
        if self.takes_word("NOT") {
            return Ok(Condition::Not(Box::new(self.not(depth + 1)?)));
        }
        if self.takes("(") {
            let inner = self.or(depth + 1)?;
            self.sign(")")?;
            return Ok(inner);
        }
        self.primary()
    }

    fn primary(&mut self) -> Result<Condition> {
        let Some(Token::Word(word)) = self.peek().cloned() else { return self.comparison(None) };
        self.next();
        if !self.takes("(") {
            return self.comparison(Some(word));
        }
        let path = self.path()?;
        let condition = match word.as_str() {
            "attribute_exists" => Condition::Exists(path),
            "attribute_not_exists" => Condition::NotExists(path),
            "size" => {
                self.sign(")")?;
                return self.compare(Operand::Size(path));
            }
            "attribute_type" | "begins_with" | "contains" => {
                self.sign(",")?;
                let other = self.operand(None)?;
                match word.as_str() {
                    "attribute_type" => Condition::HasType(path, other),
                    "begins_with" => Condition::BeginsWith(path, other),
                    _ => Condition::Contains(path, other),
                }
            }
            _ => return wrong(format_args!("there is no function `{word}`")),
        };
        self.sign(")")?;
        Ok(condition)
    }

    fn comparison(&mut self, word: Option<String>) -> Result<Condition> {
        let left = self.operand(word)?;
        self.compare(left)
    }

    fn compare(&mut self, left: Operand) -> Result<Condition> {
        if self.takes_word("BETWEEN") {
            let low = self.operand(None)?;
            if !self.takes_word("AND") {
                return wrong("expected `AND` after `BETWEEN`");
            }
            return Ok(Condition::Between(left, low, self.operand(None)?));
        }
        if self.takes_word("IN") {
            self.sign("(")?;
            let mut options = vec![self.operand(None)?];
            while self.takes(",") {
                options.push(self.operand(None)?);
            }
            self.sign(")")?;
            return Ok(Condition::In(left, options));
        }
        let comparison = match self.next() {
            Some(Token::Sign("=")) => Comparison::Equal,
            Some(Token::Sign("<>")) => Comparison::NotEqual,
            Some(Token::Sign("<")) => Comparison::Less,
            Some(Token::Sign("<=")) => Comparison::LessOrEqual,
            Some(Token::Sign(">")) => Comparison::Greater,
            Some(Token::Sign(">=")) => Comparison::GreaterOrEqual,
            _ => return wrong("expected a comparison"),
        };
        Ok(Condition::Compare(left, comparison, self.operand(None)?))
    }

    /// What a condition compares. `word` was read already.
    fn operand(&mut self, word: Option<String>) -> Result<Operand> {
        if word.is_none() && matches!(self.peek(), Some(Token::Value(_))) {
            return self.value().map(Operand::Value);
        }
        let word = match word {
            Some(word) => word,
            None => match self.next() {
                Some(Token::Word(word)) => word,
                Some(Token::Name(name)) => return self.path_from(self.attribute(&name)?).map(Operand::Path),
                _ => return wrong("expected an attribute or a value"),
            },
        };
        if word == "size" && self.takes("(") {
            let path = self.path()?;
            self.sign(")")?;
            return Ok(Operand::Size(path));
        }
        self.path_from(word).map(Operand::Path)
    }

    /// What `SET` sets.
    fn sum(&mut self) -> Result<Operand> {
        let left = self.term(0)?;
        if self.takes("+") {
            return Ok(Operand::Plus(Box::new(left), Box::new(self.term(0)?)));
        }
        if self.takes("-") {
            return Ok(Operand::Minus(Box::new(left), Box::new(self.term(0)?)));
        }
        Ok(left)
    }

    fn term(&mut self, depth: usize) -> Result<Operand> {
        if depth > MAX_DEPTH {
            return wrong("it is nested too deeply");
        }
        let Some(Token::Word(word)) = self.peek().cloned() else { return self.operand(None) };
        self.next();
        if !self.takes("(") {
            return self.path_from(word).map(Operand::Path);
        }
        let term = match word.as_str() {
            "if_not_exists" => {
                let path = self.path()?;
                self.sign(",")?;
                Operand::IfNotExists(path, Box::new(self.term(depth + 1)?))
            }
            "list_append" => {
                let first = self.term(depth + 1)?;
                self.sign(",")?;
                Operand::Append(Box::new(first), Box::new(self.term(depth + 1)?))
            }
            _ => return wrong(format_args!("there is no function `{word}`")),
        };
        self.sign(")")?;
        Ok(term)
    }

    fn value(&mut self) -> Result<Attribute> {
        match self.next() {
            Some(Token::Value(name)) => match self.expression.values.get(&name) {
                Some(value) => Ok(value.clone()),
                None => wrong(format_args!("`{name}` is not among the expression's values")),
            },
            _ => wrong("expected a value such as `:name`"),
        }
    }

    fn path(&mut self) -> Result<Path> {
        match self.next() {
            Some(Token::Word(name)) => self.path_from(name),
            Some(Token::Name(name)) => self.path_from(self.attribute(&name)?),
            _ => wrong("expected an attribute"),
        }
    }

    fn attribute(&self, name: &str) -> Result<String> {
        match self.expression.names.get(name) {
            Some(attribute) => Ok(attribute.clone()),
            None => wrong(format_args!("`{name}` is not among the expression's names")),
        }
    }

    fn path_from(&mut self, name: String) -> Result<Path> {
        let mut steps = Vec::new();
        loop {
            if self.takes(".") {
                steps.push(match self.next() {
                    Some(Token::Word(name)) => Step::Member(name),
                    Some(Token::Name(name)) => Step::Member(self.attribute(&name)?),
                    _ => return wrong("expected a name after `.`"),
                });
            } else if self.takes("[") {
                let Some(Token::Number(index)) = self.next() else { return wrong("expected an index after `[`") };
                self.sign("]")?;
                steps.push(Step::Index(index));
            } else {
                return Ok(Path { name, steps });
            }
        }
    }
}
