//! The README and the pages of docs/, executed: what they show is what happens.
//!
//! * A `console` block is run line by line: `$ command`, below it what the command prints. `$ echo $?` is about the
//!   command before; without it that has to succeed. A command without output below it may print anything. A line `…`
//!   stands for any lines, a `…` within a line for any text; durations, ids and the width of blanks do not count.
//! * A block with a name behind its language (```` ```json order.asl.json ````) is a file that later commands find.
//! * A `json` block is JSON, and one with `States` is a definition that compiles.
//!   One that is meant to be wrong is called `jsonc`.
//! * A link to a file leads somewhere.
//!
//! Blocks of other languages are only for reading. Each page has a folder of its own, with `definitions` in it.
//! `ASLX_BIN` names a built `aslx`; without it one is built.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use aslx_asl::{CompileOptions, compile};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How the README starts the program, and what is run instead.
const FROM_SOURCE: &str = "cargo run --release -- ";

/// The picture in the README.
const PICTURE: &str = "docs/images/image-pipeline.svg";

#[test]
fn what_the_documentation_shows_is_what_happens() {
    let aslx = aslx();
    let mut faults = Vec::new();
    let (mut commands, mut definitions) = (0, 0);
    for file in pages() {
        let name = file.strip_prefix(root()).unwrap().display().to_string();
        let text = fs::read_to_string(&file).unwrap();
        let folder = tempfile::tempdir().unwrap();
        copy(&root().join("definitions"), &folder.path().join("definitions"));
        for link in dead_links(&file, &text) {
            faults.push(format!("{name}: `{link}` leads nowhere"));
        }
        for block in blocks(&text) {
            let place = format!("{name}:{}", block.line);
            if let Some(file) = &block.file {
                fs::write(folder.path().join(file), &block.text).unwrap();
            }
            match block.language.as_str() {
                "console" => {
                    for step in steps(&block.text) {
                        commands += 1;
                        if let Err(fault) = run(&step, &aslx, folder.path()) {
                            faults.push(format!("{place}: $ {}\n{fault}", step.command));
                        }
                    }
                }
                "json" => match json_fault(&block.text) {
                    Ok(is_definition) => definitions += usize::from(is_definition),
                    Err(fault) => faults.push(format!("{place}: {fault}")),
                },
                _ => {}
            }
        }
    }
    if let Err(fault) = picture(&aslx) {
        faults.push(fault);
    }
    println!("docs: {commands} commands and {definitions} definitions executed");
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n\n"));
    assert!(commands >= 20 && definitions >= 1, "only {commands} commands and {definitions} definitions were found");
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The README and all pages right below docs/; those of the diagnostics have a test of their own.
fn pages() -> Vec<PathBuf> {
    let names = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];
    let mut pages: Vec<PathBuf> = names.iter().map(|name| root().join(name)).collect();
    pages.extend(fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path()));
    pages.retain(|page| page.extension().is_some_and(|ending| ending == "md"));
    pages.sort();
    pages
}

/// The program. Cargo builds it for nobody but its own package, so this asks for it, in the profile of this test.
fn aslx() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "a test is started with settings in its environment")]
    if let Some(built) = std::env::var_os("ASLX_BIN") {
        return root().join(built);
    }
    // target/<profile>/deps/docs-0123456789abcdef
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().unwrap().parent().unwrap();
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--locked", "--package", "aslx", "--bin", "aslx", "--target-dir"]);
    build.arg(profile.parent().unwrap()).current_dir(root());
    if profile.ends_with("release") {
        build.arg("--release");
    }
    assert!(build.status().unwrap().success(), "aslx cannot be built");
    profile.join("aslx")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A fenced block.
struct Block {
    /// Of its first line.
    line: usize,
    language: String,
    file: Option<String>,
    text: String,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut open = false;
    for (line, row) in (1..).zip(text.lines()) {
        if row.starts_with("```") {
            open = !open;
            if open {
                let mut words = row.trim_start_matches('`').split_whitespace().map(str::to_owned);
                let language = words.next().unwrap_or_default();
                found.push(Block { line: line + 1, language, file: words.next(), text: String::new() });
            }
        } else if let (true, Some(block)) = (open, found.last_mut()) {
            block.text.push_str(row);
            block.text.push('\n');
        }
    }
    assert!(!open, "a block is not closed");
    found
}

/// A command and what is said about it.
struct Step {
    command: String,
    output: Vec<String>,
    status: i32,
}

fn steps(block: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut asks_status = false;
    for row in block.lines() {
        if let Some(command) = row.strip_prefix("$ ") {
            asks_status = command == "echo $?";
            if !asks_status {
                steps.push(Step { command: command.to_owned(), output: Vec::new(), status: 0 });
            }
        } else if let Some(step) = steps.last_mut() {
            if asks_status {
                step.status = row.trim().parse().unwrap();
                asks_status = false;
            } else {
                step.output.push(row.to_owned());
            }
        }
    }
    steps
}

fn run(step: &Step, aslx: &Path, folder: &Path) -> Result<(), String> {
    let command = match step.command.strip_prefix(FROM_SOURCE) {
        Some(arguments) => format!("aslx {arguments}"),
        None => step.command.clone(),
    };
    // Found by its name, as a reader would have it.
    let bin = folder.join(".bin");
    fs::create_dir_all(&bin).unwrap();
    let linked = bin.join("aslx");
    if !linked.exists() {
        fs::hard_link(aslx, &linked).or_else(|_| fs::copy(aslx, &linked).map(drop)).unwrap();
    }
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!("PATH=\"{}:$PATH\"\n{{ {command}\n}} 2>&1", bin.display()))
        .env("NO_COLOR", "1")
        .current_dir(folder)
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    let status = output.status.code().unwrap_or(-1);
    if status != step.status {
        return Err(format!("exit status {status}, the page says {}; it printed:\n{shown}", step.status));
    }
    let expected: Vec<String> = trimmed(step.output.iter().map(String::as_str));
    let actual: Vec<String> = trimmed(shown.lines());
    if expected.is_empty() || same_lines(&expected, &actual) {
        return Ok(());
    }
    Err(format!("the page shows\n{}\nbut it printed\n{shown}", step.output.join("\n")))
}

/// Lines in the form in which they are compared, without empty ones.
fn trimmed<'l>(lines: impl Iterator<Item = &'l str>) -> Vec<String> {
    lines.map(normalised).filter(|line| !line.is_empty()).collect()
}

/// Without durations (short ones are not even shown), ids and doubled blanks.
fn normalised(line: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in line.split_whitespace() {
        let unit = word.trim_end_matches([',', ')']);
        let number = |text: &String| text.parse::<f64>().is_ok();
        if matches!(unit, "ms" | "s" | "µs") && words.last().is_some_and(number) {
            words.pop();
        } else {
            words.push(without_ids(word));
        }
    }
    words.join(" ")
}

/// UUIDs as `<id>`.
fn without_ids(word: &str) -> String {
    let is_id = |text: &str| {
        text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    };
    let mut text = word.to_owned();
    let mut at = 0;
    while at + 36 <= text.len() {
        match text.get(at..at + 36) {
            Some(part) if is_id(part) => text.replace_range(at..at + 36, "<id>"),
            _ => at += 1,
        }
    }
    text
}

fn same_lines(expected: &[String], actual: &[String]) -> bool {
    match expected.split_first() {
        None => actual.is_empty(),
        Some((first, rest)) if first == "…" => (0..=actual.len()).any(|skip| same_lines(rest, &actual[skip..])),
        Some((first, rest)) => {
            actual.split_first().is_some_and(|(a, more)| same_text(first, a) && same_lines(rest, more))
        }
    }
}

/// Whether a line is what the page shows; `…` in the page is any text, with the blanks around it.
fn same_text(expected: &str, actual: &str) -> bool {
    match expected.split_once('…') {
        None => expected == actual,
        Some((begin, rest)) => actual.strip_prefix(begin.trim_end()).is_some_and(|after| {
            let mut ends = after.char_indices().map(|(at, _)| at).chain([after.len()]);
            ends.any(|at| same_text(rest.trim_start(), after[at..].trim_start()))
        }),
    }
}

/// Whether the README shows the pipeline as it is.
fn picture(aslx: &Path) -> Result<(), String> {
    let definition = root().join("definitions/image-pipeline");
    let drawn = Command::new(aslx).args(["graph", "--format", "svg"]).arg(definition).output().unwrap();
    let kept = fs::read(root().join(PICTURE)).unwrap_or_default();
    if drawn.status.success() && drawn.stdout == kept {
        return Ok(());
    }
    Err(format!("{PICTURE} is not what `aslx graph` draws; `just bless` renews it"))
}

/// Whether a block of JSON is a definition, or what is wrong with it.
fn json_fault(text: &str) -> Result<bool, String> {
    if text.contains('…') {
        return Ok(false);
    }
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
    if value.get("States").is_none() {
        return Ok(false);
    }
    let options = CompileOptions { allow_unresolved: true, ..CompileOptions::default() };
    let compiled = compile(text, &options);
    match compiled.program {
        Some(_) => Ok(true),
        None => Err(format!("a definition that does not compile: {:?}", compiled.diagnostics)),
    }
}

/// The targets of links that are files of the repository, and not there.
fn dead_links(page: &Path, text: &str) -> Vec<String> {
    let outside = |link: &&str| !link.contains("://") && !link.starts_with('#') && !link.starts_with("mailto:");
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(outside);
    let file = |link: &str| page.parent().unwrap().join(link.split('#').next().unwrap());
    targets.filter(|link| !file(link).exists()).map(str::to_owned).collect()
}

#[test]
fn a_line_of_a_page_stands_for_what_is_printed() {
    let line = " ✓ ClaimWork     4 ms  .aslx/9cf3e825-49f4-49c2-a2f5-c8f06cedd568.json";
    assert_eq!(normalised(line), "✓ ClaimWork .aslx/<id>.json");
    assert_eq!(normalised("SUCCEEDED in 2.9 s"), "SUCCEEDED in");
    assert!(same_text("a … c", "a b c") && same_text("a …", "a") && same_text("…c", "abc"));
    assert!(same_text("in …", "in") && same_text("a … c … e", "a b c d e"));
    assert!(!same_text("a … d", "a b c") && !same_text("a", "a b"));
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(same_lines(&lines("a\n…\nd"), &lines("a\nb\nc\nd")));
    assert!(!same_lines(&lines("a\n…\ne"), &lines("a\nb\nc\nd")));
}
