//! What the server knows besides executions: state machines with their versions, aliases and tags, and activities.
//!
//! All of it is in memory; a change is kept in the store first, as records, and shows only then.

mod activity;
mod check;
mod machine;

pub(crate) use activity::Activity;
pub use check::check_records;
pub(crate) use machine::{Alias, Encryption, LogLevel, Logging, Machine, Revision, Route, Tags, Version};

use crate::error::ApiError;
use aslx_engine::store::{Commit, RecordChange, Store, StoreError};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::{Mutex, RwLock, RwLockReadGuard};

const MACHINE: &str = "server.machine";
const REVISION: &str = "server.revision";
const ACTIVITY: &str = "server.activity";
const MOCKED: &str = "server.mocked";
const MOCKS: &str = "server.mocks";

/// Kinds of records whose keys are ARNs of executions: they go with them. Versions before this one kept trace headers
/// so.
pub(crate) const OF_EXECUTIONS: [&str; 2] = ["server.trace", MOCKED];

/// How many records are read at one time.
const BATCH: usize = 500;

/// The test case of a mock file that an execution was started as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mocked {
    /// Of these members; another number is refused.
    pub(crate) version: u32,
    /// The name of the state machine in the file.
    pub(crate) machine: String,
    /// The name of the test case.
    pub(crate) case: String,
    /// SHA-256 of the file's text, which is a record of its own.
    pub(crate) file: String,
}

/// What there is, by name.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    pub(crate) machines: BTreeMap<Arc<str>, Arc<Machine>>,
    pub(crate) activities: BTreeMap<Arc<str>, Arc<Activity>>,
}

/// The registry: its contents, and the store that keeps them.
pub(crate) struct Registry {
    store: Arc<dyn Store>,
    contents: RwLock<Contents>,
    /// One change at a time, so that reading goes on while one is being written.
    changing: Mutex<()>,
}

/// The right to change the registry.
pub(crate) struct Change<'r> {
    registry: &'r Registry,
    _turn: tokio::sync::MutexGuard<'r, ()>,
}

impl Registry {
    /// Reads what the store has kept.
    pub(crate) async fn load(store: Arc<dyn Store>) -> Result<Registry, StoreError> {
        let mut machines = BTreeMap::new();
        for (name, mut machine) in all::<Machine>(&*store, MACHINE).await? {
            machine.revisions = BTreeMap::new();
            machines.insert(name, machine);
        }
        for (key, revision) in all::<Revision>(&*store, REVISION).await? {
            let place = key.rsplit_once('/').and_then(|(name, n)| Some((name, n.parse().ok()?)));
            if let Some((machine, n)) = place.and_then(|(name, n)| Some((machines.get_mut(name)?, n))) {
                machine.revisions.insert(n, Arc::new(revision));
            }
        }
        let activities = all::<Activity>(&*store, ACTIVITY).await?;
        let contents = Contents {
            machines: machines.into_iter().map(|(name, machine)| (name, Arc::new(machine))).collect(),
            activities: activities.into_iter().map(|(name, activity)| (name, Arc::new(activity))).collect(),
        };
        Ok(Registry { store, contents: RwLock::new(contents), changing: Mutex::new(()) })
    }

    /// What there is now.
    pub(crate) async fn read(&self) -> RwLockReadGuard<'_, Contents> {
        self.contents.read().await
    }

    /// The state machine of this name and ARN.
    pub(crate) async fn machine(&self, arn: &str) -> Option<Arc<Machine>> {
        let name = arn.rsplit(':').next()?;
        self.read().await.machines.get(name).filter(|machine| &*machine.arn == arn).cloned()
    }

    /// Waits for the turn to change something. What is read from here on stays as it is until the change is kept.
    pub(crate) async fn change(&self) -> Change<'_> {
        Change { registry: self, _turn: self.changing.lock().await }
    }
}

impl Change<'_> {
    /// Keeps a machine as it is now, and shows it.
    pub(crate) async fn put_machine(self, machine: Machine) -> Result<(), ApiError> {
        let known = self.registry.read().await.machines.get(&machine.name).cloned();
        let is_known = |n: &u64| known.as_ref().is_some_and(|known| known.revisions.contains_key(n));
        let mut records = vec![record(MACHINE, &machine.name, &machine)?];
        for (n, revision) in machine.revisions.iter().filter(|(n, _)| !is_known(n)) {
            records.push(record(REVISION, &format!("{}/{n}", machine.name), &**revision)?);
        }
        self.registry.keep(records).await?;
        self.registry.contents.write().await.machines.insert(machine.name.clone(), Arc::new(machine));
        Ok(())
    }

    /// Removes a machine.
    pub(crate) async fn remove_machine(self, machine: &Machine) -> Result<(), ApiError> {
        let revisions = machine.revisions.keys();
        let mut records: Vec<_> =
            revisions.map(|n| RecordChange::delete(REVISION, &format!("{}/{n}", machine.name))).collect();
        records.push(RecordChange::delete(MACHINE, &machine.name));
        self.registry.keep(records).await?;
        self.registry.contents.write().await.machines.remove(&machine.name);
        Ok(())
    }

    /// Keeps an activity.
    pub(crate) async fn put_activity(self, activity: Activity) -> Result<(), ApiError> {
        self.registry.keep(vec![record(ACTIVITY, &activity.name, &activity)?]).await?;
        self.registry.contents.write().await.activities.insert(activity.name.clone(), Arc::new(activity));
        Ok(())
    }

    /// Removes an activity.
    pub(crate) async fn remove_activity(self, name: &str) -> Result<(), ApiError> {
        self.registry.keep(vec![RecordChange::delete(ACTIVITY, name)]).await?;
        self.registry.contents.write().await.activities.remove(name);
        Ok(())
    }
}

impl Registry {
    /// Keeps which test case an execution that is about to start has, and the text of the mock file that it is in.
    pub(crate) async fn keep_mocked(&self, execution: &str, mocked: &Mocked, text: &str) -> Result<(), ApiError> {
        let file = RecordChange::put(MOCKS, &mocked.file, text.as_bytes());
        self.keep(vec![record(MOCKED, execution, mocked)?, file]).await
    }

    /// Forgets it.
    pub(crate) async fn drop_mocked(&self, execution: &str) -> Result<(), ApiError> {
        self.keep(vec![RecordChange::delete(MOCKED, execution)]).await
    }

    /// The test case that an execution was started as, with the text of its mock file.
    pub(crate) async fn mocked(&self, execution: &str) -> Result<Option<(Mocked, String)>, ApiError> {
        let broken = |error: StoreError| ApiError::internal(error.to_string());
        let Some(bytes) = self.store.record(MOCKED, execution).await.map_err(broken)? else { return Ok(None) };
        let mocked: Mocked = serde_json::from_slice(&bytes).map_err(|error| ApiError::internal(error.to_string()))?;
        let text = self.store.record(MOCKS, &mocked.file).await.map_err(broken)?.unwrap_or_default();
        Ok(Some((mocked, String::from_utf8_lossy(&text).into_owned())))
    }

    /// The executions that were started as a test case.
    pub(crate) async fn all_mocked(&self) -> Result<Vec<Arc<str>>, StoreError> {
        Ok(all::<Mocked>(&*self.store, MOCKED).await?.into_iter().map(|(execution, _)| execution).collect())
    }

    async fn keep(&self, records: Vec<RecordChange>) -> Result<(), ApiError> {
        self.store.commit(Commit::records(records)).await.map_err(|error| ApiError::internal(error.to_string()))
    }
}

fn record(kind: &str, key: &str, value: &impl Serialize) -> Result<RecordChange, ApiError> {
    let bytes = serde_json::to_vec(value).map_err(|error| ApiError::internal(error.to_string()))?;
    Ok(RecordChange::put(kind, key, &bytes))
}

/// All records of a kind, read.
async fn all<T: DeserializeOwned>(store: &dyn Store, kind: &str) -> Result<Vec<(Arc<str>, T)>, StoreError> {
    let read = |(key, value): aslx_engine::store::Record| match serde_json::from_slice(&value) {
        Ok(value) => Ok((key, value)),
        Err(error) => Err(StoreError::Failed(format!("the record `{key}` of kind `{kind}` is no record: {error}"))),
    };
    check::all(store, kind).await?.into_iter().map(read).collect()
}
