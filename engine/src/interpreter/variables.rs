//! Assignments: evaluated with the values at the entry of the state, applied together at its exit.

use super::Interpreter;
use super::branch::BranchId;
use crate::data::PAYLOAD_LIMIT;
use aslx_asl::value::Members;
use aslx_asl::{Failure, Value};

/// Bytes of all variables of an execution that live at one time (developer guide, "Variable limits").
const EXECUTION_LIMIT: usize = 10_485_760;

/// The variables of an evaluated `Assign`. Errors: one that is too large, or too large a sum; the sizes are those of the
/// serialised values, quotes included, names not (recorded texts).
pub(super) fn within_limits(values: &Value, state: &str) -> Result<Option<Members>, Failure> {
    let Some(members) = values.as_object() else { return Ok(None) };
    let mut total = 0;
    for (name, value) in members {
        let bytes = value.json_len();
        if bytes > PAYLOAD_LIMIT {
            return Err(limit(format!(
                "Variable size limit exceeded. Variable '{name}' in state '{state}' was assigned {bytes} bytes."
            )));
        }
        total += bytes;
        if total > PAYLOAD_LIMIT {
            let over = total - PAYLOAD_LIMIT;
            return Err(limit(format!(
                "State total variable size limit exceeded. Variable '{name}' in state '{state}' was assigned {bytes} bytes, which caused the size of variables assigned in the state to exceed its limit by {over} bytes."
            )));
        }
    }
    // An empty Assign leaves no trace in the history (recorded).
    Ok((!members.is_empty()).then(|| members.clone()))
}

fn limit(cause: String) -> Failure {
    Failure::named("States.DataLimitExceeded", cause).bare().in_field("Assign")
}

impl Interpreter {
    /// Whether the execution has room for these variables.
    pub(super) fn room_for(&self, branch: BranchId, assigned: &Members, state: &str) -> Result<(), Failure> {
        let (added, freed) = self.change(branch, assigned);
        let total = self.variable_bytes + added - freed;
        if total > EXECUTION_LIMIT {
            let over = total - EXECUTION_LIMIT;
            return Err(limit(format!(
                "Execution total variable size limit exceeded. State '{state}' assigned variables that exceed the total execution limit by {over} bytes."
            )));
        }
        Ok(())
    }

    /// Bytes that these assignments add and those that they free.
    fn change(&self, branch: BranchId, assigned: &Members) -> (usize, usize) {
        let present = self.branches.get(branch).map(|branch| &branch.variables);
        let added = assigned.values().map(Value::json_len).sum();
        let freed = assigned
            .keys()
            .filter_map(|name| present.and_then(|variables| variables.get(name)))
            .map(Value::json_len)
            .sum();
        (added, freed)
    }

    /// Applies assignments to the scope of a branch.
    pub(super) fn assign(&mut self, branch: BranchId, assigned: &Members) {
        let (added, freed) = self.change(branch, assigned);
        self.variable_bytes = self.variable_bytes + added - freed;
        if let Some(branch) = self.branches.get_mut(branch) {
            branch.variables.extend(assigned.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
    }

    /// The variables of a branch end with it.
    pub(super) fn forget_variables(&mut self, variables: &Members) {
        let freed: usize = variables.values().map(Value::json_len).sum();
        self.variable_bytes = self.variable_bytes.saturating_sub(freed);
    }
}
