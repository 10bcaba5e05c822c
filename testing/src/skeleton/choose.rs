//! Values with which a Choice goes the way that is wanted.

use super::expressions;
use super::world::walk;
use aslx_asl::jsonata::States;
use aslx_asl::path::{Path, Root, Step};
use aslx_asl::program::{Choice, Program, State, View};
use aslx_asl::syntax::{Node, NodeKind};
use aslx_asl::{Environment, Timestamp, Value};
use serde_json::{Value as Json, json};

/// Combinations of values that are tried for one Choice.
const TRIES: usize = 20_000;

/// What a Choice decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// The rule of this number.
    Rule(usize),
    /// Its `Default`.
    Default,
}

/// A change of an input: a path, and what is to be there, if anything.
pub(super) type Change = (Vec<String>, Option<Json>);

/// The way that a Choice goes with this input; `None` if a rule fails.
pub(super) fn decide(choice: &Choice, input: &Json) -> Option<Way> {
    let input = Value::parse(&input.to_string()).ok()?;
    let states = States { input: Some(&input), ..States::default() };
    let view = View::new(&input, states, &Nothing, Timestamp::default());
    for (number, rule) in choice.rules.iter().enumerate() {
        if rule.when.holds(number, &view).ok()? {
            return Some(Way::Rule(number));
        }
    }
    choice.default.map(|_| Way::Default)
}

/// The changes of this input that make a Choice go that way.
pub(super) fn settle(
    program: &Program,
    state: &State,
    choice: &Choice,
    input: &Json,
    wanted: Way,
) -> Option<Vec<Change>> {
    let rules = program.document().root().pointer(&format!("{}/Choices", state.pointer))?;
    let mut reader = Reader { paths: Vec::new(), values: vec![None, Some(json!("made-up"))] };
    reader.read(rules);
    let samples = [json!(1), json!(true), json!(null), json!("2025-01-01T00:00:00Z"), json!({})];
    reader.values.extend(samples.into_iter().map(Some));
    // What has the type that is asked for comes first: it looks most like what an author would write.
    let paths: Vec<_> = reader
        .paths
        .into_iter()
        .map(|(path, is_wanted)| {
            let mut values = reader.values.clone();
            values.sort_by_key(|value| !value.as_ref().is_none_or(is_wanted));
            let current = walk(input, &path).cloned();
            (path, current, values)
        })
        .collect();
    // Fewest changes first: numbers in base (values + 1), whose digit 0 leaves a path as it is.
    let base = reader.values.len() + 1;
    let count = base.checked_pow(u32::try_from(paths.len()).ok()?).unwrap_or(TRIES).min(TRIES);
    for number in 0..count {
        let mut rest = number;
        let mut changed = input.clone();
        let mut changes = Vec::new();
        for (path, current, values) in &paths {
            let digit = rest % base;
            rest /= base;
            let Some(value) = digit.checked_sub(1).and_then(|digit| values.get(digit)) else { continue };
            if value != current {
                place(&mut changed, path, value.clone());
                changes.push((path.clone(), value.clone()));
            }
        }
        if decide(choice, &changed) == Some(wanted) {
            return Some(changes);
        }
    }
    None
}

/// Whether a value has the type that is asked for.
type IsWanted = fn(&Json) -> bool;

/// Collects what rules compare.
struct Reader {
    /// With the type that their first comparison is about.
    paths: Vec<(Vec<String>, IsWanted)>,
    values: Vec<Option<Json>>,
}

impl Reader {
    fn read(&mut self, node: &Node) {
        match &node.kind {
            NodeKind::Array(items) => items.iter().for_each(|item| self.read(item)),
            NodeKind::Object(members) => {
                let names = || members.iter().map(|member| &*member.name);
                let is_wanted: IsWanted = if names().any(|name| name.starts_with("Numeric")) {
                    Json::is_number
                } else if names().any(|name| name.starts_with("Boolean")) {
                    Json::is_boolean
                } else {
                    Json::is_string
                };
                for member in members {
                    match &*member.name {
                        "Next" | "Comment" | "Assign" | "Output" => {}
                        "Condition" => self.condition(&member.value),
                        "And" | "Or" | "Not" => self.read(&member.value),
                        name if name == "Variable" || name.ends_with("Path") => self.path(&member.value, is_wanted),
                        _ => self.value(&member.value),
                    }
                }
            }
            _ => {}
        }
    }

    /// A condition in JSONata.
    fn condition(&mut self, node: &Node) {
        let Some(text) = node.as_str() else { return };
        let literals = expressions::literals(text);
        let is_wanted: IsWanted = if literals.iter().any(Json::is_number) { Json::is_number } else { Json::is_string };
        for path in expressions::reads(text, "$states.input") {
            self.add_path(Some(path), is_wanted);
        }
        for literal in literals {
            self.add_value(&literal);
        }
    }

    fn path(&mut self, node: &Node, is_wanted: IsWanted) {
        let path = node.as_str().and_then(|text| Path::parse(text).ok());
        self.add_path(path.as_ref().and_then(tokens), is_wanted);
    }

    fn add_path(&mut self, path: Option<Vec<String>>, is_wanted: IsWanted) {
        let is_new = |path: &Vec<String>| !self.paths.iter().any(|(known, _)| known == path);
        if let Some(path) = path.filter(is_new) {
            self.paths.push((path, is_wanted));
        }
    }

    fn value(&mut self, node: &Node) {
        if let Ok(value) = serde_json::from_str(&node.to_value().to_json()) {
            self.add_value(&value);
        }
    }

    fn add_value(&mut self, value: &Json) {
        let mut add = |value: Json| {
            if !self.values.contains(&Some(value.clone())) {
                self.values.push(Some(value));
            }
        };
        match value {
            Json::Number(number) => {
                add(Json::Number(number.clone()));
                if let Some(integer) = number.as_i64() {
                    add(json!(integer.saturating_add(1)));
                    add(json!(integer.saturating_sub(1)));
                } else if let Some(number) = number.as_f64() {
                    add(json!(number + 1.0));
                    add(json!(number - 1.0));
                }
            }
            Json::String(text) => {
                add(json!(text.replace('*', "x")));
                add(json!(format!("{text} and more")));
                add(json!(""));
            }
            Json::Bool(_) => {
                add(json!(true));
                add(json!(false));
            }
            _ => {}
        }
    }
}

/// The names and indexes of a path that leads to one place of the input.
pub(super) fn tokens(path: &Path) -> Option<Vec<String>> {
    if *path.root() != Root::Input || !path.is_definite() {
        return None;
    }
    let token = |step: &Step| match step {
        Step::Name(name) => Some(name.to_string()),
        Step::Index(index) => usize::try_from(*index).ok().map(|index| index.to_string()),
    };
    path.steps().map(token).collect()
}

fn place(input: &mut Json, path: &[String], value: Option<Json>) {
    let [first, rest @ ..] = path else {
        *input = value.unwrap_or(Json::Null);
        return;
    };
    if !input.is_object() && !input.is_array() {
        *input = json!({});
    }
    match (input, value) {
        (Json::Object(members), None) if rest.is_empty() => {
            members.shift_remove(first);
        }
        (Json::Object(members), value) => place(members.entry(first).or_insert(Json::Null), rest, value),
        (Json::Array(items), value) => {
            if let Some(item) = first.parse::<usize>().ok().and_then(|index| items.get_mut(index)) {
                place(item, rest, value);
            }
        }
        _ => {}
    }
}

/// Rules are looked at without context, variables and draws.
pub(super) struct Nothing;

impl Environment for Nothing {
    fn context(&self) -> &Value {
        &Value::Null
    }
    fn variable(&self, _: &str) -> Option<&Value> {
        None
    }
    fn draw(&self) -> u64 {
        0
    }
}
