//! Choice states.

use super::Compiler;
use super::fields::{Field, Fields};
use super::machine::Here;
use crate::diagnostic::{Diagnostic, code, pointer_to};
use crate::path::Path;
use crate::program::{Choice, Comparator, Comparison, Operand, Relation, Rule, Test, TypeTest, When};
use crate::suggest::did_you_mean;
use crate::syntax::{Node, NodeKind, has_placeholder};
use crate::time::parse_rfc3339;
use std::sync::Arc;

/// The operators that ask for a type.
const TYPE_TESTS: [(&str, TypeTest); 5] = [
    ("IsNull", TypeTest::Null),
    ("IsString", TypeTest::String),
    ("IsNumeric", TypeTest::Numeric),
    ("IsBoolean", TypeTest::Boolean),
    ("IsTimestamp", TypeTest::Timestamp),
];

/// The endings of the comparing operators.
const RELATIONS: [(&str, Relation); 5] = [
    ("Equals", Relation::Equals),
    ("LessThan", Relation::LessThan),
    ("GreaterThan", Relation::GreaterThan),
    ("LessThanEquals", Relation::LessThanEquals),
    ("GreaterThanEquals", Relation::GreaterThanEquals),
];

impl Compiler<'_> {
    pub(super) fn choice(&mut self, fields: &mut Fields<'_>, here: &Here<'_>) -> Option<Choice> {
        let default = fields.take("Default");
        let default_id = default.as_ref().and_then(|field| self.transition(field, here));
        if !self.require(fields, &["Choices"]) {
            fields.take("Choices");
            return None;
        }
        let list = fields.take("Choices");
        if let Some(list) = &list
            && matches!(&list.node.kind, NodeKind::Array(items) if items.is_empty())
        {
            self.empty(list);
        }
        let rules = self.entries(fields, "Choices", |this, entry| this.rule(entry, here));
        if default.is_some() && default_id.is_none() {
            return None;
        }
        Some(Choice { rules: rules?, default: default_id })
    }

    fn rule(&mut self, mut fields: Fields<'_>, here: &Here<'_>) -> Option<Rule> {
        let next = self.required_transition(&mut fields, here);
        let when = match self.in_jsonata {
            true => self.condition(&mut fields),
            false => {
                let assign = self.assign(fields.take("Assign"));
                self.refuse_jsonata_fields(&mut fields);
                self.test(&mut fields).map(|test| When::Test { test, assign })
            }
        };
        Some(Rule { when: when?, next: next? })
    }

    /// A boolean expression whose `Next` and the like have been read.
    fn test(&mut self, fields: &mut Fields<'_>) -> Option<Test> {
        let (and, or, not) = (fields.take("And"), fields.take("Or"), fields.take("Not"));
        let variable = fields.take("Variable");
        let test = match (and, or, not) {
            (Some(list), None, None) => self.tests(&list).map(Test::And),
            (None, Some(list), None) => self.tests(&list).map(Test::Or),
            (None, None, Some(field)) => self.inner(field.node, &field.pointer).map(|test| Test::Not(Box::new(test))),
            (None, None, None) => return self.data_test(fields, variable),
            (and, or, not) => {
                let mut several = [and, or, not].into_iter().flatten();
                self.exclusive(several.next().as_ref(), several.next().as_ref());
                None
            }
        };
        self.refuse_unknown(fields);
        test
    }

    fn tests(&mut self, list: &Field<'_>) -> Option<Vec<Test>> {
        let NodeKind::Array(items) = &list.node.kind else {
            self.wrong(list, "a list of tests");
            return None;
        };
        if items.is_empty() {
            self.empty(list);
        }
        let tests: Vec<Option<Test>> = items
            .iter()
            .enumerate()
            .map(|(index, item)| self.inner(item, &pointer_to(&list.pointer, &index.to_string())))
            .collect();
        tests.into_iter().collect()
    }

    fn inner(&mut self, node: &Node, pointer: &str) -> Option<Test> {
        let mut fields = self.fields(node, pointer, "a test")?;
        self.test(&mut fields)
    }

    fn data_test(&mut self, fields: &mut Fields<'_>, variable: Option<Field<'_>>) -> Option<Test> {
        if variable.is_none() {
            self.report(
                Diagnostic::error(
                    code::SCHEMA,
                    &fields.pointer,
                    fields.opening(),
                    "this tests nothing: `Variable` is missing",
                )
                .help("write \"Variable\": \"$.path\" and an operator, or And, Or, Not")
                .aws("These fields are required: [Variable]", &fields.pointer),
            );
        }
        let path = variable.as_ref().and_then(|variable| self.reference(variable));
        let operators: Vec<Field<'_>> = fields.unknown().collect();
        let known: Vec<&Field<'_>> = operators.iter().filter(|field| is_operator(&field.name)).collect();
        let operator = match (known.as_slice(), operators.as_slice()) {
            ([operator], _) => {
                for other in operators.iter().filter(|other| other.name != operator.name) {
                    self.unknown_operator(other, &fields.pointer);
                }
                *operator
            }
            ([one, other, ..], _) => {
                self.exclusive(Some(one), Some(other));
                return None;
            }
            ([], [operator, ..]) => {
                self.unknown_operator(operator, &fields.pointer);
                return None;
            }
            ([], []) => {
                variable.as_ref()?;
                self.report(
                    Diagnostic::error(code::SCHEMA, &fields.pointer, fields.opening(), "an operator is missing here")
                        .help("add one such as StringEquals, NumericGreaterThan or IsPresent"),
                );
                return None;
            }
        };
        let comparator = self.comparator(operator, &fields.pointer);
        Some(Test::Data(Comparison { variable: path?, comparator: comparator? }))
    }

    fn comparator(&mut self, field: &Field<'_>, container: &str) -> Option<Comparator> {
        let name = &*field.name;
        if name == "IsPresent" {
            return self.flag(field).map(Comparator::IsPresent);
        }
        if let Some((_, test)) = TYPE_TESTS.iter().find(|(operator, _)| *operator == name) {
            return self.flag(field).map(|wanted| Comparator::Is(*test, wanted));
        }
        if name == "StringMatches" {
            self.looks_like_path_field(field, "StringEqualsPath");
            return self.text(field).cloned().map(Comparator::Matches);
        }
        let (literal, is_path) = match name.strip_suffix("Path") {
            Some(literal) => (literal, true),
            None => (name, false),
        };
        let families = ["String", "Numeric", "Boolean", "Timestamp"];
        let family = families.into_iter().find_map(|family| {
            let ending = literal.strip_prefix(family)?;
            RELATIONS.iter().find(|(text, _)| *text == ending).map(|(_, relation)| (family, *relation))
        });
        match family {
            Some(("String", relation)) => {
                let operand = self.operand(field, is_path, "a text", |node| node.as_str().cloned());
                operand.map(|operand| Comparator::String(relation, operand))
            }
            Some(("Numeric", relation)) => {
                let operand = self.operand(field, is_path, "a number", |node| match &node.kind {
                    NodeKind::Number(n) => Some(n.clone()),
                    NodeKind::String(text) if has_placeholder(text) => Some(0.into()),
                    _ => None,
                });
                operand.map(|operand| Comparator::Numeric(relation, operand))
            }
            Some(("Boolean", Relation::Equals)) => {
                let operand = self.operand(field, is_path, "true or false", |node| match node.kind {
                    NodeKind::Bool(b) => Some(b),
                    NodeKind::String(ref text) if has_placeholder(text) => Some(true),
                    _ => None,
                });
                operand.map(Comparator::Boolean)
            }
            Some(("Timestamp", relation)) => {
                let operand = self.operand(field, is_path, "an RFC 3339 timestamp", |node| {
                    let text = node.as_str()?;
                    if has_placeholder(text) { parse_rfc3339("1970-01-01T00:00:00Z") } else { parse_rfc3339(text) }
                });
                operand.map(|operand| Comparator::Timestamp(relation, operand))
            }
            _ => {
                self.unknown_operator(field, container);
                None
            }
        }
    }

    fn operand<T>(
        &mut self,
        field: &Field<'_>,
        is_path: bool,
        expected: &str,
        read: impl FnOnce(&Node) -> Option<T>,
    ) -> Option<Operand<T>> {
        if is_path {
            return self.reference(field).map(|path: Path| Operand::Path(path));
        }
        self.looks_like_path_field(field, &format!("{}Path", field.name));
        let value = read(field.node);
        if value.is_none() {
            self.wrong(field, expected);
        }
        value.map(Operand::Literal)
    }

    fn unknown_operator(&mut self, field: &Field<'_>, container: &str) {
        if matches!(&*field.name, "Next" | "Assign") {
            let message = format!("`{}` belongs to the outermost test of a rule", field.name);
            self.report(
                Diagnostic::error(code::SCHEMA, &field.pointer, field.name_span, message)
                    .help("move it beside And, Or or Not")
                    .aws(format!("Field '{}' is not supported", field.name), container),
            );
            return;
        }
        let mut diagnostic =
            Diagnostic::error(code::SCHEMA, &field.pointer, field.name_span, format!("no operator `{}`", field.name))
                .aws(format!("Field '{}' is not supported", field.name), container);
        let all = operators();
        if let Some(meant) = did_you_mean(&field.name, all.iter().map(|name| &**name)) {
            diagnostic = diagnostic.help(format!("did you mean `{meant}`?"));
        }
        self.report(diagnostic);
    }
}

/// Whether this is an operator with `Variable`.
fn is_operator(name: &str) -> bool {
    if matches!(name, "IsPresent" | "StringMatches") || TYPE_TESTS.iter().any(|(operator, _)| *operator == name) {
        return true;
    }
    let literal = name.strip_suffix("Path").unwrap_or(name);
    match literal.strip_prefix("Boolean") {
        Some(ending) => ending == "Equals",
        None => ["String", "Numeric", "Timestamp"]
            .into_iter()
            .filter_map(|family| literal.strip_prefix(family))
            .any(|ending| RELATIONS.iter().any(|(text, _)| *text == ending)),
    }
}

/// The names of all operators.
fn operators() -> Vec<Arc<str>> {
    let mut names: Vec<Arc<str>> =
        vec!["And".into(), "Or".into(), "Not".into(), "IsPresent".into(), "StringMatches".into()];
    names.extend(TYPE_TESTS.iter().map(|(name, _)| Arc::from(*name)));
    for family in ["String", "Numeric", "Timestamp"] {
        for (ending, _) in RELATIONS {
            names.push(format!("{family}{ending}").into());
            names.push(format!("{family}{ending}Path").into());
        }
    }
    names.push("BooleanEquals".into());
    names.push("BooleanEqualsPath".into());
    names
}
