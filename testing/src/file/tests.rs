//! What the reader takes and refuses, and that the published schema says the same.

use super::{SCHEMA, TestFile, names};
use crate::expect::Check;
use aslx_asl::diagnostic::render;
use aslx_engine::layers::{Answer, AnswerKind, Times};
use serde_json::{Value as Json, json};
use std::io::{Error, ErrorKind};
use std::path::Path;
use std::time::Duration;

fn files(path: &Path) -> std::io::Result<String> {
    match path.to_str().unwrap() {
        "t/shared.yaml" => Ok("version: 1\nanswers: {ok: {return: 1}, no: {throw: E}}\nmocks: {Other: ok}".to_owned()),
        "t/circle.yaml" => Ok("version: 1\ninclude: [circle.yaml]".to_owned()),
        "t/wrong.yaml" => Ok("version: 1\nanswers:\n  bad: {retrun: 1}".to_owned()),
        "t/in.json" => Ok("{\"a\": 1}".to_owned()),
        "t/bad.json" => Ok("{\n\"a\": }".to_owned()),
        _ => Err(Error::new(ErrorKind::NotFound, "not there")),
    }
}

fn read(text: &str) -> Result<TestFile, String> {
    TestFile::read(Path::new("t/a.test.yaml"), text, &files).map_err(|error| {
        let shown = |diagnostic| render(diagnostic, &error.file.display().to_string(), &error.text, false);
        error.diagnostics.iter().map(shown).collect::<Vec<_>>().join("\n")
    })
}

fn one(case: &str) -> super::Case {
    let text = format!("version: 1\ninclude: [shared.yaml]\ncases:\n  - {{name: one, {case}}}");
    read(&text).unwrap_or_else(|error| panic!("{error}")).cases.remove(0)
}

fn answers(list: &str) -> Vec<Answer> {
    let case = one(&format!("mocks: {{Work: {list}}}"));
    case.mocks.of("Work").unwrap().iter().map(|mock| mock.answer.clone()).collect()
}

#[test]
fn answers_of_every_kind() {
    assert_eq!(answers("{return: {a: 1}}"), [Answer::returns(json!({"a": 1})).always()]);
    assert_eq!(answers("[{return: null}, ok, no]").len(), 3);
    assert_eq!(answers("[ok]"), [Answer::returns(1u64)]);
    assert_eq!(answers("ok"), [Answer::returns(1u64).always()]);
    assert_eq!(
        answers("[{use: ok, times: 3, takes: 2 min}]"),
        [Answer::returns(1u64).times(3).taking(Duration::from_secs(120))]
    );
    assert_eq!(answers("[{use: ok, times: always}]"), [Answer::returns(1u64).always()]);
    assert_eq!(answers("[{returnFile: in.json}]"), [Answer::returns(json!({"a": 1}))]);
    assert_eq!(answers("[{throw: E}]"), [Answer::throws("E", "")]);
    assert_eq!(answers("[{throw: {error: E, cause: c}}]"), [Answer::throws("E", "c")]);
    let silent = answers("[{throw: {error: E, cause: null, at: start}}]").remove(0);
    assert!(matches!(silent.kind, AnswerKind::Throw { cause: None, at: aslx_engine::task::FailedAt::Start, .. }));
    assert_eq!(answers("[{timeOut: true}, {missHeartbeat: true}]"), [Answer::times_out(), Answer::misses_heartbeat()]);
    assert_eq!(answers("[{call: real, takes: 1}]"), [Answer::calls_real().taking(Duration::from_secs(1))]);
    assert_eq!(answers("[{return: 1, submitted: {id: 7}}]"), [Answer::returns(1u64).submitted_as(json!({"id": 7}))]);
    assert_eq!(answers("[{return: 1, attempts: 2-4}]"), [Answer::returns(1u64).for_calls(2..=4)]);
    assert_eq!(answers("[{return: 1, attempts: 2}]"), [Answer::returns(1u64).for_calls(2..=2)]);
    assert_eq!(answers("[{return: 1, attempts: 2-}]"), [Answer::returns(1u64).for_calls(2..=u32::MAX)]);
    assert_eq!(answers("[{return: 1, iteration: 0, times: 2}]"), [Answer::returns(1u64).in_iteration(0).times(2)]);
    assert_eq!(answers("[{return: 1, when: {a: 1}}]"), [Answer::returns(1u64).when(json!({"a": 1}))]);
    let case = one("mocks: {Work: [{use: ok, optional: true}, no]}");
    let mocks = case.mocks.of("Work").unwrap();
    assert_eq!((mocks[0].required, mocks[1].required), (false, true));
    assert_eq!(mocks[0].place.as_ref().unwrap().to_string(), "t/a.test.yaml:4");
    // What is shared need not be used.
    assert!(!case.mocks.of("Other").unwrap()[0].required);
    assert_eq!(case.mocks.of("Other").unwrap()[0].answer.times, Times::Always);
}

#[test]
fn cases_of_every_kind() {
    let case = one("inputFile: in.json, type: EXPRESS, start: 2025-01-31T08:00:00Z, definition: x.asl.json, \
         substitutions: {A: b}, objects: {b/k: in.json}");
    assert_eq!(case.input.to_json(), r#"{"a":1}"#);
    assert_eq!(
        (case.start.to_string().as_str(), case.definition.unwrap().to_str().unwrap()),
        ("2025-01-31T08:00:00.000Z", "t/x.asl.json")
    );
    assert_eq!(case.objects, [("b/k".to_owned(), Path::new("t/in.json").to_owned())]);
    let case =
        one("expect: {status: TIMED_OUT, output: 1, outputIncludes: {}, outputFile: in.json, error: E, cause: c, \
         causeIncludes: c, path: [A, B: [[C], [D, E]]], attempts: {A: 1, B: 2}, calls: {A: [{}, 1]}, \
         exactCalls: {A: []}, duration: 1.5 h, history: true, assert: ['$states.result = 1', {path: $.a, equals: 1}, \
         {path: $.b}]}");
    let checks: Vec<&Check> = case.expectations.iter().map(|expectation| &expectation.check).collect();
    assert_eq!(checks.len(), 17);
    let history = checks.iter().find_map(|check| if let Check::History(file) = check { Some(file) } else { None });
    assert_eq!(history.unwrap().to_str(), Some("t/snapshots/a.one.history.json"));
    assert_eq!(checks.iter().flat_map(|check| check.states()).collect::<String>(), "ABCDEABAA");
}

#[test]
fn a_table_is_a_case_for_each_row() {
    let text = "version: 1\ncases:\n  - name: <what> twice\n    input: {n: <n>, text: 'n is <n>, <unknown> < 5'}\n    \
        mocks: {<state>: [<answer>]}\n    rows:\n      - {what: this, n: 1, state: A, answer: {throw: E}}\n      \
        - {what: that, n: [2], state: B, answer: {return: <n>}}\n  - {name: same, rows: [{}, {}]}";
    let cases = read(text).unwrap_or_else(|error| panic!("{error}")).cases;
    let names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names, ["this twice", "that twice", "same [1]", "same [2]"]);
    let inputs: Vec<String> = cases.iter().map(|case| case.input.to_json()).collect();
    assert_eq!(inputs[0], r#"{"n":1,"text":"n is 1, <unknown> < 5"}"#);
    assert_eq!(inputs[1], r#"{"n":[2],"text":"n is [2], <unknown> < 5"}"#);
    assert_eq!(cases[0].mocks.of("A").unwrap()[0].answer, Answer::throws("E", ""));
    // What a row says is not looked through again.
    assert_eq!(cases[1].mocks.of("B").unwrap()[0].answer, Answer::returns("<n>"));
    assert_eq!(cases[1].place.line, 3);
}

#[test]
fn an_empty_file_is_told_in_words_of_its_own() {
    for text in ["", " \n"] {
        let told = read(text).unwrap_err();
        assert!(told.starts_with("error[TEST_FILE]: the file is empty\n --> t/a.test.yaml:1:1"), "{told}");
        assert!(told.contains("help: a test file has `version: 1` and `cases`"), "{told}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let mut told = String::new();
    for text in [
        "cases: []",
        "version: 2\ncases: []",
        "version: 1",
        "version: 1\ncases: 3",
        "version: 1\ncass: []\ncases: []",
        "version: 1\nincluding: x\ncases: []",
        "version: 1\ncases:\n  - {input: 1}",
        "version: 1\ncases:\n  - just a text",
        "version: 1\ncases:\n  - {name: a, mocks: {A: [{retrun: 1}]}}",
        "version: 1\ncases:\n  - {name: a, mocks: {A: {times: 3}}}",
        "version: 1\ncases:\n  - {name: a, mocks: {A: {return: 1, throw: E}}}",
        "version: 1\nanswers: {throttled: {throw: E}}\ncases:\n  - {name: a, mocks: {A: throtled}}",
        "version: 1\ncases:\n  - {name: a, mocks: {A: {throw: {cause: c}}}}",
        "version: 1\ncases:\n  - {name: a, mocks: {A: {return: 1, attempts: 0}}}",
        "version: 1\ncases:\n  - {name: a, mocks: {A: {return: 1, takes: 3 parsecs}}}",
        "version: 1\ncases:\n  - {name: a, mocks: {A: {timeOut: false}}}",
        "version: 1\ncases:\n  - {name: a, mocks: {A: {call: fake}}}",
        "version: 1\ncases:\n  - {name: a, input: 1, inputFile: in.json}",
        "version: 1\ncases:\n  - {name: a, inputFile: bad.json}",
        "version: 1\ncases:\n  - {name: a, inputFile: nowhere.json}",
        "version: 1\ncases:\n  - {name: a, start: tomorrow}",
        "version: 1\ncases:\n  - {name: a, expect: {status: FINE}}",
        "version: 1\ncases:\n  - {name: a, expect: {assert: '$states.result ='}}",
        "version: 1\ncases:\n  - {name: a, expect: {assert: {path: 'a[', equals: 1}}}",
        "version: 1\ncases:\n  - {name: a, expect: {assert: {equals: 1}}}",
        "version: 1\ncases:\n  - {name: a, expect: {assert: {path: $.a, equals: 1, exists: true}}}",
        "version: 1\ncases:\n  - {name: a, expect: {attempts: {A: many}}}",
        "version: 1\ncases:\n  - {name: a, rows: [1]}",
        "version: 1\ncases:\n  - {name: a, name: b}",
        "version: 1\ninclude: [nowhere.yaml]\ncases: []",
        "version: 1\ninclude: [circle.yaml]\ncases: []",
        "version: 1\ninclude: [wrong.yaml]\ncases: []",
        "version: 1\ncases: [",
    ] {
        told.push_str(&read(text).unwrap_err());
        told.push('\n');
    }
    insta::assert_snapshot!(told);
}

/// What a JSON Schema of the kind that we publish says: enough of it for a test, patterns left out.
fn fits(schema: &Json, value: &Json, root: &Json) -> bool {
    let all = |name: &str| schema[name].as_array().into_iter().flatten();
    let is = |kind: &Json| match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("{other}"),
    };
    let member = |(name, value): (&String, &Json)| match (&schema["properties"][name], &schema["additionalProperties"])
    {
        (Json::Null, Json::Bool(allowed)) => *allowed,
        (Json::Null, Json::Null) => true,
        (Json::Null, others) => fits(others, value, root),
        (known, _) => fits(known, value, root),
    };
    let types = match &schema["type"] {
        Json::Null => true,
        Json::Array(kinds) => kinds.iter().any(is),
        kind => is(kind),
    };
    let reference = schema["$ref"].as_str().map(|name| root.pointer(name.strip_prefix('#').unwrap()).unwrap());
    types
        && reference.is_none_or(|schema| fits(schema, value, root))
        && (schema.get("const").is_none() || &schema["const"] == value)
        && (schema["enum"].is_null() || all("enum").any(|one| one == value))
        && (schema["minimum"].is_null() || value.as_f64().is_none_or(|n| n >= schema["minimum"].as_f64().unwrap()))
        && all("required").all(|name| value.get(name.as_str().unwrap()).is_some())
        && all("allOf").all(|schema| fits(schema, value, root))
        && (schema["anyOf"].is_null() || all("anyOf").any(|schema| fits(schema, value, root)))
        && value.as_object().is_none_or(|members| members.iter().all(member))
        && value.as_array().is_none_or(|items| {
            schema["items"].is_null() || items.iter().all(|item| fits(&schema["items"], item, root))
        })
}

/// Every member that the reader takes is one that editors offer, and the other way round: samples that the reader
/// takes fit the schema, and those with a slip in any name or word fit neither.
#[test]
fn the_schema_and_the_reader_agree() {
    let schema: Json = serde_json::from_str(SCHEMA).unwrap();
    let sample = json!({
        "version": 1, "definition": "a", "substitutions": {"A": "b"}, "include": ["shared.yaml"],
        "answers": {"x": {"throw": {"error": "E", "cause": "c", "at": "submit"}}, "y": "ok"},
        "mocks": {"A": "x", "B": ["x", {"use": "x", "optional": true, "times": 2}]},
        "cases": [
            {
                "name": "n", "definition": "d", "substitutions": {"C": "d"}, "type": "EXPRESS", "input": [1],
                "start": "2025-01-31T08:00:00Z", "objects": {"b/k": "f"},
                "mocks": {"A": [
                    {"return": 1, "submitted": 2, "takes": "3 s", "times": "always", "attempts": "1-2", "iteration": 0, "when": {}},
                    {"returnFile": "in.json", "takes": 2.5, "attempts": 3}, {"throw": "E"}, {"timeOut": true},
                    {"missHeartbeat": true}, {"call": "real"}, {"throw": {"error": "E", "cause": null}},
                ]},
                "expect": {
                    "status": "FAILED", "output": 1, "outputFile": "in.json", "outputIncludes": {}, "error": "E",
                    "cause": "c", "causeIncludes": "c", "path": ["A", {"B": [["C"], []]}], "attempts": {"A": 0},
                    "calls": {"A": [1]}, "exactCalls": {"A": []}, "duration": {"atLeast": 1, "atMost": "2 h"},
                    "history": "f", "assert": ["1 = 1", {"path": "$", "equals": 1}, {"path": "$", "exists": true},
                        {"path": "$", "includes": {}}],
                },
                "rows": [{"a": 1}],
            },
            {"name": "m", "inputFile": "in.json", "type": "STANDARD", "expect": {"history": true, "duration": 3, "assert": "1"}},
        ],
    });
    let both = |value: &Json| (read(&value.to_string()).is_ok(), fits(&schema, value, &schema));
    assert_eq!(both(&sample), (true, true), "{:?}", read(&sample.to_string()).err());
    let text = sample.to_string();
    for names in [names::FILE, names::CASE, names::ANSWER, names::THROW, names::EXPECT, names::ASSERT, names::DURATION]
    {
        for name in names {
            assert!(text.contains(&format!("\"{name}\":")), "the sample has no {name}");
            // Every place where this name stands, one after the other.
            for (at, _) in text.match_indices(&format!("\"{name}\":")) {
                let slip = format!("{}\"{name}x\":{}", &text[..at], &text[at + name.len() + 3..]);
                let slip: Json = serde_json::from_str(&slip).unwrap();
                assert_eq!(both(&slip), (false, false), "{slip}");
            }
        }
    }
    for (right, wrong) in [
        ("\"EXPRESS\"", "\"EXPRES\""),
        ("\"FAILED\"", "\"failed\""),
        ("\"submit\"", "\"submitted\""),
        ("\"real\"", "\"true\""),
        ("\"always\"", "\"never\""),
        ("\"version\":1", "\"version\":3"),
        ("\"iteration\":0", "\"iteration\":-1"),
        ("\"timeOut\":true", "\"timeOut\":1"),
        ("{\"A\":0}", "{\"A\":-1}"),
        ("\"atLeast\":1", "\"atLeast\":-1"),
        ("\"optional\":true", "\"optional\":\"yes\""),
    ] {
        assert!(text.contains(right), "{right}");
        let slip: Json = serde_json::from_str(&text.replacen(right, wrong, 1)).unwrap();
        assert_eq!(both(&slip), (false, false), "{slip}");
    }
}

#[test]
fn the_schema_names_what_the_reader_knows() {
    let schema: Json = serde_json::from_str(SCHEMA).unwrap();
    let definition = |pointer: &str| schema.pointer(pointer).unwrap_or_else(|| panic!("{pointer}"));
    for (pointer, known) in [
        ("", names::FILE),
        ("/definitions/included", names::INCLUDED),
        ("/definitions/case", names::CASE),
        ("/definitions/answer/anyOf/1", names::ANSWER),
        ("/definitions/throw/anyOf/1", names::THROW),
        ("/definitions/expect", names::EXPECT),
        ("/definitions/assertion/anyOf/1", names::ASSERT),
        ("/definitions/expect/properties/duration/anyOf/1", names::DURATION),
    ] {
        let object = definition(pointer);
        let named: Vec<&str> = object["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!((named.as_slice(), &object["additionalProperties"]), (known, &Json::Bool(false)), "{pointer}");
    }
}
