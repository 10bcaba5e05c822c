//! The lints: what they find, and what they leave alone.

use crate::harness::{diagnostics, machine, says};
use aslx_asl::syntax::Document;
use aslx_asl::{CompileOptions, LintSettings, check};

/// Code, pointer and message of what is found in a machine of this state.
#[track_caller]
fn finds(state: &str, expected: &[&str]) {
    let found: Vec<String> =
        diagnostics(&machine(state)).iter().map(|d| format!("{} {} {}", d.code(), d.pointer(), d.message())).collect();
    assert_eq!(found, expected, "{state}");
}

/// A chain of these states, which go from one to the next; the last one ends.
fn chain(states: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (index, (name, fields)) in states.iter().enumerate() {
        let next = states.get(index + 1).map_or("\"End\":true".to_owned(), |(next, _)| format!("\"Next\":\"{next}\""));
        let comma = if index == 0 { "" } else { "," };
        text += &format!("{comma}\"{name}\":{{{fields},{next}}}");
    }
    format!("{{\"StartAt\":\"{}\",\"States\":{{{text}}}}}", states[0].0)
}

const PUT: &str =
    r#""Type":"Task","Resource":"arn:aws:states:::dynamodb:putItem","Parameters":{"TableName":"t","Item":{}}"#;
const FUNCTION: &str = r#""Type":"Task","Resource":"arn:aws:lambda:us-east-1:1:function:f""#;
const READ: &str = r#""Type":"Pass","Parameters":{"id.$":"$.imageId"}"#;

const LOST: &str = "warning LOST_INPUT /States/R/Parameters/id.$ `\"$.imageId\"`: `$.imageId` may be missing here";

#[test]
fn input_that_a_result_has_replaced() {
    says(&chain(&[("P", PUT), ("R", READ)]), &[LOST]);
    // A function may answer what it was given.
    says(&chain(&[("P", FUNCTION), ("R", READ)]), &[]);
    for kept in [r#""ResultPath":null"#, r#""ResultPath":"$.put""#, r#""ResultPath":"$.imageId""#] {
        says(&chain(&[("P", &format!("{PUT},{kept}")), ("R", READ)]), &[]);
    }
    says(&chain(&[("P", &format!(r#"{PUT},"ResultSelector":{{"imageId":1}}"#)), ("R", READ)]), &[]);
    says(&chain(&[("P", &format!(r#"{FUNCTION},"ResultSelector":{{"a.$":"$.x"}}"#)), ("R", READ)]), &[LOST]);
    // Members of an answer begin with capitals.
    says(&chain(&[("P", PUT), ("R", r#""Type":"Pass","Parameters":{"id.$":"$.Attributes.imageId"}"#)]), &[]);
    // What waits between changes nothing, what passes does.
    says(&chain(&[("P", PUT), ("W", r#""Type":"Wait","Seconds":1"#), ("R", READ)]), &[LOST]);
    says(&chain(&[("P", r#""Type":"Pass","Result":{"imageId":1}"#), ("R", READ)]), &[]);
    says(&chain(&[("P", r#""Type":"Pass","Result":{"id":1}"#), ("R", READ)]), &[LOST]);
    says(&chain(&[("P", r#""Type":"Pass","Parameters":{"imageId.$":"$$.Execution.Name"}"#), ("R", READ)]), &[]);
    // Paths that may find several give an empty list, never an error.
    says(&chain(&[("P", PUT), ("R", r#""Type":"Pass","Parameters":{"id.$":"$.images[*]"}"#)]), &[]);
}

#[test]
fn lists_have_no_members() {
    let parallel = r#""Type":"Parallel","Branches":[{"StartAt":"B","States":{"B":{"Type":"Pass","End":true}}}]"#;
    says(&chain(&[("P", parallel), ("R", READ)]), &[LOST]);
    says(&chain(&[("P", parallel), ("R", r#""Type":"Pass","Parameters":{"id.$":"$[0].imageId"}"#)]), &[]);
    says(
        &chain(&[("P", &format!(r#"{parallel},"ResultSelector":{{"id.$":"$.imageId"}}"#))]),
        &["warning LOST_INPUT /States/P/ResultSelector/id.$ `\"$.imageId\"`: `$.imageId` may be missing here"],
    );
    // The branch sees what the Parallel got.
    let reads = r#""Type":"Parallel","Branches":[{"StartAt":"R","States":{"R":{"Type":"Pass","Parameters":{"id.$":"$.imageId"},"End":true}}}]"#;
    says(
        &chain(&[("P", PUT), ("Q", reads)]),
        &[
            "warning LOST_INPUT /States/Q/Branches/0/States/R/Parameters/id.$ `\"$.imageId\"`: `$.imageId` may be missing here",
        ],
    );
    let map = r#""Type":"Map","ItemSelector":{"a.$":"$$.Map.Item.Value"},"ItemProcessor":{"StartAt":"R","States":{"R":{"Type":"Pass","Parameters":{"id.$":"$.imageId"},"End":true}}}"#;
    says(
        &chain(&[("M", map)]),
        &[
            "warning LOST_INPUT /States/M/ItemProcessor/States/R/Parameters/id.$ `\"$.imageId\"`: `$.imageId` may be missing here",
        ],
    );
}

#[test]
fn one_way_with_the_input_is_enough() {
    let definition = |default: &str| {
        format!(
            r#"{{"StartAt":"C","States":{{
                "C":{{"Type":"Choice","Choices":[{{"Variable":"$.x","IsPresent":true,"Next":"P"}}],"Default":"{default}"}},
                "P":{{{PUT},"Next":"R"}},
                "R":{{{READ},"End":true}}}}}}"#
        )
    };
    says(&definition("R"), &[]);
    says(&definition("P"), &[LOST]);
    // An error replaces the input as well, but not with a ResultPath.
    let caught = |result_path: &str| {
        format!(
            r#"{{"StartAt":"P","States":{{
                "P":{{{FUNCTION},"Catch":[{{"ErrorEquals":["States.ALL"]{result_path},"Next":"R"}}],"End":true}},
                "R":{{{READ},"End":true}}}}}}"#
        )
    };
    says(&caught(""), &[LOST]);
    says(&caught(r#","ResultPath":"$.error""#), &[]);
}

#[test]
fn a_choice_that_asks_whether_it_is_there_may_read_it() {
    let choice = r#"{"Type":"Choice","Choices":[{"And":[{"Variable":"$.a","IsPresent":true},{"Variable":"$.a","StringEquals":"x"}],"Next":"Z"}],"Default":"Z"}"#;
    let text =
        format!(r#"{{"StartAt":"P","States":{{"P":{{{PUT},"Next":"C"}},"C":{choice},"Z":{{"Type":"Succeed"}}}}}}"#);
    says(&text, &[]);
}

#[test]
fn error_names() {
    let retry = |names: &str| format!(r#"{{{FUNCTION},"Retry":[{names}],"Next":"Z"}}"#);
    let at = |n: usize, m: usize| format!("/States/A/Retry/{n}/ErrorEquals/{m}");
    finds(
        &retry(
            r#"{"ErrorEquals":["MyError","Lambda.TooManyRequestsException","States.Timeout"]},{"ErrorEquals":["States.ALL"]}"#,
        ),
        &[],
    );
    finds(
        &retry(r#"{"ErrorEquals":["States.Runtime"]}"#),
        &[&format!(
            "NEVER_MATCHES {} `States.Runtime` never matches here: such errors are neither retried nor caught",
            at(0, 0)
        )],
    );
    finds(
        &retry(r#"{"ErrorEquals":["State.ALL"]}"#),
        &[&format!("NEVER_MATCHES {} `State.ALL` never matches here: there is no such error", at(0, 0))],
    );
    finds(
        &retry(r#"{"ErrorEquals":["States.NoChoiceMatched"]}"#),
        &[&format!(
            "NEVER_MATCHES {} `States.NoChoiceMatched` never matches here: the service raises `States.Runtime`, which nothing catches",
            at(0, 0)
        )],
    );
    finds(
        &retry(r#"{"ErrorEquals":["E"]},{"ErrorEquals":["F","E"]}"#),
        &[&format!("NEVER_MATCHES {} `E` never matches here: Retry[0] takes it already", at(1, 1))],
    );
    finds(
        &retry(
            r#"{"ErrorEquals":["States.TaskFailed"]},{"ErrorEquals":["E","States.Timeout"]},{"ErrorEquals":["States.ALL"]}"#,
        ),
        &[&format!(
            "NEVER_MATCHES {} `E` never matches here: `States.TaskFailed` in Retry[0] takes every error but timeouts",
            at(1, 0)
        )],
    );
    finds(
        &retry(r#"{"ErrorEquals":["States.HeartbeatTimeout"]}"#),
        &[&format!(
            "NEVER_MATCHES {} `States.HeartbeatTimeout` never matches here: the task has no HeartbeatSeconds",
            at(0, 0)
        )],
    );
    finds(
        &retry(r#"{"ErrorEquals":["States.Permissions"]}"#),
        &[&format!(
            "PERMANENT_ERROR_RETRIED {} `States.Permissions` comes again however often this is tried",
            at(0, 0)
        )],
    );
    finds(&retry(r#"{"ErrorEquals":["States.Permissions"],"MaxAttempts":0}"#), &[]);
    finds(
        &format!(
            r#"{{{PUT},"Catch":[{{"ErrorEquals":["Lambda.ServiceException","DynamoDB.InternalServerError"],"Next":"Z"}}],"Next":"Z"}}"#
        ),
        &[
            "NEVER_MATCHES /States/A/Catch/0/ErrorEquals/0 `Lambda.ServiceException` never matches here: this task calls DynamoDB",
        ],
    );
    // The author raises it, against AWS's rule for names.
    says(
        r#"{"StartAt":"A","States":{"A":{"Type":"Parallel","Branches":[{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"States.Mine"}}}],"Catch":[{"ErrorEquals":["States.Mine"],"Next":"Z"}],"Next":"Z"},"Z":{"Type":"Succeed"}}}"#,
        &[],
    );
}

#[test]
fn choices_that_cover_every_case() {
    let choice = |rules: &str| format!(r#"{{"Type":"Choice","Choices":[{rules}]}}"#);
    let fails = "CHOICE_WITHOUT_DEFAULT /States/A if no rule of `A` applies, the execution fails with States.Runtime";
    finds(&choice(r#"{"Variable":"$.a","StringEquals":"x","Next":"Z"}"#), &[fails]);
    for rules in [
        r#"{"Variable":"$.a","BooleanEquals":true,"Next":"Z"},{"Variable":"$.a","BooleanEquals":false,"Next":"Z"}"#,
        r#"{"Variable":"$.a","IsPresent":true,"Next":"Z"},{"Variable":"$.a","IsPresent":false,"Next":"Z"}"#,
        r#"{"Variable":"$.a","NumericLessThan":3,"Next":"Z"},{"Variable":"$.a","NumericGreaterThanEquals":3,"Next":"Z"}"#,
        r#"{"Variable":"$.a","StringEquals":"x","Next":"Z"},{"Not":{"Variable":"$.a","StringEquals":"x"},"Next":"Z"}"#,
    ] {
        finds(&choice(rules), &[]);
    }
    finds(
        &choice(
            r#"{"Variable":"$.a","BooleanEquals":true,"Next":"Z"},{"Variable":"$.b","BooleanEquals":false,"Next":"Z"}"#,
        ),
        &[fails],
    );
    finds(
        &choice(
            r#"{"Variable":"$.a","NumericLessThan":3,"Next":"Z"},{"Variable":"$.a","NumericGreaterThan":3,"Next":"Z"}"#,
        ),
        &[fails],
    );
}

#[test]
fn silenced_codes_are_not_told_but_errors_are() {
    let text = machine(r#"{"Type":"Wait","Seconds":0,"Next":"Z"}"#);
    let settings = LintSettings::silencing(["WAIT_ZERO", "SCHEMA_VALIDATION_FAILED"]);
    let of =
        |text: &str| check(Document::parse(text).unwrap(), &CompileOptions::default(), &settings).diagnostics.len();
    assert_eq!((diagnostics(&text).len(), of(&text)), (1, 0));
    assert_eq!(of("{}"), 1);
}
