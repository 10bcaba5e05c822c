//! Thumbnails, flags and messages.

use crate::bed::{Bed, image};
use crate::scene::{JpegOptions, beach, jpeg};
use serde_json::json;
use std::fs;

fn photo() -> Vec<u8> {
    jpeg(&beach(1200, 800, 1), 1200, 800, &JpegOptions { quality: 85, ..JpegOptions::default() })
}

#[tokio::test]
async fn thumbnails_are_stored_where_the_contract_says() {
    let bed = Bed::new();
    bed.put("uploads/1/a.jpg", photo()).await;
    let output = bed.function("thumbnail", image("1", "a.jpg")).await.unwrap();
    let expected = json!({ "imageId": "1", "thumbnails": {
        "small": "thumbnails/1/small.jpg", "medium": "thumbnails/1/medium.jpg", "large": "thumbnails/1/large.jpg" } });
    assert_eq!(output, expected);
    let read = |size: &str| fs::read(bed.path(&format!("buckets/images/thumbnails/1/{size}.jpg"))).unwrap();
    let first: Vec<_> = ["small", "medium", "large"].map(read).into();
    for (file, side) in first.iter().zip([150, 300, 600]) {
        let picture = image::load_from_memory(file).unwrap();
        assert_eq!((picture.width(), picture.height()), (side, side * 2 / 3));
    }
    bed.function("thumbnail", image("1", "a.jpg")).await.unwrap();
    assert_eq!(Vec::from(["small", "medium", "large"].map(read)), first, "run twice, same bytes");
    assert_eq!(fs::read_dir(bed.path("tmp")).unwrap().count(), 0, "nothing half-written stays");
}

#[tokio::test]
async fn failures_are_named() {
    let bed = Bed::new();
    bed.put("uploads/1/a.jpg", photo()[..5000].to_vec()).await;
    bed.put("uploads/1/a.txt", b"hello".to_vec()).await;
    for (input, error) in [
        (image("1", "a.jpg"), "CorruptImage"),
        (image("1", "a.txt"), "UnsupportedImageFormat"),
        (image("1", "b.jpg"), "ObjectNotFound"),
        (json!({ "bucket": "nowhere", "key": "a", "imageId": "1" }), "ObjectNotFound"),
        (json!({ "bucket": "../images", "key": "a", "imageId": "1" }), "InvalidInput"),
        (json!({ "bucket": "images", "key": "../../etc/passwd", "imageId": "1" }), "InvalidInput"),
        (json!({ "bucket": "images", "key": "uploads/1/a.jpg", "imageId": "../1" }), "InvalidInput"),
        (json!({ "bucket": "images", "key": "uploads/1/a.jpg" }), "InvalidInput"),
        (json!("text"), "InvalidInput"),
    ] {
        for function in ["thumbnail", "analyze"] {
            let failure = bed.function(function, input.clone()).await.unwrap_err();
            assert_eq!(failure.error, error, "{function} {input}");
            let cause: serde_json::Value = serde_json::from_str(&failure.cause.unwrap()).unwrap();
            assert_eq!(cause["errorType"], error);
        }
    }
    assert!(!bed.path("buckets/images/thumbnails").exists());
}

#[tokio::test]
async fn flagging_marks_the_row_the_photo_and_its_thumbnails() {
    let bed = Bed::new();
    bed.put("uploads/1/a.jpg", photo()).await;
    bed.function("thumbnail", image("1", "a.jpg")).await.unwrap();
    bed.function("analyze", image("1", "a.jpg")).await.unwrap();
    let keys = ["uploads/1/a.jpg", "thumbnails/1/small.jpg", "thumbnails/1/medium.jpg", "thumbnails/1/large.jpg"];
    for _ in 0..2 {
        let output = bed.function("flag", image("1", "a.jpg")).await.unwrap();
        assert_eq!(output, json!({ "imageId": "1", "status": "flagged", "tagged": keys }));
    }
    let row = bed.image_row("1").await.unwrap();
    assert_eq!((&row["status"], &row["s3Key"]), (&json!("flagged"), &json!("uploads/1/a.jpg")));
    assert!(row["analysis"].is_object());
    for key in keys {
        let info = bed.tasks.ports().bucket.head("images", key).await.unwrap();
        assert_eq!(info.tags.get("status").map(String::as_str), Some("flagged"), "{key}");
    }
    // A new upload of the same key has no tags.
    bed.put(keys[0], photo()).await;
    assert!(bed.tasks.ports().bucket.head("images", keys[0]).await.unwrap().tags.is_empty());
}

#[tokio::test]
async fn messages_can_be_read() {
    let bed = Bed::new();
    let output = bed.function("notify", json!({ "imageId": "1" })).await.unwrap();
    bed.function("notify", json!({ "imageId": "2", "message": "line\nbreak", "topicArn": "arn:x" })).await.unwrap();
    let outbox = bed.outbox();
    assert_eq!(outbox.len(), 2);
    assert_eq!(
        outbox[0],
        json!({ "time": "2023-11-14T22:13:20.000Z", "messageId": output["messageId"],
        "topic": "arn:aws:sns:us-east-1:123456789012:image-events", "message": "Image 1 processed" })
    );
    assert_eq!((&outbox[1]["topic"], &outbox[1]["message"]), (&json!("arn:x"), &json!("line\nbreak")));
}

/// The picture is decoded once for both.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thumbnails_and_analysis_run_side_by_side() {
    let bed = std::sync::Arc::new(Bed::new());
    let ids: Vec<String> = (0..12).map(|n| n.to_string()).collect();
    for id in &ids {
        bed.put(&format!("uploads/{id}/a.jpg"), photo()).await;
    }
    let all = ids.iter().flat_map(|id| ["thumbnail", "analyze"].map(|function| (id.clone(), function)));
    let running: Vec<_> = all
        .map(|(id, function)| {
            let bed = bed.clone();
            tokio::spawn(async move { bed.function(function, image(&id, "a.jpg")).await })
        })
        .collect();
    for task in running {
        task.await.unwrap().unwrap();
    }
}
