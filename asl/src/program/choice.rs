//! Choice rules: which way to go.

use super::{JsonataExit, StateId, Template, View};
use crate::failure::Failure;
use crate::jsonata::{Expression, Session};
use crate::path::Path;
use crate::scope::Scope;
use crate::time::{Instant, parse_rfc3339};
use crate::value::Value;
use std::cmp::Ordering;
use std::sync::Arc;

/// An entry of `Choices`.
#[derive(Debug)]
pub struct Rule {
    /// When it is taken, and what is handed on then.
    pub when: When,
    /// Where it leads.
    pub next: StateId,
}

/// When a rule is taken and what is handed on then, in the language of its state.
#[derive(Debug)]
pub enum When {
    /// `Variable` and an operator, or several of them.
    Test {
        /// When it is taken.
        test: Test,
        /// `Assign`.
        assign: Option<Template>,
    },
    /// `Condition`.
    Condition {
        /// When it is taken.
        condition: Condition,
        /// `Output` and `Assign`.
        exit: JsonataExit,
    },
}

/// The `Condition` of a rule in JSONata.
#[derive(Debug)]
pub enum Condition {
    /// Always, or never.
    Literal(bool),
    /// When this is true.
    Expression(Box<Expression>),
}

impl When {
    /// Whether the rule is taken. `number` is its index in `Choices`, for errors of a condition: no value, or another
    /// one than true and false. Errors of a test: see [`Test::holds`].
    pub fn holds(&self, number: usize, view: &View<'_>) -> Result<bool, Failure> {
        match self {
            When::Test { test, .. } => test.holds(view.scope()),
            When::Condition { condition, .. } => {
                condition.holds(&format!("Choices[{number}]/Condition"), view.session())
            }
        }
    }

    /// The test, if it is one on paths.
    pub fn as_test(&self) -> Option<&Test> {
        match self {
            When::Test { test, .. } => Some(test),
            When::Condition { .. } => None,
        }
    }

    /// The names of the variables that are assigned when the rule is taken.
    pub fn assigned(&self) -> Vec<Arc<str>> {
        match self {
            When::Test { assign, .. } => assign.as_ref().map(Template::member_names).unwrap_or_default(),
            When::Condition { exit, .. } => exit.assigned(),
        }
    }
}

impl Condition {
    fn holds(&self, location: &str, session: &Session<'_>) -> Result<bool, Failure> {
        match self {
            Condition::Literal(holds) => Ok(*holds),
            Condition::Expression(expression) => {
                let value = expression.evaluate_in(location, session)?;
                value.as_bool().ok_or_else(|| expression.unexpected_type(location, "boolean", &value))
            }
        }
    }
}

/// A boolean expression over the state's effective input.
#[derive(Debug)]
pub enum Test {
    /// All of them; stops at the first that is false.
    And(Vec<Test>),
    /// One of them; stops at the first that is true.
    Or(Vec<Test>),
    /// Not this.
    Not(Box<Test>),
    /// `Variable` and one operator.
    Data(Comparison),
}

/// `Variable` and one operator.
#[derive(Debug)]
pub struct Comparison {
    /// `Variable`
    pub variable: Path,
    /// The operator with its operand.
    pub comparator: Comparator,
}

/// An operator with its operand.
#[derive(Debug)]
pub enum Comparator {
    /// `IsPresent`: whether the path finds something, `null` included.
    IsPresent(bool),
    /// `IsNull`, `IsString`, …: true when the outcome of the test equals the flag.
    Is(TypeTest, bool),
    /// `StringMatches`, in which `*` stands for any characters.
    Matches(Arc<str>),
    /// `StringEquals` and so on. A `String…` operator.
    String(Relation, Operand<Arc<str>>),
    /// A `Numeric…` operator.
    Numeric(Relation, Operand<serde_json::Number>),
    /// `BooleanEquals` and its path form.
    Boolean(Operand<bool>),
    /// A `Timestamp…` operator.
    Timestamp(Relation, Operand<Instant>),
}

/// The types that a Choice can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeTest {
    /// `IsNull`
    Null,
    /// `IsString`
    String,
    /// `IsNumeric`
    Numeric,
    /// `IsBoolean`
    Boolean,
    /// `IsTimestamp`: a string in RFC 3339 with an offset.
    Timestamp,
}

/// How two values stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// `…Equals`
    Equals,
    /// `…LessThan`
    LessThan,
    /// `…GreaterThan`
    GreaterThan,
    /// `…LessThanEquals`
    LessThanEquals,
    /// `…GreaterThanEquals`
    GreaterThanEquals,
}

impl Relation {
    /// Whether for any two numbers either this holds or the other.
    pub(crate) fn complements(self, other: Relation) -> bool {
        use Relation::{GreaterThan, GreaterThanEquals, LessThan, LessThanEquals};
        matches!(
            (self, other),
            (LessThan, GreaterThanEquals)
                | (GreaterThanEquals, LessThan | LessThanEquals)
                | (GreaterThan, LessThanEquals)
                | (LessThanEquals, GreaterThan | GreaterThanEquals)
        )
    }

    fn holds(self, order: Option<Ordering>) -> bool {
        match self {
            Relation::Equals => order == Some(Ordering::Equal),
            Relation::LessThan => order == Some(Ordering::Less),
            Relation::GreaterThan => order == Some(Ordering::Greater),
            Relation::LessThanEquals => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            Relation::GreaterThanEquals => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        }
    }
}

/// What is compared with.
#[derive(Debug)]
pub enum Operand<T> {
    /// A value in the definition.
    Literal(T),
    /// The `…Path` form.
    Path(Path),
}

impl Test {
    /// Whether the rule applies. Errors: a variable that finds nothing, unless it is asked whether it is present.
    /// A value of another type is never an error, the test is false (recorded: choice operators).
    pub fn holds(&self, scope: &Scope<'_>) -> Result<bool, Failure> {
        match self {
            Test::And(tests) => {
                for test in tests {
                    if !test.holds(scope)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Test::Or(tests) => {
                for test in tests {
                    if test.holds(scope)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Test::Not(test) => Ok(!test.holds(scope)?),
            Test::Data(comparison) => comparison.holds(scope),
        }
    }

    /// Every path that the test reads, with whether it is only asked if it is present.
    pub fn paths<'t>(&'t self, found: &mut Vec<(&'t Path, bool)>) {
        match self {
            Test::And(tests) | Test::Or(tests) => tests.iter().for_each(|test| test.paths(found)),
            Test::Not(test) => test.paths(found),
            Test::Data(comparison) => {
                found.push((&comparison.variable, matches!(comparison.comparator, Comparator::IsPresent(_))));
                match &comparison.comparator {
                    Comparator::String(_, Operand::Path(path))
                    | Comparator::Numeric(_, Operand::Path(path))
                    | Comparator::Boolean(Operand::Path(path))
                    | Comparator::Timestamp(_, Operand::Path(path)) => found.push((path, false)),
                    _ => {}
                }
            }
        }
    }
}

impl Comparison {
    fn holds(&self, scope: &Scope<'_>) -> Result<bool, Failure> {
        let found = self.variable.evaluate(scope);
        if let Comparator::IsPresent(wanted) = self.comparator {
            return Ok(found.is_ok() == wanted);
        }
        let value = found.map_err(|_| missing(&self.variable))?;
        Ok(match &self.comparator {
            Comparator::IsPresent(_) => false,
            Comparator::Is(test, wanted) => test.holds(&value) == *wanted,
            Comparator::Matches(pattern) => value.as_str().is_some_and(|text| matches(pattern, text)),
            Comparator::String(relation, operand) => {
                let Some(left) = value.as_str() else { return Ok(false) };
                operand.with(scope, |right| relation.holds(Some(utf16_order(left, right))), string)?
            }
            Comparator::Numeric(relation, operand) => {
                let Value::Number(left) = &value else { return Ok(false) };
                operand.with(scope, |right| relation.holds(numeric_order(left, right)), number)?
            }
            Comparator::Boolean(operand) => {
                let Some(left) = value.as_bool() else { return Ok(false) };
                operand.with(scope, |right| left == *right, Value::as_bool)?
            }
            Comparator::Timestamp(relation, operand) => {
                let Some(left) = instant(&value) else { return Ok(false) };
                operand.with(scope, |right| relation.holds(Some(left.cmp(right))), instant)?
            }
        })
    }
}

impl<T> Operand<T> {
    /// Applies the test to the operand; an operand of the wrong type makes it false.
    fn with(
        &self,
        scope: &Scope<'_>,
        test: impl FnOnce(&T) -> bool,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Result<bool, Failure> {
        match self {
            Operand::Literal(operand) => Ok(test(operand)),
            Operand::Path(path) => {
                let value = path.evaluate(scope).map_err(|_| missing(path))?;
                Ok(read(&value).is_some_and(|operand| test(&operand)))
            }
        }
    }
}

impl TypeTest {
    fn holds(self, value: &Value) -> bool {
        match self {
            TypeTest::Null => value.is_null(),
            TypeTest::String => value.as_str().is_some(),
            TypeTest::Numeric => matches!(value, Value::Number(_)),
            TypeTest::Boolean => value.as_bool().is_some(),
            TypeTest::Timestamp => instant(value).is_some(),
        }
    }
}

fn missing(path: &Path) -> Failure {
    Failure::runtime(format!(
        "Invalid path '{}': The choice state's condition path references an invalid value.",
        path.source()
    ))
}

fn string(value: &Value) -> Option<Arc<str>> {
    match value {
        Value::String(s) => Some(s.clone()),
        _ => None,
    }
}

fn number(value: &Value) -> Option<serde_json::Number> {
    match value {
        Value::Number(n) => Some(n.clone()),
        _ => None,
    }
}

fn instant(value: &Value) -> Option<Instant> {
    parse_rfc3339(value.as_str()?)
}

/// Order by UTF-16 code units, as Java compares strings; it differs from UTF-8's above U+FFFF.
fn utf16_order(left: &str, right: &str) -> Ordering {
    if left.is_ascii() && right.is_ascii() {
        return left.cmp(right);
    }
    left.encode_utf16().cmp(right.encode_utf16())
}

/// Order by value; integers are compared exactly.
fn numeric_order(left: &serde_json::Number, right: &serde_json::Number) -> Option<Ordering> {
    let integer = |n: &serde_json::Number| n.as_i64().map(i128::from).or_else(|| n.as_u64().map(i128::from));
    match (integer(left), integer(right)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

/// Whether the whole text fits the pattern: `*` stands for any characters, `\*` for a star, `\\` for a backslash.
/// Linear in pattern times text: on a mismatch only the last star is tried again.
fn matches(pattern: &str, text: &str) -> bool {
    #[derive(PartialEq)]
    enum Piece {
        Any,
        Char(char),
    }
    let mut pieces = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        pieces.push(match c {
            '*' => Piece::Any,
            '\\' => match chars.next_if(|next| matches!(next, '*' | '\\')) {
                Some(escaped) => Piece::Char(escaped),
                None => Piece::Char('\\'),
            },
            c => Piece::Char(c),
        });
    }
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        match (pieces.get(p), text.get(t)) {
            (Some(Piece::Any), _) => {
                retry = Some((p, t));
                p += 1;
            }
            (Some(Piece::Char(want)), Some(have)) if want == have => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                Some((star, from)) => {
                    retry = Some((star, from + 1));
                    p = star + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pieces.iter().skip(p).all(|piece| *piece == Piece::Any)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn string_matches_knows_stars_and_escapes() {
        for (pattern, text, expected) in [
            ("log-*.txt", "log-2025.txt", true),
            ("log-*.txt", "log-.txt", true),
            ("log-*.txt", "log-2025.txt2", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "xxbxxaxx", false),
            ("a\\*b", "a*b", true),
            ("a\\*b", "axb", false),
            ("a\\\\b", "a\\b", true),
            ("", "", true),
            ("*", "", true),
            ("a", "", false),
            ("*é", "cafés é", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
        assert!(!matches(&"*a".repeat(200), &"a".repeat(199)));
    }

    #[test]
    fn numbers_compare_exactly() {
        let n = |text: &str| number(&Value::parse(text).unwrap()).unwrap();
        assert_eq!(numeric_order(&n("9007199254740993"), &n("9007199254740992")), Some(Ordering::Greater));
        assert_eq!(numeric_order(&n("1"), &n("1.0")), Some(Ordering::Equal));
        assert_eq!(numeric_order(&n("18446744073709551615"), &n("-1")), Some(Ordering::Greater));
    }
}
