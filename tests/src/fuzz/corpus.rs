//! What mutations start from.

use crate::case::{Body, load};
use aslx_asl::{CompileOptions, Program};
use serde_json::Value as Json;
use std::path::Path;

/// Definitions of the repository, and tables of paths, calls and YAML texts.
#[derive(Debug, Default)]
pub struct Corpus {
    /// Definitions as texts.
    pub texts: Vec<String>,
    /// The same as trees, where they are JSON.
    pub trees: Vec<Json>,
    /// Those of them that compile.
    pub sound: Vec<Json>,
    /// YAML texts.
    pub yaml: Vec<String>,
}

impl Corpus {
    /// Reads the definitions of the repository. Texts above 6 kB are left out: they cost much and show little.
    pub fn read() -> Corpus {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut corpus = Corpus::default();
        if let Ok(text) = std::fs::read_to_string(root.join("../definitions/image-pipeline/image-pipeline.asl.json")) {
            corpus.texts.push(text);
        }
        for case in load(&root.join("cases")).map(|folder| folder.cases).unwrap_or_default() {
            match case.body {
                Body::Execution(case) => corpus.texts.push(case.definition),
                Body::Validation(case) => {
                    corpus.texts.extend(case.params.get("definition").and_then(Json::as_str).map(str::to_owned));
                }
                _ => {}
            }
        }
        corpus.texts.extend(DEFINITIONS.map(str::to_owned));
        corpus.texts.retain(|text| text.len() < 6_000);
        corpus.texts.sort();
        corpus.texts.dedup();
        corpus.trees = corpus.texts.iter().filter_map(|text| serde_json::from_str(text).ok()).collect();
        let sound = |text: &&String| Program::compile(text, &CompileOptions::default()).is_ok();
        let texts = corpus.texts.iter().filter(sound);
        corpus.sound = texts.filter_map(|text| serde_json::from_str(text).ok()).collect();
        corpus.yaml = YAML.map(str::to_owned).to_vec();
        for tree in corpus.trees.iter().step_by(4) {
            let mut text = String::new();
            block(tree, 0, &mut text);
            corpus.yaml.push(text);
        }
        corpus
    }
}

/// A tree as block YAML.
fn block(tree: &Json, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    match tree {
        Json::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                out.push_str(&format!("\n{indent}{}: ", Json::from(name.as_str())));
                block(value, depth + 1, out);
            }
        }
        Json::Array(items) if !items.is_empty() => {
            for item in items {
                out.push_str(&format!("\n{indent}- "));
                block(item, depth + 1, out);
            }
        }
        other => out.push_str(&other.to_string()),
    }
}

/// Definitions that use what the cases seldom do.
const DEFINITIONS: [&str; 6] = [
    r#"{"StartAt":"M","States":{"M":{"Type":"Map","ItemsPath":"$.items","MaxConcurrency":2,"ToleratedFailurePercentage":50,"ItemProcessor":{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"f","Payload.$":"$"},"TimeoutSeconds":30,"Retry":[{"ErrorEquals":["States.Timeout","A"],"MaxAttempts":2,"IntervalSeconds":1,"BackoffRate":1.5,"MaxDelaySeconds":3,"JitterStrategy":"FULL"}],"Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.e","Next":"F"}],"ResultPath":"$.r","End":true},"F":{"Type":"Fail","ErrorPath":"$.e.Error","CausePath":"States.Format('{}', $.e)"}}},"ResultSelector":{"n.$":"States.ArrayLength($)"},"End":true}}}"#,
    r#"{"StartAt":"P","States":{"P":{"Type":"Parallel","Branches":[{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":5,"Next":"A"},"A":{"Type":"Task","Resource":"arn:aws:states:us-east-1:123456789012:activity:a","HeartbeatSeconds":5,"TimeoutSeconds":60,"End":true}}},{"StartAt":"J","States":{"J":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken","Parameters":{"QueueUrl":"q","MessageBody":{"t.$":"$$.Task.Token"}},"End":true}}}],"Assign":{"v.$":"$[0]"},"Catch":[{"ErrorEquals":["States.ALL"],"Assign":{"v":1},"Next":"C"}],"Next":"C"},"C":{"Type":"Choice","Choices":[{"Variable":"$v","IsPresent":true,"Next":"S"},{"And":[{"Variable":"$.a","NumericGreaterThanPath":"$.b"},{"Not":{"Variable":"$.s","StringMatches":"a*\\*"}}],"Next":"S"}],"Default":"S"},"S":{"Type":"Succeed"}}}"#,
    r#"{"StartAt":"G","TimeoutSeconds":900,"States":{"G":{"Type":"Task","Resource":"arn:aws:states:::glue:startJobRun.sync","Parameters":{"JobName.$":"$.job"},"ResultSelector":{"id.$":"$.Id"},"OutputPath":"$.id","Credentials":{"RoleArn.$":"$.role"},"Next":"D"},"D":{"Type":"Wait","TimestampPath":"$.when","Next":"G"}}}"#,
    r#"{"StartAt":"D","States":{"D":{"Type":"Map","Label":"L","ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW","MaxItems":10},"Parameters":{"Bucket":"b","Key.$":"$.k"}},"ItemBatcher":{"MaxItemsPerBatch":2,"BatchInput":{"x.$":"$.x"}},"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"},"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}},"ItemSelector":{"i.$":"$$.Map.Item.Value"},"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"b","Prefix":"p"}},"End":true}}}"#,
    r#"{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","Output":"{% $states.input.a + 1 %}","Assign":{"x":"{% [1..3] %}"},"End":true}}}"#,
    r#"{"QueryLanguage":"JSONata","StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Arguments":{"FunctionName":"f","Payload":"{% $states.input %}"},"TimeoutSeconds":"{% 3 + 4 %}","HeartbeatSeconds":"{% 2 %}","Assign":{"v":"{% $states.result.Payload %}"},"Retry":[{"ErrorEquals":["States.QueryEvaluationError"],"MaxAttempts":1}],"Catch":[{"ErrorEquals":["States.ALL"],"Output":"{% $states.errorOutput %}","Assign":{"e":"{% $states.errorOutput.Cause %}"},"Next":"F"}],"Next":"M"},"M":{"Type":"Map","Items":"{% [1..3].{'n':$} %}","MaxConcurrency":"{% 2 %}","ToleratedFailurePercentage":"{% 50 %}","ItemSelector":{"i":"{% $states.context.Map.Item.Index & $v %}"},"ItemProcessor":{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":"{% 1 %}","Output":"{% $uuid() & $random(1) %}","End":true}}},"Next":"C"},"C":{"Type":"Choice","Choices":[{"Condition":"{% $exists($v) and $count($states.input) > 2 %}","Output":{"a":["{% $now() %}",1]},"Next":"U"}],"Default":"U","Output":"{% $parse('[1]') %}"},"U":{"Type":"Wait","Timestamp":"{% $fromMillis($millis() + 1000) %}","Next":"S"},"S":{"Type":"Succeed","Output":null},"F":{"Type":"Fail","Error":"{% 'E' %}","Cause":"{% $e %}"}}}"#,
];

/// YAML with what JSON does not have.
const YAML: [&str; 8] = [
    "StartAt: A\nStates:\n  A:\n    Type: Pass\n    Result: &r {a: 1, b: [1, 2.5e3, ~, yes]}\n    Next: B\n  B:\n    Type: Pass\n    Parameters: {<<: *r, c: 'x''y'}\n    End: true\n",
    "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e]\ng: [*f,*f,*f]\n",
    "Comment: >-\n  folded\n  text\n\n  more\nText: |+\n  kept\n   lines\n\nStartAt: \"esc\\u00e9\\x41\\n\\\n  joined\"\n",
    "Resource: !Sub 'arn:${AWS::Region}:${!Literal}:${Fn.Arn}'\nOther: !GetAtt Fn.Arn\nRef: !Ref Thing\nList: !GetAtt [Fn, Arn]\n",
    "--- # comment\n? complex key\n: value\n? [a, b]\n: {c: d}\n...\n",
    "- 0x1F\n- 0o17\n- .inf\n- -.INF\n- .nan\n- 1_000\n- 012\n- +1\n- 1.\n- .5\n- null\n- ~\n- True\n- 'true'\n- !!str 1\n- !!int '2'\n- 12345678901234567890123\n- 2001-12-14t21:59:43.10-05:00\n",
    "a:\n- b\n-   c:\n      - d\n     \n  e: f\n\t\n\"q\" : 'r'\n'': ''\n",
    "%YAML 1.2\n---\n{a: [b, {c: d}, \"e\"], f: , g: *nope, h: !custom {x: y}}\n",
];

/// JSONPath in all its forms, right and wrong.
pub const PATHS: [&str; 56] = [
    "$",
    "$.a",
    "$.a.b.c",
    "$['a']['b']",
    "$[\"a\"]",
    "$.items[0]",
    "$.items[-1]",
    "$.items[*]",
    "$.items[0,1,2]",
    "$.items[1:3]",
    "$.items[:2]",
    "$.items[-2:]",
    "$.items[::2]",
    "$.items[1:-1]",
    "$..n",
    "$..*",
    "$..items[0].n",
    "$.items[?(@.n > 1)]",
    "$.items[?(@.n)]",
    "$.items[?(!@.n)]",
    "$.items[?(@.t == 'x' && @.n >= 1.5)]",
    "$.items[?(@.t =~ /x.*/i)]",
    "$.items[?(@.n in [1,2,3])]",
    "$.items[?(@.t nin ['x'])]",
    "$.items[?(@.l size 2)]",
    "$.items[?(@.l empty true)]",
    "$.items[?(@.n == $.a.b.c)]",
    "$.items[?(@.l subsetof ['a'])]",
    "$.items[?(@.l anyof ['a'])]",
    "$.items[?(@['n'] < 3 || (@.n > 5 && !(@.t == null)))]",
    "$.items.length()",
    "$.items[*].n.sum()",
    "$.numbers.min()",
    "$.numbers.max()",
    "$.numbers.avg()",
    "$.numbers.stddev()",
    "$.a.keys()",
    "$.t.concat('x', $.t)",
    "$.numbers.first()",
    "$.numbers.last()",
    "$.numbers.index(2)",
    "$.numbers.append(4)",
    "$$",
    "$$.Execution.Id",
    "$$.Map.Item.Value.n",
    "$$['State']['Name']",
    "$v",
    "$v.a[0]",
    "$größe.a",
    "$['a','b']",
    "$['a', \"t\"]",
    "$.items[?(@.t contains 'x')]",
    "$['it\\'s']",
    "$.*",
    "$[*]",
    "$.日本.é",
];

/// Calls of intrinsic functions, right and wrong.
pub const CALLS: [&str; 44] = [
    "States.Format('{} and {}', $.t, $.a.b)",
    "States.Format('\\{\\} {}', States.Format('{}', 1.5))",
    "States.Format($.t, 1)",
    "States.Format('{}', null)",
    "States.StringToJson($.json)",
    "States.StringToJson('{\"a\":[1,2]}')",
    "States.JsonToString($)",
    "States.JsonToString($.items)",
    "States.Array()",
    "States.Array(1, 'a', true, null, $.a)",
    "States.ArrayPartition($.numbers, 2)",
    "States.ArrayPartition(States.Array(1,2,3), 99999999999)",
    "States.ArrayContains($.numbers, 2)",
    "States.ArrayContains($.items, $.items[0])",
    "States.ArrayRange(1, 9, 2)",
    "States.ArrayRange(9, 1, -2)",
    "States.ArrayRange(0, 1000, 1)",
    "States.ArrayRange(-9223372036854775808, 9223372036854775807, 1)",
    "States.ArrayGetItem($.numbers, 1)",
    "States.ArrayGetItem($.items, -1)",
    "States.ArrayLength($.items)",
    "States.ArrayLength($)",
    "States.ArrayUnique($.numbers)",
    "States.ArrayUnique(States.Array(1,1.0,'1',true,null,null))",
    "States.Base64Encode($.t)",
    "States.Base64Decode('aGk=')",
    "States.Base64Decode(States.Base64Encode('é日本😀'))",
    "States.Hash($.t, 'SHA-256')",
    "States.Hash('x', 'MD5')",
    "States.Hash($, 'SHA-512')",
    "States.JsonMerge($.a, $.items[0], false)",
    "States.JsonMerge($.a, States.StringToJson($.json), false)",
    "States.JsonMerge($.a, $.a, true)",
    "States.MathRandom(1, 10)",
    "States.MathRandom($.numbers[0], 999, 7)",
    "States.MathRandom(-9223372036854775808, 9223372036854775807)",
    "States.MathAdd(1, -1)",
    "States.MathAdd($.numbers[0], 2147483647)",
    "States.MathAdd(9223372036854775807, 1)",
    "States.StringSplit('a,b;c', ',;')",
    "States.StringSplit($.t, '')",
    "States.UUID()",
    "States.ArrayGetItem(States.StringSplit(States.Format('{}/{}', $.t, $$.Execution.Id), '/'), 0)",
    "States.Format('it\\'s {}', $v.a[0])",
];

/// Pieces of paths and calls.
pub const TOKENS: [&str; 84] = [
    "$",
    "$$",
    "@",
    ".",
    "..",
    "[",
    "]",
    "(",
    ")",
    "?",
    "*",
    ",",
    ":",
    "'",
    "\"",
    "\\",
    "\\'",
    "{",
    "}",
    "{}",
    " ",
    "-",
    "0",
    "1",
    "-1",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "1e308",
    "1e-400",
    "0.1",
    "-0",
    "2147483648",
    "a",
    "items",
    "['a']",
    "[0]",
    "[-1]",
    "[*]",
    "[?(",
    ")]",
    "[1:2]",
    "[::0]",
    "[::-1]",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "=~",
    "/a/",
    "/(a+)+$/",
    "&&",
    "||",
    "!",
    "in",
    "nin",
    "size",
    "empty",
    "subsetof",
    "contains",
    "null",
    "true",
    "false",
    "length()",
    "sum()",
    "keys()",
    "concat(",
    "States.",
    "States.Format(",
    "States.Array(",
    "States.StringToJson(",
    "é",
    "日本",
    "😀",
    "\u{202e}",
    "\0",
    "\n",
    "\u{feff}",
    "\u{85}",
    "ﬀ",
    "İ",
    "..[?(@..a)]",
];

/// Names of fields.
pub const FIELDS: [&str; 62] = [
    "StartAt",
    "States",
    "Type",
    "Next",
    "End",
    "Comment",
    "Version",
    "TimeoutSeconds",
    "TimeoutSecondsPath",
    "HeartbeatSeconds",
    "HeartbeatSecondsPath",
    "QueryLanguage",
    "InputPath",
    "OutputPath",
    "ResultPath",
    "Parameters",
    "ResultSelector",
    "Result",
    "Assign",
    "Output",
    "Arguments",
    "Resource",
    "Credentials",
    "Retry",
    "Catch",
    "ErrorEquals",
    "IntervalSeconds",
    "MaxAttempts",
    "BackoffRate",
    "MaxDelaySeconds",
    "JitterStrategy",
    "Choices",
    "Default",
    "Variable",
    "And",
    "Or",
    "Not",
    "Condition",
    "StringEquals",
    "NumericGreaterThanPath",
    "IsPresent",
    "TimestampLessThan",
    "StringMatches",
    "Seconds",
    "SecondsPath",
    "Timestamp",
    "TimestampPath",
    "Error",
    "ErrorPath",
    "Cause",
    "CausePath",
    "Branches",
    "ItemProcessor",
    "Iterator",
    "ItemsPath",
    "Items",
    "ItemSelector",
    "MaxConcurrency",
    "MaxConcurrencyPath",
    "ProcessorConfig",
    "ToleratedFailureCount",
    "a.$",
];

/// Texts that mean something in a definition.
pub const WORDS: [&str; 40] = [
    "Task",
    "Pass",
    "Choice",
    "Wait",
    "Succeed",
    "Fail",
    "Parallel",
    "Map",
    "JSONPath",
    "JSONata",
    "States.ALL",
    "States.Timeout",
    "States.TaskFailed",
    "States.DataLimitExceeded",
    "States.Runtime",
    "Lambda.Unknown",
    "FULL",
    "NONE",
    "INLINE",
    "DISTRIBUTED",
    "arn:aws:states:::lambda:invoke",
    "arn:aws:states:::lambda:invoke.waitForTaskToken",
    "arn:aws:states:::states:startExecution.sync:2",
    "arn:aws:states:::dynamodb:putItem",
    "arn:aws:states:::aws-sdk:s3:listBuckets",
    "arn:aws:lambda:us-east-1:123456789012:function:f",
    "arn:aws:states:us-east-1:123456789012:activity:a",
    "2024-01-01T00:00:00Z",
    "2024-02-30T25:61:61.999999999Z",
    "9999-12-31T23:59:59Z",
    "+1000000000-01-01T00:00:00+99:99",
    "0000-00-00T00:00:00Z",
    "a*b",
    "\\*",
    "{% 1 + 1 %}",
    "{% $states.input %}",
    "${Name}",
    "",
    " ",
    "😀\u{202e}",
];
