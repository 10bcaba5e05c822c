//! Data sets of several objects, restarts, and data that changes.

use super::*;

fn folder() -> Bed {
    let bed = Bed::empty();
    for (key, content) in
        [("in/a.jsonl", "1\n2\n"), ("in/deep/er/b.jsonl", "3\n"), ("in/empty.jsonl", ""), ("out/c", "no")]
    {
        bed.bucket.insert("data", key, content);
    }
    bed.bucket.insert("data", "in/folder/", "");
    bed
}

#[test]
fn listings_are_items() {
    let bed = folder().lists("in/");
    let items = bed.read().unwrap();
    let keys: Vec<_> = items.iter().map(|item| item.get("Key").unwrap().as_str().unwrap().to_owned()).collect();
    assert_eq!(keys, ["in/a.jsonl", "in/deep/er/b.jsonl", "in/empty.jsonl", "in/folder/"]);
    let names: Vec<_> = items[0].as_object().unwrap().keys().map(|name| name.to_string()).collect();
    assert_eq!(names, ["Etag", "LastModified", "Key", "Size", "StorageClass"]);
    folder().lists("nothing").gives("[]");
    folder().lists("in/").with("MaxItems", 2).read().unwrap();
}

#[test]
fn listed_objects_can_be_loaded_and_tell_where_items_come_from() {
    let bed = folder().lists("in/").with("Transformation", "LOAD_AND_FLATTEN").with("InputType", "JSONL");
    bed.gives("[1,2,3]");
    let page = block_on(async {
        let (_, pin) = bed.open().await.unwrap();
        bed.ask(Some(json!({ "From": 1, "Items": 9, "Bytes": 99, "Pin": pin }))).await.unwrap()
    });
    assert_eq!(
        page.to_json(),
        r#"{"Items":[2,3],"Sources":[{"Count":1,"Source":"S3://data/in/a.jsonl"},{"Count":1,"Source":"S3://data/in/deep/er/b.jsonl"}]}"#
    );
}

#[test]
fn a_listing_has_more_than_one_page() {
    let bed = Bed { page: 1_000, ..Bed::empty().lists("k") };
    for number in 0..2_500 {
        bed.bucket.insert("data", &format!("k{number:05}"), "");
    }
    let items = bed.read().unwrap();
    assert_eq!(items.len(), 2_500);
    assert_eq!(items[2_499].get("Key").unwrap().as_str(), Some("k02499"));
}

/// An inventory with two packed files.
fn inventory(change: impl FnOnce(&mut Json)) -> Bed {
    let bed = Bed::new("MANIFEST", "");
    let mut files = Vec::new();
    for (number, rows) in
        ["\"data\",\"a b.txt\",\"12\"\n\"data\",\"c\",\"\"\n", "\"data\",\"d\",\"1\"\n"].iter().enumerate()
    {
        let (key, content) = (format!("inventory/{number}.csv.gz"), gzip(rows.as_bytes()));
        files.push(json!({ "key": key, "size": content.len(), "MD5checksum": md5(&content) }));
        bed.bucket.insert("stock", &key, content);
    }
    let mut manifest = json!({
        "sourceBucket": "data", "destinationBucket": "arn:aws:s3:::stock", "version": "2016-11-30",
        "creationTimestamp": "1514944800000", "fileFormat": "CSV", "fileSchema": "Bucket, Key, Size", "files": files,
    });
    change(&mut manifest);
    bed.bucket.insert("data", "file", manifest.to_string());
    bed
}

#[test]
fn an_inventory_has_the_rows_of_its_files() {
    let rows = r#"[{"Bucket":"data","Key":"a b.txt","Size":"12"},{"Bucket":"data","Key":"c","Size":""},{"Bucket":"data","Key":"d","Size":"1"}]"#;
    inventory(|_| {}).gives(rows);
    let mut named = inventory(|_| {});
    named.config = json!({ "ManifestType": "S3_INVENTORY" });
    named.gives(rows);
}

#[test]
fn an_inventory_is_verified() {
    inventory(|manifest| manifest["files"][1]["MD5checksum"] = "0".repeat(32).into()).fails(&format!(
        "s3://stock/inventory/1.csv.gz has the MD5 checksum {}, but {} by the manifest of the S3 inventory.",
        md5(&gzip(b"\"data\",\"d\",\"1\"\n")),
        "0".repeat(32)
    ));
    let cause = inventory(|manifest| manifest["files"][0]["size"] = 7.into()).read().unwrap_err();
    assert!(cause.ends_with("bytes, but 7 by the manifest of the S3 inventory."), "{cause}");
    inventory(|manifest| manifest["files"][1]["key"] = "gone".into())
        .fails("There is no object `gone` in bucket `stock`.");
    inventory(|manifest| manifest["fileFormat"] = "ORC".into())
        .fails("The S3 inventory s3://data/file has the format ORC; inventories in CSV are read.");
    let cause = inventory(|manifest| *manifest = json!({})).read().unwrap_err();
    assert!(cause.starts_with("s3://data/file is no manifest of an S3 inventory: missing field"), "{cause}");
}

#[test]
fn a_manifest_of_athena_names_data_files() {
    let bed = Bed::new("JSONL", "s3://data/x/1.gz\n\n\"s3://other/2\"\r\n").with("ManifestType", "ATHENA_DATA");
    bed.bucket.insert("data", "x/1.gz", gzip(b"{\"a\":1}\n"));
    bed.bucket.insert("other", "2", "{\"a\":2}");
    bed.gives(r#"[{"a":1},{"a":2}]"#);
    Bed::new("CSV", "s3://data/gone")
        .with("ManifestType", "ATHENA_DATA")
        .fails("There is no object `gone` in bucket `data`.");
    Bed::new("CSV", "\nfile.csv\n")
        .with("ManifestType", "ATHENA_DATA")
        .fails("Line 2 of the manifest s3://data/file is no address of an object: 'file.csv'.");
}

#[test]
fn a_restart_reads_on_from_anywhere() {
    let numbers: Vec<String> = (0..20).map(|number: u64| number.to_string()).collect();
    let bed = Bed::new("JSONL", numbers.join("\n"));
    block_on(async {
        let (total, pin) = bed.open().await.unwrap();
        for from in (0..total).rev() {
            let restarted = Datasets::new(Arc::new(bed.bucket.clone()));
            let bed = Bed {
                datasets: restarted,
                bucket: bed.bucket.clone(),
                resource: OBJECT,
                parameters: bed.parameters.clone(),
                config: bed.config.clone(),
                page: 2.min(total - from),
            };
            assert_eq!(bed.page(from, &pin).await.unwrap()[0], Value::from(from));
        }
    });
}

#[test]
fn data_that_changes_is_noticed() {
    let changed = "The data set has changed since it was opened.";
    let bed = Bed::new("JSONL", "1\n2\n3\n4");
    block_on(async {
        let (_, pin) = bed.open().await.unwrap();
        bed.page(0, &pin).await.unwrap();
        bed.bucket.insert("data", "file", "1\n2\n3\n5");
        // The open stream had read it all: what it holds is of one version.
        assert_eq!(bed.page(3, &pin).await.err(), None);
    });
    block_on(async {
        let (_, pin) = bed.open().await.unwrap();
        bed.bucket.insert("data", "file", "1\n2\n3\n6");
        bed.page(0, &pin).await.unwrap();
        // The same number of items, but not the same object.
        let last = Bed { page: 1, ..bed };
        assert_eq!(last.page(3, &pin).await.err().as_deref(), Some(changed));
    });
    let long: String = (0..300_000).map(|number: u64| format!("{number}\n")).collect();
    let bed = Bed::new("JSONL", long.clone());
    block_on(async {
        let (_, pin) = bed.open().await.unwrap();
        bed.page(0, &pin).await.unwrap();
        bed.bucket.insert("data", "file", long);
        let far = Bed { page: 1, ..bed };
        let cause = far.page(299_000, &pin).await.unwrap_err();
        assert_eq!(cause, "`file` in bucket `data` has changed while it was being read.");
    });
}

#[test]
fn a_version_that_is_asked_for_must_be_there() {
    let mut bed = Bed::new("JSON", "[1]");
    let version = bed.bucket.insert("data", "file", "[2]").version;
    bed.parameters["VersionId"] = version.into();
    bed.gives("[2]");
    bed.parameters["VersionId"] = "other".into();
    bed.fails("There is no version 'other' of s3://data/file.");
}
