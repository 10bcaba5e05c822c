//! A state machine, its revisions, versions and aliases.

use crate::arn::Account;
use crate::error::ApiError;
use aslx_asl::{MachineType, Timestamp};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Versions that a state machine may have (API reference, PublishStateMachineVersion).
const MOST_VERSIONS: usize = 1_000;

/// Tags of a resource, in the order in which they were set.
pub(crate) type Tags = IndexMap<Arc<str>, Arc<str>>;

/// A state machine. Cloning is cheap: revisions are shared.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) arn: Arc<str>,
    pub(crate) name: Arc<str>,
    pub(crate) machine_type: MachineType,
    pub(crate) created: Timestamp,
    /// It was deleted, and executions of it still run.
    pub(crate) deleting: bool,
    /// Number of the revision that an unqualified ARN means.
    pub(crate) current: u64,
    /// Number of the last version that was published; numbers are never used again.
    pub(crate) last_version: u64,
    pub(crate) versions: BTreeMap<u64, Version>,
    /// In the order in which they were made.
    pub(crate) aliases: Vec<Alias>,
    pub(crate) tags: Tags,
    /// All revisions; each is a record of its own.
    #[serde(skip)]
    pub(crate) revisions: BTreeMap<u64, Arc<Revision>>,
}

/// What can be changed by UpdateStateMachine, as it was at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Revision {
    /// The text, to the letter.
    pub(crate) definition: Arc<str>,
    /// Hash of the program.
    pub(crate) program: Arc<str>,
    pub(crate) role: Arc<str>,
    pub(crate) logging: Logging,
    pub(crate) tracing: bool,
    pub(crate) encryption: Encryption,
    /// `None` before the first update.
    pub(crate) id: Option<Arc<str>>,
    /// When it came to be.
    pub(crate) updated: Timestamp,
}

/// `LoggingConfiguration`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Logging {
    pub(crate) level: LogLevel,
    pub(crate) include_data: bool,
    /// ARNs of log groups, if `destinations` was given.
    pub(crate) destinations: Option<Vec<Arc<str>>>,
}

/// What is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum LogLevel {
    All,
    Error,
    Fatal,
    Off,
}

/// `EncryptionConfiguration`: kept and shown, nothing is encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Encryption {
    pub(crate) kind: Arc<str>,
    pub(crate) key: Option<Arc<str>>,
    pub(crate) reuse_seconds: Option<i64>,
}

/// A published version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) revision: u64,
    pub(crate) created: Timestamp,
    pub(crate) description: Option<Arc<str>>,
}

/// An alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Alias {
    pub(crate) name: Arc<str>,
    pub(crate) description: Option<Arc<str>>,
    pub(crate) routes: Vec<Route>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

/// How much of what comes to an alias goes to a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Route {
    pub(crate) version: u64,
    /// Of 100.
    pub(crate) weight: i64,
}

impl Machine {
    /// A machine with its first revision.
    pub(crate) fn new(account: &Account, name: Arc<str>, machine_type: MachineType, first: Revision) -> Machine {
        Machine {
            arn: account.arn("stateMachine", &name),
            name,
            machine_type,
            created: first.updated,
            deleting: false,
            current: 1,
            last_version: 0,
            versions: BTreeMap::new(),
            aliases: Vec::new(),
            tags: Tags::new(),
            revisions: BTreeMap::from([(1, Arc::new(first))]),
        }
    }

    /// The revision that an unqualified ARN means.
    pub(crate) fn revision(&self) -> Option<&Arc<Revision>> {
        self.revisions.get(&self.current)
    }

    /// A version with its revision.
    pub(crate) fn version(&self, number: u64) -> Option<(&Version, &Arc<Revision>)> {
        let version = self.versions.get(&number)?;
        Some((version, self.revisions.get(&version.revision)?))
    }

    pub(crate) fn alias(&self, name: &str) -> Option<&Alias> {
        self.aliases.iter().find(|alias| &*alias.name == name)
    }

    pub(crate) fn version_arn(&self, number: u64) -> Arc<str> {
        format!("{}:{number}", self.arn).into()
    }

    pub(crate) fn alias_arn(&self, alias: &str) -> Arc<str> {
        format!("{}:{alias}", self.arn).into()
    }

    /// Makes a version of the current revision, or finds the one that there is. Errors:
    /// `ServiceQuotaExceededException`.
    pub(crate) fn publish(
        &mut self,
        description: Option<Arc<str>>,
        now: Timestamp,
    ) -> Result<(u64, Timestamp), ApiError> {
        if let Some((number, version)) = self.versions.iter().find(|(_, v)| v.revision == self.current) {
            return Ok((*number, version.created));
        }
        if self.versions.len() >= MOST_VERSIONS {
            let message = format!("A state machine has at most {MOST_VERSIONS} versions");
            return Err(ApiError::new("ServiceQuotaExceededException", message));
        }
        self.last_version += 1;
        let version = Version { revision: self.current, created: now, description };
        self.versions.insert(self.last_version, version);
        Ok((self.last_version, now))
    }

    /// The revision that an execution runs which was started then with this program: the last one that fits.
    pub(crate) fn revision_of(&self, program: &str, started: Timestamp) -> Option<&Arc<Revision>> {
        let fits = |revision: &&Arc<Revision>| *revision.program == *program;
        let before = self.revisions.values().rev().filter(|revision| revision.updated <= started);
        before.into_iter().find(fits).or_else(|| self.revisions.values().rev().find(fits))
    }
}

impl Default for Logging {
    fn default() -> Logging {
        Logging { level: LogLevel::Off, include_data: false, destinations: None }
    }
}

impl Default for Encryption {
    fn default() -> Encryption {
        Encryption { kind: "AWS_OWNED_KEY".into(), key: None, reuse_seconds: None }
    }
}
