//! Test cases of a Step Functions Local mock configuration file as cases of ours.

use crate::file::Case;
use crate::mocks::{Mock, Mocks};
use crate::{Place, START};
use aslx_asl::program::{Program, StateKind};
use aslx_asl::{MachineType, Value};
use aslx_engine::layers::{Answer, MockedMachine};
use std::collections::BTreeMap;
use std::path::Path;

/// The cases of a state machine. Nothing is expected of them but that they come to an end with the answers that the
/// file has; answers that nobody asks for are no failure, as there.
///
/// A state that a case does not name calls the real service, if there is one: `is_real` says so of a resource.
pub fn cases(
    machine: &MockedMachine,
    file: &Path,
    program: &Program,
    input: &Value,
    is_real: &dyn Fn(&str) -> bool,
) -> Vec<Case> {
    let optional = |answer: &Answer| Mock { required: false, ..Mock::from(answer.clone()) };
    let case = |case: &aslx_engine::layers::MockedCase| {
        let mut mocks = Mocks::new();
        for (_, state) in program.states() {
            let StateKind::Task(task) = &state.kind else { continue };
            match case.answers.of(&state.name) {
                Some(answers) => mocks.set(&state.name, answers.iter().map(optional).collect()),
                None if is_real(&task.resource) => {
                    mocks.set(&state.name, vec![optional(&Answer::calls_real().always())])
                }
                None => {}
            }
        }
        Case {
            name: format!("{}#{}", machine.name, case.name),
            place: Place { file: file.display().to_string().into(), line: case.line },
            definition: None,
            substitutions: BTreeMap::new(),
            machine_type: MachineType::Standard,
            input: input.clone(),
            start: START,
            objects: Vec::new(),
            mocks,
            expectations: Vec::new(),
            any_ending: true,
        }
    };
    machine.cases.iter().map(case).collect()
}
