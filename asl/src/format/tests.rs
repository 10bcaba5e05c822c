use super::{LINE_WIDTH, format};
use crate::Value;
use proptest::prelude::*;

#[track_caller]
fn check(text: &str, expected: &str) {
    let formatted = format(text).unwrap();
    assert_eq!(formatted, expected, "\n{formatted}");
    assert_eq!(format(&formatted).unwrap(), formatted);
}

#[test]
fn a_definition() {
    check(
        r#"
{ "Comment" : "kept  as\u0020is", "StartAt":"A",
  "States":{"A":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke",
     "Parameters":{"FunctionName":"f","Payload.$":"$"},
     "ResultSelector":{"first.$":"$.Payload.aRatherLongNameOfAField","second.$":"$.Payload.anotherRatherLongNameOfAField"},
     "Retry":[{"ErrorEquals":["States.ALL"],"BackoffRate":1.50,"IntervalSeconds":1}], "Next":"P"},
  "P":{"Type":"Parallel","Branches":[{"StartAt":"B","States":{"B":{"Type":"Succeed"}}}],"Catch":[],"End":true}}}"#,
        r#"{
  "Comment": "kept  as\u0020is",
  "StartAt": "A",
  "States": {
    "A": {
      "Type": "Task",
      "Resource": "arn:aws:states:::lambda:invoke",
      "Parameters": { "FunctionName": "f", "Payload.$": "$" },
      "ResultSelector": {
        "first.$": "$.Payload.aRatherLongNameOfAField",
        "second.$": "$.Payload.anotherRatherLongNameOfAField"
      },
      "Retry": [
        { "ErrorEquals": ["States.ALL"], "BackoffRate": 1.50, "IntervalSeconds": 1 }
      ],
      "Next": "P"
    },
    "P": {
      "Type": "Parallel",
      "Branches": [
        {
          "StartAt": "B",
          "States": {
            "B": {
              "Type": "Succeed"
            }
          }
        }
      ],
      "Catch": [],
      "End": true
    }
  }
}
"#,
    );
}

#[test]
fn a_line_is_full_at_its_width() {
    let fits = format!("{{\"Other\": [1, \"{}\"]}}", "ü".repeat(LINE_WIDTH - 18));
    let line = format(&fits).unwrap();
    let longest = |text: &str| text.lines().map(|line| line.chars().count()).max();
    assert_eq!((line.lines().count(), longest(&line)), (3, Some(LINE_WIDTH)));
    assert_eq!(format(&fits.replace("1,", "12,")).unwrap().lines().count(), 6);
}

#[test]
fn other_json_texts() {
    check("1.0e5", "1.0e5\n");
    check("[]", "[]\n");
    check("\u{feff}{}", "{}\n");
    check(r#"[{"a":1},[]]"#, "[\n  { \"a\": 1 },\n  []\n]\n");
}

#[test]
fn what_would_be_lost_is_refused() {
    let error = format(r#"{"a": {"b": 1, "\u0062": 2}}"#).unwrap_err();
    assert_eq!((error.message(), error.pointer()), ("`b` stands here twice", "/a/b"));
    assert_eq!((error.span().start, error.span().end), (15, 23));
    assert!(format("{").is_err());
}

fn json() -> impl Strategy<Value = String> {
    let blank = "[ \n\t]{0,2}";
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?",
        "\"([a-zü ]|\\\\n|\\\\u00e9|\\\\\"){0,30}\"",
    ];
    let names = ["States", "Branches", "ItemProcessor", "A", "B\\u0020", "Comment", "Next"];
    leaf.prop_recursive(6, 60, 5, move |inner| {
        let object = proptest::sample::subsequence(names.to_vec(), 0..=5).prop_flat_map({
            let inner = inner.clone();
            move |names| {
                let count = names.len();
                (Just(names), proptest::collection::vec((inner.clone(), blank), count))
            }
        });
        prop_oneof![
            (proptest::collection::vec(inner, 0..5), blank)
                .prop_map(|(items, blank)| format!("[{blank}{}{blank}]", items.join(&format!("{blank},")))),
            object.prop_map(|(names, values)| {
                let members: Vec<String> = names
                    .iter()
                    .zip(values)
                    .map(|(name, (value, blank))| format!("{blank}\"{name}\"{blank}:{blank}{value}{blank}"))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn formatting_again_changes_nothing_and_the_value_never_changes(text in json()) {
        let once = format(&text).unwrap();
        prop_assert_eq!(&format(&once).unwrap(), &once);
        prop_assert_eq!(Value::parse(&once).unwrap().to_json(), Value::parse(&text).unwrap().to_json());
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        prop_assert_eq!(squeezed(&once), squeezed(&text));
    }
}
