//! The few patterns of the model, by name.

/// A pattern that a text must match as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// Letters, digits, `-`, `_` and `.`, not only digits.
    AliasName,
    /// ASCII only.
    Ascii,
    /// ASCII that leaves ink.
    Printable,
}

impl Pattern {
    pub(super) fn named(name: &str) -> Option<Pattern> {
        Some(match name {
            "alias-name" => Pattern::AliasName,
            "ascii" => Pattern::Ascii,
            "printable" => Pattern::Printable,
            _ => return None,
        })
    }

    /// As AWS prints it.
    pub(super) fn source(self) -> &'static str {
        match self {
            Pattern::AliasName => r"^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$",
            Pattern::Ascii => r"\p{ASCII}*",
            Pattern::Printable => "[!-~]+",
        }
    }

    pub(super) fn matches(self, text: &str) -> bool {
        match self {
            Pattern::AliasName => {
                let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
                text.bytes().all(allowed) && text.bytes().any(|b| !b.is_ascii_digit())
            }
            Pattern::Ascii => text.is_ascii(),
            Pattern::Printable => !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic()),
        }
    }
}
