//! Pairs of expression and answer, made by a run against the reference, that are replayed without it.

use super::{Case, Outcome};
use serde_json::{Value, json};

/// A pair as a line of JSON.
pub fn line(case: &Case, outcome: &Outcome) -> String {
    let mut line = json!({"expr": case.source, "data": case.data});
    if let Some(line) = line.as_object_mut() {
        match outcome {
            Outcome::Value(value) => line.insert("result".to_owned(), value.clone()),
            Outcome::Nothing => line.insert("undefinedResult".to_owned(), json!(true)),
            Outcome::Code(code) => line.insert("code".to_owned(), json!(code)),
        };
    }
    line.to_string()
}

/// The pair of a line.
pub fn read(line: &str) -> Option<(Case, Outcome)> {
    let mut line: Value = serde_json::from_str(line).ok()?;
    let source = line.get("expr")?.as_str()?.to_owned();
    let outcome = if let Some(code) = line.get("code").and_then(Value::as_str) {
        Outcome::Code(code.to_owned())
    } else if line.get("undefinedResult").is_some() {
        Outcome::Nothing
    } else {
        Outcome::Value(line.get_mut("result")?.take())
    };
    Some((Case { source, data: line.get_mut("data")?.take() }, outcome))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::differential::compare::{Verdict, compare};
    use crate::differential::ours;

    const CORPUS: &str = include_str!("corpus.jsonl");

    #[test]
    fn the_answers_of_the_reference_are_ours() {
        let mut count = 0;
        for text in CORPUS.lines() {
            let (case, theirs) = read(text).unwrap();
            assert_eq!(line(&case, &theirs), text);
            let found = ours(&case);
            assert_eq!(compare(&case, &found, &theirs), Verdict::Same, "{text}\n{found:?}");
            count += 1;
        }
        assert!(count >= 400, "only {count}");
    }
}
