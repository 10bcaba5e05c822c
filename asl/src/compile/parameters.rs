//! The parameters of a call against what the catalogue knows of it.

use crate::catalogue::{ParameterKind, Parameters};
use crate::suggest::did_you_mean;
use crate::syntax::{Member, Node, NodeKind, has_placeholder};

/// What is wrong with the parameters of a call.
pub(crate) enum ParameterFault<'n> {
    /// One that the call needs is missing.
    Missing(&'static str),
    /// The call has no such parameter.
    Unknown {
        /// The member.
        member: &'n Member,
        /// What may have been meant.
        meant: Option<&'static str>,
    },
    /// It holds something else than it should.
    WrongType {
        /// The member.
        member: &'n Member,
        /// What it should hold.
        kind: ParameterKind,
    },
}

/// Compares the members of `Parameters` or `Arguments` with those that the call takes. A member whose name ends in
/// `.$`, or whose value is still to come, may hold anything.
pub(crate) fn parameter_faults<'n>(known: Parameters, members: &'n [Member]) -> Vec<ParameterFault<'n>> {
    let name_of = |member: &'n Member| member.name.strip_suffix(".$").unwrap_or(&member.name);
    let missing = known.iter().filter(|parameter| parameter.required);
    let missing = missing.filter(|parameter| !members.iter().any(|member| name_of(member) == parameter.name));
    let mut faults: Vec<ParameterFault<'n>> =
        missing.map(|parameter| ParameterFault::Missing(parameter.name)).collect();
    for member in members {
        let Some(parameter) = known.get(name_of(member)) else {
            let meant = did_you_mean(name_of(member), known.names());
            faults.push(ParameterFault::Unknown { member, meant });
            continue;
        };
        if !member.name.ends_with(".$") && !fits(&member.value, parameter.kind) {
            faults.push(ParameterFault::WrongType { member, kind: parameter.kind });
        }
    }
    faults
}

/// Whether a literal may stand where this is wanted; `null` may anywhere.
fn fits(value: &Node, kind: ParameterKind) -> bool {
    if let NodeKind::String(text) = &value.kind
        && (has_placeholder(text) || text.starts_with("{%"))
    {
        return true;
    }
    match (kind, &value.kind) {
        (_, NodeKind::Null) | (ParameterKind::Json | ParameterKind::Blob | ParameterKind::Timestamp, _) => true,
        (ParameterKind::String, NodeKind::String(_)) | (ParameterKind::Float, NodeKind::Number(_)) => true,
        (ParameterKind::Integer, NodeKind::Number(number)) => !number.is_f64(),
        // Deployed definitions have "true" in place of true.
        (ParameterKind::Boolean, NodeKind::Bool(_)) => true,
        (ParameterKind::Boolean, NodeKind::String(text)) => matches!(&**text, "true" | "false"),
        (ParameterKind::List, NodeKind::Array(_)) => true,
        (ParameterKind::Structure | ParameterKind::Map, NodeKind::Object(_)) => true,
        _ => false,
    }
}

/// AWS's word for a kind, with its article.
pub(super) fn aws_kind(kind: ParameterKind) -> &'static str {
    match kind {
        ParameterKind::String => "a STRING",
        ParameterKind::Integer => "an INTEGER",
        ParameterKind::Float => "a FLOAT",
        ParameterKind::Boolean => "a BOOLEAN",
        ParameterKind::Timestamp => "a TIMESTAMP",
        ParameterKind::Blob => "a BLOB",
        ParameterKind::List => "a LIST",
        ParameterKind::Structure => "a STRUCTURE",
        ParameterKind::Map => "a MAP",
        ParameterKind::Json => "a JSON value",
    }
}

/// A kind in words.
pub(crate) fn kind_in_words(kind: ParameterKind) -> &'static str {
    match kind {
        ParameterKind::String => "a text",
        ParameterKind::Integer => "a whole number",
        ParameterKind::Float => "a number",
        ParameterKind::Boolean => "true or false",
        ParameterKind::Timestamp => "a timestamp",
        ParameterKind::Blob => "data",
        ParameterKind::List => "a list",
        ParameterKind::Structure | ParameterKind::Map => "an object",
        ParameterKind::Json => "any JSON",
    }
}
