//! An expression as a tree: what is evaluated.
//!
//! Steps of one path lie side by side, filters hang on the step they belong to, and `%` is resolved to the step whose
//! input it means.

use super::super::pattern::Pattern;
use super::super::signature::Signature;
use std::sync::Arc;

/// A name in the table of the expression: `$x` is looked up by number.
pub(in super::super) type Symbol = u32;

/// `$`, the context.
pub(in super::super) const CONTEXT: Symbol = 0;
/// `$$`, the input.
pub(in super::super) const ROOT: Symbol = 1;

/// A whole expression.
#[derive(Debug)]
pub(in super::super) struct Tree {
    pub(in super::super) root: Node,
    /// Names by symbol, without `$`.
    pub(in super::super) symbols: Vec<Arc<str>>,
    /// By the number of a slot: under which symbol the parent is bound.
    pub(in super::super) labels: Vec<Symbol>,
    /// Read in the full dialect.
    pub(in super::super) full: bool,
}

/// One node.
#[derive(Debug)]
pub(in super::super) struct Node {
    pub(in super::super) kind: Kind,
    /// Where it begins: bytes from the start of the expression.
    pub(in super::super) at: usize,
    /// `[]`: the value stays a list.
    pub(in super::super) keep_array: bool,
    /// A list that is built as a step: it is not flattened.
    pub(in super::super) cons: bool,
    /// Its values carry what was bound on the way (`@`, `#`, `%`).
    pub(in super::super) tuple: bool,
    /// What most nodes do not have.
    pub(in super::super) more: Option<Box<More>>,
}

/// What hangs on some nodes.
#[derive(Debug, Default)]
pub(in super::super) struct More {
    /// Filters of a node that is no step.
    pub(in super::super) predicates: Vec<Node>,
    /// Filters and index bindings of a step.
    pub(in super::super) stages: Option<Vec<Stage>>,
    /// `{…}` behind it.
    pub(in super::super) group: Option<Pairs>,
    /// `@$x`
    pub(in super::super) focus: Option<Symbol>,
    /// `#$x`
    pub(in super::super) index: Option<Symbol>,
    /// The slot of the `%` that means the input of this step.
    pub(in super::super) ancestor: Option<usize>,
    /// Slots that look for their step further out.
    pub(in super::super) seeking: Vec<usize>,
}

#[derive(Debug)]
pub(in super::super) enum Stage {
    Filter(Node),
    Index(Symbol),
}

/// Names and values of an object that is built.
pub(in super::super) type Pairs = Vec<(Node, Node)>;

#[derive(Debug)]
pub(in super::super) enum Kind {
    Text(Arc<str>),
    Number(f64),
    Bool(bool),
    Null,
    Name(Arc<str>),
    Variable(Symbol),
    Regex(Arc<Pattern>),
    Wildcard,
    Descendant,
    /// `%`, with its slot.
    Parent(usize),
    Path {
        steps: Vec<Node>,
        keep_singleton: bool,
    },
    /// A step `^(…)`; whether a term is descending.
    Sort(Vec<(bool, Node)>),
    Binary(Operator, Box<Node>, Box<Node>),
    Negate(Box<Node>),
    Array(Vec<Node>),
    Object(Pairs),
    Block(Vec<Node>),
    Bind(Symbol, Box<Node>),
    Condition(Box<Node>, Box<Node>, Option<Box<Node>>),
    /// `a ~> b`
    Apply(Box<Node>, Box<Node>),
    Call(Box<Node>, Vec<Node>),
    /// A call with `?` among its arguments, which are `None`.
    Partial(Box<Node>, Vec<Option<Node>>),
    Lambda(Arc<Lambda>),
    Transform(Arc<Transform>),
}

#[derive(Debug)]
pub(in super::super) struct Lambda {
    pub(in super::super) parameters: Vec<Symbol>,
    pub(in super::super) signature: Option<Signature>,
    pub(in super::super) body: Node,
}

/// `|pattern|update, delete|`
#[derive(Debug)]
pub(in super::super) struct Transform {
    pub(in super::super) pattern: Node,
    pub(in super::super) update: Node,
    pub(in super::super) delete: Option<Node>,
}

/// An operator between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Concatenate,
    Range,
    In,
    And,
    Or,
}

impl Operator {
    /// As it is written.
    pub(in super::super) fn text(self) -> &'static str {
        match self {
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Multiply => "*",
            Operator::Divide => "/",
            Operator::Modulo => "%",
            Operator::Equal => "=",
            Operator::NotEqual => "!=",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::Concatenate => "&",
            Operator::Range => "..",
            Operator::In => "in",
            Operator::And => "and",
            Operator::Or => "or",
        }
    }
}

impl Node {
    pub(super) fn new(kind: Kind, at: usize) -> Node {
        Node { kind, at, keep_array: false, cons: false, tuple: false, more: None }
    }

    pub(super) fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    pub(in super::super) fn focus(&self) -> Option<Symbol> {
        self.more.as_ref()?.focus
    }

    pub(in super::super) fn stages(&self) -> Option<&[Stage]> {
        self.more.as_ref()?.stages.as_deref()
    }

    pub(in super::super) fn predicates(&self) -> &[Node] {
        self.more.as_ref().map_or(&[], |more| &more.predicates)
    }

    pub(in super::super) fn group(&self) -> Option<&Pairs> {
        self.more.as_ref()?.group.as_ref()
    }

    /// Calls `visit` with every node directly below this one.
    pub(in super::super) fn each_child<'n>(&'n self, visit: &mut dyn FnMut(&'n Node)) {
        match &self.kind {
            Kind::Path { steps: nodes, .. } | Kind::Array(nodes) | Kind::Block(nodes) => {
                nodes.iter().for_each(&mut *visit)
            }
            Kind::Sort(terms) => terms.iter().for_each(|(_, term)| visit(term)),
            Kind::Binary(_, left, right) | Kind::Apply(left, right) => {
                visit(left);
                visit(right);
            }
            Kind::Negate(inner) | Kind::Bind(_, inner) => visit(inner),
            Kind::Object(pairs) => pairs.iter().for_each(|(name, value)| {
                visit(name);
                visit(value);
            }),
            Kind::Condition(condition, then, otherwise) => {
                visit(condition);
                visit(then);
                otherwise.iter().for_each(|node| visit(node));
            }
            Kind::Call(procedure, arguments) => {
                visit(procedure);
                arguments.iter().for_each(&mut *visit);
            }
            Kind::Partial(procedure, arguments) => {
                visit(procedure);
                arguments.iter().flatten().for_each(&mut *visit);
            }
            Kind::Lambda(lambda) => visit(&lambda.body),
            Kind::Transform(transform) => {
                visit(&transform.pattern);
                visit(&transform.update);
                transform.delete.iter().for_each(&mut *visit);
            }
            Kind::Text(_)
            | Kind::Number(_)
            | Kind::Bool(_)
            | Kind::Null
            | Kind::Name(_)
            | Kind::Variable(_)
            | Kind::Regex(_)
            | Kind::Wildcard
            | Kind::Descendant
            | Kind::Parent(_) => {}
        }
        let Some(more) = &self.more else { return };
        more.predicates.iter().for_each(&mut *visit);
        for stage in more.stages.iter().flatten() {
            if let Stage::Filter(filter) = stage {
                visit(filter);
            }
        }
        more.group.iter().flatten().for_each(|(name, value)| {
            visit(name);
            visit(value);
        });
    }
}
