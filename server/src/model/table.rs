//! Reading the table.

use super::pattern::Pattern;
use std::collections::HashMap;

const TEXT: &str = include_str!("../../data/operations.txt");

/// All operations and the structures that their requests use.
#[derive(Debug)]
pub(crate) struct Model {
    operations: HashMap<&'static str, Vec<Member>>,
    structures: HashMap<&'static str, Vec<Member>>,
}

/// A member of a request or structure.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    /// Its value is not shown in messages.
    pub(crate) sensitive: bool,
    pub(crate) bounds: Bounds,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Text,
    Integer,
    Number,
    Boolean,
    Structure(&'static str),
    List(Box<Kind>, Bounds),
}

/// What a value must satisfy. `min` and `max` bound the length of texts and lists, and the value of numbers.
#[derive(Debug, Default)]
pub(crate) struct Bounds {
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
    pub(crate) pattern: Option<Pattern>,
    pub(crate) values: Vec<&'static str>,
}

impl Model {
    /// The requests of the API.
    pub(crate) fn new() -> Model {
        Model::of(TEXT)
    }

    /// The table of a text in this format.
    pub(crate) fn of(text: &'static str) -> Model {
        let mut model = Model { operations: HashMap::new(), structures: HashMap::new() };
        let mut members: Option<&mut Vec<Member>> = None;
        for line in text.lines() {
            members = match line.split_once(' ') {
                Some(("#", _)) | None => members,
                Some(("op", name)) => Some(model.operations.entry(name).or_default()),
                Some(("struct", name)) => Some(model.structures.entry(name).or_default()),
                Some((name, rest)) => {
                    if let Some(members) = &mut members {
                        members.push(member(name, rest));
                    }
                    members
                }
            };
        }
        model
    }

    /// The members of an operation's request; `None` if there is no such operation.
    pub(crate) fn operation(&self, name: &str) -> Option<&[Member]> {
        self.operations.get(name).map(Vec::as_slice)
    }

    /// The name of an operation as the table has it; `None` if there is no such operation.
    pub(crate) fn name(&self, operation: &str) -> Option<&'static str> {
        self.operations.get_key_value(operation).map(|(name, _)| *name)
    }

    pub(crate) fn structure(&self, name: &str) -> &[Member] {
        self.structures.get(name).map_or(&[], Vec::as_slice)
    }
}

fn member(name: &'static str, rest: &'static str) -> Member {
    let (kind, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let marks = kind.trim_start_matches(|c| c != '!' && c != '*');
    let (required, sensitive) = (marks.contains('!'), marks.contains('*'));
    let kind = kind.strip_suffix(marks).unwrap_or(kind);
    Member { name, kind: self::kind(kind), required, sensitive, bounds: bounds(rest.split(' ')) }
}

fn kind(text: &'static str) -> Kind {
    if let Some((item, limits)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let limits = limits.trim_start_matches('(').trim_end_matches(')');
        return Kind::List(Box::new(kind(item)), bounds(limits.split(',')));
    }
    match text {
        "string" => Kind::Text,
        "integer" => Kind::Integer,
        "number" => Kind::Number,
        "boolean" => Kind::Boolean,
        name => Kind::Structure(name),
    }
}

fn bounds(parts: impl Iterator<Item = &'static str>) -> Bounds {
    let mut bounds = Bounds::default();
    for part in parts {
        if let Some(name) = part.strip_prefix('~') {
            bounds.pattern = Pattern::named(name);
        } else if let Some(values) = part.strip_prefix('=') {
            bounds.values = values.split('|').collect();
        } else if let Some((min, max)) = part.split_once("..") {
            (bounds.min, bounds.max) = (min.parse().ok(), max.parse().ok());
        }
    }
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let model = Model::new();
        assert_eq!(model.operations.len(), 37);
        for member in model.operations.values().chain(model.structures.values()).flatten() {
            let mut kind = &member.kind;
            if let Kind::List(item, _) = kind {
                kind = item;
            }
            if let Kind::Structure(name) = kind {
                assert!(!model.structure(name).is_empty(), "{name}");
            }
        }
        let alias = model.operation("CreateStateMachineAlias").unwrap();
        let name = alias.iter().find(|m| m.name == "name").unwrap();
        assert!(name.required && name.bounds.pattern == Some(Pattern::AliasName) && name.bounds.max == Some(80));
    }
}
