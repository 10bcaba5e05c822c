//! The tasks of an offline run.

use crate::error::CommandError;
use aslx_asl::Program;
use aslx_asl::program::StateKind;
use aslx_engine::layers::Answers;
use aslx_tasks::TaskService;

/// Refuses a definition with a task that has no implementation here and no answers, before its first state runs.
pub(crate) fn check(program: &Program, tasks: &TaskService, answers: &Answers) -> Result<(), CommandError> {
    let mut reasons = Vec::new();
    for (_, state) in program.states().filter(|(_, state)| answers.of(&state.name).is_none()) {
        let resources = match &state.kind {
            StateKind::Task(task) => vec![&task.resource],
            StateKind::Map(map) => {
                let distributed = map.distributed.as_ref();
                let reader = distributed.and_then(|map| map.reader.as_ref()).map(|reader| &reader.resource);
                let writer = distributed.and_then(|map| map.writer.as_ref()).and_then(|w| w.destination.as_ref());
                reader.into_iter().chain(writer.map(|(resource, _)| resource)).collect()
            }
            _ => Vec::new(),
        };
        for reason in resources.into_iter().filter_map(|resource| tasks.can_run(resource).err()) {
            reasons.push(format!("state `{}`: {reason}", state.name));
        }
    }
    if reasons.is_empty() { Ok(()) } else { Err(CommandError::CannotRun { reasons }) }
}
