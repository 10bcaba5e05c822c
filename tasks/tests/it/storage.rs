//! Folders as buckets and tables.

use crate::bed::Bed;
use aslx_tasks::ErrorName;
use aslx_tasks::ports::{Attribute, Expression, Item, Tags, Update};
use std::fs;
use std::sync::Arc;

#[tokio::test]
async fn objects_are_files_and_files_are_objects() {
    let bed = Bed::new();
    let bucket = &bed.tasks.ports().bucket;
    bucket.put("images", "a/b.jpg", vec![1, 2], "image/jpeg").await.unwrap();
    bucket.put("images", "a/c", vec![3], "text/html").await.unwrap();
    fs::write(bed.path("buckets/images/by hand.png"), [4]).unwrap();
    assert_eq!(bucket.list("images", "").await.unwrap(), ["a/b.jpg", "a/c", "by hand.png"]);
    assert_eq!(bucket.list("images", "a/b").await.unwrap(), ["a/b.jpg"]);
    assert_eq!(bucket.list("nothing", "").await.unwrap_err().name(), ErrorName::ObjectNotFound);
    let types = [("a/b.jpg", "image/jpeg"), ("a/c", "text/html"), ("by hand.png", "image/png")];
    for (key, content_type) in types {
        assert_eq!(bucket.head("images", key).await.unwrap().content_type, content_type, "{key}");
    }
    let object = bucket.get("images", "a/b.jpg", 2).await.unwrap();
    assert_eq!((object.body.as_slice(), object.info.size), (&[1, 2][..], 2));
    assert_eq!(bucket.get("images", "a/b.jpg", 1).await.unwrap_err().name(), ErrorName::ImageTooLarge);
    assert_eq!(bucket.get("images", "a", 9).await.unwrap_err().name(), ErrorName::ObjectNotFound);
    for key in ["a", "a/c/d"] {
        let error = bucket.put("images", key, vec![], "image/jpeg").await.unwrap_err();
        assert_eq!(error.name(), ErrorName::InvalidInput, "{key}");
    }
    let tags = Tags::from([("k".into(), "v".into())]);
    bucket.tag("images", "a/c", &tags).await.unwrap();
    let info = bucket.head("images", "a/c").await.unwrap();
    assert_eq!((info.tags, info.content_type.as_str()), (tags.clone(), "text/html"));
    assert_eq!(bucket.tag("images", "no", &tags).await.unwrap_err().name(), ErrorName::ObjectNotFound);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn counting_up_from_everywhere_loses_nothing() {
    let bed = Arc::new(Bed::new());
    let writers: Vec<_> = (0..8)
        .map(|_| {
            // Each with its own table, as another process has it.
            let other = aslx_tasks::OfflineTasks::new(bed.path("")).build();
            tokio::spawn(async move {
                for _ in 0..25 {
                    let change = Expression::new("ADD n :one").value(":one", Attribute::N("1".into()));
                    let key = Item::from([("imageId".into(), Attribute::text("x"))]);
                    let update = Update { table: "images".into(), key, change: Some(change), condition: None };
                    other.ports().table.update(update).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(bed.image_row("x").await.unwrap()["n"], 200);
    // A row that people can find and read.
    let text = fs::read_to_string(bed.path("tables/images/x.json")).unwrap();
    assert_eq!(text, "{\n  \"imageId\": {\n    \"S\": \"x\"\n  },\n  \"n\": {\n    \"N\": \"200\"\n  }\n}");
}

#[tokio::test]
async fn an_update_that_fails_changes_nothing() {
    let bed = Bed::new();
    let update = |text: &str| Update {
        table: "images".into(),
        key: Item::from([("imageId".into(), Attribute::text("x"))]),
        change: Some(Expression::new(text).value(":v", Attribute::text("y"))),
        condition: None,
    };
    let table = &bed.tasks.ports().table;
    for text in ["SET imageId = :v", "SET a.b = :v", "SET a = b", "nonsense"] {
        assert_eq!(table.update(update(text)).await.unwrap_err().name(), ErrorName::InvalidInput, "{text}");
    }
    assert_eq!(bed.image_row("x").await, None);
    assert_eq!(fs::read_dir(bed.path("tmp")).map_or(0, Iterator::count), 0);
}
