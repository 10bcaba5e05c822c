//! Whether the records of a server say what it could have written.

use super::{ACTIVITY, Activity, BATCH, MACHINE, Machine, REVISION, Revision};
use aslx_asl::{CompileOptions, Program};
use aslx_engine::store::{Record, Store, StoreError};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Looks at the records that servers keep in a store: state machines with their versions and aliases, activities.
/// Gives a sentence for each thing that is wrong.
///
/// Errors: the store cannot be read.
pub async fn check_records(store: &dyn Store) -> Result<Vec<String>, StoreError> {
    let mut wrong = Vec::new();
    let mut machines: BTreeMap<Arc<str>, Machine> = read(store, MACHINE, &mut wrong).await?;
    for (key, revision) in read::<Revision>(store, REVISION, &mut wrong).await? {
        let place = key.rsplit_once('/').and_then(|(name, n)| Some((name, n.parse().ok()?)));
        let Some((machine, n)) = place.and_then(|(name, n)| Some((machines.get_mut(name)?, n))) else {
            wrong.push(format!("the revision `{key}` belongs to no state machine"));
            continue;
        };
        let options = CompileOptions { machine_type: machine.machine_type, ..CompileOptions::default() };
        match Program::compile(&revision.definition, &options) {
            Ok(program) if program.hash() == &*revision.program => {}
            Ok(_) => wrong.push(format!("the definition of revision `{key}` is not what was written")),
            Err(_) => wrong.push(format!("the definition of revision `{key}` does not compile")),
        }
        machine.revisions.insert(n, Arc::new(revision));
    }
    for (name, machine) in &machines {
        if machine.revision().is_none() {
            wrong.push(format!("the state machine `{name}` has no definition"));
        }
        for version in machine.versions.keys().filter(|version| machine.version(**version).is_none()) {
            wrong.push(format!("version {version} of the state machine `{name}` has no definition"));
        }
        for alias in &machine.aliases {
            if alias.routes.iter().any(|route| !machine.versions.contains_key(&route.version)) {
                wrong.push(format!("the alias `{}` of `{name}` leads to a version that is not there", alias.name));
            }
        }
    }
    read::<Activity>(store, ACTIVITY, &mut wrong).await?;
    Ok(wrong)
}

async fn read<T: DeserializeOwned>(
    store: &dyn Store,
    kind: &str,
    wrong: &mut Vec<String>,
) -> Result<BTreeMap<Arc<str>, T>, StoreError> {
    let mut found = BTreeMap::new();
    for (key, value) in all(store, kind).await? {
        match serde_json::from_slice(&value) {
            Ok(value) => drop(found.insert(key, value)),
            Err(error) => wrong.push(format!("the record `{key}` of kind `{kind}` is no record: {error}")),
        }
    }
    Ok(found)
}

/// All records of a kind.
pub(super) async fn all(store: &dyn Store, kind: &str) -> Result<Vec<Record>, StoreError> {
    let mut found: Vec<Record> = Vec::new();
    loop {
        let after = found.last().map(|(key, _)| key.clone());
        let batch = store.records(kind, "", after.as_deref(), BATCH).await?;
        let last = batch.len() < BATCH;
        found.extend(batch);
        if last {
            return Ok(found);
        }
    }
}
