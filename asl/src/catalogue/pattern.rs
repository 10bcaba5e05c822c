use std::fmt;

/// When a call to a service counts as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Pattern {
    /// When the service has answered.
    #[default]
    RequestResponse,
    /// When the job that the call started has ended: `.sync`.
    Sync,
    /// As [`Pattern::Sync`], with `Input` and `Output` of the child execution parsed: `.sync:2`.
    Sync2,
    /// When somebody has sent the task token back: `.waitForTaskToken`.
    WaitForTaskToken,
}

impl Pattern {
    /// All patterns.
    pub const ALL: [Pattern; 4] = [Pattern::RequestResponse, Pattern::Sync, Pattern::Sync2, Pattern::WaitForTaskToken];

    /// What follows the action in a resource, with its period; nothing for request-response.
    pub const fn suffix(self) -> &'static str {
        match self {
            Pattern::RequestResponse => "",
            Pattern::Sync => ".sync",
            Pattern::Sync2 => ".sync:2",
            Pattern::WaitForTaskToken => ".waitForTaskToken",
        }
    }

    /// The pattern with this suffix.
    pub fn from_suffix(suffix: &str) -> Option<Pattern> {
        Pattern::ALL.into_iter().find(|pattern| pattern.suffix() == suffix)
    }

    /// Its letter in the tables.
    pub(super) const fn letter(self) -> char {
        match self {
            Pattern::RequestResponse => 'r',
            Pattern::Sync => 's',
            Pattern::Sync2 => '2',
            Pattern::WaitForTaskToken => 't',
        }
    }
}

/// The suffix.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.suffix())
    }
}
