//! An expression's tree, rewritten so that what makes texts and lists reports to the [`Meter`](super::meter::Meter).
//!
//! Guard functions have names that cannot be written (`!made`), so that an expression can neither call nor hide them.

use super::walk::{each_child, each_child_mut};
use jsonata_core::ast::{AstNode, BinaryOp, PathStep, Stage};
use jsonata_core::value::with_stack;
use std::collections::BTreeSet;

/// Functions whose result is a new text or list.
const MAKERS: [&str; 35] = [
    "append",
    "base64decode",
    "base64encode",
    "decodeUrl",
    "decodeUrlComponent",
    "distinct",
    "each",
    "encodeUrl",
    "encodeUrlComponent",
    "filter",
    "formatBase",
    "formatInteger",
    "formatNumber",
    "join",
    "keys",
    "lowercase",
    "map",
    "match",
    "merge",
    "pad",
    "partition",
    "parse",
    "range",
    "replace",
    "reverse",
    "shuffle",
    "sift",
    "sort",
    "split",
    "spread",
    "string",
    "substring",
    "trim",
    "uppercase",
    "zip",
];

/// Functions of one text that make a text: passed by name to `$map`, they are called through a function of ours.
const TEXT_TO_TEXT: [&str; 9] = [
    "base64decode",
    "base64encode",
    "decodeUrl",
    "decodeUrlComponent",
    "encodeUrl",
    "encodeUrlComponent",
    "lowercase",
    "trim",
    "uppercase",
];

/// What takes a function and calls it for each item.
const CALLERS: [&str; 3] = ["map", "each", "single"];

pub(super) fn guarded(mut node: AstNode, bound: &BTreeSet<String>) -> AstNode {
    let constructors = constructor_steps(&node);
    let guard = Guard { bound, constructors: constructors > 1 };
    guard.node(&mut node, Place::Alone);
    node
}

/// Where a node stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Its value is its own.
    Alone,
    /// On the right of `~>`: it is given one more argument.
    Piped,
    /// On the left of `~>`.
    Pipe,
    /// Before a filter.
    Staged,
}

struct Guard<'b> {
    bound: &'b BTreeSet<String>,
    constructors: bool,
}

impl Guard<'_> {
    fn node(&self, node: &mut AstNode, place: Place) {
        with_stack(|| self.rewrite(node, place));
    }

    fn rewrite(&self, node: &mut AstNode, place: Place) {
        match &mut *node {
            AstNode::Binary { op: BinaryOp::ChainPipe, lhs, rhs } => {
                self.node(lhs, Place::Pipe);
                self.node(rhs, Place::Piped);
                if let AstNode::Function { name, args, .. } = &mut **rhs {
                    self.arguments(name, Some(lhs), args);
                }
            }
            AstNode::Function { name, args, .. } => {
                let by_name = CALLERS.contains(&name.as_str()) && self.is_builtin(name);
                for argument in args.iter_mut() {
                    self.node(argument, Place::Alone);
                    if by_name {
                        self.by_name(argument);
                    }
                }
                if place != Place::Piped {
                    self.arguments(name, None, args);
                }
            }
            AstNode::Path { steps } => {
                for step in steps.iter_mut() {
                    self.step(step);
                }
            }
            other => each_child_mut(other, &mut |child| self.node(child, Place::Alone)),
        }
        match &mut *node {
            AstNode::Binary { op: BinaryOp::Concatenate, lhs, rhs } => {
                let (lhs, rhs) = (take(lhs), take(rhs));
                *node = call("!concat", vec![lhs, rhs]);
            }
            AstNode::Binary { op: BinaryOp::Range, lhs, rhs } => {
                wrap("!from", lhs);
                wrap("!to", rhs);
            }
            AstNode::Binary { op: BinaryOp::ColonEqual, rhs, .. } => keep(rhs),
            AstNode::Lambda { body, .. } => self.results(body),
            AstNode::Object(pairs) => pairs.iter_mut().for_each(|(_, value)| count(value)),
            AstNode::Array(items) | AstNode::ArrayGroup(items) => items.iter_mut().for_each(count),
            AstNode::Binary { op: BinaryOp::ChainPipe, .. } if place == Place::Alone => wrap("!made", node),
            AstNode::Function { name, args, .. }
                if matches!(place, Place::Alone | Place::Pipe)
                    && MAKERS.contains(&name.as_str())
                    && !args.iter().any(|argument| matches!(argument, AstNode::Placeholder)) =>
            {
                wrap("!made", node);
            }
            _ => {}
        }
    }

    fn step(&self, step: &mut PathStep) {
        // Filters and `[]` look at what the step gives as it is.
        self.node(&mut step.node, if step.stages.is_empty() { Place::Alone } else { Place::Staged });
        for stage in &mut step.stages {
            if let Stage::Filter(filter) = stage {
                self.node(filter, Place::Alone);
            }
        }
        // Steps that each make two of one value make a thousand of ten of them.
        if self.constructors && step.stages.is_empty() && matches!(step.node, AstNode::Object(_)) {
            wrap("!kept", &mut step.node);
        }
    }

    fn is_builtin(&self, name: &str) -> bool {
        !self.bound.contains(name)
    }

    /// Arguments that decide how much a function makes. `piped` comes before the others.
    fn arguments(&self, name: &str, piped: Option<&mut AstNode>, args: &mut [AstNode]) {
        if args.iter().any(|argument| matches!(argument, AstNode::Placeholder)) {
            return;
        }
        let mut all: Vec<&mut AstNode> = piped.into_iter().chain(args.iter_mut()).collect();
        match (name, all.as_mut_slice()) {
            ("string", [value, ..]) => wrap("!string", value),
            ("pad", [text, width, ..]) => {
                wrap("!padded", text);
                wrap("!width", width);
            }
            ("pad", [width]) => wrap("!width1", width),
            ("distinct", [list]) => wrap("!distinct", list),
            ("join", [list]) => wrap("!join1", list),
            ("join", [list, separator]) => {
                wrap("!join", list);
                wrap("!joined", separator);
            }
            ("replace", [text, pattern, replacement, ..]) => {
                wrap("!in", text);
                wrap("!pattern", pattern);
                wrap("!replacement", replacement);
            }
            ("match", [text, pattern, ..]) => {
                wrap("!in", text);
                wrap("!matched", pattern);
            }
            ("formatInteger", [number, picture]) => {
                wrap("!integer", number);
                wrap("!picture", picture);
            }
            _ => {}
        }
    }

    /// `$map(list, $uppercase)` as `$map(list, function($x) { $uppercase($x) })`.
    fn by_name(&self, argument: &mut AstNode) {
        if let AstNode::Variable(name) = argument
            && TEXT_TO_TEXT.contains(&name.as_str())
            && self.is_builtin(name)
        {
            let mut body = call(name, vec![AstNode::Variable("!1".to_owned())]);
            wrap("!made", &mut body);
            *argument =
                AstNode::Lambda { params: vec!["!1".to_owned()], body: Box::new(body), signature: None, thunk: false };
        }
    }

    /// What a function returns, without touching calls in tail position: they are not to nest, and what they return
    /// was counted where it was made.
    fn results(&self, body: &mut AstNode) {
        with_stack(|| match body {
            AstNode::Conditional { then_branch, else_branch, .. } => {
                self.results(then_branch);
                if let Some(branch) = else_branch {
                    self.results(branch);
                }
            }
            AstNode::Block(items) => {
                if let Some(last) = items.last_mut() {
                    self.results(last);
                }
            }
            other => keep(other),
        });
    }
}

/// A value that stays: what it would be written out is counted.
fn keep(node: &mut AstNode) {
    if matches!(
        node,
        AstNode::Path { .. }
            | AstNode::Object(_)
            | AstNode::Array(_)
            | AstNode::ObjectTransform { .. }
            | AstNode::Sort { .. }
            | AstNode::Wildcard
            | AstNode::Descendant
    ) {
        wrap("!kept", node);
    }
}

/// A value inside one that is being built: a path may have made a list for it.
fn count(node: &mut AstNode) {
    if let AstNode::Path { steps } = node
        && (steps.len() > 1 || steps.iter().any(|step| step.stages.iter().any(|s| matches!(s, Stage::Filter(_)))))
        && !steps.iter().any(|step| step.is_tuple || step.focus.is_some() || step.index_var.is_some())
    {
        wrap("!made", node);
    }
}

/// Steps of paths that build objects.
fn constructor_steps(node: &AstNode) -> usize {
    let mut found = match node {
        AstNode::Path { steps } => steps.iter().filter(|step| matches!(step.node, AstNode::Object(_))).count(),
        _ => 0,
    };
    each_child(node, &mut |child| found += constructor_steps(child));
    found
}

fn take(node: &mut AstNode) -> AstNode {
    std::mem::replace(node, AstNode::Undefined)
}

fn wrap(function: &str, node: &mut AstNode) {
    let inner = take(node);
    *node = call(function, vec![inner]);
}

fn call(function: &str, args: Vec<AstNode>) -> AstNode {
    AstNode::Function { name: function.to_owned(), args, is_builtin: true }
}

/// The guard functions that a tree calls.
pub(super) fn names(node: &AstNode, found: &mut BTreeSet<String>) {
    if let AstNode::Function { name, .. } = node
        && name.starts_with('!')
    {
        found.insert(name.clone());
    }
    each_child(node, &mut |child| names(child, found));
}
