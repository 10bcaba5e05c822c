//! The committed list of cases that may fail: a floor that may only rise.
//!
//! One case per line: its name, two blanks, the reason. Lines that start with `# ` are comments. A case off the list
//! that fails is a step back; a case on it that passes, or that is gone, has to be taken off.

use crate::runner::Verdict;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The names that may fail, with the reasons.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known(BTreeMap<String, String>);

/// Why a list cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KnownError {
    /// A line has no reason.
    #[error("line {line}: expected a case name, two blanks and a reason")]
    NoReason {
        /// Counted from 1.
        line: usize,
    },
    /// A case is listed twice.
    #[error("line {line}: `{name}` is listed already")]
    Twice {
        /// Counted from 1.
        line: usize,
        /// The case.
        name: String,
    },
}

/// How a run differs from the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deviation {
    /// Failed, not on the list: name and reason.
    pub failed: Vec<(String, String)>,
    /// On the list, passed.
    pub passed: Vec<String>,
    /// On the list, but there is no such case.
    pub gone: Vec<String>,
}

impl Deviation {
    /// Whether the run is as the list says.
    pub fn is_empty(&self) -> bool {
        *self == Deviation::default()
    }
}

impl Known {
    /// Reads a list.
    pub fn parse(text: &str) -> Result<Known, KnownError> {
        let mut found = BTreeMap::new();
        for (line, row) in (1..).zip(text.lines()) {
            if row.trim().is_empty() || row.starts_with("# ") {
                continue;
            }
            let (name, reason) = row.split_once("  ").ok_or(KnownError::NoReason { line })?;
            if reason.trim().is_empty() {
                return Err(KnownError::NoReason { line });
            }
            if found.insert(name.to_owned(), reason.trim().to_owned()).is_some() {
                return Err(KnownError::Twice { line, name: name.to_owned() });
            }
        }
        Ok(Known(found))
    }

    /// Whether this case may fail.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// How these verdicts differ from the list. `existing` are the names of all cases, also of those that were not
    /// chosen for this run.
    pub fn deviation<'a>(&self, verdicts: &[Verdict], existing: impl IntoIterator<Item = &'a str>) -> Deviation {
        let existing: BTreeSet<&str> = existing.into_iter().collect();
        let mut found = Deviation::default();
        for verdict in verdicts {
            match &verdict.reason {
                Some(reason) if !self.contains(&verdict.name) => {
                    found.failed.push((verdict.name.clone(), reason.clone()));
                }
                None if self.contains(&verdict.name) => found.passed.push(verdict.name.clone()),
                _ => {}
            }
        }
        found.gone = self.0.keys().filter(|name| !existing.contains(name.as_str())).cloned().collect();
        found
    }

    /// The list for these verdicts. A reason that somebody has written stays, and so does what was not played this time
    /// but is among the `existing` cases.
    pub fn renewed<'a>(&self, verdicts: &[Verdict], existing: impl IntoIterator<Item = &'a str>) -> String {
        let played: BTreeMap<&str, Option<&String>> =
            verdicts.iter().map(|verdict| (verdict.name.as_str(), verdict.reason.as_ref())).collect();
        let mut text = String::new();
        for name in BTreeSet::from_iter(existing) {
            let why = match (played.get(name), self.0.get(name)) {
                (Some(None), _) | (None, None) => continue,
                (_, Some(written)) => written.clone(),
                (Some(Some(why)), None) => why.split_whitespace().collect::<Vec<_>>().join(" "),
            };
            // Writing to a text cannot fail.
            let _ = writeln!(text, "{name}  {why}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Kind, Language};

    fn verdict(name: &str, reason: Option<&str>) -> Verdict {
        Verdict {
            name: name.into(),
            group: "g".into(),
            kind: Kind::Execution,
            language: Language::Jsonpath,
            reason: reason.map(str::to_owned),
        }
    }

    #[test]
    fn both_directions_and_lost_names_count() {
        let known = Known::parse("# a comment\na b#1  not yet\nc#2  not yet\nd#3  not yet\n\n").unwrap();
        let verdicts =
            [verdict("a b#1", Some("x")), verdict("c#2", None), verdict("e#4", Some("y")), verdict("f", None)];
        let found = known.deviation(&verdicts, ["a b#1", "c#2", "e#4", "f"]);
        let expected = Deviation {
            failed: vec![("e#4".into(), "y".into())],
            passed: vec!["c#2".into()],
            gone: vec!["d#3".into()],
        };
        assert_eq!(found, expected);
        assert!(known.deviation(&verdicts[..1], ["a b#1", "c#2", "d#3"]).is_empty());
    }

    #[test]
    fn a_list_is_written_and_read() {
        let known = Known::parse("a  as somebody wrote it\n").unwrap();
        let verdicts = [verdict("a", Some("x")), verdict("b", Some("two\n lines")), verdict("c", None)];
        let text = known.renewed(&verdicts, ["c", "b", "a", "not played"]);
        assert_eq!(text, "a  as somebody wrote it\nb  two lines\n");
        assert_eq!(known.renewed(&verdicts[1..], ["a", "b", "c"]), text);
        let again = Known::parse(&text).unwrap();
        assert!(again.contains("a") && again.contains("b") && !again.contains("c"));
    }

    #[test]
    fn a_line_without_a_reason_is_refused() {
        assert_eq!(Known::parse("a b"), Err(KnownError::NoReason { line: 1 }));
        assert_eq!(Known::parse("\na  "), Err(KnownError::NoReason { line: 2 }));
        assert_eq!(Known::parse("a  x\na  y"), Err(KnownError::Twice { line: 2, name: "a".into() }));
    }
}
