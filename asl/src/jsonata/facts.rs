//! What the text of an error may name: functions that an expression calls, operators that it compares with.

use super::walk::each_child;
use jsonata_core::ast::{AstNode, BinaryOp};

/// Collected when an expression is read, before its tree is rewritten.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Names and numbers of arguments, the piped one included.
    calls: Vec<(String, usize)>,
    comparisons: Vec<&'static str>,
}

impl Facts {
    pub(super) fn of(tree: &AstNode) -> Facts {
        let mut facts = Facts::default();
        facts.collect(tree, 0);
        facts
    }

    fn collect(&mut self, node: &AstNode, piped: usize) {
        match node {
            AstNode::Function { name, args, is_builtin: true } => {
                let call = (name.clone(), args.len() + piped);
                if super::functions::is_function(name) && !self.calls.contains(&call) {
                    self.calls.push(call);
                }
            }
            // Called by another, with arguments that it chooses.
            AstNode::Variable(name) if super::functions::is_function(name) => {
                self.calls.push((name.clone(), usize::MAX));
            }
            AstNode::Binary { op, lhs, rhs } => {
                let operator = match op {
                    BinaryOp::LessThan => "<",
                    BinaryOp::LessThanOrEqual => "<=",
                    BinaryOp::GreaterThan => ">",
                    BinaryOp::GreaterThanOrEqual => ">=",
                    BinaryOp::ChainPipe => {
                        self.collect(lhs, 0);
                        self.collect(rhs, 1);
                        return;
                    }
                    _ => "",
                };
                if !operator.is_empty() && !self.comparisons.contains(&operator) {
                    self.comparisons.push(operator);
                }
            }
            _ => {}
        }
        each_child(node, &mut |child| self.collect(child, 0));
    }

    /// The function that must be meant by an error in this argument, if only one can be.
    pub(super) fn function(&self, argument: usize) -> Option<&str> {
        let one = |least: usize| {
            let mut calls = self.calls.iter().filter(|(_, arguments)| *arguments >= least);
            let (name, _) = calls.next()?;
            calls.all(|(other, _)| other == name).then_some(name.as_str())
        };
        one(0).or_else(|| one(argument))
    }

    /// The operator that must be meant, if only one is used.
    pub(super) fn comparison(&self) -> Option<&'static str> {
        match self.comparisons[..] {
            [operator] => Some(operator),
            _ => None,
        }
    }
}
