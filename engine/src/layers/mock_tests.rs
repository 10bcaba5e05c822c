use super::super::{LimitLayer, Times};
use super::*;
use crate::task::FailedAt;
use aslx_asl::Value;
use tower::ServiceBuilder;

/// A call of a state.
pub(in super::super) fn request(state: &str, retry_count: u32, iteration: Option<usize>) -> TaskRequest {
    TaskRequest {
        execution: "arn".into(),
        event: 0,
        state: state.into(),
        resource: "arn:aws:states:::lambda:invoke".into(),
        input: Value::from("secret"),
        retry_count,
        iteration,
        token: None,
        timeout_seconds: None,
        heartbeat_seconds: None,
        credentials: None,
        submitted: None,
        withdrawal: Default::default(),
    }
}

/// A real service whose results are the state's name.
fn real() -> crate::task::BoxTaskService {
    crate::task::BoxTaskService::new(tower::service_fn(|request: TaskRequest| async move {
        match &*request.state {
            "Broken" => Err(TaskFailure::new("Real", "really")),
            state => Ok(TaskResponse::done(Value::from(state))),
        }
    }))
}

fn call(layer: &AnswersLayer, request: TaskRequest) -> Result<TaskResponse, TaskFailure> {
    layer.layer(real()).call(request).now_or_never().unwrap()
}

fn returned(value: impl Into<Value>, modelled: Option<u64>) -> Result<TaskResponse, TaskFailure> {
    Ok(TaskResponse { reply: TaskReply::Done(value.into()), modelled: modelled.map(Duration::from_secs) })
}

fn error(result: Result<TaskResponse, TaskFailure>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn calls_take_the_answers_in_order_then_fail_with_what_to_add() {
    let answers = [
        Answer::throws_at(FailedAt::Start, "Throttled", "slow down").taking(Duration::from_secs(2)),
        Answer::returns(1i64).times(2),
        Answer::calls_real(),
    ];
    let layer = AnswersLayer::new(Answers::new().state("Work", answers));
    let thrown = TaskFailure {
        at: FailedAt::Start,
        modelled: Some(Duration::from_secs(2)),
        ..TaskFailure::new("Throttled", "slow down")
    };
    assert_eq!(call(&layer, request("Work", 0, None)), Err(thrown));
    assert_eq!(call(&layer, request("Work", 1, None)), returned(1i64, Some(0)));
    assert_eq!(layer.unused().iter().map(|unused| (unused.answer, unused.left)).collect::<Vec<_>>(), [(1, 1), (2, 1)]);
    assert_eq!(call(&layer, request("Work", 0, None)), returned(1i64, Some(0)));
    assert_eq!(call(&layer, request("Work", 0, None)), returned("Work", None));
    assert_eq!((layer.missing(), layer.unused()), (vec![], vec![]));
    assert_eq!(
        error(call(&layer, request("Work", 1, Some(4)))),
        "Mock.NoAnswer: call 1 of state `Work` (retry 1, iteration 4) has no answer: add one to the list of `Work`, or \
         let its last one be given always"
    );
    assert_eq!(layer.missing().iter().map(|missing| missing.call).collect::<Vec<_>>(), [1]);
}

#[test]
fn a_state_without_a_list_is_real_and_refused_where_nothing_is() {
    let layer = AnswersLayer::new(Answers::new().state("Work", []));
    assert_eq!(call(&layer, request("Other", 0, None)), returned("Other", None));
    assert_eq!(
        error(layer.layer(NoTasks).call(request("Other", 0, None)).now_or_never().unwrap()),
        "Mock.NoAnswer: state `Other` has no answers, and no service does `arn:aws:states:::lambda:invoke`: add a list \
         of answers for it"
    );
}

#[test]
fn a_real_call_can_be_given_a_modelled_time() {
    let slow = || [Answer::calls_real().taking(Duration::from_secs(9)).always()];
    let layer = AnswersLayer::new(Answers::new().state("Work", slow()).state("Broken", slow()));
    for _ in 0..3 {
        assert_eq!(call(&layer, request("Work", 0, None)), returned("Work", Some(9)));
        let failure = call(&layer, request("Broken", 0, None)).unwrap_err();
        assert_eq!((failure.error.as_str(), failure.modelled), ("Real", Some(Duration::from_secs(9))));
    }
    assert_eq!(layer.unused(), []);
}

#[test]
fn iterations_and_executions_are_counted_apart() {
    let answers = [Answer::returns("second").in_iteration(1), Answer::returns("any").times(2)];
    let layer = AnswersLayer::new(Answers::new().state("Work", answers));
    for execution in ["a", "b"] {
        let call = |iteration| {
            call(&layer, TaskRequest { execution: execution.into(), ..request("Work", 0, Some(iteration)) })
        };
        assert_eq!(call(0), returned("any", Some(0)));
        assert_eq!(call(1), returned("second", Some(0)));
        assert_eq!(call(1), returned("any", Some(0)));
        assert_eq!(call(1).unwrap_err().error, NO_ANSWER);
    }
}

#[test]
fn numbers_and_inputs_choose_too() {
    let small = Value::parse(r#"{"size":1}"#).unwrap();
    let answers = [
        Answer::returns("small").when(small.clone()).always(),
        Answer::returns("second").for_calls(2..=2),
        Answer::returns("first").for_calls(1..=1),
    ];
    let layer = AnswersLayer::for_one_execution(Answers::new().state("Work", answers));
    for execution in ["parent", "child"] {
        let of = |iteration| TaskRequest { execution: execution.into(), ..request("Work", 0, iteration) };
        let iteration = (execution == "child").then_some(0);
        assert_eq!(call(&layer, of(iteration)), returned("first", Some(0)));
        let input = small.with_member("more", Value::Null).unwrap();
        assert_eq!(call(&layer, TaskRequest { input, ..of(iteration) }), returned("small", Some(0)));
        assert_eq!(call(&layer, of(iteration)).unwrap_err().error, NO_ANSWER);
    }
    let _ = call(&layer, request("Other", 0, None));
    let asked = layer.asked().into_iter().map(|asked| (asked.call, asked.answer)).collect::<Vec<_>>();
    let each = [(1, Some(2)), (2, Some(0)), (3, None)];
    assert_eq!(asked, [each, each].concat().into_iter().chain([(0, None)]).collect::<Vec<_>>());
}

#[test]
fn nobody_answers_with_or_without_heartbeats() {
    let layer = AnswersLayer::new(Answers::new().state("Work", [Answer::times_out(), Answer::misses_heartbeat()]));
    for modelled in [Some(Duration::ZERO), None] {
        assert_eq!(call(&layer, request("Work", 0, None)), Ok(TaskResponse { reply: TaskReply::ByToken, modelled }));
    }
}

#[test]
fn a_job_is_submitted_first_and_its_answer_follows() {
    let answers = [
        Answer::throws("Job.Failed", "no").submitted_as("job 1"),
        Answer::returns(2i64).submitted_as("job 2").always(),
    ];
    let layer = AnswersLayer::new(Answers::new().state("Work", answers));
    let submitted =
        |handle: &str| Ok(TaskResponse { reply: TaskReply::Submitted(handle.into()), modelled: Some(Duration::ZERO) });
    let again = |handle: &str| TaskRequest { submitted: Some(handle.into()), ..request("Work", 0, None) };
    // After a restart nothing has been counted: the first answer that fits goes on.
    assert_eq!(error(call(&layer, again("job 1"))), "Job.Failed: no");
    assert_eq!(call(&layer, request("Work", 0, None)), submitted("job 1"));
    assert_eq!(error(call(&layer, again("job 1"))), "Job.Failed: no");
    assert_eq!(call(&layer, request("Work", 1, None)), submitted("job 2"));
    assert_eq!(call(&layer, again("job 2")), returned(2i64, Some(0)));
    assert_eq!(layer.answers.of("Work").unwrap()[1].times, Times::Always);
}

#[test]
fn limits_answers_and_boxes_combine() {
    let layer = AnswersLayer::new(Answers::new().state("Work", [Answer::returns(1i64).always()]));
    let service = ServiceBuilder::new().layer(LimitLayer::new(1)).layer(layer).service(real());
    let service = crate::task::BoxTaskService::new(service);
    for _ in 0..3 {
        let answer = service.clone().oneshot(request("Work", 0, None)).now_or_never().unwrap();
        assert_eq!(answer, returned(1i64, Some(0)));
    }
}

#[test]
fn what_was_given_before_a_restart_is_not_given_again() {
    let answers = [Answer::throws("First", "x"), Answer::returns(1i64).times(2), Answer::returns(2i64)];
    let layer = AnswersLayer::going_on(Answers::new().state("Work", answers), [("Work", 2), ("Other", 7)]);
    assert_eq!(call(&layer, request("Work", 0, None)), returned(1i64, Some(0)));
    // Children of map runs are counted with their parent.
    let child = TaskRequest { execution: "child".into(), ..request("Work", 0, Some(0)) };
    assert_eq!(call(&layer, child), returned(2i64, Some(0)));
    assert_eq!(error(call(&layer, request("Work", 0, None))).split(':').next(), Some(NO_ANSWER));
    assert_eq!(layer.asked(), []);
}
