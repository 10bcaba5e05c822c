//! Coverage by lines of the definition, for formats that know lines and branches only.

use super::items::Item;
use super::kind::Kind;
use super::model::DefinitionCoverage;
use std::collections::{BTreeMap, BTreeSet};

/// A line that belongs to something that can be reached.
#[derive(Debug)]
pub(super) struct Line<'c> {
    /// Its number, from 1.
    pub(super) number: usize,
    /// How often the innermost thing that begins before it or on it was reached.
    pub(super) hits: u64,
    /// The decisions whose first words stand on it, with how often each was made.
    pub(super) branches: Vec<(&'c Item, u64)>,
}

/// The lines of all states, without those that hold only brackets.
///
/// A line counts for the innermost item that it is part of; where several begin on it, for the outermost of them: then
/// the others are its branches.
pub(super) fn lines(definition: &DefinitionCoverage) -> Vec<Line<'_>> {
    let text: Vec<&str> = definition.program.text().lines().collect();
    let says_something =
        |number: usize| text.get(number - 1).is_some_and(|line| line.chars().any(char::is_alphanumeric));
    let counted = || definition.items.iter().filter(|item| item.kind.is_counted());
    let mut outermost_first: Vec<&Item> = counted().collect();
    outermost_first.sort_by_key(|item| {
        let length = item.lines.end() - item.lines.start();
        (std::cmp::Reverse(length), item.kind != Kind::State)
    });
    let mut lines: BTreeMap<usize, Line<'_>> = BTreeMap::new();
    let mut begun = BTreeSet::new();
    for item in outermost_first {
        let hits = definition.hits(item);
        let is_inner = !begun.insert(*item.lines.start());
        for number in item.lines.clone().filter(|number| says_something(*number)) {
            if !(is_inner && number == *item.lines.start()) {
                lines.entry(number).or_insert(Line { number, hits, branches: Vec::new() }).hits = hits;
            }
        }
    }
    for item in counted().filter(|item| item.kind.is_branch()) {
        let first = item.lines.clone().find(|number| says_something(*number));
        if let Some(line) = first.and_then(|number| lines.get_mut(&number)) {
            line.branches.push((item, definition.hits(item)));
        }
    }
    lines.into_values().collect()
}
