//! Coverage for people: what was reached, and what was not, with its place.

use super::items::Item;
use super::kind::Kind;
use super::model::{Coverage, DefinitionCoverage};
use std::collections::HashSet;

/// Lines about what is missing before the rest is only counted.
const MISSING_LINES: usize = 20;

/// One line of figures, then a line for each thing that no case reached.
pub fn summary(coverage: &Coverage) -> String {
    let mut figures = vec!["coverage".to_owned()];
    for kind in Kind::ALL.into_iter().filter(|kind| kind.is_counted()) {
        let totals = coverage.totals(Some(kind));
        match kind {
            Kind::State | Kind::Transition => figures.push(format!("{} {} %", kind.plural(), totals.whole_percent())),
            _ if totals.total == 0 => {}
            _ => figures.push(format!("{} {} of {}", kind.plural(), totals.reached, totals.total)),
        }
    }
    let mut out = figures.join("  ") + "\n";
    let missing = missing(coverage);
    let shown = if missing.len() > MISSING_LINES + 1 { MISSING_LINES } else { missing.len() };
    let lines = missing.get(..shown).unwrap_or_default();
    let width = lines.iter().map(|(what, _)| what.chars().count()).max().unwrap_or(0);
    for (what, place) in lines {
        out += &format!("  {what:width$}   {place}\n");
    }
    if missing.len() > shown {
        out += &format!("  … and {} more: `--coverage html` shows all of them\n", missing.len() - shown);
    }
    out
}

/// What is missing and where, without what follows from something else that is missing.
pub(crate) fn missing(coverage: &Coverage) -> Vec<(String, String)> {
    let places = |definition: &DefinitionCoverage| {
        let file = definition.display();
        missing_of(definition).into_iter().map(move |(what, line)| (what, format!("{file}:{line}")))
    };
    coverage.definitions.iter().flat_map(places).collect()
}

/// The same for one definition, with lines for places.
pub(super) fn missing_of(definition: &DefinitionCoverage) -> Vec<(String, usize)> {
    let missed: Vec<&Item> =
        definition.items.iter().filter(|item| item.kind.is_counted() && definition.hits(item) == 0).collect();
    let unentered: HashSet<_> = missed.iter().filter(|item| item.kind == Kind::State).map(|item| item.state).collect();
    let told = |item: &&&Item| match item.kind {
        Kind::State => true,
        _ => !(item.is_implied || item.state.is_some() && unentered.contains(&item.state)),
    };
    let line = |item: &&Item| {
        let decisions = missed.iter().filter(|part| part.state == item.state && part.kind.is_branch()).count();
        let inside = match decisions {
            _ if item.kind != Kind::State => String::new(),
            0 => String::new(),
            1 => ", with 1 decision".to_owned(),
            decisions => format!(", with {decisions} decisions"),
        };
        (format!("{}: {}{inside}", item.missed, item.label), *item.lines.start())
    };
    let mut lines: Vec<(String, usize)> = missed.iter().filter(told).map(line).collect();
    lines.sort_by_key(|(_, line)| *line);
    lines
}
