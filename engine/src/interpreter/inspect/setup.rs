//! What to inspect.

use crate::data::Data;
use crate::journal::{ExecutionNames, Seed};
use aslx_asl::program::{Program, StateId};
use aslx_asl::value::Members;
use aslx_asl::{Timestamp, Value};
use std::sync::Arc;

/// What to inspect, and in which surroundings.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The definition.
    pub program: Arc<Program>,
    /// The state.
    pub state: StateId,
    /// Its input.
    pub input: Data,
    /// The variables that it sees.
    pub variables: Members,
    /// The context object in place of the one that is made of names and time.
    pub context: Option<Value>,
    /// Names of the execution. Without a role (an empty text) the context object has `null` for it.
    pub names: ExecutionNames,
    /// The time.
    pub now: Timestamp,
    /// Where drawn values come from.
    pub seed: Seed,
    /// Retries that each retrier has used up.
    pub retries: u64,
    /// Items in place of those of an `ItemReader`.
    pub items: Option<Vec<Value>>,
    /// How many items of a distributed Map count as failed.
    pub failed_items: u64,
}

impl Setup {
    /// The state of this name, at any depth, with this input and nothing else. `None`: there is no such state.
    pub fn new(program: Arc<Program>, state: &str, input: Data) -> Option<Setup> {
        let (state, _) = program.state_named(state)?;
        Some(Setup {
            program,
            state,
            input,
            variables: Members::default(),
            context: None,
            names: ExecutionNames::local("inspection", "inspection"),
            now: Timestamp::default(),
            seed: Seed([0; 16]),
            retries: 0,
            items: None,
            failed_items: 0,
        })
    }
}

/// A machine of this state alone, under this name. Where it leads, there are states that end the machine: what the state
/// is checked against is itself.
pub fn alone(state: &Value, name: &str) -> Value {
    let entries = ["Choices", "Catch"].into_iter().filter_map(|list| state.get(list)?.as_array()).flatten();
    let fields = entries.chain([state]).flat_map(|holder| [holder.get("Next"), holder.get("Default")]);
    let mut states = Members::default();
    states.insert(name.into(), state.clone());
    for target in fields.flatten().filter_map(Value::as_str) {
        states.entry(target.into()).or_insert_with(|| Value::from_pairs([("Type", "Succeed")]));
    }
    Value::from_pairs([("StartAt", Value::from(name)), ("States", Value::object(states))])
}
