//! `aslx init` and `aslx completions`.

use crate::support::{Shell, definitions};

/// Runs the commands that an answer tells to try; each must succeed.
fn try_all(shell: &Shell, told: &str) -> Vec<String> {
    let commands: Vec<&str> = told.lines().filter_map(|line| line.strip_prefix("  aslx ")).collect();
    assert!(!commands.is_empty(), "{told}");
    let run = |command: &&str| {
        let arguments: Vec<&str> = command.split(' ').collect();
        let output = shell.output(&arguments, "");
        let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{command}\n{text}");
        text
    };
    commands.iter().map(run).collect()
}

#[test]
fn a_new_folder_passes_at_once() {
    let shell = Shell::new();
    let told = shell.told(&["init", "shop"]);
    insta::assert_snapshot!(told);
    try_all(&shell, &told);
    for written in ["shop/coverage.html", "shop/order.svg"] {
        assert!(shell.read(written).contains("<svg "), "{written}");
    }
    // What the workflow runs is what was just run.
    let workflow = shell.read("shop/.github/workflows/state-machines.yml");
    assert!(workflow.contains("aslx test --fail-under 100 --report github=-"), "{workflow}");
    // The files are as `aslx fmt` writes them.
    assert!(shell.output(&["fmt", "--check", "shop/order.asl.json"], "").status.success());
}

#[test]
fn nothing_is_ever_overwritten() {
    let shell = Shell::new().file("shop/aslx.toml", "mine").file("order.test.yaml", "mine");
    insta::assert_snapshot!(shell.told(&["init", "shop"]));
    assert_eq!(shell.read("shop/aslx.toml"), "mine");
    assert!(!shell.path("shop/order.asl.json").exists());
    let shell = shell.file("order.asl.json", r#"{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}"#);
    insta::assert_snapshot!(shell.told(&["init", "--for", "order.asl.json"]));
    assert_eq!(shell.read("order.test.yaml"), "mine");
}

#[test]
fn a_definition_gets_tests_of_all_its_branches() {
    let definition = std::fs::read(definitions().join("image-pipeline/image-pipeline.asl.json")).unwrap();
    let shell = Shell::new().file("jobs/pipeline.asl.json", definition);
    let told = shell.told(&["init", "--for", "jobs/pipeline.asl.json"]);
    insta::assert_snapshot!(told);
    let answers = try_all(&shell, &told);
    assert!(answers[0].contains("all passed"), "{answers:?}");
    let output = shell.output(&["test", "jobs", "--fail-under", "100"], "");
    assert!(output.status.success(), "{}", String::from_utf8(output.stderr).unwrap());
}

#[test]
fn what_no_made_up_input_reaches_is_said() {
    let shell = Shell::new().file(
        "odd.asl.json",
        r#"{"StartAt": "C", "States": {
            "C": {"Type": "Choice", "Default": "D", "Choices": [
                {"And": [{"Variable": "$.a", "NumericLessThan": 1}, {"Variable": "$.a", "NumericGreaterThan": 1}], "Next": "E"}]},
            "D": {"Type": "Succeed"}, "E": {"Type": "Succeed"}}}"#,
    );
    let told = shell.told(&["init", "--for", "odd.asl.json"]);
    insta::assert_snapshot!(format!("{told}\n\n{}", shell.read("odd.test.yaml")));
    try_all(&shell, &told);
}

#[test]
fn every_shell_gets_its_completions() {
    let shell = Shell::new();
    for (name, beginning) in [
        ("bash", "_aslx()"),
        ("zsh", "#compdef aslx"),
        ("fish", "# Print an optspec"),
        ("powershell", "\nusing namespace"),
        ("elvish", "\nuse builtin"),
    ] {
        let output = shell.output(&["completions", name], "");
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(script.starts_with(beginning), "{name}: {}", script.lines().take(3).collect::<Vec<_>>().join("\n"));
        assert!(script.contains("fail-under"), "{name}");
    }
    // The shell reads it, where there is one.
    let script = shell.output(&["completions", "bash"], "").stdout;
    let shell = shell.file("aslx.bash", script);
    let read = std::process::Command::new("bash").arg("-n").arg(shell.path("aslx.bash")).status();
    assert!(read.is_err() || read.unwrap().success());
}
