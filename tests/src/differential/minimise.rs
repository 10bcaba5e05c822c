//! Making a case small while it still differs.

use super::Case;
use serde_json::Value;

/// Rounds at most: each asks about all smaller cases at once.
const ROUNDS: usize = 12;

/// The smallest case found for which `differs` says yes. It is asked about many at once.
pub fn minimise<E>(case: Case, mut differs: impl FnMut(&[Case]) -> Result<Vec<bool>, E>) -> Result<Case, E> {
    let mut best = case;
    for _ in 0..ROUNDS {
        let mut smaller = smaller(&best);
        smaller.sort_by_key(size);
        smaller.truncate(300);
        let answers = differs(&smaller)?;
        match smaller.into_iter().zip(answers).find(|(_, differs)| *differs) {
            Some((case, _)) => best = case,
            None => break,
        }
    }
    Ok(best)
}

fn size(case: &Case) -> usize {
    case.source.len() + case.data.to_string().len()
}

/// The case with a part of its expression or of its data away.
fn smaller(case: &Case) -> Vec<Case> {
    let characters: Vec<char> = case.source.chars().collect();
    let mut found = Vec::new();
    for from in 0..characters.len() {
        for length in [1, 2, 3, 5, 8, 13, 21, 34, 55] {
            if from + length <= characters.len() {
                let kept = characters.iter().take(from).chain(characters.iter().skip(from + length));
                found.push(Case { source: kept.collect(), data: case.data.clone() });
            }
        }
    }
    found.extend(reduced(&case.data).into_iter().map(|data| Case { source: case.source.clone(), data }));
    found
}

fn reduced(data: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    match data {
        Value::Array(items) => {
            for at in 0..items.len() {
                let mut fewer = items.clone();
                found.push(fewer.remove(at));
                found.push(Value::Array(fewer));
                for smaller in items.get(at).map(reduced).unwrap_or_default() {
                    let mut changed = items.clone();
                    if let Some(slot) = changed.get_mut(at) {
                        *slot = smaller;
                    }
                    found.push(Value::Array(changed));
                }
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let mut fewer = members.clone();
                fewer.remove(name);
                found.push(Value::Object(fewer));
                for smaller in reduced(member) {
                    let mut changed = members.clone();
                    changed.insert(name.clone(), smaller);
                    found.push(Value::Object(changed));
                }
            }
        }
        Value::String(text) if !text.is_empty() => found.push(Value::String(String::new())),
        _ => {}
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_does_not_matter_goes() {
        let case = Case { source: "[1, $sum(a), 'long text']".into(), data: json!({"a": [1, {"b": 2}], "c": 3}) };
        let found = minimise::<()>(case, |cases: &[Case]| {
            Ok(cases.iter().map(|case| case.source.contains("sum") && case.data.get("a").is_some()).collect())
        });
        let found = found.unwrap();
        assert_eq!(found.source, "sum");
        assert_eq!(found.data, json!({"a": 1}));
    }
}
