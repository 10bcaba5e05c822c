//! `aslx test`: what it finds, what it says, and that it says the same as the library.

use crate::support::{Shell, definitions, machine_program};
use aslx_asl::{CompileOptions, Program};
use aslx_testing::file::TestFile;
use aslx_testing::{Answer, Assertion, Expect, FileReport, Outcome, Property, Report, Suite, Test, Tested};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A charge that is retried and caught, a choice, a map and a callback.
const ORDER: &str = include_str!("../../data/order.asl.json");

fn shell(test: &str) -> Shell {
    Shell::new().file("order.asl.json", ORDER).file("order.test.yaml", test)
}

/// The whole answer without the time that it took; modelled times are always the same.
fn timeless(shell: &Shell, arguments: &[&str]) -> String {
    let told = shell.told(arguments);
    match (told.rfind(", in "), told.rfind(" (modelled time")) {
        (Some(from), Some(to)) if from < to => format!("{}, in <duration>{}", &told[..from], &told[to..]),
        _ => told,
    }
}

/// The whole answer to a test file with these cases.
fn told(cases: &str) -> String {
    let fixtures = "mocks:\n  Charge: {return: paid}\n  PackOne: {return: packed}";
    timeless(&shell(&format!("version: 1\n{fixtures}\n{cases}")), &["test", "--jobs", "1"])
}

macro_rules! snapshot {
    ($name:ident, $cases:expr) => {
        #[test]
        fn $name() {
            insta::assert_snapshot!(told($cases));
        }
    };
}

snapshot!(all_is_well, "cases: [{name: an order, input: {items: [1, 2]}, expect: {status: SUCCEEDED}}]");

snapshot!(
    another_number_of_attempts,
    "\
cases:
  - name: throttled twice, then ok
    input: {items: [1]}
    mocks:
      Charge:
        - throw: {error: Throttled, cause: slow down}
        - throw: {error: AccessDenied, cause: no}
    expect: {attempts: {Charge: 3}}"
);

snapshot!(
    another_ending,
    "\
cases:
  - {name: fails, input: {items: []}, mocks: {Charge: [{throw: {error: Odd, cause: who knows}}]}}
  - {name: succeeds, input: {items: []}, expect: {status: FAILED}}
  - {name: has another error, input: {items: []}, mocks: {Charge: [{throw: Odd}]}, expect: {error: Even, cause: why}}
  - {name: has no error, input: {items: []}, expect: {error: Even}}
  - {name: runs out of retries, input: {items: []}, mocks: {Charge: [{throw: Throttled, times: 3}]}}"
);

snapshot!(
    another_output,
    "\
cases:
  - {name: exact, input: {items: [1]}, expect: {output: {items: [1], paid: paid, packed: [other]}}}
  - {name: partial, input: {items: [1]}, expect: {outputIncludes: {paid: {amount: 3}}}}
  - name: assertions
    input: {items: [1]}
    expect:
      assert:
        - $states.result.paid = 'not paid'
        - $attempts.Charge > 1
        - $states.result.nothing
        - {path: $.nothing}
        - {path: $.paid, exists: false}
        - {path: $.paid, equals: other}
        - {path: $.nowhere, equals: 1}"
);

snapshot!(
    another_way,
    "\
cases:
  - {name: elsewhere, input: {items: [1]}, expect: {path: [Charge, Done, Pack]}}
  - {name: longer, input: {items: []}, expect: {path: [Charge, Any, Pack, Done, Done]}}
  - {name: shorter, input: {items: []}, expect: {path: [Charge]}}
  - {name: inside, input: {items: [1, 2]}, expect: {path: [Charge, Any, {Pack: [[PackOne], [PackOne, Done]]}, Done]}}"
);

snapshot!(
    another_call,
    "\
cases:
  - {name: with something else, input: {items: [], card: 7}, expect: {calls: {Charge: [{card: 8}]}}}
  - {name: more often, input: {items: []}, expect: {calls: {Charge: [{}, {}]}}}
  - {name: exactly so, input: {items: [], card: 7}, expect: {exactCalls: {Charge: [{card: 7}]}}}"
);

snapshot!(
    another_duration,
    "\
cases:
  - name: too long
    input: {items: []}
    mocks: {Charge: [{throw: Throttled}, {return: paid, takes: 300 ms}]}
    expect: {duration: 1 s}
  - {name: too short, input: {items: []}, expect: {duration: {atLeast: 1 h}}}
  - {name: out of range, input: {items: []}, expect: {duration: {atLeast: 1 h, atMost: 2 h}}}"
);

snapshot!(
    calls_and_mocks_that_do_not_fit,
    "\
cases:
  - name: never used
    input: {items: []}
    mocks: {Charge: [{return: paid}, {return: twice}], PackOne: {return: packed}, Confirm: {return: yes}}
  - name: used too little
    input: {items: []}
    mocks: {Charge: [{throw: Throttled, times: 2}, {return: paid, attempts: 2}]}
  - name: no mock
    input: {items: [1, 2], confirm: true}
  - name: beyond the list
    input: {items: []}
    mocks: {Charge: [{throw: Throttled}]}
  - name: none for this one
    input: {items: [1, 2]}
    mocks: {PackOne: [{return: a, iteration: 0}, {return: b, attempts: 2-, optional: true}, {return: c, when: {n: 3}, optional: true}]}
  - {name: no such state, mocks: {Chrage: {return: 1}}, expect: {attempts: {Nowhere: 1}}}
  - {name: calls nothing, mocks: {Any: {return: 1}}}"
);

snapshot!(
    nobody_answers,
    "\
cases:
  - {name: for ever, input: {items: []}, mocks: {Charge: {timeOut: true}}}
  - {name: no heartbeat, input: {items: [], confirm: true}, mocks: {Confirm: [{missHeartbeat: true, submitted: {}}]}}"
);

#[test]
fn a_snapshot_of_the_history_is_written_compared_and_written_anew() {
    let case = |output: &str| {
        format!(
            "version: 1\ncases:\n  - name: an order\n    input: {{items: []}}\n    mocks: {{Charge: {output}}}\n    \
            expect: {{history: true}}\n"
        )
    };
    let shell = shell(&case("{return: paid}"));
    let mut told = vec![timeless(&shell, &["test"]), timeless(&shell, &["test", "--update"])];
    let written = shell.read("snapshots/order.an-order.history.json");
    assert!(written.contains("LambdaFunctionSucceeded"), "{written}");
    told.push(timeless(&shell, &["test"]));
    let shell = shell.file("order.test.yaml", case("{return: other}"));
    told.push(timeless(&shell, &["test"]));
    let shell = shell.file("order.test.yaml", case("[{throw: Throttled}, {return: paid}]"));
    told.push(timeless(&shell, &["test"]));
    told.push(timeless(&shell, &["test", "--update"]));
    assert_ne!(shell.read("snapshots/order.an-order.history.json"), written);
    insta::assert_snapshot!(told.join("\n\n"));
}

#[test]
fn files_are_found_and_refused() {
    let case = "version: 1\nmocks: {Charge: {return: 1}}\ncases: [{name: an order, input: {items: []}}]";
    let shell = shell(case)
        .file("deep/inside/other.test.json", r#"{"version": 1, "definition": "../../order.asl.json", "cases": []}"#)
        .file("node_modules/x/x.test.yaml", "nonsense")
        .file("wrong/a.test.yaml", "version: 1\ncases: [{nam: x}]")
        .file("lost/a.test.yaml", "version: 1\ncases: [{name: x}]")
        .file("broken/b.asl.json", "{}")
        .file("broken/b.test.yaml", "version: 1\ncases: [{name: x}]")
        .file("empty/readme", "");
    let told = |arguments: &[&str]| timeless(&shell, arguments);
    insta::assert_snapshot!(
        [
            told(&["test", "order.test.yaml", "deep"]),
            told(&["test", "order.asl.json"]),
            told(&["test", "empty"]),
            told(&["test", "nowhere"]),
            told(&["test", "wrong"]),
            told(&["test", "lost"]),
            told(&["test", "broken"]),
            told(&["test", "order.test.yaml", "--filter", "refund"]),
        ]
        .join("\n\n")
    );
}

/// Colours and progress are for people; a pipe gets the report and nothing else.
#[test]
fn a_terminal_gets_colours() {
    let shell = shell("version: 1\nmocks: {Charge: {return: 1}}\ncases: [{name: one, input: {items: []}}]");
    if let Some(shown) = shell.on_a_terminal(&["test"]) {
        assert!(shown.contains("\x1b[1;32mall passed\x1b[0m"), "{shown:?}");
    }
    let piped = shell.output(&["test"], "");
    assert!(piped.stderr.is_empty() && !piped.stdout.contains(&0x1b), "{piped:?}");
}

#[tokio::test]
async fn tests_within_a_runtime() {
    let charged =
        Test::of(machine_program(ORDER)).input(json!({"items": []})).mock("Charge", [Answer::returns("paid")]);
    assert_eq!(charged.run_async().await.unwrap().attempts("Charge"), 1);
}

#[test]
fn the_first_failure_can_be_the_last() {
    let cases: String = (0..20)
        .map(|n| format!("  - {{name: case {n}, input: {{items: []}}, expect: {{status: FAILED}}}}\n"))
        .collect();
    let shell = shell(&format!("version: 1\nmocks: {{Charge: {{return: 1}}}}\ncases:\n{cases}"));
    let json = |arguments: &[&str]| -> Json { serde_json::from_slice(&shell.output(arguments, "").stdout).unwrap() };
    let count = |report: &Json| report.pointer("/files/0/cases").unwrap().as_array().unwrap().len();
    assert_eq!(count(&json(&["test", "--format", "json"])), 20);
    assert_eq!(count(&json(&["test", "--format", "json", "--fail-fast", "--jobs", "1"])), 1);
}

#[test]
fn the_definitions_are_tested_to_the_last_branch() {
    let output = Shell::new().output(&["test", definitions().to_str().unwrap(), "--fail-under", "100"], "");
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{told}");
    assert!(told.contains("modelled time 2 min"), "{told}");
}

/// Name, outcome and modelled milliseconds of every case.
type Told = BTreeMap<String, (bool, u64)>;

#[test]
fn the_library_and_the_command_give_the_same() {
    let path = definitions().join("image-pipeline/image-pipeline.test.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let file = TestFile::read(&path, &text, &|path| std::fs::read_to_string(path)).unwrap();
    let tested = image_pipeline();
    let tests: Vec<Test> =
        file.cases.iter().map(|case| case.test(tested.clone())).filter(|t| !t.calls_real()).collect();
    let reports = Suite { jobs: 3, fail_fast: false }.run(&tests, &|_| ()).unwrap();
    let report = Report {
        files: vec![FileReport { path: path.clone(), cases: reports.into_iter().flatten().collect() }],
        wall: Duration::ZERO,
    };
    let of = |case: &aslx_testing::CaseReport| {
        (case.name.clone(), (case.outcome == Outcome::Passed, case.modelled.as_millis() as u64))
    };
    let library: Told = report.cases().map(of).collect();
    let output = Shell::new().output(&["test", path.to_str().unwrap(), "--format", "json"], "");
    let json: Json = serde_json::from_slice(&output.stdout).unwrap();
    let mut command: Told = BTreeMap::new();
    for case in json.pointer("/files/0/cases").unwrap().as_array().unwrap() {
        let name = case["name"].as_str().unwrap().to_owned();
        if library.contains_key(&name) {
            let millis = (case["modelledMillis"].as_f64().unwrap()).round() as u64;
            command.insert(name, (case["passed"] == true, millis));
        }
    }
    assert!(library.len() > 20, "{}", library.len());
    assert_eq!(library, command);
}

/// A case of the file, written with the library: the same history.
#[test]
fn a_case_can_be_written_in_both_ways() {
    let text = r#"
version: 1
cases:
  - name: throttled
    input: {items: [{n: 1}, {n: 2}], card: 7}
    mocks:
      Charge: [{throw: {error: Throttled, cause: slow down}, takes: 1 s}, {return: paid}]
      PackOne: [{return: first, iteration: 0}, {return: second, when: {n: 2}}]
    expect:
      output: {items: [{n: 1}, {n: 2}], card: 7, paid: paid, packed: [first, second]}
      path: [Charge, Any, Pack: [[PackOne], [PackOne]], Done]
      attempts: {Charge: 2, PackOne: 2}
      duration: 3 s
      assert: [{path: "$.packed[1]", equals: second}, $seconds = 3]
"#;
    let file = TestFile::read(Path::new("order.test.yaml"), text, &|_| unreachable!()).unwrap();
    let tested =
        Arc::new(Tested { path: "order.asl.json".into(), name: "order".to_owned(), program: machine_program(ORDER) });
    let written = file.cases[0].test(tested.clone());
    let second = Property::Is("second".into(), aslx_testing::Match::Exact);
    let built = Test::of_definition(tested)
        .named("throttled")
        .input(json!({"items": [{"n": 1}, {"n": 2}], "card": 7}))
        .mock(
            "Charge",
            [Answer::throws("Throttled", "slow down").taking(Duration::from_secs(1)), Answer::returns("paid")],
        )
        .mock("PackOne", [Answer::returns("first").in_iteration(0), Answer::returns("second").when(json!({"n": 2}))])
        .expect(
            Expect::success()
                .output(
                    json!({"packed": ["first", "second"], "paid": "paid", "card": 7, "items": [{"n": 1}, {"n": 2}]}),
                )
                .path(["Charge", "Any", "Pack", "Done"])
                .attempts("Charge", 2)
                .calls("PackOne", [json!({"n": 1}), json!({"n": 2})])
                .duration(Duration::from_secs(3))
                .assertion(Assertion::path("$.packed[1]", second).unwrap())
                .assertion(Assertion::jsonata("{% $seconds = 3 %}").unwrap()),
        );
    let (written, built) = (written.run().unwrap(), built.run().unwrap());
    assert_eq!(written.history(), built.history());
    assert_eq!(written.journal(), built.journal());
}

/// Whoever reads a failed test in Rust reads what the command says.
#[test]
fn a_failed_test_says_why() {
    let failed = Test::of(machine_program(ORDER))
        .named("paid at once")
        .input(json!({"items": []}))
        .mock("Charge", [Answer::throws("Throttled", "slow down").times(2), Answer::returns("paid")])
        .expect(Expect::success().attempts("Charge", 1))
        .run()
        .unwrap_err();
    insta::assert_snapshot!(failed);
}

#[test]
fn children_of_a_map_run_are_mocked_by_item() {
    let definition = json!({
        "StartAt": "Each",
        "States": { "Each": {
            "Type": "Map", "End": true, "MaxConcurrency": 1,
            "ItemProcessor": {
                "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" },
                "StartAt": "Work",
                "States": { "Work": { "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:work",
                    "Retry": [{ "ErrorEquals": ["Odd"], "IntervalSeconds": 10 }], "End": true } },
            },
        } },
    });
    let test = Test::of(machine_program(&definition.to_string()))
        .input(json!(["a", "b", "c"]))
        .mock(
            "Work",
            [
                Answer::throws("Odd", "once").in_iteration(1).for_calls(1..=1),
                Answer::returns("second").in_iteration(1),
                Answer::returns("any").times(2),
            ],
        )
        .expect(Expect::success().output(json!(["any", "second", "any"])).attempts("Work", 4));
    let ran = test.run().unwrap();
    assert_eq!(ran.duration(), Duration::from_secs(10));
    let failed = test.expect(Expect::default().attempts("Work", 3)).run().unwrap_err();
    insta::assert_snapshot!(failed);
}

pub(crate) fn image_pipeline() -> Arc<Tested> {
    let folder = definitions().join("image-pipeline");
    let text = std::fs::read_to_string(folder.join("image-pipeline.asl.json")).unwrap();
    let project = std::fs::read_to_string(folder.join("aslx.toml")).unwrap();
    // `Name = "value"`, a line each.
    let settings = project.lines().filter_map(|line| line.split_once(" = "));
    let substitutions = settings.map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned())).collect();
    let options = CompileOptions { substitutions, ..CompileOptions::default() };
    let program = Program::compile(&text, &options).unwrap_or_else(|diagnostics| panic!("{diagnostics:#?}"));
    Arc::new(Tested {
        path: "image-pipeline.asl.json".into(),
        name: "image-pipeline".to_owned(),
        program: Arc::new(program),
    })
}
