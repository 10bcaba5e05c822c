//! Names of resources.

use crate::error::ApiError;
use aslx_asl::MachineType;
use std::fmt;
use std::sync::Arc;

/// Where this server pretends to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) id: Arc<str>,
    pub(crate) region: Arc<str>,
}

impl Account {
    /// `arn:aws:states:<region>:<account>:<kind>:<rest>`
    pub(crate) fn arn(&self, kind: &str, rest: impl fmt::Display) -> Arc<str> {
        format!("arn:aws:states:{}:{}:{kind}:{rest}", self.region, self.id).into()
    }
}

/// An ARN of Step Functions, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    pub(crate) text: &'a str,
    /// `stateMachine`, `execution`, `express`, `activity`, `mapRun`.
    pub(crate) kind: &'a str,
    /// What follows the kind.
    pub(crate) rest: &'a str,
}

/// What an ARN of a state machine names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MachineArn<'a> {
    /// The ARN without version or alias.
    pub(crate) machine: &'a str,
    pub(crate) name: &'a str,
    /// The label of a Map state, after a slash.
    pub(crate) label: Option<&'a str>,
    /// A version's number or an alias's name.
    pub(crate) qualifier: Option<&'a str>,
}

impl<'a> Arn<'a> {
    /// Errors: `InvalidArn`.
    pub(crate) fn parse(text: &'a str) -> Result<Arn<'a>, ApiError> {
        let no_arn = || ApiError::invalid_arn(format!("Invalid ARN prefix: {text}"));
        let mut parts = text.splitn(7, ':');
        let mut next = || parts.next().filter(|part| !part.is_empty());
        let (Some("arn"), Some(partition), Some("states"), Some(_), Some(_), Some(kind), Some(rest)) =
            (next(), next(), next(), next(), next(), next(), next())
        else {
            return Err(no_arn());
        };
        if !partition.starts_with("aws") {
            return Err(no_arn());
        }
        Ok(Arn { text, kind, rest })
    }

    /// The same if it is of one of these kinds.
    pub(crate) fn of(text: &'a str, kinds: &[&str]) -> Result<Arn<'a>, ApiError> {
        let arn = Arn::parse(text)?;
        if kinds.contains(&arn.kind) { Ok(arn) } else { Err(arn.wrong_kind()) }
    }

    pub(crate) fn wrong_kind(self) -> ApiError {
        ApiError::invalid_arn(format!("Resource type not valid in this context: {}", self.kind))
    }

    /// Whether it names the child of a map run.
    pub(crate) fn is_labelled(self) -> bool {
        self.rest.split(':').next().is_some_and(|machine| machine.contains('/'))
    }
}

impl<'a> MachineArn<'a> {
    pub(crate) fn parse(text: &'a str) -> Result<MachineArn<'a>, ApiError> {
        let arn = Arn::of(text, &["stateMachine"])?;
        let (name, qualifier) = match arn.rest.split_once(':') {
            Some((name, qualifier)) => (name, Some(qualifier)),
            None => (arn.rest, None),
        };
        let machine = match qualifier {
            Some(qualifier) => text.strip_suffix(qualifier).and_then(|t| t.strip_suffix(':')).unwrap_or(text),
            None => text,
        };
        let (name, label) = match name.split_once('/') {
            Some((name, label)) => (name, Some(label)),
            None => (name, None),
        };
        Ok(MachineArn { machine, name, label, qualifier })
    }

    /// The number, if it names a version.
    pub(crate) fn version(&self) -> Option<u64> {
        self.qualifier?.parse().ok()
    }

    /// Refuses ARNs with a label, which this operation does not take.
    pub(crate) fn unlabelled(self) -> Result<MachineArn<'a>, ApiError> {
        match self.label {
            None => Ok(self),
            Some(_) => Err(ApiError::validation("Labeled State Machine ARNs are not supported for this API")
                .because("API_DOES_NOT_SUPPORT_LABELED_ARNS")),
        }
    }
}

/// Refuses names with characters that AWS does not take.
pub(crate) fn check_name(name: &str) -> Result<(), ApiError> {
    let forbidden = |c: char| {
        c.is_whitespace()
            || "<>{}[]?*\"#%\\^|~`$&,;:/".contains(c)
            || matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')
    };
    if name.chars().any(forbidden) {
        return Err(ApiError::new("InvalidName", format!("Invalid Name: '{name}'")));
    }
    Ok(())
}

/// The kind of an execution's ARN.
pub(crate) fn execution_kind(machine_type: MachineType) -> &'static str {
    match machine_type {
        MachineType::Standard => "execution",
        MachineType::Express => "express",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_are_taken_apart() {
        let text = "arn:aws:states:us-east-1:000000000000:stateMachine:m:12";
        let arn = MachineArn::parse(text).unwrap();
        assert_eq!((arn.machine, arn.name), (&text[..text.len() - 3], "m"));
        assert_eq!(arn.version(), Some(12));
        let arn = MachineArn::parse("arn:aws:states:us-east-1:0:stateMachine:m/Label").unwrap();
        assert_eq!((arn.name, arn.label, arn.qualifier), ("m", Some("Label"), None));
        assert_eq!(arn.unlabelled().unwrap_err().code(), "ValidationException");
    }

    #[test]
    fn what_is_no_arn_is_refused() {
        let refused = |text| MachineArn::parse(text).unwrap_err().message().to_owned();
        for text in ["", "x", "arn:aws:s3:::b", "arn:aws:states:us-east-1:0:stateMachine:", "arn:aws:states:::"] {
            assert_eq!(refused(text), format!("Invalid Arn: 'Invalid ARN prefix: {text}'"));
        }
        let express = "arn:aws:states:us-east-1:0:express:m:n:u";
        assert_eq!(refused(express), "Invalid Arn: 'Resource type not valid in this context: express'");
    }

    #[test]
    fn names_are_of_any_script() {
        for name in ["a.b-c_d", "Größe", "名前"] {
            assert_eq!(check_name(name), Ok(()));
        }
        for name in ["a b", "a/b", "a:b", "a\u{85}", "a`", "a\u{7f}"] {
            assert_eq!(check_name(name).unwrap_err().message(), format!("Invalid Name: '{name}'"));
        }
    }
}
