//! The tasks of an offline run.

use crate::error::CommandError;
use aslx_asl::Program;
use aslx_asl::program::StateKind;
use aslx_tasks::TaskService;

/// Refuses a definition with a task that has no implementation here, before its first state runs.
pub(crate) fn check(program: &Program, tasks: &TaskService) -> Result<(), CommandError> {
    let mut reasons = Vec::new();
    for (_, state) in program.states() {
        let resource = match &state.kind {
            StateKind::Task(task) => Some(&task.resource),
            StateKind::Map(map) => {
                map.distributed.as_ref().and_then(|d| d.reader.as_ref()).map(|reader| &reader.resource)
            }
            _ => None,
        };
        if let Some(Err(reason)) = resource.map(|resource| tasks.can_run(resource)) {
            reasons.push(format!("state `{}`: {reason}", state.name));
        }
    }
    if reasons.is_empty() { Ok(()) } else { Err(CommandError::CannotRun { reasons }) }
}
