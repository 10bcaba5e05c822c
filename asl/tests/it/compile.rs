//! What is refused, and what is not: in our words, with the place, and in AWS's words where they are known.

use crate::harness::{aws, diagnostics, machine, says};

/// AWS's words for a machine of this state.
#[track_caller]
fn refused(state: &str, expected: &str) {
    assert_eq!(aws(&machine(state)), expected, "{state}");
}

/// Our words for the errors of a machine of this state; without code and severity.
#[track_caller]
fn told(state: &str, expected: &[&str]) {
    let text = machine(state);
    let found: Vec<String> = diagnostics(&text)
        .iter()
        .map(|d| format!("{} {}", d.pointer().trim_start_matches("/States/A"), d.message()))
        .collect();
    assert_eq!(found, expected, "{state}");
}

#[track_caller]
fn accepted(state: &str) {
    says(&machine(state), &[]);
}

#[test]
fn recorded_words_of_aws() {
    assert_eq!(aws(""), "SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object");
    assert_eq!(aws("{}"), "SCHEMA_VALIDATION_FAILED: These fields are required: [States, StartAt] at /");
    assert_eq!(aws(r#"{"StartAt":"A"}"#), "SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /");
    assert_eq!(
        aws(
            r#"{"StartAt":"Missing","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Wait","Seconds":-1,"End":true}}}"#
        ),
        "SCHEMA_VALIDATION_FAILED: Minimum value is 0 at /States/B/Seconds, \
         MISSING_TRANSITION_TARGET: Missing 'Next' target: Missing at /StartAt, \
         MISSING_TRANSITION_TARGET: State \"A\" is not reachable. at /States/A"
    );
    assert_eq!(
        aws(
            r#"{"QueryLanguage":"JSONata","StartAt":"P","States":{"P":{"Type":"Pass","QueryLanguage":"JSONPath","End":true}}}"#
        ),
        "SCHEMA_VALIDATION_FAILED: 'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at \
         /States/P"
    );
    refused(
        r#"{"Type":"Pass","ResultSelector":{},"Next":"Z"}"#,
        "SCHEMA_VALIDATION_FAILED: Field 'ResultSelector' is not supported at /States/A",
    );
    refused(
        r#"{"Type":"Pass","QueryLanguage":"JSONata","InputPath":"$","Next":"Z"}"#,
        "SCHEMA_VALIDATION_FAILED: The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for \
         the 'JSONPath' QueryLanguage at /States/A",
    );
    refused(
        r#"{"Type":"Pass","Output":1,"Next":"Z"}"#,
        "SCHEMA_VALIDATION_FAILED: The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for \
         the 'JSONata' QueryLanguage at /States/A",
    );
    refused(
        r#"{"Type":"Parallel","Branches":[],"Next":"Z"}"#,
        "SCHEMA_VALIDATION_FAILED: Value cannot be empty at /States/A/Branches",
    );
    refused(
        r#"{"Type":"Wait","Timestamp":"2016-12-05 21:29:29Z","Next":"Z"}"#,
        "SCHEMA_VALIDATION_FAILED: String does not match RFC3339 timestamp at /States/A/Timestamp",
    );
    refused(
        r#"{"Type":"Job","Next":"Z"}"#,
        "SCHEMA_VALIDATION_FAILED: The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, \
         Choice, Parallel, Map] at /States/A/Type",
    );
    refused(
        r#"{"Type":"Pass","Parameters":{"parsed.$":"States.StringToJson('{\\\"a\\\": 1}')"},"Next":"Z"}"#,
        "SCHEMA_VALIDATION_FAILED: The value for the field 'parsed.$' must be a valid JSONPath or a valid intrinsic \
         function call at /States/A/Parameters",
    );
    refused(
        r#"{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"f"},"Credentials":{},"Next":"Z"}"#,
        "SCHEMA_VALIDATION_FAILED: The field 'RoleArn' is required but was missing at /States/A/Credentials",
    );
    refused(
        r#"{"Type":"Task","Resource":"arn:aws:states:::no:such","Next":"Z"}"#,
        "SCHEMA_VALIDATION_FAILED: The resource provided arn:aws:states:::no:such is not recognized. The value is not a \
         valid resource ARN, or the resource is not available in this region. at /States/A/Resource",
    );
    refused(
        r#"{"Type":"Map","ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED"},"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}},"Next":"Z"}"#,
        "SCHEMA_VALIDATION_FAILED: These fields are required: [ExecutionType] at /States/A/ItemProcessor/ProcessorConfig",
    );
    refused(
        r#"{"Type":"Map","ItemProcessor":{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}},"Next":"Z"}"#,
        "DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A/ItemProcessor/States/A",
    );
}

#[test]
fn parameters_of_calls_through_the_sdk() {
    let call = |parameters: &str| {
        format!(
            r#"{{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:s3:listObjectsV2","Parameters":{parameters},"Next":"Z"}}"#
        )
    };
    let at = "at /States/A/Parameters";
    accepted(&call(r#"{"Bucket":"b","MaxKeys":3,"Prefix":null}"#));
    accepted(&call(r#"{"Bucket.$":"$.b","MaxKeys.$":"$.n"}"#));
    refused(&call("{}"), &format!("SCHEMA_VALIDATION_FAILED: The field 'Bucket' is required but was missing {at}"));
    refused(
        &call(r#"{"Bucket":"b","Bukcet":"c"}"#),
        &format!(
            "SCHEMA_VALIDATION_FAILED: The field \"Bukcet\" is not supported by Step Functions. Did you mean 'Bucket'? {at}"
        ),
    );
    refused(
        &call(r#"{"Bucket":"b","Bogus":"c"}"#),
        &format!("SCHEMA_VALIDATION_FAILED: The field \"Bogus\" is not supported by Step Functions. {at}"),
    );
    refused(
        &call(r#"{"Bucket":1}"#),
        &format!("SCHEMA_VALIDATION_FAILED: The value for the field 'Bucket' must be a STRING {at}"),
    );
    for wrong in ["2.0", "\"2\""] {
        refused(
            &call(&format!(r#"{{"Bucket":"b","MaxKeys":{wrong}}}"#)),
            &format!("SCHEMA_VALIDATION_FAILED: The value for the field 'MaxKeys' must be an INTEGER {at}"),
        );
    }
}

#[test]
fn fields_and_their_ranges() {
    told(r#"{"Type":"Pass","End":true,"Next":"Z"}"#, &["/End `Next` and `End` exclude each other"]);
    told(
        r#"{"Type":"Pass","Nextt":"Z"}"#,
        &[
            " `Next` or `End` is missing here",
            "/Nextt there is no field `Nextt` here",
            "/States/Z no transition leads to the state `Z`",
        ],
    );
    told(
        r#"{"Type":"Wait","Seconds":100000000,"Next":"Z"}"#,
        &["/Seconds `Seconds` is at most 99999999, found `100000000`"],
    );
    told(r#"{"Type":"Wait","Seconds":1.5,"Next":"Z"}"#, &["/Seconds `Seconds` is a whole number, found `1.5`"]);
    told(
        r#"{"Type":"Wait","Seconds":1,"SecondsPath":"$.s","Next":"Z"}"#,
        &["/SecondsPath `Seconds` and `SecondsPath` exclude each other"],
    );
    told(
        r#"{"Type":"Wait","SecondsPath":"$.s[*]","Next":"Z"}"#,
        &["/SecondsPath `SecondsPath` names one place, `$.s[*]` may find several"],
    );
    let task = |rest: &str| {
        format!(r#"{{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:1:function:f","Next":"Z",{rest}}}"#)
    };
    told(&task(r#""TimeoutSeconds":0"#), &["/TimeoutSeconds `TimeoutSeconds` is at least 1, found `0`"]);
    told(
        &task(r#""TimeoutSeconds":5,"TimeoutSecondsPath":"$.t""#),
        &["/TimeoutSecondsPath `TimeoutSeconds` and `TimeoutSecondsPath` exclude each other"],
    );
    told(&task(r#""Retry":[{"ErrorEquals":[]}]"#), &["/Retry/0/ErrorEquals `ErrorEquals` is empty"]);
    told(
        &task(r#""Retry":[{"ErrorEquals":["E"],"BackoffRate":0.5}]"#),
        &["/Retry/0/BackoffRate `BackoffRate` is at least 1, found `0.5`"],
    );
    told(
        &task(r#""Retry":[{"ErrorEquals":["E"],"IntervalSeconds":5,"MaxDelaySeconds":5}]"#),
        &["/Retry/0/MaxDelaySeconds `MaxDelaySeconds` is greater than IntervalSeconds, which is 5, found `5`"],
    );
    told(
        &task(r#""Retry":[{"ErrorEquals":["E"],"JitterStrategy":"HALF"}]"#),
        &["/Retry/0/JitterStrategy `JitterStrategy` is \"FULL\" or \"NONE\", found `\"HALF\"`"],
    );
    told(
        &task(r#""Retry":[{"ErrorEquals":["States.ALL","E"]}]"#),
        &["/Retry/0/ErrorEquals `States.ALL` stands alone: it matches what the others match"],
    );
    told(
        &task(r#""Catch":[{"ErrorEquals":["States.ALL"],"Next":"Z"},{"ErrorEquals":["E"],"Next":"Z"}]"#),
        &["/Catch/0/ErrorEquals/0 `States.ALL` belongs into the last entry of Catch: the entries after it never match"],
    );
    accepted(&task(r#""Retry":[],"Catch":[]"#));
    accepted(&task(r#""Retry":[{"ErrorEquals":["E"],"MaxAttempts":0,"MaxDelaySeconds":1}]"#));
    told(
        r#"{"Type":"Succeed","End":true}"#,
        &["/End there is no field `End` here", "/States/Z no transition leads to the state `Z`"],
    );
}

#[test]
fn choices() {
    let rule = |test: &str| format!(r#"{{"Type":"Choice","Choices":[{{{test},"Next":"Z"}}],"Default":"Z"}}"#);
    accepted(&rule(
        r#""And":[{"Variable":"$.a","IsPresent":true,"Comment":"x"},{"Not":{"Variable":"$$.Execution.Name","StringMatches":"a*"}}]"#,
    ));
    told(&rule(r#""StringEquals":"x""#), &["/Choices/0 this tests nothing: `Variable` is missing"]);
    told(&rule(r#""Variable":"$.a""#), &["/Choices/0 an operator is missing here"]);
    told(&rule(r#""Variable":"$.a","StringEqual":"x""#), &["/Choices/0/StringEqual no operator `StringEqual`"]);
    told(
        &rule(r#""Variable":"$.a","IsNull":true,"IsString":true"#),
        &["/Choices/0/IsString `IsNull` and `IsString` exclude each other"],
    );
    told(
        &rule(r#""Variable":"$.a[*]","IsNull":true"#),
        &["/Choices/0/Variable `Variable` names one place, `$.a[*]` may find several"],
    );
    told(
        &rule(r#""And":[{"Variable":"$.a","IsNull":true,"Next":"Z"}]"#),
        &["/Choices/0/And/0/Next `Next` belongs to the outermost test of a rule"],
    );
    told(&rule(r#""And":[]"#), &["/Choices/0/And `And` is empty"]);
    told(
        &rule(r#""Variable":"$.a","NumericEquals":"1""#),
        &["/Choices/0/NumericEquals `NumericEquals` is a number, found `\"1\"`"],
    );
    told(
        &rule(r#""Variable":"$.a","StringEquals":"$.b""#),
        &["/Choices/0/StringEquals `$.b` looks like a path, but is a text here"],
    );
    told(r#"{"Type":"Choice","Choices":[],"Default":"Z"}"#, &["/Choices `Choices` is empty"]);
}

#[test]
fn variables() {
    accepted(r#"{"Type":"Pass","Assign":{"x":1,"y.$":"$.a"},"Next":"Z"}"#);
    told(
        r#"{"Type":"Pass","Assign":{"states":1,"a.b":2,"1x":3},"Next":"Z"}"#,
        &[
            "/Assign/states `states` is reserved",
            "/Assign/a.b `a.b` is no variable name: letters, digits and `_`, a letter first",
            "/Assign/1x `1x` is no variable name: letters, digits and `_`, a letter first",
        ],
    );
    told(r#"{"Type":"Succeed","OutputPath":"$x"}"#, &["/States/Z no transition leads to the state `Z`"]);
    told(
        r#"{"Type":"Pass","Parameters":{"v.$":"$x"},"Next":"Z"}"#,
        &["/Parameters/v.$ no state assigns the variable `x` where it can be read from here"],
    );
    let branch = |assign: &str, read: &str| {
        format!(
            r#"{{"Type":"Parallel","Assign":{{"x":1}},"Branches":[{{"StartAt":"B","States":{{"B":{{"Type":"Pass","Assign":{{"{assign}":2}},"Next":"C"}},"C":{{"Type":"Pass","Parameters":{{"v.$":"${read}"}},"End":true}}}}}}],"Next":"Z"}}"#
        )
    };
    accepted(&branch("y", "y"));
    told(&branch("x", "x"), &["/Branches/0/States/B/Assign/x `x` is a variable outside of this branch or iteration"]);
    told(&branch("y", "x"), &["/Branches/0/States/C/Parameters/v.$ the variable `x` may not be assigned here"]);
    says(
        r#"{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Variable":"$.a","IsPresent":true,"Assign":{"x":1},"Next":"B"}],"Default":"B"},"B":{"Type":"Pass","Parameters":{"v.$":"States.Format('{} {}', $.a, $x.y)"},"End":true}}}"#,
        &[
            "warning POSSIBLY_UNDEFINED_VARIABLE /States/B/Parameters/v.$ `$x.y`: the variable `x` may not be assigned here",
        ],
    );
}

#[test]
fn paths_and_functions() {
    let pass = |parameters: &str| format!(r#"{{"Type":"Pass","Parameters":{{{parameters}}},"Next":"Z"}}"#);
    accepted(&pass(r#""a.$":"$.items[?(@.x > 1)]","b.$":"States.UUID()","c":{"d":[{"e.$":"$$.State.Name"}]}"#));
    told(&pass(r#""a.$":1"#), &["/Parameters/a.$ `a.$` is a text with a path or an intrinsic function, found number"]);
    told(&pass(r#""a":1,"a.$":"$.a""#), &["/Parameters/a.$ `a` and `a.$` are the same member"]);
    told(
        &pass(r#""a":"$.b","c":"States.UUID()","d":"$","e":"$5","f":"States.x""#),
        &[
            "/Parameters/a `$.b` looks like a path, but is a text here",
            "/Parameters/c `States.UUID()` looks like a call of an intrinsic function, but is a text here",
        ],
    );
    told(
        r#"{"Type":"Pass","Result":{"a":["$.b"]},"Next":"Z"}"#,
        &["/Result/a/0 `$.b` stays a text: the Result of a Pass state is taken as it is"],
    );
    told(
        r#"{"Type":"Fail","ErrorPath":"States.ArrayLength($.a)","CausePath":"$.a[*]"}"#,
        &[
            "/ErrorPath `ErrorPath` is a text, `States.ArrayLength` gives none",
            "/CausePath `CausePath` names one place, `$.a[*]` may find several",
            "/States/Z no transition leads to the state `Z`",
        ],
    );
}

#[test]
fn what_is_underlined_is_exact_also_after_escapes() {
    let text = machine(r#"{"Type":"Pass","Parameters":{"a.$":"States.Format('\u00e9 \\'{}\\'', $.x[)"},"Next":"Z"}"#);
    let found = diagnostics(&text);
    let span = found[0].span();
    assert!(
        text[span.start..].starts_with("[)") || text[span.start..].starts_with(')'),
        "{}",
        &text[span.start..span.end]
    );
}

#[test]
fn maps() {
    let map = |rest: &str, config: &str| {
        format!(
            r#"{{"Type":"Map",{rest}"ItemProcessor":{{"ProcessorConfig":{config},"StartAt":"I","States":{{"I":{{"Type":"Pass","End":true}}}}}},"Next":"Z"}}"#
        )
    };
    let distributed = r#"{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"}"#;
    accepted(&map(r#""MaxConcurrency":0,"ToleratedFailurePercentage":5,"#, r#"{"Mode":"INLINE"}"#));
    told(&map(r#""Label":"x","#, "{}"), &["/Label `Label` belongs to a distributed Map"]);
    told(
        &map(r#""ToleratedFailurePercentage":101,"#, "{}"),
        &["/ToleratedFailurePercentage `ToleratedFailurePercentage` is between 0 and 100, found `101`"],
    );
    accepted(&map(r#""Label":"rows","ItemBatcher":{"MaxItemsPerBatch":10},"#, distributed));
    told(&map(r#""Label":"a b","#, distributed), &["/Label a label cannot have the character ` `"]);
    told(&map(r#""ItemBatcher":{},"#, distributed), &["/ItemBatcher a batch has no limit here"]);
    told(
        &map(r#""ItemReader":{"Resource":"arn:aws:states:::s3:putObject"},"#, distributed),
        &["/ItemReader/Resource `arn:aws:states:::s3:putObject` cannot stand here: it reads or writes the wrong way"],
    );
    told(
        &map(
            r#""ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"XML"}},"#,
            distributed,
        ),
        &[
            "/ItemReader/ReaderConfig/InputType `InputType` is \"CSV\" or \"JSON\" or \"JSONL\" or \"PARQUET\" or \"MANIFEST\", found `\"XML\"`",
        ],
    );
}

#[test]
fn states_in_jsonata() {
    let state = |rest: &str| format!(r#"{{"QueryLanguage":"JSONata",{rest},"Next":"Z"}}"#);
    told(&state(r#""Type":"Pass","Output":"{% 1 %}""#), &[]);
    told(&state(r#""Type":"Pass","Output":" {% ( %}","Assign":{"x":["{% [1..3] %}"]}"#), &[]);
    told(&state(r#""Type":"Wait","Seconds":-1"#), &["/Seconds `Seconds` is at least 0, found `-1`"]);
    told(
        &state(r#""Type":"Wait","Seconds":"{% $x %}","SecondsPath":"$.a""#),
        &["/SecondsPath `SecondsPath` belongs to JSONPath, this state is written in JSONata"],
    );
    told(&state(r#""Type":"Wait","Seconds":"1""#), &["/Seconds `Seconds` is a whole number, found `\"1\"`"]);
    told(
        &state(r#""Type":"Task","Resource":"arn:aws:states:::aws-sdk:s3:listObjectsV2","Arguments":{"Bukcet":"b"}"#),
        &[
            "/Arguments `Bucket` is missing here: `listObjectsV2` needs it",
            "/Arguments/Bukcet `listObjectsV2` has no parameter `Bukcet`",
        ],
    );
    told(
        r#"{"QueryLanguage":"JSONata","Type":"Choice","Choices":[{"Variable":"$.a","Condition":"x","Next":"Q"}],"Default":"Z"}"#,
        &[
            "/Choices/0/Variable `Variable` belongs to JSONPath, this state is written in JSONata",
            "/Choices/0/Condition `Condition` is an expression \"{% … %}\", true or false, found `\"x\"`",
            "/Choices/0/Next no state named `Q` here",
        ],
    );
    told(
        &state(r#""Type":"Map","Items":"x","ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}}"#),
        &["/Items `Items` is a list, an object or an expression \"{% … %}\", found `\"x\"`"],
    );
}

#[test]
fn fields_inside_a_distributed_map_have_the_language_of_its_state() {
    let map = |rest: &str| {
        format!(
            r#"{{"QueryLanguage":"JSONata","Type":"Map",{rest},"ItemProcessor":{{"ProcessorConfig":{{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"}},"StartAt":"I","States":{{"I":{{"Type":"Pass","OutputPath":null,"End":true}}}}}},"Next":"Z"}}"#
        )
    };
    told(
        &map(
            r#""ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Arguments":{"Bucket":"{% $b %}"},"ReaderConfig":{"InputType":"JSON","MaxItems":"{% $n %}"}}"#,
        ),
        &[
            "/ItemReader/Arguments/Bucket no state assigns the variable `b` where it can be read from here",
            "/ItemReader/ReaderConfig/MaxItems no state assigns the variable `n` where it can be read from here",
        ],
    );
    told(
        &map(
            r#""ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{},"ReaderConfig":{"InputType":"JSON","MaxItemsPath":"$.n"}}"#,
        ),
        &[
            "/ItemReader/Parameters `Parameters` belongs to JSONPath, this state is written in JSONata",
            "/ItemReader/ReaderConfig/MaxItemsPath `MaxItemsPath` belongs to JSONPath, this state is written in JSONata",
        ],
    );
    told(
        &map(r#""ItemBatcher":{"MaxItemsPerBatchPath":"$.n"},"ToleratedFailurePercentage":"{% 101 %}""#),
        &[
            "/ItemBatcher/MaxItemsPerBatchPath `MaxItemsPerBatchPath` belongs to JSONPath, this state is written in JSONata",
        ],
    );
}

#[test]
fn expressions_are_underlined_where_they_are_wrong() {
    let says = |state: &str, expected: &[&str]| {
        let text = machine(&format!(r#"{{"QueryLanguage":"JSONata",{state},"Next":"Z"}}"#));
        crate::harness::says(&text, expected);
    };
    let pass = |expression: &str| format!(r#""Type":"Pass","Output":{{"x":"{{% {expression} %}}"}}"#);
    const AT: &str = "/States/A/Output/x";
    let error = |marked: &str, message: &str| format!("error SCHEMA_VALIDATION_FAILED {AT} `{marked}`: {message}");
    let warning = |code: &str, marked: &str, message: &str| format!("warning {code} {AT} `{marked}`: {message}");
    for (expression, expected) in [
        ("[1 2]", error("2", "no JSONata expression: S0202: Expected \"]\", got 2")),
        (r#"\"é\" & \"a\" $x"#, error("$x", "no JSONata expression: S0201: Syntax error: \"x\"")),
        ("$eval('1')", error("$eval", "no JSONata expression: T1006: Attempted to invoke a non-function")),
        ("1 + $states.result", error("$states.result", "`$states.result` is not there: this has no result to read")),
        (
            "$states.errorOutput.Error",
            error("$states.errorOutput", "`$states.errorOutput` is not there: this has no error to read"),
        ),
        ("$states.inptu", warning("UNKNOWN_NAME", "$states.inptu", "`$states` has no `inptu`: this finds nothing")),
        ("$lenght('a')", warning("UNKNOWN_NAME", "$lenght", "no function `$lenght`")),
        (
            "name & 'x'",
            warning("NO_IMPLICIT_INPUT", "name & 'x'", "a name without `$`, `$` or `$$` finds nothing here"),
        ),
        (
            "$total + $tot",
            "warning POSSIBLY_UNDEFINED_VARIABLE /States/A/Output/x `$tot`: no state assigns the variable `tot` where it \
             can be read from here"
                .to_owned(),
        ),
    ] {
        let expected: Vec<String> = match expression {
            "$total + $tot" => vec![expected.clone(), expected.replace("tot`", "total`")],
            _ => vec![expected],
        };
        says(&pass(expression), &expected.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let task = r#""Type":"Task","Resource":"arn:aws:lambda:us-east-1:1:function:f""#;
    says(&format!(r#"{task},"Output":"{{% $states.result %}}","Assign":{{"x":"{{% $states.result %}}"}}"#), &[]);
    let catch = |field: &str| {
        format!(r#"{task},"Catch":[{{"ErrorEquals":["States.ALL"],"Output":"{{% {field} %}}","Next":"Z"}}]"#)
    };
    says(&catch("$states.errorOutput"), &[]);
    says(
        &catch("$states.result"),
        &[
            "error SCHEMA_VALIDATION_FAILED /States/A/Catch/0/Output `$states.result`: `$states.result` is not there: this \
           has no result to read",
        ],
    );
    says(
        &format!(r#"{task},"Arguments":"{{% $states.result %}}""#),
        &[
            "error SCHEMA_VALIDATION_FAILED /States/A/Arguments `$states.result`: `$states.result` is not there: this has \
           no result to read",
        ],
    );
}

#[test]
fn express_machines_have_no_waiting_integrations() {
    let words = |resource: &str| {
        let text = machine(&format!(r#"{{"Type":"Task","Resource":"{resource}","Next":"Z"}}"#));
        let options = aslx_asl::CompileOptions {
            machine_type: aslx_asl::MachineType::Express,
            ..aslx_asl::CompileOptions::default()
        };
        let found = aslx_asl::compile(&text, &options).diagnostics;
        found.iter().map(|d| format!("{} at {}", d.aws_message(), d.aws_location())).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(
        words("arn:aws:states:::states:startExecution.sync"),
        "Express state machine does not support '.sync' service integration at /States/A/Resource"
    );
    assert_eq!(
        words("arn:aws:states:::sqs:sendMessage.waitForTaskToken"),
        "Express state machine does not support '.waitForTaskToken' service integration  at /States/A/Resource"
    );
    assert_eq!(
        words("arn:aws:states:us-east-1:111122223333:activity:paint"),
        "Express state machine does not support Activity ARN at /States/A/Resource"
    );
    assert_eq!(words("arn:aws:states:::sqs:sendMessage"), "");
}
