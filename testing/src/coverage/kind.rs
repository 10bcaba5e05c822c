//! The kinds of things that tests can reach.

/// What an [`super::Item`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A state; it was entered.
    State,
    /// A way from one state to another, or to the end of its machine; it was taken.
    Transition,
    /// A rule of a Choice, or its `Default`; it decided.
    Rule,
    /// A retrier; it asked for another attempt. One with `MaxAttempts` 0 counts when it matched.
    Retrier,
    /// A catcher; it took an error.
    Catcher,
    /// `TimeoutSeconds` or `HeartbeatSeconds`; it passed.
    Timeout,
    /// A retrier again; it matched and had no attempt left. Only counted where it is asked for by name.
    Exhaustion,
}

impl Kind {
    /// All of them, in the order in which people are told.
    pub const ALL: [Kind; 7] =
        [Kind::State, Kind::Transition, Kind::Rule, Kind::Retrier, Kind::Catcher, Kind::Timeout, Kind::Exhaustion];

    /// The word for many of them, as `--fail-under` takes it.
    pub fn plural(self) -> &'static str {
        match self {
            Kind::State => "states",
            Kind::Transition => "transitions",
            Kind::Rule => "rules",
            Kind::Retrier => "retriers",
            Kind::Catcher => "catchers",
            Kind::Timeout => "timeouts",
            Kind::Exhaustion => "exhausted",
        }
    }

    /// The word for one of them.
    pub fn singular(self) -> &'static str {
        let plural = self.plural();
        plural.strip_suffix('s').unwrap_or(plural)
    }

    /// Whether it counts where no kind is named.
    pub fn is_counted(self) -> bool {
        self != Kind::Exhaustion
    }

    /// Whether it is a decision, which line-based reports show as a branch.
    pub(super) fn is_branch(self) -> bool {
        matches!(self, Kind::Rule | Kind::Retrier | Kind::Catcher | Kind::Timeout)
    }
}
