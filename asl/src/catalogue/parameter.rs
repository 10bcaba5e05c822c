//! The parameters of an action, read from its line of the table when asked for.

/// The top-level parameters of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameters {
    /// `Bucket:S Key:S Body:x`
    text: &'static str,
}

impl Parameters {
    /// From the rest of a line of the table; nothing if it says that the parameters are not known.
    pub(super) fn from_table(text: &'static str) -> Option<Parameters> {
        (text != "*").then_some(Parameters { text })
    }

    /// All of them, by name.
    pub fn iter(self) -> impl Iterator<Item = Parameter> {
        self.text.split_ascii_whitespace().filter_map(Parameter::from_table)
    }

    /// The names, in order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        self.iter().map(|parameter| parameter.name)
    }

    /// The parameter with exactly this name.
    pub fn get(self, name: &str) -> Option<Parameter> {
        self.iter().find(|parameter| parameter.name == name)
    }
}

/// One parameter of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// As a state machine writes it, for example `QueueUrl`.
    pub name: &'static str,
    /// Whether the call cannot do without it.
    pub required: bool,
    /// What it may hold.
    pub kind: ParameterKind,
}

impl Parameter {
    fn from_table(entry: &'static str) -> Option<Parameter> {
        let (name, kind) = entry.split_once(':')?;
        // Whatever follows the letter is of a later version.
        let letter = kind.chars().next()?;
        let kind = match letter.to_ascii_lowercase() {
            's' => ParameterKind::String,
            'i' => ParameterKind::Integer,
            'f' => ParameterKind::Float,
            'b' => ParameterKind::Boolean,
            't' => ParameterKind::Timestamp,
            'x' => ParameterKind::Blob,
            'l' => ParameterKind::List,
            'o' => ParameterKind::Structure,
            'm' => ParameterKind::Map,
            _ => ParameterKind::Json,
        };
        Some(Parameter { name, required: letter.is_ascii_uppercase(), kind })
    }
}

/// The coarse type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParameterKind {
    /// A text.
    String,
    /// A whole number.
    Integer,
    /// Any number.
    Float,
    /// `true` or `false`.
    Boolean,
    /// A point in time.
    Timestamp,
    /// Bytes; Step Functions takes a text, and for some calls any JSON, which it serialises.
    Blob,
    /// A list.
    List,
    /// An object with the members that the service knows.
    Structure,
    /// An object with members of any name.
    Map,
    /// Any JSON; written as text where the service wants one.
    Json,
}
