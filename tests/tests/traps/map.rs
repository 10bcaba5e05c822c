//! Inline Map (14 to 16).

use crate::support::{checked, only, run};
use serde_json::{Value as Json, json};

fn inline(fields: Json) -> Json {
    let mut state = json!({ "Type": "Map", "ItemProcessor": { "StartAt": "Each", "States": { "Each": { "Type": "Pass", "End": true } } } });
    state.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    only(state)
}

#[test]
fn trap_14_max_concurrency_may_be_a_numeric_string() {
    let definition = inline(json!({ "ItemsPath": "$.items", "MaxConcurrencyPath": "$.most" }));
    for most in ["2", r#""2""#, "0"] {
        let ran = run(&definition, &format!(r#"{{"items":[1,2,3],"most":{most}}}"#));
        assert_eq!(ran.output(), "[1,2,3]", "{most}");
    }
    let ran = run(&definition, r#"{"items":[1],"most":{}}"#);
    let told = r#"The MaxConcurrencyPath field refers to value "{}" which is not a valid integer: $.most"#;
    assert_eq!(ran.runtime_error("Only", 2), told);
    assert_eq!(ran.events, ["1<0 ExecutionStarted", "2<0 MapStateEntered", "3<2 ExecutionFailed"]);
}

#[test]
fn trap_15_items_that_are_no_list_have_a_bare_text() {
    let definition = inline(json!({ "ItemsPath": "$.items" }));
    for items in ["null", r#""abc""#, "7", r#"{"a":1}"#] {
        let ran = run(&definition, &format!(r#"{{"items":{items}}}"#));
        let expected = ("States.Runtime", r#"Reference path "$.items" must point to array."#);
        assert_eq!(ran.failure(), expected, "{items}");
        assert_eq!(ran.events, ["1<0 ExecutionStarted", "2<0 MapStateEntered", "3<2 ExecutionFailed"]);
    }
}

#[test]
fn trap_16_an_inline_item_has_no_source() {
    let selector = |path: &str| inline(json!({ "ItemSelector": { "it.$": path } }));
    assert_eq!(run(&selector("$$.Map.Item.Index"), "[5,6]").output(), r#"[{"it":0},{"it":1}]"#);
    assert_eq!(run(&selector("$$.Map.Item.Value"), "[5,6]").output(), r#"[{"it":5},{"it":6}]"#);
    assert_eq!(checked(&selector("$$.Map.Item.Source")), [""; 0]);
    let ran = run(&selector("$$.Map.Item.Source"), "[5,6]");
    let told = "The JSONPath '$$.Map.Item.Source' specified for the field 'it.$' could not be found in the input '{";
    assert!(ran.runtime_error("Only", 2).starts_with(told), "{}", ran.failure().1);
}
