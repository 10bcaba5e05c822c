//! What the expressions of one state see.

use super::reads::Member;
use super::run::Bindings;
use super::value::Val;
use crate::value::{Members, Value};
use crate::{Environment, Timestamp};

/// The members of `$states`. The context object comes from the [`Environment`].
#[derive(Debug, Clone, Copy, Default)]
pub struct States<'a> {
    /// `$states.input`
    pub input: Option<&'a Value>,
    /// `$states.result`, where there is one.
    pub result: Option<&'a Value>,
    /// `$states.errorOutput`, where there is one.
    pub error_output: Option<&'a Value>,
}

/// What the expressions of one state see while they are evaluated. Nothing is converted: they read the values of the
/// execution as they are, and only what they read.
pub struct Session<'a> {
    states: States<'a>,
    env: &'a dyn Environment,
    now: Timestamp,
}

impl<'a> Session<'a> {
    /// For the expressions of a state: they see these, and the time is this.
    pub fn new(states: States<'a>, env: &'a dyn Environment, now: Timestamp) -> Session<'a> {
        Session { states, env, now }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    pub(super) fn draw(&self) -> u64 {
        self.env.draw()
    }

    /// The member's value, if it is there.
    pub(super) fn member(&self, member: Member) -> Option<&'a Value> {
        match member {
            Member::Input => self.states.input,
            Member::Context => Some(self.env.context()),
            Member::Result => self.states.result,
            Member::ErrorOutput => self.states.error_output,
        }
    }

    /// The variable's value, if it is assigned.
    pub(super) fn variable(&self, name: &str) -> Option<&'a Value> {
        self.env.variable(name)
    }

    /// What an expression sees that reads these members of `$states`.
    pub(super) fn seen<'s>(&'s self, members: &'s [Member]) -> Seen<'s> {
        Seen { session: self, members }
    }
}

/// The variables of an expression, `$states` among them.
pub(super) struct Seen<'s> {
    session: &'s Session<'s>,
    members: &'s [Member],
}

impl Bindings for Seen<'_> {
    fn variable(&self, name: &str) -> Option<Val> {
        if name != "states" {
            return self.session.variable(name).map(Val::from);
        }
        let members = self.members.iter().filter_map(|member| {
            let value = self.session.member(*member)?;
            Some((member.name().into(), value.clone()))
        });
        Some(Val::from(&Value::object(members.collect::<Members>())))
    }
}
