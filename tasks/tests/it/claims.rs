//! At-least-once events, worked on once.

use crate::bed::Bed;
use serde_json::{Value, json};

fn by(execution: &str) -> Value {
    json!({ "bucket": "images", "key": "uploads/1/a.jpg", "imageId": "1", "execution": execution })
}

#[tokio::test]
async fn one_execution_has_the_claim_and_keeps_it() {
    let bed = Bed::new();
    bed.put("uploads/1/a.jpg", vec![1]).await;
    let claim = bed.function("claim", by("one")).await.unwrap();
    // The same event again, in another execution.
    let refused = bed.function("claim", by("two")).await.unwrap_err();
    assert_eq!(refused.error, "AlreadyClaimed");
    // A retry of the first.
    assert_eq!(bed.function("claim", by("one")).await.unwrap(), claim);
    // A new version is new work.
    bed.put("uploads/1/a.jpg", vec![2]).await;
    let second = bed.function("claim", by("two")).await.unwrap();
    assert_ne!(second["claimId"], claim["claimId"]);
    assert_eq!(
        bed.function(
            "claim",
            json!({ "bucket": "images", "key": "uploads/1/b.jpg", "imageId": "1", "execution": "x" })
        )
        .await
        .unwrap_err()
        .error,
        "ObjectNotFound"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_once_one_wins() {
    let bed = std::sync::Arc::new(Bed::new());
    bed.put("uploads/1/a.jpg", vec![1]).await;
    let tries: Vec<_> = (0..24)
        .map(|n| {
            let bed = bed.clone();
            tokio::spawn(async move { bed.function("claim", by(&format!("execution-{n}"))).await })
        })
        .collect();
    let mut won = 0;
    for one in tries {
        match one.await.unwrap() {
            Ok(_) => won += 1,
            Err(e) => assert_eq!(e.error, "AlreadyClaimed"),
        }
    }
    assert_eq!(won, 1);
}

#[tokio::test]
async fn a_failure_that_may_pass_gives_the_claim_back() {
    let bed = Bed::new();
    bed.put("uploads/1/a.jpg", vec![1]).await;
    let failed = |execution: &str, claim: &Value, error: &str| {
        let mut input = by(execution);
        input["claimId"] = claim["claimId"].clone();
        input["error"] = json!({ "Error": error, "Cause": "why" });
        input
    };
    let claim = bed.function("claim", by("one")).await.unwrap();
    // Somebody else cannot give it back, and a permanent error does not.
    bed.function("mark-failed", failed("two", &claim, "Throttled")).await.unwrap();
    bed.function("mark-failed", failed("one", &claim, "CorruptImage")).await.unwrap();
    assert_eq!(bed.function("claim", by("two")).await.unwrap_err().error, "AlreadyClaimed");

    let answer = bed.function("mark-failed", failed("one", &claim, "States.Timeout")).await.unwrap();
    assert_eq!(answer, json!({ "imageId": "1", "status": "failed" }));
    let row = bed.image_row("1").await.unwrap();
    let expected = json!({ "imageId": "1", "s3Key": "uploads/1/a.jpg", "status": "failed", "error": "States.Timeout", "cause": "why" });
    assert_eq!(row, expected);
    assert_eq!(bed.function("claim", by("two")).await.unwrap(), claim);
    assert_eq!(bed.function("claim", by("one")).await.unwrap_err().error, "AlreadyClaimed");
}
