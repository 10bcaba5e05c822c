//! What an expression reads: variables, members of `$states`, functions.

use super::syntax::{CONTEXT, Kind, Node, ROOT, Symbol, Tree, deep};
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
}

pub(super) fn reads(tree: &Tree) -> Reads {
    let mut walker = Walker { tree, scopes: vec![Vec::new()], reads: Reads::default(), below: 0 };
    walker.node(&tree.root);
    let mut reads = walker.reads;
    for list in [&mut reads.variables, &mut reads.unknown_functions, &mut reads.unknown_members] {
        list.sort();
        list.dedup();
    }
    reads.members.sort();
    reads.members.dedup();
    reads
}

struct Walker<'t> {
    tree: &'t Tree,
    scopes: Vec<Vec<Symbol>>,
    reads: Reads,
    /// How many steps, filters and functions give `$` another meaning here.
    below: usize,
}

impl<'t> Walker<'t> {
    fn name(&self, symbol: Symbol) -> &'t str {
        self.tree.symbols.get(symbol as usize).map_or("", |name| name)
    }

    fn is_bound(&self, symbol: Symbol) -> bool {
        self.scopes.iter().any(|scope| scope.contains(&symbol))
    }

    fn bind(&mut self, symbol: Symbol) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.push(symbol);
        }
    }

    fn variable(&mut self, symbol: Symbol, called: bool) {
        if matches!(symbol, CONTEXT | ROOT) {
            self.reads.implicit_input |= self.below == 0 || symbol == ROOT;
            return;
        }
        let name = self.name(symbol);
        self.reads.names.insert(name.to_owned());
        if self.is_bound(symbol) || super::functions::is_function(name) {
            return;
        }
        match name {
            "states" => self.reads.whole_states = true,
            // It may be a function that a variable holds: variables of a state machine never do.
            _ if called => self.reads.unknown_functions.push(name.to_owned()),
            _ => self.reads.variables.push(name.to_owned()),
        }
    }

    fn inside<'n>(&mut self, nodes: impl IntoIterator<Item = &'n Node>) {
        self.below += 1;
        nodes.into_iter().for_each(|node| self.node(node));
        self.below -= 1;
    }

    fn node(&mut self, node: &Node) {
        deep(|| self.visit(node));
    }

    fn visit(&mut self, node: &Node) {
        match &node.kind {
            Kind::Variable(symbol) => self.variable(*symbol, false),
            Kind::Name(_) | Kind::Wildcard | Kind::Descendant => self.reads.implicit_input |= self.below == 0,
            Kind::Path { steps, .. } => self.path(steps),
            Kind::Call(procedure, _) | Kind::Partial(procedure, _) => {
                match procedure.kind {
                    Kind::Variable(symbol) => self.variable(symbol, true),
                    // `f(x)` calls nothing, and says so when it is evaluated.
                    Kind::Path { .. } if procedure.more.is_none() => {}
                    _ => self.node(procedure),
                }
                match &node.kind {
                    Kind::Call(_, arguments) => arguments.iter().for_each(|argument| self.node(argument)),
                    Kind::Partial(_, arguments) => arguments.iter().flatten().for_each(|argument| self.node(argument)),
                    _ => {}
                }
            }
            Kind::Lambda(lambda) => {
                self.scopes.push(lambda.parameters.clone());
                // A function may be called on anything: `$` in it is not the implicit input for certain.
                self.inside([&lambda.body]);
                self.scopes.pop();
            }
            Kind::Block(items) => {
                self.scopes.push(Vec::new());
                items.iter().for_each(|item| self.node(item));
                self.scopes.pop();
            }
            Kind::Bind(symbol, value) => {
                let recursive = matches!(value.kind, Kind::Lambda(_));
                if recursive {
                    self.bind(*symbol);
                }
                self.node(value);
                if !recursive {
                    self.bind(*symbol);
                }
                let name = self.name(*symbol).to_owned();
                self.reads.names.insert(name);
            }
            Kind::Sort(terms) => self.inside(terms.iter().map(|(_, term)| term)),
            Kind::Transform(transform) => {
                self.inside([&transform.pattern, &transform.update].into_iter().chain(&transform.delete));
            }
            _ => {
                let mut children = Vec::new();
                node.each_child(&mut |child| children.push(child));
                let hanging = self.hanging(node);
                let own = children.len() - hanging.len();
                children.truncate(own);
                children.into_iter().for_each(|child| self.node(child));
            }
        }
        let hanging = self.hanging(node);
        self.inside(hanging);
    }

    /// Filters, bindings and groups of a node: `$` is another value in them.
    fn hanging<'n>(&mut self, node: &'n Node) -> Vec<&'n Node> {
        let Some(more) = &node.more else { return Vec::new() };
        for symbol in more.focus.iter().chain(&more.index) {
            if !self.is_bound(*symbol) {
                self.bind(*symbol);
            }
        }
        let mut found: Vec<&Node> = more.predicates.iter().collect();
        for stage in more.stages.iter().flatten() {
            match stage {
                super::syntax::Stage::Filter(filter) => found.push(filter),
                super::syntax::Stage::Index(symbol) if !self.is_bound(*symbol) => self.bind(*symbol),
                super::syntax::Stage::Index(_) => {}
            }
        }
        found.extend(more.group.iter().flatten().flat_map(|(name, value)| [name, value]));
        found
    }

    fn path(&mut self, steps: &[Node]) {
        let mut rest = steps.iter();
        let mut entered = 0;
        if let [first, second, ..] = steps
            && let Kind::Variable(symbol) = first.kind
            && self.name(symbol) == "states"
            && !self.is_bound(symbol)
            && first.more.is_none()
            && let Kind::Name(member) = &second.kind
        {
            self.reads.names.insert("states".to_owned());
            match Member::from_name(member) {
                Some(member) => self.reads.members.push(member),
                None => self.reads.unknown_members.push(member.to_string()),
            }
            rest.next();
            entered = 1;
            self.below += 1;
        }
        for step in rest {
            self.node(step);
            if entered == 0 {
                entered = 1;
                self.below += 1;
            }
        }
        self.below -= entered;
    }
}
