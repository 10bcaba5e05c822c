//! Data that is damaged gives a cause that says where, and no item at all.

use super::*;

#[test]
fn what_is_not_there() {
    let mut bed = Bed::new("JSON", "");
    bed.parameters["Key"] = "other".into();
    bed.fails("There is no object `other` in bucket `data`.");
    bed.parameters = json!({ "Bucket": "data" });
    bed.fails("The ItemReader names no Key.");
    bed.parameters = json!({});
    bed.fails("The ItemReader names no Bucket.");
}

#[test]
fn packed_data_that_ends_too_early() {
    let whole = gzip("[1,2,3,4,5,6,7,8,9,10]".repeat(50).as_bytes());
    for length in [6, 12, whole.len() / 2, whole.len() - 9, whole.len() - 1] {
        for input_type in ["CSV", "JSON", "JSONL"] {
            let cause = Bed::new(input_type, &whole[..length]).read().unwrap_err();
            let told = ["s3://data/file ends in the middle of its packed data.", "s3://data/file is not JSON"];
            assert!(told.iter().any(|told| cause.starts_with(told)), "{length} {cause}");
        }
    }
    let mut damaged = gzip(b"a\n1\n2\n");
    let last = damaged.len() - 6;
    damaged[last] ^= 1;
    let cause = Bed::new("CSV", damaged).read().unwrap_err();
    assert!(cause.starts_with("s3://data/file cannot be unpacked: "), "{cause}");
    let packed = zstd::encode_all("1\n".repeat(9_000).as_bytes(), 1).unwrap();
    let cause = Bed::new("JSONL", &packed[..packed.len() - 1]).read().unwrap_err();
    assert!(cause.starts_with("s3://data/file"), "{cause}");
}

#[test]
fn headers_that_cannot_be() {
    Bed::new("CSV", "a,b,a\n1,2,3\n").fails("CSV headers cannot contain duplicates.");
    Bed::new("CSV", "1\n").with("CSVHeaders", json!(["x", "x"])).fails("CSV headers cannot contain duplicates.");
    let long = "h".repeat(11_000);
    Bed::new("CSV", long).fails("The CSV headers have 11001 bytes, at most 10240 are allowed.");
}

#[test]
fn text_that_is_not_utf_8() {
    Bed::new("CSV", b"a,b\n1,2\n\xff,3\n".as_slice()).fails("The row at line 3 of s3://data/file is not UTF-8.");
    Bed::new("JSONL", b"1\n\"\xe9\"\n".as_slice()).fails("Line 2 of s3://data/file is not UTF-8.");
    Bed::new("JSON", b"[1,\"\xe9\"]".as_slice()).fails("Item 1 of s3://data/file is not UTF-8.");
    Bed::new("CSV", b"\xff\xfea\0".as_slice()).fails("s3://data/file is UTF-16; UTF-8 is read.");
}

#[test]
fn lines_that_are_not_json() {
    let cause = Bed::new("JSONL", "1\n{\"a\":}\n3").read().unwrap_err();
    assert!(cause.starts_with("Line 2 of s3://data/file is not JSON: "), "{cause}");
}

#[test]
fn json_that_is_cut_off_or_goes_on() {
    for (text, told) in [
        ("", "s3://data/file is not JSON: it ends too early, at byte 0."),
        ("[1,2", "s3://data/file is not JSON: it ends too early, at byte 4."),
        ("[1,", "s3://data/file is not JSON: it ends too early, at byte 3."),
        ("[\"abc", "s3://data/file is not JSON: it ends too early, at byte 5."),
        ("[1 2]", "s3://data/file is not JSON: a comma or the end of a list or object is missing at byte 3."),
        ("[1,]", "s3://data/file is not JSON: a value is missing at byte 3."),
        ("[1]]", "s3://data/file is not JSON: something follows the end of the JSON text at byte 3."),
        ("[1] 2", "s3://data/file is not JSON: something follows the end of the JSON text at byte 4."),
    ] {
        Bed::new("JSON", text).fails(told);
    }
    // Cut off behind the list: the items are all there, but the text is not.
    Bed::new("JSON", r#"{"a":[1,2],"b":{"c""#)
        .with("ItemsPointer", "/a")
        .fails("s3://data/file is not JSON: it ends too early, at byte 19.");
    let cause = Bed::new("JSON", "[1,tru]").read().unwrap_err();
    assert!(cause.starts_with("Item 1 of s3://data/file is not JSON: "), "{cause}");
    let cause = Bed::new("JSON", format!("[{}]", "[".repeat(5_000) + &"]".repeat(5_000))).read().unwrap_err();
    assert!(cause.starts_with("Item 0 of s3://data/file is not JSON: "), "{cause}");
}

#[test]
fn items_that_are_too_large_do_not_fill_the_memory() {
    let long = "x".repeat(9 * 1024 * 1024);
    for (input_type, text) in [
        ("JSONL", format!("1\n\"{long}\"\n")),
        ("JSON", format!("[1,\"{long}\"]")),
        ("CSV", format!("a\n1\n\"{long}\"\n")),
        // A quote that nobody closes.
        ("CSV", format!("a\n1\n\"{}", "x\n".repeat(5 * 1024 * 1024))),
    ] {
        let cause = Bed::new(input_type, gzip(text.as_bytes())).read().unwrap_err();
        assert_eq!(cause, "s3://data/file has an item of more than 8388608 bytes.", "{input_type}");
    }
    // Not the item is large, but what is skipped before it.
    let text = format!("{{\"a\":\"{long}\",\"b\":[1]}}");
    Bed::new("JSON", text).with("ItemsPointer", "/b").gives("[1]");
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_files_that_are_damaged() {
    use parquet::basic::Compression;
    let whole = parquet(6, Compression::SNAPPY);
    Bed::new("PARQUET", "").fails("s3://data/file is no Parquet file: it has 0 bytes.");
    Bed::new("PARQUET", "a,b\n1,2\n3,4\n5,6\n")
        .fails("s3://data/file is no Parquet file: it does not end with `PAR1`, as if it were cut off.");
    Bed::new("PARQUET", &whole[..whole.len() - 3])
        .fails("s3://data/file is no Parquet file: it does not end with `PAR1`, as if it were cut off.");
    // The footer's beginning is gone.
    let end = whole.len() - 8;
    let cut = [&whole[..40], &whole[end - 20..]].concat();
    let cause = Bed::new("PARQUET", cut).read().unwrap_err();
    assert!(cause.starts_with("s3://data/file is no Parquet file: "), "{cause}");
    let mut huge = whole.clone();
    huge[end..end + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    Bed::new("PARQUET", huge).fails("s3://data/file has a footer of 4294967295 bytes, at most 5242880 are read.");
    // Whatever byte is damaged: rows or a cause, never a panic and never fewer rows.
    for place in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x55;
        match Bed::new("PARQUET", damaged).read() {
            Ok(rows) => assert!(!rows.is_empty(), "{place}"),
            Err(cause) => assert!(cause.contains("s3://data/file"), "{place}: {cause}"),
        }
    }
}

#[test]
fn a_task_that_no_map_run_asks_for() {
    let datasets = Bed::empty().datasets;
    for resource in [OBJECT, "arn:aws:states:::s3:putObject"] {
        let input = Value::from(json!({ "Bucket": "data", "Key": "file" }));
        let failure = block_on(datasets.answer(&request(resource, input))).unwrap_err();
        assert_eq!(failure.error, "States.Runtime");
    }
}
