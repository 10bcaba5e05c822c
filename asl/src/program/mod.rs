//! A compiled state machine: names resolved to ids, every path, template and rule parsed once.
//!
//! A [`Program`] is only made by [`crate::compile`]: what is in it has been checked.

mod choice;
mod distributed;
mod error_match;
mod field;
mod flow;
mod path_use;
mod retry;
mod state;
mod template;

pub use choice::{Comparator, Comparison, Condition, Operand, Relation, Rule, Test, TypeTest, When};
pub use distributed::{
    Distributed, InputType, ItemBatcher, ItemReader, ManifestType, PercentageField, ReaderConfig, ResultWriter,
    Transformation,
};
pub use error_match::ErrorPattern;
pub use field::{IntegerField, Pick, ResultPath, TextField};
pub use flow::{Flow, JsonataExit, JsonataFlow, PathFlow, Payload, View};
pub use path_use::{ExpressionUse, PathUse};
pub use retry::Retrier;
pub use state::{
    CatchFlow, Catcher, Choice, Effect, Fail, Items, Map, Next, Parallel, QueryLanguage, State, StateKind, Task, Wait,
};
pub use template::Template;

use crate::syntax::Document;
use std::sync::Arc;

/// Number of a state within its program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StateId(pub(crate) u32);

/// Number of a machine (the outermost one, a branch, an item processor) within its program; the outermost is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MachineId(pub(crate) u32);

impl StateId {
    /// The number as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl MachineId {
    /// The outermost machine.
    pub const ROOT: MachineId = MachineId(0);

    /// The number as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A list of states with a start: the outermost machine, a branch of a Parallel, the processor of a Map.
#[derive(Debug)]
pub struct Machine {
    /// Where it starts.
    pub start: StateId,
    /// Its states, in the order of the definition.
    pub states: Vec<StateId>,
    /// The Parallel or Map state that it belongs to.
    pub owner: Option<StateId>,
}

/// A checked and compiled definition.
#[derive(Debug)]
pub struct Program {
    pub(crate) document: Document,
    pub(crate) paths: Vec<PathUse>,
    pub(crate) expressions: Vec<ExpressionUse>,
    pub(crate) hash: String,
    pub(crate) comment: Option<Arc<str>>,
    pub(crate) timeout_seconds: Option<u64>,
    pub(crate) language: QueryLanguage,
    pub(crate) machines: Vec<Machine>,
    pub(crate) states: Vec<State>,
}

impl Program {
    /// The definition as it was given, before substitution.
    pub fn text(&self) -> &Arc<str> {
        self.document.text()
    }

    /// The definition as a tree with places, after substitution.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Every path of the definition in the order in which they were written within a state, those within calls of
    /// intrinsic functions included; without result paths, which read nothing.
    pub fn paths(&self) -> &[PathUse] {
        &self.paths
    }

    /// Every JSONata expression of the definition in the order in which they were written within a state.
    pub fn expressions(&self) -> &[ExpressionUse] {
        &self.expressions
    }

    /// SHA-256 of the definition after substitution, hexadecimal. Journals name the program by it.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The `Comment` of the definition.
    pub fn comment(&self) -> Option<&str> {
        self.comment.as_deref()
    }

    /// Seconds until an execution times out.
    pub fn timeout_seconds(&self) -> Option<u64> {
        self.timeout_seconds
    }

    /// The query language of states that do not name their own.
    pub fn language(&self) -> QueryLanguage {
        self.language
    }

    /// The outermost machine.
    pub fn root(&self) -> &Machine {
        self.machine(MachineId::ROOT)
    }

    /// A machine of this program.
    #[expect(clippy::indexing_slicing, reason = "ids are only made by the compiler, for the program that holds them")]
    pub fn machine(&self, id: MachineId) -> &Machine {
        &self.machines[id.index()]
    }

    /// A state of this program.
    #[expect(clippy::indexing_slicing, reason = "ids are only made by the compiler, for the program that holds them")]
    pub fn state(&self, id: StateId) -> &State {
        &self.states[id.index()]
    }

    /// All machines, the outermost first.
    pub fn machines(&self) -> impl Iterator<Item = (MachineId, &Machine)> {
        self.machines.iter().enumerate().map(|(n, m)| (MachineId(n as u32), m))
    }

    /// All states, nested ones included.
    pub fn states(&self) -> impl Iterator<Item = (StateId, &State)> {
        self.states.iter().enumerate().map(|(n, s)| (StateId(n as u32), s))
    }

    /// The state of this name: names are unique over the whole definition.
    pub fn state_named(&self, name: &str) -> Option<(StateId, &State)> {
        self.states().find(|(_, s)| &*s.name == name)
    }
}
