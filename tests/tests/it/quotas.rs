//! AWS's limits, with AWS's errors.

use crate::support::{definition, mocked, program, request, run, seconds, simulated};
use aslx_asl::MachineType;
use aslx_engine::layers::{Answer, Answers};
use aslx_engine::runtime::{Engine, Finished, StartRequest};
use aslx_engine::store::MemoryStore;
use aslx_engine::{PAYLOAD_LIMIT, SystemClock};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

const TOO_LARGE: &str = "returned a result with a size exceeding the maximum number of bytes service limit.";

/// A text whose JSON has this many bytes.
fn text(bytes: usize) -> String {
    let wide = "ä".repeat((bytes - 2) / 2);
    if bytes.is_multiple_of(2) { wide } else { wide + "a" }
}

fn error(finished: &Finished) -> (&str, &str) {
    let outcome = &finished.outcome;
    (outcome.error.as_deref().unwrap_or("none"), outcome.cause.as_deref().unwrap_or("none"))
}

/// Bytes of UTF-8 count, not characters.
#[test]
fn a_states_output_may_have_262_144_bytes() {
    let wrap = definition(json!({ "Wrap": { "Type": "Pass", "Parameters": { "a.$": "$" }, "End": true } }));
    let around = r#"{"a":}"#.len();
    let fits = run(&wrap, &json!(text(PAYLOAD_LIMIT - around)), Answers::new());
    assert_eq!(fits.outcome.output.as_ref().unwrap().text().len(), PAYLOAD_LIMIT);
    let too_large = run(&wrap, &json!(text(PAYLOAD_LIMIT - around + 1)), Answers::new());
    let cause = format!("The state/task 'Wrap' {TOO_LARGE}");
    assert_eq!(error(&too_large), ("States.DataLimitExceeded", &*cause));
}

#[test]
fn a_tasks_result_may_have_262_144_bytes() {
    let work = |catch: Json| {
        definition(json!({
            "Work": { "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:work",
                "ResultSelector": { "small": 1 }, "Catch": catch, "End": true },
            "Caught": { "Type": "Pass", "End": true },
        }))
    };
    let catch = |error: &str| json!([{ "ErrorEquals": [error], "Next": "Caught" }]);
    let answer = |bytes: usize| Answers::new().state("Work", [Answer::returns(text(bytes).as_str())]);
    let fits = run(&work(catch("Never")), &json!({}), answer(PAYLOAD_LIMIT));
    assert_eq!(fits.outcome.output.as_ref().unwrap().text().as_ref(), r#"{"small":1}"#);
    let cause = format!("The state/task 'arn:aws:lambda:us-east-1:000000000000:function:work' {TOO_LARGE}");
    let too_large = run(&work(catch("Never")), &json!({}), answer(PAYLOAD_LIMIT + 1));
    assert_eq!(error(&too_large), ("States.DataLimitExceeded", &*cause));
    let caught = run(&work(catch("States.DataLimitExceeded")), &json!({}), answer(PAYLOAD_LIMIT + 1));
    let expected = json!({ "Error": "States.DataLimitExceeded", "Cause": cause });
    assert_eq!(caught.outcome.output.as_ref().unwrap().text().as_ref(), expected.to_string());
}

/// Goes round for ever.
fn endless() -> Json {
    definition(json!({
        "Again": { "Type": "Choice", "Choices": [{ "Variable": "$.stop", "IsPresent": true, "Next": "Stop" }], "Default": "Turn" },
        "Turn": { "Type": "Pass", "Next": "Again" },
        "Stop": { "Type": "Succeed" },
    }))
}

#[test]
fn event_25_000_is_the_failure() {
    let finished = run(&endless(), &json!({}), Answers::new());
    assert_eq!(finished.history.len(), 25_000);
    let last = finished.history.last().unwrap();
    assert_eq!((last.id, last.previous_event_id, last.kind.type_name()), (25_000, 24_999, "ExecutionFailed"));
    let cause = "The execution reached the maximum number of history events (25000).";
    assert_eq!(error(&finished), ("States.Runtime", cause));
}

fn express(input: Json) -> StartRequest {
    StartRequest { machine_type: MachineType::Express, ..request(&input) }
}

#[test]
fn an_express_execution_has_five_minutes() {
    let wait = |wait: u64, timeout: Option<u64>| {
        let mut machine = definition(json!({ "Sleep": { "Type": "Wait", "Seconds": wait, "End": true } }));
        if let Some(seconds) = timeout {
            machine["TimeoutSeconds"] = seconds.into();
        }
        let finished = simulated(&machine, express(json!({})), mocked(Answers::new())).unwrap();
        let took = finished.stopped.as_millis() - finished.started.as_millis();
        (finished.outcome.status.name(), finished.outcome.error.map(|error| error.to_string()), took)
    };
    let timed_out = Some("States.Timeout".to_owned());
    assert_eq!(wait(299, None), ("SUCCEEDED", None, 299_000));
    assert_eq!(wait(301, None), ("TIMED_OUT", timed_out.clone(), 300_000));
    assert_eq!(wait(301, Some(9_000)), ("TIMED_OUT", timed_out.clone(), 300_000));
    assert_eq!(wait(301, Some(7)), ("TIMED_OUT", timed_out, 7_000));
}

/// A loop without end can be stopped, and leaves room to others on the same thread.
#[test]
fn a_loop_without_end_can_be_stopped() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let begun = Instant::now();
    let finished = runtime.block_on(async {
        let engine = Engine::new(Arc::new(MemoryStore::new()), Arc::new(SystemClock), mocked(Answers::new()));
        let handle = engine.start(program(&endless()), express(json!({}))).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        handle.stop(Some("Enough".into()), Some("it never ends".into()));
        handle.wait().await.unwrap()
    });
    assert!(begun.elapsed() < seconds(10), "{:?}", begun.elapsed());
    assert_eq!(finished.outcome.status.name(), "ABORTED");
    assert_eq!(error(&finished), ("Enough", "it never ends"));
}

#[test]
fn a_loop_that_nests_ever_deeper_is_an_error() {
    let nest = definition(json!({ "Nest": { "Type": "Pass", "Parameters": { "a.$": "$" }, "Next": "More" },
        "More": { "Type": "Pass", "Next": "Nest" } }));
    let finished = run(&nest, &json!({}), Answers::new());
    let (name, cause) = error(&finished);
    assert_eq!(name, "States.Runtime");
    assert!(cause.contains("nested deeper than"), "{cause}");
}

#[test]
fn a_wait_may_last_68_years() {
    let wait = definition(json!({ "Sleep": { "Type": "Wait", "SecondsPath": "$", "End": true } }));
    let longest = 2_147_483_647u64;
    let finished = run(&wait, &json!(longest), Answers::new());
    assert_eq!(finished.stopped.as_millis() - finished.started.as_millis(), longest as i64 * 1000);
    for seconds in [json!(longest + 1), json!(u64::from(u32::MAX)), json!(i64::MAX)] {
        let (name, cause) =
            (run(&wait, &seconds, Answers::new()).outcome.error, run(&wait, &seconds, Answers::new()).outcome.cause);
        assert_eq!(name.as_deref(), Some("States.Runtime"), "{seconds}");
        assert!(cause.as_deref().unwrap().contains("Wait state delay is too long."), "{seconds}: {cause:?}");
    }
}
