//! `aslx run`: everything it answers, compared whole.

use crate::support::{Shell, photo};
use insta::assert_snapshot;
use serde_json::{Value as Json, json};
use std::fs;

const GREET: &str = r#"{
  "StartAt": "Greet",
  "States": {
    "Greet": {
      "Type": "Pass",
      "Parameters": { "text.$": "States.Format('hello {}', $.name)" },
      "Next": "Sleep"
    },
    "Sleep": { "Type": "Wait", "Seconds": 3600, "End": true }
  }
}
"#;

const FAIL: &str =
    r#"{ "StartAt": "Stop", "States": { "Stop": { "Type": "Fail", "Error": "Broken", "Cause": "made up" } } }"#;

fn shell() -> Shell {
    Shell::new().file("greet.asl.json", GREET).file("fail.asl.json", FAIL).file("name.json", r#"{ "name": "file" }"#)
}

const VIRTUAL: [&str; 2] = ["--clock", "virtual"];

fn greet(more: &[&'static str]) -> Vec<&'static str> {
    [&["run", "greet.asl.json"], &VIRTUAL[..], more].concat()
}

/// Standard output, of which it is required that it is exactly one JSON value.
fn json_of(shell: &Shell, arguments: &[&str], input: &str) -> Json {
    let output = shell.output(arguments, input);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn an_execution_that_succeeds() {
    assert_snapshot!(shell().told(&greet(&["--input", r#"{"name": "you"}"#])));
}

#[test]
fn an_execution_that_fails() {
    assert_snapshot!(shell().told(&["run", "fail.asl.json", "--clock", "virtual", "--input", "[1]"]));
}

#[test]
fn an_input_that_a_state_cannot_use() {
    assert_snapshot!(shell().told(&greet(&[])));
}

#[test]
fn json_is_one_object_and_nothing_else() {
    let shell = shell();
    let run = |more: &[&'static str], input| json_of(&shell, &greet(more), input);
    let said = |name: &str| json!({ "status": "SUCCEEDED", "output": { "text": format!("hello {name}") } });
    let format = ["--format", "json", "--input"];
    assert_eq!(run(&[&format[..], &[r#"{"name": "text"}"#]].concat(), ""), said("text"));
    assert_eq!(run(&[&format[..], &["name.json"]].concat(), ""), said("file"));
    assert_eq!(run(&[&format[..], &["-"]].concat(), "\u{feff}{\"name\": \"pipe\"}\n"), said("pipe"));
    assert_eq!(
        json_of(&shell, &["run", "fail.asl.json", "--format", "json"], ""),
        json!({ "status": "FAILED", "error": "Broken", "cause": "made up" })
    );
}

#[test]
fn a_history_is_what_the_api_returns() {
    let shell = shell();
    let output = shell.output(&greet(&["--input", "name.json", "--history", "history.json"]), "");
    assert_eq!(output.status.code(), Some(0));
    let history: Json = serde_json::from_str(&shell.read("history.json")).unwrap();
    let events = history["events"].as_array().unwrap();
    assert_eq!(history.as_object().unwrap().len(), 1);
    let started = events[0]["timestamp"].as_f64().unwrap();
    let seen: Vec<Json> = events
        .iter()
        .map(|event| {
            let after = event["timestamp"].as_f64().unwrap() - started;
            json!([event["id"], event["previousEventId"], event["type"], after.round()])
        })
        .collect();
    assert_eq!(
        json!(seen),
        json!([
            [1, 0, "ExecutionStarted", 0.0],
            [2, 0, "PassStateEntered", 0.0],
            [3, 2, "PassStateExited", 0.0],
            [4, 3, "WaitStateEntered", 0.0],
            [5, 4, "WaitStateExited", 3600.0],
            [6, 5, "ExecutionSucceeded", 3600.0],
        ])
    );
    assert_eq!(
        events[2]["stateExitedEventDetails"],
        json!({ "name": "Greet", "output": r#"{"text":"hello file"}"#, "outputDetails": { "truncated": false } })
    );
    // The same is kept with the data, and the journal beside it.
    let kept = fs::read_dir(shell.path(".aslx/executions")).unwrap();
    let mut kept: Vec<String> = kept.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    kept.sort();
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert_eq!(shell.read(&format!(".aslx/executions/{}", kept[0])), shell.read("history.json"));
    let shown = shell.told(&["history", &format!(".aslx/executions/{}", kept[0])]);
    assert!(shown.contains("\nstatus 0\n") && shown.contains(" Greet"), "{shown}");
    assert!(
        shell.read(&format!(".aslx/executions/{}", kept[1])).starts_with(r#"{"format":"aslx journal","version":1}"#)
    );
}

#[test]
fn data_goes_where_it_is_wanted() {
    let shell = shell();
    assert_eq!(shell.output(&greet(&["--input", "name.json", "--data", "elsewhere/deep"]), "").status.code(), Some(0));
    assert!(shell.path("elsewhere/deep/executions").is_dir());
    assert!(!shell.path(".aslx").exists());
}

#[test]
fn placeholders_are_set_by_flags_before_the_project_file() {
    let machine =
        r#"{ "StartAt": "A", "States": { "A": { "Type": "Pass", "Result": "${Who} and ${Whom}", "End": true } } }"#;
    let shell = Shell::new()
        .file("set/set.asl.json", machine)
        .file("set/aslx.toml", "[substitutions]\nWho = \"file\"\nWhom = \"file\"\n");
    let run =
        |more: &[&str]| json_of(&shell, &[&["run", "set", "--format", "json"], more].concat(), "")["output"].clone();
    assert_eq!(run(&[]), "file and file");
    assert_eq!(run(&["--set", "Whom=flag=1"]), "file and flag=1");
    assert_snapshot!(shell.told(&["run", "set", "--set", "nothing"]));
}

#[test]
fn in_real_time_by_default() {
    let machine = r#"{ "StartAt": "A", "States": { "A": { "Type": "Wait", "Seconds": 1, "End": true } } }"#;
    let shell = Shell::new().file("wait.asl.json", machine);
    let begun = std::time::Instant::now();
    assert_eq!(json_of(&shell, &["run", "wait.asl.json", "--format", "json"], "")["status"], "SUCCEEDED");
    assert!(begun.elapsed() >= std::time::Duration::from_secs(1));
}

/// Status 2: the command line or a file.
#[test]
fn what_cannot_be_read_is_said() {
    let shell =
        shell().file("bad.json", "{\"a\": 1,\n \"b\": }").file("empty/readme.txt", "").file("two/a.asl.json", FAIL);
    let shell =
        shell.file("two/b.asl.json", FAIL).file("odd/odd.asl.json", FAIL).file("odd/aslx.toml", "definitions = 1\n");
    let large = format!("[{}]", "0,".repeat(140_000));
    let shell = shell.file("large.json", large);
    let told = [
        shell.told(&["run"]),
        shell.told(&["run", "nothing.asl.json"]),
        shell.told(&["run", "empty"]),
        shell.told(&["run", "two"]),
        shell.told(&["run", "odd"]),
        shell.told(&greet(&["--input", "nothing.json"])),
        shell.told(&greet(&["--input", "bad.json"])),
        shell.told(&greet(&["--input", "{nope"])),
        shell.told(&greet(&["--input", "large.json"])),
        shell.told(&greet(&["--image", "nothing.jpg"])),
        shell.told(&greet(&["--image", "*.jpg"])),
        shell.told(&greet(&["--input", "{}", "--image", "a.jpg"])),
        shell.told(&["run", "greet.asl.json", "--clock", "fast"]),
        shell.told(&greet(&["--format", "xml"])),
        shell.told(&greet(&["--jobs", "0"])),
        shell.told(&greet(&["--history", "no/such/folder/history.json", "--input", "name.json"])),
    ];
    for answer in &told {
        assert!(answer.contains("\nstatus 2\n--- stdout\n"), "{answer}");
    }
    assert_snapshot!(told.join("\n\n"));
}

/// Status 3: the definition.
#[test]
fn a_definition_that_is_not_valid_or_cannot_run_here() {
    let unknown = GREET.replace("\"Next\": \"Sleep\"", "\"Next\": \"Slep\"");
    let needs = r#"{
  "StartAt": "Queue",
  "States": {
    "Queue": {
      "Type": "Task",
      "Resource": "arn:aws:states:::sqs:sendMessage",
      "Parameters": { "QueueUrl": "https://queue", "MessageBody": "hello" },
      "Next": "Work"
    },
    "Work": { "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:other", "End": true }
  }
}"#;
    let shell = Shell::new()
        .file("unknown.asl.json", unknown)
        .file("needs.asl.json", needs)
        .file("cut.asl.json", "{\n  \"StartAt\": \"A\",\n")
        .file("both.asl.json", r#"{ "States": { "A": { "Type": "Pass", "Result": 1 } } }"#);
    let files = ["unknown.asl.json", "both.asl.json", "cut.asl.json", "needs.asl.json"];
    let told: Vec<String> = files.iter().map(|file| shell.told(&["run", file])).collect();
    for answer in &told {
        assert!(answer.contains("\nstatus 3\n--- stdout\n\n--- stderr\n"), "{answer}");
    }
    assert!(!shell.path(".aslx").exists(), "nothing was run");
    assert_snapshot!(told.join("\n\n"));
}

fn pipeline() -> String {
    crate::support::definitions().join("image-pipeline").display().to_string()
}

#[test]
fn one_photo() {
    let shell = Shell::new();
    let image = photo("flagged.jpg").display().to_string();
    let told = shell.told_untimed(&["run", &pipeline(), "--image", &image]);
    assert!(told.contains("\nstatus 0\n"), "{told}");
    let uploads = fs::read_dir(shell.path(".aslx/buckets/images/uploads")).unwrap().count();
    assert_eq!(uploads, 1);
    assert_snapshot!(told);
}

#[test]
fn a_photo_that_is_broken() {
    let image = photo("broken.jpg").display().to_string();
    let told = Shell::new().told_untimed(&["run", &pipeline(), "--image", &image]);
    assert!(told.contains("\nstatus 1\n"), "{told}");
    // Thumbnails and analysis find the damage at the same time: either may be the first.
    let branches = ["   ├", "   └"];
    let told: Vec<&str> = told.lines().filter(|line| !branches.iter().any(|begin| line.starts_with(begin))).collect();
    assert_snapshot!(told.join("\n"));
}

/// Photos run side by side: their lines come in any order.
#[test]
fn several_photos() {
    let mut shell = Shell::new();
    for name in ["alpha.png", "broken.jpg", "grey.jpg"] {
        shell = shell.file(&format!("photos/{name}"), fs::read(photo(name)).unwrap());
    }
    let sorted = |told: String| {
        let (head, rest) = told.split_once("--- stdout\n").unwrap();
        let (lines, rest) = rest.split_once("\n--- stderr").unwrap();
        let mut lines: Vec<&str> = lines.lines().collect();
        lines.sort_by_key(|line| line.replace("<id 1>", "").replace("<id 2>", "").replace("<id 3>", ""));
        format!("{head}--- stdout, sorted\n{}\n--- stderr{rest}", lines.join("\n"))
    };
    let told = sorted(shell.told_untimed(&["run", &pipeline(), "--image", "photos", "--jobs", "2"]));
    assert!(told.contains("\nstatus 1\n"), "{told}");
    // Each execution has an id of its own.
    assert_snapshot!(told.replace("<id 2>", "<id 1>").replace("<id 3>", "<id 1>"));
    let good = ["photos/alpha.png", "photos/grey.jpg"];
    let output = shell.output(&["run", &pipeline(), "--format", "json", "--image", "photos/*.png", good[1]], "");
    assert_eq!(output.status.code(), Some(0));
    let lines = String::from_utf8(output.stdout).unwrap();
    let mut images: Vec<Json> =
        lines.lines().map(|line| serde_json::from_str::<Json>(line).unwrap()["image"].clone()).collect();
    images.sort_by_key(Json::to_string);
    assert_eq!(json!(images), json!(good));
    assert_snapshot!(shell.told(&["run", &pipeline(), "--image", "photos", "--history", "h.json"]));
}

#[test]
fn strict_refuses_what_rekognition_would_refuse() {
    let bitmap = fs::read(photo("alpha.png")).unwrap();
    let shell = Shell::new().file("photo.gif", GIF).file("photo.png", bitmap);
    let status = |arguments: &[&str]| {
        let pipeline = pipeline();
        let arguments = [&["run", &pipeline, "--format", "json", "--clock", "virtual"], arguments].concat();
        json_of(&shell, &arguments, "")["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(status(&["--image", "photo.gif"]), "SUCCEEDED");
    assert_eq!(status(&["--image", "photo.gif", "--strict"]), "FAILED");
    assert_eq!(status(&["--image", "photo.png", "--strict"]), "SUCCEEDED");
}

/// One white pixel.
const GIF: &[u8] = &[
    0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 1, 0, 1, 0, 0x80, 0, 0, 0xff, 0xff, 0xff, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1,
    0, 0, 2, 2, 0x44, 1, 0, 0x3b,
];

/// A pipe gets words only; a terminal gets colour unless NO_COLOR is set.
#[test]
fn colour_is_for_terminals_that_want_it() {
    let arguments = ["run", "fail.asl.json", "--clock", "virtual"];
    let piped = shell().output(&arguments, "");
    assert!(!piped.stdout.contains(&0x1b) && !piped.stderr.contains(&0x1b));
    let (Some(coloured), Some(plain)) =
        (shell().on_a_terminal(&arguments), shell().variable("NO_COLOR", "1").on_a_terminal(&arguments))
    else {
        println!("colour on a terminal: not run, there is no `script` here");
        return;
    };
    assert!(coloured.contains("\u{1b}[1;31mFAILED\u{1b}[0m"), "{coloured:?}");
    let colours = plain.split('\u{1b}').skip(1).filter(|code| {
        code.split_once('m').is_some_and(|(code, _)| {
            code.strip_prefix('[').is_some_and(|code| code.bytes().all(|byte| byte.is_ascii_digit() || byte == b';'))
        })
    });
    assert_eq!(colours.collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn help_shows_an_example_of_each_command() {
    let shell = Shell::new();
    let help = String::from_utf8(shell.output(&["--help"], "").stdout).unwrap();
    let commands = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let commands: Vec<&str> = commands
        .lines()
        .filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .collect();
    assert!(commands.contains(&"run"), "{help}");
    for command in commands {
        let help = String::from_utf8(shell.output(&[command, "--help"], "").stdout).unwrap();
        let example = format!("\n  aslx {command} ");
        assert!(help.contains("Examples:") && help.contains(&example), "{help}");
        assert!(help.contains("Exit codes"), "{help}");
    }
    assert_snapshot!(shell.told(&["run", "--help"]));
}
