//! What an execution came by: rules, retriers, catchers and timeouts, which its history does not name.
#![allow(clippy::unwrap_used)]

use aslx_asl::{CompileOptions, Program, Timestamp};
use aslx_engine::Data;
use aslx_engine::history::HistoryEvent;
use aslx_engine::interpreter::{Interpreter, Step, Waypoint};
use aslx_engine::journal::Seed;
use aslx_engine::layers::{Answer, Answers, AnswersLayer, NoTasks};
use aslx_engine::runtime::{Finished, Observe, StartRequest, simulate};
use aslx_engine::task::BoxTaskService;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tower::Layer;

#[derive(Default)]
struct Notes(Mutex<Vec<Waypoint>>);

impl Observe for Notes {
    fn event(&self, _: &HistoryEvent) {}
    fn wants_waypoints(&self) -> bool {
        true
    }
    fn waypoint(&self, waypoint: Waypoint) {
        self.0.lock().unwrap().push(waypoint);
    }
}

/// Waypoints in words, with the names of states.
fn words(program: &Program, waypoints: &[Waypoint]) -> Vec<String> {
    let ids: Vec<_> = program.states().collect();
    let named = |text: String| {
        ids.iter().fold(text, |text, (id, state)| text.replace(&format!("{id:?}"), &state.name).replace('"', ""))
    };
    waypoints.iter().map(|waypoint| named(format!("{waypoint:?}"))).collect()
}

fn run(definition: &str, input: &str, answers: Answers) -> (Arc<Program>, Finished, Vec<Waypoint>) {
    let program = Arc::new(Program::compile(definition, &CompileOptions::default()).unwrap());
    let request = StartRequest::new("m", "e", Data::parse(input).unwrap(), Seed([9; 16]));
    let notes = Arc::new(Notes::default());
    let tasks = BoxTaskService::new(AnswersLayer::new(answers).layer(NoTasks));
    let start = Timestamp::from_millis(1_790_000_000_000);
    let finished = simulate(program.clone(), request, start, tasks, Some(notes.clone()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let finished = runtime.block_on(finished).unwrap();
    let seen = notes.0.lock().unwrap().clone();
    (program, finished, seen)
}

fn check(definition: &str, input: &str, answers: Answers, expected: &[&str]) {
    let (program, finished, seen) = run(definition, input, answers);
    assert_eq!(words(&program, &seen), expected);
    // The same from the journal, where all of it is the execution's own.
    if !definition.contains("DISTRIBUTED") {
        let mut step = Step::new().noting_waypoints();
        Interpreter::replay(program, &finished.journal, &mut step).unwrap();
        assert_eq!(step.waypoints, seen);
    }
}

#[test]
fn rules_retriers_catchers_and_timeouts_are_noted() {
    let definition = r#"{"StartAt": "C", "States": {
        "C": {"Type": "Choice", "Choices": [
            {"Variable": "$.n", "NumericEquals": 1, "Next": "T"}, {"Variable": "$.n", "NumericEquals": 2, "Next": "T"}],
            "Default": "D"},
        "D": {"Type": "Succeed"},
        "T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"},
            "TimeoutSeconds": 9, "HeartbeatSeconds": 3,
            "Retry": [{"ErrorEquals": ["A"]}, {"ErrorEquals": ["B"], "MaxAttempts": 1}],
            "Catch": [{"ErrorEquals": ["X"], "Next": "D"}, {"ErrorEquals": ["States.ALL"], "Next": "E"}],
            "Next": "D"},
        "E": {"Type": "Pass", "End": true}}}"#;
    check(
        definition,
        r#"{"n": 3}"#,
        Answers::new(),
        &["Entered(C)", "Default(C)", "Left(C, State(D))", "Entered(D)", "Left(D, End)"],
    );
    check(
        definition,
        r#"{"n": 2}"#,
        Answers::new().state("T", [Answer::throws("B", "").times(2)]),
        &[
            "Entered(C)",
            "Rule(C, 1)",
            "Left(C, State(T))",
            "Entered(T)",
            "Retried(T, 1)",
            "Exhausted(T, 1)",
            "Caught(T, 1)",
            "Left(T, State(E))",
            "Entered(E)",
            "Left(E, End)",
        ],
    );
    let slow = Answer::returns(1i64).taking(Duration::from_secs(10));
    check(
        definition,
        r#"{"n": 1}"#,
        Answers::new().state("T", [slow]),
        &[
            "Entered(C)",
            "Rule(C, 0)",
            "Left(C, State(T))",
            "Entered(T)",
            "HeartbeatMissed(T)",
            "Caught(T, 1)",
            "Left(T, State(E))",
            "Entered(E)",
            "Left(E, End)",
        ],
    );
}

#[test]
fn the_time_limit_of_a_machine_is_noted() {
    let definition =
        r#"{"StartAt": "W", "TimeoutSeconds": 5, "States": {"W": {"Type": "Wait", "Seconds": 9, "End": true}}}"#;
    check(definition, "{}", Answers::new(), &["Entered(W)", "MachineTimedOut"]);
}

#[test]
fn iterations_and_children_of_distributed_maps_are_noted_too() {
    for mode in ["INLINE", "DISTRIBUTED"] {
        let definition = r#"{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {
            "ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}}"#
            .replace(r#""INLINE""#, &format!(r#""{mode}""#))
            .replace(r#""DISTRIBUTED""#, r#""DISTRIBUTED", "ExecutionType": "STANDARD""#);
        let expected = ["Entered(M)", "Entered(P)", "Left(P, End)", "Entered(P)", "Left(P, End)", "Left(M, End)"];
        check(&definition, "[1, 2]", Answers::new(), &expected);
    }
}
