//! What a path is compiled to.

use super::filter::Filter;
use super::function::Function;
use super::step::Step;
use std::fmt::{self, Write};
use std::sync::Arc;

/// Steps and brackets that one path may have. Evaluation recurses once for each of them.
pub(super) const MAX_SEGMENTS: usize = 200;

/// A path behind its root.
#[derive(Debug, Clone)]
pub(super) enum Body {
    /// Only names and single indexes: walked without allocating.
    Steps(Box<[Step]>),
    /// Anything else.
    Query(Query),
}

/// A path with at least one segment that is not a plain step.
#[derive(Debug, Clone)]
pub(super) struct Query {
    pub(super) segments: Box<[Segment]>,
    pub(super) definite: bool,
}

/// One step of a path.
#[derive(Debug, Clone)]
pub(super) enum Segment {
    /// `.name`, `['name']`, `[0]`, `[-1]`
    Step(Step),
    /// `['a','b']`: at the end of a path one object of these members, before it each of them
    Names(Box<[Arc<str>]>),
    /// `[0,2]`
    Indexes(Box<[i64]>),
    /// `[from:to]`
    Slice(Option<i64>, Option<i64>),
    /// `.*`, `[*]`
    Wildcard,
    /// `[?(…)]`
    Filter(Filter),
    /// `..`: the segment after it is applied to every container below
    Descend,
    /// `.length()` and the like, at the end of a path
    Function(Function),
}

impl Segment {
    /// Whether it leads to one node, when it is `last` in its path or not.
    fn is_definite(&self, last: bool) -> bool {
        match self {
            Segment::Step(_) | Segment::Function(_) => true,
            Segment::Names(_) => last,
            Segment::Indexes(_) | Segment::Slice(..) | Segment::Wildcard | Segment::Filter(_) | Segment::Descend => {
                false
            }
        }
    }
}

impl Body {
    pub(super) fn new(segments: Vec<Segment>) -> Body {
        let steps: Option<Vec<Step>> = segments
            .iter()
            .map(|segment| match segment {
                Segment::Step(step) => Some(step.clone()),
                _ => None,
            })
            .collect();
        match steps {
            Some(steps) => Body::Steps(steps.into()),
            None => {
                let last = segments.len() - 1;
                // A function over `..` works on the whole list, so the path gives one value.
                let whole_list = matches!(segments.last(), Some(Segment::Function(_)))
                    && segments.iter().any(|s| matches!(s, Segment::Descend));
                let definite = whole_list || segments.iter().enumerate().all(|(i, s)| s.is_definite(i == last));
                Body::Query(Query { segments: segments.into(), definite })
            }
        }
    }

    pub(super) fn is_definite(&self) -> bool {
        match self {
            Body::Steps(_) => true,
            Body::Query(query) => query.definite,
        }
    }
}

impl Query {
    pub(super) fn segments(&self) -> &[Segment] {
        &self.segments
    }
}

/// In brackets, as Jayway JsonPath prints a path in its messages.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Name(name) => write!(f, "['{name}']"),
            Step::Index(index) => write!(f, "[{index}]"),
        }
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Segment::Step(step) => write!(f, "{step}"),
            Segment::Names(names) => {
                let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
                write!(f, "[{}]", quoted.join(","))
            }
            Segment::Indexes(indexes) => {
                let digits: Vec<String> = indexes.iter().map(i64::to_string).collect();
                write!(f, "[{}]", digits.join(","))
            }
            Segment::Slice(from, to) => {
                let digits = |n: &Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
                write!(f, "[{}:{}]", digits(from), digits(to))
            }
            Segment::Wildcard => f.write_str("[*]"),
            Segment::Filter(_) => f.write_str("[?]"),
            Segment::Descend => f.write_str(".."),
            Segment::Function(function) => write!(f, ".{}()", function.name()),
        }
    }
}

/// The steps as one text.
pub(super) fn text_of<T: fmt::Display>(prefix: &str, parts: &[T]) -> String {
    let mut text = prefix.to_owned();
    for part in parts {
        // Writing to a String cannot fail.
        let _ = write!(text, "{part}");
    }
    text
}
