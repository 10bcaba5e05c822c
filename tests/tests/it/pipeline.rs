//! The image pipeline on real photos in virtual time, each with its whole history and all that it left behind.

use crate::support::{Bed, types};
use aslx_engine::layers::Answer;
use aslx_engine::runtime::Finished;
use insta::assert_snapshot;
use serde_json::{Value as Json, json};
use std::time::Duration;

const OURS: &str = "image-pipeline.asl.json";
const NAIVE: &str = "naive/naive.asl.json";

fn input(name: &str) -> (String, Json) {
    let id = name.split('.').next().unwrap();
    let key = format!("uploads/{id}-1/{name}");
    (key.clone(), json!({ "bucket": "images", "key": key, "imageId": format!("{id}-1") }))
}

/// A photo through our definition.
fn process(bed: &Bed, name: &str, first: &[(&str, Vec<Answer>)]) -> Finished {
    let (key, input) = input(name);
    bed.upload(name, &key);
    bed.run(OURS, "one", &input, first)
}

fn status(bed: &Bed) -> Vec<String> {
    bed.rows("images").iter().map(|row| row["status"]["S"].as_str().unwrap().to_owned()).collect()
}

fn error(finished: &Finished) -> Option<&str> {
    finished.outcome.error.as_deref()
}

fn count(finished: &Finished, kind: &str) -> usize {
    types(&finished.history).into_iter().filter(|found| *found == kind).count()
}

#[test]
fn a_safe_photo() {
    let bed = Bed::new();
    let finished = process(&bed, "rotated.jpg", &[]);
    assert_eq!(finished.outcome.status.name(), "SUCCEEDED");
    assert_eq!(bed.thumbnails(), ["rotated-1/large.jpg", "rotated-1/medium.jpg", "rotated-1/small.jpg"]);
    assert_eq!(status(&bed), ["completed"]);
    assert_eq!(bed.messages(), ["Image rotated-1 processed"]);
    assert_snapshot!(bed.story(&finished));
}

/// An object-created event has no imageId.
#[test]
fn an_event_with_bucket_and_key_only() {
    let bed = Bed::new();
    let (key, _) = input("alpha.png");
    bed.upload("alpha.png", &key);
    let finished = bed.run(OURS, "one", &json!({ "bucket": "images", "key": key }), &[]);
    assert_eq!(finished.outcome.status.name(), "SUCCEEDED");
    assert_eq!(bed.messages(), ["Image alpha-1 processed"]);
    assert_snapshot!(bed.story(&finished));
}

#[test]
fn a_flagged_photo() {
    let bed = Bed::new();
    let finished = process(&bed, "flagged.jpg", &[]);
    assert_eq!(finished.outcome.status.name(), "SUCCEEDED");
    assert_eq!(status(&bed), ["flagged"]);
    assert_eq!(bed.thumbnails().len(), 3);
    assert_eq!(bed.messages(), ["Image flagged-1 processed"]);
    assert_snapshot!(bed.story(&finished));
}

#[test]
fn a_transient_failure_is_repaired_by_a_retry() {
    let bed = Bed::new();
    let throttled = Answer::throws("Throttled", "slow down").taking(Duration::from_millis(100));
    let finished = process(&bed, "alpha.png", &[("AnalyzeImage", vec![throttled.times(2)])]);
    assert_eq!(finished.outcome.status.name(), "SUCCEEDED");
    assert_eq!(count(&finished, "LambdaFunctionFailed"), 2);
    // 5 for the claim, two attempts with delays of 2 and 4 seconds, the real one, the message.
    assert_eq!(finished.stopped.as_millis() - finished.started.as_millis(), 5 + 2 * 100 + 6_000 + 212 + 20);
    assert_eq!((status(&bed), bed.thumbnails().len()), (vec!["completed".to_owned()], 3));
    assert_eq!(bed.messages(), ["Image alpha-1 processed"]);
    assert_snapshot!(bed.story(&finished));
}

#[test]
fn retries_come_to_an_end() {
    let bed = Bed::new();
    let throttled = Answer::throws("Throttled", "slow down").times(4);
    let finished = process(&bed, "alpha.png", &[("AnalyzeImage", vec![throttled])]);
    assert_eq!(error(&finished), Some("Throttled"));
    assert_eq!(finished.outcome.cause.as_deref(), Some("slow down"));
    assert_eq!(count(&finished, "LambdaFunctionFailed"), 4);
    assert_eq!(status(&bed), ["failed"]);
    assert_eq!(bed.messages(), ["Image alpha-1 failed: Throttled"]);
    assert_snapshot!(bed.story(&finished));
}

/// The original error comes out, also when marking and telling go wrong themselves.
#[test]
fn a_permanent_failure_is_not_retried() {
    let bed = Bed::new();
    let refused = Answer::throws("InvalidInput", "made up");
    let finished = process(&bed, "alpha.png", &[("GenerateThumbnails", vec![refused.clone()])]);
    assert_eq!((error(&finished), finished.outcome.cause.as_deref()), (Some("InvalidInput"), Some("made up")));
    assert_eq!(count(&finished, "LambdaFunctionFailed"), 1);
    assert_eq!(status(&bed), ["failed"]);
    assert_eq!(bed.messages(), ["Image alpha-1 failed: InvalidInput"]);
    assert_snapshot!(bed.story(&finished));

    let bed = Bed::new();
    let broken = Answer::throws("InvalidInput", "another one");
    let unheard = Answer::throws("SNS.NotFoundException", "no such topic");
    let first =
        [("GenerateThumbnails", vec![refused]), ("MarkFailed", vec![broken]), ("PublishFailure", vec![unheard])];
    let finished = process(&bed, "alpha.png", &first);
    assert_eq!((error(&finished), finished.outcome.cause.as_deref()), (Some("InvalidInput"), Some("made up")));
    assert_eq!(bed.messages(), [""; 0]);
}

#[test]
fn a_broken_file() {
    let bed = Bed::new();
    let finished = process(&bed, "broken.jpg", &[]);
    assert_eq!(error(&finished), Some("CorruptImage"));
    assert_eq!((status(&bed), bed.thumbnails()), (vec!["failed".to_owned()], vec![]));
    assert_eq!(bed.messages(), ["Image broken-1 failed: CorruptImage"]);
    assert_snapshot!(bed.story(&finished));
}

/// A file of 65 bytes that says it has billions of pixels.
#[test]
fn a_decompression_bomb() {
    let bed = Bed::new();
    let finished = process(&bed, "huge.png", &[]);
    assert_eq!(error(&finished), Some("ImageTooLarge"));
    assert_eq!((status(&bed), bed.thumbnails()), (vec!["failed".to_owned()], vec![]));
    assert_eq!(bed.messages(), ["Image huge-1 failed: ImageTooLarge"]);
    assert_snapshot!(bed.story(&finished));
}

#[test]
fn a_key_without_an_object() {
    let bed = Bed::new();
    let (_, input) = input("nothing.jpg");
    let finished = bed.run(OURS, "one", &input, &[]);
    assert_eq!(error(&finished), Some("ObjectNotFound"));
    assert_snapshot!(bed.story(&finished));
}

/// Events come at least once: one set of thumbnails, one message.
#[test]
fn the_same_event_twice() {
    let bed = Bed::new();
    process(&bed, "alpha.png", &[]);
    let before = bed.files();
    let second = bed.run(OURS, "two", &input("alpha.png").1, &[]);
    assert_eq!(second.outcome.status.name(), "SUCCEEDED");
    assert_eq!(types(&second.history).last(), Some(&"ExecutionSucceeded"));
    assert_eq!(count(&second, "ParallelStateEntered"), 0);
    assert_eq!(bed.files(), before);
    assert_eq!(bed.messages(), ["Image alpha-1 processed"]);
    assert_snapshot!(bed.story(&second));
}

/// A new version of the object is new work.
#[test]
fn another_photo_under_the_same_key() {
    let bed = Bed::new();
    process(&bed, "alpha.png", &[]);
    bed.upload("deep.png", &input("alpha.png").0);
    let second = bed.run(OURS, "two", &input("alpha.png").1, &[]);
    assert_eq!(count(&second, "ParallelStateEntered"), 1);
    assert_eq!(bed.messages().len(), 2);
}

/// FlagContent without ResultPath: what it answers is all that is left.
#[test]
fn the_naive_definition_loses_the_image_id() {
    let short = || vec![("FlagContent", vec![Answer::returns(json!({ "status": "flagged" }))])];
    let (key, input) = input("flagged.jpg");
    let run = |file: &str| {
        let bed = Bed::new();
        bed.upload("flagged.jpg", &key);
        let finished = bed.run(file, "one", &input, &short());
        (bed, finished)
    };
    let (bed, naive) = run(NAIVE);
    assert_eq!(error(&naive), Some("States.Runtime"));
    assert_eq!(bed.messages(), [""; 0]);
    assert_snapshot!(bed.story(&naive));
    let (bed, ours) = run(OURS);
    assert_eq!(ours.outcome.status.name(), "SUCCEEDED");
    assert_eq!(bed.messages(), ["Image flagged-1 processed"]);
}
