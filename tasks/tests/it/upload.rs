//! The contract of upload.

use crate::bed::Bed;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Status and body of the answer.
async fn ask(bed: &Bed, event: Value) -> (u64, Value) {
    let reply = bed.function("upload", event).await.unwrap();
    assert_eq!(reply["headers"], json!({ "Content-Type": "application/json" }));
    assert_eq!(reply.as_object().unwrap().len(), 3);
    (reply["statusCode"].as_u64().unwrap(), serde_json::from_str(reply["body"].as_str().unwrap()).unwrap())
}

#[tokio::test]
async fn an_address_is_handed_out() {
    let bed = Bed::new();
    let (status, body) = ask(&bed, json!({ "body": r#"{"fileName": "beach.jpg"}"# })).await;
    assert_eq!(status, 200);
    let id = body["imageId"].as_str().unwrap();
    assert_eq!(body["key"], format!("uploads/{id}/beach.jpg"));
    let url = body["uploadUrl"].as_str().unwrap();
    // 300 seconds after the fixed time.
    let start = format!("http://localhost:8083/buckets/images/uploads/{id}/beach.jpg?expires=1700000300&signature=");
    assert!(url.starts_with(&start), "{url}");
    assert_eq!(body.as_object().unwrap().len(), 3);

    // The content type is part of the signature.
    let signature = |body: &Value| body["uploadUrl"].as_str().unwrap().rsplit_once('=').unwrap().1.to_owned();
    let with = |content_type: &str| json!({ "body": { "fileName": "beach.jpg", "contentType": content_type } });
    let fresh = || Bed::new();
    let (a, b) = (fresh(), fresh());
    std::fs::write(a.path("upload-secret"), [7; 32]).unwrap();
    std::fs::write(b.path("upload-secret"), [7; 32]).unwrap();
    let (_, default) = ask(&a, json!({ "body": { "fileName": "beach.jpg" } })).await;
    let (_, same) = ask(&b, with("image/jpeg")).await;
    assert_eq!(signature(&default), signature(&same));
    let c = fresh();
    std::fs::write(c.path("upload-secret"), [7; 32]).unwrap();
    let (_, other) = ask(&c, with("image/png")).await;
    assert_ne!(signature(&default), signature(&other));
}

#[tokio::test]
async fn what_is_not_in_order_is_answered_with_400() {
    let bed = Bed::new();
    for body in
        [json!("{}"), json!({}), json!(null), json!(r#"{"fileName": ""}"#), json!(r#"{"fileName": null}"#), json!("[]")]
    {
        let (status, answer) = ask(&bed, json!({ "body": body })).await;
        assert_eq!((status, answer), (400, json!({ "error": "fileName is required" })), "{body}");
    }
    assert_eq!(ask(&bed, json!({})).await.1, json!({ "error": "fileName is required" }));
    for name in ["..", ".", "../x.jpg", "a/b.jpg", "/etc/passwd", "a\\b.jpg", "a\0.jpg", "a\n.jpg", &"a".repeat(256)] {
        let (status, answer) = ask(&bed, json!({ "body": { "fileName": name } })).await;
        assert_eq!(status, 400, "{name:?}");
        assert!(answer["error"].as_str().unwrap().starts_with("fileName `"), "{answer}");
    }
    for (body, error) in [
        (json!("{"), "body is not JSON"),
        (json!({ "fileName": 4 }), "fileName is not a text"),
        (json!({ "fileName": "a.jpg", "contentType": {} }), "contentType is not a text"),
        (json!({ "fileName": "a.jpg", "contentType": "image/jpeg\r\nX: y" }), "contentType is not a media type"),
    ] {
        let (status, answer) = ask(&bed, json!({ "body": body })).await;
        assert_eq!(status, 400);
        assert!(answer["error"].as_str().unwrap().starts_with(error), "{answer}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_name_leads_out_of_its_folder(name in "[./\\\\a\u{0}é ]{0,8}") {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let bed = Bed::new();
            let (status, body) = ask(&bed, json!({ "body": { "fileName": name } })).await;
            if status == 200 {
                let id = body["imageId"].as_str().unwrap();
                let file = body["key"].as_str().unwrap().strip_prefix(&format!("uploads/{id}/")).unwrap();
                assert!(!file.contains('/') && file != ".." && file == name);
            }
        });
    }
}
