//! YAML definitions: the same diagnostics at their own places.

use crate::harness::line;
use aslx_asl::syntax::{Document, Format};
use aslx_asl::{CompileOptions, Program, compile, compile_document};

const DEFINITION: &str = "\
# An order
StartAt: CheckStock
States:
  CheckStock:
    Type: Task
    Resource: !GetAtt CheckStock.Arn
    TimeoutSeconds: 30
    Retry:
      - ErrorEquals: [States.Timeout, \"Lambda.ServiceException\"]
        BackoffRate: 1.5
    Next: 'In stock?'
  In stock?:
    Type: Choice
    Choices:
      - Variable: $.stock
        NumericGreaterThan: 0
        Next: Done
    Default: Don
  Done:
    Type: Pass
    Parameters:
      message.$: >-
        States.Format('{} left',
        $.stock)
    End: yes
";

fn options() -> CompileOptions {
    CompileOptions { allow_unresolved: true, ..CompileOptions::default() }
}

#[test]
fn diagnostics_stand_where_they_belong() {
    let document = Document::read("order.yaml", DEFINITION).unwrap();
    assert_eq!(document.format(), Format::Yaml);
    let compiled = compile_document(document, &options());
    let lines: Vec<String> = compiled.diagnostics.iter().map(|d| line(d, DEFINITION)).collect();
    assert_eq!(
        lines,
        [
            "error SCHEMA_VALIDATION_FAILED /States/Done/End `yes`: `End` is true or false, found `\"yes\"`",
            "warning UNRESOLVED_SUBSTITUTION /States/CheckStock/Resource `CheckStock.Arn`: `${CheckStock.Arn}` has no value",
            "error MISSING_TRANSITION_TARGET /States/In stock?/Default `Don`: no state named `Don` here",
        ]
    );
}

#[test]
fn the_repaired_definition_is_the_same_program_as_its_json() {
    let yaml = DEFINITION.replace("End: yes", "End: true").replace("Default: Don\n", "Default: Done\n");
    let document = Document::parse_yaml(&yaml).unwrap();
    let json = document.root().to_value().to_json();
    let one: Program = compile_document(document, &options()).program.unwrap();
    let other = compile(&json, &options()).program.unwrap();
    assert_eq!(one.hash(), other.hash());
    let path = one.paths().iter().find(|path| path.pointer.ends_with("message.$")).unwrap();
    assert_eq!(&yaml[path.span.start..path.span.end], "$.stock");
}

#[test]
fn the_format_is_told_by_the_name_and_else_by_the_text() {
    for (file, text, expected) in [
        ("a.yaml", "{}", Format::Yaml),
        ("a.YML", "a: 1", Format::Yaml),
        ("a.json", "a: 1", Format::Json),
        ("a.asl.json", "{", Format::Json),
        ("a.asl", "a: 1", Format::Yaml),
        ("-", "\u{feff} {", Format::Json),
        ("-", "StartAt: A", Format::Yaml),
    ] {
        assert_eq!(Format::of(file, text), expected, "{file} {text}");
    }
}
