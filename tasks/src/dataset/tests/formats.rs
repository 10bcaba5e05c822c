//! What each format gives.

use super::*;

const TABLE: &str = "city,people\r\nBern,134000\r\n\"Genf, \"\"Genève\"\"\",203000\r\n";
const ROWS: &str = r#"[{"city":"Bern","people":"134000"},{"city":"Genf, \"Genève\"","people":"203000"}]"#;

#[test]
fn csv_cells_are_texts() {
    Bed::new("CSV", TABLE).gives(ROWS);
    Bed::new("CSV", "a,,c\n1,\"x,\"\"y\n\",3,4\n5\n\n6\n")
        .gives(r#"[{"a":"1","":"x,\"y\n","c":"3"},{"a":"5","":"","c":""},{"a":"6","":"","c":""}]"#);
    Bed::new("CSV", "").gives("[]");
    Bed::new("CSV", "a,b\n").gives("[]");
    // No end of line at the end.
    Bed::new("CSV", "a\n1").gives(r#"[{"a":"1"}]"#);
}

#[test]
fn csv_with_given_headers_and_every_delimiter() {
    for delimiter in [",", "|", ";", " ", "\t"] {
        let text = ["1", "\"a|b,c;d e\tf\"", "3"].join(delimiter);
        let bed = Bed::new("CSV", text).with("CSVDelimiter", delimiter).with("CSVHeaders", json!(["x", "y"]));
        bed.gives(r#"[{"x":"1","y":"a|b,c;d e\tf"}]"#);
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_header() {
    Bed::new("CSV", format!("\u{feff}{TABLE}")).gives(ROWS);
    Bed::new("JSON", "\u{feff}[1]").gives("[1]");
    Bed::new("JSONL", "\u{feff}1\n2").gives("[1,2]");
}

#[test]
fn packed_text_is_unpacked() {
    Bed::new("CSV", gzip(TABLE.as_bytes())).gives(ROWS);
    Bed::new("JSONL", zstd::encode_all("1\n2\n".as_bytes(), 1).unwrap()).gives("[1,2]");
    // Several members, one after the other, are one text.
    let two = [gzip(b"[1,"), gzip(b"2]")].concat();
    Bed::new("JSON", two).gives("[1,2]");
}

#[test]
fn json_is_a_list_or_points_to_one() {
    Bed::new("JSON", " [1, {\"a\": [2, \"]\"]} ,\"x\\\"]\", null, -1.5e3] \n")
        .gives(r#"[1,{"a":[2,"]"]},"x\"]",null,-1500.0]"#);
    Bed::new("JSON", "[]").gives("[]");
    let text = r#"{"no":[0],"a/b":{"c":[{"x":1},[7,8,9]],"d":{}},"z":"]"}"#;
    Bed::new("JSON", text).with("ItemsPointer", "/a~1b/c").gives(r#"[{"x":1},[7,8,9]]"#);
    Bed::new("JSON", text).with("ItemsPointer", "/a~1b/c/1").gives("[7,8,9]");
    Bed::new("JSON", text).with("ItemsPointer", "").fails("Attempting to map over non-iterable node.");
    Bed::new("JSON", text).with("ItemsPointer", "/z").fails("Attempting to map over non-iterable node.");
    for nowhere in ["/x", "/a~1b/c/2", "/no/0/1"] {
        let told = format!("The ItemsPointer '{nowhere}' finds nothing in the data set.");
        Bed::new("JSON", text).with("ItemsPointer", nowhere).fails(&told);
    }
    Bed::new("JSON", "{}").fails("Attempting to map over non-iterable node.");
}

#[test]
fn json_lines_have_a_value_each() {
    Bed::new("JSONL", "1\n\n {\"a\":2} \r\n[3]").gives(r#"[1,{"a":2},[3]]"#);
    Bed::new("JSONL", "").gives("[]");
}

#[test]
fn max_items_ends_the_data_set() {
    Bed::new("JSON", "[1,2,3,4,5]").with("MaxItems", 4).gives("[1,2,3,4]");
    // What follows is not looked at.
    Bed::new("JSONL", "1\n2\nno").with("MaxItems", 2).gives("[1,2]");
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_rows_with_every_codec() {
    use parquet::basic::{Compression, GzipLevel, ZstdLevel};
    let codecs = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::ZSTD(ZstdLevel::default()),
        Compression::LZ4_RAW,
    ];
    for codec in codecs {
        let bed = Bed::new("PARQUET", parquet(5, codec));
        let rows = bed.read().unwrap();
        assert_eq!(rows.len(), 5);
        assert_eq!(
            rows[1].to_json(),
            r#"{"id":1,"name":"n1","x":0.5,"b":false,"at":"2023-11-14T22:13:20.001Z","day":"2022-01-09","raw":"bjE="}"#
        );
        assert_eq!(rows[2].get("name"), Some(&Value::Null));
    }
    Bed::new("PARQUET", parquet(0, Compression::SNAPPY)).gives("[]");
}
