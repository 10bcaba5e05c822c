//! What was reached, added up.

use super::items::{Item, items};
use super::kind::Kind;
use super::trail::Waypoints;
use crate::{Report, Tested};
use aslx_asl::Program;
use std::path::PathBuf;
use std::sync::Arc;

/// What was reached of some definitions.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// One per definition, in the order in which they were first tested.
    pub definitions: Vec<DefinitionCoverage>,
}

/// What was reached of one definition.
#[derive(Debug, Clone)]
pub struct DefinitionCoverage {
    /// Its file, as it was named; empty if there is none.
    pub path: PathBuf,
    /// Name of the state machine.
    pub name: String,
    /// The program.
    pub program: Arc<Program>,
    /// Everything that can be reached.
    pub items: Vec<Item>,
    /// Where all cases came by.
    pub waypoints: Waypoints,
}

/// How much of something was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// What was reached.
    pub reached: usize,
    /// What there is.
    pub total: usize,
}

impl Coverage {
    /// What the cases of a report reached together.
    pub fn of(report: &Report) -> Coverage {
        let mut coverage = Coverage::default();
        for case in report.cases() {
            coverage.add(&case.tested, &case.waypoints);
        }
        coverage
    }

    /// Adds what one execution came by. The same text under the same name is the same definition, whatever values its
    /// placeholders had.
    pub fn add(&mut self, tested: &Tested, waypoints: &Waypoints) {
        let known = self.definitions.iter_mut().position(|known| {
            known.path == tested.path && known.name == tested.name && known.program.text() == tested.program.text()
        });
        let at = known.unwrap_or(self.definitions.len());
        if known.is_none() {
            self.definitions.push(DefinitionCoverage {
                path: tested.path.clone(),
                name: tested.name.clone(),
                program: tested.program.clone(),
                items: items(&tested.program),
                waypoints: Waypoints::new(),
            });
        }
        if let Some(definition) = self.definitions.get_mut(at) {
            definition.merge(waypoints);
        }
    }

    /// Adds all of another coverage.
    pub fn merge(&mut self, other: &Coverage) {
        for definition in &other.definitions {
            let tested = Tested {
                path: definition.path.clone(),
                name: definition.name.clone(),
                program: definition.program.clone(),
            };
            self.add(&tested, &definition.waypoints);
        }
    }

    /// How much was reached of one kind, or of all kinds that are counted.
    pub fn totals(&self, kind: Option<Kind>) -> Totals {
        self.definitions.iter().map(|definition| definition.totals(kind)).fold(Totals::default(), Totals::plus)
    }

    /// What was not reached, of one kind, or of all kinds that are counted.
    pub fn missing(&self, kind: Option<Kind>) -> impl Iterator<Item = (&DefinitionCoverage, &Item)> {
        self.definitions.iter().flat_map(move |definition| {
            definition.of_kind(kind).filter(|item| definition.hits(item) == 0).map(move |item| (definition, item))
        })
    }
}

impl DefinitionCoverage {
    fn merge(&mut self, waypoints: &Waypoints) {
        for (waypoint, count) in waypoints {
            *self.waypoints.entry(*waypoint).or_default() += count;
        }
    }

    /// How often something was reached.
    pub fn hits(&self, item: &Item) -> u64 {
        self.waypoints.get(&item.waypoint).copied().unwrap_or(0)
    }

    /// How much was reached of one kind, or of all kinds that are counted.
    pub fn totals(&self, kind: Option<Kind>) -> Totals {
        let reached = self.of_kind(kind).filter(|item| self.hits(item) > 0).count();
        Totals { reached, total: self.of_kind(kind).count() }
    }

    /// The file for people, or the name of the state machine where there is none.
    pub fn display(&self) -> String {
        if self.path.as_os_str().is_empty() { self.name.clone() } else { self.path.display().to_string() }
    }

    fn of_kind(&self, kind: Option<Kind>) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(move |item| kind.map_or(item.kind.is_counted(), |kind| kind == item.kind))
    }
}

impl Totals {
    /// The share that was reached, in percent; nothing to reach is all reached.
    pub fn percent(self) -> f64 {
        if self.total == 0 { 100.0 } else { self.reached as f64 * 100.0 / self.total as f64 }
    }

    /// The percentage for people, rounded down: 100 is only said of everything.
    pub fn whole_percent(self) -> usize {
        (self.reached * 100).checked_div(self.total).unwrap_or(100)
    }

    fn plus(self, other: Totals) -> Totals {
        Totals { reached: self.reached + other.reached, total: self.total + other.total }
    }
}
