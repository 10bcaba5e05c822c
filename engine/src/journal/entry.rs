//! Entries: one closed enum.

use crate::data::Data;
use crate::task::FailedAt;
use aslx_asl::{MachineType, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Something that reached the execution, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Milliseconds since the Unix epoch; never before the entry that precedes it.
    pub at: Timestamp,
    /// What it was.
    #[serde(rename = "entry")]
    pub kind: EntryKind,
}

/// What reached the execution. An entry that names a task or timer which is no longer open changes nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum EntryKind {
    /// It was started. Always the first entry, and only that.
    Started(Box<Started>),
    /// A worker took the task.
    TaskStarted {
        /// The task.
        task: TaskId,
        /// Name of the worker of an activity, if it gave one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        worker: Option<Arc<str>>,
    },
    /// The first answer of a `.sync` or callback task: the job's handle.
    TaskSubmitted {
        /// The task.
        task: TaskId,
        /// The answer.
        output: Data,
    },
    /// The task ended.
    TaskEnded {
        /// The task.
        task: TaskId,
        /// How.
        result: TaskResult,
    },
    /// A map run ended.
    MapRunEnded {
        /// The run, numbered with the tasks.
        run: TaskId,
        /// How.
        result: TaskResult,
    },
    /// A timer fired.
    TimerFired {
        /// The timer.
        timer: TimerId,
    },
    /// Somebody asked to stop the execution (StopExecution).
    StopRequested {
        /// The error name given with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<Arc<str>>,
        /// The cause given with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cause: Option<Arc<str>>,
    },
    /// Which of the definition's activities do not exist is another matter now: activities were made or deleted.
    ActivitiesChanged {
        /// ARNs of those that do not exist.
        missing: Vec<Arc<str>>,
    },
    /// The state machine was deleted: the execution fails at its next transition.
    MachineDeleted,
    /// The interpreter had asked to continue after a bounded step.
    Resumed,
    /// Somebody redrove the execution after it had ended without success (RedriveExecution).
    Redriven {
        /// The client's token: the same request again changes nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<Arc<str>>,
    },
}

/// How a task ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum TaskResult {
    /// With this result.
    Succeeded(Data),
    /// With an error.
    Failed {
        /// Error name; absent if the worker gave none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<Arc<str>>,
        /// What happened.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cause: Option<Arc<str>>,
        /// Where it failed.
        #[serde(default)]
        at: FailedAt,
    },
}

/// What an execution was started with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// Names of the execution and its state machine.
    pub names: ExecutionNames,
    /// Standard or Express.
    pub machine_type: MachineType,
    /// Started by StartSyncExecution: its context object then has no RedriveCount (recorded).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub synchronous: bool,
    /// Name of the distributed Map whose item processor it runs; the whole definition otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processor: Option<Arc<str>>,
    /// The input, to the letter.
    pub input: Data,
    /// Hash of the program ([`aslx_asl::Program::hash`]).
    pub program: Arc<str>,
    /// ARNs of the definition's activities that did not exist then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_activities: Vec<Arc<str>>,
    /// [`super::SEMANTICS`] when it was started.
    pub semantics: u32,
    /// The seed of everything drawn: tokens, UUIDs, random numbers, jitter.
    pub seed: Seed,
    /// Where it belongs in a trace.
    #[serde(default, skip_serializing_if = "Tracing::is_empty")]
    pub tracing: Tracing,
}

/// Where an execution belongs in a trace, as X-Ray's headers say it. Decides nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tracing {
    /// `traceHeader` of StartExecution, to the letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<Arc<str>>,
    /// The same kind of header for the task of another execution that started this one; shown to nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Arc<str>>,
}

impl Tracing {
    /// Whether nothing is known of a trace.
    pub fn is_empty(&self) -> bool {
        *self == Tracing::default()
    }
}

/// Names of an execution and of the state machine that it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecutionNames {
    /// ARN of the execution.
    pub execution_arn: Arc<str>,
    /// Name of the execution.
    pub execution_name: Arc<str>,
    /// ARN of the state machine, without version or alias.
    pub machine_arn: Arc<str>,
    /// Name of the state machine.
    pub machine_name: Arc<str>,
    /// ARN of the role.
    pub role_arn: Arc<str>,
    /// ARN of the version that it was started through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_arn: Option<Arc<str>>,
    /// ARN of the alias that it was started through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias_arn: Option<Arc<str>>,
}

impl ExecutionNames {
    /// Names in the way AWS makes them, in region us-east-1 and the account 000000000000.
    pub fn local(machine: &str, execution: &str) -> ExecutionNames {
        let prefix = "arn:aws:states:us-east-1:000000000000";
        ExecutionNames {
            execution_arn: format!("{prefix}:execution:{machine}:{execution}").into(),
            execution_name: execution.into(),
            machine_arn: format!("{prefix}:stateMachine:{machine}").into(),
            machine_name: machine.into(),
            role_arn: "arn:aws:iam::000000000000:role/aslx".into(),
            version_arn: None,
            alias_arn: None,
        }
    }

    /// The region, from the ARN of the state machine.
    pub fn region(&self) -> &str {
        self.machine_arn.split(':').nth(3).unwrap_or("us-east-1")
    }
}

/// 128 bits from which an execution draws. Written as 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Seed(pub [u8; 16]);

impl From<Seed> for String {
    fn from(seed: Seed) -> String {
        format!("{:032x}", u128::from_be_bytes(seed.0))
    }
}

impl TryFrom<String> for Seed {
    type Error = String;
    fn try_from(text: String) -> Result<Seed, String> {
        u128::from_str_radix(&text, 16)
            .ok()
            .filter(|_| text.len() == 32)
            .map(|bits| Seed(bits.to_be_bytes()))
            .ok_or_else(|| format!("a seed is 32 hexadecimal digits, found `{text}`"))
    }
}

/// Number of a task attempt within its execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskId(pub u64);

/// Number of a timer within its execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TimerId(pub u64);

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task {}", self.0)
    }
}
