//! The bytes of a data set as items.

use super::ReadRequest;
use aslx_asl::Value;
use aslx_asl::program::InputType;
use aslx_asl::value::Members;
use std::collections::HashSet;
use std::sync::Arc;

/// Why a data set has no items: the cause of `States.ItemReaderFailed`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ReadFailure(pub String);

/// The items of an object, at most `limit` of them.
///
/// Errors: duplicate CSV headers and JSON that is no list, in AWS's words (recorded); anything else that cannot be
/// read, in ours.
pub fn read_items(bytes: &[u8], request: &ReadRequest, limit: Option<u64>) -> Result<Vec<Value>, ReadFailure> {
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    match request.input_type {
        Some(InputType::Csv) => csv(bytes, request, limit),
        Some(InputType::JsonLines) => json_lines(text(bytes)?, limit),
        Some(InputType::Json) | None => json(text(bytes)?, request, limit),
        Some(InputType::Parquet | InputType::Manifest) => {
            Err(ReadFailure("The data set is of a kind that is not read.".to_owned()))
        }
    }
}

fn text(bytes: &[u8]) -> Result<&str, ReadFailure> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| ReadFailure(format!("The data set is not UTF-8 after byte {}.", error.valid_up_to())))?;
    Ok(text.trim_start_matches('\u{feff}'))
}

fn json(text: &str, request: &ReadRequest, limit: usize) -> Result<Vec<Value>, ReadFailure> {
    let value = Value::parse(text).map_err(|error| ReadFailure(format!("The data set is not JSON: {error}.")))?;
    let items = match request.items_pointer.as_deref() {
        None => &value,
        Some(pointer) => value
            .pointer(pointer)
            .ok_or_else(|| ReadFailure(format!("The ItemsPointer '{pointer}' finds nothing in the data set.")))?,
    };
    match items.as_array() {
        Some(items) => Ok(items.iter().take(limit).cloned().collect()),
        None => Err(ReadFailure("Attempting to map over non-iterable node.".to_owned())),
    }
}

fn json_lines(text: &str, limit: usize) -> Result<Vec<Value>, ReadFailure> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).take(limit);
    lines
        .map(|(index, line)| {
            Value::parse(line).map_err(|error| {
                ReadFailure(format!("Line {} of the data set is not JSON: {}.", index + 1, error.message()))
            })
        })
        .collect()
}

/// Rows as objects: every cell is a text, a missing one the empty text; cells beyond the headers are dropped
/// (recorded).
fn csv(bytes: &[u8], request: &ReadRequest, limit: usize) -> Result<Vec<Value>, ReadFailure> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(request.csv_delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    let mut rows = reader.byte_records();
    let broken = |error: csv::Error| ReadFailure(format!("The data set is not CSV: {error}."));
    let headers: Vec<Arc<str>> = match &request.csv_headers {
        Some(headers) => headers.clone(),
        None => match rows.next() {
            Some(row) => row.map_err(broken)?.iter().map(|cell| String::from_utf8_lossy(cell).into()).collect(),
            None => Vec::new(),
        },
    };
    let mut seen = HashSet::new();
    if !headers.iter().all(|header| seen.insert(header)) {
        return Err(ReadFailure("CSV headers cannot contain duplicates.".to_owned()));
    }
    let mut items = Vec::new();
    for row in rows.take(limit) {
        let row = row.map_err(broken)?;
        let cell = |index| row.get(index).map_or_else(|| "".into(), String::from_utf8_lossy);
        let members: Members =
            headers.iter().enumerate().map(|(index, name)| (name.clone(), Value::from(&*cell(index)))).collect();
        items.push(Value::object(members));
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(input_type: InputType, text: &str, change: impl FnOnce(&mut ReadRequest)) -> String {
        let mut request = ReadRequest {
            resource: "r".into(),
            parameters: Value::Null,
            input_type: Some(input_type),
            manifest: None,
            load_and_flatten: false,
            csv_headers: None,
            csv_delimiter: b',',
            items_pointer: None,
        };
        change(&mut request);
        match read_items(text.as_bytes(), &request, Some(2)) {
            Ok(items) => Value::array(items).to_json(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn csv_cells_are_texts() {
        let same = |_: &mut ReadRequest| {};
        assert_eq!(
            read(InputType::Csv, "a,,c\n1,\"x,\"\"y\n\",3,4\n5\n6\n", same),
            r#"[{"a":"1","":"x,\"y\n","c":"3"},{"a":"5","":"","c":""}]"#
        );
        assert_eq!(read(InputType::Csv, "a,a\n1,2\n", same), "CSV headers cannot contain duplicates.");
        assert_eq!(read(InputType::Csv, "", same), "[]");
        let given = |r: &mut ReadRequest| {
            r.csv_headers = Some(vec!["x".into(), "y".into()]);
            r.csv_delimiter = b'|';
        };
        assert_eq!(read(InputType::Csv, "1|2|3\n", given), r#"[{"x":"1","y":"2"}]"#);
    }

    #[test]
    fn json_is_a_list_or_points_to_one() {
        assert_eq!(read(InputType::Json, "[1, {\"a\": 2}, 3]", |_| {}), r#"[1,{"a":2}]"#);
        assert_eq!(read(InputType::Json, "{}", |_| {}), "Attempting to map over non-iterable node.");
        let pointer = |r: &mut ReadRequest| r.items_pointer = Some("/a/b".into());
        assert_eq!(read(InputType::Json, "{\"a\": {\"b\": [1]}}", pointer), "[1]");
        let pointer = |r: &mut ReadRequest| r.items_pointer = Some("/x".into());
        assert_eq!(read(InputType::Json, "{}", pointer), "The ItemsPointer '/x' finds nothing in the data set.");
        assert!(read(InputType::Json, "[1,", |_| {}).starts_with("The data set is not JSON"));
        assert_eq!(read(InputType::JsonLines, "1\n\n{\"a\":2}\n3", |_| {}), r#"[1,{"a":2}]"#);
        assert!(read(InputType::JsonLines, "1\n{", |_| {}).starts_with("Line 2 of the data set is not JSON"));
    }
}
