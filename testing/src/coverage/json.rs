//! Coverage as JSON, for scripts. `version` is 1; members may be added.

use super::kind::Kind;
use super::model::{Coverage, DefinitionCoverage, Totals};
use serde_json::{Map, Value, json};

pub(super) fn json(coverage: &Coverage) -> Value {
    json!({
        "version": 1,
        "totals": totals(|kind| coverage.totals(kind)),
        "definitions": coverage.definitions.iter().map(definition).collect::<Vec<_>>(),
    })
}

fn definition(definition: &DefinitionCoverage) -> Value {
    let items = definition.items.iter().map(|item| {
        json!({
            "kind": item.kind.singular(),
            "state": item.state.map(|id| definition.program.state(id).name.to_string()),
            "label": item.label,
            "pointer": item.pointer,
            "line": item.lines.start(),
            "hits": definition.hits(item),
        })
    });
    json!({
        "path": definition.path.display().to_string(),
        "name": definition.name,
        "totals": totals(|kind| definition.totals(kind)),
        "items": items.collect::<Vec<_>>(),
    })
}

fn totals(of: impl Fn(Option<Kind>) -> Totals) -> Value {
    let one = |kind| {
        let Totals { reached, total } = of(kind);
        json!({ "reached": reached, "total": total })
    };
    let mut members = Map::from_iter([("all".to_owned(), one(None))]);
    members.extend(Kind::ALL.into_iter().map(|kind| (kind.plural().to_owned(), one(Some(kind)))));
    Value::Object(members)
}
