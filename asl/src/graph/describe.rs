//! States, rules and catchers in a few words.

use crate::catalogue::Integration;
use crate::jsonata::Expression;
use crate::program::{
    Comparator, Comparison, Condition, ErrorPattern, IntegerField, Map, Operand, Relation, Rule, State, StateKind,
    Task, Test, TextField, TypeTest, Wait, When,
};

/// Characters of a label; what is longer ends with `…`.
const LABEL_LENGTH: usize = 120;

/// What a state does, as far as its name and type do not say it.
pub(super) fn detail(state: &State) -> String {
    match &state.kind {
        StateKind::Task(task) => resource(task),
        StateKind::Wait(Wait::Seconds(seconds), _) => format!("wait {}", seconds_text(*seconds)),
        StateKind::Wait(Wait::SecondsPath(path), _) => format!("wait {} s", bare(path.source())),
        StateKind::Wait(Wait::SecondsExpression(expression), _) => format!("wait {} s", short(expression)),
        StateKind::Wait(Wait::TimestampExpression(expression), _) => format!("wait until {}", short(expression)),
        StateKind::Wait(Wait::Timestamp(time), _) => format!("wait until {time}"),
        StateKind::Wait(Wait::TimestampPath(path), _) => format!("wait until {}", bare(path.source())),
        StateKind::Fail(fail) => match &fail.error {
            Some(TextField::Literal(error)) => cut(error, 60),
            _ => "fail".to_owned(),
        },
        StateKind::Parallel(_) => "all branches".to_owned(),
        StateKind::Map(map) => map_detail(map),
        StateKind::Pass(_) => "pass".to_owned(),
        StateKind::Succeed => "succeed".to_owned(),
        StateKind::Choice(_) => String::new(),
    }
}

fn map_detail(map: &Map) -> String {
    let what = match &map.distributed {
        Some(distributed) if distributed.batcher.is_some() => "distributed, each batch",
        Some(_) => "distributed, each item",
        None => "each item",
    };
    match &map.max_concurrency {
        Some(IntegerField::Literal(0)) | None => what.to_owned(),
        Some(IntegerField::Literal(1)) => format!("{what}, one at a time"),
        Some(IntegerField::Literal(number)) => format!("{what}, {number} at a time"),
        Some(IntegerField::Path(path)) => format!("{what}, {} at a time", bare(path.source())),
        Some(IntegerField::Expression(expression)) => format!("{what}, {} at a time", short(expression)),
    }
}

/// The resource without what every resource has.
fn resource(task: &Task) -> String {
    let text = match &task.integration {
        Some(Integration::Lambda(function)) => format!("lambda {}", function.name()),
        Some(Integration::Activity { arn }) => format!("activity {}", arn.rsplit(':').next().unwrap_or(arn)),
        Some(integration) => format!("{}:{}", integration.resource_type(), integration.resource()),
        None => task.resource.to_string(),
    };
    cut(&text, 60)
}

fn seconds_text(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        _ if seconds.is_multiple_of(86_400) => format!("{} d", seconds / 86_400),
        _ if seconds.is_multiple_of(3_600) => format!("{} h", seconds / 3_600),
        _ if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        _ => format!("{seconds} s"),
    }
}

/// `States.Timeout, Throttled`.
pub(super) fn errors_label(errors: &[ErrorPattern]) -> String {
    cut(&errors.iter().map(ErrorPattern::name).collect::<Vec<_>>().join(", "), LABEL_LENGTH)
}

/// `isSafe = true and score > 0.9`.
pub(super) fn rule_label(rule: &Rule) -> String {
    let label = match &rule.when {
        When::Test { test: it, .. } => test(it, false),
        When::Condition { condition: Condition::Literal(true), .. } => "always".to_owned(),
        When::Condition { condition: Condition::Literal(false), .. } => "never".to_owned(),
        When::Condition { condition: Condition::Expression(expression), .. } => short(expression),
    };
    cut(&label, LABEL_LENGTH)
}

fn test(it: &Test, inner: bool) -> String {
    let joined = |tests: &[Test], word: &str| {
        let text = tests.iter().map(|t| test(t, true)).collect::<Vec<_>>().join(word);
        if inner && tests.len() > 1 { format!("({text})") } else { text }
    };
    match it {
        Test::And(tests) => joined(tests, " and "),
        Test::Or(tests) => joined(tests, " or "),
        Test::Not(inner) => match &**inner {
            Test::Data(Comparison { variable, comparator: Comparator::IsPresent(flag) }) => {
                format!("{} {}", bare(variable.source()), is("present", !flag))
            }
            other => format!("not {}", test(other, true)),
        },
        Test::Data(Comparison { variable, comparator }) => {
            format!("{} {}", bare(variable.source()), compared(comparator))
        }
    }
}

fn compared(comparator: &Comparator) -> String {
    match comparator {
        Comparator::IsPresent(flag) => is("present", *flag),
        Comparator::Is(test, flag) => is(type_word(*test), *flag),
        Comparator::Matches(pattern) => format!("like \"{pattern}\""),
        Comparator::String(relation, operand) => {
            format!("{} {}", sign(*relation), shown(operand, |s| format!("\"{s}\"")))
        }
        Comparator::Numeric(relation, operand) => {
            format!("{} {}", sign(*relation), shown(operand, ToString::to_string))
        }
        Comparator::Boolean(operand) => format!("= {}", shown(operand, ToString::to_string)),
        Comparator::Timestamp(relation, operand) => {
            format!("{} {}", sign(*relation), shown(operand, |time| time.ceil_millis().to_string()))
        }
    }
}

fn shown<T>(operand: &Operand<T>, literal: impl FnOnce(&T) -> String) -> String {
    match operand {
        Operand::Literal(value) => literal(value),
        Operand::Path(path) => bare(path.source()).to_owned(),
    }
}

fn is(what: &str, flag: bool) -> String {
    if flag { format!("is {what}") } else { format!("is not {what}") }
}

fn type_word(test: TypeTest) -> &'static str {
    match test {
        TypeTest::Null => "null",
        TypeTest::String => "a string",
        TypeTest::Numeric => "a number",
        TypeTest::Boolean => "a boolean",
        TypeTest::Timestamp => "a timestamp",
    }
}

fn sign(relation: Relation) -> &'static str {
    match relation {
        Relation::Equals => "=",
        Relation::LessThan => "<",
        Relation::GreaterThan => ">",
        Relation::LessThanEquals => "≤",
        Relation::GreaterThanEquals => "≥",
    }
}

/// A path without its `$.`: every path begins with it.
fn bare(path: &str) -> &str {
    path.strip_prefix("$.").filter(|rest| !rest.is_empty() && !rest.starts_with('.')).unwrap_or(path)
}

/// An expression in one line, without the `$states.input.` that most names begin with.
fn short(expression: &Expression) -> String {
    let line = expression.source().split_whitespace().collect::<Vec<_>>().join(" ");
    cut(&line.replace("$states.input.", ""), LABEL_LENGTH)
}

fn cut(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or("").trim_end()),
        None => text.to_owned(),
    }
}
