//! Made-up inputs and results, and where the parts of a value come from.

use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// Name of the member that objects have which nothing is known of yet.
const PLACEHOLDER: &str = "_";

/// How a text begins that was made up.
const MADE_UP: &str = "made-up ";

/// Something that a test makes up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// The input of the execution.
    Input,
    /// What this Task state gets.
    Result(String),
}

/// All that a test makes up.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct World {
    values: BTreeMap<Source, Json>,
    next: usize,
}

impl World {
    /// What a source gives; made up now if nothing has been.
    pub(super) fn of(&mut self, source: &Source) -> Json {
        if let Some(value) = self.values.get(source) {
            return value.clone();
        }
        let value = self.object();
        self.values.insert(source.clone(), value.clone());
        value
    }

    /// A text unlike all others.
    pub(super) fn text(&mut self) -> Json {
        self.next += 1;
        Json::from(format!("{MADE_UP}{}", self.next))
    }

    /// An object that can be told from all others.
    pub(super) fn object(&mut self) -> Json {
        Json::Object(Map::from_iter([(PLACEHOLDER.to_owned(), self.text())]))
    }

    /// Puts a value (or nothing) at a path of something that was seen, by changing where it came from.
    ///
    /// `false`: it cannot be told where it came from, or it is so already.
    pub(super) fn put(&mut self, seen: &Json, path: &[String], value: Option<Json>) -> bool {
        for depth in (0..=path.len()).rev() {
            let (Some(before), Some(rest)) = (path.get(..depth), path.get(depth..)) else { continue };
            let Some(node) = walk(seen, before) else { continue };
            let is_leaf = !node.is_object() && !node.is_array();
            if is_leaf && !rest.is_empty() {
                continue;
            }
            let Some((source, mut at)) = self.origin(node) else { continue };
            at.extend(rest.iter().cloned());
            return self.put_at(&source, &at, value);
        }
        false
    }

    /// Puts a value (or nothing) at a path of a source.
    pub(super) fn put_at(&mut self, source: &Source, path: &[String], value: Option<Json>) -> bool {
        let mut whole = self.of(source);
        let before = whole.clone();
        let [parents @ .., last] = path else {
            let Some(value) = value else { return false };
            self.values.insert(source.clone(), value.clone());
            return value != before;
        };
        let mut node = &mut whole;
        for (depth, name) in parents.iter().enumerate() {
            let next_is_index = path.get(depth + 1).is_some_and(|name| name.parse::<usize>().is_ok());
            let Some(child) = member(node, name) else { return false };
            if child.is_null() || !(child.is_object() || child.is_array()) {
                *child = if next_is_index { Json::Array(Vec::new()) } else { self.object() };
            }
            node = child;
        }
        match value {
            Some(value) => match member(node, last) {
                Some(place) => *place = value,
                None => return false,
            },
            None => {
                if let Json::Object(members) = node {
                    members.shift_remove(last);
                }
            }
        }
        let changed = whole != before;
        self.values.insert(source.clone(), whole);
        changed
    }

    /// Where a value came from, if one of its texts tells.
    fn origin(&self, value: &Json) -> Option<(Source, Vec<String>)> {
        let mut texts = Vec::new();
        leaves(value, &mut Vec::new(), &mut texts);
        for (within, text) in &texts {
            for (source, whole) in &self.values {
                let mut known = Vec::new();
                leaves(whole, &mut Vec::new(), &mut known);
                let places =
                    known.iter().filter(|(_, other)| other == text).filter_map(|(at, _)| at.strip_suffix(&**within));
                if let Some(at) = places.into_iter().next() {
                    return Some((source.clone(), at.to_vec()));
                }
            }
        }
        None
    }

    /// The same without the members that say nothing.
    pub(super) fn tidied(&self) -> World {
        let mut tidy = self.clone();
        tidy.values.values_mut().for_each(|value| tidy_value(value, ""));
        tidy
    }
}

/// The value at a path.
pub(super) fn walk<'v>(value: &'v Json, path: &[String]) -> Option<&'v Json> {
    path.iter().try_fold(value, |node, name| match node {
        Json::Array(items) => items.get(name.parse::<usize>().ok()?),
        Json::Object(members) => members.get(name),
        _ => None,
    })
}

/// The place of a member or item, made if it is not there.
fn member<'v>(node: &'v mut Json, name: &str) -> Option<&'v mut Json> {
    match node {
        Json::Object(members) => Some(members.entry(name).or_insert(Json::Null)),
        Json::Array(items) => {
            let index = name.parse::<usize>().ok().filter(|index| *index < 16)?;
            if items.len() <= index {
                items.resize(index + 1, Json::Null);
            }
            items.get_mut(index)
        }
        _ => None,
    }
}

/// All texts of a value, with their paths.
fn leaves(value: &Json, at: &mut Vec<String>, found: &mut Vec<(Vec<String>, String)>) {
    match value {
        Json::String(text) => found.push((at.clone(), text.clone())),
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                at.push(index.to_string());
                leaves(item, at, found);
                at.pop();
            }
        }
        Json::Object(members) => {
            for (name, member) in members {
                at.push(name.clone());
                leaves(member, at, found);
                at.pop();
            }
        }
        _ => {}
    }
}

/// Takes out what says nothing, and calls what was made up by the name of its member.
fn tidy_value(value: &mut Json, name: &str) {
    match value {
        Json::Object(members) => {
            members.shift_remove(PLACEHOLDER);
            members.iter_mut().for_each(|(name, member)| tidy_value(member, name));
        }
        Json::Array(items) => items.iter_mut().for_each(|item| tidy_value(item, name)),
        Json::String(text) if text.starts_with(MADE_UP) && !name.is_empty() => *text = format!("{MADE_UP}{name}"),
        _ => {}
    }
}
