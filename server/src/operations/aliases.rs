//! Aliases.

use super::machines::refuse_deleting;
use super::{Answer, Api};
use crate::arn::MachineArn;
use crate::error::ApiError;
use crate::page::Wanted;
use crate::registry::{Alias, Machine, Route};
use crate::request::Request;
use crate::shapes::Shape;
use serde_json::{Value, json};
use std::sync::Arc;

/// Aliases that a machine may have.
const MOST: usize = 100;

impl Api {
    pub(super) async fn create_alias(&self, request: Request<'_>) -> Answer {
        let (machine_arn, routes) = routing(request)?;
        let name = request.required("name");
        let change = self.registry.change().await;
        // Of a machine that is gone the versions are missing, too: this operation knows no other error for it.
        let missing = || no_alias(&format!("{machine_arn}:{}", routes.first().map_or(0, |route| route.version)));
        let machine = self.registry.machine(&machine_arn).await.ok_or_else(missing)?;
        refuse_deleting(&machine)?;
        check_versions(&machine, &routes)?;
        let description = request.text("description").cloned();
        if let Some(known) = machine.alias(name) {
            if known.routes == routes && known.description == description {
                return Ok(created(&machine, known));
            }
            let message = "Failed to create alias because an alias with the same name and a different routing \
                           configuration already exists.";
            return Err(ApiError::new("ConflictException", message));
        }
        if machine.aliases.len() >= MOST {
            let message = format!("A state machine has at most {MOST} aliases");
            return Err(ApiError::new("ServiceQuotaExceededException", message));
        }
        let now = self.now();
        let alias = Alias { name: name.into(), description, routes, created: now, updated: now };
        let shape = created(&machine, &alias);
        let mut machine = Machine::clone(&machine);
        machine.aliases.push(alias);
        change.put_machine(machine).await?;
        Ok(shape)
    }

    pub(super) async fn update_alias(&self, request: Request<'_>) -> Answer {
        let (description, given) = (request.text("description"), request.has("routingConfiguration"));
        if description.is_none() && !given {
            return Err(ApiError::validation("Either description or routing configuration must be specified"));
        }
        let arn = AliasArn::of(request)?;
        let routing = given.then(|| routing(request)).transpose()?;
        let change = self.registry.change().await;
        let machine = self.registry.machine(arn.machine).await.ok_or_else(|| no_alias(arn.text))?;
        refuse_deleting(&machine)?;
        if let Some((machine_arn, routes)) = &routing {
            if *machine_arn != machine.arn {
                return Err(other_machines(&[machine_arn.to_string()]));
            }
            check_versions(&machine, routes)?;
        }
        let mut machine = Machine::clone(&machine);
        let alias = machine.aliases.iter_mut().find(|alias| &*alias.name == arn.name);
        let alias = alias.ok_or_else(|| no_alias(arn.text))?;
        alias.updated = self.now();
        if let Some(description) = description {
            alias.description = Some(description.clone());
        }
        if let Some((_, routes)) = routing {
            alias.routes = routes;
        }
        let shape = Shape::new().time("updateDate", alias.updated).into();
        change.put_machine(machine).await?;
        Ok(shape)
    }

    pub(super) async fn describe_alias(&self, request: Request<'_>) -> Answer {
        let arn = AliasArn::of(request)?;
        let machine = self.registry.machine(arn.machine).await.ok_or_else(|| no_alias(arn.text))?;
        let alias = machine.alias(arn.name).ok_or_else(|| no_alias(arn.text))?;
        let route = |route: &Route| json!({"stateMachineVersionArn": &*machine.version_arn(route.version), "weight": route.weight});
        Ok(Shape::new()
            .text("stateMachineAliasArn", arn.text)
            .text("name", &alias.name)
            .maybe("description", alias.description.as_ref())
            .with("routingConfiguration", alias.routes.iter().map(route).collect::<Vec<_>>())
            .time("creationDate", alias.created)
            .time("updateDate", alias.updated)
            .into())
    }

    pub(super) async fn delete_alias(&self, request: Request<'_>) -> Answer {
        let arn = AliasArn::of(request)?;
        let change = self.registry.change().await;
        let Some(machine) = self.registry.machine(arn.machine).await else { return Ok(json!({})) };
        if machine.alias(arn.name).is_some() {
            let mut machine = Machine::clone(&machine);
            machine.aliases.retain(|alias| &*alias.name != arn.name);
            change.put_machine(machine).await?;
        }
        Ok(json!({}))
    }

    pub(super) async fn list_aliases(&self, request: Request<'_>) -> Answer {
        let text = request.required("stateMachineArn");
        let arn = MachineArn::parse(text)?.unlabelled()?;
        let wanted = Wanted::of(request, &format!("ListStateMachineAliases {text}"), self.now())?;
        let machine = self.registry.machine(arn.machine).await.ok_or_else(|| ApiError::no_machine(text))?;
        let routed = |alias: &&Alias| match arn.qualifier {
            None => true,
            Some(_) => alias.routes.iter().any(|route| Some(route.version) == arn.version()),
        };
        // Aliases stand in the order in which they were made: a place in it is a time and a name.
        let place = |alias: &&Alias| format!("{:020} {}", alias.created.as_millis(), alias.name);
        let order = |alias: &&Alias| machine.aliases.iter().position(|other| other.name == alias.name);
        let after = |alias: &&Alias, last: &str| {
            let name = last.split_once(' ').map_or("", |(_, name)| name);
            match machine.aliases.iter().position(|other| &*other.name == name) {
                Some(last) => order(alias) > Some(last),
                None => place(alias).as_str() > last,
            }
        };
        let (page, token) = wanted.cut(machine.aliases.iter().filter(routed), place, after);
        let items: Vec<Value> = page.into_iter().map(|alias| created(&machine, alias)).collect();
        Ok(Shape::new().with("stateMachineAliases", items).maybe("nextToken", token).into())
    }
}

/// An alias's ARN.
struct AliasArn<'a> {
    text: &'a str,
    machine: &'a str,
    name: &'a str,
}

impl<'a> AliasArn<'a> {
    fn of(request: Request<'a>) -> Result<AliasArn<'a>, ApiError> {
        let text = request.required("stateMachineAliasArn");
        let arn = MachineArn::parse(text)?.unlabelled()?;
        let name = arn.qualifier.ok_or_else(|| ApiError::invalid_arn(format!("Invalid ARN prefix: {text}")))?;
        Ok(AliasArn { text, machine: arn.machine, name })
    }
}

fn created(machine: &Machine, alias: &Alias) -> Value {
    Shape::new()
        .text("stateMachineAliasArn", &machine.alias_arn(&alias.name))
        .time("creationDate", alias.created)
        .into()
}

fn no_alias(arn: &str) -> ApiError {
    ApiError::new("ResourceNotFound", "Request references a resource that does not exist.").about(arn)
}

fn refused(what: &str, received: &[String]) -> ApiError {
    ApiError::validation(format!("{what}. Received: [{}]", received.join(", ")))
        .because("INVALID_ROUTING_CONFIGURATION")
}

fn other_machines(received: &[String]) -> ApiError {
    refused("Routing configuration must contain state machine version ARNs for the same state machine", received)
}

/// The machine and the routes of a `routingConfiguration`, checked.
fn routing(request: Request<'_>) -> Result<(Arc<str>, Vec<Route>), ApiError> {
    let items = request.items("routingConfiguration").iter().map(Request);
    let items: Vec<_> = items.map(|item| (item.required("stateMachineVersionArn"), item.integer("weight"))).collect();
    let arns: Vec<String> = items.iter().map(|(arn, _)| (*arn).to_owned()).collect();
    let version = |text| MachineArn::parse(text).ok().and_then(|arn| Some((arn.machine, arn.version()?)));
    let Some(versions) = items.iter().map(|(arn, _)| version(arn)).collect::<Option<Vec<_>>>() else {
        return Err(refused("Routing configuration must contain state machine version ARNs", &arns));
    };
    if arns.iter().enumerate().any(|(n, arn)| arns.iter().skip(n + 1).any(|other| other == arn)) {
        return Err(refused("Routing configuration must contain distinct state machine version ARNs", &arns));
    }
    let weights: Vec<i64> = items.iter().map(|(_, weight)| weight.unwrap_or(0)).collect();
    if weights.iter().sum::<i64>() != 100 {
        let received: Vec<String> = weights.iter().map(i64::to_string).collect();
        return Err(refused("Sum of routing configuration weights must equal 100", &received));
    }
    let machine = versions.first().map_or("", |(machine, _)| machine);
    if versions.iter().any(|(other, _)| *other != machine) {
        return Err(other_machines(&arns));
    }
    let routes = versions.iter().zip(&weights);
    Ok((machine.into(), routes.map(|((_, version), weight)| Route { version: *version, weight: *weight }).collect()))
}

fn check_versions(machine: &Machine, routes: &[Route]) -> Result<(), ApiError> {
    match routes.iter().find(|route| !machine.versions.contains_key(&route.version)) {
        None => Ok(()),
        Some(route) => Err(no_alias(&machine.version_arn(route.version))),
    }
}
