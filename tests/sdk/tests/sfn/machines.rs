//! State machines, their versions and aliases, and tags.

use crate::{ECHO, Place, ROLE};
use aws_sdk_sfn::types::{RoutingConfigurationListItem, StateMachineType, Tag};

fn route(version: &str, weight: i32) -> RoutingConfigurationListItem {
    RoutingConfigurationListItem::builder().state_machine_version_arn(version).weight(weight).build().unwrap()
}

#[tokio::test]
async fn a_machine_is_made_described_changed_listed_and_deleted() {
    let place = Place::new().await;
    let sfn = &place.client;
    let arn = place.machine("orders", ECHO).await;
    assert_eq!(arn, "arn:aws:states:us-east-1:000000000000:stateMachine:orders");
    let again = place.machine("orders", ECHO).await;
    assert_eq!(again, arn, "the same request again is no other machine");
    let other = r#"{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}"#;
    let clash = sfn.create_state_machine().name("orders").definition(other).role_arn(ROLE).send().await.unwrap_err();
    assert!(clash.into_service_error().is_state_machine_already_exists());

    let before = sfn.describe_state_machine().state_machine_arn(&arn).send().await.unwrap();
    assert_eq!((before.name(), before.definition(), before.role_arn()), ("orders", ECHO, ROLE));
    assert_eq!(before.r#type(), &StateMachineType::Standard);
    let changed = sfn.update_state_machine().state_machine_arn(&arn).definition(other).send().await.unwrap();
    let after = sfn.describe_state_machine().state_machine_arn(&arn).send().await.unwrap();
    assert_eq!(after.definition(), other);
    assert_eq!(after.revision_id(), changed.revision_id());
    assert_ne!(after.revision_id(), before.revision_id());

    let listed = sfn.list_state_machines().send().await.unwrap();
    assert_eq!(listed.state_machines.iter().map(|machine| machine.name()).collect::<Vec<_>>(), ["orders"]);
    sfn.delete_state_machine().state_machine_arn(&arn).send().await.unwrap();
    let gone = sfn.describe_state_machine().state_machine_arn(&arn).send().await.unwrap_err();
    assert!(gone.into_service_error().is_state_machine_does_not_exist());
}

#[tokio::test]
async fn a_definition_with_a_mistake_is_refused_with_its_place() {
    let place = Place::new().await;
    let broken = r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}"#;
    let request = place.client.create_state_machine().name("broken").definition(broken).role_arn(ROLE);
    let error = request.send().await.unwrap_err().into_service_error();
    assert!(error.is_invalid_definition());
    let message = error.meta().message().unwrap_or_default();
    assert!(message.contains("MISSING_TRANSITION_TARGET") && message.contains("/States/A/Next"), "{message}");
}

#[tokio::test]
async fn versions_are_published_and_aliases_weigh_them() {
    let place = Place::new().await;
    let sfn = &place.client;
    let arn = place.machine("orders", ECHO).await;
    let one = sfn.publish_state_machine_version().state_machine_arn(&arn).send().await.unwrap();
    let one = one.state_machine_version_arn;
    assert_eq!(one, format!("{arn}:1"));
    let other = r#"{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}"#;
    sfn.update_state_machine().state_machine_arn(&arn).definition(other).send().await.unwrap();
    let two = sfn.publish_state_machine_version().state_machine_arn(&arn).description("second").send().await.unwrap();
    let two = two.state_machine_version_arn;
    let versions = sfn.list_state_machine_versions().state_machine_arn(&arn).send().await.unwrap();
    let versions: Vec<_> =
        versions.state_machine_versions.into_iter().map(|item| item.state_machine_version_arn).collect();
    assert_eq!(versions, [two.clone(), one.clone()], "the newest first");

    let made = sfn.create_state_machine_alias().name("live").routing_configuration(route(&one, 100));
    let alias = made.send().await.unwrap().state_machine_alias_arn;
    let weighed = sfn.update_state_machine_alias().state_machine_alias_arn(&alias);
    weighed.routing_configuration(route(&one, 90)).routing_configuration(route(&two, 10)).send().await.unwrap();
    let seen = sfn.describe_state_machine_alias().state_machine_alias_arn(&alias).send().await.unwrap();
    let weights: Vec<_> = seen.routing_configuration().iter().map(|item| item.weight()).collect();
    assert_eq!(weights, [90, 10]);
    let listed = sfn.list_state_machine_aliases().state_machine_arn(&arn).send().await.unwrap();
    assert_eq!(listed.state_machine_aliases[0].state_machine_alias_arn(), alias);
    let execution = place.start(&alias, "{}").await;
    let described = sfn.describe_execution().execution_arn(&execution).send().await.unwrap();
    assert_eq!(described.state_machine_alias_arn(), Some(alias.as_str()));

    let held = sfn.delete_state_machine_version().state_machine_version_arn(&one).send().await.unwrap_err();
    assert!(held.into_service_error().is_conflict_exception());
    sfn.delete_state_machine_alias().state_machine_alias_arn(&alias).send().await.unwrap();
    sfn.delete_state_machine_version().state_machine_version_arn(&one).send().await.unwrap();
}

#[tokio::test]
async fn tags_come_and_go() {
    let place = Place::new().await;
    let sfn = &place.client;
    let arn = place.machine("orders", ECHO).await;
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
    sfn.tag_resource().resource_arn(&arn).tags(tag("team", "photos")).tags(tag("tier", "1")).send().await.unwrap();
    sfn.untag_resource().resource_arn(&arn).tag_keys("tier").send().await.unwrap();
    let tags = sfn.list_tags_for_resource().resource_arn(&arn).send().await.unwrap();
    assert_eq!(tags.tags(), [tag("team", "photos")]);
}
