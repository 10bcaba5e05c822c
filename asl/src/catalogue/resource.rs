//! From the text of a `Resource` to an integration.

use super::integration::is_partition;
use super::table::{Action, SDK_PREFIX, Service};
use super::{FunctionArn, Integration, Pattern, ResourceError, ResourceFault};
use crate::suggest::did_you_mean;

/// Reads the `Resource` of a Task, without `${…}` substitutions.
///
/// # Errors
///
/// If Step Functions knows nothing by that name.
pub fn parse_resource(text: &str) -> Result<Integration, ResourceError> {
    let fail = |fault| Err(ResourceError::new(text, fault, None));
    let mut fields = text.splitn(6, ':');
    if fields.next() != Some("arn") || text.contains(char::is_whitespace) {
        return fail(ResourceFault::NotAnArn);
    }
    let (Some(partition), Some(kind), Some(region), Some(account), Some(rest)) =
        (fields.next(), fields.next(), fields.next(), fields.next(), fields.next())
    else {
        return fail(ResourceFault::NotAnArn);
    };
    if !is_partition(partition) {
        return fail(ResourceFault::NotAnArn);
    }
    match kind {
        "lambda" => match FunctionArn::parse(text) {
            Some(function) => Ok(Integration::Lambda(function)),
            None => fail(ResourceFault::NotCallable),
        },
        "states" => match rest.strip_prefix("activity:") {
            Some(name) => {
                let complete = !region.is_empty() && !account.is_empty() && !name.is_empty() && !name.contains(':');
                if complete { Ok(Integration::Activity { arn: text.into() }) } else { fail(ResourceFault::NotCallable) }
            }
            // Region and account belong to no integration, but AWS lets them stand.
            None => parse_call(rest).map_err(|(fault, suggestion)| {
                let suggestion = suggestion.map(|call| format!("arn:{partition}:states:::{call}"));
                ResourceError::new(text, fault, suggestion)
            }),
        },
        _ => fail(ResourceFault::NotCallable),
    }
}

/// A fault, and what may have been meant: service, action and pattern.
type CallFault = (ResourceFault, Option<String>);

/// Reads `sqs:sendMessage.waitForTaskToken` or `aws-sdk:sqs:sendMessage`.
fn parse_call(text: &str) -> Result<Integration, CallFault> {
    let key_len = match text.strip_prefix(SDK_PREFIX) {
        Some(rest) => rest.find(':').map(|colon| SDK_PREFIX.len() + colon),
        None => text.find(':'),
    };
    let Some((key, call)) = key_len.and_then(|len| text.split_at_checked(len)) else {
        return Err((ResourceFault::NotCallable, None));
    };
    let call = call.strip_prefix(':').unwrap_or(call);
    let (name, suffix) = call.split_at_checked(call.find('.').unwrap_or(call.len())).unwrap_or((call, ""));

    let Some(service) = Service::find(key) else {
        let suggestion = meant_service(key, name).map(|key| format!("{key}:{call}"));
        return Err((ResourceFault::Service { service: key.to_owned() }, suggestion));
    };
    let Some(action) = service.action(name) else {
        let suggestion = meant_action(service, name).map(|action| format!("{action}{suffix}"));
        return Err((ResourceFault::Action { service: service.key(), action: name.to_owned() }, suggestion));
    };
    if action.is_refused() {
        return Err((ResourceFault::Refused { service: service.key(), action: action.name() }, None));
    }
    match Pattern::from_suffix(suffix).filter(|pattern| action.allows(*pattern)) {
        Some(pattern) => Ok(integration(service, action, pattern)),
        None => {
            let suggestion =
                meant_pattern(action, suffix).map(|pattern| format!("{}:{}{pattern}", service.key(), action.name()));
            let (service, action) = (service.key(), action.name());
            Err((ResourceFault::Pattern { service, action, suffix: suffix.to_owned() }, suggestion))
        }
    }
}

fn integration(service: Service, action: Action, pattern: Pattern) -> Integration {
    if service.is_sdk() {
        Integration::AwsSdk { service: service.name(), action: action.name(), pattern }
    } else if service.key() == "http" {
        Integration::HttpInvoke
    } else {
        Integration::Optimized { service: service.key(), action: action.name(), pattern }
    }
}

/// The key of the service that `key` may stand for.
fn meant_service(key: &str, action: &str) -> Option<&'static str> {
    let written = key.strip_prefix(SDK_PREFIX).unwrap_or(key);
    let plain: String = written.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let is_sdk = key.starts_with(SDK_PREFIX);
    // Its name in the CLI (`logs`), in other capitals, or with hyphens; then the same without `aws-sdk:`, if the
    // action is there.
    let same = |service: &Service| service.name() == plain || service.cli_name() == Some(written);
    Service::all()
        .find(|service| service.is_sdk() == is_sdk && same(service))
        .or_else(|| Service::all().find(|service| same(service) && service.action(action).is_some()))
        .or_else(|| {
            let candidates = || Service::all().filter(|service| service.is_sdk() == is_sdk);
            let name = did_you_mean(written, candidates().map(Service::name))?;
            candidates().find(|service| service.name() == name)
        })
        .map(Service::key)
}

/// The action, with its service, that `name` may stand for.
fn meant_action(service: Service, name: &str) -> Option<String> {
    let elsewhere = || {
        let sdk = Service::all().find(|other| other.is_sdk() && other.cli_name() == service.cli_name())?;
        Some((sdk, sdk.action(name)?))
    };
    let near = || {
        let offered = service.actions().filter(|action| !action.is_refused()).map(Action::name);
        Some((service, service.action(did_you_mean(name, offered)?)?))
    };
    let optimized_lacks_it = !service.is_sdk() && service.cli_name().is_some();
    let (service, action) = if optimized_lacks_it { elsewhere().or_else(near) } else { near() }?;
    Some(format!("{}:{}", service.key(), action.name()))
}

/// The pattern that `suffix` may stand for.
fn meant_pattern(action: Action, suffix: &str) -> Option<Pattern> {
    let offered = || Pattern::ALL.into_iter().filter(move |pattern| action.allows(*pattern));
    let near = did_you_mean(suffix, offered().map(Pattern::suffix).filter(|suffix| !suffix.is_empty()));
    near.and_then(Pattern::from_suffix).or_else(|| {
        let is_sync = suffix.to_ascii_lowercase().starts_with(".sync");
        offered().find(|pattern| is_sync && *pattern == Pattern::Sync)
    })
}
