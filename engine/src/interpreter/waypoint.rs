//! Waypoints: what an execution came by that its history does not tell.

use aslx_asl::program::{Next, StateId};

/// A place of a program that an execution, or a child of one of its map runs, came by.
///
/// Histories name states, and never the rule, retrier or catcher that decided: AWS's do not. Numbers of those are
/// indices in the definition, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Waypoint {
    /// A state was entered.
    Entered(StateId),
    /// A state was left for another one, or its machine ended with it.
    Left(StateId, Next),
    /// This rule of a Choice held.
    Rule(StateId, usize),
    /// No rule of a Choice held, and its `Default` was taken.
    Default(StateId),
    /// This retrier asked for another attempt.
    Retried(StateId, usize),
    /// This retrier matched, and had no attempt left.
    Exhausted(StateId, usize),
    /// This catcher took the error.
    Caught(StateId, usize),
    /// `TimeoutSeconds` of a Task passed.
    TimedOut(StateId),
    /// `HeartbeatSeconds` of a Task passed.
    HeartbeatMissed(StateId),
    /// `TimeoutSeconds` of the state machine passed.
    MachineTimedOut,
}
