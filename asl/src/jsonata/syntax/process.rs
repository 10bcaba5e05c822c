//! The raw tree to the one that is evaluated.

use super::super::pattern::Pattern;
use super::super::refused::Dialect;
use super::parse::{Raw, RawKind, Symbols};
use super::token::Token;
use super::tree::{Kind, Lambda, Node, Pairs, Stage, Symbol, Transform, Tree};
use super::{SyntaxError, deep};
use std::sync::Arc;

pub(super) fn process(raw: Raw, symbols: Symbols, labels: Vec<Symbol>, dialect: Dialect) -> Result<Tree, SyntaxError> {
    let slots = labels.into_iter().map(|label| Slot { label, level: 0 }).collect();
    let mut processor = Processor { symbols, slots, patterns: 0 };
    let root = processor.node(raw)?;
    if matches!(root.kind, Kind::Parent(_)) || !root.seeking().is_empty() {
        return Err(no_parent(root.at));
    }
    let labels = processor.slots.iter().map(|slot| slot.label).collect();
    Ok(Tree { root, symbols: processor.symbols.into_names(), labels, full: dialect == Dialect::Full })
}

pub(super) fn no_parent(at: usize) -> SyntaxError {
    SyntaxError::new("S0217", at, "The object representing the 'parent' cannot be derived from this expression")
}

/// A `%` that looks for its step.
pub(super) struct Slot {
    pub(super) label: Symbol,
    /// How many steps further out it is.
    pub(super) level: u32,
}

pub(super) struct Processor {
    symbols: Symbols,
    pub(super) slots: Vec<Slot>,
    patterns: usize,
}

impl Node {
    pub(super) fn seeking(&self) -> &[usize] {
        self.more.as_ref().map_or(&[], |more| &more.seeking)
    }

    /// The slots that this node leaves open: its own, if it is a `%`, too.
    pub(super) fn open_slots(&self) -> Vec<usize> {
        let mut slots = self.seeking().to_vec();
        if let Kind::Parent(slot) = self.kind {
            slots.push(slot);
        }
        slots
    }

    /// What `inner` looks for further out, this node looks for.
    pub(super) fn hand_on(&mut self, inner: &Node) {
        let slots = inner.open_slots();
        if !slots.is_empty() {
            self.more().seeking.extend(slots);
        }
    }
}

fn path(steps: Vec<Node>, at: usize) -> Node {
    Node::new(Kind::Path { steps, keep_singleton: false }, at)
}

/// Does something to the last step of a path, or to the node itself.
fn with_last_step<T>(node: &mut Node, act: impl FnOnce(&mut Node) -> T) -> T {
    if let Kind::Path { steps, .. } = &mut node.kind
        && let Some(step) = steps.last_mut()
    {
        return act(step);
    }
    act(node)
}

impl Processor {
    pub(super) fn node(&mut self, raw: Raw) -> Result<Node, SyntaxError> {
        deep(|| {
            let keep_array = raw.keep_array;
            let mut node = self.convert(raw)?;
            node.keep_array |= keep_array;
            Ok(node)
        })
    }

    /// The node below `outer`, which looks further out for what that leaves open.
    fn below(&mut self, raw: Raw, open: &mut Vec<usize>) -> Result<Node, SyntaxError> {
        let node = self.node(raw)?;
        open.extend(node.open_slots());
        Ok(node)
    }

    fn all(&mut self, raw: Vec<Raw>, open: &mut Vec<usize>) -> Result<Vec<Node>, SyntaxError> {
        raw.into_iter().map(|raw| self.below(raw, open)).collect()
    }

    fn pairs(&mut self, raw: Vec<(Raw, Raw)>, open: &mut Vec<usize>) -> Result<Pairs, SyntaxError> {
        raw.into_iter().map(|(name, value)| Ok((self.below(name, open)?, self.below(value, open)?))).collect()
    }

    fn convert(&mut self, raw: Raw) -> Result<Node, SyntaxError> {
        let at = raw.at;
        let mut open = Vec::new();
        let kind = match raw.kind {
            RawKind::Leaf(token) => return self.leaf(token, at, raw.keep_array),
            RawKind::Wildcard => Kind::Wildcard,
            RawKind::Descendant => Kind::Descendant,
            RawKind::Parent => {
                let label = self.symbols.symbol(&format!("!{}", self.slots.len()));
                self.slots.push(Slot { label, level: 1 });
                Kind::Parent(self.slots.len() - 1)
            }
            RawKind::Dot(left, right) => return self.dot(*left, *right),
            RawKind::Filter(left, filter) => return self.filter(*left, *filter, at),
            RawKind::Group(left, pairs) => return self.group(*left, pairs, at),
            RawKind::Sort(left, terms) => return self.sort(*left, terms, at),
            RawKind::Focus(left, symbol) => return self.focus(*left, symbol, at, raw.keep_array),
            RawKind::Index(left, symbol) => return self.index(*left, symbol, at),
            RawKind::Bind(symbol, value) => Kind::Bind(symbol, Box::new(self.below(*value, &mut open)?)),
            RawKind::Apply(left, right) => {
                let (left, right) = (self.node(*left)?, self.node(*right)?);
                let keep_array = left.keep_array || right.keep_array;
                let mut node = Node::new(Kind::Apply(Box::new(left), Box::new(right)), at);
                node.keep_array = keep_array;
                return Ok(node);
            }
            RawKind::Binary(operator, left, right) => {
                let left = Box::new(self.below(*left, &mut open)?);
                Kind::Binary(operator, left, Box::new(self.below(*right, &mut open)?))
            }
            RawKind::Negate(inner) => match self.below(*inner, &mut open)? {
                Node { kind: Kind::Number(n), keep_array, more, .. } => {
                    // Filters behind the number stay.
                    let mut node = Node::new(Kind::Number(-n), at);
                    node.keep_array = keep_array;
                    node.more = more;
                    return Ok(node);
                }
                inner => Kind::Negate(Box::new(inner)),
            },
            RawKind::Array(items) => Kind::Array(self.all(items, &mut open)?),
            RawKind::Object(pairs) => Kind::Object(self.pairs(pairs, &mut open)?),
            RawKind::Block(items) => {
                let items = self.all(items, &mut open)?;
                let cons = items.iter().any(|item| {
                    item.cons
                        || matches!(&item.kind, Kind::Path { steps, .. } if steps.first().is_some_and(|step| step.cons))
                });
                let mut node = Node::new(Kind::Block(items), at);
                node.cons = cons;
                if !open.is_empty() {
                    node.more().seeking = open;
                }
                return Ok(node);
            }
            RawKind::Condition(condition, then, otherwise) => {
                let condition = Box::new(self.below(*condition, &mut open)?);
                let then = Box::new(self.below(*then, &mut open)?);
                let otherwise = otherwise.map(|raw| self.below(*raw, &mut open)).transpose()?;
                Kind::Condition(condition, then, otherwise.map(Box::new))
            }
            RawKind::Call(procedure, arguments) => {
                let partial = arguments.iter().any(Option::is_none);
                let arguments = arguments.into_iter().map(|raw| raw.map(|raw| self.below(raw, &mut open)).transpose());
                let arguments: Vec<Option<Node>> = arguments.collect::<Result<_, _>>()?;
                let procedure = Box::new(self.node(*procedure)?);
                if partial {
                    Kind::Partial(procedure, arguments)
                } else {
                    Kind::Call(procedure, arguments.into_iter().flatten().collect())
                }
            }
            RawKind::Lambda { parameters, signature, body } => {
                let body = self.node(*body)?;
                Kind::Lambda(Arc::new(Lambda { parameters, signature, body }))
            }
            RawKind::Transform(pattern, update, delete) => {
                let (pattern, update) = (self.node(*pattern)?, self.node(*update)?);
                let delete = delete.map(|raw| self.node(*raw)).transpose()?;
                Kind::Transform(Arc::new(Transform { pattern, update, delete }))
            }
        };
        let mut node = Node::new(kind, at);
        if !open.is_empty() {
            node.more().seeking = open;
        }
        Ok(node)
    }

    fn leaf(&mut self, token: Token, at: usize, keep_array: bool) -> Result<Node, SyntaxError> {
        let kind = match token {
            Token::Name(name) => return Ok(name_path(name, at, keep_array)),
            Token::Operator(word @ ("and" | "or" | "in")) => return Ok(name_path(word.into(), at, keep_array)),
            Token::Operator(other) => {
                return Err(SyntaxError::new("S0201", at, format!("Syntax error: \"{other}\"")));
            }
            Token::Variable(name) => Kind::Variable(self.symbols.symbol(&name)),
            Token::Text(text) => Kind::Text(text),
            Token::Number(n) => Kind::Number(n),
            Token::Constant(None) => Kind::Null,
            Token::Constant(Some(value)) => Kind::Bool(value),
            Token::Regex { pattern, flags } => {
                self.patterns += 1;
                Kind::Regex(Arc::new(Pattern::new(&pattern, &flags, self.patterns, at)?))
            }
            Token::End => return Err(SyntaxError::new("S0207", at, "Unexpected end of expression")),
        };
        Ok(Node::new(kind, at))
    }

    fn dot(&mut self, left: Raw, right: Raw) -> Result<Node, SyntaxError> {
        let left = self.node(left)?;
        let mut result = match left.kind {
            Kind::Path { .. } => left,
            _ => {
                let open = matches!(left.kind, Kind::Parent(_)).then(|| left.open_slots());
                let begin = left.at;
                let mut result = path(vec![left], begin);
                if let Some(open) = open {
                    result.more().seeking = open;
                }
                result
            }
        };
        let mut rest = self.node(right)?;
        let Kind::Path { steps, keep_singleton } = &mut result.kind else { return Ok(result) };
        match rest.kind {
            Kind::Path { steps: more, .. } => steps.extend(more),
            _ => {
                if let Some(more) = &mut rest.more
                    && !more.predicates.is_empty()
                {
                    let filters = std::mem::take(&mut more.predicates);
                    more.stages = Some(filters.into_iter().map(Stage::Filter).collect());
                }
                steps.push(rest);
            }
        }
        for step in steps.iter_mut() {
            let literal = match &step.kind {
                Kind::Number(n) => super::super::number::text(*n),
                Kind::Bool(value) => value.to_string(),
                Kind::Null => "null".to_owned(),
                Kind::Text(text) => {
                    step.kind = Kind::Name(text.clone());
                    continue;
                }
                _ => continue,
            };
            let message = format!("The literal value {literal} cannot be used as a step within a path expression");
            return Err(SyntaxError::new("S0213", step.at, message));
        }
        *keep_singleton |= steps.iter().any(|step| step.keep_array);
        let last = steps.len() - 1;
        for at in [0, last] {
            if let Some(step) = steps.get_mut(at)
                && matches!(step.kind, Kind::Array(_))
            {
                step.cons = true;
            }
        }
        self.resolve(&mut result)?;
        Ok(result)
    }

    fn filter(&mut self, left: Raw, filter: Raw, at: usize) -> Result<Node, SyntaxError> {
        let mut result = self.node(left)?;
        let is_path = matches!(result.kind, Kind::Path { .. });
        if with_last_step(&mut result, |step| step.group().is_some()) {
            return Err(SyntaxError::new("S0209", at, "A predicate cannot follow a grouping expression in a step"));
        }
        let predicate = self.node(filter)?;
        with_last_step(&mut result, |step| {
            if !predicate.seeking().is_empty() {
                for slot in predicate.seeking() {
                    if self.slots.get(*slot).is_some_and(|slot| slot.level == 1) {
                        self.seek(step, *slot)?;
                    } else if let Some(slot) = self.slots.get_mut(*slot) {
                        slot.level = slot.level.saturating_sub(1);
                    }
                }
                step.hand_on(&predicate);
            }
            if is_path {
                step.more().stages.get_or_insert_default().push(Stage::Filter(predicate));
            } else {
                step.more().predicates.push(predicate);
            }
            Ok(())
        })?;
        Ok(result)
    }

    fn group(&mut self, left: Raw, pairs: Vec<(Raw, Raw)>, at: usize) -> Result<Node, SyntaxError> {
        let mut result = self.node(left)?;
        if result.group().is_some() {
            return Err(SyntaxError::new("S0210", at, "Each step can only have one grouping expression"));
        }
        result.more().group = Some(self.pairs(pairs, &mut Vec::new())?);
        Ok(result)
    }

    fn sort(&mut self, left: Raw, terms: Vec<(bool, Raw)>, at: usize) -> Result<Node, SyntaxError> {
        let mut result = self.node(left)?;
        if !matches!(result.kind, Kind::Path { .. }) {
            let begin = result.at;
            result = path(vec![result], begin);
        }
        let mut open = Vec::new();
        let terms = terms.into_iter().map(|(descending, term)| Ok((descending, self.below(term, &mut open)?)));
        let mut step = Node::new(Kind::Sort(terms.collect::<Result<_, SyntaxError>>()?), at);
        if !open.is_empty() {
            step.more().seeking = open;
        }
        if let Kind::Path { steps, .. } = &mut result.kind {
            steps.push(step);
        }
        self.resolve(&mut result)?;
        Ok(result)
    }

    fn focus(&mut self, left: Raw, symbol: Symbol, at: usize, keep_array: bool) -> Result<Node, SyntaxError> {
        let mut result = self.node(left)?;
        with_last_step(&mut result, |step| {
            if step.stages().is_some() || !step.predicates().is_empty() {
                let message = "A context variable binding must precede any predicates on a step";
                return Err(SyntaxError::new("S0215", at, message));
            }
            if matches!(step.kind, Kind::Sort(_)) {
                let message = "A context variable binding must precede the 'order-by' clause on a step";
                return Err(SyntaxError::new("S0216", at, message));
            }
            step.keep_array |= keep_array;
            step.more().focus = Some(symbol);
            step.tuple = true;
            Ok(())
        })?;
        Ok(result)
    }

    fn index(&mut self, left: Raw, symbol: Symbol, at: usize) -> Result<Node, SyntaxError> {
        let mut result = self.node(left)?;
        if !matches!(result.kind, Kind::Path { .. }) {
            if let Some(more) = &mut result.more
                && !more.predicates.is_empty()
            {
                let filters = std::mem::take(&mut more.predicates);
                more.stages = Some(filters.into_iter().map(Stage::Filter).collect());
            }
            result = path(vec![result], at);
        }
        with_last_step(&mut result, |step| {
            step.tuple = true;
            let more = step.more();
            match &mut more.stages {
                Some(stages) => stages.push(Stage::Index(symbol)),
                None => more.index = Some(symbol),
            }
        });
        Ok(result)
    }
}

fn name_path(name: Arc<str>, at: usize, keep_array: bool) -> Node {
    let mut step = Node::new(Kind::Name(name), at);
    step.keep_array = keep_array;
    Node::new(Kind::Path { steps: vec![step], keep_singleton: keep_array }, at)
}
