//! What is written as CSV is what is read; any bytes give items or a cause.

use super::*;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn csv_comes_back_as_it_was_written(
        rows in proptest::collection::vec(proptest::collection::vec("[a-c ,;|\"\n\r\té]{0,6}", 3), 0..9),
        delimiter in proptest::sample::select(vec![b',', b'|', b';', b' ', b'\t']),
        page in 1u64..5,
        packed in any::<bool>(),
    ) {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
        writer.write_record(["x", "y", "z"]).unwrap();
        rows.iter().for_each(|row| writer.write_record(row).unwrap());
        let text = writer.into_inner().unwrap();
        let bed = Bed::new("CSV", if packed { gzip(&text) } else { text });
        let bed = Bed { page, ..bed.with("CSVDelimiter", char::from(delimiter).to_string()) };
        let expected: Vec<Value> = rows
            .iter()
            .map(|row| Value::from_pairs(["x", "y", "z"].into_iter().zip(row.iter().map(|cell| Value::from(cell.as_str())))))
            .collect();
        prop_assert_eq!(bed.read(), Ok(expected));
    }

    #[test]
    fn any_bytes_give_items_or_a_cause(bytes in proptest::collection::vec(any::<u8>(), 0..200), choice in 0usize..5) {
        let input_type = ["CSV", "JSON", "JSONL", "MANIFEST", "PARQUET"][choice];
        if let Err(cause) = Bed::new(input_type, bytes).read() {
            prop_assert!(cause.ends_with('.'));
        }
    }

    #[test]
    fn json_is_cut_as_the_parser_reads_it(text in r#"[\[\]{},:"\\ 0-9aeu\n-]{0,24}"#) {
        let text = format!("[{text}]");
        let read = Bed::new("JSON", text.clone()).read();
        match Value::parse(&text) {
            Ok(whole) => prop_assert_eq!(read.map(|items| Value::array(items).to_json()), Ok(whole.to_json())),
            Err(_) => prop_assert!(read.is_err()),
        }
    }
}
