//! Tags of state machines and activities.

use crate::support::{ECHO, Place, text};
use serde_json::{Value, json};

#[tokio::test]
async fn tags_are_merged_by_key() {
    let place = Place::new().await;
    let machine = place.machine_with("m", ECHO, json!({"tags": [{"key": "a", "value": "1"}]})).await;
    let activity = json!({"name": "act", "tags": [{"key": "a", "value": "1"}]});
    let activity = text(&place.call("CreateActivity", activity).await["activityArn"]);
    for arn in [machine, activity] {
        let tag = |tags: Value| json!({"resourceArn": arn, "tags": tags});
        let more = json!([{"key": "A", "value": "2"}, {"key": "a", "value": ""}, {"key": "b", "value": "3"}]);
        assert_eq!(place.call("TagResource", tag(more)).await, json!({}));
        assert_eq!(place.call("TagResource", tag(json!([]))).await, json!({}));
        let untag = json!({"resourceArn": arn, "tagKeys": ["b", "nobody"]});
        assert_eq!(place.call("UntagResource", untag).await, json!({}));
        let listed = place.call("ListTagsForResource", json!({"resourceArn": arn})).await;
        assert_eq!(listed, json!({"tags": [{"key": "a", "value": ""}, {"key": "A", "value": "2"}]}));
    }
}

#[tokio::test]
async fn fifty_tags_and_none_of_awss() {
    let place = Place::new().await;
    let arn = place.machine("m", ECHO).await;
    let many = |from: usize, to: usize| {
        let tags: Vec<Value> = (from..to).map(|n| json!({"key": n.to_string(), "value": "v"})).collect();
        json!({"resourceArn": arn, "tags": tags})
    };
    place.call("TagResource", many(0, 50)).await;
    place.call("TagResource", many(10, 40)).await;
    let error = place.error("TagResource", many(50, 51)).await;
    assert_eq!(
        (&error["__type"], &error["resourceName"]),
        (&json!("com.amazonaws.swf.service.v2.model#TooManyTags"), &json!(arn))
    );
    let tags: Vec<Value> = (0..51).map(|n| json!({"key": n.to_string(), "value": "v"})).collect();
    assert!(place.refused("CreateActivity", json!({"name": "a", "tags": tags})).await.starts_with("TooManyTags: "));
    let system = json!({"resourceArn": arn, "tags": [{"key": "aws:x", "value": "v"}]});
    let error = place.error("TagResource", system).await;
    assert_eq!(error["__type"], "com.amazon.coral.service#AccessDeniedException");
    assert_eq!(error["Message"], "Caller is an end user and not allowed to mutate system tags");
}

#[tokio::test]
async fn what_has_no_tags() {
    let place = Place::new().await;
    let arn = place.machine_with("m", ECHO, json!({"publish": true, "tags": [{"key": "a", "value": "1"}]})).await;
    let version = format!("{arn}:1");
    assert_eq!(place.call("ListTagsForResource", json!({"resourceArn": version})).await, json!({"tags": []}));
    let tag = |arn: &str| json!({"resourceArn": arn, "tags": [{"key": "k", "value": "v"}], "tagKeys": ["k"]});
    for arn in [version, format!("{arn}x"), "arn:aws:states:us-east-1:000000000000:activity:none".to_owned()] {
        for operation in ["TagResource", "UntagResource"] {
            let error = place.error(operation, tag(&arn)).await;
            assert_eq!(
                (&error["message"], &error["resourceName"]),
                (&json!(format!("Resource not found: '{arn}'")), &json!(arn))
            );
        }
    }
    assert_eq!(
        place.refused("TagResource", tag("arn:aws:states:us-east-1:000000000000:execution:m:n")).await,
        "InvalidArn: Invalid Arn: 'Resource type not valid in this context: execution'"
    );
}
