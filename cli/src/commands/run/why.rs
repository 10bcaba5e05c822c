//! Why nobody took an error: the retriers and catchers that were looked at, from the failing state outwards.

use aslx_asl::Program;
use aslx_asl::program::{Effect, ErrorPattern, StateKind};

/// One line per retrier and catcher. `error` is the error that ended the execution.
pub(super) fn why(program: &Program, state: &str, error: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let Some((_, mut state)) = program.state_named(state) else { return lines };
    if error == "States.Runtime" {
        lines.push("States.Runtime cannot be retried or caught".to_owned());
        return lines;
    }
    loop {
        if let Some(effect) = effect(&state.kind) {
            lines.extend(looked_at(&state.name, effect, error));
        }
        match program.machine(state.machine).owner {
            Some(owner) => state = program.state(owner),
            None => return lines,
        }
    }
}

fn looked_at(state: &str, effect: &Effect, error: &str) -> Vec<String> {
    let matches = |patterns: &[ErrorPattern]| patterns.iter().any(|pattern| pattern.matches(error, true, false));
    let names = |patterns: &[ErrorPattern]| patterns.iter().map(ErrorPattern::name).collect::<Vec<_>>().join(", ");
    let mut lines = Vec::new();
    let mut taken = false;
    for (index, retrier) in effect.retry.iter().enumerate() {
        let verdict = match (matches(&retrier.errors), retrier.max_attempts) {
            _ if taken => "not asked, an earlier one matched".to_owned(),
            (false, _) => format!("does not match: {}", names(&retrier.errors)),
            (true, 0) => "matches and says MaxAttempts 0: do not retry".to_owned(),
            (true, count) => format!("matches, its {count} retries are used up"),
        };
        taken |= matches(&retrier.errors);
        lines.push(format!("{state} Retry[{index}] {verdict}"));
    }
    for (index, catcher) in effect.catch.iter().enumerate() {
        lines.push(format!("{state} Catch[{index}] does not match: {}", names(&catcher.errors)));
    }
    match (effect.retry.is_empty(), effect.catch.is_empty()) {
        (true, true) => lines.push(format!("{state} has neither Retry nor Catch")),
        (false, true) => lines.push(format!("{state} has no Catch")),
        _ => {}
    }
    lines
}

fn effect(kind: &StateKind) -> Option<&Effect> {
    match kind {
        StateKind::Task(task) => Some(&task.effect),
        StateKind::Parallel(parallel) => Some(&parallel.effect),
        StateKind::Map(map) => Some(&map.effect),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aslx_asl::CompileOptions;

    #[test]
    fn every_retrier_and_catcher_is_accounted_for() {
        let text = r#"{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true,
            "Catch": [{"ErrorEquals": ["Other"], "Next": "Done"}],
            "Branches": [{"StartAt": "T", "States": {"T": {"Type": "Task", "End": true,
                "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"},
                "Retry": [{"ErrorEquals": ["A", "B"]}, {"ErrorEquals": ["E"], "MaxAttempts": 2},
                          {"ErrorEquals": ["States.ALL"]}]}}}]},
            "Done": {"Type": "Succeed"}}}"#;
        let program = Program::compile(text, &CompileOptions::default()).unwrap();
        let expected = [
            "T Retry[0] does not match: A, B",
            "T Retry[1] matches, its 2 retries are used up",
            "T Retry[2] not asked, an earlier one matched",
            "T has no Catch",
            "P Catch[0] does not match: Other",
        ];
        // A Parallel without Retry says nothing of it when it has a Catch.
        assert_eq!(why(&program, "T", "E"), expected);
        assert_eq!(why(&program, "T", "States.Runtime"), ["States.Runtime cannot be retried or caught"]);
    }
}
