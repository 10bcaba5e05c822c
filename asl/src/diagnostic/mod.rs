//! What is wrong with a definition, for its author: a stable code, the place, what was expected, and help.

pub mod code;
mod render;

pub use render::render;

use crate::syntax::Span;
use std::fmt;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// AWS, or this program, refuses the definition.
    Error,
    /// Legal, but probably not what was meant.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        })
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    severity: Severity,
    code: &'static str,
    message: String,
    help: Option<Box<str>>,
    pointer: String,
    span: Span,
    aws: Option<Box<AwsDiagnostic>>,
    related: Option<Box<(Span, String)>>,
}

/// The same in the words of AWS's service, where they are known: message and location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsDiagnostic {
    /// Text of the message.
    pub message: String,
    /// JSON pointer as AWS gives it; the whole definition is `/`.
    pub location: String,
}

impl Diagnostic {
    /// An error. `pointer` is the JSON pointer of the offending value, `span` what to underline.
    pub fn error(code: &'static str, pointer: &str, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            code,
            message: message.into(),
            help: None,
            pointer: pointer.to_owned(),
            span,
            aws: None,
            related: None,
        }
    }

    /// A warning.
    pub fn warning(code: &'static str, pointer: &str, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, pointer, span, message) }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into().into());
        self
    }

    /// Adds AWS's words, at AWS's location.
    #[must_use]
    pub fn aws(mut self, message: impl Into<String>, location: &str) -> Diagnostic {
        let location = if location.is_empty() { "/".to_owned() } else { location.to_owned() };
        self.aws = Some(Box::new(AwsDiagnostic { message: message.into(), location }));
        self
    }

    /// Adds AWS's words where AWS names no place.
    #[must_use]
    pub fn aws_without_place(mut self, message: impl Into<String>) -> Diagnostic {
        self.aws = Some(Box::new(AwsDiagnostic { message: message.into(), location: String::new() }));
        self
    }

    /// Adds a second place that explains the first, such as where a value was lost.
    #[must_use]
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Diagnostic {
        self.related = Some(Box::new((span, label.into())));
        self
    }

    /// The same with another code.
    #[must_use]
    pub(crate) fn with_code(mut self, code: &'static str) -> Diagnostic {
        self.code = code;
        self
    }

    /// The same with another severity, for settings that silence or sharpen a code.
    #[must_use]
    pub fn with_severity(mut self, severity: Severity) -> Diagnostic {
        self.severity = severity;
        self
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.severity
    }
    /// The stable code; AWS's where AWS has one.
    pub fn code(&self) -> &'static str {
        self.code
    }
    /// What is wrong, for people.
    pub fn message(&self) -> &str {
        &self.message
    }
    /// What to do about it.
    pub fn help_text(&self) -> Option<&str> {
        self.help.as_deref()
    }
    /// JSON pointer of the offending value; the whole definition is the empty text.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }
    /// What to underline.
    pub fn span(&self) -> Span {
        self.span
    }
    /// The message as AWS's API gives it, or ours where AWS's is not known.
    pub fn aws_message(&self) -> &str {
        self.aws.as_ref().map_or(&self.message, |aws| &aws.message)
    }
    /// A second place that explains the first, and what is there.
    pub fn related_place(&self) -> Option<(Span, &str)> {
        self.related.as_ref().map(|related| (related.0, related.1.as_str()))
    }
    /// The location as AWS's API gives it; empty where it names none.
    pub fn aws_location(&self) -> &str {
        match &self.aws {
            Some(aws) => &aws.location,
            None if self.pointer.is_empty() => "/",
            None => &self.pointer,
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]: {} at {}", self.severity, self.code, self.message, self.aws_location())
    }
}

/// The pointer to a member or item of what `pointer` names, escaped by RFC 6901.
pub fn pointer_to(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}
