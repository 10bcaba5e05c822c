//! Tokens to a raw tree, by binding powers.

use super::super::refused::{Dialect, REFUSED, Refused};
use super::token::{Lexer, Token};
use super::tree::{Operator, Symbol, Tree};
use super::{MAX_NESTING, SyntaxError, deep, process};
use std::collections::HashMap;
use std::sync::Arc;

/// A node as it was written.
#[derive(Debug, Clone)]
pub(super) struct Raw {
    pub(super) kind: RawKind,
    pub(super) at: usize,
    pub(super) keep_array: bool,
    /// Levels of this node and those below it.
    pub(super) depth: u32,
}

#[derive(Debug, Clone)]
pub(super) enum RawKind {
    Leaf(Token),
    Wildcard,
    Descendant,
    Parent,
    Binary(Operator, Box<Raw>, Box<Raw>),
    Dot(Box<Raw>, Box<Raw>),
    Filter(Box<Raw>, Box<Raw>),
    Group(Box<Raw>, Vec<(Raw, Raw)>),
    Sort(Box<Raw>, Vec<(bool, Raw)>),
    Focus(Box<Raw>, Symbol),
    Index(Box<Raw>, Symbol),
    Bind(Symbol, Box<Raw>),
    Apply(Box<Raw>, Box<Raw>),
    Negate(Box<Raw>),
    Array(Vec<Raw>),
    Object(Vec<(Raw, Raw)>),
    Block(Vec<Raw>),
    Condition(Box<Raw>, Box<Raw>, Option<Box<Raw>>),
    /// `None` stands for `?`.
    Call(Box<Raw>, Vec<Option<Raw>>),
    Lambda {
        parameters: Vec<Symbol>,
        signature: Option<super::super::signature::Signature>,
        body: Box<Raw>,
    },
    Transform(Box<Raw>, Box<Raw>, Option<Box<Raw>>),
}

/// The tree of this text.
pub(in super::super) fn parse(source: &str, dialect: Dialect) -> Result<Tree, SyntaxError> {
    parse_after(source, dialect, vec!["".into(), "$".into()], Vec::new())
}

/// The same within an evaluation that has these names and labels.
pub(in super::super) fn parse_after(
    source: &str,
    dialect: Dialect,
    symbols: Vec<Arc<str>>,
    labels: Vec<Symbol>,
) -> Result<Tree, SyntaxError> {
    let mut parser = Parser::new(source, dialect, symbols);
    parser.advance(false)?;
    let raw = parser.expression(0)?;
    if parser.token != Token::End {
        let message = format!("Syntax error: {}", parser.token.shown());
        return Err(SyntaxError::new("S0201", parser.at, message));
    }
    process::process(raw, parser.symbols, labels, dialect)
}

/// The names of an expression.
#[derive(Default)]
pub(super) struct Symbols {
    names: Vec<Arc<str>>,
    by_name: HashMap<Arc<str>, Symbol, foldhash::fast::RandomState>,
}

impl Symbols {
    pub(super) fn symbol(&mut self, name: &str) -> Symbol {
        if let Some(symbol) = self.by_name.get(name) {
            return *symbol;
        }
        let symbol = Symbol::try_from(self.names.len()).unwrap_or(Symbol::MAX);
        let name: Arc<str> = name.into();
        self.names.push(name.clone());
        self.by_name.insert(name, symbol);
        symbol
    }

    pub(super) fn into_names(self) -> Vec<Arc<str>> {
        self.names
    }
}

pub(super) struct Parser<'s> {
    lexer: Lexer<'s>,
    dialect: Dialect,
    pub(super) symbols: Symbols,
    /// The token at hand, and where it begins.
    pub(super) token: Token,
    pub(super) at: usize,
    nesting: u32,
}

/// How strongly an operator binds what is on its left.
fn power(token: &Token) -> u32 {
    let Token::Operator(operator) = token else { return 0 };
    match *operator {
        "[" | "(" | "@" | "#" => 80,
        "." => 75,
        "{" => 70,
        "*" | "/" | "%" => 60,
        "+" | "-" | "&" => 50,
        "=" | "<" | ">" | "^" | "!=" | "<=" | ">=" | "~>" | "?:" | "??" | "in" => 40,
        "and" => 30,
        "or" => 25,
        "?" => 20,
        ":=" => 10,
        _ => 0,
    }
}

impl<'s> Parser<'s> {
    fn new(source: &'s str, dialect: Dialect, names: Vec<Arc<str>>) -> Parser<'s> {
        let mut symbols = Symbols::default();
        names.iter().for_each(|name| {
            symbols.symbol(name);
        });
        Parser { lexer: Lexer::new(source), dialect, symbols, token: Token::End, at: 0, nesting: 0 }
    }

    pub(super) fn advance(&mut self, infix: bool) -> Result<(), SyntaxError> {
        (self.token, self.at) = self.lexer.next(infix)?;
        if let Token::Operator(operator @ ("!" | "~")) = self.token {
            return Err(SyntaxError::new("S0204", self.at, format!("Unknown operator: \"{operator}\"")));
        }
        if self.dialect == Dialect::Aws && matches!(&self.token, Token::Variable(name) if &**name == "eval") {
            return Err(refusal(&REFUSED[2], self.at));
        }
        Ok(())
    }

    pub(super) fn is(&self, operator: &str) -> bool {
        matches!(&self.token, Token::Operator(found) if *found == operator)
    }

    /// Steps over this operator, which has to be there.
    pub(super) fn expect(&mut self, operator: &str, infix: bool) -> Result<(), SyntaxError> {
        if self.is(operator) {
            return self.advance(infix);
        }
        Err(if self.token == Token::End {
            SyntaxError::new("S0203", self.at, format!("Expected \"{operator}\" before end of expression"))
        } else {
            SyntaxError::new("S0202", self.at, format!("Expected \"{operator}\", got {}", self.token.shown()))
        })
    }

    pub(super) fn symbol(&mut self, name: &str) -> Symbol {
        self.symbols.symbol(name)
    }

    /// An expression up to an operator that binds less than this.
    pub(super) fn expression(&mut self, least: u32) -> Result<Raw, SyntaxError> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err(too_deep(self.at));
        }
        let found = deep(|| {
            let mut left = self.prefix()?;
            while least < power(&self.token) {
                left = self.infix(left)?;
            }
            Ok(left)
        });
        self.nesting -= 1;
        found
    }

    fn prefix(&mut self) -> Result<Raw, SyntaxError> {
        let (token, at) = (self.token.clone(), self.at);
        self.advance(true)?;
        let Token::Operator(operator) = token else { return raw(RawKind::Leaf(token), at) };
        match operator {
            "and" | "or" | "in" => raw(RawKind::Leaf(Token::Operator(operator)), at),
            "-" => {
                let inner = self.expression(70)?;
                raw(RawKind::Negate(Box::new(inner)), at)
            }
            "*" => raw(RawKind::Wildcard, at),
            "**" => raw(RawKind::Descendant, at),
            "%" => raw(RawKind::Parent, at),
            "(" => {
                let mut items = Vec::new();
                while !self.is(")") {
                    items.push(self.expression(0)?);
                    if !self.is(";") {
                        break;
                    }
                    self.advance(false)?;
                }
                self.expect(")", true)?;
                raw(RawKind::Block(items), at)
            }
            "[" => {
                let mut items = Vec::new();
                while !self.is("]") || !items.is_empty() {
                    let mut item = self.expression(0)?;
                    if self.is("..") {
                        let at = self.at;
                        self.advance(false)?;
                        let last = self.expression(0)?;
                        item = raw(RawKind::Binary(Operator::Range, Box::new(item), Box::new(last)), at)?;
                    }
                    items.push(item);
                    if !self.is(",") {
                        break;
                    }
                    self.advance(false)?;
                }
                self.expect("]", true)?;
                raw(RawKind::Array(items), at)
            }
            "{" => {
                let pairs = self.pairs()?;
                raw(RawKind::Object(pairs), at)
            }
            "|" => {
                let pattern = Box::new(self.expression(0)?);
                self.expect("|", false)?;
                let update = Box::new(self.expression(0)?);
                let mut delete = None;
                if self.is(",") {
                    self.advance(false)?;
                    delete = Some(Box::new(self.expression(0)?));
                }
                self.expect("|", false)?;
                raw(RawKind::Transform(pattern, update, delete), at)
            }
            other => {
                Err(SyntaxError::new("S0211", at, format!("The symbol \"{other}\" cannot be used as a unary operator")))
            }
        }
    }

    /// Names and values up to the closing brace.
    fn pairs(&mut self) -> Result<Vec<(Raw, Raw)>, SyntaxError> {
        let mut pairs = Vec::new();
        while !self.is("}") || !pairs.is_empty() {
            let name = self.expression(0)?;
            self.expect(":", false)?;
            pairs.push((name, self.expression(0)?));
            if !self.is(",") {
                break;
            }
            self.advance(false)?;
        }
        self.expect("}", true)?;
        Ok(pairs)
    }

    fn infix(&mut self, left: Raw) -> Result<Raw, SyntaxError> {
        let (token, at) = (self.token.clone(), self.at);
        let least = power(&token);
        let Token::Operator(operator) = token else { return Ok(left) };
        self.advance(false)?;
        let left = Box::new(left);
        let binary = match operator {
            "+" => Operator::Add,
            "-" => Operator::Subtract,
            "*" => Operator::Multiply,
            "/" => Operator::Divide,
            "%" => Operator::Modulo,
            "=" => Operator::Equal,
            "!=" => Operator::NotEqual,
            "<" => Operator::Less,
            "<=" => Operator::LessOrEqual,
            ">" => Operator::Greater,
            ">=" => Operator::GreaterOrEqual,
            "&" => Operator::Concatenate,
            "in" => Operator::In,
            "and" => Operator::And,
            "or" => Operator::Or,
            "(" => return self.call(*left, at),
            "." => return raw(RawKind::Dot(left, Box::new(self.expression(least)?)), at),
            "~>" => return raw(RawKind::Apply(left, Box::new(self.expression(least)?)), at),
            "[" if self.is("]") => {
                let mut left = *left;
                let mut step = &mut left;
                while let RawKind::Filter(inner, _) = &mut step.kind {
                    step = inner;
                }
                step.keep_array = true;
                self.advance(false)?;
                return Ok(left);
            }
            "[" => {
                let filter = Box::new(self.expression(0)?);
                self.expect("]", true)?;
                return raw(RawKind::Filter(left, filter), at);
            }
            "{" => {
                let pairs = self.pairs()?;
                return raw(RawKind::Group(left, pairs), at);
            }
            "^" => return self.sort(left, at),
            ":=" => {
                let RawKind::Leaf(Token::Variable(name)) = &left.kind else {
                    let message = "The left side of := must be a variable name (start with $)";
                    return Err(SyntaxError::new("S0212", left.at, message));
                };
                let symbol = self.symbols.symbol(name);
                return raw(RawKind::Bind(symbol, Box::new(self.expression(least - 1)?)), left.at);
            }
            "@" | "#" => {
                let right = self.expression(least)?;
                let RawKind::Leaf(Token::Variable(name)) = &right.kind else {
                    let message = format!("The right side of \"{operator}\" must be a variable name (start with $)");
                    return Err(SyntaxError::new("S0214", right.at, message));
                };
                let symbol = self.symbols.symbol(name);
                let kind = if operator == "@" { RawKind::Focus(left, symbol) } else { RawKind::Index(left, symbol) };
                return raw(kind, at);
            }
            "?" => {
                let then = Box::new(self.expression(0)?);
                let mut otherwise = None;
                if self.is(":") {
                    self.advance(false)?;
                    otherwise = Some(Box::new(self.expression(0)?));
                }
                return raw(RawKind::Condition(left, then, otherwise), at);
            }
            "?:" | "??" => {
                let [coalesce, default, _] = &REFUSED;
                if self.dialect == Dialect::Aws {
                    return Err(refusal(if operator == "??" { coalesce } else { default }, at));
                }
                let mut condition = left.clone();
                if operator == "??" {
                    let exists = raw(RawKind::Leaf(Token::Variable("exists".into())), at)?;
                    self.symbols.symbol("exists");
                    condition = Box::new(raw(RawKind::Call(Box::new(exists), vec![Some(*condition)]), at)?);
                }
                return raw(RawKind::Condition(condition, left, Some(Box::new(self.expression(0)?))), at);
            }
            other => return Err(SyntaxError::new("S0201", at, format!("Syntax error: \"{other}\""))),
        };
        raw(RawKind::Binary(binary, left, Box::new(self.expression(least)?)), at)
    }

    fn sort(&mut self, left: Box<Raw>, at: usize) -> Result<Raw, SyntaxError> {
        self.expect("(", false)?;
        let mut terms = Vec::new();
        loop {
            let descending = self.is(">");
            if descending || self.is("<") {
                self.advance(false)?;
            }
            terms.push((descending, self.expression(0)?));
            if !self.is(",") {
                break;
            }
            self.advance(false)?;
        }
        self.expect(")", false)?;
        raw(RawKind::Sort(left, terms), at)
    }
}

fn refusal(refused: &Refused, at: usize) -> SyntaxError {
    SyntaxError { code: refused.code, message: refused.message.to_owned(), help: Some(refused.help), at }
}

fn too_deep(at: usize) -> SyntaxError {
    SyntaxError::new("", at, format!("the expression is nested more than {MAX_NESTING} levels deep"))
}

/// A node that knows how deep it is.
pub(super) fn raw(kind: RawKind, at: usize) -> Result<Raw, SyntaxError> {
    let pair = |(a, b): &(Raw, Raw)| a.depth.max(b.depth);
    let below = match &kind {
        RawKind::Leaf(_) | RawKind::Wildcard | RawKind::Descendant | RawKind::Parent => 0,
        RawKind::Binary(_, a, b) | RawKind::Dot(a, b) | RawKind::Filter(a, b) | RawKind::Apply(a, b) => {
            a.depth.max(b.depth)
        }
        RawKind::Group(a, pairs) => pairs.iter().map(pair).max().unwrap_or(0).max(a.depth),
        RawKind::Sort(a, terms) => terms.iter().map(|(_, term)| term.depth).max().unwrap_or(0).max(a.depth),
        RawKind::Focus(a, _) | RawKind::Index(a, _) | RawKind::Bind(_, a) | RawKind::Negate(a) => a.depth,
        RawKind::Array(items) | RawKind::Block(items) => items.iter().map(|item| item.depth).max().unwrap_or(0),
        RawKind::Object(pairs) => pairs.iter().map(pair).max().unwrap_or(0),
        RawKind::Condition(a, b, c) => a.depth.max(b.depth).max(c.as_ref().map_or(0, |c| c.depth)),
        RawKind::Call(a, arguments) => {
            arguments.iter().flatten().map(|argument| argument.depth).max().unwrap_or(0).max(a.depth)
        }
        RawKind::Lambda { body, .. } => body.depth,
        RawKind::Transform(a, b, c) => a.depth.max(b.depth).max(c.as_ref().map_or(0, |c| c.depth)),
    };
    if below >= MAX_NESTING {
        return Err(too_deep(at));
    }
    Ok(Raw { kind, at, keep_array: false, depth: below + 1 })
}
