//! What a difference is.

use super::{Case, Outcome};
use aslx_asl::jsonata::suite;

/// How two outcomes relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The same.
    Same,
    /// One of the two hit a bound, or the reference failed in a way of its own (an error without a code).
    Bounded,
    /// Different, for this reason.
    Explained(&'static str),
    /// Different.
    Different,
}

/// How the outcomes of a case relate.
pub fn compare(case: &Case, ours: &Outcome, theirs: &Outcome) -> Verdict {
    let bound = |outcome: &Outcome| matches!(outcome, Outcome::Code(code) if matches!(code.as_str(), "" | "U1001" | "D1011" | "D1012" | "D2014"));
    let same = match (ours, theirs) {
        (Outcome::Value(a), Outcome::Value(b)) => suite::same(&a.clone().into(), &b.clone().into()),
        (a, b) => a == b,
    };
    if same {
        Verdict::Same
    } else if bound(ours) || bound(theirs) {
        Verdict::Bounded
    } else if let Some(reason) = explained(case, ours, theirs) {
        Verdict::Explained(reason)
    } else {
        Verdict::Different
    }
}

/// Why a difference in a case like this one is known and stays.
fn explained(case: &Case, ours: &Outcome, theirs: &Outcome) -> Option<&'static str> {
    let has = |part: &str| case.source.contains(part);
    if let (Outcome::Code(_), Outcome::Code(_)) = (ours, theirs)
        && (has("[") || has("{"))
        && has(",")
    {
        return Some(
            "the reference evaluates the parts of a list or object side by side: which error is first is open",
        );
    }
    let nameless = |binding: &str| {
        case.source.split(binding).skip(1).any(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    };
    if nameless("@$") || nameless("#$") {
        return Some("`@$` and `#$` without a name are half a binding in the reference");
    }
    let tuples = has("@$") || has("#$") || has("%");
    if tuples && has("^(") {
        return Some("the reference forgets what `@`, `#` and `%` bound when it sorts");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_codes_and_bounds() {
        let case = Case { source: "a".into(), data: json!(null) };
        let value = |n: f64| Outcome::Value(json!({ "x": n }));
        let code = |code: &str| Outcome::Code(code.into());
        assert_eq!(compare(&case, &value(0.1 + 0.2), &value(0.3)), Verdict::Same);
        assert_eq!(compare(&case, &value(1.0), &value(2.0)), Verdict::Different);
        assert_eq!(compare(&case, &code("T2001"), &code("T2001")), Verdict::Same);
        assert_eq!(compare(&case, &code("T2001"), &code("T2002")), Verdict::Different);
        assert_eq!(compare(&case, &Outcome::Nothing, &value(1.0)), Verdict::Different);
        let list = Case { source: "[-'a', b()]".into(), data: json!(null) };
        assert!(matches!(compare(&list, &code("D1002"), &code("T1006")), Verdict::Explained(_)));
        assert_eq!(compare(&list, &code("D1002"), &value(1.0)), Verdict::Different);
        assert_eq!(compare(&case, &code("U1001"), &value(1.0)), Verdict::Bounded);
        assert_eq!(compare(&case, &value(1.0), &code("")), Verdict::Bounded);
    }
}
