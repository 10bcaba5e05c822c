//! Distributed Map (14, 17 to 20, 59).

use crate::support::{Run, Setup, checked, only};
use serde_json::{Value as Json, json};

const TABLE: &str = "city,people\nBern,134000\nBasel,177000\n\"Genf, Genève\",203000\n";

/// A distributed Map whose items pass through.
pub(crate) fn distributed(fields: Json) -> Json {
    let mut state = json!({
        "Type": "Map",
        "ItemProcessor": {
            "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" },
            "StartAt": "Each",
            "States": { "Each": { "Type": "Pass", "End": true } },
        },
    });
    state.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    only(state)
}

/// Reads an object of the bucket.
pub(crate) fn reader(key: &str, config: Json) -> Json {
    json!({ "Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": config, "Parameters": { "Bucket": "data", "Key": key } })
}

fn reads(content: &'static str, config: Json, more: Json) -> Run {
    let mut fields = json!({ "ItemReader": reader("file", config) });
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Setup::new().object("file", content).run(&distributed(fields), r#"{"items":[7],"most":-1}"#)
}

fn csv() -> Json {
    json!({ "InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW" })
}

#[test]
fn trap_14_other_paths_are_looked_at_once_the_map_has_started() {
    let events = ["1<0 ExecutionStarted", "2<0 MapStateEntered", "3<2 MapStateStarted", "4<3 ExecutionFailed"];
    let fails = |fields: Json, input: &str, told: &str| {
        let ran = Setup::new().object("file", "[1,2]").run(&distributed(fields), input);
        assert_eq!(ran.runtime_error("Only", 2), told);
        assert_eq!(ran.events, events, "{told}");
    };
    let count = json!({ "ItemsPath": "$.items", "ToleratedFailureCountPath": "$.n" });
    fails(count.clone(), r#"{"items":[1],"n":-4}"#, "ToleratedFailureCount cannot be negative.");
    fails(
        count,
        r#"{"items":[1],"n":"few"}"#,
        r#"The ToleratedFailureCountPath field refers to value "few" which is not a valid integer: $.n"#,
    );
    let percentage = json!({ "ItemsPath": "$.items", "ToleratedFailurePercentagePath": "$.n" });
    fails(percentage, r#"{"items":[1],"n":101}"#, "ToleratedFailurePercentage must be between 0 and 100.");
    let most = json!({ "ItemReader": reader("file", json!({ "InputType": "JSON", "MaxItemsPath": "$.n" })) });
    fails(most, r#"{"n":2.5}"#, r#"The MaxItemsPath field refers to value "2.5" which is not a valid integer: $.n"#);
    let concurrency = json!({ "ItemsPath": "$.items", "MaxConcurrencyPath": "$.n" });
    let ran = Setup::new().run(&distributed(concurrency), r#"{"items":[1],"n":{}}"#);
    assert_eq!(ran.events, ["1<0 ExecutionStarted", "2<0 MapStateEntered", "3<2 ExecutionFailed"]);
}

#[test]
fn trap_17_a_reader_makes_items_path_void() {
    let ran = reads("[1,2,3]", json!({ "InputType": "JSON" }), json!({ "ItemsPath": "$.items" }));
    assert_eq!(ran.output(), "[1,2,3]");
    // Even one that leads nowhere.
    let ran = reads("[1,2,3]", json!({ "InputType": "JSON" }), json!({ "ItemsPath": "$.nowhere" }));
    assert_eq!(ran.output(), "[1,2,3]");
}

#[test]
fn trap_18_csv_cells_are_strings() {
    let ran = reads(TABLE, csv(), json!({}));
    let first = r#"{"city":"Bern","people":"134000"},{"city":"Basel","people":"177000"}"#;
    assert_eq!(ran.output(), format!(r#"[{first},{{"city":"Genf, Genève","people":"203000"}}]"#));
    assert_eq!(reads("a,b\n1\n2,3,4\n", csv(), json!({})).output(), r#"[{"a":"1","b":""},{"a":"2","b":"3"}]"#);
    let given = |headers: Json| json!({ "InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": headers });
    assert_eq!(reads("1,true\n", given(json!(["x"])), json!({})).output(), r#"[{"x":"1"}]"#);
    let twice = ("States.ItemReaderFailed", "CSV headers cannot contain duplicates.");
    assert_eq!(reads("1,2\n", given(json!(["x", "x"])), json!({})).failure(), twice);
    assert_eq!(reads("x,x\n1,2\n", csv(), json!({})).failure(), twice);
}

#[test]
fn trap_18_json_lines_and_listings() {
    let ran = reads("{\"a\":1}\n{\"a\":2}\n", json!({ "InputType": "JSONL" }), json!({}));
    assert_eq!(ran.output(), r#"[{"a":1},{"a":2}]"#);
    let parameters = json!({ "Bucket": "data", "Prefix": "in/" });
    let listing = json!({ "Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": parameters });
    let fields = json!({ "ItemReader": listing, "ItemSelector": { "key.$": "$$.Map.Item.Value.Key", "from.$": "$$.Map.Item.Source" } });
    let setup = Setup::new().object("in/a", "1").object("in/b", "22").object("out/c", "333");
    let ran = setup.run(&distributed(fields), "{}");
    // Computed members come in the order of a Java HashMap.
    assert_eq!(ran.output(), r#"[{"from":"S3://data","key":"in/a"},{"from":"S3://data","key":"in/b"}]"#);
}

#[test]
fn trap_19_max_items() {
    let json = |most: Json| json!({ "InputType": "JSON", "MaxItems": most });
    assert_eq!(reads("[1,2,3]", json(json!(2)), json!({})).output(), "[1,2]");
    assert_eq!(reads("[1,2,3]", json(json!(0)), json!({})).output(), "[1,2,3]");
    assert_eq!(reads("[1,2,3]", json(json!(100_000_001)), json!({})).output(), "[1,2,3]");
    let path = json!({ "InputType": "JSON", "MaxItemsPath": "$.most" });
    let ran = reads("[1,2,3]", path, json!({}));
    assert_eq!(ran.runtime_error("Only", 2), "field MaxItems must be positive");
}

#[test]
fn trap_20_a_distributed_processor_needs_an_execution_type() {
    let mut definition = distributed(json!({}));
    definition["States"]["Only"]["ItemProcessor"]["ProcessorConfig"] = json!({ "Mode": "DISTRIBUTED" });
    let told = "Error SCHEMA_VALIDATION_FAILED: These fields are required: [ExecutionType] at /States/Only/ItemProcessor/ProcessorConfig";
    assert_eq!(checked(&definition), [told]);
}

#[test]
fn trap_59_the_exit_follows_the_start_of_the_map_run() {
    let ran = reads("[1]", json!({ "InputType": "JSON" }), json!({}));
    assert_eq!(
        ran.events[3..7],
        ["4<3 MapRunStarted", "5<4 MapRunSucceeded", "6<5 MapStateSucceeded", "7<4 MapStateExited"]
    );
}
