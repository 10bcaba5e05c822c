//! The image pipeline under every failure that it knows, and under many of them at once: with the library for tests.

use crate::cli_test::image_pipeline;
use aslx_asl::Value;
use aslx_testing::{Answer, Mock, Mocks, Ran, Status, Test, each_failure, strategies};
use proptest::prelude::*;
use serde_json::json;

/// Everything goes well.
fn well() -> Mocks {
    let mut mocks = Mocks::new();
    let analysis = json!({ "imageId": "i", "analysis": { "isSafe": false } });
    for (state, result) in [
        ("ClaimWork", json!({ "claimId": "c", "version": "1" })),
        ("GenerateThumbnails", json!({ "imageId": "i", "thumbnails": { "small": "s", "medium": "m", "large": "l" } })),
        ("AnalyzeImage", analysis),
        ("FlagContent", json!({ "imageId": "i", "status": "flagged" })),
        ("MarkFailed", json!({ "imageId": "i", "status": "failed" })),
        ("SendNotification", json!({ "MessageId": "m" })),
        ("PublishFailure", json!({ "MessageId": "m" })),
    ] {
        mocks.set(state, vec![Mock { required: false, ..Mock::from(Answer::returns(result).always()) }]);
    }
    mocks
}

fn input() -> Value {
    json!({ "bucket": "images", "key": "uploads/i/photo.jpg", "imageId": "i" }).into()
}

/// What holds however it ends.
fn holds(ran: &Ran, name: &str) {
    let processed = ran.calls("GenerateThumbnails").len() + ran.calls("AnalyzeImage").len() > 0;
    let handed_on = ran.states().contains(&"CheckModeration".to_owned());
    let told = |state: &str| ran.attempts(state) > 0;
    match ran.status() {
        Status::Succeeded => {
            assert!(told("SendNotification") || ran.states().last().unwrap() == "AlreadyClaimed", "{name}")
        }
        Status::Failed => {
            assert!(ran.error().is_some_and(|error| !error.is_empty()), "{name}");
            // What failed within the Parallel is marked, and somebody is told.
            assert_eq!(processed && !handed_on, told("MarkFailed") && told("PublishFailure"), "{name}");
        }
        other => panic!("{name}: {other:?}"),
    }
    for state in ["ClaimWork", "GenerateThumbnails", "AnalyzeImage", "FlagContent", "MarkFailed"] {
        // Six retries by what AWS recommends, three by the last retrier: no error can make it more.
        assert!(ran.attempts(state) <= 10, "{name}: {state} {}", ran.attempts(state));
    }
    assert!(ran.duration().as_secs() < 3_600, "{name}: {:?}", ran.duration());
}

#[test]
fn every_failure_of_every_task() {
    let program = image_pipeline().program.clone();
    let all = each_failure(&program, &well());
    assert!(all.len() > 60, "{}", all.len());
    let mut failed = 0;
    for (name, mut mocks) in all {
        // Those that only run after a failure get one.
        if name.starts_with("MarkFailed") || name.starts_with("PublishFailure") {
            mocks.set("AnalyzeImage", vec![Mock::from(Answer::throws("CorruptImage", "made up"))]);
        }
        let ran = Test::of(program.clone()).named(&name).input(input()).mocks(optional(&mocks)).expect_any().run();
        let ran = ran.unwrap_or_else(|failed| panic!("{failed}"));
        holds(&ran, &name);
        failed += usize::from(ran.status() == Status::Failed);
    }
    assert!(failed > 50, "{failed}");
}

fn optional(mocks: &Mocks) -> Mocks {
    let mut all = Mocks::new();
    all.default_to(mocks);
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn many_failures_at_once(mocks in strategies::failures(&image_pipeline().program, &well(), 4)) {
        let ran = Test::of(image_pipeline().program.clone()).input(input()).mocks(mocks).expect_any().run()?;
        holds(&ran, "many");
    }

    #[test]
    fn any_input(input in strategies::like(&input())) {
        let ran = Test::of(image_pipeline().program.clone()).input(input).mocks(well()).expect_any().run()?;
        prop_assert!(matches!(ran.status(), Status::Succeeded | Status::Failed));
    }
}
