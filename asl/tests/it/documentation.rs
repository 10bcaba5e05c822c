//! The pages in docs/diagnostics: there is one for every code, and its examples do what it says.

use crate::harness::line;
use aslx_asl::diagnostic::code;
use aslx_asl::syntax::Document;
use aslx_asl::{CompileOptions, Diagnostic, LintSettings, check};
use std::path::{Path, PathBuf};

/// Codes for which an example would be too long for a page.
const WITHOUT_EXAMPLE: [&str; 1] = [code::TOO_LONG];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/diagnostics")
}

/// The fenced blocks of a page: language and text.
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            found.push((language.to_owned(), text.join("\n")));
        }
    }
    found
}

fn diagnostics(language: &str, text: &str) -> Vec<Diagnostic> {
    match Document::read(&format!("example.{language}"), text) {
        Ok(document) => check(document, &CompileOptions::default(), &LintSettings::default()).diagnostics,
        Err(diagnostic) => vec![diagnostic],
    }
}

#[test]
fn the_examples_of_every_page_do_what_it_says() {
    for code in code::ALL {
        let page =
            std::fs::read_to_string(folder().join(format!("{code}.md"))).unwrap_or_else(|_| panic!("no page {code}"));
        assert!(page.starts_with(&format!("# {code}\n")), "{code}");
        let blocks = blocks(&page);
        if WITHOUT_EXAMPLE.contains(&code) {
            continue;
        }
        let [(language, wrong), (_, right)] = blocks.as_slice() else { panic!("{code} has {} examples", blocks.len()) };
        let found = diagnostics(language, wrong);
        let lines: Vec<String> = found.iter().map(|d| line(d, wrong)).collect();
        assert!(!found.is_empty() && found.iter().all(|d| d.code() == code), "{code}: {lines:#?}");
        let left = diagnostics(language, right);
        let lines: Vec<String> = left.iter().map(|d| line(d, right)).collect();
        let unsupported = left.iter().all(|d| d.code() == code::NOT_SUPPORTED && code != code::NOT_SUPPORTED);
        assert!(unsupported, "{code}, repaired: {lines:#?}");
    }
}

#[test]
fn there_is_no_page_without_a_code_and_all_are_listed() {
    let list = std::fs::read_to_string(folder().join("README.md")).unwrap();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let code = name.strip_suffix(".md").unwrap();
        assert!(code == "README" || code::ALL.contains(&code), "{name}");
    }
    for code in code::ALL {
        assert!(list.contains(&format!("| [{code}]({code}.md) |")), "{code}");
    }
}
