//! What an expression reads: variables, members of `$states`, functions.

use super::walk::each_child;
use jsonata_core::ast::{AstNode, BinaryOp, PathStep, Stage};
use jsonata_core::value::with_stack;
use std::collections::BTreeSet;

/// A member of the reserved variable `$states`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Member {
    /// `$states.input`
    Input,
    /// `$states.context`
    Context,
    /// `$states.result`
    Result,
    /// `$states.errorOutput`
    ErrorOutput,
}

impl Member {
    /// All of them, in the order in which `$states` shows them.
    pub const ALL: [Member; 4] = [Member::Input, Member::Context, Member::Result, Member::ErrorOutput];

    /// The name, without `$states.`.
    pub const fn name(self) -> &'static str {
        match self {
            Member::Input => "input",
            Member::Context => "context",
            Member::Result => "result",
            Member::ErrorOutput => "errorOutput",
        }
    }

    /// The member of this name.
    pub fn from_name(name: &str) -> Option<Member> {
        Member::ALL.into_iter().find(|member| member.name() == name)
    }
}

/// What an expression reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reads {
    /// Variables that the expression does not bind itself, without `$`, sorted; not `states`, not functions of the
    /// language.
    pub variables: Vec<String>,
    /// Functions called by a name that is neither bound by the expression nor a function of the language.
    pub unknown_functions: Vec<String>,
    /// Members of `$states` that are read by name.
    pub members: Vec<Member>,
    /// Names after `$states.` that are no member of it.
    pub unknown_members: Vec<String>,
    /// Whether `$states` is read in another way than by the name of a member, so that all of it is needed.
    pub whole_states: bool,
    /// Whether the implicit input is read at the top level (`$`, `$$`, a bare name): it is not there in a state machine.
    pub implicit_input: bool,
    /// Every name behind a `$`, bound or not, called or not.
    pub(super) names: BTreeSet<String>,
    /// Names that the expression binds.
    pub(super) bound: BTreeSet<String>,
}

pub(super) fn reads(node: &AstNode) -> Reads {
    let mut walker = Walker { scopes: vec![Vec::new()], reads: Reads::default(), below: 0 };
    walker.node(node);
    let mut reads = walker.reads;
    for list in [&mut reads.variables, &mut reads.unknown_functions, &mut reads.unknown_members] {
        list.sort();
        list.dedup();
    }
    reads.members.sort();
    reads.members.dedup();
    reads
}

struct Walker {
    scopes: Vec<Vec<String>>,
    reads: Reads,
    /// How many steps, filters and functions give `$` another meaning here.
    below: usize,
}

impl Walker {
    fn is_bound(&self, name: &str) -> bool {
        self.scopes.iter().any(|scope| scope.iter().any(|bound| bound == name))
    }

    fn bind(&mut self, name: &str) {
        self.reads.bound.insert(name.to_owned());
        if let Some(scope) = self.scopes.last_mut() {
            scope.push(name.to_owned());
        }
    }

    fn variable(&mut self, name: &str) {
        if name.is_empty() || name == "$" {
            self.reads.implicit_input |= self.below == 0;
            return;
        }
        self.reads.names.insert(name.to_owned());
        if self.is_bound(name) {
            return;
        }
        match name {
            "states" => self.reads.whole_states = true,
            _ if super::functions::is_function(name) => {}
            _ => self.reads.variables.push(name.to_owned()),
        }
    }

    fn inside<'n>(&mut self, nodes: impl IntoIterator<Item = &'n AstNode>) {
        self.below += 1;
        nodes.into_iter().for_each(|node| self.node(node));
        self.below -= 1;
    }

    fn node(&mut self, node: &AstNode) {
        with_stack(|| self.visit(node));
    }

    fn visit(&mut self, node: &AstNode) {
        match node {
            AstNode::Variable(name) => self.variable(name),
            AstNode::ParentVariable(_) => self.reads.implicit_input = true,
            AstNode::Name(_) | AstNode::Wildcard | AstNode::Descendant => {
                self.reads.implicit_input |= self.below == 0;
            }
            AstNode::Path { steps } => self.path(steps),
            AstNode::Function { name, args, is_builtin } => {
                if *is_builtin {
                    self.reads.names.insert(name.clone());
                    if !self.is_bound(name) && !super::functions::is_function(name) {
                        // It may be a function that a variable holds: variables of a state machine never do.
                        self.reads.unknown_functions.push(name.clone());
                    }
                }
                args.iter().for_each(|arg| self.node(arg));
            }
            AstNode::Lambda { params, body, .. } => {
                self.scopes.push(Vec::new());
                params.iter().for_each(|param| self.bind(param));
                // A function may be called on anything: `$` in it is not the implicit input for certain.
                self.inside([&**body]);
                self.scopes.pop();
            }
            AstNode::Block(items) => {
                self.scopes.push(Vec::new());
                items.iter().for_each(|item| self.node(item));
                self.scopes.pop();
            }
            AstNode::Binary { op: BinaryOp::ColonEqual, lhs, rhs } => {
                let AstNode::Variable(name) = &**lhs else {
                    self.node(rhs);
                    return;
                };
                let recursive = matches!(**rhs, AstNode::Lambda { .. });
                if recursive {
                    self.bind(name);
                }
                self.node(rhs);
                if !recursive {
                    self.bind(name);
                }
                self.reads.names.insert(name.clone());
            }
            AstNode::ObjectTransform { input, pattern } => {
                self.node(input);
                self.inside(pattern.iter().flat_map(|(key, value)| [key, value]));
            }
            AstNode::Sort { input, terms } => {
                self.node(input);
                self.inside(terms.iter().map(|(term, _)| term));
            }
            AstNode::Transform { location, update, delete } => {
                self.inside([&**location, &**update]);
                if let Some(delete) = delete {
                    self.inside([&**delete]);
                }
            }
            other => {
                let mut children = Vec::new();
                each_child(other, &mut |child| children.push(child));
                children.into_iter().for_each(|child| self.node(child));
            }
        }
    }

    fn path(&mut self, steps: &[PathStep]) {
        let mut rest = steps.iter();
        let mut entered = 0;
        if let [first, second, ..] = steps
            && matches!(&first.node, AstNode::Variable(name) if name == "states")
            && first.stages.is_empty()
            && first.focus.is_none()
            && !self.is_bound("states")
            && let AstNode::Name(member) = &second.node
        {
            self.reads.names.insert("states".to_owned());
            match Member::from_name(member) {
                Some(member) => self.reads.members.push(member),
                None => self.reads.unknown_members.push(member.clone()),
            }
            rest.next();
            entered = 1;
            self.below += 1;
        }
        for step in rest {
            self.node(&step.node);
            if entered == 0 {
                entered = 1;
                self.below += 1;
            }
            for name in step.focus.iter().chain(&step.index_var) {
                self.bind(name);
            }
            for stage in &step.stages {
                match stage {
                    Stage::Filter(filter) => self.node(filter),
                    Stage::Index(name) => self.bind(name),
                    Stage::KeepArray => {}
                }
            }
        }
        // The stages of `second` above.
        self.below -= entered;
    }
}
