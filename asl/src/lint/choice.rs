//! Choice rules that are missing or that are never reached, and waits for nothing.

use super::context::Context;
use crate::diagnostic::code;
use crate::program::{Choice, Comparator, Condition, Operand, Rule, State, StateKind, Test, Wait, When};
use crate::syntax::{Node, NodeKind};
use std::collections::HashMap;

/// Of more rules it is not asked whether they cover every case: every one is compared with every other.
const MAX_RULES: usize = 100;

pub(super) fn lint(context: &mut Context<'_>) {
    for (_, state) in context.program.states() {
        match &state.kind {
            StateKind::Choice(choice) => {
                without_default(context, state, choice);
                repeated_rules(context, state);
            }
            StateKind::Wait(Wait::Seconds(0), _) => {
                let pointer = format!("{}/Seconds", state.pointer);
                if context.node(&pointer).is_some_and(|node| matches!(node.kind, NodeKind::Number(_))) {
                    let message = "this waits for nothing".to_owned();
                    context.warn(code::WAIT_ZERO, &pointer, message, "a Pass state does the same");
                }
            }
            _ => {}
        }
    }
}

fn without_default(context: &mut Context<'_>, state: &State, choice: &Choice) {
    if choice.default.is_some() {
        return;
    }
    if choice.rules.len() > MAX_RULES {
        return;
    }
    let always = |rule: &Rule| matches!(rule.when, When::Condition { condition: Condition::Literal(true), .. });
    let tests: Vec<&Test> = choice.rules.iter().filter_map(|rule| rule.when.as_test()).collect();
    let complete =
        choice.rules.iter().any(always) || tests.iter().any(|one| tests.iter().any(|other| opposite(one, other)));
    if !complete {
        let message = format!("if no rule of `{}` applies, the execution fails with States.Runtime", state.name);
        context.warn_state(code::CHOICE_WITHOUT_DEFAULT, state, message, "add \"Default\": \"<state>\"");
    }
}

/// Whether one of two tests holds in any case.
fn opposite(one: &Test, other: &Test) -> bool {
    match (one, other) {
        (Test::Not(inner), other) | (other, Test::Not(inner)) => same(inner, other),
        (Test::Data(one), Test::Data(other)) if one.variable == other.variable => {
            match (&one.comparator, &other.comparator) {
                (Comparator::IsPresent(a), Comparator::IsPresent(b)) => a != b,
                (Comparator::Is(kind, a), Comparator::Is(other, b)) => kind == other && a != b,
                // A value that is no boolean, or no number, fits neither; that is not what is meant here.
                (Comparator::Boolean(Operand::Literal(a)), Comparator::Boolean(Operand::Literal(b))) => a != b,
                (Comparator::Numeric(a, Operand::Literal(x)), Comparator::Numeric(b, Operand::Literal(y))) => {
                    x == y && a.complements(*b)
                }
                _ => false,
            }
        }
        _ => false,
    }
}

/// Whether two tests are the same one; the simple ones that authors negate.
fn same(one: &Test, other: &Test) -> bool {
    match (one, other) {
        (Test::Data(one), Test::Data(other)) => format!("{one:?}") == format!("{other:?}"),
        (Test::Not(one), Test::Not(other)) => same(one, other),
        (Test::And(one), Test::And(other)) | (Test::Or(one), Test::Or(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        _ => false,
    }
}

/// Rules with the test of an earlier one.
fn repeated_rules(context: &mut Context<'_>, state: &State) {
    let Some(Node { kind: NodeKind::Array(rules), .. }) = context.node(&format!("{}/Choices", state.pointer)) else {
        return;
    };
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (index, rule) in rules.iter().enumerate() {
        let NodeKind::Object(members) = &rule.kind else { continue };
        let mut test: Vec<String> = members
            .iter()
            .filter(|member| !matches!(&*member.name, "Next" | "Comment" | "Assign" | "Output"))
            .map(|member| format!("{}={}", member.name, member.value.to_value().to_json()))
            .collect();
        test.sort();
        let test = test.join(",");
        if let Some(first) = seen.get(&test) {
            let pointer = format!("{}/Choices/{index}", state.pointer);
            let message = format!("this rule is never taken: Choices[{first}] has the same test");
            let span = crate::syntax::Span { start: rule.span.start, end: rule.span.start + 1 };
            context.found.push(
                crate::Diagnostic::warning(code::UNREACHABLE_RULE, &pointer, span, message).help("remove one of them"),
            );
        } else {
            seen.insert(test, index);
        }
    }
}
