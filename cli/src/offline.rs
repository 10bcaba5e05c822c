//! The tasks of an offline run.

use crate::error::CommandError;
use aslx_asl::Program;
use aslx_asl::program::StateKind;
use aslx_tasks::TaskService;

/// Refuses a definition with a task that has no implementation here, before its first state runs.
pub(crate) fn check(program: &Program, tasks: &TaskService) -> Result<(), CommandError> {
    let mut reasons = Vec::new();
    for (_, state) in program.states() {
        if let StateKind::Task(task) = &state.kind
            && let Err(reason) = tasks.can_run(&task.resource)
        {
            reasons.push(format!("state `{}`: {reason}", state.name));
        }
    }
    if reasons.is_empty() { Ok(()) } else { Err(CommandError::CannotRun { reasons }) }
}
