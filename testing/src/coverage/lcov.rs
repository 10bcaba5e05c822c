//! lcov's tracefile, as `genhtml` and most coverage services read it: states are functions, decisions are branches.

use super::kind::Kind;
use super::lines::lines;
use super::model::{Coverage, DefinitionCoverage};
use std::fmt::{self, Write};

pub(super) fn lcov(coverage: &Coverage) -> String {
    let mut out = String::new();
    for definition in &coverage.definitions {
        // Writing to a text cannot fail.
        let _ = record(definition, &mut out);
    }
    out
}

fn record(definition: &DefinitionCoverage, out: &mut String) -> fmt::Result {
    writeln!(out, "TN:\nSF:{}", definition.display())?;
    let states = || definition.items.iter().filter(|item| item.kind == Kind::State);
    for state in states() {
        writeln!(out, "FN:{},{}", state.lines.start(), state.label)?;
    }
    for state in states() {
        writeln!(out, "FNDA:{},{}", definition.hits(state), state.label)?;
    }
    let functions = definition.totals(Some(Kind::State));
    writeln!(out, "FNF:{}\nFNH:{}", functions.total, functions.reached)?;
    let lines = lines(definition);
    let (mut found, mut taken) = (0, 0);
    for line in &lines {
        for (number, (item, hits)) in line.branches.iter().enumerate() {
            let block = item.state.map_or(0, |state| state.index() + 1);
            writeln!(out, "BRDA:{},{block},{number},{hits}", line.number)?;
            found += 1;
            taken += usize::from(*hits > 0);
        }
    }
    writeln!(out, "BRF:{found}\nBRH:{taken}")?;
    for line in &lines {
        writeln!(out, "DA:{},{}", line.number, line.hits)?;
    }
    let reached = lines.iter().filter(|line| line.hits > 0).count();
    writeln!(out, "LF:{}\nLH:{reached}\nend_of_record", lines.len())
}
