//! What is on a photo, offline.

use crate::bed::{Bed, image};
use crate::files::encoded;
use crate::scene::{JpegOptions, beach, jpeg};
use aslx_tasks::offline::BUILT_IN_ANALYSER;
use image::{DynamicImage, ImageFormat, RgbImage};
use serde_json::{Value, json};

fn photo() -> Vec<u8> {
    jpeg(&beach(800, 600, 0), 800, 600, &JpegOptions { quality: 90, ..JpegOptions::default() })
}

fn plain(rgb: [u8; 3]) -> Vec<u8> {
    encoded(&DynamicImage::ImageRgb8(RgbImage::from_pixel(60, 90, image::Rgb(rgb))), ImageFormat::Png)
}

fn names(output: &Value) -> Vec<String> {
    let labels = output["analysis"]["labels"].as_array().unwrap();
    labels.iter().map(|l| l["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_built_in_analyser_looks_and_says_what_it_is() {
    let bed = Bed::new();
    bed.put("uploads/1/beach.jpg", photo()).await;
    let output = bed.function("analyze", image("1", "beach.jpg")).await.unwrap();
    let labels = names(&output);
    assert!(labels.contains(&"Blue".to_owned()) && labels.contains(&"Landscape Format".to_owned()), "{labels:?}");
    assert!(labels.len() <= 10);
    let analysis = &output["analysis"];
    assert_eq!(analysis["analyzer"], BUILT_IN_ANALYSER);
    assert!(BUILT_IN_ANALYSER.contains("not Rekognition"));
    assert_eq!(
        (&analysis["faceCount"], &analysis["isSafe"], &analysis["moderationLabels"]),
        (&json!(0), &json!(true), &json!([]))
    );
    assert!(analysis["labels"].as_array().unwrap().iter().all(|l| l["confidence"].as_f64().unwrap() >= 70.0));

    let row = bed.image_row("1").await.unwrap();
    assert_eq!(row["analysis"]["isSafe"], true);
    assert_eq!(
        (&row["imageId"], &row["s3Key"], &row["status"]),
        (&json!("1"), &json!("uploads/1/beach.jpg"), &json!("completed"))
    );
    assert_eq!(row.as_object().unwrap().len(), 4);

    for (rgb, expected) in
        [([0, 0, 0], vec!["Black", "Dark"]), ([255, 255, 255], vec!["White", "Bright"]), ([200, 0, 0], vec!["Red"])]
    {
        bed.put("uploads/2/p.png", plain(rgb)).await;
        let labels = names(&bed.function("analyse", image("2", "p.png")).await.unwrap());
        for label in expected.into_iter().chain(["Portrait Format", "Blurry"]) {
            assert!(labels.iter().any(|l| l == label), "{rgb:?} {labels:?}");
        }
    }
}

#[tokio::test]
async fn a_recording_beside_the_photo_is_what_counts() {
    let bed = Bed::new();
    // Not even a picture: the recording says what Rekognition said.
    bed.put("uploads/1/a.jpg", photo()).await;
    let labels: Vec<_> = (0..15).map(|n| json!({ "Name": format!("L{n}"), "Confidence": 60 + 2 * n })).collect();
    let recording = json!({
        "DetectLabels": { "Labels": labels },
        "DetectFaces": { "FaceDetails": [{}, {}] },
        "DetectModerationLabels": { "ModerationLabels": [{ "Name": "Violence", "Confidence": 60 }, { "Name": "Drugs", "Confidence": 59.9 }] }
    });
    bed.put("uploads/1/a.jpg.rekognition.json", recording.to_string().into_bytes()).await;
    let output = bed.function("analyze", image("1", "a.jpg")).await.unwrap();
    assert_eq!(names(&output), ["L14", "L13", "L12", "L11", "L10", "L9", "L8", "L7", "L6", "L5"]);
    let mut rest = output["analysis"].clone();
    rest.as_object_mut().unwrap().remove("labels");
    let expected =
        json!({ "faceCount": 2, "moderationLabels": [{ "name": "Violence", "confidence": 60.0 }], "isSafe": false });
    assert_eq!(rest, expected);

    bed.put("uploads/1/a.jpg.rekognition.json", b"{}".to_vec()).await;
    assert_eq!(bed.function("analyze", image("1", "a.jpg")).await.unwrap_err().error, "InvalidRecording");
    // A recording about a photo that is not there is about nothing.
    bed.put("uploads/2/a.jpg.rekognition.json", recording.to_string().into_bytes()).await;
    assert_eq!(bed.function("analyze", image("2", "a.jpg")).await.unwrap_err().error, "ObjectNotFound");
}

#[tokio::test]
async fn strict_refuses_what_rekognition_refuses() {
    let strict = Bed::with(|t| t.strict(true));
    let relaxed = Bed::new();
    let webp = encoded(&DynamicImage::ImageRgb8(RgbImage::new(40, 30)), ImageFormat::WebP);
    let mut large = photo();
    large.resize(15 * 1024 * 1024 + 1, 0);
    for (name, body, error) in [
        ("a.webp", webp, Some("UnsupportedImageFormat")),
        ("large.jpg", large, Some("ImageTooLarge")),
        ("a.jpg", photo(), None),
        ("a.png", plain([1, 2, 3]), None),
    ] {
        for bed in [&strict, &relaxed] {
            bed.put(&format!("uploads/1/{name}"), body.clone()).await;
        }
        let failure = strict.function("analyze", image("1", name)).await.err();
        assert_eq!(failure.as_ref().map(|f| f.error.as_str()), error, "{name}");
        if let Some(failure) = failure {
            assert!(failure.cause.unwrap().contains("strict: Rekognition"));
        }
        relaxed.function("analyze", image("1", name)).await.unwrap();
    }
}
