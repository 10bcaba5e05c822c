//! What the tests share.

use aslx_asl::syntax::Document;
use aslx_asl::{CompileOptions, Diagnostic, LintSettings, Severity, check};

/// A machine that begins with this state, `A`, and has a state `Z` to go to.
pub(crate) fn machine(state: &str) -> String {
    format!(r#"{{"StartAt": "A", "States": {{"A": {state}, "Z": {{"Type": "Succeed"}}}}}}"#)
}

/// All that is said of a JSON definition, lints included.
pub(crate) fn diagnostics(definition: &str) -> Vec<Diagnostic> {
    match Document::parse(definition) {
        Ok(document) => check(document, &CompileOptions::default(), &LintSettings::default()).diagnostics,
        Err(diagnostic) => vec![diagnostic],
    }
}

/// A diagnostic in one line: severity, code, pointer, the text underlined, and the message.
pub(crate) fn line(diagnostic: &Diagnostic, text: &str) -> String {
    let span = diagnostic.span();
    let severity = match diagnostic.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let marked = text.get(span.start..span.end).unwrap_or("?");
    format!("{severity} {} {} `{marked}`: {}", diagnostic.code(), diagnostic.pointer(), diagnostic.message())
}

/// Everything said of a definition, one line each.
#[track_caller]
pub(crate) fn says(definition: &str, expected: &[&str]) {
    let found: Vec<String> = diagnostics(definition).iter().map(|d| line(d, definition)).collect();
    assert_eq!(found, expected, "{definition}");
}

/// The errors of a definition in AWS's words, as its API joins them.
pub(crate) fn aws(definition: &str) -> String {
    let errors = diagnostics(definition).into_iter().filter(|d| d.severity() == Severity::Error);
    let sentences: Vec<String> = errors
        .map(|d| match d.aws_location() {
            "" => format!("{}: {}", d.code(), d.aws_message()),
            location => format!("{}: {} at {location}", d.code(), d.aws_message()),
        })
        .collect();
    sentences.join(", ")
}
