//! State machines: create, describe, update, delete, list.

use super::start::failed;
use super::validate::machine_type;
use super::{Answer, Api};
use crate::arn::{Arn, MachineArn, check_name};
use crate::definition::variable_references;
use crate::error::ApiError;
use crate::page::Wanted;
use crate::registry::{Encryption, Machine, OF_EXECUTIONS, Revision};
use crate::request::Request;
use crate::shapes::{self, Shape};
use aslx_asl::MachineType;
use aslx_engine::interpreter::Status;
use aslx_engine::store::{Commit, Listing, RecordChange, Scope, StoreError};
use serde_json::json;
use std::sync::Arc;

/// Executions of a deleted machine that are removed at one time.
const BATCH: usize = 1_000;

impl Api {
    pub(super) async fn create_state_machine(&self, request: Request<'_>) -> Answer {
        let name = request.required("name");
        check_name(name)?;
        let publish = request.flag("publish").unwrap_or(false);
        let description = request.text("versionDescription").cloned();
        if description.is_some() && !publish {
            return Err(ApiError::validation("Version description can only be set when publish is true"));
        }
        let role = request.required("roleArn");
        check_role(role)?;
        let logging = request.structure("loggingConfiguration").map(shapes::logging).unwrap_or_default();
        self.log_groups.check(&logging)?;
        let encryption = request.structure("encryptionConfiguration").map(shapes::encryption).unwrap_or_default();
        check_encryption(&encryption)?;
        let tracing = request.structure("tracingConfiguration").and_then(|t| t.flag("enabled")).unwrap_or(false);
        let tags = shapes::tags(request);
        super::tags::check_tags(&tags, name)?;
        let machine_type = machine_type(request);
        let definition = request.text("definition").cloned().unwrap_or_default();
        let program = self.programs.compile(&definition, machine_type)?;
        let program = program.hash().into();

        let change = self.registry.change().await;
        let known = self.registry.read().await.machines.get(name).cloned();
        let now = self.now();
        let revision =
            Revision { definition, program, role: role.into(), logging, tracing, encryption, id: None, updated: now };
        if let Some(known) = known {
            return repeated(&known, machine_type, &revision, publish, description.as_deref());
        }
        let mut machine = Machine::new(&self.account, name.into(), machine_type, revision);
        machine.tags = tags;
        let version = publish.then(|| machine.publish(description, now)).transpose()?.map(|(number, _)| number);
        let shape = created(&machine, version);
        self.watch.machine(&machine);
        change.put_machine(machine).await?;
        Ok(shape)
    }

    pub(super) async fn describe_state_machine(&self, request: Request<'_>) -> Answer {
        let text = request.required("stateMachineArn");
        let arn = MachineArn::parse(text)?;
        let machine = match self.registry.read().await.machines.get(arn.name) {
            Some(machine) if *machine.arn == *strip_label(&arn) => machine.clone(),
            _ => return Err(ApiError::no_machine(text)),
        };
        let (description, created, revision) = match arn.qualifier {
            None => (None, machine.created, machine.revision()),
            Some(_) => {
                let found = arn.version().and_then(|number| machine.version(number));
                let (version, revision) = found.ok_or_else(|| no_version(text))?;
                (version.description.as_ref(), version.created, Some(revision))
            }
        };
        let revision = revision.ok_or_else(|| ApiError::no_machine(text))?;
        let program = self.programs.compile(&revision.definition, machine.machine_type)?;
        if let Some(label) = arn.label.filter(|label| !has_label(&program, label)) {
            return Err(ApiError::no_machine(text).about(label));
        }
        let shape = Shape::new()
            .text("stateMachineArn", text)
            .text("name", &machine.name)
            .text("status", if machine.deleting { "DELETING" } else { "ACTIVE" })
            .text("definition", shown_definition(request, revision))
            .text("roleArn", &revision.role)
            .text("type", type_name(machine.machine_type))
            .time("creationDate", created)
            .configurations(revision, self.since.of(&program).encryption())
            .maybe("label", arn.label)
            .maybe("revisionId", revision.id.as_ref())
            .maybe("description", description);
        Ok(match variable_references(&program) {
            Some(references) => shape.with("variableReferences", references).into(),
            None => shape.into(),
        })
    }

    pub(super) async fn update_state_machine(&self, request: Request<'_>) -> Answer {
        let text = request.required("stateMachineArn");
        let arn = MachineArn::parse(text)?.unlabelled()?;
        let changes =
            ["definition", "roleArn", "loggingConfiguration", "tracingConfiguration", "encryptionConfiguration"];
        let publish = request.flag("publish").unwrap_or(false);
        if !publish && !changes.iter().any(|name| request.has(name)) {
            let message = "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration \
                           must be specified";
            return Err(ApiError::new("MissingRequiredParameter", message));
        }
        let description = request.text("versionDescription").cloned();
        if description.is_some() && !publish {
            return Err(ApiError::validation("Version description can only be set when publish is true"));
        }
        let change = self.registry.change().await;
        let mut machine = match self.registry.machine(arn.machine).await {
            Some(machine) if arn.qualifier.is_none() => Machine::clone(&machine),
            _ => return Err(ApiError::no_machine(text)),
        };
        refuse_deleting(&machine)?;
        let before = machine.revision().cloned().ok_or_else(|| ApiError::no_machine(text))?;
        let mut after = Revision::clone(&before);
        if let Some(definition) = request.text("definition") {
            after.program = self.programs.compile(definition, machine.machine_type)?.hash().into();
            after.definition = definition.clone();
        }
        if let Some(role) = request.text("roleArn") {
            check_role(role)?;
            after.role = role.clone();
        }
        if let Some(logging) = request.structure("loggingConfiguration").map(shapes::logging) {
            self.log_groups.check(&logging)?;
            after.logging = logging;
        }
        if let Some(tracing) = request.structure("tracingConfiguration") {
            after.tracing = tracing.flag("enabled").unwrap_or(false);
        }
        if let Some(encryption) = request.structure("encryptionConfiguration") {
            after.encryption = shapes::encryption(encryption);
            check_encryption(&after.encryption)?;
        }
        let now = self.now();
        if after != *before {
            after.id = Some(crate::random::uuid()?.into());
            after.updated = now;
            machine.current = machine.revisions.keys().next_back().map_or(1, |last| last + 1);
            machine.revisions.insert(machine.current, Arc::new(after));
        }
        let version = publish.then(|| machine.publish(description, now)).transpose()?.map(|(number, _)| number);
        let revision = machine.revision().cloned().unwrap_or(before);
        let shape = Shape::new()
            .time("updateDate", revision.updated)
            .maybe("revisionId", revision.id.as_ref())
            .maybe("stateMachineVersionArn", version.map(|number| machine.version_arn(number)));
        self.watch.machine(&machine);
        change.put_machine(machine).await?;
        Ok(shape.into())
    }

    pub(super) async fn delete_state_machine(&self, request: Request<'_>) -> Answer {
        let arn = MachineArn::parse(request.required("stateMachineArn"))?.unlabelled()?;
        let change = self.registry.change().await;
        let Some(machine) = self.registry.machine(arn.machine).await.filter(|_| arn.qualifier.is_none()) else {
            return Ok(json!({}));
        };
        let mut deleting = Machine::clone(&machine);
        deleting.deleting = true;
        deleting.versions.clear();
        deleting.aliases.clear();
        self.watch.machine(&deleting);
        change.put_machine(deleting).await?;
        self.engine.machine_deleted(&machine.arn).await.map_err(failed)?;
        self.finish_deletion(&machine.arn).await?;
        Ok(json!({}))
    }

    /// Removes a machine that was deleted, and its executions, once the last one has ended.
    pub(crate) async fn finish_deletion(&self, arn: &str) -> Result<(), ApiError> {
        let change = self.registry.change().await;
        let Some(machine) = self.registry.machine(arn).await.filter(|machine| machine.deleting) else { return Ok(()) };
        let store = self.engine.store();
        let broken = |error: StoreError| ApiError::internal(error.to_string());
        let all = Listing::of(Scope::Machine(machine.arn.clone()), BATCH);
        let running = Listing { status: Some(Status::Running), ..Listing { limit: 1, ..all.clone() } };
        if !store.list(running).await.map_err(broken)?.found.is_empty() {
            return Ok(());
        }
        loop {
            let page = store.list(all.clone()).await.map_err(broken)?;
            let removals: Vec<_> = page.found.into_iter().map(|(arn, _)| arn).collect();
            if removals.is_empty() {
                break;
            }
            let of = |arn: &Arc<str>| OF_EXECUTIONS.map(|kind| RecordChange::delete(kind, arn));
            let records = removals.iter().flat_map(of).collect();
            store.commit(Commit { removals, records, ..Commit::default() }).await.map_err(broken)?;
        }
        change.remove_machine(&machine).await
    }

    pub(super) async fn list_state_machines(&self, request: Request<'_>) -> Answer {
        let wanted = Wanted::of(request, "ListStateMachines", self.now())?;
        let contents = self.registry.read().await;
        let place = |machine: &&Arc<Machine>| machine.name.to_string();
        let (page, token) = wanted.cut(contents.machines.values(), place, |machine, place| *machine.name > *place);
        let item = |machine: &Arc<Machine>| {
            Shape::new()
                .text("stateMachineArn", &machine.arn)
                .text("name", &machine.name)
                .text("type", type_name(machine.machine_type))
                .time("creationDate", machine.created)
                .into()
        };
        let items: Vec<serde_json::Value> = page.into_iter().map(item).collect();
        Ok(Shape::new().with("stateMachines", items).maybe("nextToken", token).into())
    }
}

/// A CreateStateMachine for a name that is taken.
fn repeated(
    known: &Machine,
    machine_type: MachineType,
    given: &Revision,
    publish: bool,
    description: Option<&str>,
) -> Answer {
    refuse_deleting(known)?;
    let exists =
        |detail: &str| ApiError::new("StateMachineAlreadyExists", format!("State Machine Already Exists: {detail}"));
    let taken = exists(&format!("'{}'", known.arn));
    let same = known.revision().is_some_and(|current| {
        current.definition == given.definition
            && current.logging == given.logging
            && current.tracing == given.tracing
            && current.encryption == given.encryption
    });
    let first = known.versions.iter().find(|(_, version)| version.revision == known.current);
    if !same || machine_type != known.machine_type || publish != first.is_some() {
        return Err(taken);
    }
    match first {
        Some((_, version)) if version.description.as_deref() != description => Err(exists(
            "This state machine was already created with a published version using a different description.",
        )),
        Some((number, _)) => Ok(created(known, Some(*number))),
        None => Ok(created(known, None)),
    }
}

fn created(machine: &Machine, version: Option<u64>) -> serde_json::Value {
    Shape::new()
        .text("stateMachineArn", &machine.arn)
        .time("creationDate", machine.created)
        .maybe("stateMachineVersionArn", version.map(|number| machine.version_arn(number)))
        .into()
}

/// Refuses a machine that is being deleted.
pub(super) fn refuse_deleting(machine: &Machine) -> Result<(), ApiError> {
    if machine.deleting {
        return Err(ApiError::new(
            "StateMachineDeleting",
            format!("State machine is being deleted: '{}'", machine.arn),
        ));
    }
    Ok(())
}

pub(super) fn no_version(arn: &str) -> ApiError {
    ApiError::new("StateMachineDoesNotExist", format!("State Machine Version Does Not Exist: '{arn}'"))
}

/// The definition as a response shows it.
pub(super) fn shown_definition<'a>(request: Request<'_>, revision: &'a Revision) -> &'a str {
    let metadata_only = request.text("includedData").is_some_and(|data| &**data == "METADATA_ONLY");
    // Only what the customer's key protects is left out (noted at AWS).
    if metadata_only && revision.encryption.key.is_some() { "{}" } else { &revision.definition }
}

/// The ARN of the machine that a labelled ARN belongs to.
pub(super) fn strip_label<'a>(arn: &MachineArn<'a>) -> &'a str {
    match arn.label {
        Some(label) => arn.machine.strip_suffix(label).and_then(|text| text.strip_suffix('/')).unwrap_or(arn.machine),
        None => arn.machine,
    }
}

fn has_label(program: &aslx_asl::Program, label: &str) -> bool {
    program.states().any(|(_, state)| match &state.kind {
        aslx_asl::program::StateKind::Map(map) => map
            .distributed
            .as_ref()
            .is_some_and(|distributed| distributed.label.as_deref().unwrap_or(&state.name) == label),
        _ => false,
    })
}

/// The type as the API writes it.
pub(crate) fn type_name(machine_type: MachineType) -> &'static str {
    match machine_type {
        MachineType::Standard => "STANDARD",
        MachineType::Express => "EXPRESS",
    }
}

fn check_role(role: &str) -> Result<(), ApiError> {
    if role.starts_with("arn:aws") && role.split(':').nth(2) == Some("iam") {
        return Ok(());
    }
    // An ARN of another service has the right prefix, but is no role.
    match Arn::parse(role) {
        Ok(arn) => Err(arn.wrong_kind()),
        Err(error) => Err(error),
    }
}

/// Refuses a key that is not said, or said although AWS keeps it.
pub(super) fn check_encryption(encryption: &Encryption) -> Result<(), ApiError> {
    let refused = |why: &str| {
        let message = format!("Invalid Encryption Configuration: {why}");
        Err(ApiError::new("InvalidEncryptionConfiguration", message))
    };
    match (&*encryption.kind, &encryption.key, encryption.reuse_seconds) {
        ("CUSTOMER_MANAGED_KMS_KEY", None, _) => refused("kmsKeyId must be given with CUSTOMER_MANAGED_KMS_KEY."),
        ("AWS_OWNED_KEY", None, None) | ("CUSTOMER_MANAGED_KMS_KEY", Some(_), _) => Ok(()),
        _ => refused("kmsKeyId and kmsDataKeyReusePeriodSeconds are only for CUSTOMER_MANAGED_KMS_KEY."),
    }
}
