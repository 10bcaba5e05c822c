//! The sample photos give what `expected.json` beside them says.

use crate::bed::{Bed, image};
use aslx_tasks::picture::{PictureLimits, shrink};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../definitions/image-pipeline")
}

#[tokio::test]
async fn samples_give_what_is_expected() {
    let expected: Value = serde_json::from_slice(&fs::read(folder().join("expected.json")).unwrap()).unwrap();
    let expected = expected.as_object().unwrap();
    let bed = Bed::new();
    for entry in fs::read_dir(folder().join("photos")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let body = fs::read(folder().join("photos").join(&name)).unwrap();
        assert!(name.ends_with(".rekognition.json") || expected.contains_key(&name), "{name} is not in expected.json");
        bed.put(&format!("uploads/1/{name}"), body).await;
    }
    for (name, expected) in expected {
        let body = fs::read(folder().join("photos").join(name)).unwrap();
        let thumbnails = bed.function("thumbnail", image("1", name)).await;
        let analysis = bed.function("analyze", image("1", name)).await;
        if let Some(error) = expected.get("error") {
            assert_eq!(&json!(thumbnails.unwrap_err().error), error, "{name}");
            assert_eq!(&json!(analysis.unwrap_err().error), error, "{name}");
            continue;
        }
        let shrunk = shrink(&body, 600, &PictureLimits::default()).unwrap();
        let format = json!([shrunk.format.name(), shrunk.width, shrunk.height]);
        assert_eq!(format, json!([expected["format"], expected["width"], expected["height"]]), "{name}");
        let keys = thumbnails.unwrap()["thumbnails"].clone();
        for (size, sides) in expected["thumbnails"].as_object().unwrap() {
            let file = bed.path("buckets/images").join(keys[size].as_str().unwrap());
            let (width, height) = image::image_dimensions(file).unwrap();
            assert_eq!(&json!([width, height]), sides, "{name} {size}");
        }
        assert_eq!(analysis.unwrap()["analysis"]["isSafe"], expected["isSafe"], "{name}");
    }
}

/// What the definitions ask for can be run here, once the names of the project file stand in them.
#[test]
fn every_resource_of_the_definitions_can_be_run() {
    let names = fs::read_to_string(folder().join("aslx.toml")).unwrap();
    let bed = Bed::new();
    for file in ["image-pipeline.asl.json", "naive/naive.asl.json"] {
        let mut text = fs::read_to_string(folder().join(file)).unwrap();
        for line in names.lines() {
            if let Some((name, value)) = line.split_once(" = ") {
                text = text.replace(&format!("${{{name}}}"), value.trim_matches('"'));
            }
        }
        assert!(!text.contains("${"), "{file}");
        let mut found = 0;
        let definition: Value = serde_json::from_str(&text).unwrap();
        let mut todo = vec![&definition];
        while let Some(value) = todo.pop() {
            match value {
                Value::Object(members) => {
                    if let Some(resource) = members.get("Resource").and_then(Value::as_str) {
                        bed.tasks.can_run(resource).unwrap();
                        found += 1;
                    }
                    todo.extend(members.values());
                }
                Value::Array(items) => todo.extend(items),
                _ => {}
            }
        }
        assert!(found >= 4);
    }
}
